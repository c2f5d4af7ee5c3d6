"""The cells of a workbook as Python values: numbers, percentages, dates, texts and errors.

Owns Excel's dates, number formats and spelling of texts. `rows` reads the XML around them, and XlsxWriter writes it.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum

from churn.model.spelling import read_number

MOST_WHOLE = 10**15 - 1
"""Excel keeps every digit of whole numbers up to this one."""

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
"""The size of a sheet in Excel, whose last cell is XFD1048576."""

_ERRORS = ("#N/A", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA")
_PERCENT_FORMATS = (9, 10)
_DATE_FORMATS = (*range(14, 23), *range(27, 37), 45, 47, *range(50, 59))  # 46 is a duration
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')
_DURATION = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_BRACKETED = re.compile(r"\[[^\]]*\]")
_DATE_LETTER = re.compile(r"[dmyhs]", re.IGNORECASE)
_COLUMN = re.compile(r"[A-Z]{1,3}")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TO_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_NO_CHARACTER = re.compile(r"[\ud800-\udfff]")
_LONGEST_NAME_BYTES = 2 * 31  # of a worksheet, in UTF-16
_FORBIDDEN_IN_A_NAME = "[]:*?/\\'"
_EPOCH_1900 = datetime(1899, 12, 30)  # right from 1900-03-01 on, since Excel counts a 29 February 1900
_EPOCH_1904 = datetime(1904, 1, 1)
_FIRST_SURE_DAY = 61  # 1900-03-01
_LAST_DAY = 2_958_465  # 9999-12-31
_DAY_MS = 24 * 60 * 60 * 1000


class Percent(float):
    """A number that its cell shows as a percentage: a cell that shows 26% contains 0.26."""

    @property
    def shown(self) -> float:
        """The number before the percent sign, with all its digits.

        >>> Percent(0.07).shown
        7.0
        """
        return float(Decimal(repr(float(self))) * 100)


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell without a value that is not a blank, such as a formula with the result #N/A. `problem` is in words.

    `code` is the text that Excel shows in such a cell.
    """

    problem: str
    code: str = "#VALUE!"

    def __str__(self) -> str:
        return self.code


Cell = str | int | float | bool | date | time | CellError | None
"""The value of a cell, None if it is empty. A whole number is an int, a percentage a Percent."""

NO_VALUE = CellError("a formula without a calculated value")
NO_NUMBER = CellError("a number that can't be read")
NO_BOOLEAN = CellError("neither true nor false")
NO_DATE = CellError("a date that can't be read")


def spell_cell(cell: Cell) -> str:
    """The text of a cell in a CSV: "" for an empty cell, the code of an error, else the shown value.

    Dates are in ISO 8601; numbers have a decimal point and all of their digits.

    >>> spell_cell(26), spell_cell(0.1), spell_cell(Percent(0.265)), spell_cell(True), spell_cell(date(2026, 5, 31))
    ('26', '0.1', '26.5%', 'true', '2026-05-31')
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Percent):
        return f"{repr(cell.shown).removesuffix('.0')}%"
    if isinstance(cell, float):
        return repr(cell)
    return spell_moment(cell) if isinstance(cell, date | time) else str(cell)


def spell_moment(moment: date | time) -> str:
    """The text of a date, datetime or time in a CSV, in ISO 8601; a datetime at midnight is a date, as in a workbook.

    >>> spell_moment(datetime(2026, 5, 31, 10, 30)), spell_moment(datetime(2026, 5, 31)), spell_moment(time(10, 30))
    ('2026-05-31 10:30:00', '2026-05-31', '10:30:00')
    """
    if not isinstance(moment, datetime):
        return moment.isoformat()
    return moment.date().isoformat() if moment.time() == time() else moment.isoformat(" ")


class Shown(Enum):
    """How a cell shows a number that is not shown as a plain number."""

    PERCENT = 1
    DATE = 2


def read_format(number: int, code: str | None) -> Shown | None:
    """How a cell with this number format shows its number; `code` is the format's code, None for a built-in format.

    >>> read_format(164, '0.0%'), read_format(165, '"May "0'), read_format(166, 'd mmm yy')
    (<Shown.PERCENT: 1>, None, <Shown.DATE: 2>)
    """
    if code is None:
        return Shown.PERCENT if number in _PERCENT_FORMATS else Shown.DATE if number in _DATE_FORMATS else None
    code = _QUOTED.sub("", code).split(";")[0]
    if _DURATION.search(code):
        return None
    code = _BRACKETED.sub("", code)
    if "%" in code:
        return Shown.PERCENT
    is_date = _DATE_LETTER.search(code) and code.strip().lower() != "general"
    return Shown.DATE if is_date else None


def read_number_cell(text: str, shown: Shown | None, *, from_1904: bool) -> Cell:
    """The value of a number's cell; a whole number is an int if Excel keeps all of its digits."""
    number = read_number(text)
    if number is None:
        return NO_NUMBER
    if shown is Shown.PERCENT:
        return Percent(number)
    if shown is Shown.DATE:
        return read_serial(number, from_1904=from_1904)
    return int(number) if number.is_integer() and abs(number) <= MOST_WHOLE else number


