"""A CSV of customers, as programs and spreadsheets write it: finds its delimiter, decimal mark and line ends, and
reads it row by row in little memory.

Owns the form. What a customer must be is the contract's; what becomes of a row is csv_rows'.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from churn.errors import CsvError, CsvTooLargeError, CustomerError, Problem
from churn.model.contract import Category, Contract
from churn.model.spelling import clean, is_blank, read_number

MAX_ROW_CHARACTERS = 64 * 1024
"""One row of a CSV, its line ends included; an unclosed quote makes a row of all that follows."""

MAX_BLANK_ROWS = 20_000
"""Rows without a customer that are passed over; a spreadsheet leaves some behind."""

_DELIMITERS = (",", ";", "\t")
_MARKED = re.compile(r"[+-]?[0-9]*([.,])[0-9]+")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:[.,][0-9]{3})+")
_WORKBOOK = b"PK\x03\x04"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One customer's cells. `number` counts customers from 0; `spreadsheet_row` counts rows from 1 as a spreadsheet
    does: blank ones too, and a row is one however many line ends its cells hold.
    """

    number: int
    spreadsheet_row: int
    cells: list[str]


class CustomerCsv:
    """The rows of a CSV whose header has every field of a contract, in any spelling, among other columns.

    `header_row` is the header's row as a spreadsheet counts and, once the rows are read, `last_row` the last one's;
    `header` are its cells, `places` is where each field's cells stand in a row.
    `decimal_mark` is what the numbers are written with, "" where none of them tells; it can be given for rows of a
    larger table. Raises CsvError for bytes that are no CSV in UTF-8 or, from `rows` on, have more than `max_rows`
    customers, and CustomerError for a header that lacks a field or has one twice.
    """

    def __init__(
        self, content: bytes, contract: Contract, *, max_rows: int | None = None, decimal_mark: str | None = None
    ) -> None:
        self._content = content
        self._contract = contract
        self._max_rows = max_rows
        self.has_byte_order_mark = content.startswith(_BYTE_ORDER_MARK)
        self.line_end = _line_end(content)
        self.header_row, self.header_line, self.delimiter, self.header = self._find_header()
        self.last_row = self.header_row
        self.places = self._place_fields()
        categories = {field.name for field in contract.fields if isinstance(field, Category)}
        self._categories = [(name, place) for name, place in self.places.items() if name in categories]
        self._numbers = [(name, place) for name, place in self.places.items() if name not in categories]
        self.decimal_mark = self._find_decimal_mark() if decimal_mark is None else decimal_mark
        self._read_number = _NUMBER_READERS[self.decimal_mark]

    def rows(self) -> Iterator[CsvRow]:
        """The customers, in order. A row whose cells are all blank is none. Raises CsvError as it comes to it."""
        lines = _BoundedLines(self._content)
        rows = _read_rows(lines, self.delimiter)
        next(rows)  # the header
        for number, (line, cells) in enumerate(rows):
            if self._max_rows is not None and number >= self._max_rows:
                raise CsvTooLargeError(f"it has more than {self._max_rows:,} customers", line=line)
            yield CsvRow(number, lines.rows, cells)
        self.last_row = lines.rows

    def read_customer(self, row: CsvRow) -> dict[str, object]:
        """A row's fields, by name, spelled as Scorer.log_odds takes them at its fastest.

        Raises CustomerError for a row that has not as many cells as the header.
        """
        if len(row.cells) != len(self.header):
            expected = f"{len(self.header)} cells, as in the header"
            raise CustomerError([Problem(None, "wrong number of cells", expected)])
        customer: dict[str, object] = {name: clean(row.cells[place]) for name, place in self._categories}
        for name, place in self._numbers:
            customer[name] = self._read_number(row.cells[place])
        return customer

    def _find_header(self) -> tuple[int, int, str, list[str]]:
        """The header's row and line, the delimiter with which it names the most fields, and its cells."""
        names = {field.name for field in self._contract.fields}
        headers = []
        for delimiter in _DELIMITERS:
            lines = _BoundedLines(self._content)
            for line, cells in _read_rows(lines, delimiter, strict=False):  # only one is the right one
                headers.append((lines.rows, line, delimiter, cells))
                break
        if not headers:
            raise CsvError("it is empty; it needs a header line")
        return max(headers, key=lambda header: sum(clean(name) in names for name in header[3]))

    def _place_fields(self) -> dict[str, int]:
        """Where each field's cells stand in a row."""
        try:
            return self._contract.place_fields(self.header, expected="a column of this name in the header")
        except CustomerError as error:
            problems = [problem.in_row(None, spreadsheet_row=self.header_row) for problem in error.problems]
            raise CustomerError(problems) from None

    def _find_decimal_mark(self) -> str:
        """The mark that most numbers have, "" where none tells: 1.234 and 1,234 can be a thousand and more.

        A comma can be one only where it delimits nothing, and where it does a point is one.
        """
        if self.delimiter == ",":
            return "."
        marks: Counter[str] = Counter()
        for row in self.rows():
            for cell in (row.cells[place].strip() for _, place in self._numbers if place < len(row.cells)):
                marked = _MARKED.fullmatch(cell)
                if marked and not _THOUSANDS.fullmatch(cell):
                    marks[marked[1]] += 1
        return max(",.", key=lambda mark: marks[mark]) if marks else ""

    @property
    def written_mark(self) -> str:
        """The decimal mark for numbers of ours: the CSV's own, else what spreadsheets write beside its delimiter."""
        return self.decimal_mark or ("," if self.delimiter == ";" else ".")


