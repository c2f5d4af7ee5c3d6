"""Makes rows of cells from the XML of a worksheet, one element at a time.

Owns the place and the type of each cell. A cell that shows an error, and a formula without a calculated value, is a
CellError and never a blank.
"""

from pathlib import Path
from typing import NamedTuple

from churn.workbooks.book import LONG_TEXT, MAX_TEXT_CHARACTERS, NAMESPACES, Book
from churn.workbooks.cells import (
    MAX_COLUMNS,
    MAX_ROWS,
    NO_BOOLEAN,
    NO_VALUE,
    Cell,
    CellError,
    Shown,
    read_column,
    read_error,
    read_iso,
    read_number_cell,
    read_text,
)
from churn.workbooks.parts import PartReader, damage_error, size_error

MAX_CELLS = 100_000_000
"""The most cells of a sheet, including empty ones: a million rows of 95 columns."""

MAX_MERGED = 10_000
"""The most ranges of merged cells; a table of customers has none, or a few above its header."""

_TRUE = ("1", "true")
_BOOLEANS = {"1": True, "true": True, "0": False, "false": False}


class SheetRow(NamedTuple):
    """A row with a filled cell. `number` is its row in the spreadsheet; the cells end with the last filled one."""

    number: int
    cells: list[Cell]


class RowsReader(PartReader):
    """Makes rows of a sheet's elements. `rows` are the new rows, `number` is the current row.

    `hidden_rows` counts the filled rows that are hidden. `shared_characters` counts the characters of the shared
    texts, those of a text once for each cell that refers to it.
    """

    def __init__(self, path: Path, book: Book, texts: list[str], formats: dict[str, Shown]) -> None:
        super().__init__()
        self.rows: list[SheetRow] = []
        self.merged: list[str] = []
        self.number = self.hidden_rows = self.rows_begun = self.shared_characters = 0
        self.is_in_row = False
        self._is_hidden = False
        self._path = path
        self._book = book
        self._texts = texts
        self._formats = formats
        self._row_text = ""
        self._cells: list[Cell] = []
        self._cell_count = 0
        self._columns: dict[str, int] = {}
        self._name_elements(NAMESPACES[0])
        self._column = -1
        self._type = ""
        self._style: str | None = None
        self._text = ""
        self._has_formula = self._has_value = self._takes_text = self._is_phonetic = False

    def _name_elements(self, namespace: str) -> None:
        names = ("row", "c", "v", "t", "f", "rPh", "mergeCell")
        self._row, self._c, self._v, self._t, self._f, self._phonetic, self._merge = (
            f"{namespace} {name}" for name in names
        )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if name == self._c:
            self._column = self._find_column(attributes.get("r"))
            self._type = attributes.get("t", "n")
            self._style = attributes.get("s")
            self._has_formula = self._has_value = False
            self._text = ""
        elif name == self._v or name == self._t:
            self._has_value = True
            self._takes_text = not self._is_phonetic
        elif name == self._f:
            self._has_formula = True
        elif name == self._row:
            self._begin_row(attributes)
        elif name == self._phonetic:
            self._is_phonetic = True
        elif name == self._merge:
            self.merged.append(attributes.get("ref", "")[:40])
            if len(self.merged) > MAX_MERGED:
                raise size_error(self._path, f"it has more than {MAX_MERGED:,} groups of merged cells")
        elif self.depth == 1:
            namespace, _, element = name.rpartition(" ")
            if element != "worksheet" or namespace not in NAMESPACES:
                raise damage_error(self._path, "its sheet is not a worksheet")
            self._name_elements(namespace)

    def text(self, text: str) -> None:
        if self._takes_text:
            self._text += text
            if len(self._text) > MAX_TEXT_CHARACTERS:
                raise size_error(self._path, LONG_TEXT, row=self.number)

    def end(self, name: str) -> None:
        self.depth -= 1
        if name == self._v or name == self._t:
            self._takes_text = False
        elif name == self._c:
            value = self._read_cell()
            if value is not None:
                if self._column > len(self._cells):
                    self._cells.extend([None] * (self._column - len(self._cells)))
                self._cells.append(value)
        elif name == self._row:
            self._end_row()
        elif name == self._phonetic:
            self._is_phonetic = False

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._row_text = attributes.get("r") or str(self.number + 1)
        number = int(self._row_text) if self._row_text.isdecimal() and len(self._row_text) < 10 else 0
        if not self.number < number <= MAX_ROWS:
            raise damage_error(self._path, "its rows are not in order", row=self.number)
        self.number = number
        self._is_hidden = attributes.get("hidden") in _TRUE
        self.rows_begun += 1
        self.is_in_row = True
        self._column = -1
        self._cells = []

    def _end_row(self) -> None:
        self.is_in_row = False
        self._cell_count += self._column + 1
        if self._cell_count > MAX_CELLS:
            raise size_error(self._path, f"it has more than {MAX_CELLS:,} cells", row=self.number)
        if self._cells:
            self.rows.append(SheetRow(self.number, self._cells))
            self.hidden_rows += self._is_hidden

    def _find_column(self, reference: str | None) -> int:
        """The column of a cell, from 0, which must be to the right of the last cell's."""
        column = self._column + 1
        if reference is not None:
            letters = reference.rstrip("0123456789")
            column = self._columns[letters] if letters in self._columns else self._read_letters(letters)
            if column <= self._column or reference[len(letters) :] != self._row_text:
                raise damage_error(self._path, "its cells are not in order", row=self.number)
        if column >= MAX_COLUMNS or not self.is_in_row:
            raise damage_error(self._path, "a cell is outside the sheet", row=self.number)
        return column

    def _read_letters(self, letters: str) -> int:
        """The column with these letters, stored for the next rows."""
        column = read_column(letters)
        if column is None:
            raise damage_error(self._path, "a cell has no valid place", row=self.number)
        self._columns[letters] = column
        return column

    def _find_text(self, number: str) -> str:
        if not (number.isascii() and number.isdigit() and len(number) < 10 and int(number) < len(self._texts)):
            raise damage_error(self._path, "a text of a cell is missing", row=self.number)
        text = self._texts[int(number)]
        self.shared_characters += len(text)
        return text

    def _read_cell(self) -> Cell:
        """The value of the cell that ends. Raises TableError for a reference to a missing text."""
        kind, text = self._type, self._text
        if kind == "e":
            return read_error(text.strip())
        if self._has_formula and (self._book.recalculates or not self._has_value or (not text and kind != "str")):
            return NO_VALUE
        if kind == "s" and text:
            return self._find_text(text) or None
        if kind in ("str", "inlineStr"):
            return read_text(text) or None
        if not text:
            return None
        if kind == "n":
            shown = self._formats.get(self._style) if self._style else None
            return read_number_cell(text, shown, from_1904=self._book.from_1904)
        if kind == "b":
            return _BOOLEANS.get(text.strip(), NO_BOOLEAN)
        return read_iso(text) if kind == "d" else CellError("a cell of an unknown kind")
