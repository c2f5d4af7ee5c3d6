"""The words that a category field knows, found by a text or by a number.

Owns when a number or a blank is a category; `fields` uses it.
"""

import math
import re
from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from churn.model.spelling import LONGEST_NUMBER, clean

BLANK_VALUES = frozenset({"none", "-"})
"""Categories that mean an absent value; programs also write them for a blank."""

_Key = TypeVar("_Key")

_WHOLE_FLOAT = re.compile(r"(-?(?:0|[1-9][0-9]*))\.0")
_NUMBER = re.compile(r"([+-]?[0-9]+)(?:([.,])([0-9]+))?(e[+-][0-9]{2,})?")  # an exponent as programs write it


class KnownWords:
    """Words in clean spelling, found by a text or by a number; `numbers` are those that a number finds.

    A text finds the word that it spells. 3 and 3.0 find the same word if only one of the two is known, because
    programs write whole numbers either way. A number finds the word with its value, but no word if several have it,
    as 7 and 007. NaN finds the word nan.

    >>> words = KnownWords(["basic", "3", "0.50"])
    >>> words.find("3.0"), words.find(3), words.find(3.0), words.find(0.5), words.find("0.5"), words.find(4)
    ('3', '3', '3', '0.50', None, None)
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        self._by_whole = _index(self._words, spell_whole)
        self._by_number = _index(self._words, _read_value)
        self.numbers = frozenset(word for word in self._by_number.values() if word is not None)

    def find(self, value: object) -> str | None:
        """The word that a text or a number stands for; None if no word matches, and for every bool."""
        if not isinstance(value, str):
            if isinstance(value, bool) or not isinstance(value, int | float):
                return None
            return self._by_number.get(value) if value == value else self.find("nan")
        text = clean(value)
        return text if text in self._words else self._by_whole.get(spell_whole(text))


def find_blank(categories: Collection[str]) -> str | None:
    """The category of a blank: "" if training had blanks, else "none" or "-" if it had exactly one of these.

    >>> find_blank(["", "a"]), find_blank(["a", "none"]), find_blank(["-", "none"]), find_blank(["a"])
    ('', 'none', None, None)
    """
    if "" in categories:
        return ""
    values = BLANK_VALUES.intersection(categories)
    return min(values) if len(values) == 1 else None


def check_words(name: str, words: tuple[str, ...]) -> None:
    """Raises ValueError for words for a blank that are not in clean spelling, since no text could match them."""
    for word in words:
        if not word or clean(word) != word:
            raise ValueError(f"{name} has the word {word!r} for a blank, which is not in clean spelling")


def spell_whole(text: str) -> str:
    """A text, without the ".0" where it spells a whole number.

    >>> spell_whole("3.0"), spell_whole("-0.0"), spell_whole("3.10"), spell_whole("v3.0")
    ('3', '0', '3.10', 'v3.0')
    """
    found = _WHOLE_FLOAT.fullmatch(text)
    whole = found[1] if found else text
    return "0" if whole == "-0" else whole


def _read_value(text: str) -> int | float | None:
    """The exact value of a text that spells a number, else None. A comma is decimal unless it may mark thousands."""
    found = _NUMBER.fullmatch(text) if len(text) <= LONGEST_NUMBER else None
    if not found or (found[2] == "," and len(found[3]) == 3):
        return None
    if not found[2] and not found[4]:
        return int(text)
    number = float(text.replace(",", "."))
    return number if math.isfinite(number) else None


def _index(words: Iterable[str], read: Callable[[str], _Key | None]) -> dict[_Key, str | None]:
    """The words by key; None for a key that several words have."""
    found: dict[_Key, str | None] = {}
    for word in words:
        if (key := read(word)) is not None:
            found[key] = None if key in found else word
    return found
