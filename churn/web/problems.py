"""The one place that maps errors to HTTP status codes and to the one shape of every error (RFC 9457)."""

import logging

import msgspec
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES  # the phrases in Python's http change with its version

from churn.errors import CountsError, CsvError, CsvTooLargeError, CustomerError
from churn.model.refusals import MAX_PROBLEMS
from churn.server.refusal import FAILED

logger = logging.getLogger(__name__)

_DETAILS = {
    401: "this path needs an API key",
    404: "there is nothing at this path",
    405: "this path does not take this method; the Allow header says which it takes",
    413: "the body is larger than this service takes",
    500: FAILED.detail,
}
_LOGGED = {408, 503}  # the load decides these, not the request
_WRONG_METHOD = {"/predict": "send customers to /predict by POST; the page for people is at /"}


def register_problems(app: Flask) -> None:
    """Makes every 4xx and 5xx of the app a problem document."""
    app.register_error_handler(CustomerError, _refuse_customers)
    app.register_error_handler(CsvError, _refuse_csv)
    app.register_error_handler(CountsError, lambda error: _problem(Response(status=503), str(error)))
    app.register_error_handler(HTTPException, _explain_http_error)


def _refuse_customers(error: CustomerError) -> Response:
    return _problem(
        Response(status=422),
        str(error),
        problem_count=error.problem_count,
        problems=[problem.to_json() for problem in error.problems[:MAX_PROBLEMS]],
    )


def _refuse_csv(error: CsvError) -> Response:
    response = Response(status=413 if isinstance(error, CsvTooLargeError) else 400)
    if error.line is None:
        return _problem(response, str(error))
    return _problem(response, str(error), line=error.line, problem=error.reason)


def _explain_http_error(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:  # a redirect is an HTTPException, too
        return error
    ours = error.description if type(error).description != error.description else None
    response = Response(status=error.code, headers=error.get_headers())  # keeps headers such as Allow
    if error.code in _LOGGED:
        logger.info("request refused", extra={"status": error.code, "reason": ours or error.name})
    known = _WRONG_METHOD.get(request.path.rstrip("/")) if error.code == 405 else None
    return _problem(response, ours or known or _DETAILS.get(error.code) or error.name)


def _problem(response: Response, detail: str, **members: object) -> Response:
    title = HTTP_STATUS_CODES.get(response.status_code, "Error")
    document = {"title": title, "status": response.status_code, "detail": detail, **members}
    if g.trace_id:
        document["trace_id"] = g.trace_id
    response.data = msgspec.json.encode(document)
    response.content_type = "application/problem+json"
    return response
