"""Reads the labels of a table from its target column.

Owns the words for yes and no, the rule for rows without a label, and every refusal of a column that is not a target.
"""

import difflib
import shlex
from collections import Counter
from collections.abc import Callable, Collection
from functools import cache, cached_property
from pathlib import Path
from typing import NoReturn

import numpy as np

from churn.errors import TableError
from churn.model.spelling import clean, is_blank
from churn.tables.decimals import is_like_numbers, number_reader
from churn.training.choices import NO_CHOICES, Choices
from churn.training.columns import Texts
from churn.training.labels import LONGEST_SHOWN, FoundLabels, Labels, quote_value, word_unlabelled
from churn.training.missing import MISSING_WORDS, in_rows
from churn.training.source import Source

MOST_VALUES = 10
"""The number of values of a target that a refusal lists, the most frequent ones. A column with more distinct numbers
is a number field, not a target."""

_POSITIVE = frozenset(("yes", "y", "true", "t", 1.0))
_NEGATIVE = frozenset(("no", "n", "false", "f", 0.0))
_MINUS = -1.0  # with 1 it is the other class; with 0 it is true in some databases, so alone it means nothing
_OFTEN_VALUES = frozenset(("none", "-"))  # words for missing that are just as often a proper value
_MOST_COMPARED = 1000  # values, in the search for the nearest one

_Key = str | float
"""The key by which values of the target are compared: the number, or the clean spelling without a trailing point. Two
editions of one table can differ in that point alone (`>50K.` and `>50K` in the adult census)."""


def read_labels(path: Path, texts: Texts, source: Source, *, target: str, choices: Choices = NO_CHOICES) -> Labels:
    """The labels of a column: yes/no in any of its usual spellings, or as the choices decide.

    Raises TableError for other values without a choice, for a choice that is not among the values, for numbers that
    are not classes, and for a column with one class only.
    """
    return _Target(path, texts, source, target, choices).read()


