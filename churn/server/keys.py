"""Reading the API key of a request, and comparing it. Knows no Flask."""

import hmac
from collections.abc import Sequence


def given_key(authorization: str, x_api_key: str) -> bytes:
    """The key in these two headers: that of `Authorization: Bearer` if there is one, else X-API-Key.

    >>> given_key("Bearer abc", "def"), given_key("Basic abc", "def")
    (b'abc', b'def')
    """
    scheme, _, token = authorization.partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else x_api_key
    return key.encode("utf-8", "surrogateescape")


def is_known_key(given: bytes, known: Sequence[bytes]) -> bool:
    """True if `given` is one of the keys; compares with each in constant time, so that the time reveals nothing."""
    return sum([hmac.compare_digest(given, key) for key in known]) > 0
