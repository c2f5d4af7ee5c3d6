"""The kind of a file, by its first and last bytes, with advice on how to get a table out of it.

Owns the marks of each kind and its words; the page's JavaScript gets both from here. Reads no table.
"""

import os
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import BinaryIO, NamedTuple

LOOKED_AT_BYTES = 64 * 1024
"""The bytes that are read at a file's beginning and at its end. A zip archive lists its names at its end."""

_SAVE = "save it as .xlsx or CSV UTF-8"
_SAVE_TABLE = "save its table as .xlsx or CSV UTF-8"
_PROGRAM = "open it in the program that made it and " + _SAVE


class Kind(NamedTuple):
    """A kind of file: the words for it after "it is", and advice to its owner for a kind that is not read."""

    name: str
    way_out: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "empty": Kind("empty", "give a file with a header row and a row for each customer"),
        "text": Kind("text", "give a CSV with a header row"),
        "utf-16": Kind("text in UTF-16", "save it as CSV UTF-8"),
        "utf-32": Kind("text in UTF-32", "save it as CSV UTF-8"),
        "unmarked-utf-16": Kind("text in UTF-16 without its mark", "save it as CSV UTF-8"),
        "xlsx": Kind("an Excel workbook (.xlsx)", "save it as CSV UTF-8"),
        "xlsb": Kind("a binary Excel workbook (.xlsb)", _SAVE),
        "xls": Kind("an old Excel workbook (.xls)", _SAVE),
        "locked": Kind("a workbook with a password", "save it without a password as .xlsx or CSV UTF-8"),
        "ole": Kind("an old Office file, or one with a password", "save it without a password as .xlsx or CSV UTF-8"),
        "xml-workbook": Kind("an Excel workbook as XML", _SAVE),
        "ods": Kind("a LibreOffice workbook (.ods)", _SAVE),
        "numbers": Kind("an Apple Numbers workbook", "export it as .xlsx or CSV UTF-8"),
        "docx": Kind("a Word document (.docx)", _SAVE_TABLE),
        "pptx": Kind("a PowerPoint presentation (.pptx)", _SAVE_TABLE),
        "zip": Kind("a zip archive", "unpack it and give the table that is in it"),
        "archive": Kind("an archive (7z, rar, xz, bzip2 or zstd)", "unpack it and give the table that is in it"),
        "gzip": Kind("a gzip file", "unpack it and give the table that is in it"),
        "damaged-gzip": Kind("a damaged gzip file", "fetch or compress it again, or give the table that was in it"),
        "parquet": Kind("a Parquet file", _SAVE),
        "arrow": Kind("an Arrow or Feather file", "save it as Parquet or CSV UTF-8"),
        "sqlite": Kind("an SQLite database", "export its table as CSV UTF-8"),
        "html": Kind("an HTML page", "download the table itself, or " + _SAVE),
        "xml": Kind("XML", _PROGRAM),
        "json": Kind("JSON", "save its customers as .xlsx or CSV UTF-8, a row for each"),
        "rtf": Kind("a document (.rtf)", _SAVE_TABLE),
        "pdf": Kind("a PDF", _SAVE_TABLE),
        "pickle": Kind("a Python pickle", "save its table as CSV UTF-8 with to_csv(index=False)"),
        "git-lfs": Kind("a Git LFS pointer and not the file itself", "run: git lfs pull"),
        "image": Kind("an image", "give the table itself as .xlsx or CSV UTF-8"),
        "binary": Kind("not a known kind of table", _PROGRAM),
    }
)
"""Every kind of file, by a key that does not change. The page gets this as JSON."""

_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "parquet"),
    (b"PARE", "parquet"),
    (b"ARROW1", "arrow"),
    (b"FEA1", "arrow"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"%PDF-", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"version https://git-lfs.github.com/spec/", "git-lfs"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"\xfd7zXZ\x00", "archive"),
    (b"BZh", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
)
"""The first bytes of files of each kind; a longer mark comes before a shorter one with the same beginning."""
_ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
_OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ZIP_NAMES: tuple[tuple[bytes, str], ...] = (
    (b"xl/workbook.bin", "xlsb"),
    (b"xl/", "xlsx"),
    (b"xl\\", "xlsx"),
    (b"word/", "docx"),
    (b"ppt/", "pptx"),
    (b"Index/Document.iwa", "numbers"),
)
"""Parts of the names in a zip archive's list."""
_OLE_NAMES: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", "locked"),
    ("EncryptionInfo", "locked"),
    ("DataSpaces", "locked"),
    ("Workbook", "xls"),
    ("Book", "xls"),
)
"""Names in the directory of an old Office file, where they are in UTF-16."""
_PICKLE = re.compile(
    rb"\x80[\x02-\x05]|[}\])]q\x00|\([dl]p0\n|c(?:copy_reg|__builtin__|(?:numpy|pandas|sklearn)[\w.]*)\n"
)
_HTML = re.compile(rb"<(?:!doctype[ \t\n\r\f\v]+html|html|head|body|table|meta|script)\b", re.IGNORECASE)
_JSON = re.compile(rb"\{[ \t\n\r\f\v]*[\"}]|\[[ \t\n\r\f\v]*[{\[]")
_BZIP2 = re.compile(rb"BZh[1-9]1AY&SY")
_FILE = (b"PK\x03\x04", 26, 30)
_LISTED = (b"PK\x01\x02", 28, 46)
"""A file in a zip archive and in the list at its end: the mark, the offset of the name's length, that of the name."""