class _Target:
    """A target column: `spelled` are its filled spellings with their rows, `values` the keys that are labels, with
    theirs.
    """

    def __init__(self, path: Path, texts: Texts, source: Source, target: str, choices: Choices) -> None:
        self.path, self.texts, self.source, self.target, self.choices = path, texts, source, target, choices
        self.key_of = _key_reader(source.decimal_mark)
        rows = texts.count_rows().tolist()
        filled = [(text, count) for text, count in zip(texts.distinct, rows, strict=True) if not is_blank(text)]
        self.spelled = dict(sorted(filled, key=lambda counted: -counted[1]))
        counted: Counter[_Key] = Counter()
        for text, count in self.spelled.items():
            counted[self.key_of(text)] += count
        missing = self.find_missing(counted.keys())
        self.values = {key: count for key, count in counted.most_common() if key not in missing}

    def read(self) -> Labels:
        positive = self.find_positive()
        if self.is_rest_blank(positive):
            return self.read_blanks_as_negative()
        label_of = np.full(len(self.texts.distinct), -1)
        spellings: tuple[list[str], list[str]] = ([], [])
        codes = {text: code for code, text in enumerate(self.texts.distinct)}
        for text in self.spelled:
            if (key := self.key_of(text)) in self.values:
                label_of[codes[text]] = label = int(key in positive)
                spellings[label].append(text)
        labels = label_of[self.texts.codes]
        labelled = labels >= 0
        found = FoundLabels(tuple(spellings[1]), tuple(spellings[0]), self.count_unlabelled())
        return Labels(labels[labelled], labelled, found)

    def is_rest_blank(self, positive: Collection[_Key]) -> bool:
        """True if --rest-negative is chosen, and all other values are blanks and words for missing."""
        is_alone = bool(positive) and not set(self.values) - set(positive)
        return self.choices.rest_negative and is_alone and bool(self.count_unlabelled())

    def read_blanks_as_negative(self) -> Labels:
        positive = [text for text in self.spelled if self.key_of(text) in self.values]
        is_positive = np.array([text in positive for text in self.texts.distinct])
        y = is_positive[self.texts.codes].astype(np.int64)
        return Labels(y, np.ones(len(y), bool), FoundLabels(tuple(positive), tuple(self.count_unlabelled()), {}))

    def count_unlabelled(self) -> dict[str, int]:
        words = {text: count for text, count in self.spelled.items() if self.key_of(text) not in self.values}
        blank = len(self.texts.codes) - sum(self.spelled.values())
        return ({"": blank} if blank else {}) | words

    def find_missing(self, keys: Collection[_Key]) -> set[_Key]:
        """The words for missing among the values, except the chosen value, and a word that is one of two values."""
        asked = {self.key_of(word) for word in self.choices.words_of(clean(self.target))}
        chosen = self.key_of(self.choices.positive) if self.choices.positive is not None else None
        missing = {key for key in keys if key != chosen and (key in MISSING_WORDS or key in asked)}
        doubtful = missing & (asked | _OFTEN_VALUES)
        if len(keys) - len(missing) == 1 and len(doubtful) == 1:
            missing -= doubtful
        return missing

    def find_positive(self) -> set[_Key]:
        """The values that mean leaving. Raises TableError if that is not certain, or if they are all or none."""
        if not self.values:
            raise TableError(self.path, f"has no label: its target {self.target!r} is blank in every row")
        if self.choices.positive is not None:
            positive = self.find_chosen(self.choices.positive)
        elif len(self.values) > 1 and None in self.meanings.values():
            self.refuse_values()
        else:
            positive = {key for key, meaning in self.meanings.items() if meaning}
        others = {key: meaning for key, meaning in self.meanings.items() if key not in positive}
        if self.is_rest_blank(positive):
            return positive
        if not positive or not others:
            self.refuse_one_class()
        is_one_meaning = len(others) == 1 or (None not in others.values() and len(set(others.values())) == 1)
        if not is_one_meaning and not self.choices.rest_negative:
            self.refuse_values(of=len(others))
        return positive

    @cached_property
    def meanings(self) -> dict[_Key, bool | None]:
        """The meaning of each value by itself: True for yes, False for no, None if it has none."""
        meanings: dict[_Key, bool | None] = {}
        for key in self.values:
            is_known = key in _POSITIVE or key in _NEGATIVE or (key == _MINUS and set(self.values) == {_MINUS, 1.0})
            meanings[key] = key in _POSITIVE if is_known else None
        return meanings

    def find_chosen(self, positive: str) -> set[_Key]:
        """The value chosen as positive, with all of the same meaning. Raises TableError if it does not occur."""
        chosen = self.key_of(positive)
        if chosen not in self.values:
            nearest = difflib.get_close_matches(str(chosen), map(str, list(self.values)[:_MOST_COMPARED]), n=1)
            spelled = next((text for text in self.spelled if nearest and str(self.key_of(text)) == nearest[0]), None)
            hint = f"did you mean {quote_value(spelled)}? " if spelled is not None else ""
            absent = f"the target {self.target!r} has no value {quote_value(positive)}"
            raise TableError(self.path, f"{absent}; {hint}it has {self.list_values()}")
        meaning = self.meanings[chosen]
        return {chosen} | {key for key, other in self.meanings.items() if meaning is not None and other is meaning}

    def refuse_values(self, *, of: int = 0) -> NoReturn:
        """Raises TableError with the values and the options that decide; `of` values remain besides the chosen."""
        are_numbers = is_like_numbers(text for text in self.spelled if self.key_of(text) in self.values)
        if len(self.values) > MOST_VALUES and are_numbers and not of:
            number = f"a number with {len(self.values):,} different values can't be a target, which must have two"
            raise TableError(self.path, f"the target is {self.target!r}, and {number}")
        if of:
            advice = f"--rest-negative treats the {of:,} other values as its opposite"
        elif len(self.values) == 2:
            options = [_spell_option(self.spell(key)) for key in reversed(self.values)]
            advice = f"say which one to predict: {' or '.join(dict.fromkeys(options))}"
        else:
            advice = "--positive VALUE says which one to predict, --rest-negative treats all others as its opposite"
        reason = f"the target {self.target!r} has the values {self.list_values()}; {advice}"
        raise TableError(self.path, reason, row=None if of else self.find_stranger())

    def refuse_one_class(self) -> NoReturn:
        words = f"has one class only: every customer's target is {quote_value(self.spell(next(iter(self.values))))}"
        if unlabelled := self.count_unlabelled():
            words += f" where there is a label ({word_unlabelled(unlabelled)}); "
            words += (
                f"{_spell_option(self.spell(next(iter(self.values))))} --rest-negative treats these as its opposite"
            )
        raise TableError(self.path, words)

    def find_stranger(self) -> int | None:
        """The first row, as a spreadsheet counts, with a value without a meaning; None if no value has a meaning."""
        if not {True, False} & set(self.meanings.values()):
            return None
        is_strange = [self.meanings.get(self.key_of(text), True) is None for text in self.texts.distinct]
        return int(self.source.rows[np.array(is_strange)[self.texts.codes].argmax()])

    def spell(self, key: _Key) -> str:
        """The most frequent spelling of a value."""
        return next(text for text in self.spelled if self.key_of(text) == key)

    def list_values(self) -> str:
        """The most frequent values with their rows, and the number of further values."""
        keys = list(self.values)
        listed = [f"{quote_value(self.spell(key))} in {in_rows(self.values[key])}" for key in keys[:MOST_VALUES]]
        more = [f"{len(keys) - MOST_VALUES:,} more"] if len(keys) > MOST_VALUES else []
        return ", ".join(listed[: len(listed) - (not more)]) + f" and {(more or listed)[-1]}"


def _key_reader(decimal_mark: str) -> Callable[[str], _Key]:
    read = number_reader(decimal_mark)

    def read_key(text: str) -> _Key:
        number = read(text)
        return number if isinstance(number, float) else clean(text).rstrip(".") or clean(text)

    return cache(read_key)


def _spell_option(value: str) -> str:
    """The option that chooses a value, quoted for a shell; with VALUE in place of one that is too long to copy."""
    value = value.strip()
    if not value.isprintable() or len(value) > LONGEST_SHOWN:
        return "--positive VALUE"
    return f"--positive{'=' if value.startswith('-') else ' '}{shlex.quote(value)}"
