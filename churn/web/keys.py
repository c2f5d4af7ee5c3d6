"""API keys: which routes need none, and whether a request has one. What is not named here is closed."""

from collections.abc import Sequence

from flask import Flask, Request, request
from flask.globals import request_ctx
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import MethodNotAllowed, Unauthorized

from churn.server.keys import given_key, is_known_key

OPEN = frozenset({"page.show_page", "page.show_asset", "docs.page", "docs.show_asset", "ping", "health", "ready"})
"""Endpoints that need no key: the page, which is locked then, and what a balancer asks. A new route is closed."""


def register_keys(app: Flask, keys: Sequence[str]) -> None:
    """Makes all but the open endpoints of an app, and unknown paths, refuse a request without one of the keys.

    Without keys all is open.
    """
    if not keys:
        return

    @app.before_request
    def check_key() -> None:
        if _endpoint(request) not in OPEN and not has_known_key(request, keys):
            raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))


def _endpoint(request: Request) -> str | None:
    """The endpoint of a request's path, whether it takes the method or not; None for an unknown path."""
    refused = request.routing_exception
    adapter = request_ctx.url_adapter
    if not isinstance(refused, MethodNotAllowed) or not refused.valid_methods or adapter is None:
        return request.endpoint
    endpoint: str = adapter.match(method=next(iter(refused.valid_methods)))[0]
    return endpoint


def has_known_key(request: Request, keys: Sequence[str]) -> bool:
    """True when a request has one of the keys, or there are none to have."""
    given = given_key(request.headers.get("Authorization", ""), request.headers.get("X-API-Key", ""))
    return not keys or is_known_key(given, [key.encode() for key in keys])
