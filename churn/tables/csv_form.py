"""A CSV of customers, as programs and spreadsheets write it: finds its delimiter, decimal mark and line ends, and
reads its customers.

Owns the form. How lines become rows is csv_lines', what a customer must be the contract's, and what becomes of a row
csv_rows'.
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
"""The first rows, whose numbers say together which mark is decimal; where none does, the first one that says it."""
MARK_CHARACTERS = 64 * 1024
"""In the cells of these rows; wide ones are fewer, so that the first piece of a larger table has all of them."""


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One customer's cells. `number` counts customers from 0; `spreadsheet_row` counts rows from 1 as a spreadsheet
    does: blank ones too, and a row is one however many line ends its cells hold.
    """

    number: int
    spreadsheet_row: int
    cells: list[str]


class CsvForm:
    """How a CSV of customers is written; its header has every field of a contract, in any spelling, among others.

    `header` are the header's cells, `header_row` is its row as a spreadsheet counts; it ends with the byte
    `header_end` and the line `header_line`. `preamble` is what stands above it: a byte order mark, a title of so many
    `title_rows`. `field_columns` are the numbers, from 0, of the columns with each field's cells. `decimal_mark` is
    the one of the numbers, "" as long as none of them says it; `is_mark_given` that it was said from outside. Numbers
    of ours are written with `written_mark`, one for all rows.

    It is made of the first bytes of a CSV, of which it reads the header and no more: see find_mark. A renaming is for
    columns of other names, and `decimal_mark` for a CSV whose mark is known: "" where no row before it has said it,
    EACH where the cells are a workbook's. `header` is find_fields_header's, where it is known.
    Raises CsvError for bytes that are no CSV in UTF-8, and for a renamed column that is not there, and
    CustomerError for a header that lacks a field or has one twice.
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
        """The form with the mark that most numbers of the first rows have, unless it is given."""
        if self.is_mark_given:
            return self
        form = copy(self.settle_mark(_first_rows(rows)))
        form.written_mark = _written_mark(form.delimiter, form.decimal_mark)
        return form

    def settle_mark(self, rows: Iterable[CsvRow]) -> "CsvForm":
        """The form with the mark that most numbers of these rows have; itself where that is known, or none says it.

        1.234 and 1,234 say nothing: they may be thousands.
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
        """The mark with which a number without marks is read: a point between commas, where nothing else says it."""
        return self.decimal_mark or ("." if self.delimiter == "," else "")

    def make_reader(self, name: str) -> Callable[[str], object]:
        """What reads a cell of a field that is no category, as number_reader does."""
        marks = self._marks.get(name)
        is_known = bool(self.decimal_mark) and not self._reads_each
        if marks and marks.decimal_comma and (self.delimiter, self.decimal_mark) == (",", "."):
            is_known = False  # points between commas are usual, whatever a marked cell has
        return number_reader(self.plain_mark, marks, is_known=is_known)

    def _make_readers(self) -> list[tuple[str, int, Callable[[str], object]]]:
        """The name, column and reader of each field that is no category."""
        return [(name, column, self.make_reader(name)) for name, column in self._numbers]

    def read_customer(self, row: CsvRow) -> dict[str, object]:
        """A row's fields, by name, spelled as Scorer.log_odds takes them at its fastest.

        Raises CustomerError for a row that has not as many cells as the header.
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

    `first_line` is the line on which a part begins, None for a whole CSV. A row whose cells are all blank is no
    customer, and blank cells past the header's are left out. `total` is, once they have been read, how many rows
    there are under the header, blank ones included.
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
        """Raises CsvError as it comes to what is no CSV in UTF-8, or to more than `max_rows` customers.

        Where these are limited, blank rows are, too.
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
    """The customers of a whole CSV, and its form; `decimal_mark` is as CsvForm takes it.

    Raises CsvError and CustomerError as CsvForm does, and CsvError as its rows are read, at first for their decimal
    mark.
    """
    form = CsvForm(content, contract, decimal_mark=decimal_mark)
    form = form.find_mark(CsvRows(content, form, max_rows=max_rows))
    return CsvRows(content, form, max_rows=max_rows)


def _first_rows(rows: Iterable[CsvRow]) -> Iterator[CsvRow]:
    """The rows that say together which mark is decimal."""
    characters = 0
    for row in islice(rows, MARK_ROWS):
        yield row
        characters += sum(map(len, row.cells))
        if characters > MARK_CHARACTERS:
            return


def _written_mark(delimiter: str, decimal_mark: str) -> str:
    """The decimal mark for numbers of ours: the CSV's own, else what spreadsheets write beside its delimiter."""
    return "." if delimiter == "," else decimal_mark or ("," if delimiter == ";" else ".")


def find_fields_header(content: bytes, contract: Contract, renaming: Renaming) -> Header:
    """The first row that names the most fields. Raises CsvError when there is no row."""
    names = {field.name for field in contract.fields}
    return find_header(content, lambda cells: renaming.count_fields(cells, names), perfect=len(names))


def _line_end(content: bytes) -> str:
    """What ends the first line."""
    newline, carriage_return = content.find(b"\n"), content.find(b"\r")
    if carriage_return < 0 or 0 <= newline < carriage_return:
        return "\n"
    return "\r\n" if newline == carriage_return + 1 else "\r"
