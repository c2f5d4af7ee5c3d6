"""The headers that every answer of the service carries, whoever gives it. Knows no Flask."""

import re
import uuid

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every answer of the app that has none of its own. TLS, and with it Strict-Transport-Security, is the load
balancer's."""

SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
"""What a caller's X-Request-ID must be to be used: an id of any other kind could forge a log line or a header."""


def request_id(given: str) -> str:
    """The caller's request id when it is 1 to 128 characters of the plain kind, else a new one.

    >>> request_id("order-17")
    'order-17'
    >>> len(request_id("two words"))
    32
    """
    return given if SANE_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
