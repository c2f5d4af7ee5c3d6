"""Reads a column of texts as numbers: plain ones, or numbers that all have the same marks.

Owns the decision whether a column holds numbers, and every refusal of one that nearly does: for marks that only some
cells have, and for texts that can be read in two ways.
"""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from churn.errors import TableError
from churn.model.mark_words import put_minus_in_front, read_both_ways
from churn.model.marks import NO_MARKS, SPACES, MarkedNumber, Marks, find_marked_number, has_three_decimals
from churn.model.spelling import is_blank
from churn.tables.decimals import is_like_numbers, may_be_thousands, number_reader, spell_with_point
from churn.training.columns import Numbers, NumberText, Texts
from churn.training.missing import join_words, list_words
from churn.training.source import Source

NUMBER_SHARE = 0.95
"""A column with numbers in at least this share of its filled rows is meant as numbers."""
MOST_NUMBER_CATEGORIES = 10
"""A column with numbers in most of its filled rows is meant as numbers if more than this many of them are distinct.
Fewer may be categories among others, such as 1, 2 and 3+, or discounts of 5 % and 10 %."""
MOST_WORDS = 10
"""More distinct texts than this among the numbers are not words for missing: the column holds codes."""

_SAY_MARK = "--decimal-mark says which mark is decimal"
_TWO_WAYS = f", which may be a number in thousands or one with decimals; {_SAY_MARK}"
_GROUPED = re.compile(rf"\+?[0-9]{{1,3}}(?:[{SPACES}][0-9]{{3}})+")
_AROUND = "(?:[^0-9A-Za-z]|[A-Za-z](?![A-Za-z]{3})){0,9}"  # no sign has more letters than EUR
_MAY_BE_NUMBER = re.compile(rf"{_AROUND}[0-9.,][0-9.,'\u2019{SPACES}]*(?:[eE][+-]?[0-9]+)?{_AROUND}")


def read_numbers(path: Path, name: str, texts: Texts, source: Source, *, is_insisted: bool = False) -> Numbers | None:
    """The numbers of a column in which all filled cells are numbers with the same marks; None for other texts.

    Raises TableError for a column that is meant as numbers but has other texts in a few rows: one "none yet" among a
    thousand numbers would make a category of each number. With `is_insisted` any such text is an error.
    """
    read = number_reader(source.decimal_mark)
    plain = [np.nan if is_blank(text) else read(text) for text in texts.distinct]
    if not any(isinstance(number, str) for number in plain):
        if not source.mark_is_known:
            _MarkedColumn(path, name, texts, source).refuse_thousands()
        is_marked = source.has_numbers and any("," in text for text in _list_texts(texts))  # a decimal comma
        marks = Marks(decimal_comma=True) if is_marked else None
        return Numbers(np.array(plain, dtype=np.float64)[texts.codes], marks)
    return _MarkedColumn(path, name, texts, source).read(is_insisted=is_insisted)