def read_serial(serial: float, *, from_1904: bool) -> date | time | CellError:
    """The date, or the date and time to a millisecond, that Excel shows for a number of days.

    A number below 1 is a time of day. In January and February 1900 Excel is a day off; the date is the one it shows.

    >>> read_serial(45000, from_1904=False), read_serial(0.75, from_1904=False)
    (datetime.date(2023, 3, 15), datetime.time(18, 0))
    """
    if not 0 <= serial < _LAST_DAY + 1:
        return NO_DATE
    if serial < 1 and not (from_1904 and serial == 0):
        moment = _EPOCH_1904 + timedelta(milliseconds=min(round(serial * _DAY_MS), _DAY_MS - 1))
        return moment.time()
    days, milliseconds = divmod(round(serial * _DAY_MS), _DAY_MS)
    if not from_1904 and days == _FIRST_SURE_DAY - 1:
        return NO_DATE  # 29 February 1900, which does not exist
    epoch = _EPOCH_1904 if from_1904 else _EPOCH_1900
    days += not from_1904 and days < _FIRST_SURE_DAY
    try:
        moment = epoch + timedelta(days=days, milliseconds=milliseconds)
    except OverflowError:
        return NO_DATE
    return moment if milliseconds else moment.date()


def read_iso(text: str) -> Cell:
    """The date, datetime or time of a cell in ISO 8601, which few programs write."""
    for kind in (date, datetime, time):
        try:
            value = kind.fromisoformat(text.strip())
        except ValueError:
            continue
        return value
    return NO_DATE


def read_error(text: str) -> CellError:
    """The error that a cell shows, with its name if it is one of Excel's."""
    return CellError(f"the error {text}", text) if text in _ERRORS else CellError("an error")


def read_text(text: str) -> str:
    """A text as Excel shows it. In a workbook, characters that XML can't contain are spelled as in _x0007_.

    >>> read_text("one_x000D_two")
    'one\\rtwo'
    """
    return _ESCAPE.sub(_read_escape, text) if "_x" in text else text


def spell_text(text: str) -> str:
    """A text as a workbook spells it, the inverse of read_text; lone surrogates become U+FFFD.

    >>> spell_text("one\\rtwo"), spell_text("_x000D_")
    ('one_x000D_two', '_x005F_x000D_')
    """
    if text.isascii() and text.isprintable() and "_x" not in text:
        return text
    text = _NO_CHARACTER.sub("\ufffd", text)
    return _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def spell_sheet_name(name: str) -> str:
    """A name that Excel accepts for a worksheet, as close to this one as possible.

    >>> spell_sheet_name("Customers: May"), spell_sheet_name("")
    ('Customers_ May', 'customers')
    """
    allowed = (letter if letter.isprintable() and letter not in _FORBIDDEN_IN_A_NAME else "_" for letter in name)
    return "".join(allowed).encode("utf-16-le")[:_LONGEST_NAME_BYTES].decode("utf-16-le", "ignore") or "customers"


def read_column(letters: str) -> int | None:
    """The number, from 0, of the column with these letters in a spreadsheet; None if there is no such column.

    >>> read_column("A"), read_column("XFD"), read_column("a1")
    (0, 16383, None)
    """
    if not _COLUMN.fullmatch(letters):
        return None
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - ord("A") + 1
    return column - 1


def spell_column(column: int) -> str:
    """The letters of a column in a spreadsheet, by its number from 0; the inverse of read_column.

    >>> spell_column(0), spell_column(26), spell_column(16_383)
    ('A', 'AA', 'XFD')
    """
    before, last = divmod(column, 26)
    return (spell_column(before - 1) if before else "") + chr(ord("A") + last)


def _read_escape(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return found[0] if _NO_CHARACTER.match(character) else character
