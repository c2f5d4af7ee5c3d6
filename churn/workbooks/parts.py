"""The parts of a workbook's file (.xlsx): a zip archive of XML, read in bounded memory and time whatever it contains.

Owns reading the archive, inflating and parsing, each with a limit. `book` and `rows` interpret the parts.
"""

import os
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat  # safe against entities, since every DTD is refused

from churn.errors import TableError

MAX_PARTS = 10_000
"""The most files in the archive. Excel writes one for each sheet, chart and picture."""

MAX_DIRECTORY_BYTES = 2 * 1024 * 1024
"""The largest directory of the archive, which is read whole; 10,000 files need half of it."""

MAX_PART_BYTES = 2**31 - 1
"""The most inflated bytes of a part: a million rows of 40 columns. With MAX_CELLS it bounds the time to minutes."""

MAX_RATIO = 200
"""The most inflated bytes for each byte in the file, after the first 64 MiB. Sheets have 5 to 30, bombs 1,000."""

MAX_TOKEN_BYTES = 1024 * 1024
"""The largest tag, comment or attribute, which the XML parser holds in memory whole."""

MAX_NAMES = 10_000
"""The most different names of elements and attributes, which the XML parser never frees. A workbook has hundreds."""

MAX_DEPTH = 256
"""The deepest nesting of elements; a sheet has about ten levels."""

_ALWAYS_INFLATED_BYTES = 64 * 1024 * 1024
_PIECE_BYTES = 16 * 1024
_SAVE_ANEW = "open it in Excel or LibreOffice and save it again as .xlsx, or as CSV UTF-8"
_SAVE_AS_CSV = "save it as CSV UTF-8"
_END = b"PK\x05\x06"
_END_BYTES = 22
_ZIP64_LOCATOR = b"PK\x06\x07"
_ZIP64_LOCATOR_BYTES = 20
_LONGEST_COMMENT = 2**16
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)
"""The errors that zipfile raises for an archive that is broken or uses an unsupported feature."""


def damage_error(path: Path, reason: str, *, row: int | None = None) -> TableError:
    """The error for a workbook that breaks the rules of its format."""
    return TableError(path, f"it is a damaged workbook, {reason}; {_SAVE_ANEW}", row=row)


def size_error(path: Path, reason: str, *, row: int | None = None) -> TableError:
    """The error for a workbook that exceeds a limit."""
    return TableError(path, f"{reason}; {_SAVE_AS_CSV}", row=row)


