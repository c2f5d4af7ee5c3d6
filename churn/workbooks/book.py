"""The structure of a workbook: its sheets, shared texts, number formats and epoch of dates.

Owns the choice of the sheet. `rows` reads the rows of a sheet.
"""

import posixpath
import sys
from collections.abc import Sequence
from typing import NamedTuple

from churn.errors import TableError
from churn.workbooks.cells import Shown, read_format, read_text
from churn.workbooks.parts import PartReader, Parts, damage_error, size_error

NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
"""The usual namespace, and that of "Strict Open XML"."""

MAX_SHARED_TEXTS_BYTES = 256 * 1024 * 1024
"""The most memory for the shared texts of a workbook; a million names need a fifth of it."""

MAX_TEXT_CHARACTERS = 64 * 1024
"""The most characters of one text; Excel's own limit is half of it."""

LONG_TEXT = f"a text has more than {MAX_TEXT_CHARACTERS:,} characters"

MAX_FORMATS = 100_000
"""The most cell formats. Excel allows 65,490."""

_SMALL_PART_BYTES = 16 * 1024 * 1024
_MOST_SHEETS = 10_000
_LISTED_NAMES = 20
_PLACE_BYTES = 8  # a text's place in the list
_TEXT_BYTES = 64  # counted for an empty text, else a small file could have a hundred million of them
_TRUE = ("1", "true")
_ROOT_RELATIONS = "_rels/.rels"


class Sheet(NamedTuple):
    """A worksheet's name, its visibility, and the name of its part."""

    name: str
    is_visible: bool
    part: str


class Book:
    """A workbook: its worksheets, without charts, and the tables that its cells refer to.

    `recalculates` is True if the program that wrote it left the formulas for Excel to calculate. Raises TableError.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        root = _read_relations(parts, "")
        book = next((relation.target for relation in root.values() if relation.kind == "officeDocument"), None)
        if book is None:
            raise damage_error(parts.path, "its archive names no workbook")
        relations = _read_relations(parts, book)
        reader = _BookReader(parts)
        parts.read_all(book, reader, most_bytes=_SMALL_PART_BYTES)
        self.from_1904 = reader.from_1904
        self.recalculates = reader.recalculates
        self.sheets = [
            Sheet(name, is_visible, relations[identifier].target)
            for name, is_visible, identifier in reader.sheets
            if identifier in relations and relations[identifier].kind == "worksheet"
        ]
        self._targets = {relation.kind: relation.target for relation in relations.values()}

    def find_sheet(self, name: str | None) -> Sheet:
        """The sheet with this name, ignoring case; for None the first visible one. Raises TableError."""
        if not self.sheets:
            raise TableError(self._parts.path, "it has no worksheet, only charts; give a workbook with a table")
        if name is None:
            return next((sheet for sheet in self.sheets if sheet.is_visible), self.sheets[0])
        for spelled in (str, str.casefold):
            for sheet in self.sheets:
                if spelled(sheet.name) == spelled(name):
                    return sheet
        names = list_names([sheet.name for sheet in self.sheets])
        raise TableError(self._parts.path, f"it has no worksheet {name!r}; its worksheets are {names}")

    def read_texts(self) -> list[str]:
        """The shared texts, to which cells refer by number. Raises TableError."""
        reader = _TextsReader(self._parts)
        if part := self._targets.get("sharedStrings"):
            for _ in self._parts.read(part, reader):
                reader.check_size()
        return reader.texts

    def read_formats(self) -> dict[str, Shown]:
        """The styles that show a number as a percentage or a date, by the style's number as text."""
        reader = _FormatsReader(self._parts)
        if part := self._targets.get("styles"):
            self._parts.read_all(part, reader, most_bytes=_SMALL_PART_BYTES)
        return reader.formats


def list_names(names: Sequence[str]) -> str:
    """The names of the first twenty worksheets, and the number of further ones, in words."""
    more = f" and {len(names) - _LISTED_NAMES} more" if len(names) > _LISTED_NAMES else ""
    return ", ".join(map(repr, names[:_LISTED_NAMES])) + more


class _Relation(NamedTuple):
    kind: str
    target: str


