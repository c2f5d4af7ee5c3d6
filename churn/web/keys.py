"""API keys: which routes want one, and whether a request has one."""

import hmac
from collections.abc import Sequence

from flask import Flask, Request, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

GUARDED = frozenset({"predict", "describe", "show_metrics", "docs.openapi"})
"""Endpoints that want a key; who watches whether the service lives needs none."""


def register_keys(app: Flask, keys: Sequence[str]) -> None:
    """Makes the guarded endpoints of an app refuse a request without one of the keys; no keys: all is open."""
    if not keys:
        return

    @app.before_request
    def check_key() -> None:
        if request.endpoint in GUARDED and not has_known_key(request, keys):
            raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))


def has_known_key(request: Request, keys: Sequence[str]) -> bool:
    """True when a request has one of the keys, or there are none to have."""
    return not keys or _is_known(_given_key(request), [key.encode() for key in keys])


def _given_key(request: Request) -> bytes:
    """The key in `Authorization: Bearer` or `X-API-Key`, as bytes."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else request.headers.get("X-API-Key", "")
    return key.encode("utf-8", "surrogateescape")


def _is_known(given: bytes, known: Sequence[bytes]) -> bool:
    """Compared with every key, each in constant time, so that the time tells nothing."""
    return sum([hmac.compare_digest(given, key) for key in known]) > 0
