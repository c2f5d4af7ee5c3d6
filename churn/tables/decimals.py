"""The decimal mark of a table's numbers, where it is a comma or a point, and the numbers read with it.

Owns the two readings of 1.234, which is a thousand and more or one and a bit: what can't be told is not guessed.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

from churn.model.mark_words import MisreadText, describe_other_marks
from churn.model.marks import SPACES, Marks, read_marked_number, replace_marks, split_sign
from churn.model.spelling import MINUS, is_blank, read_number

DECIMAL_MARKS = {"comma": ",", "point": "."}
"""What a decimal mark is called in options and queries."""
EACH = "each"
"""A workbook's cells as a CSV: numbers have points, and each text is read by itself, as one in JSON is."""

_MARKED = re.compile(rf"[+{MINUS}-]?[0-9]*([.,])[0-9]+(?:[eE][+-]?[0-9]+)?")
_THOUSANDS = re.compile(rf"[+{MINUS}-]?[1-9][0-9]{{0,2}}(?:[.,][0-9]{{3}})+")
_ONE_THOUSAND = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_MILLIONS = re.compile(r"[+-]?[1-9][0-9]{0,2}([.,])[0-9]{3}(?:\1[0-9]{3})+")
_BOTH_MARKS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+(,)|(?:,[0-9]{2,3})+(\.))[0-9]*")
_SPACE_OF_THOUSANDS = re.compile(rf"(?<=[0-9])[{SPACES}'\u2019](?=[0-9]{{3}})")
_LIKE_A_NUMBER = re.compile(r"[+-]?[0-9.,]+(?:[eE][+-]?[0-9]+)?")
_DIGIT = re.compile("[0-9]")


def find_decimal_mark(cells: Iterable[str], marked_cells: Iterable[str] = ()) -> str:
    """The mark that most of the numbers in these cells have, "" where none says which it is.

    `marked_cells` may have a sign and marks of thousands. These say which mark is decimal, too: it is the last one of
    1.234,50 and, where nothing else says it, the one that 1.234.567 has not.

    >>> find_decimal_mark(["2,5", "1.234"]), find_decimal_mark(["1.234", "17"])
    (',', '')
    >>> find_decimal_mark([], ["€ 1.234,50", "$17"]), find_decimal_mark([], ["1.234.567"])
    (',', ',')
    """
    marks: Counter[str] = Counter()
    of_thousands: Counter[str] = Counter()
    for cell in cells:
        if mark := _find_mark(cell.strip()):
            marks[mark] += 1
    for cell in marked_cells:
        digits = _SPACE_OF_THOUSANDS.sub("", split_sign(cell)[1])
        both = _BOTH_MARKS.fullmatch(digits)
        if mark := (both[1] or both[2]) if both else _find_mark(digits):
            marks[mark] += 1
        elif millions := _MILLIONS.fullmatch(digits):
            of_thousands["." if millions[1] == "," else ","] += 1
    votes = marks or of_thousands
    return max(",.", key=lambda mark: votes[mark]) if votes else ""


def _find_mark(cell: str) -> str:
    """The mark in a number that has one, "" where it may be one of thousands."""
    marked = _MARKED.fullmatch(cell)
    return marked[1] if marked and not _THOUSANDS.fullmatch(cell) else ""


def is_like_numbers(cells: Iterable[str]) -> bool:
    """True when every cell that is not blank is of digits and marks, as numbers of any form are; it may have a sign.

    >>> is_like_numbers(["$1.234", "5 %", ""]), is_like_numbers(["5", "A5"])
    (True, False)
    """
    return all(_is_like_a_number(cell) for cell in cells if not is_blank(cell))


def _is_like_a_number(cell: str) -> bool:
    digits = _SPACE_OF_THOUSANDS.sub("", split_sign(cell)[1])
    return _LIKE_A_NUMBER.fullmatch(digits) is not None


