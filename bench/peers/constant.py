"""Constant answers: the cost of Flask, and of gunicorn without Flask, for a request without any work."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response

ANSWER = b'{"churn_probability":0.28333043564322885,"churn":false}'

flask_app = Flask(__name__, static_folder=None)


@flask_app.post("/predict")
def predict() -> Response:
    return Response(ANSWER, mimetype="application/json")


def wsgi_app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(ANSWER)))])
    return [ANSWER]
