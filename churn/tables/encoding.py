"""The encoding of a text file, and the file as UTF-8, the only encoding that other modules read.

Knows UTF-8 with and without a byte order mark, UTF-16 with one, and Windows-1252, which office programs write. Owns
their names and their detection; `csv_form` reads the text.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from churn.errors import CsvError, CsvTooLargeError

UTF_8_MARK = codecs.BOM_UTF8
_UTF_16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_NAMES = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252"}
_SPELLINGS = {"utf8": "utf-8", "utf16": "utf-16", "windows1252": "cp1252", "cp1252": "cp1252"}
_NOT_IN_1252 = bytes([0x00, 0x81, 0x8D, 0x8F, 0x90, 0x9D])  # 0x00 is a character, but no text has it
_ASCII = bytes(range(0x80))
_UTF_8_CHARACTERS = re.compile(  # not ASCII; RFC 3629, section 4
    rb"(?:[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+"
)
_MAY_GO_ON = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z")  # the beginning of a character, or a whole one
_PIECE_BYTES = 64 * 1024
_ADVICE = "save it as 'CSV UTF-8', or give its encoding"

ENCODINGS = ("utf-8", "utf-16", "windows-1252")
"""The encodings that can be requested by name."""


class Encoding(NamedTuple):
    """An encoding: Python's name for it, and the byte order mark that the file begins with, b"" without one."""

    codec: str
    mark: bytes = b""

    @property
    def name(self) -> str:
        """The usual name: "UTF-8", "UTF-16" or "Windows-1252"."""
        return _NAMES[self.codec]

    @property
    def is_utf_8(self) -> bool:
        """True if the text needs no conversion."""
        return self.codec == "utf-8"


UTF_8 = Encoding("utf-8")


class ByteSource(Protocol):
    """A source of bytes, such as a file."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most `size`; b"" at the end."""


def find_encoding(pieces: Iterable[bytes]) -> Encoding:
    """The encoding of a text, all of which is read. Raises CsvError when it is in none of the three.

    A byte order mark decides. Without one it is UTF-8 if all bytes are, else Windows-1252 if each byte is a character
    there. But if most bytes beyond ASCII are UTF-8, as Windows-1252 never is by chance, the other bytes are damaged:
    CsvError.

    >>> find_encoding([b"caf", b"\\xc3\\xa9"]).name, find_encoding([b"caf\\xe9"]).name
    ('UTF-8', 'Windows-1252')
    """
    found, rest = _Found(), b""
    for number, piece in enumerate(pieces):
        if number == 0 and (marked := _marked_encoding(piece)):
            return marked
        held = _MAY_GO_ON.search(joined := rest + piece, max(0, len(rest + piece) - 3))
        end = held.start() if held else len(joined)
        found.add(joined[:end])
        rest = joined[end:]
    found.add(rest)
    if found.first_bad_line is None:
        return UTF_8
    if found.is_mostly_utf_8:
        raise CsvError(f"it is UTF-8 with damaged bytes in this line; {_ADVICE}", line=found.first_bad_line)
    if found.is_in_1252:
        return Encoding("cp1252")
    raise CsvError(f"it is neither UTF-8 nor Windows-1252; {_ADVICE}", line=found.first_bad_line)


class _Found:
    """The findings on a text: the line of the first byte that is not UTF-8, and whether Windows-1252 fits."""

    def __init__(self) -> None:
        self.first_bad_line: int | None = None
        self.is_in_1252 = True
        self._line = 1
        self._utf_8_bytes = self._other_bytes = 0  # beyond ASCII

    @property
    def is_mostly_utf_8(self) -> bool:
        return self._utf_8_bytes > self._other_bytes

    def add(self, piece: bytes) -> None:
        """Adds the next bytes, which end with a whole character if they are UTF-8."""
        if not piece.isascii():
            self._add_others(piece)
        self.is_in_1252 = self.is_in_1252 and len(piece.translate(None, _NOT_IN_1252)) == len(piece)
        self._line += piece.count(b"\n")

    def _add_others(self, piece: bytes) -> None:
        beyond_ascii = len(piece.translate(None, _ASCII))
        other_bytes = 0
        try:
            piece.decode()
        except UnicodeDecodeError as error:
            if self.first_bad_line is None:
                self.first_bad_line = self._line + piece.count(b"\n", 0, error.start)
            other_bytes = len(_UTF_8_CHARACTERS.sub(b"", piece).translate(None, _ASCII))
        self._utf_8_bytes += beyond_ascii - other_bytes
        self._other_bytes += other_bytes


