"""The headers that every answer carries."""

import re
import uuid

from flask import Flask, Response, request

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")


def register_headers(app: Flask, *, model_version: str) -> None:
    """Puts X-Request-ID and X-Model-Version on every answer of the app."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers["X-Request-ID"] = request_id(request.headers.get("X-Request-ID", ""))
        response.headers["X-Model-Version"] = model_version
        return response


def request_id(given: str) -> str:
    """The caller's request id when it is 1 to 128 characters of the plain kind, else a new one.

    >>> request_id("order-17")
    'order-17'
    >>> len(request_id("two words"))
    32
    """
    return given if _SANE_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
