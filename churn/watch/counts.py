"""How many customers were answered: by each field's bins and by the bins of their probabilities. Counts add up."""

from operator import add, sub

from msgspec import Struct


class Counts(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Counts of customers; msgspec reads and writes them as JSON.

    `answers` is how many customers there are, `since` the time from which they are counted, in UTC as
    2026-11-26T14:00:00Z, None where they are training's. Each of `fields` has a count for each place of its
    FieldBins, `probabilities` for each of ProbabilityBins; each of these adds up to `answers`.
    """

    answers: int
    fields: dict[str, list[int]]
    probabilities: list[int]
    since: str | None = None

    def __post_init__(self) -> None:
        for name, counts in {**self.fields, "the probabilities": self.probabilities}.items():
            if min(counts, default=0) < 0 or sum(counts) != self.answers:
                raise ValueError(f"the counts of {name} do not add up to the {self.answers:,} answers")

    def __add__(self, other: "Counts") -> "Counts":
        """The counts of both, since the earlier one. Raises ValueError when they are of other fields or bins."""
        if self._shape() != other._shape():
            raise ValueError("the counts are of other fields, or of other bins")
        return Counts(
            answers=self.answers + other.answers,
            fields={name: list(map(add, counts, other.fields[name])) for name, counts in self.fields.items()},
            probabilities=list(map(add, self.probabilities, other.probabilities)),
            since=min((time for time in (self.since, other.since) if time is not None), default=None),
        )

    def __sub__(self, other: "Counts") -> "Counts":
        """The counts of those who came after `other` was taken of the same counting; when that was is not known.

        Raises ValueError when `other` is of other fields or bins, or has more somewhere.
        """
        if self._shape() != other._shape():
            raise ValueError("the counts are of other fields, or of other bins")
        return Counts(
            answers=self.answers - other.answers,
            fields={name: list(map(sub, counts, other.fields[name])) for name, counts in self.fields.items()},
            probabilities=list(map(sub, self.probabilities, other.probabilities)),
        )

    def _shape(self) -> tuple[dict[str, int], int]:
        return {name: len(counts) for name, counts in self.fields.items()}, len(self.probabilities)
