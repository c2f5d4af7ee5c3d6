"""API keys: the check of requests, and the open routes. Every other route needs a key."""

from collections.abc import Sequence

from flask import Flask, Request, request
from flask.globals import request_ctx
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import MethodNotAllowed, Unauthorized

from churn.server.keys import given_key, is_known_key

OPEN = frozenset({"page.show_page", "page.show_asset", "docs.page", "docs.show_asset", "ping", "health", "ready"})
"""The endpoints that need no key: the page, then locked, /docs, the files of both, and those for load balancers."""


def register_keys(app: Flask, keys: Sequence[str]) -> None:
    """Make every endpoint except the open ones, and unknown paths, refuse a request without one of the keys.

    Without keys every endpoint is open.
    """
    if not keys:
        return

    @app.before_request
    def check_key() -> None:
        if _endpoint(request) not in OPEN and not has_known_key(request, keys):
            raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))


def _endpoint(request: Request) -> str | None:
    """The endpoint of a request's path, even if it does not take the method; None for an unknown path."""
    refused = request.routing_exception
    adapter = request_ctx.url_adapter
    if not isinstance(refused, MethodNotAllowed) or not refused.valid_methods or adapter is None:
        return request.endpoint
    endpoint: str = adapter.match(method=next(iter(refused.valid_methods)))[0]
    return endpoint


def has_known_key(request: Request, keys: Sequence[str]) -> bool:
    """True if a request has one of the keys, or if there are no keys."""
    given = given_key(request.headers.get("Authorization", ""), request.headers.get("X-API-Key", ""))
    return not keys or is_known_key(given, [key.encode() for key in keys])
