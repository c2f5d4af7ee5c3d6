"""The form of a CSV of customers: finds its delimiter, decimal mark and line ends, and reads its customers.

`csv_lines` makes rows of lines, the contract checks a customer, and `csv_rows` answers each row.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from itertools import islice

from churn.errors import CsvError, CsvTooLargeError, CustomerError, Problem
from churn.model.contract import Contract
from churn.model.fields import Category
from churn.model.spelling import clean
from churn.tables.csv_header import Header, find_header
from churn.tables.csv_lines import MAX_BLANK_ROWS, BoundedLines, drop_surplus, read_rows
from churn.tables.decimals import EACH, find_decimal_mark, number_reader
from churn.tables.renaming import NO_RENAMING, Renaming

MARK_ROWS = 1_000
"""The first rows, whose numbers decide on the decimal mark together; if they show none, the first row that does."""
MARK_CHARACTERS = 64 * 1024
"""The most characters in these rows: wide rows are fewer, so that the first piece of a large table has them all."""


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One customer's cells.

    `number` counts customers from 0. `spreadsheet_row` counts rows from 1 as a spreadsheet does: blank rows count,
    and a row with line ends in its cells is one row.
    """

    number: int
    spreadsheet_row: int
    cells: list[str]


class CsvForm:
    """The form of a CSV of customers, whose header has every field of a contract, in any spelling and order.

    `header` are the header's cells, `header_row` is its row as a spreadsheet counts. The header ends with the byte
    `header_end` and the line `header_line`. `preamble` is the text above it: a byte order mark, and a title of
    `title_rows` rows. `field_columns` has the number, from 0, of each field's column. `decimal_mark` is that of the
    numbers, "" as long as none of them shows it; `is_mark_given` is true if the caller gave it. The answer's numbers
    are written with `written_mark`, the same in all rows.

    A form is made from the first bytes of a CSV, of which it reads the header only: see find_mark. `renaming` is for
    columns with other names. `decimal_mark` is for a CSV whose mark is known: "" if no row before has shown it, EACH
    if the cells are a workbook's. `header` is the result of find_fields_header, if it is known. Raises CsvError for
    bytes that are not a CSV in UTF-8 and for a missing renamed column, and CustomerError for a header that lacks a
    field or has one twice.
    """

    def __init__(
        self,
        content: bytes,
        contract: Contract,
        renaming: Renaming = NO_RENAMING,
        *,
        decimal_mark: str | None = None,
        header: Header | None = None,
    ) -> None:
        header = header or find_fields_header(content, contract, renaming)
        self.line_end = _line_end(content)
        self.delimiter, self.header, self.header_row = header.delimiter, header.cells, header.row
        self.header_end, self.header_line, self.title_rows = header.end, header.last_line, header.title_rows
        self.preamble = header.preamble
        if missing := renaming.find_missing(self.header):
            raise CsvError(f"it {missing}", line=self.header_line)
        names, expected = renaming.rename(self.header), "a column of this name in the header"
        try:
            self.field_columns = contract.place_fields(names, expected=expected)
        except CustomerError as error:
            problems = [problem.in_row(None, spreadsheet_row=self.header_row) for problem in error.problems]
            raise CustomerError(problems) from None
        categories = {field.name for field in contract.fields if isinstance(field, Category)}
        self._categories = [(name, column) for name, column in self.field_columns.items() if name in categories]
        self._numbers = [(name, column) for name, column in self.field_columns.items() if name not in categories]
        self._marks = contract.marks
        self.is_mark_given = decimal_mark is not None
        self._reads_each = decimal_mark == EACH
        self.decimal_mark = "." if self._reads_each else decimal_mark or ""
        self.written_mark = _written_mark(self.delimiter, self.decimal_mark)
        self._readers = self._make_readers()

    def find_mark(self, rows: Iterable[CsvRow]) -> "CsvForm":
        """The form with the decimal mark of most numbers in the first rows, unless the mark is given."""
        if self.is_mark_given:
            return self
        form = copy(self.settle_mark(_first_rows(rows)))
        form.written_mark = _written_mark(form.delimiter, form.decimal_mark)
        return form

    def settle_mark(self, rows: Iterable[CsvRow]) -> "CsvForm":
        """The form with the decimal mark of most numbers in these rows; unchanged if it is known, or no row shows it.

        1.234 and 1,234 do not show it: they may be thousands.
        """
        if self.decimal_mark:
            return self
        plain: list[str] = []
        marked: list[str] = []
        for row in rows:
            for name, column in self._numbers:
                if column < len(row.cells):
                    (marked if name in self._marks else plain).append(row.cells[column])
        mark = find_decimal_mark(plain, marked)
        if not mark:
            return self
        form = copy(self)
        form.decimal_mark = mark
        form._readers = form._make_readers()
        return form

    @property
    def plain_mark(self) -> str:
        """The decimal mark for a number without other marks: if it is not known, a point where commas delimit."""
        return self.decimal_mark or ("." if self.delimiter == "," else "")

    def make_reader(self, name: str) -> Callable[[str], object]:
        """A function that reads the cells of a field that is not a category, as number_reader makes it."""
        marks = self._marks.get(name)
        is_known = bool(self.decimal_mark) and not self._reads_each
        if marks and marks.decimal_comma and (self.delimiter, self.decimal_mark) == (",", "."):
            is_known = False  # points are usual where commas delimit, whatever a marked cell has
        return number_reader(self.plain_mark, marks, is_known=is_known)

    def _make_readers(self) -> list[tuple[str, int, Callable[[str], object]]]:
        """The name, column and reader of each field that is not a category."""
        return [(name, column, self.make_reader(name)) for name, column in self._numbers]

    def read_customer(self, row: CsvRow) -> dict[str, object]:
        """A row's fields by name, in the spelling that Scorer.log_odds reads fastest.

        Raises CustomerError for a row with another number of cells than the header.
        """
        if len(row.cells) != len(self.header):
            expected = f"{len(self.header)} cells, as in the header"
            raise CustomerError([Problem(None, "wrong number of cells", expected)])
        customer: dict[str, object] = {name: clean(row.cells[column]) for name, column in self._categories}
        for name, column, read in self._readers:
            customer[name] = read(row.cells[column])
        return customer


