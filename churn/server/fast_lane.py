"""The fast lane: answers the simplest requests from their bytes alone, in the worker's main thread.

It reads a strict subset of HTTP/1.1, in which gunicorn and any proxy see the same single request. All other requests
go to gunicorn and Flask with every byte: the lane refuses nothing, and its only answer is a 200 that equals Flask's
byte for byte. Knows no Flask, and never waits.
"""

import logging
import os
import re
from collections.abc import Callable, Sequence
from email.utils import formatdate
from time import perf_counter, time
from typing import Any, NamedTuple

from churn.server.headers import SECURITY_HEADERS, request_id, trace_id
from churn.server.keys import given_key, is_known_key
from churn.server.lane_counts import LaneCounts

logger = logging.getLogger(__name__)

REST_TO_COME = b""
"""The answer to bytes that may still become a request of the lane."""
MAX_BYTES = 16 * 1024
"""The most for head and body together."""
_NEEDED = (22, 50, 4_080)  # the length of the request line, the most fields, and the longest field of the lane
_START = b"POST /predict HTTP/1.1\r\n"
# Names without _ (gunicorn drops fields whose name has one), values of printable ASCII, lines that end in CR LF.
_FIELDS = re.compile(rb"(?:[A-Za-z0-9-]{1,64}+:[ -~]{0,4001}+\r\n){3,50}+")
_HOST = re.compile(rb"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*(:[0-9]{1,5})?")  # a plain name or address
_LENGTH = re.compile(rb"[1-9][0-9]{0,4}")
# Fields that change how a request is framed, coded or answered.
_SPECIAL = frozenset(
    (b"transfer-encoding", b"content-encoding", b"upgrade", b"expect", b"te", b"trailer", b"http2-settings")
)
_KEPT = frozenset((b"", b"keep-alive", b"upgrade"))  # Elastic Beanstalk's nginx sends upgrade, but no Upgrade field


def may_answer(settings: Any) -> bool:
    """True if gunicorn's settings neither change nor refuse nor record the requests of the lane.

    The worker checks gunicorn's hooks.
    """
    limits = (settings.limit_request_line, settings.limit_request_fields, settings.limit_request_field_size)
    is_watched = settings.accesslog or settings.statsd_host
    is_changed = settings.secure_scheme_headers or os.environ.get("SCRIPT_NAME")
    is_limited = any(0 < limit < needed for limit, needed in zip(limits, _NEEDED, strict=True))
    return settings.keepalive > 0 and not (is_watched or is_changed or is_limited)


class Scored(NamedTuple):
    """The answer to one good customer: its body, the version of the model, and the two values of the answer."""

    content: bytes
    version: str
    churn_probability: float
    churn: bool


AnswerBody = Callable[[bytes, bool], Scored | None]
"""A function that answers the body of one good customer, and returns None for any other body. Its second argument is
True if the customer counts.

The function counts the customer by its fields, and never waits for a lock that another thread may hold.
"""


class FastLane:
    """Answers a `POST /predict` that has one good customer as JSON, a length, no query, and a key if keys are set."""

    def __init__(
        self, answer: AnswerBody, counts: LaneCounts, api_keys: Sequence[str], max_content_length_bytes: int
    ) -> None:
        self._answer_body, self._counts = answer, counts
        self._keys = [key.encode() for key in api_keys]
        self._max_content_length_bytes = max_content_length_bytes
        self._written_for = ("", 0)
        self._before = self._between = self._after = b""

    def answer(self, data: bytes | bytearray) -> bytes | None:
        """The whole answer to all bytes of a connection; REST_TO_COME; None if they are not for the lane.

        Raises nothing: a request that fails here goes to Flask.
        """
        try:
            return self._answer(data)
        except Exception:
            logger.exception("the fast lane failed")
            return None

    def _answer(self, data: bytes | bytearray) -> bytes | None:
        started = perf_counter()
        if len(data) > MAX_BYTES:
            return None
        end = data.find(b"\r\n\r\n") + 2
        if end == 1:
            return REST_TO_COME if data.startswith(_START[: len(data)]) and len(data) < MAX_BYTES else None
        if not data.startswith(_START) or not _FIELDS.fullmatch(data, len(_START), end):
            return None
        lines = bytes(data[len(_START) : end - 2]).split(b"\r\n")
        fields = {}
        for line in lines:
            name, _, value = line.partition(b":")
            fields[name.lower()] = value.strip()
        if len(fields) != len(lines) or not self._is_plain(fields):
            return None
        missing = end + 2 + int(fields[b"content-length"]) - len(data)
        if missing:
            return REST_TO_COME if 0 < missing <= MAX_BYTES - len(data) else None
        scored = self._answer_body(bytes(data[end + 2 :]), fields.get(b"x-what-if") != b"1")
        if scored is None:
            return None
        now = int(time())
        if self._written_for != (scored.version, now):
            self._write_parts(scored.version, now)
        given = fields.get(b"x-request-id")
        ids = request_id(given.decode() if given else "").encode()
        if b"traceparent" in fields and (trace := trace_id(fields[b"traceparent"].decode())):
            ids += b"\r\nX-Trace-ID: " + trace.encode()
        answer = b"%b%d%b%b%b%b" % (
            self._before, len(scored.content), self._between, ids, self._after, scored.content
        )  # fmt: skip
        self._counts.count(scored.churn_probability, scored.churn, perf_counter() - started)
        return answer

    def _is_plain(self, fields: dict[bytes, bytes]) -> bool:
        """True for header fields of the one kind of request that is answered here."""
        get = fields.get
        length = get(b"content-length", b"")
        return (
            get(b"content-type") == b"application/json"
            and _LENGTH.fullmatch(length) is not None
            and int(length) <= self._max_content_length_bytes
            and _SPECIAL.isdisjoint(fields)
            and get(b"connection", b"").lower() in _KEPT
            and _HOST.fullmatch(get(b"host", b"")) is not None
            and (not self._keys or self._has_known_key(fields))
        )

    def _has_known_key(self, fields: dict[bytes, bytes]) -> bool:
        authorization, x_api_key = fields.get(b"authorization", b""), fields.get(b"x-api-key", b"")
        given = given_key(authorization.decode(), x_api_key.decode())
        return is_known_key(given, self._keys)

    def _write_parts(self, version: str, now: int) -> None:
        """Writes the parts that all answers of a model have in common within one second."""
        security = "".join(f"{name}: {value}\r\n" for name, value in SECURITY_HEADERS.items())
        self._before = (
            f"HTTP/1.1 200 OK\r\nServer: gunicorn\r\nDate: {formatdate(now, usegmt=True)}\r\n"
            "Connection: keep-alive\r\nContent-Type: application/json\r\nContent-Length: "
        ).encode()
        self._between = f"\r\n{security}X-Request-ID: ".encode()
        self._after = f"\r\nX-Model-Version: {version}\r\n\r\n".encode()
        self._written_for = (version, now)
