"""The churn service: loads the model file, answers POST /predict. Served by `gunicorn predict:app`.

`python predict.py` is the development server, on 127.0.0.1 only.
"""

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from logging.config import dictConfig
from pathlib import Path

import click
from flask import Flask, Response, g, request

from churn.errors import ChurnError, CustomerError
from churn.server.logs import logging_config
from churn.server.metrics import Metrics
from churn.server.served_model import ServedModel, describe_model
from churn.server.settings import Settings, read_settings
from churn.web.answers import answer_csv, answer_json
from churn.web.bodies import CSV, bounded_memory, read_body
from churn.web.keys import register_keys
from churn.web.pages.docs import register_docs
from churn.web.pages.page import register_page
from churn.web.problems import register_problems
from churn.web.queries import read_query
from churn.web.request_hooks import register_exchange
from churn.web.short_cut import ShortCut

logger = logging.getLogger(__name__)


def create_app(
    served: ServedModel,
    *,
    metrics: Metrics | None = None,
    api_keys: Sequence[str] = (),
    max_content_length_bytes: int = 10 * 2**20,
    access_log: bool = False,
) -> Flask:
    """The Flask app that serves a model. Without `api_keys` every route is open."""
    metrics = metrics or Metrics()
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = max_content_length_bytes
    register_exchange(app, served, metrics, access_log=access_log)
    register_keys(app, api_keys)
    register_problems(app)
    register_docs(app, has_keys=bool(api_keys))

    register_page(app, api_keys=api_keys)
    if find_spec("churn.batch"):  # which the image has not
        from churn.batch.command import score_command

        app.cli.add_command(score_command(lambda: served.current))
    else:
        app.cli.add_command(no_score_command())

    @app.post("/predict")
    def predict() -> Response:
        query = read_query(request, field_count=len(g.model.scorer.contract.fields))
        with bounded_memory(request):
            body = read_body(request)
            answer_body = answer_csv if request.mimetype == CSV else answer_json
            try:
                answer = answer_body(g.model, body, query)
            except CustomerError as error:
                count_refused(error.counts)
                raise
            metrics.count_scored(answer.probabilities, threshold=g.model.threshold)
            if answer.refused:
                count_refused(answer.refused)
            return Response(answer.content, mimetype=answer.mimetype, headers=answer.headers)

    def count_refused(counts: Mapping[tuple[str | None, str], int]) -> None:
        metrics.count_problems(counts)
        fields = sorted({field or "" for field, _ in counts})
        logger.info("customers refused", extra={"problems": sum(counts.values()), "fields": fields})

    @app.get("/model")
    def describe() -> Response:
        return Response(g.model.describe(), mimetype="application/json")

    @app.get("/metrics")
    def show_metrics() -> Response:
        return Response(metrics.render(), content_type=metrics.content_type)

    @app.get("/ping")
    def ping() -> Response:
        return text("PONG")

    @app.get("/health")
    def health() -> Response:
        return text("alive\n")

    @app.get("/ready")
    def ready() -> Response:
        return text("ready\n")  # an app exists only around a verified model

    if not api_keys and not access_log:
        short_cut = ShortCut(app.wsgi_app, served, metrics, max_content_length_bytes)
        app.wsgi_app = short_cut  # type: ignore[method-assign]  # Flask's own way to put something before an app
    return app


def no_score_command() -> click.Command:
    """The command `score` where files are not scored: it says so."""

    @click.command("score", context_settings={"ignore_unknown_options": True}, add_help_option=False)
    @click.argument("arguments", nargs=-1)
    def score(arguments: tuple[str, ...]) -> None:
        click.echo("score: this installation serves and scores no files: it has no churn.batch", err=True)
        sys.exit(2)

    return score


def text(content: str) -> Response:
    return Response(content, mimetype="text/plain")


def start(environ: Mapping[str, str]) -> tuple[Settings, ServedModel, Metrics, Flask]:
    """All that is served, or the end of the process in one line: what can't be right does not start."""
    metrics = Metrics()
    shared_folder = environ.get("PROMETHEUS_MULTIPROC_DIR")  # gunicorn.conf.py makes it, for its workers
    kept = Path(shared_folder) / "newest-model" if shared_folder else None
    try:
        settings = read_settings(environ)
        if __name__ == "__main__":  # gunicorn.conf.py has done it otherwise
            dictConfig(logging_config(level=settings.log_level, format=settings.log_format))
        served = ServedModel(
            settings.model_file, positive_class=settings.positive_class, threshold=settings.threshold, kept=kept
        )
    except ChurnError as error:
        sys.exit(f"predict.py: {error}")
    logger.info("model loaded", extra=describe_model(served.current))
    if not settings.api_keys and logger.hasHandlers():  # a command of the app's serves nobody and says nothing
        logger.warning("API_KEY is not set: every route is open")
    app = create_app(
        served,
        metrics=metrics,
        api_keys=settings.api_keys,
        max_content_length_bytes=settings.max_content_length_bytes,
        access_log=settings.access_log,
    )
    return settings, served, metrics, app


settings, served, metrics, app = start(os.environ)


def start_worker() -> None:
    """What each process that serves does once, after any fork: it watches the model file."""
    served.watch(tell=tell)
    metrics.show_model(served.current.version)


def tell(outcome: str) -> None:
    """Counts what became of a change of the model file."""
    metrics.count_swap(outcome)
    metrics.show_model(served.current.version)


if __name__ == "__main__":
    start_worker()
    app.run(host="127.0.0.1", port=settings.port, debug=False)
