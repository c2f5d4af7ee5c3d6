"""Columns that a user's table calls otherwise than the model does: `Vertrag=Contract`.

A column is looked for by its other name, and what is written back keeps the user's own.
"""

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from churn.model.spelling import clean


@dataclass(frozen=True)
class Renaming:
    """What some columns are called in the model: `names` maps their names to those of fields, in clean spelling."""

    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def read(cls, texts: Iterable[str]) -> "Renaming":
        """The renaming that texts such as `Vertrag=Contract` ask for. Raises ValueError for any other text.

        >>> Renaming.read(["Vertrag = Contract"]).rename(["id", "VERTRAG"])
        ['id', 'contract']
        """
        names: dict[str, str] = {}
        for text in texts:
            column, separator, name = text.rpartition("=")  # no field's name has the sign in it
            if not separator or not clean(column) or not clean(name):
                raise ValueError(f"{text!r} must be COLUMN=FIELD, as in Vertrag=Contract")
            if clean(column) in names or clean(name) in names.values():
                raise ValueError(f"{text!r} maps a column, or to a field, that another one has")
            names[clean(column)] = clean(name)
        return cls(names)

    def rename(self, columns: Sequence[str]) -> list[str]:
        """The columns' names, those that are mapped replaced."""
        return [self.names.get(clean(column), column) for column in columns] if self.names else list(columns)

    def count_fields(self, columns: Sequence[str], fields: Collection[str]) -> int:
        """How many of these fields, in clean spelling, some columns name: so a header is told from other rows.

        >>> Renaming.read(["Vertrag=Contract"]).count_fields(["id", "VERTRAG", "Tenure"], {"contract", "tenure"})
        2
        """
        return len({*fields} & set(map(clean, self.rename(columns))))

    def find_missing(self, columns: Sequence[str]) -> str | None:
        """What is wrong, in words, when a mapped column is not there; None when all are."""
        there = set(map(clean, columns))
        for column, name in self.names.items():
            if column not in there:
                shown = ", ".join(map(repr, columns))
                return f"has no column {column!r}, which is mapped to {name!r}; its columns are {shown}"
        return None


NO_RENAMING = Renaming()


def describe_nearest(name: str, names: Sequence[str]) -> str:
    """What a name that is not among some columns may have meant, in words that follow a sentence.

    >>> describe_nearest("monthlycharge", ["tenure", "monthlycharges"]), describe_nearest("x", ["tenure"])
    ("; did you mean 'monthlycharges'?", "; its columns are 'tenure'")
    """
    nearest = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"; did you mean {nearest[0]!r}?" if nearest else f"; its columns are {', '.join(map(repr, names))}"