def may_be_thousands(cells: Iterable[str]) -> bool:
    """True for numbers of which each that has a point or a comma is like 1.234, and none says that it is decimal.

    Without a sign, points are taken for decimal where every cell has one, as 12.345 and 81.204: a program writes so.
    Not where all of them end with 0, or where other cells have none, unless these are thousands.

    >>> may_be_thousands(["$1.234", "$5"]), may_be_thousands(["$1.234", "$0.5"])
    (True, False)
    >>> may_be_thousands(["12.345", "81.204"]), may_be_thousands(["5", "81.204"]), may_be_thousands(["45.000"])
    (False, True, True)
    """
    marked, others, has_sign = [], [], False
    for cell in cells:
        sign, digits = split_sign(cell)
        digits, has_sign = _SPACE_OF_THOUSANDS.sub("", digits), has_sign or bool(sign)
        if "." not in digits and "," not in digits:
            others += [digits.strip("+-")] if digits else []
        elif _ONE_THOUSAND.fullmatch(digits):
            marked.append(digits)
        else:
            return False
    if not marked or has_sign or any("," in digits for digits in marked):
        return bool(marked)
    return all(len(digits) < 4 for digits in others) if others else all(digits.endswith("0") for digits in marked)


def number_reader(mark: str, marks: Marks | None = None, *, is_known: bool = True) -> Callable[[str], object]:
    """What reads a cell with this decimal mark, and with a field's marks if it has some: a float where the cell is a
    number, else the cell with a decimal point, to be judged.

    `is_known` says that the table itself has this mark; else it is the usual one, and what may be thousands in a
    field with marks of thousands is not read.

    >>> number_reader(",")("1,5"), number_reader(",")("1.5"), number_reader("")("1.5"), number_reader("")("15")
    (1.5, '1,5', '1?5', 15.0)
    >>> number_reader(",", Marks("€", thousands=True))("1.234,50 €")
    1234.5
    """
    if marks is None:
        return _NUMBER_READERS[mark]
    if marks.decimal_comma:
        return partial(_read_trained_with_comma, table_mark=mark if is_known else "", marks=marks)
    table_mark = "." if is_known else ""  # of the cell as it is spelled here

    def read_marked(cell: str) -> object:
        spelled = spell_with_point(cell, mark)
        number = read_marked_number(spelled, marks, table_mark=table_mark)
        return _misread(cell, spelled, mark, marks) if number is None else number

    return read_marked


def _read_trained_with_comma(cell: str, *, table_mark: str, marks: Marks) -> object:
    """The number of a field that was trained with decimal commas; what its table reads otherwise is none."""
    number = read_marked_number(cell, marks, table_mark=table_mark)
    return _misread(cell, spell_with_point(cell, ""), table_mark, marks) if number is None else number


def _misread(cell: str, spelled: str, mark: str, marks: Marks | None = None) -> str:
    """A cell that is no number, as it is spelled to be judged, with the marks that it is refused for."""
    without = "" if is_blank(cell) else describe_other_marks(cell, marks, decimal_mark=mark)
    return MisreadText(spelled, without) if without else spelled


def spell_with_point(cell: str, mark: str) -> str:
    """The cell as it is where a point is decimal. Where the mark is not known, each mark becomes a "?".

    A cell without digits stays as it is.

    >>> spell_with_point("1.234,50", ","), spell_with_point("kr. 5,5", ","), spell_with_point("1.234", "")
    ('1,234.50', 'kr. 5.5', '1?234')
    >>> spell_with_point("N.A.", ","), spell_with_point(".", "")
    ('N.A.', '.')
    """
    if mark == "." or not _DIGIT.search(cell):
        return cell
    return replace_marks(cell, {",": ".", ".": ","} if mark else {",": "?", ".": "?"})


def _read_with_point(cell: str) -> object:
    number = read_number(cell)
    return _misread(cell, cell, ".") if number is None else number


def _read_with_comma(cell: str) -> object:
    """Here a point is no mark: it may be one of thousands."""
    number = read_number(cell.replace(".", "?").replace(",", "."))
    return _misread(cell, spell_with_point(cell, ","), ",") if number is None else number


def _read_without_marks(cell: str) -> object:
    """The decimal mark is unknown, so a text with a mark is not read as a number."""
    number = read_number(cell.replace(".", "?").replace(",", "?"))
    return _misread(cell, spell_with_point(cell, ""), "") if number is None else number


_NUMBER_READERS: dict[str, Callable[[str], object]] = {
    ".": _read_with_point,
    ",": _read_with_comma,
    "": _read_without_marks,
}