def is_encoding(name: str) -> bool:
    """True for a name of one of ENCODINGS, in any spelling.

    >>> is_encoding("Windows-1252"), is_encoding("latin-1")
    (True, False)
    """
    return _spell_name(name) in _SPELLINGS


def named_encoding(name: str, first: bytes) -> Encoding:
    """The encoding with that name, in any spelling; `first` are the text's first bytes, which may have a mark.

    Raises ValueError for a name that is not one of ENCODINGS, and CsvError for UTF-16 without a mark and for a mark
    of another encoding.
    """
    codec = _SPELLINGS.get(_spell_name(name))
    if codec is None:
        raise ValueError(f"the encoding must be one of {', '.join(ENCODINGS)}")
    marked = _marked_encoding(first)
    if marked is None:
        if codec == "utf-16":
            raise CsvError("it is UTF-16 without a byte order mark; save it as 'CSV UTF-8'", line=1)
        return Encoding(codec)
    if not marked.codec.startswith(codec):
        asked = _NAMES.get(codec, "UTF-16")
        reason = f"it has the byte order mark of {marked.name}, but is to be read as {asked}; give its own encoding"
        raise CsvError(reason, line=1)
    return marked


def _spell_name(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _marked_encoding(first: bytes) -> Encoding | None:
    """The encoding that a byte order mark stands for; None without one."""
    if first.startswith(UTF_8_MARK):
        return Encoding("utf-8", UTF_8_MARK)
    codec = _UTF_16_MARKS.get(first[:2])
    return Encoding(codec, first[:2]) if codec and first[2:4] != b"\0\0" else None


def as_utf_8(content: bytes, encoding: Encoding, *, max_bytes: int | None = None) -> bytes:
    """A whole text in UTF-8: unchanged, or with a byte order mark, by which spreadsheets recognise the new encoding.

    Raises CsvError, with the line, for bytes that are not in this encoding, and CsvTooLargeError for a text of more
    than `max_bytes` as UTF-8: a character of one byte may take three.
    """
    if encoding.is_utf_8:
        return content
    encoded = bytearray()
    pieces = (content[at : at + _PIECE_BYTES] for at in range(0, len(content), _PIECE_BYTES))
    for piece in _encode_pieces(pieces, encoding):
        encoded += piece
        if max_bytes is not None and len(encoded) > max_bytes:
            raise CsvTooLargeError(f"it takes more than {max_bytes:,} bytes as UTF-8")
    return bytes(encoded)


class Utf8Source:
    """A text of another encoding, converted as by as_utf_8 while it is read from its source."""

    def __init__(self, source: ByteSource, encoding: Encoding) -> None:
        self._pieces = _encode_pieces(iter(lambda: source.read(_PIECE_BYTES), b""), encoding)
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """The next bytes, at most `size`; b"" at the end. Raises CsvError for bytes that are not in the encoding."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        read, self._rest = self._rest[:size], self._rest[size:]
        return read


def _encode_pieces(pieces: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    """The pieces of a text in UTF-8, a byte order mark first. Raises CsvError, with the line."""
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    line, to_skip = 1, len(encoding.mark)
    yield UTF_8_MARK
    for piece in pieces:
        skipped = piece[:to_skip]
        to_skip -= len(skipped)
        text = _decode(decoder, piece[len(skipped) :], encoding, line)
        line += text.count("\n")
        yield text.encode()
    yield _decode(decoder, b"", encoding, line, final=True).encode()


def _decode(
    decoder: codecs.IncrementalDecoder, piece: bytes, encoding: Encoding, line: int, *, final: bool = False
) -> str:
    try:
        return decoder.decode(piece, final)
    except UnicodeDecodeError as error:
        good = error.object[: error.start].decode(encoding.codec)
        raise CsvError(f"it is not {encoding.name}; {_ADVICE}", line=line + good.count("\n")) from None
