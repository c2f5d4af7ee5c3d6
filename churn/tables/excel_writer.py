"""Writes a table as an Excel workbook (.xlsx) in pieces, in constant memory, straight into its file.

Owns the workbook's form: one worksheet, a frozen header, a filter. Numbers, booleans and dates are written as such;
texts always as texts, never as formulas or links. The same table gives the same bytes: no time, no name is in it.
"""

import math
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, BinaryIO
from xml.sax.saxutils import escape  # it writes, and reads nothing

from churn.errors import WriteError
from churn.files import replacing
from churn.tables.excel_cells import (
    LONGEST_TEXT,
    MAX_COLUMNS,
    MAX_ROWS,
    MOST_WHOLE,
    Cell,
    CellError,
    Percent,
    column_letters,
    date_serial,
    spell_text,
    time_serial,
)
from churn.tables.excel_form import (
    BOOK_RELATIONS,
    CONTENT_TYPES,
    DAY,
    DECLARATION,
    HEADER,
    MAIN,
    MOMENT,
    QUOTED,
    RELATIONS,
    ROOT_RELATIONS,
    SHARE,
    STYLES,
    TIME,
)

MAX_SHEET_BYTES = 2**31 - 1
"""The sheet's XML before it is compressed: more would need zip64, which Excel does not open everywhere."""

_PIECE_CHARACTERS = 64 * 1024
_NARROWEST, _WIDEST = 10, 40  # characters of a column
_MEASURED_ROWS = 100
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FORBIDDEN_IN_A_NAME = str.maketrans("[]:*?/\\'", "________")


