"""What the data scientist has decided about a table's columns, where the table alone does not tell.

Values only; what they mean for a column is table's and target's.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Choices:
    """Decisions about columns; names are in clean spelling.

    `positive` is the target's value for a customer who leaves, as the table has it, and `rest_negative` makes all
    other values stay, blanks where there is no other. `missing` are further words for a missing value; COLUMN=WORD is
    one of this column only. `drop`, `category`, `number` and `keep` are columns that are left out, categories,
    numbers, or fields whatever speaks against it. `known` are words that are values of a column of categories, by
    column, and never missing there. `time` is the column that orders the rows in time, and `day_first`
    whether the first number of its dates is the day; None: they say it.
    """

    positive: str | None = None
    rest_negative: bool = False
    missing: tuple[str, ...] = ()
    drop: frozenset[str] = frozenset()
    category: frozenset[str] = frozenset()
    number: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()
    known: Mapping[str, Collection[str]] = field(default_factory=dict)
    time: str | None = None
    day_first: bool | None = None

    def words_of(self, column: str) -> dict[str, str]:
        """The further words for a missing value in a column, each with how `missing` names it.

        >>> Choices(missing=("unknown", "income=5")).words_of("income")
        {'unknown': 'unknown', '5': 'income=5'}
        """
        named = {word.removeprefix(f"{column}="): word for word in self.missing}
        return {word: name for word, name in named.items() if word}


NO_CHOICES = Choices()
