"""The decimal mark of a table's numbers, where it is a comma or a point, and the numbers read with it.

Owns the two readings of 1.234, which is a thousand and more or one and a bit: what can't be told is not guessed.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from churn.model.spelling import is_blank, read_number

_MARKED = re.compile(r"[+-]?[0-9]*([.,])[0-9]+")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:[.,][0-9]{3})+")
_LIKE_A_NUMBER = re.compile(r"[+-]?[0-9.,]+(?:[eE][+-]?[0-9]+)?")


def find_decimal_mark(cells: Iterable[str]) -> str:
    """The mark that most of the numbers in these cells have, "" where none says which it is.

    >>> find_decimal_mark(["2,5", "1.234"]), find_decimal_mark(["1.234", "17"])
    (',', '')
    """
    marks: Counter[str] = Counter()
    for cell in cells:
        marked = _MARKED.fullmatch(cell.strip())
        if marked and not _THOUSANDS.fullmatch(cell.strip()):
            marks[marked[1]] += 1
    return max(",.", key=lambda mark: marks[mark]) if marks else ""


def is_like_numbers(cells: Iterable[str]) -> bool:
    """True when every cell that is not blank is of digits and marks, as numbers of any form are."""
    return all(_LIKE_A_NUMBER.fullmatch(cell.strip()) for cell in cells if not is_blank(cell))


def number_reader(mark: str) -> Callable[[str], object]:
    """What reads a cell with this decimal mark: a float where the cell is a number, else the cell, to be judged.

    >>> number_reader(",")("1,5"), number_reader(",")("1.5"), number_reader("")("1.5"), number_reader("")("15")
    (1.5, '1?5', '1?5', 15.0)
    """
    return _NUMBER_READERS[mark]


def _read_with_point(cell: str) -> object:
    number = read_number(cell)
    return cell if number is None else number


def _read_with_comma(cell: str) -> object:
    """Here a point is no mark: it may be one of thousands."""
    return _read_with_point(cell.replace(".", "?").replace(",", "."))


def _read_without_marks(cell: str) -> object:
    """A number with any mark is none where nothing says which one it is."""
    return _read_with_point(cell.replace(".", "?").replace(",", "?"))


_NUMBER_READERS: dict[str, Callable[[str], object]] = {
    ".": _read_with_point,
    ",": _read_with_comma,
    "": _read_without_marks,
}