def find_kind(head: bytes, tail: bytes = b"") -> str:
    """The key in KINDS of a file that begins with `head` and ends with `tail`, LOOKED_AT_BYTES of each.

    From `head` alone, as of a stream, the kind of a zip archive is less certain. A file without a mark or a NUL is
    text.

    >>> find_kind(b"customerid,tenure\\n"), find_kind(b"%PDF-1.7"), find_kind(b"")
    ('text', 'pdf', 'empty')
    """
    if not head:
        return "empty"
    if head.startswith(_ZIP_MARKS):
        return _kind_of_zip(head, tail)
    if head.startswith(_OLE_MARK):
        return next((kind for name, kind in _OLE_NAMES if name.encode("utf-16-le") in head + tail), "ole")
    for mark, kind in _MARKS:
        if head.startswith(mark) and (mark != b"BZh" or _BZIP2.match(head)):
            return kind
    if _PICKLE.match(head):
        return "pickle"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image"
    return _kind_of_text(head)


def read_kind(file: BinaryIO) -> str:
    """The key in KINDS of a seekable file, which is left at its beginning. Raises OSError."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(LOOKED_AT_BYTES)
    file.seek(max(0, size - LOOKED_AT_BYTES))
    tail = file.read(LOOKED_AT_BYTES)
    file.seek(0)
    return find_kind(head, tail)


def describe_kind(kind: str) -> str:
    """The kind of a file with advice, as the reason of an error.

    >>> describe_kind("xls")
    'it is an old Excel workbook (.xls); save it as .xlsx or CSV UTF-8'
    """
    return f"it is {KINDS[kind].name}; {KINDS[kind].way_out}"


def describe_piped(kind: str) -> str:
    """The reason of an error for a kind that can be read from a file but not from a pipe, with advice."""
    return f"it is {KINDS[kind].name}, which can't be read from a pipe; give the name of a file"


def describe_rules() -> dict[str, object]:
    """The marks, names and patterns by which the page's JavaScript finds the kind: a character for each byte.

    The patterns mean the same in JavaScript; they use no class for spaces, which has more characters there.
    """
    return {
        "marks": [[mark.decode("latin-1"), kind] for mark, kind in _MARKS],
        "zip_marks": [mark.decode("latin-1") for mark in _ZIP_MARKS],
        "zip_names": [[name.decode("latin-1"), kind] for name, kind in _ZIP_NAMES],
        "ole_mark": _OLE_MARK.decode("latin-1"),
        "ole_names": [[name.encode("utf-16-le").decode("latin-1"), kind] for name, kind in _OLE_NAMES],
        "html": _HTML.pattern.decode("latin-1"),
        "begins": {
            name: pattern.pattern.decode("latin-1")
            for name, pattern in {"pickle": _PICKLE, "json": _JSON, "bzip2": _BZIP2}.items()
        },
    }


def _kind_of_zip(head: bytes, tail: bytes) -> str:
    if b"application/vnd.oasis.opendocument.spreadsheet" in head[:200]:
        return "ods"
    names = _read_names(head, *_FILE) + _read_names(tail, *_LISTED)
    for part, kind in _ZIP_NAMES:
        if any(name.startswith(part) or (kind == "numbers" and name.endswith(part)) for name in names):
            return kind
    return "zip"


def _read_names(content: bytes, mark: bytes, length_at: int, name_at: int) -> list[bytes]:
    """The names in a part of a zip archive, each in a record with this mark."""
    names, at = [], content.find(mark)
    while at >= 0:
        length = int.from_bytes(content[at + length_at : at + length_at + 2], "little")
        names.append(content[at + name_at : at + name_at + length].removeprefix(b"/"))
        at = content.find(mark, at + name_at)
    return names


def _kind_of_text(head: bytes) -> str:
    text = head.removeprefix(_BYTE_ORDER_MARK).lstrip()
    if b"\x00" in head:
        even, odd = head[::2].count(0), head[1::2].count(0)
        is_wide = max(even, odd) > len(head) // 4 > 0 and min(even, odd) == 0
        return "unmarked-utf-16" if is_wide else "binary"
    if _HTML.match(text) or (text.startswith((b"<?xml", b"<!--")) and _HTML.search(text[:2000])):
        return "html"
    if text.startswith(b"<?xml"):
        return "xml-workbook" if b"schemas-microsoft-com:office:spreadsheet" in text else "xml"
    return "json" if _JSON.match(text) else "text"
