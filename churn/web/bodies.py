"""Request bodies: from bytes to customers, in bounded memory. Owns the limits; the contract checks the customers.

A list is first cut into its elements without decoding them, then decoded one by one, so that any body takes little
more memory than its own size.
"""

import codecs
import io
import math
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

import msgspec
from flask import Request
from msgspec import Raw
from werkzeug.exceptions import (
    BadRequest,
    ClientDisconnected,
    HTTPException,
    RequestEntityTooLarge,
    RequestTimeout,
    ServiceUnavailable,
    UnsupportedMediaType,
)

from churn.errors import CsvError
from churn.server.client_socket import ClientSocket
from churn.tables.encoding import ENCODINGS, UTF_8, as_utf_8, is_encoding, named_encoding
from churn.tables.file_kind import LOOKED_AT_BYTES, describe_kind, find_kind

JSON = "application/json"
CSV = "text/csv"

MAX_CUSTOMERS = 20_000
"""The most customers in one request."""
MAX_VALUES = 440_000
"""The most JSON values in one request, counted by its commas; a raw customer of the telco table has 21."""
MAX_CONTAINERS = 60_000
"""The most JSON objects and arrays in one request, including those inside customers."""
MAX_CUSTOMER_BYTES = 64 * 1024
"""The most bytes of one customer's JSON, extra fields included."""
LARGE_BODY_BYTES = 256 * 1024
"""A larger body is a large one; a worker reads and answers one of them at a time."""
_KINDS_OF_TEXT = ("text", "utf-16", "binary")  # a binary file has a NUL, which may be in a cell
_POLITE_S = 0.5  # before the client whose body has the turn is hurried
_PATIENCE_S = 5.0  # for a turn; a stopping worker has 7 s, and the rest of the request may take one

_Decoded = TypeVar("_Decoded")
_LIST = re.compile(rb"[ \t\r\n]*\[")
_NO_NUMBER = re.compile(rb"NaN|Infinity")
_PLACE = re.compile(r"\(byte (\d+)\)$")  # in msgspec's words
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"(?P<name>[ \t\r\n]*:)?|[{\[]+|[}\]]+', re.DOTALL)
_decode_elements = msgspec.json.Decoder(list[Raw]).decode
_decode_value = msgspec.json.Decoder().decode