class WorkbookWriter:
    """Writes a header and then rows of as many cells to a file, which need not be one that can be sought in.

    None, a NaN and an empty text are empty cells. A whole number of more digits than Excel keeps (15), a date that
    Excel has not, or one with a time zone, is written as text; a CellError as an error of Excel. Control characters
    are spelled as Excel spells them. Raises WriteError for what a workbook can't hold, and OSError.
    """

    def __init__(self, file: BinaryIO, header: Sequence[str], *, name: Path, worksheet: str = "customers") -> None:
        self._name = name
        self._worksheet = worksheet.translate(_FORBIDDEN_IN_A_NAME)[:31] or "customers"
        self._columns = [column_letters(place) for place in range(len(header))]
        if not 0 < len(header) <= MAX_COLUMNS:
            raise self._refuse(f"a sheet holds 1 to {MAX_COLUMNS:,} columns, and the table has {len(header):,}")
        self._widths = [_NARROWEST] * len(header)
        self._row = 0
        self._rows: list[str] = []
        self._characters = 0
        self._sheet_bytes = 0
        self._is_begun = False
        self._archive = zipfile.ZipFile(file, "w")
        self._open: list[IO[bytes] | zipfile.ZipFile] = [self._archive]
        try:
            self._begin(header)
        except BaseException:
            self.abandon()
            raise

    def write_rows(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Writes rows under those before."""
        for row in rows:
            self._write_row(row)

    def close(self) -> None:
        """Writes what comes last; before it the file is no workbook."""
        self._flush()
        last = f"{self._columns[-1]}{self._row}"
        self._put(f'</sheetData><autoFilter ref="A1:{last}"/></worksheet>')
        self._sheet.close()
        sheet = escape(spell_text(self._worksheet), {'"': "&quot;"})
        book = (
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><bookViews><workbookView/></bookViews>'
            f'<sheets><sheet name="{sheet}" sheetId="1" r:id="rId1"/></sheets>'
            '<definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">'
            f"'{sheet}'!$A$1:${self._columns[-1]}${self._row}</definedName></definedNames></workbook>"
        )
        self._write_part("xl/workbook.xml", book)
        self._archive.close()

    def abandon(self) -> None:
        """Lets go of the file, whatever happened to it."""
        while self._open:
            with suppress(OSError, ValueError, RuntimeError):
                self._open.pop().close()

    def _begin(self, header: Sequence[str]) -> None:
        self._write_part("[Content_Types].xml", CONTENT_TYPES)
        self._write_part("_rels/.rels", ROOT_RELATIONS)
        self._write_part("xl/_rels/workbook.xml.rels", BOOK_RELATIONS)
        self._write_part("xl/styles.xml", STYLES)
        self._sheet = self._archive.open(_entry("xl/worksheets/sheet1.xml"), "w")
        self._open.append(self._sheet)
        self._write_row(header, text_style=HEADER)

    def _write_row(self, row: Sequence[Cell], *, text_style: int = 0) -> None:
        self._row += 1
        if self._row > MAX_ROWS:
            raise self._refuse(f"a sheet holds {MAX_ROWS:,} rows, the header's too, and the table has more")
        cells = [
            self._spell(column, value, text_style)
            for column, value in zip(self._columns, row, strict=True)
            if value is not None
        ]
        if self._row <= _MEASURED_ROWS:
            for place, value in enumerate(row):
                self._widths[place] = max(self._widths[place], min(len(str(value)) + 3, _WIDEST))
        line = f'<row r="{self._row}">{"".join(cells)}</row>'
        self._rows.append(line)
        self._characters += len(line)
        if self._characters > _PIECE_CHARACTERS:
            self._flush()

    def _spell(self, column: str, value: Cell, text_style: int) -> str:
        """A cell's XML. Raises WriteError, and TypeError for what is no cell."""
        place = f"{column}{self._row}"
        if isinstance(value, str):
            return self._spell_text(place, value, text_style)
        if isinstance(value, bool):
            return f'<c r="{place}" t="b"><v>{value:d}</v></c>'
        if isinstance(value, int):
            exact = -MOST_WHOLE <= value <= MOST_WHOLE
            return f'<c r="{place}"><v>{value}</v></c>' if exact else self._spell_text(place, str(value), text_style)
        if isinstance(value, float):
            return self._spell_float(place, value)
        if isinstance(value, CellError):
            return f'<c r="{place}" t="e"><v>{escape(value.code)}</v></c>'
        if isinstance(value, time):
            serial: float | None = time_serial(value) if value.tzinfo is None else None
            style = TIME
        elif isinstance(value, date):
            serial, style = date_serial(value), MOMENT if isinstance(value, datetime) else DAY
        else:
            raise TypeError(f"a {type(value).__name__} is no cell")
        if serial is None:
            return self._spell_text(place, value.isoformat(), text_style)
        return f'<c r="{place}" s="{style}"><v>{serial!r}</v></c>'

    def _spell_float(self, place: str, value: float) -> str:
        if math.isnan(value):
            return ""
        if math.isinf(value):
            raise self._refuse(f"its cell {place} is infinite, and a workbook's numbers are not")
        style = f' s="{SHARE}"' if isinstance(value, Percent) else ""
        return f'<c r="{place}"{style}><v>{float(value)!r}</v></c>'

    def _spell_text(self, place: str, text: str, style: int) -> str:
        if not text:
            return ""
        if len(text) > LONGEST_TEXT // 2 and len(text.encode("utf-16-le", "replace")) // 2 > LONGEST_TEXT:
            raise self._refuse(
                f"its cell {place} has more than {LONGEST_TEXT:,} characters, the most of a cell in Excel"
            )
        if not style and text.startswith(_STARTS_A_FORMULA):
            style = QUOTED  # so that it stays text when a user edits it
        spelled = escape(spell_text(text))
        styled = f' s="{style}"' if style else ""
        kept = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() or "\n" in text else ""
        return f'<c r="{place}"{styled} t="inlineStr"><is><t{kept}>{spelled}</t></is></c>'

    def _flush(self) -> None:
        if not self._is_begun:
            self._is_begun = True
            self._put(DECLARATION + self._begin_sheet())
        self._put("".join(self._rows))
        self._rows.clear()
        self._characters = 0

    def _begin_sheet(self) -> str:
        """What is above the rows: the frozen header, and widths that fit the first of them."""
        widths = (
            f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
            for place, width in enumerate(self._widths, start=1)
        )
        return (
            f'<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f"<cols>{''.join(widths)}</cols><sheetData>"
        )

    def _put(self, text: str) -> None:
        content = text.encode()
        self._sheet_bytes += len(content)
        if self._sheet_bytes > MAX_SHEET_BYTES - _PIECE_CHARACTERS:
            raise self._refuse("the table is too large for a workbook")
        self._sheet.write(content)

    def _write_part(self, name: str, content: str) -> None:
        self._archive.writestr(_entry(name), DECLARATION + content)

    def _refuse(self, reason: str) -> WriteError:
        return WriteError(str(self._name), f"{reason}; write a CSV")


@contextmanager
def writing_workbook(
    path: Path, header: Sequence[str], *, worksheet: str = "customers", like: os.stat_result | None = None
) -> Iterator[WorkbookWriter]:
    """Writes a workbook that takes the place of the file at `path` when all went well; see churn.files.replacing.

    Raises WriteError for what a workbook can't hold, and OSError; the old file still stands then.
    """
    with replacing(path, like=like) as file:
        writer = WorkbookWriter(file, header, name=path, worksheet=worksheet)
        try:
            yield writer
            writer.close()
        finally:
            writer.abandon()


def _entry(name: str) -> zipfile.ZipInfo:
    """A part's entry in the archive, the same whenever and wherever it is written."""
    entry = zipfile.ZipInfo(name)  # of 1980, the first year that an archive has
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    return entry
