"""Reads a worksheet of an Excel workbook (.xlsx, .xlsm) row by row, in bounded memory and time whatever it contains.

No library does this. python-calamine returns '' for an error and for a formula without a value, and openpyxl returns
None for a formula without a value and for a blank; here these must be different. A hostile workbook must also be
stopped while it is inflated: one of 1,427 bytes makes calamine allocate 512 GB, which ends the process.

Owns the file. `book` chooses its sheet, `rows` makes the rows, and `cells` reads the values of cells. Hidden rows are
read like the others, and counted. Macros, links and pictures are ignored.
"""

import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from churn.errors import TableError
from churn.tables.file_kind import describe_kind, read_kind
from churn.workbooks.book import Book, list_names
from churn.workbooks.parts import MAX_PART_BYTES, Parts, damage_error, open_parts, size_error
from churn.workbooks.rows import RowsReader, SheetRow

MAX_ROW_BYTES = 4 * 1024 * 1024
"""The most bytes of one row's XML, which is held in memory whole; 16,384 numbers need a quarter of it."""

MAX_REPEATED_RATIO = 10
"""The most characters of shared texts for each byte of the sheet that refers to them, after
ALWAYS_REPEATED_CHARACTERS.

A reference takes 25 bytes or more, so cells may have 250 characters on average. A bomb has 1,000 or more for a byte.
"""

ALWAYS_REPEATED_CHARACTERS = 64 * 1024 * 1024

_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")


class Worksheet:
    """A worksheet of a workbook. Made by read_workbook.

    `name` is its name, `names` are those of all worksheets. After the rows are read, `hidden_rows` is the number of
    filled rows that are hidden.
    """

    def __init__(self, parts: Parts, worksheet: str | None) -> None:
        book = Book(parts)
        sheet = book.find_sheet(worksheet)
        self.name = sheet.name
        self.names = tuple(sheet.name for sheet in book.sheets)
        self.hidden_rows = 0
        self._merged: list[str] = []
        self._parts = parts
        self._part = sheet.part
        self._book = book
        self._texts = book.read_texts()
        self._formats = book.read_formats()

    def rows(self) -> Iterator[SheetRow]:
        """The filled rows, in order; each call starts from the first.

        Raises TableError, when it gets there, for a sheet that is damaged or exceeds a limit.
        """
        reader = RowsReader(self._parts.path, self._book, self._texts, self._formats)
        row_bytes = rows_begun = read_bytes = 0
        for piece_bytes in self._parts.read(self._part, reader):
            row_bytes = row_bytes + piece_bytes if reader.rows_begun == rows_begun else piece_bytes
            rows_begun = reader.rows_begun
            read_bytes += piece_bytes
            self._check_texts(reader, read_bytes)
            if reader.is_in_row and row_bytes > MAX_ROW_BYTES:
                raise size_error(self._parts.path, f"a row has more than {MAX_ROW_BYTES:,} bytes", row=reader.number)
            yield from reader.rows
            reader.rows.clear()
        self.hidden_rows, self._merged = reader.hidden_rows, reader.merged

    def _check_texts(self, reader: RowsReader, read_bytes: int) -> None:
        """Raises TableError when the cells refer to far more text than the sheet has bytes."""
        most = min(MAX_PART_BYTES, max(ALWAYS_REPEATED_CHARACTERS, MAX_REPEATED_RATIO * read_bytes))
        if reader.shared_characters > most:
            reason = f"its cells repeat texts, to more than {most:,} characters in all"
            raise size_error(self._parts.path, reason, row=reader.number)

    def describe_empty(self) -> str:
        """The reason of an error for a sheet without a filled row, with what to do."""
        others = [name for name in self.names if name != self.name]
        choice = f", or name another with --worksheet: {list_names(others)}" if others else ""
        return f"its worksheet {self.name!r} is empty; it needs a header row{choice}"

    def check_merged(self, header_row: int) -> None:
        """Raises TableError when cells in or below the header are merged: all but one of them would be blank.

        Must be called after the rows are read. A merged title above the header is allowed.
        """
        for merged in self._merged:
            found = _RANGE.fullmatch(merged)
            if found is None:
                raise damage_error(self._parts.path, "its merged cells have no valid place")
            if int(found[4] or found[2]) >= header_row:
                reason = f"the cells {merged} are merged into one; unmerge them and fill each"
                raise TableError(self._parts.path, reason, row=max(int(found[2]), header_row))


@contextmanager
def read_workbook(
    source: Path | BinaryIO, *, worksheet: str | None = None, name: Path | None = None
) -> Iterator[Worksheet]:
    """The worksheet with this name; without a name, the first that is not hidden.

    `source` is a path or an open, seekable file; `name` is the file's name in errors. Raises OSError, and TableError
    for a file that is not a workbook, is damaged, has a password or exceeds a limit, and for a name that no worksheet
    has.
    """
    if isinstance(source, Path):
        if not stat.S_ISREG(source.stat().st_mode):
            raise TableError(source, "a workbook can't be read from a pipe or a device; give a file")
        with source.open("rb") as file, read_workbook(file, worksheet=worksheet, name=name or source) as sheet:
            yield sheet
        return
    path = name or Path(str(getattr(source, "name", "the workbook")))
    if not source.seekable():
        raise TableError(path, "a workbook can't be read from a pipe; give a file")
    kind = read_kind(source)
    if kind not in ("xlsx", "zip"):  # a zip with a long directory may be a workbook
        raise TableError(path, describe_kind(kind))
    with open_parts(source, path) as parts:
        if kind == "zip" and "xl/workbook.xml" not in parts:
            raise TableError(path, describe_kind(kind))
        yield Worksheet(parts, worksheet)
