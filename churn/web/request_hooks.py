"""What goes with every request and every answer: the model it is answered by, headers, counting, access lines."""

import logging
from time import perf_counter

from flask import Flask, Response, g, request

from churn.server.headers import SECURITY_HEADERS, RequestIds, request_id, trace_id
from churn.server.logs import request_in_work
from churn.server.metrics import NO_ROUTE, Metrics
from churn.server.served_model import ServedModel

logger = logging.getLogger(__name__)


def register_request_hooks(app: Flask, served: ServedModel, metrics: Metrics, *, access_log: bool) -> None:
    """Gives each request its ids and one model for its whole life, and each answer its headers.

    `g.counted` is the model with its counts, `g.model` the model alone.
    To be registered before what may refuse a request: hooks run in the order of registration.
    """

    @app.before_request
    def begin_request() -> None:
        metrics.begin_request()
        g.started = perf_counter()
        g.request_id = request_id(request.headers.get("X-Request-ID", ""))
        g.trace_id = trace_id(request.headers.get("traceparent", ""))
        request_in_work.set(RequestIds(g.request_id, g.trace_id))
        g.counted = served.now
        g.model = g.counted.model

    @app.teardown_request
    def forget_request(error: BaseException | None) -> None:
        request_in_work.set(None)
        if "started" in g:  # else it was ended before it began
            metrics.end_request()

    @app.after_request
    def finish_answer(response: Response) -> Response:
        present = {name.lower() for name, _ in response.headers}  # a page for people has its own
        for name, value in SECURITY_HEADERS.items():
            if name.lower() not in present:
                response.headers.add(name, value)
        response.headers.add("X-Request-ID", g.request_id)
        if g.trace_id:
            response.headers.add("X-Trace-ID", g.trace_id)
        response.headers.add("X-Model-Version", g.model.version)
        duration_s = perf_counter() - g.started
        route = request.url_rule.rule if request.url_rule else NO_ROUTE
        metrics.count_request(route, response.status_code, duration_s)
        if access_log:
            _log_request(route, response.status_code, duration_s)
        return response


def _log_request(route: str, status: int, duration_s: float) -> None:
    further = {"method": request.method, "route": route, "status": status, "remote": request.remote_addr}
    logger.info("request", extra=further | {"duration_ms": round(duration_s * 1000, 3)})
