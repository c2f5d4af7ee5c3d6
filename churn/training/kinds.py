"""Decides the kind of a column, numbers or categories, or the reason why it is not a field.

Owns the order of the checks, and the data scientist's choices that overrule them. `numbers` recognises numbers, `ids`
ids, `date_columns` dates; `unknown` estimates whether a column has too many categories.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from churn.errors import TableError
from churn.model.marks import Marks
from churn.model.spelling import clean, is_blank
from churn.training.categories import spell_category
from churn.training.choices import Choices
from churn.training.columns import LeftOut, Texts
from churn.training.date_columns import find_date_reason
from churn.training.ids import find_id_reason, find_index_reason
from churn.training.missing import Blanked, MissingWords
from churn.training.numbers import read_numbers
from churn.training.source import Source
from churn.training.unknown import MOST_UNKNOWN, estimate_unknown, of_customers

_LEADING_ZERO = re.compile(r"0[0-9]+")


@dataclass(frozen=True)
class Column:
    """A column of the file: its clean name, its name as the file has it, and its texts."""

    name: str
    header: str
    texts: Texts


@dataclass(frozen=True)
class FieldValues:
    """A column that is a field: categories as text, "" for a blank, or numbers as float64, NaN for a blank.

    `marks` are removed from numbers. `missing` are the words for missing that occurred, in clean spelling, with their
    rows. `lone_rows` are the rows whose category no other row has; None for numbers.
    """

    values: pd.Series
    marks: Marks | None = None
    missing: Mapping[str, int] = field(default_factory=dict)
    lone_rows: np.ndarray | None = None


def read_column(path: Path, column: Column, source: Source, choices: Choices) -> FieldValues | LeftOut:
    """A column as a field, or left out with the reason.

    Raises TableError where a choice can't be followed, for a column that is mostly numbers, and as read_numbers does.
    """
    return _ColumnReader(path, column, source, choices).read()


class _ColumnReader:
    """A reader that decides the kind of one column. `is_kept` is True if an option makes the column a field."""

    def __init__(self, path: Path, column: Column, source: Source, choices: Choices) -> None:
        self.path, self.column, self.source, self.choices = path, column, source, choices
        self.name, self.texts = column.name, column.texts
        self.is_kept = self.name in choices.keep | choices.category | choices.number
        self.spelled = [clean(text) for text in self.texts.distinct]
        self.among_numbers = self.take_out(MissingWords.among_numbers(choices.words_of(self.name)))
        known = choices.known.get(self.name, ())
        self.among_categories = self.take_out(MissingWords.among_categories(choices.words_of(self.name), known=known))

    def take_out(self, words: MissingWords) -> Blanked:
        return words.take_out(self.texts, self.spelled, self.source.decimal_mark)

    def read(self) -> FieldValues | LeftOut:
        if self.name in self.choices.drop:
            return LeftOut(self.name, "--drop names it")
        if all(map(is_blank, self.among_categories.texts.distinct)):
            if self.is_kept:
                raise TableError(self.path, f"{self.name!r} is blank in every row, and can't be a field")
            return LeftOut(self.name, "it is blank in every row")
        if self.name in self.choices.category:
            return self.read_categories()
        if self.name in self.choices.number:
            return self.read_numbers() or self.refuse_number()
        if not self.is_kept and (reason := find_index_reason(self.column.header, self.texts)):
            return LeftOut(self.name, reason)
        if reason := find_date_reason(self.among_numbers.texts):
            if self.is_kept:
                ways = f"give the time since then as a number, or --category {self.name}"
                raise TableError(self.path, f"{self.name!r} can't be kept: {reason}; {ways}")
            return LeftOut(self.name, reason, advice=f"--category {self.name} reads them as categories")
        is_code = any(text.startswith("0") and _LEADING_ZERO.fullmatch(text) for text in self.spelled)
        return (None if is_code else self.read_numbers()) or self.read_categories()

    def read_numbers(self) -> FieldValues | LeftOut | None:
        """The column as numbers, or left out; None if it is not a column of numbers."""
        texts, words = self.among_numbers
        if all(map(is_blank, texts.distinct)):
            return None
        is_insisted = self.name in self.choices.number
        numbers = read_numbers(self.path, self.name, texts, self.source, is_insisted=is_insisted)
        if numbers is None:
            return None
        reason = "" if self.is_kept else self.find_reason_against(numbers.values)
        if reason:
            return LeftOut(self.name, reason)
        return FieldValues(pd.Series(numbers.values), numbers.marks, words)

    def refuse_number(self) -> LeftOut:
        raise TableError(self.path, f"--number names {self.name!r}, which holds no numbers")

    def find_reason_against(self, values: np.ndarray) -> str:
        """The reason why numbers are not a field; "" if they are one."""
        known = values[~np.isnan(values)]
        if (known == known[0]).all():
            if len(known) == len(values):
                return f"it is {known[0]:.15g} in every row"
            return f"it is {known[0]:.15g} or blank; --category {self.name} reads blanks as a category of their own"
        return find_id_reason(self.column.header, values)

    def read_categories(self) -> FieldValues | LeftOut:
        """The column as categories, or left out."""
        (distinct, codes), words = self.among_categories
        cleaned = [spell_category(text, self.source.decimal_mark) for text in distinct]
        numbers = {category: number for number, category in enumerate(dict.fromkeys(cleaned))}
        numbered = np.array([numbers[category] for category in cleaned])[codes]
        counts = np.bincount(numbered, minlength=len(numbers))
        reason = "" if self.is_kept else self.find_reason_against_categories(Texts(list(numbers), numbered), counts)
        if reason:
            return LeftOut(self.name, reason)
        values = pd.Series(list(numbers), dtype="str").take(numbered).reset_index(drop=True)
        return FieldValues(values, missing=words, lone_rows=np.flatnonzero(counts[numbered] == 1))

    def find_reason_against_categories(self, categories: Texts, counts: np.ndarray) -> str:
        """The reason why categories with these counts of rows are not a field; "" if they are one."""
        if len(categories.distinct) == 1:
            return f"it is {categories.distinct[0]!r} in every row"
        if categories.are_ids():
            return f"it is an id: {len(categories.distinct):,} different texts in {len(categories.codes):,} rows"
        unknown = estimate_unknown(counts)
        if unknown.lower > MOST_UNKNOWN:
            return f"{of_customers(unknown.share)} new customers would have an unknown category"
        return ""
