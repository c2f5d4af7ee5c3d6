"""The Flask app of the service: which path answers what, and in which order a request passes what guards it.

Owns the routes of programs; those of people are in pages. Reads no environment: the edge passes the settings in.
"""

import logging
from collections.abc import Mapping

import msgspec
from flask import Flask, Request, Response, g, request

from churn.errors import CustomerError
from churn.server.metrics import Metrics
from churn.server.served_model import ServedModel
from churn.server.settings import WebSettings
from churn.web.answers import Answer, answer_csv, answer_csv_in_json, answer_json
from churn.web.bodies import CSV, bounded_memory, read_body
from churn.web.counting import is_what_if
from churn.web.keys import register_keys
from churn.web.pages.docs import register_docs
from churn.web.pages.page import register_page
from churn.web.problems import register_problems
from churn.web.queries import Query, prefers_json, read_query
from churn.web.request_hooks import register_request_hooks

logger = logging.getLogger(__name__)


def create_app(served: ServedModel, settings: WebSettings, *, metrics: Metrics | None = None) -> Flask:
    """The Flask app that serves a model, which comes verified and with the threshold that is set."""
    metrics = metrics or Metrics()
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_content_length_bytes
    app.extensions |= {"served_model": served, "metrics": metrics}  # gunicorn's worker looks for them there
    register_request_hooks(app, served, metrics, access_log=settings.access_log)
    register_keys(app, settings.api_keys)
    register_problems(app)
    register_docs(app, has_keys=bool(settings.api_keys))
    register_page(app, api_keys=settings.api_keys)
    _register_predict(app, metrics)
    _register_operations(app, metrics)
    return app


def _register_predict(app: Flask, metrics: Metrics) -> None:
    """Adds POST /predict: customers in, churn probabilities out, each request counted."""

    @app.post("/predict", strict_slashes=False)  # /predict/, too: a redirect would lose the body
    def predict() -> Response:
        query = read_query(request, field_count=len(g.model.scorer.contract.fields))
        with bounded_memory(request):
            body = read_body(request)
            try:
                answer = _answer(request, body, query)
            except CustomerError as error:
                _count_refused(metrics, error.counts)
                raise
            metrics.count_scored(answer.probabilities, threshold=g.model.threshold)
            if answer.refused:
                _count_refused(metrics, answer.refused)
            response = Response(answer.content, mimetype=answer.mimetype, headers=answer.headers)
            answer.count()
            return response


def _answer(request: Request, body: bytes, query: Query) -> Answer:
    """The answer in the form that a request asks for."""
    tally = None if is_what_if(request.environ) else g.counted.tally
    if request.mimetype != CSV:
        return answer_json(g.model, body, query, tally=tally)
    return (answer_csv_in_json if prefers_json(request) else answer_csv)(g.model, body, query, tally=tally)


def _count_refused(metrics: Metrics, counts: Mapping[tuple[str | None, str], int]) -> None:
    """Counts the problems of refused customers, and logs how many and in which fields."""
    metrics.count_problems(counts)
    fields = sorted({field or "" for field, _ in counts})
    logger.info("customers refused", extra={"problems": sum(counts.values()), "fields": fields})


def _register_operations(app: Flask, metrics: Metrics) -> None:
    """Adds what ops and a load balancer ask: the model's card, what is counted, and whether the service is there."""

    @app.get("/model")
    def show_model() -> Response:
        return Response(g.model.describe(), mimetype="application/json")

    @app.get("/drift")
    def show_drift() -> Response:
        return Response(msgspec.json.encode(g.counted.read_report()), mimetype="application/json")

    @app.get("/metrics")
    def show_metrics() -> Response:
        return Response(metrics.render(g.counted), content_type=metrics.content_type)

    @app.get("/ping")
    def ping() -> Response:
        return Response("PONG", mimetype="text/plain")

    @app.get("/health")
    def health() -> Response:
        return Response("alive\n", mimetype="text/plain")

    @app.get("/ready")
    def ready() -> Response:
        return Response("ready\n", mimetype="text/plain")  # an app exists only around a verified model