def _read_with_point(cell: str) -> object:
    """A number's cell as a float where it is one, else as text that the contract will judge."""
    number = read_number(cell)
    return cell if number is None else number


def _read_with_comma(cell: str) -> object:
    """The same with decimal commas; then a point is no mark."""
    return _read_with_point(cell.replace(".", "?").replace(",", "."))


def _read_without_marks(cell: str) -> object:
    """The same where no mark can be told from one of thousands: then a number with any is none."""
    return _read_with_point(cell.replace(".", "?").replace(",", "?"))


_NUMBER_READERS = {".": _read_with_point, ",": _read_with_comma, "": _read_without_marks}


def _read_rows(lines: "_BoundedLines", delimiter: str, *, strict: bool = True) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, the header first, with the line that it begins on, from 1."""
    blank_rows = 0
    reader = csv.reader(lines, delimiter=delimiter, strict=strict)
    try:
        while (begins := reader.line_num + 1) and (cells := next(reader, None)) is not None:
            lines.end_row()
            if all(is_blank(cell) for cell in cells):
                blank_rows += 1
                if blank_rows > MAX_BLANK_ROWS:
                    raise CsvTooLargeError(f"it has more than {MAX_BLANK_ROWS:,} blank rows", line=begins)
            else:
                yield begins, cells
    except csv.Error as error:
        raise CsvError(f"it is not CSV: {error}", line=reader.line_num) from None
    except UnicodeDecodeError:
        raise _not_utf_8(lines.content) from None


class _BoundedLines:
    """The lines of a text, decoded as they are read, of which one row may take MAX_ROW_CHARACTERS.

    `rows` is how many rows have been read, blank ones too.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.rows = 0
        self._text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
        self._row_characters = 0
        self._lines = 0

    def __iter__(self) -> "_BoundedLines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_ROW_CHARACTERS + 1)
        if not line:
            raise StopIteration
        self._lines += 1
        self._row_characters += len(line)
        if self._row_characters > MAX_ROW_CHARACTERS:
            reason = f"a row is longer than {MAX_ROW_CHARACTERS:,} characters; is there a quote that nothing closes?"
            raise CsvTooLargeError(reason, line=self._lines)
        return line

    def end_row(self) -> None:
        """Says that a row is complete."""
        self.rows += 1
        self._row_characters = 0


def _line_end(content: bytes) -> str:
    """What ends the first line."""
    newline, carriage_return = content.find(b"\n"), content.find(b"\r")
    if carriage_return < 0 or 0 <= newline < carriage_return:
        return "\n"
    return "\r\n" if newline == carriage_return + 1 else "\r"


def _not_utf_8(content: bytes) -> CsvError:
    if content.startswith(_WORKBOOK):
        return CsvError("it is a workbook; save it as 'CSV UTF-8'")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return CsvError("it is not UTF-8; a spreadsheet can save it as 'CSV UTF-8'", line=line)
    raise AssertionError("it is UTF-8")
