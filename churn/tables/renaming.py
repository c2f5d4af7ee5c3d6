"""Columns whose names in a user's table differ from those in the model: `Vertrag=Contract`.

Columns are matched by the names in the model, and the output keeps the user's names.
"""

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from churn.model.spelling import clean


@dataclass(frozen=True)
class Renaming:
    """A renaming of columns: `names` maps names in a table to those of fields, both in clean spelling."""

    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def read(cls, texts: Iterable[str]) -> "Renaming":
        """The renaming from texts such as `Vertrag=Contract`. Raises ValueError for any other text.

        >>> Renaming.read(["Vertrag = Contract"]).rename(["id", "VERTRAG"])
        ['id', 'contract']
        """
        names: dict[str, str] = {}
        for text in texts:
            column, separator, name = text.rpartition("=")  # a field's name has no "="
            if not separator or not clean(column) or not clean(name):
                raise ValueError(f"{text!r} must be COLUMN=FIELD, as in Vertrag=Contract")
            if clean(column) in names or clean(name) in names.values():
                raise ValueError(f"{text!r} maps a column or a field for the second time")
            names[clean(column)] = clean(name)
        return cls(names)

    def rename(self, columns: Sequence[str]) -> list[str]:
        """The columns' names, with those that are mapped replaced."""
        return [self.names.get(clean(column), column) for column in columns] if self.names else list(columns)

    def count_fields(self, columns: Sequence[str], fields: Collection[str]) -> int:
        """The number of these fields, in clean spelling, that columns name, by which a header is recognised.

        >>> Renaming.read(["Vertrag=Contract"]).count_fields(["id", "VERTRAG", "Tenure"], {"contract", "tenure"})
        2
        """
        return len({*fields} & set(map(clean, self.rename(columns))))

    def find_missing(self, columns: Sequence[str]) -> str | None:
        """The error, in words, if a mapped column is missing; None if all are there."""
        there = set(map(clean, columns))
        for column, name in self.names.items():
            if column not in there:
                shown = ", ".join(map(repr, columns))
                return f"has no column {column!r}, which is mapped to {name!r}; its columns are {shown}"
        return None


NO_RENAMING = Renaming()


def describe_nearest(name: str, names: Sequence[str]) -> str:
    """A suggestion for a name that is not among some columns, in words that follow a sentence.

    >>> describe_nearest("monthlycharge", ["tenure", "monthlycharges"]), describe_nearest("x", ["tenure"])
    ("; did you mean 'monthlycharges'?", "; its columns are 'tenure'")
    """
    nearest = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"; did you mean {nearest[0]!r}?" if nearest else f"; its columns are {', '.join(map(repr, names))}"