def _read_relations(parts: Parts, part: str) -> dict[str, _Relation]:
    """The relations of a part, by identifier; those of the whole archive for ""."""
    folder, name = posixpath.split(part)
    reader = _RelationsReader(parts, folder)
    relations = posixpath.join(folder, "_rels", f"{name}.rels") if part else _ROOT_RELATIONS
    parts.read_all(relations, reader, most_bytes=_SMALL_PART_BYTES)
    return reader.relations


class _RelationsReader(PartReader):
    def __init__(self, parts: Parts, folder: str) -> None:
        super().__init__()
        self.relations: dict[str, _Relation] = {}
        self._parts = parts
        self._folder = folder

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        if _local_name(name) == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = posixpath.join("/", self._folder, attributes.get("Target", "").replace("\\", "/").lower())
            self.relations[attributes.get("Id", "")] = _Relation(kind, posixpath.normpath(target).lstrip("/"))
            if len(self.relations) > _MOST_SHEETS:
                raise damage_error(self._parts.path, f"it refers to more than {_MOST_SHEETS:,} parts")


class _BookReader(PartReader):
    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self.sheets: list[tuple[str, bool, str]] = []
        self.from_1904 = False
        self.recalculates = False
        self._parts = parts

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        element = _local_name(name)
        if self.depth == 1 and name not in [f"{namespace} workbook" for namespace in NAMESPACES]:
            raise damage_error(self._parts.path, "its main part is not a workbook")
        if element == "workbookPr":
            self.from_1904 = attributes.get("date1904") in _TRUE
        elif element == "calcPr":
            self.recalculates = attributes.get("fullCalcOnLoad") in _TRUE
        elif element == "sheet" and self.depth == 3:
            identifier = next((value for key, value in attributes.items() if _local_name(key) == "id"), "")
            is_visible = attributes.get("state", "visible") == "visible"
            self.sheets.append((attributes.get("name", ""), is_visible, identifier))
            if len(self.sheets) > _MOST_SHEETS:
                raise damage_error(self._parts.path, f"it has more than {_MOST_SHEETS:,} sheets")


class _TextsReader(PartReader):
    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._parts = parts
        self._bytes = 0
        self._pieces: list[str] = []
        self._is_text = False
        self._is_phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        element = _local_name(name)
        self._is_text = element == "t" and not self._is_phonetic
        self._is_phonetic |= element == "rPh"

    def text(self, text: str) -> None:
        if self._is_text:
            self._pieces.append(text)
            self._bytes += sys.getsizeof(text)

    def end(self, name: str) -> None:
        super().end(name)
        self._is_text = False
        element = _local_name(name)
        if element == "si":
            text = read_text("".join(self._pieces))
            if len(text) > MAX_TEXT_CHARACTERS:
                raise size_error(self._parts.path, LONG_TEXT)
            self.texts.append(text)
            self._pieces.clear()
            self._bytes += _TEXT_BYTES if not text else _PLACE_BYTES
        elif element == "rPh":
            self._is_phonetic = False

    def check_size(self) -> None:
        """Raises TableError when the texts take too much memory."""
        if self._bytes > MAX_SHARED_TEXTS_BYTES:
            raise size_error(self._parts.path, "the texts of the workbook take more than 256 MiB")


class _FormatsReader(PartReader):
    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self.formats: dict[str, Shown] = {}
        self._parts = parts
        self._codes: dict[int, str] = {}
        self._is_cell = False
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        element = _local_name(name)
        self._is_cell |= element == "cellXfs"
        if element == "numFmt" and not self._is_cell:
            self._codes[self._number(attributes)] = attributes.get("formatCode", "")
        elif element == "xf" and self._is_cell:
            number = self._number(attributes)
            if shown := read_format(number, self._codes.get(number)):
                self.formats[str(self._count)] = shown
            self._count += 1
        if max(self._count, len(self._codes)) > MAX_FORMATS:
            raise damage_error(self._parts.path, f"it has more than {MAX_FORMATS:,} cell formats")

    def _number(self, attributes: dict[str, str]) -> int:
        number = attributes.get("numFmtId", "0")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise damage_error(self._parts.path, "a cell format has no valid number")
        return int(number)


def _local_name(name: str) -> str:
    """An element's or attribute's name without its namespace."""
    return name.rpartition(" ")[2]
