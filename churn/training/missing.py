"""The words for a missing value in tables, found in a column and replaced by blanks.

Owns the list of these words, among numbers and among categories, and the listing of words that may be further ones.
"""

import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from churn.model.marks import find_marked_number
from churn.model.spelling import clean, read_number
from churn.tables.decimals import spell_with_point
from churn.training.columns import Texts

MISSING_WORDS = frozenset(map(clean, ("NA", "N/A", "NaN", "NULL", "None", "?", "-", "\\N")))
"""In clean spelling, as R, pandas, SQL dumps and people write them."""
ONLY_AMONG_NUMBERS = frozenset({"none", "-"})
"""Words that are often a category of their own, as none is for "no deductible"."""
MOST_LISTED = 10
"""The number of words that an error lists, the most frequent ones; the others are counted."""


class Blanked(NamedTuple):
    """A column with blanks in place of the words for missing; `words` are the ones that occurred, with their rows."""

    texts: Texts
    words: Mapping[str, int]


@dataclass(frozen=True)
class MissingWords:
    """Words for a missing value, in clean spelling; `numbers` are words that are also found by their value."""

    words: frozenset[str]
    numbers: Mapping[float, str] = field(default_factory=dict)

    @classmethod
    def among_numbers(cls, further: Iterable[str]) -> "MissingWords":
        """The words for a column of numbers; the data scientist adds `further`."""
        words = [clean(word) for word in further]
        numbers = {number: word for word in words if (number := read_number(word)) is not None}
        return cls(MISSING_WORDS.union(words), numbers)

    @classmethod
    def among_categories(cls, further: Iterable[str], *, known: Collection[str] = ()) -> "MissingWords":
        """The words for a column of categories, except words that are `known` as categories."""
        return cls((MISSING_WORDS - ONLY_AMONG_NUMBERS).union(map(clean, further)).difference(known))

    def take_out(self, texts: Texts, spelled: Sequence[str], decimal_mark: str) -> Blanked:
        """The column with blanks in place of these words; `decimal_mark` is the mark of its numbers.

        `spelled` are its distinct texts in clean spelling.
        """
        found = {place: word for place, word in enumerate(spelled) if word in self.words}
        if self.numbers:
            values = ((place, self.find_number(text, decimal_mark)) for place, text in enumerate(texts.distinct))
            found |= {place: word for place, word in values if word}
        if not found:
            return Blanked(texts, {})
        counts, distinct = texts.count_rows(), list(texts.distinct)
        words: dict[str, int] = {}
        for place, word in found.items():
            distinct[place] = ""
            words[word] = words.get(word, 0) + int(counts[place])
        return Blanked(Texts(distinct, texts.codes), words)

    def find_number(self, text: str, decimal_mark: str) -> str:
        """The word for the number in a text; "" if there is none."""
        number = find_marked_number(spell_with_point(text, decimal_mark))
        return "" if number is None else self.numbers.get(number.value, "")


def list_words(texts: Texts, is_word: Sequence[bool] | np.ndarray) -> tuple[list[str], str | None]:
    """These texts of a column with their rows, the most frequent first, and the option that reads them as blanks.

    The option is None if there are too many texts to name.

    >>> list_words(Texts(["5", "n. v.", "?"], np.array([0, 1, 1, 2])), [False, True, True])
    (["'n. v.' in 2 rows", "'?' in 1 row"], "--missing 'n. v.,?'")
    """
    counts = texts.count_rows()
    places = [int(place) for place in np.flatnonzero(is_word) if counts[place]]
    places.sort(key=lambda place: -counts[place])
    listed = [f"{texts.distinct[place]!r} in {in_rows(counts[place])}" for place in places[:MOST_LISTED]]
    if len(places) > MOST_LISTED:
        return [*listed, f"{len(places) - MOST_LISTED:,} other texts"], None
    return listed, missing_option(texts.distinct[place].strip() for place in places)


def missing_option(words: Iterable[str]) -> str:
    """The option that names these words, quoted for a shell.

    >>> missing_option(["-99", "a,b"])
    '--missing=\\'-99,"a,b"\\''
    """
    value = ",".join(f'"{word}"' if "," in word else word for word in words)
    return f"--missing{'=' if value.startswith('-') else ' '}{shlex.quote(value)}"


def in_rows(count: int) -> str:
    """A count of rows in words: 1 row, 1,234 rows."""
    return f"{count:,} row{'s' if count != 1 else ''}"


def join_words(words: Sequence[str]) -> str:
    """Words joined by commas and "and".

    >>> join_words(["a"]), join_words(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
