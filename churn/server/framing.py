"""The end of a request in the bytes of a connection, found in order to know when the whole request has come.

Framing decides when a request goes to a thread, never what the request means: gunicorn's parser gets every byte and
frames it by its own rules. A request that gunicorn certainly refuses counts as whole at once. A request for which
gunicorn might wait for more bytes is followed here or counts as large: no thread may wait after Progress.WHOLE.
"""

import re
from dataclasses import dataclass, field
from enum import Enum

MOST_BODY_BYTES = 256 * 1024
"""A larger body is not gathered."""
_MOST_HEAD_BYTES = 256 * 1024
_MOST_CHUNKS = 1_000
_CHUNK_LINE_BYTES = 4_096
_MOST_SIZE_DIGITS = 8

_BARE_LF = re.compile(rb"(?<!\r)\n")
_FRAMING_FIELDS = re.compile(rb"\r\n(content-length|transfer-encoding|expect)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE)
_LENGTH = re.compile(rb"[0-9]{1,18}")
_CHUNKED = re.compile(rb"(?:[a-z]+[ \t]*,[ \t]*)*chunked", re.IGNORECASE)
_CHUNK_SIZE = re.compile(rb"(?=[0-9A-Fa-f])0*+([0-9A-Fa-f]*+)[ \t]*+(?:;[^\r\n]*+)?")
# A head that gunicorn certainly accepts, and answers with 100 Continue if it has `Expect: 100-continue`.
_PLAIN_HEAD = re.compile(
    rb"[A-Z]{3,20}+ /(?!/)[!-~]{0,1900}+ HTTP/1\.1\r\n(?:[A-Za-z0-9-]{1,64}+: ?+[ -~]{0,4000}+\r\n){1,50}+"
)
_NAME = re.compile(rb"\n([A-Za-z0-9-]+):")


class Progress(Enum):
    """How much of a request has come: a part of its head; its head and a part of its body; all of it, or bytes that
    gunicorn refuses at once; a part of a request that is not gathered as a whole.
    """

    HEAD = "head"
    BODY = "body"
    WHOLE = "whole"
    LARGE = "large"


@dataclass
class Framing:
    """Follows the bytes of one request as they come. `body_bytes` is None while the size of the body is unknown.

    `wants_continue`: the client waits for a 100 Continue, which gunicorn would send.
    """

    most_line_bytes: int
    body_bytes: int | None = None
    wants_continue: bool = False
    _scanned: int = 0
    _end: int = 0
    _body_start: int = 0
    _chunks: int = field(default=-1)
    """The number of chunks that have come; -1 for a body without chunks."""

    @property
    def has_head(self) -> bool:
        """True when all of the head has come."""
        return self._body_start > 0

    def follow(self, data: bytes | bytearray) -> Progress:
        """How much of the request has come; `data` are all its bytes so far."""
        if not self._body_start:
            progress = self._find_head(data)
            if progress is not None:
                return progress
        if self._chunks >= 0:
            return self._follow_chunks(data)
        return Progress.WHOLE if len(data) >= self._end else Progress.BODY

    def missing_bytes(self, data: bytes | bytearray) -> int:
        """The number of bytes of the body still to come; 0 if it is unknown."""
        return max(0, self._end - len(data)) if self._chunks < 0 else 0

    def plain_fields(self, data: bytes | bytearray) -> list[tuple[str, str]]:
        """The header fields, (name, value), of a head that gunicorn certainly accepts; empty for any other head."""
        head = bytes(data[: max(0, self._body_start - 2)])
        if not _is_plain(head):
            return []
        lines = [line.partition(":") for line in head.decode().split("\r\n")[1:-1]]
        return [(name, value.strip()) for name, _, value in lines]

    def _find_head(self, data: bytes | bytearray) -> Progress | None:
        """Looks for the end of the head; None if the head is complete and its body must be followed."""
        end = data.find(b"\r\n\r\n", max(0, self._scanned - 3))
        if end < 0:
            new, self._scanned = self._scanned, len(data)
            line = data[2:] if data[:2] == b"\r\n" and len(data) < 2 * self.most_line_bytes else data
            too_long = len(line) > self.most_line_bytes + 2 and line.find(b"\r\n", 0, self.most_line_bytes + 2) < 0
            if too_long or _BARE_LF.search(data, new):
                return Progress.WHOLE
            return Progress.HEAD if len(data) <= _MOST_HEAD_BYTES else Progress.LARGE
        self._body_start = end + 4
        return self._read_head(bytes(data[: end + 2]))

    def _read_head(self, head: bytes) -> Progress | None:
        fields = [(name.lower(), value.strip(b" \t")) for name, value in _FRAMING_FIELDS.findall(head)]
        names_given = [name for name, _ in fields]
        if names_given.count(b"content-length") > 1:
            return Progress.WHOLE
        if len(fields) != len(set(names_given)):
            return Progress.LARGE  # gunicorn joins two codings, and accepts two expectations
        values = dict(fields)
        length, coding, expected = (values.get(name) for name in (b"content-length", b"transfer-encoding", b"expect"))
        if coding is not None:
            if length is not None or not _CHUNKED.fullmatch(coding):
                return Progress.WHOLE
            self._chunks, self._end = 0, self._body_start
        elif length is None or not _LENGTH.fullmatch(length):
            return Progress.LARGE if length and length.isdigit() else Progress.WHOLE
        else:
            self.body_bytes = int(length)
            self._end = self._body_start + self.body_bytes
        if expected is not None:
            if not _is_plain(head) or expected.lower() != b"100-continue":
                return Progress.LARGE  # a thread reads and answers it
            self.wants_continue = True
        return Progress.LARGE if (self.body_bytes or 0) > MOST_BODY_BYTES else None

    def _follow_chunks(self, data: bytes | bytearray) -> Progress:
        """Follows the chunks, beginning with the one at `_end`."""
        while self._chunks <= _MOST_CHUNKS:
            line_end = data.find(b"\r\n", self._end, self._end + _CHUNK_LINE_BYTES)
            if line_end < 0:
                if len(data) - self._end >= _CHUNK_LINE_BYTES:
                    return Progress.LARGE
                break
            size = _CHUNK_SIZE.fullmatch(data, self._end, line_end)
            if not size:
                return Progress.WHOLE
            if len(size[1]) > _MOST_SIZE_DIGITS:
                return Progress.LARGE
            if not size[1]:
                return self._follow_trailer(data, line_end)
            chunk_end = line_end + 2 + int(size[1], 16)
            if len(data) < chunk_end + 2:
                break
            if data[chunk_end : chunk_end + 2] != b"\r\n":
                return Progress.WHOLE
            self._chunks += 1
            self._end = chunk_end + 2
        is_large = self._chunks > _MOST_CHUNKS or len(data) - self._body_start > MOST_BODY_BYTES
        return Progress.LARGE if is_large else Progress.BODY

    def _follow_trailer(self, data: bytes | bytearray, line_end: int) -> Progress:
        if data.find(b"\r\n\r\n", line_end) >= 0 or _BARE_LF.search(data, line_end):
            return Progress.WHOLE
        return Progress.BODY if len(data) - line_end <= _CHUNK_LINE_BYTES else Progress.LARGE


def _is_plain(head: bytes) -> bool:
    """True for a head that gunicorn certainly accepts."""
    names = [name.lower() for name in _NAME.findall(head)]
    return _PLAIN_HEAD.fullmatch(head) is not None and len(names) == len(set(names))