class PartReader:
    """Receives the elements of a part in order. Names are "namespace name"; Parts.read checks `depth`."""

    def __init__(self) -> None:
        self.depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Called when an element begins."""
        self.depth += 1

    def end(self, name: str) -> None:
        """Called when an element ends."""
        self.depth -= 1

    def text(self, text: str) -> None:
        """Called with the text of an element, which may come in pieces."""


class Parts:
    """The parts of a workbook by name, in lower case and without a leading slash. Made by open_parts."""

    def __init__(self, archive: zipfile.ZipFile, path: Path, file_bytes: int) -> None:
        self.path = path
        self._archive = archive
        self._file_bytes = file_bytes
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in archive.infolist():
            name = entry.filename.replace("\\", "/").lstrip("/").lower()
            if name in self._entries:
                raise damage_error(path, "two of its parts have the same name")
            self._entries[name] = entry

    def __contains__(self, part: str) -> bool:
        return part in self._entries

    def read(self, part: str, reader: PartReader, *, most_bytes: int | None = None) -> Iterator[int]:
        """Gives a part's elements to a reader, piece by piece; yields the number of inflated bytes of each piece.

        Raises TableError for a part that is damaged or exceeds a limit, and the errors of the reader.
        """
        names: dict[str, str] = {}
        parser = expat.ParserCreate(None, " ", names)
        parser.buffer_text = True
        parser.StartElementHandler = reader.start
        parser.EndElementHandler = reader.end
        parser.CharacterDataHandler = reader.text
        parser.StartDoctypeDeclHandler = self._refuse_dtd
        fed_bytes = 0
        try:
            for piece in self._inflate(part, MAX_PART_BYTES if most_bytes is None else most_bytes):
                parser.Parse(piece)
                fed_bytes += len(piece)
                if fed_bytes - parser.CurrentByteIndex > MAX_TOKEN_BYTES:
                    raise damage_error(self.path, f"one of its tags has more than {MAX_TOKEN_BYTES:,} bytes")
                if len(names) > MAX_NAMES or reader.depth > MAX_DEPTH:
                    raise damage_error(self.path, "its XML has more names or levels than a workbook's")
                yield len(piece)
            parser.Parse(b"", True)
            yield 0  # expat may report the last elements only at the end
        except expat.ExpatError as error:
            reason = f"its part {posixpath.basename(part)} is not XML ({expat.errors.messages[error.code]})"
            raise damage_error(self.path, reason) from None

    def read_all(self, part: str, reader: PartReader, *, most_bytes: int) -> None:
        """Gives all elements of a part to a reader. Raises TableError as `read` does."""
        for _ in self.read(part, reader, most_bytes=most_bytes):
            pass

    def _inflate(self, part: str, most_bytes: int) -> Iterator[bytes]:
        """A part's inflated bytes, in pieces. They are counted, because the size in the archive may be false."""
        entry = self._entries.get(part)
        if entry is None:
            raise damage_error(self.path, f"it has no part {posixpath.basename(part)}")
        if entry.flag_bits & 1:
            raise TableError(self.path, "it has a password; save it without one as .xlsx or CSV UTF-8")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damage_error(self.path, "its parts are compressed in a way that workbooks are not")
        stored_bytes = min(entry.compress_size, self._file_bytes)
        most_bytes = min(most_bytes, max(_ALWAYS_INFLATED_BYTES, MAX_RATIO * stored_bytes))
        inflated_bytes = 0
        try:
            with self._archive.open(entry) as file:
                while piece := file.read(_PIECE_BYTES):
                    inflated_bytes += len(piece)
                    if inflated_bytes > most_bytes:
                        raise size_error(self.path, f"a part of the workbook has more than {most_bytes:,} bytes")
                    yield piece
        except _BROKEN as error:
            raise damage_error(self.path, f"its archive can't be unpacked ({type(error).__name__})") from None

    def _refuse_dtd(self, *_: object) -> None:
        raise damage_error(self.path, "its XML has a document type, which no workbook has")


@contextmanager
def open_parts(file: BinaryIO, path: Path) -> Iterator[Parts]:
    """The parts of a workbook's file; errors name it `path`. Raises TableError and OSError."""
    file_bytes = file.seek(0, os.SEEK_END)
    _check_directory(file, path, file_bytes)
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN as error:
        raise damage_error(path, f"its archive can't be read ({type(error).__name__})") from None
    with archive:
        yield Parts(archive, path, file_bytes)


def _check_directory(file: BinaryIO, path: Path, file_bytes: int) -> None:
    """Raises TableError if the directory, which zipfile reads whole, is too large.

    The record with its size is looked for where zipfile does: at the very end, else the last one in the file.
    """
    file.seek(max(0, file_bytes - _END_BYTES - _LONGEST_COMMENT - _ZIP64_LOCATOR_BYTES))
    tail = file.read()
    at = len(tail) - _END_BYTES
    if at < 0 or tail[at : at + 4] != _END or tail[-2:] != b"\x00\x00":
        at = tail.rfind(_END)
    if at < 0 or at + _END_BYTES > len(tail):
        raise damage_error(path, "the end of its archive is missing")
    if tail[max(0, at - _ZIP64_LOCATOR_BYTES) :].startswith(_ZIP64_LOCATOR):
        raise size_error(path, "it is a workbook in the form for more than 4 GiB (zip64)")
    parts, directory_bytes = struct.unpack_from("<HL", tail, at + 10)
    if parts > MAX_PARTS or directory_bytes > MAX_DIRECTORY_BYTES:
        raise damage_error(path, f"its archive lists more than {MAX_PARTS:,} parts")
