"""The decimal mark of a table's numbers, a comma or a point, and the numbers read with it.

Owns the two readings of 1.234, more than a thousand or more than one: if both are possible, it does not guess.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

from churn.model.mark_words import MisreadText, describe_other_marks
from churn.model.marks import SPACES, Marks, read_marked_number, replace_marks, split_sign
from churn.model.spelling import MINUS, is_blank, read_number

DECIMAL_MARKS = {"comma": ",", "point": "."}
"""The names of the decimal marks in options and queries."""
EACH = "each"
"""Stands for a workbook's cells as a CSV: numbers have points, and each text is read by itself, as in JSON."""

_MARKED = re.compile(rf"[+{MINUS}-]?[0-9]*([.,])[0-9]+(?:[eE][+-]?[0-9]+)?")
_THOUSANDS = re.compile(rf"[+{MINUS}-]?[1-9][0-9]{{0,2}}(?:[.,][0-9]{{3}})+")
_ONE_THOUSAND = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_MILLIONS = re.compile(r"[+-]?[1-9][0-9]{0,2}([.,])[0-9]{3}(?:\1[0-9]{3})+")
_BOTH_MARKS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+(,)|(?:,[0-9]{2,3})+(\.))[0-9]*")
_SPACE_OF_THOUSANDS = re.compile(rf"(?<=[0-9])[{SPACES}'\u2019](?=[0-9]{{3}})")
_LIKE_A_NUMBER = re.compile(r"[+-]?[0-9.,]+(?:[eE][+-]?[0-9]+)?")
_DIGIT = re.compile("[0-9]")


def find_decimal_mark(cells: Iterable[str], marked_cells: Iterable[str] = ()) -> str:
    """The decimal mark of most of the numbers in these cells, "" if none shows it.

    `marked_cells` may have a sign and thousands marks, which also show the decimal mark: it is the last mark of
    1.234,50 and, if nothing else shows it, the mark that 1.234.567 does not have.

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
    """The decimal mark of a number that has one, "" where it may be a thousands mark."""
    marked = _MARKED.fullmatch(cell)
    return marked[1] if marked and not _THOUSANDS.fullmatch(cell) else ""


def is_like_numbers(cells: Iterable[str]) -> bool:
    """True if every cell that is not blank has only digits and marks, and perhaps a sign, as all numbers do.

    >>> is_like_numbers(["$1.234", "5 %", ""]), is_like_numbers(["5", "A5"])
    (True, False)
    """
    return all(_is_like_a_number(cell) for cell in cells if not is_blank(cell))


def _is_like_a_number(cell: str) -> bool:
    digits = _SPACE_OF_THOUSANDS.sub("", split_sign(cell)[1])
    return _LIKE_A_NUMBER.fullmatch(digits) is not None


def may_be_thousands(cells: Iterable[str]) -> bool:
    """True for numbers with marks that may all be thousands marks: each number with a point or a comma is like 1.234.

    Numbers without a sign whose marks are points are an exception: the points are decimal if every cell has one and
    not all end with 0, as 12.345 and 81.204, since programs write these. They are also decimal if a cell without a
    point has four digits or more.

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
    """A function that reads a cell with this decimal mark, and with a field's marks if it has some.

    It returns a float for a number, else the cell with a decimal point, for the error message. `is_known` is true if
    the table itself has this mark. Otherwise the mark is the usual one, and a number that may be thousands is not
    read in a field with thousands marks.

    >>> number_reader(",")("1,5"), number_reader(",")("1.5"), number_reader("")("1.5"), number_reader("")("15")
    (1.5, '1,5', '1?5', 15.0)
    >>> number_reader(",", Marks("€", thousands=True))("1.234,50 €")
    1234.5
    """
    if marks is None:
        return _NUMBER_READERS[mark]
    if marks.decimal_comma:
        return partial(_read_trained_with_comma, table_mark=mark if is_known else "", marks=marks)
    table_mark = "." if is_known else ""  # of the cell as it is spelled now

    def read_marked(cell: str) -> object:
        spelled = spell_with_point(cell, mark)
        number = read_marked_number(spelled, marks, table_mark=table_mark)
        return _misread(cell, spelled, mark, marks) if number is None else number

    return read_marked


def _read_trained_with_comma(cell: str, *, table_mark: str, marks: Marks) -> object:
    """The number in a cell of a field trained with decimal commas; none if the cell's table reads it differently."""
    number = read_marked_number(cell, marks, table_mark=table_mark)
    return _misread(cell, spell_with_point(cell, ""), table_mark, marks) if number is None else number


def _misread(cell: str, spelled: str, mark: str, marks: Marks | None = None) -> str:
    """A cell that is not a number, spelled for the error, with the marks that it is refused for."""
    without = "" if is_blank(cell) else describe_other_marks(cell, marks, decimal_mark=mark)
    return MisreadText(spelled, without) if without else spelled


def spell_with_point(cell: str, mark: str) -> str:
    """The cell with a decimal point instead of `mark`. If the mark is not known, each mark becomes a "?".

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
    """The number in a cell with a decimal comma. One with a point is not read: it may be a thousands mark."""
    number = read_number(cell.replace(".", "?").replace(",", "."))
    return _misread(cell, spell_with_point(cell, ","), ",") if number is None else number


def _read_without_marks(cell: str) -> object:
    """The number in a cell without marks. One with a mark is not read, since the decimal mark is unknown."""
    number = read_number(cell.replace(".", "?").replace(",", "?"))
    return _misread(cell, spell_with_point(cell, ""), "") if number is None else number


_NUMBER_READERS: dict[str, Callable[[str], object]] = {
    ".": _read_with_point,
    ",": _read_with_comma,
    "": _read_without_marks,
}