class CsvRows:
    """The customers in some bytes of a form, in order: a whole CSV, or a part of one without its header.

    `first_line` is the line on which a part begins, None for a whole CSV. A row whose cells are all blank is not a
    customer, and blank cells beyond the header's are removed. After the rows have been read, `total` is the number of
    rows below the header, blank ones included.
    """

    def __init__(
        self, content: bytes, form: CsvForm, *, first_line: int | None = None, max_rows: int | None = None
    ) -> None:
        self.form = form
        self.has_header = first_line is None
        self.total = 0
        self._content = content
        self._start = form.header_end if first_line is None else 0
        self._lines_before = form.header_line if first_line is None else first_line - 1
        self._max_rows = max_rows

    def __iter__(self) -> Iterator[CsvRow]:
        """Raises CsvError on reaching bytes that are not a CSV in UTF-8, or more than `max_rows` customers.

        With `max_rows` the number of blank rows is limited, too.
        """
        header_row, width = self.form.header_row, len(self.form.header)
        max_blank_rows = None if self._max_rows is None else MAX_BLANK_ROWS
        lines = BoundedLines(self._content, start=self._start, lines_before=self._lines_before)
        lines.rows = header_row
        rows = read_rows(lines, self.form.delimiter, max_blank_rows=max_blank_rows)
        for number, (line, cells) in enumerate(rows):
            if self._max_rows is not None and number >= self._max_rows:
                raise CsvTooLargeError(f"it has more than {self._max_rows:,} customers", line=line)
            yield CsvRow(number, lines.rows, drop_surplus(cells, width))
        self.total = lines.rows - header_row


def read_csv(content: bytes, contract: Contract, *, max_rows: int, decimal_mark: str | None = None) -> CsvRows:
    """The customers of a whole CSV, with its form; `decimal_mark` is that of CsvForm.

    Raises CsvError and CustomerError as CsvForm does. Also raises CsvError while rows are read, which it does at once
    to find their decimal mark.
    """
    form = CsvForm(content, contract, decimal_mark=decimal_mark)
    form = form.find_mark(CsvRows(content, form, max_rows=max_rows))
    return CsvRows(content, form, max_rows=max_rows)


def _first_rows(rows: Iterable[CsvRow]) -> Iterator[CsvRow]:
    """The rows that decide on the decimal mark together."""
    characters = 0
    for row in islice(rows, MARK_ROWS):
        yield row
        characters += sum(map(len, row.cells))
        if characters > MARK_CHARACTERS:
            return


def _written_mark(delimiter: str, decimal_mark: str) -> str:
    """The decimal mark for an answer's numbers: the CSV's own, else the one that is usual with its delimiter."""
    return "." if delimiter == "," else decimal_mark or ("," if delimiter == ";" else ".")


def find_fields_header(content: bytes, contract: Contract, renaming: Renaming) -> Header:
    """The first of the rows that name the most fields. Raises CsvError when there is no row."""
    names = {field.name for field in contract.fields}
    return find_header(content, lambda cells: renaming.count_fields(cells, names), perfect=len(names))


def _line_end(content: bytes) -> str:
    """The line end of the first line."""
    newline, carriage_return = content.find(b"\n"), content.find(b"\r")
    if carriage_return < 0 or 0 <= newline < carriage_return:
        return "\n"
    return "\r\n" if newline == carriage_return + 1 else "\r"
