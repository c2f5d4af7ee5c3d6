"""Counts of answered customers, by the bins of each field and of the probabilities. Counts can be added."""

from operator import add, sub

from msgspec import Struct


class Counts(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Counts of customers; msgspec reads and writes them as JSON.

    `answers` is the number of customers. `since` is the time at which a service began to count them, in UTC as
    2026-11-26T14:00:00Z; None for other counts. Each of `fields` has a count for each of its FieldBins, and
    `probabilities` for each of ProbabilityBins; each of these adds up to `answers`.
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
        """The sum of both, since the earlier time. Raises ValueError when they have different fields or bins."""
        if self._shape() != other._shape():
            raise ValueError("the counts have other fields or bins")
        return Counts(
            answers=self.answers + other.answers,
            fields={name: list(map(add, counts, other.fields[name])) for name, counts in self.fields.items()},
            probabilities=list(map(add, self.probabilities, other.probabilities)),
            since=min((time for time in (self.since, other.since) if time is not None), default=None),
        )

    def __sub__(self, other: "Counts") -> "Counts":
        """The counts of the customers after `other`, an earlier look at the same counts; their `since` is None.

        Raises ValueError when `other` has different fields or bins, or a higher count somewhere.
        """
        if self._shape() != other._shape():
            raise ValueError("the counts have other fields or bins")
        return Counts(
            answers=self.answers - other.answers,
            fields={name: list(map(sub, counts, other.fields[name])) for name, counts in self.fields.items()},
            probabilities=list(map(sub, self.probabilities, other.probabilities)),
        )

    def _shape(self) -> tuple[dict[str, int], int]:
        return {name: len(counts) for name, counts in self.fields.items()}, len(self.probabilities)
