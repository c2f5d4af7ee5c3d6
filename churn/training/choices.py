"""The data scientist's decisions about a table's columns, where the table alone does not decide.

Values only; `table` and `target` apply them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Choices:
    """Decisions about columns; names are in clean spelling.

    `positive` is the target's value for a customer who leaves, spelled as in the table. `rest_negative` makes all
    other values mean staying, or blanks if there is no other value. `missing` are further words for a missing value;
    COLUMN=WORD holds for one column only. `drop`, `category`, `number` and `keep` are columns that are left out, read
    as categories, read as numbers, or kept as fields whatever speaks against them. `known` are, by column, words that
    are categories and never missing values. `time` is the column that orders the rows in time. `day_first` is True
    if the first number of its dates is the day; None leaves that to the dates.
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
        """The further words for a missing value in a column, each with its entry in `missing`.

        >>> Choices(missing=("unknown", "income=5")).words_of("income")
        {'unknown': 'unknown', '5': 'income=5'}
        """
        named = {word.removeprefix(f"{column}="): word for word in self.missing}
        return {word: name for word, name in named.items() if word}


NO_CHOICES = Choices()