class _Turn:
    """A lock that one large body at a time holds. A request that waits for it hurries the client of that body."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._client: ClientSocket | None = None

    def take(self, client: ClientSocket | None) -> bool:
        """Waits for the turn, and takes it; False if it did not come in time."""
        if not self._lock.acquire(timeout=_POLITE_S):
            if (sending := self._client) is not None:
                sending.hurry()
            if not self._lock.acquire(timeout=_PATIENCE_S - _POLITE_S):
                return False
        self._client = client
        return True

    def give_back(self) -> None:
        """Gives the turn to the next request."""
        self._client = None
        self._lock.release()


_turn = _Turn()


@contextmanager
def bounded_memory(request: Request) -> Iterator[None]:
    """Allows one large body at a time in a worker: one in each thread would take that many times the memory.

    Must be entered before the body is read and left when it is answered. Raises ServiceUnavailable after waiting 5 s.
    """
    length = request.content_length
    if length is not None and length <= LARGE_BODY_BYTES:
        yield
        return
    client = request.environ.get("gunicorn.socket")
    if not _turn.take(client if isinstance(client, ClientSocket) else None):
        raise ServiceUnavailable("too many large bodies at once; send it again", retry_after=10)
    try:
        yield
    finally:
        _turn.give_back()


def read_body(request: Request) -> bytes:
    """The body of a JSON or CSV request, in UTF-8.

    A byte order mark at the start of JSON is removed. A CSV in another encoding, which its `charset` names, is
    converted. Raises UnsupportedMediaType for another media type, charset or content encoding, RequestEntityTooLarge
    beyond MAX_CONTENT_LENGTH, BadRequest for an empty or broken body, and CsvError for a CSV that is a file of
    another kind, is not in its encoding or, as UTF-8, is larger than MAX_CONTENT_LENGTH.
    """
    if request.mimetype not in (JSON, CSV):
        raise UnsupportedMediaType("send a customer as Content-Type: application/json, or a table as text/csv")
    charset = request.mimetype_params.get("charset", UTF_8.codec)
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMediaType("send the body uncompressed")
    if request.mimetype == CSV and not is_encoding(charset):
        raise UnsupportedMediaType(f"send the CSV in one of {', '.join(ENCODINGS)}, and name it in charset")
    if request.mimetype == JSON and charset.lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("send the JSON as UTF-8")
    body = _read_whole(request)
    if request.mimetype == JSON:
        body = body.removeprefix(codecs.BOM_UTF8)
    if not body.strip(b" \t\r\n"):
        raise BadRequest("the body is empty; send a customer")
    if request.mimetype == JSON:
        return body
    kind = find_kind(body[:LOOKED_AT_BYTES], body[-LOOKED_AT_BYTES:])
    if kind not in _KINDS_OF_TEXT:
        raise CsvError(describe_kind(kind))
    return as_utf_8(body, named_encoding(charset, body[:4]), max_bytes=request.max_content_length)


def _read_whole(request: Request) -> bytes:
    """The whole body. Neither gunicorn nor Werkzeug reports a body that is shorter or longer than it should be."""
    try:
        body = _receive(request)
    except ClientDisconnected as error:
        if isinstance(error.__context__, TimeoutError):
            raise RequestTimeout("the body did not come in time") from None
        raise BadRequest("the body stalled, or ended too early") from None
    except HTTPException:
        raise
    except Exception as error:  # gunicorn's errors for malformed chunks have no common class
        raise BadRequest("the body can't be read: its transfer encoding is malformed") from error
    if request.content_length is None and len(body) >= (request.max_content_length or math.inf):
        raise RequestEntityTooLarge()  # Werkzeug silently cuts a chunked body at the limit
    if request.content_length not in (None, len(body)):
        raise BadRequest("the body is shorter than its Content-Length")
    return body


def _receive(request: Request) -> bytes:
    """The bytes of the body, read into one buffer if its length is known: Werkzeug would copy each three times."""
    length = request.content_length
    if length is None:
        return request.get_data(cache=False)
    stream = cast(io.RawIOBase, request.stream)  # checks the limit
    body = bytearray(length)
    filled = 0
    with memoryview(body) as view:
        while filled < length:  # at the limit, Werkzeug refuses even a read of zero bytes
            received = stream.readinto(view[filled:])
            if not received:
                break
            filled += received
    return bytes(body) if filled == length else bytes(body[:filled])


def is_list(body: bytes) -> bool:
    """True if a body begins as a JSON array; the rest may be invalid."""
    return _LIST.match(body) is not None


def decode_customers(body: bytes) -> Iterator[object]:
    """The elements of a JSON array, decoded one at a time.

    Raises RequestEntityTooLarge for more than the limits allow, BadRequest for what is not JSON.
    """
    if body.count(b",") >= MAX_VALUES:
        raise RequestEntityTooLarge(f"a request takes at most {MAX_VALUES:,} JSON values")
    if body.count(b"{") + body.count(b"[") > MAX_CONTAINERS:
        raise RequestEntityTooLarge(f"a request takes at most {MAX_CONTAINERS:,} JSON objects and arrays")
    elements = _decode(body, _decode_elements)
    if len(elements) > MAX_CUSTOMERS:
        raise RequestEntityTooLarge(f"a request takes at most {MAX_CUSTOMERS:,} customers")
    for row, element in enumerate(elements):
        yield decode_customer(bytes(element), row=row)


def decode_customer(body: bytes, *, row: int | None = None) -> object:
    """The JSON value in a body or in one element of it.

    JSON lets an object repeat a name, and decoders silently keep the last value. Here such a name is returned in two
    spellings, so that the contract refuses it as a field given twice.
    """
    if len(body) > MAX_CUSTOMER_BYTES:
        whose = "a customer" if row is None else f"customer {row} (from 0)"
        raise RequestEntityTooLarge(f"{whose} is larger than {MAX_CUSTOMER_BYTES:,} bytes")
    value = _decode(body, _decode_value, row)
    # Every name has a colon after it. As many colons as names means that no name was repeated.
    if type(value) is dict and body.count(b":") != len(value):
        for name, count in Counter(_names(body)).items():
            if count > 1:
                value[name + " "] = value[name]
    return value


def _decode(body: bytes, decode: Callable[[bytes], _Decoded], row: int | None = None) -> _Decoded:
    place = "" if row is None else f"customer {row} (from 0): "
    try:
        return decode(body)
    except UnicodeDecodeError:
        raise BadRequest(f"{place}the body is not UTF-8") from None
    except RecursionError:
        raise BadRequest(f"{place}the JSON is nested too deeply") from None
    except msgspec.MsgspecError as error:  # its text has the place, never the value
        raise BadRequest(f"{place}the body is not JSON: {_name_constant(body, str(error)) or error}") from None


def _name_constant(body: bytes, error: str) -> str:
    """A message about the NaN or Infinity that makes a body invalid JSON; "" if the error is another.

    Both are JavaScript, so Python's json and other encoders write them, but neither is JSON.
    """
    place = _PLACE.search(error)
    constant = _NO_NUMBER.match(body, int(place[1])) if place else None
    return f"JSON has no {constant[0].decode()} {place[0]}; a missing value is null" if place and constant else ""


def _names(body: bytes) -> Iterator[str]:
    """The names of a JSON object's own members, repeated ones included; `body` must be valid."""
    depth = 0
    for token in _TOKEN.finditer(body):
        opening = body[token.start() : token.start() + 1]
        if opening in b"{[":
            depth += len(token[0])
        elif opening in b"}]":
            depth -= len(token[0])
        elif depth == 1 and token["name"]:
            yield _decode_value(token[0][: -len(token["name"])])
