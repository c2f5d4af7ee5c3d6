"""The headers of every answer of the service, from the app or not, and the two ids that a request may have.

Knows no Flask.
"""

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Added to every answer that does not set them itself. The load balancer, where TLS ends, can add
Strict-Transport-Security."""

SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
"""A caller's X-Request-ID is used only if it matches: any other could forge a log line or a header."""

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class RequestIds(NamedTuple):
    """A request's own id, and the id of the trace that it is part of, if any."""

    request_id: str
    trace_id: str | None


def find_ids(fields: Iterable[tuple[str, str]]) -> RequestIds:
    """The ids of a request with these header fields, (name, value); the case of a name is ignored.

    A field that comes twice is joined by a comma, as in WSGI; a value with a comma is not a valid id.

    >>> find_ids([("HOST", "a"), ("X-REQUEST-ID", "order-17")])
    RequestIds(request_id='order-17', trace_id=None)
    """
    given: dict[str, str] = {}
    for name, value in fields:
        name = name.lower()
        given[name] = f"{given[name]},{value}" if name in given else value
    return RequestIds(request_id(given.get("x-request-id", "")), trace_id(given.get("traceparent", "")))


def request_id(given: str) -> str:
    """The caller's request id if it matches SANE_REQUEST_ID, else a new one.

    >>> request_id("order-17")
    'order-17'
    >>> len(request_id("two words"))
    32
    """
    return given if SANE_REQUEST_ID.fullmatch(given) else os.urandom(16).hex()


def trace_id(traceparent: str) -> str | None:
    """The trace id of a `traceparent` header, 32 hexadecimal digits; None for a header that is not valid.

    As in W3C Trace Context, https://www.w3.org/TR/trace-context/#versioning-of-traceparent: version 00 has exactly
    these four parts, a later version may have more after another hyphen, and ff is not a version.

    >>> trace_id("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    '4bf92f3577b34da6a3ce929d0e0e4736'
    >>> trace_id("00-00000000000000000000000000000000-00f067aa0ba902b7-01")
    """
    found = _TRACEPARENT.match(traceparent)
    if not found:
        return None
    further = traceparent[found.end() :]
    is_valid = not further or (further[0] == "-" and not traceparent.startswith("00"))
    return found[1] if is_valid else None