class _MarkedColumn:
    """A column in which some text is not a plain number. `found` has the number of each distinct text, with any
    marks; None for a text that is not a number.
    """

    def __init__(self, path: Path, name: str, texts: Texts, source: Source) -> None:
        self.path, self.name, self.texts, self.source = path, name, texts, source
        self.found = self.find_numbers(source.decimal_mark)
        self.is_filled = np.array([not is_blank(text) for text in texts.distinct])

    def read(self, *, is_insisted: bool) -> Numbers | None:
        is_strange = self.is_filled & [number is None for number in self.found]
        if not self.source.decimal_mark and is_like_numbers(self.texts.distinct):
            has_mark = ["." in text or "," in text for text in self.texts.distinct]
            self.refuse(is_strange & has_mark, _TWO_WAYS)
        if not is_strange.any():
            return None if self.are_grouped_ids() and not is_insisted else self.read_marked()
        self.refuse_other_marks(is_strange)
        if self.are_mostly_numbers(is_strange):
            self.refuse_words(is_strange, f", --category {self.name} reads all cells as categories")
        if is_insisted:
            self.refuse_words(is_strange, f", and --number {self.name} accepts only numbers")
        return None

    def are_mostly_numbers(self, is_strange: np.ndarray) -> bool:
        """True if the column is meant as numbers, with a few words among them."""
        share = self.share_of_filled(~is_strange)
        are_many = (self.is_filled & ~is_strange).sum() > MOST_NUMBER_CATEGORIES
        are_numbers = share > 0.5 and are_many and is_strange.sum() <= MOST_WORDS
        return bool(share >= NUMBER_SHARE or are_numbers or self.are_mostly_marked(self.found))

    def refuse_words(self, is_strange: np.ndarray, other_way: str) -> None:
        """Raises TableError with the texts that are not numbers, their counts and the remedies."""
        words, option = list_words(self.texts, is_strange)
        numbers = self.texts.count_rows()[self.is_filled & ~is_strange].sum()
        row = int(self.source.rows[is_strange[self.texts.codes].argmax()])
        if not numbers:
            way = "it holds no numbers"
        elif option:
            way = f"{option} reads them as blanks"
        else:
            way = f"--drop {self.name} leaves the column out"
        found = join_words([*words, f"a number in {numbers:,}"] if numbers else words)
        raise TableError(self.path, f"{self.name!r} is {found}; {way}{other_way}", row=row)

    def read_marked(self) -> Numbers:
        """The column's numbers and marks; each text that is not blank must be a number."""
        numbers = [number for number in self.found if number is not None]
        sign = self.find_sign()
        has_another = [number is not None and number.marks.sign != sign for number in self.found]
        common = f"a number with the sign {sign}" if sign else "a number without a sign"
        self.refuse(has_another, f" and {common} in other rows; write all of them alike")
        thousands = any(number.marks.thousands for number in numbers)
        if not self.source.mark_is_known:
            self.refuse_thousands()
        if thousands:
            lacks_marks = [bool(number and _lacks_thousands(number)) for number in self.found]
            self.refuse(lacks_marks, ", and other rows have thousands marks; write all of them alike")
        values = np.array([np.nan if number is None else number.value for number in self.found])
        pairs = zip(self.texts.distinct, self.found, strict=True)
        texts = [number for text, number in pairs if number and not isinstance(text, NumberText)]
        three_decimals = thousands and any(map(has_three_decimals, texts))
        marks = Marks(sign, thousands, self.source.decimal_mark == ",", three_decimals)
        return Numbers(values[self.texts.codes], marks)

    def are_grouped_ids(self) -> bool:
        """True for ids or telephone numbers in groups of digits: as many distinct texts as an id column has, all with
        spaces, and either equally many digits in each or a plus in front of some.
        """
        texts = [text.strip() for text in self.texts.distinct if not is_blank(text)]
        lengths = {sum(map(str.isdigit, text)) for text in texts}
        return (
            self.texts.are_ids()
            and all(_GROUPED.fullmatch(text) for text in texts)
            and (len(lengths) == 1 or any(text.startswith("+") for text in texts))
        )

    def find_numbers(self, decimal_mark: str) -> list[MarkedNumber | None]:
        return [find_marked_number(spell_with_point(text, decimal_mark)) for text in self.texts.distinct]

    def find_sign(self) -> str:
        """The sign in most rows; "" if most have no sign."""
        signs: Counter[str] = Counter()
        for number, count in zip(self.found, self.texts.count_rows(), strict=True):
            if number is not None:
                signs[number.marks.sign] += int(count)
        return max(signs, key=lambda sign: (signs[sign], sign))

    def are_mostly_marked(self, found: Sequence[MarkedNumber | None]) -> bool:
        """True if numbers with marks fill more than half of the filled rows, and are too many for categories."""
        is_marked = np.array([number is not None and number.marks != NO_MARKS for number in found])
        rows = self.texts.count_rows()
        most = 2 * rows[is_marked].sum() > rows[self.is_filled].sum()
        return bool(most and is_marked.sum() > MOST_NUMBER_CATEGORIES)

    def share_of_filled(self, is_such: np.ndarray) -> float:
        """The share of the filled rows with one of these texts, 0 to 1."""
        rows = self.texts.count_rows()
        return float(rows[is_such & self.is_filled].sum() / rows[self.is_filled].sum())

    def refuse_thousands(self) -> None:
        """Raises TableError if every mark in the texts may be a thousands separator as well as a decimal mark."""
        if may_be_thousands(texts := _list_texts(self.texts)):
            marked = {text for text in texts if "." in text or "," in text}
            self.refuse([text in marked for text in self.texts.distinct], _TWO_WAYS)

    def refuse_other_marks(self, is_strange: np.ndarray) -> None:
        """Raises TableError for a column of numbers of which some have another decimal mark than the table, or a
        minus that is not in front.
        """
        texts = zip(self.texts.distinct, is_strange, strict=True)
        words = np.array([_describe_marks(text) if strange else "" for text, strange in texts], dtype=object)
        if not (words != "").any():
            return
        are_numbers = self.share_of_filled(~is_strange | (words != "")) >= NUMBER_SHARE
        other_marks = [mark for mark in ",." if mark != self.source.decimal_mark]
        if are_numbers or any(self.are_mostly_marked(self.find_numbers(mark)) for mark in other_marks):
            first = self.texts.codes[(words != "")[self.texts.codes].argmax()]
            self.refuse(words == words[first], words[first])

    def refuse(self, is_wrong: Sequence[bool] | np.ndarray, words: str) -> None:
        """Raises TableError with the first row whose text is wrong, and that text; does nothing if all are right."""
        wrong_rows = np.array(is_wrong, dtype=bool)[self.texts.codes]
        if wrong_rows.any():
            row = int(wrong_rows.argmax())
            text = self.texts.distinct[self.texts.codes[row]]
            raise TableError(self.path, f"{self.name!r} is {text!r} here{words}", row=int(self.source.rows[row]))


def _list_texts(texts: Texts) -> list[str]:
    """The distinct texts of a column that are not numbers in the file itself."""
    return [text for text in texts.distinct if not isinstance(text, NumberText)]


def _describe_marks(text: str) -> str:
    """The reason why a text is not a number in this table; "" if it is not a number in any table."""
    if not _MAY_BE_NUMBER.fullmatch(text):
        return ""
    if put_minus_in_front(text):
        return ", and a minus is read only in front of a number; write it there"
    with_point, with_comma = read_both_ways(text)
    if with_point is None and with_comma is None:
        return ""
    word = "point" if with_point else "comma"
    return f", a number where the decimal mark is a {word}; {_SAY_MARK}, the same one for all numbers of a table"


def _lacks_thousands(number: MarkedNumber) -> bool:
    return abs(number.value) >= 1000 and not number.marks.thousands
