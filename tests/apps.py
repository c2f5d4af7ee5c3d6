"""Apps for the tests, made as predict.py makes its own: from a served model and the settings of an environment."""

from flask import Flask
from flask.testing import FlaskClient

from churn.server.metrics import Metrics
from churn.server.served_model import ServedModel
from churn.server.settings import read_settings
from churn.web.app import create_app


def make_app(served: ServedModel, *, metrics: Metrics | None = None, **environ: str) -> Flask:
    """The app of a served model. `environ` are its settings, as in API_KEY="a-key"."""
    return create_app(served, read_settings(environ).web, metrics=metrics)


def make_client(served: ServedModel, **environ: str) -> FlaskClient:
    """A client with an app of its own."""
    return make_app(served, **environ).test_client()
