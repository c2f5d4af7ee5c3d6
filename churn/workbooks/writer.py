"""Writes a table as an Excel workbook (.xlsx) in pieces and in constant memory, with XlsxWriter.

Owns the kind of cell for each value, and the folder of XlsxWriter's temporary files. Numbers, booleans and dates are
written as such; texts always as texts, never as formulas or links. The same table gives the same bytes.
"""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from datetime import date, datetime, time
from pathlib import Path
from typing import BinaryIO, NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError, FileSizeError
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from churn.errors import WriteError
from churn.files import side_folder
from churn.workbooks.cells import (
    MAX_COLUMNS,
    MAX_ROWS,
    MOST_WHOLE,
    Cell,
    CellError,
    Percent,
    spell_sheet_name,
    spell_text,
)
from churn.workbooks.output import Output
from churn.workbooks.rows import SheetRow

_LARGEST_NUMBER = 9.99999999999999e307  # Excel's limit for a cell
_LONGEST_TEXT = 32_767  # Excel's limit for a cell, in UTF-16 code units
_FIRST_MONTH = (1900, 3)  # before this month Excel's count of days is wrong
_NARROWEST, _WIDEST = 10, 40  # widths of a column, in characters
_MEASURED_ROWS = 100
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ERRORS = {"#N/A", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!"}  # known to every version of Excel
_CREATED = datetime(1980, 1, 1)  # a workbook needs a time of creation; a fixed one gives the same bytes each time
_FORMATS = {
    "header": {"bold": True, "quote_prefix": True},
    "formula": {"quote_prefix": True},  # a text that looks like a formula stays a text when a user edits it
    "percent": {"num_format": "0.00%"},
    "date": {"num_format": "yyyy-mm-dd"},
    "datetime": {"num_format": "yyyy-mm-dd hh:mm:ss"},
    "time": {"num_format": "hh:mm:ss"},
}


class Place(NamedTuple):
    """The place of a table: the worksheet's name, the row of the header, and the title rows above it."""

    worksheet: str = "customers"
    header_row: int = 1
    title: Sequence[SheetRow] = ()


class WorkbookWriter:
    """Writes a header and then rows of at least as many cells to a file, which need not be seekable.

    The further cells of a longer row are to the right of the table.

    None, a NaN and an empty text become empty cells. A number keeps all of its digits. A whole number with more than
    the 15 digits that Excel keeps, a date outside Excel's range and a date with a time zone are written as text, a
    CellError as an error of Excel. Temporary files are in a private folder next to the file `beside`. Raises
    WriteError for a value that a workbook can't contain, and OSError.
    """

    def __init__(
        self,
        file: BinaryIO,
        header: Sequence[Cell],
        *,
        name: Path,
        beside: Path | None = None,
        place: Place = Place(),  # noqa: B008 (it is never changed)
    ) -> None:
        self._name = name
        if not 0 < len(header) <= MAX_COLUMNS:
            raise self._refuse(f"a sheet holds 1 to {MAX_COLUMNS:,} columns, and the table has {len(header):,}")
        self._widths = [_NARROWEST] * len(header)
        self._header_row = place.header_row - 1
        with ExitStack() as opened:
            folder = opened.enter_context(side_folder(beside))
            output = Output(file)
            opened.callback(output.abandon)
            self._book = Workbook(output, {"constant_memory": True, "tmpdir": str(folder)})
            self._book.set_properties({"created": _CREATED})
            self._formats: dict[str, Format] = {key: self._book.add_format(form) for key, form in _FORMATS.items()}
            self._sheet = self._book.add_worksheet(spell_sheet_name(place.worksheet), worksheet_class=_Sheet)
            opened.callback(self._sheet.abandon)
            self._sheet.freeze_panes(place.header_row, 0)
            for self._row, cells in ((row.number - 1, row.cells) for row in place.title):
                self._write_cells(cells)
            self._row = self._header_row
            self._write_row(header, self._formats["header"])
            self._opened = opened.pop_all()

    def write_rows(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Appends rows."""
        for row in rows:
            self._write_row(row)

    def close(self) -> None:
        """Writes the workbook, which before was only in temporary files, and removes these."""
        for column, width in enumerate(self._widths):
            self._sheet.set_column(column, column, width)
        self._sheet.autofilter(self._header_row, 0, self._row - 1, len(self._widths) - 1)
        try:
            self._book.close()
        except FileCreateError as error:
            raise error.args[0] from None  # the OSError
        except FileSizeError:
            raise self._refuse("the table is too large for a workbook") from None
        self.abandon()

    def abandon(self) -> None:
        """Removes the temporary files and releases the output file, written or not."""
        self._opened.close()

    def _write_row(self, row: Sequence[Cell], style: Format | None = None) -> None:
        if len(row) < len(self._widths):
            raise ValueError(f"a row has {len(row)} cells and the header {len(self._widths)}")
        if self._row == MAX_ROWS:
            raise self._refuse(f"a sheet holds {MAX_ROWS:,} rows, the header's too, and the table has more")
        if self._row - self._header_row < _MEASURED_ROWS:
            self._widths = [
                max(width, min(len(str(value)) + 3, _WIDEST)) if value is not None else width
                for width, value in zip(self._widths, row, strict=False)
            ]
        self._write_cells(row, style)
        self._row += 1

    def _write_cells(self, row: Sequence[Cell], style: Format | None = None) -> None:
        if len(row) > MAX_COLUMNS:
            raise self._refuse(f"a sheet holds {MAX_COLUMNS:,} columns, and row {self._row + 1:,} has {len(row):,}")
        for column, value in enumerate(row):
            if value is not None:
                self._write_cell(column, value, style)

    def _write_cell(self, column: int, value: Cell, style: Format | None) -> None:
        """Raises WriteError, and TypeError for a value that is not a Cell."""
        if isinstance(value, str):
            self._write_text(column, value, style)
        elif isinstance(value, bool):
            self._sheet.write_boolean(self._row, column, value)
        elif isinstance(value, int):
            if abs(value) <= MOST_WHOLE:
                self._sheet.write_number(self._row, column, value)
            else:
                self._write_text(column, str(value))
        elif isinstance(value, float):
            self._write_float(column, value)
        elif isinstance(value, date | time):
            self._write_moment(column, value)
        elif isinstance(value, CellError):
            code = value.code if value.code in _ERRORS else "#VALUE!"
            self._sheet.write_formula(self._row, column, f"={code}", None, code)
        else:
            raise TypeError(f"a {type(value).__name__} is not a cell")

    def _write_float(self, column: int, value: float) -> None:
        if abs(value) > _LARGEST_NUMBER:
            raise self._refuse(f"its cell {self._place(column)} is infinite or has more than 308 digits")
        if value == value:  # a NaN is not
            style = self._formats["percent"] if isinstance(value, Percent) else None
            self._sheet.write_number(self._row, column, value, style)

    def _write_moment(self, column: int, value: date | time) -> None:
        is_known = isinstance(value, time) or (value.year, value.month) >= _FIRST_MONTH
        if is_known and (not isinstance(value, datetime | time) or value.tzinfo is None):
            kind = "time" if isinstance(value, time) else "datetime" if isinstance(value, datetime) else "date"
            self._sheet.write_datetime(self._row, column, value, self._formats[kind])
        else:
            self._write_text(column, value.isoformat())

    def _write_text(self, column: int, text: str, style: Format | None = None) -> None:
        """Writes a text as a text: write_string is the method of XlsxWriter that never interprets it."""
        if not text:
            return
        if style is None and text.startswith(_STARTS_A_FORMULA):
            style = self._formats["formula"]
        if self._sheet.write_string(self._row, column, text, style):  # XlsxWriter has cut the text
            place = self._place(column)
            raise self._refuse(
                f"its cell {place} has more than {_LONGEST_TEXT:,} characters, the most of a cell in Excel"
            )

    def _place(self, column: int) -> str:
        return str(xl_rowcol_to_cell(self._row, column))

    def _refuse(self, reason: str) -> WriteError:
        return WriteError(str(self._name), f"{reason}; write a CSV")


class _Sheet(Worksheet):  # type: ignore[misc]  # xlsxwriter has no types
    """A worksheet of XlsxWriter that spells texts and numbers correctly, and can be abandoned."""

    @staticmethod
    def _escape_control_characters(text: object) -> object:
        """A text as a workbook spells it.

        XlsxWriter itself would write a text from <r> to </r> as XML, escape only the first of two escapes that share
        an underscore (_x0041_x0042_), and fail on a lone surrogate.
        """
        if not isinstance(text, str):
            return text
        spelled = spell_text(text)
        return f"_x003C_{spelled[1:]}" if spelled.startswith("<r>") and spelled.endswith("</r>") else spelled

    def _xml_number_element(self, number: float, attributes: Sequence[tuple[str, object]] = ()) -> None:
        """Writes the cell of a number with all of its digits: XlsxWriter writes 16, and a double may need 17."""
        spelled = "".join(f' {name}="{value}"' for name, value in attributes)
        digits = number if type(number) is int else repr(float(number))
        self.fh.write(f"<c{spelled}><v>{digits}</v></c>")

    def abandon(self) -> None:
        """Closes the temporary files, which XlsxWriter closes only after writing the workbook."""
        for file in (self.fh, self.row_data_fh):
            with suppress(OSError, ValueError):
                file.close()
