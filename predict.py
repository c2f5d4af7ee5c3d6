"""The churn service: loads the model file, answers POST /predict. Served by `gunicorn predict:app`.

`python predict.py` is the development server, on 127.0.0.1 only.
"""

import logging
import os
import sys

import msgspec
from flask import Flask, Response, request

from churn.errors import ChurnError
from churn.model_file import Model, load_model
from churn.scoring import probability
from churn.web.bodies import decode_customer, decode_customers, is_list, read_json_body
from churn.web.headers import register_headers
from churn.web.problems import register_problems
from churn.web.settings import Settings, read_settings

DEFAULT_THRESHOLD = 0.5


def create_app(model: Model, *, threshold: float | None = None, max_content_length_bytes: int = 10 * 2**20) -> Flask:
    """The Flask app that serves a verified model.

    `threshold` (0 to 1) is the churn probability from which a customer counts as leaving; None takes the card's,
    or 0.5 for a file without a card.
    """
    if threshold is None:
        threshold = model.card.threshold if model.card else DEFAULT_THRESHOLD
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = max_content_length_bytes
    register_problems(app)
    register_headers(app, model_version=model.version)

    def answer(churn_probability: float) -> dict[str, object]:
        return {"churn_probability": churn_probability, "churn": churn_probability >= threshold}

    @app.post("/predict")
    def predict() -> Response:
        body = read_json_body(request)
        if is_list(body):
            probabilities = model.scorer.score_customers(decode_customers(body))
            return json_answer([answer(one) for one in probabilities])
        log_odds = model.scorer.log_odds(decode_customer(body))
        return json_answer(answer(probability(log_odds)))

    @app.get("/model")
    def describe_model() -> Response:
        return Response(model.describe(), mimetype="application/json")

    @app.get("/")
    def home() -> Response:
        lines = "churn service: POST a customer as JSON to /predict; GET /model tells what it expects\n"
        return Response(lines, mimetype="text/plain")

    @app.get("/ping")
    def ping() -> Response:
        return Response("PONG", mimetype="text/plain")

    @app.get("/health")
    def health() -> Response:
        return Response("alive\n", mimetype="text/plain")

    @app.get("/ready")
    def ready() -> Response:
        return Response("ready\n", mimetype="text/plain")  # an app exists only around a verified model

    return app


def json_answer(content: object) -> Response:
    return Response(msgspec.json.encode(content), mimetype="application/json")


def start(environ: dict[str, str]) -> tuple[Settings, Flask]:
    """Settings and app, or the end of the process in one line: what can't be right does not start."""
    try:
        settings = read_settings(environ)
        model = load_model(settings.model_file)
    except ChurnError as error:
        sys.exit(f"predict.py: {error}")
    logging.basicConfig(level=settings.log_level.upper())
    app = create_app(
        model,
        threshold=settings.threshold,
        max_content_length_bytes=settings.max_content_length_bytes,
    )
    return settings, app


settings, app = start(dict(os.environ))

if __name__ == "__main__":
    app.run(host="127.0.0.1", port=settings.port, debug=False)
