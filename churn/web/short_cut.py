"""The short cut of good JSON customers: a WSGI app that answers them itself and leaves every other request to Flask.

Its answers are Flask's, byte for byte, with headers and metrics; it refuses nothing: Flask finds out what is wrong.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from time import perf_counter
from typing import TYPE_CHECKING, NoReturn, cast

from churn.server.headers import SECURITY_HEADERS, request_id, trace_id
from churn.server.metrics import Metrics
from churn.server.served_model import ServedModel
from churn.web.answers import answer_json
from churn.web.bodies import JSON, is_list
from churn.web.counting import is_what_if
from churn.web.queries import NOTHING
from churn.web.request_hooks import STARTED

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HOST = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*(:[0-9]{1,5})?")  # a plain name or address
_SPECIAL = {"HTTP_CONTENT_ENCODING", "HTTP_TRANSFER_ENCODING", "HTTP_UPGRADE"}


@dataclass
class ShortCut:
    """Answers `POST /predict` with one good customer as `application/json`, a length and no query.

    It checks no key and writes no access line: not for an app that is to do either.
    """

    flask: "WSGIApplication"
    served: ServedModel
    metrics: Metrics
    max_content_length_bytes: int

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ[STARTED] = perf_counter()
        answered = self._answer_counted(environ) if _is_plain(environ) else None
        if answered is None:
            return self.flask(environ, start_response)
        headers, content = answered
        start_response("200 OK", headers)
        return [content]

    def _answer_counted(self, environ: "WSGIEnvironment") -> tuple[list[tuple[str, str]], bytes] | None:
        """What `_answer` gives, with the request in flight meanwhile; Flask counts those that it answers itself."""
        self.metrics.begin_request()
        try:
            return self._answer(environ)
        finally:
            self.metrics.end_request()

    def _answer(self, environ: "WSGIEnvironment") -> tuple[list[tuple[str, str]], bytes] | None:
        """Headers and body; None when Flask is to answer, which then finds the request as it came."""
        length = int(environ["CONTENT_LENGTH"])
        if length > self.max_content_length_bytes:
            return None
        try:
            body = environ["wsgi.input"].read(length)
        except Exception as error:  # the client stalled or left
            environ["wsgi.input"] = _Broken(error)
            return None
        environ["wsgi.input"] = BytesIO(body)
        if len(body) != length or is_list(body):
            return None
        counted = self.served.now
        model = counted.model
        try:
            answer = answer_json(model, body, NOTHING, tally=None if is_what_if(environ) else counted.tally)
            self.metrics.count_scored(answer.probabilities, threshold=model.threshold)
            self.metrics.count_request("/predict", 200, perf_counter() - environ[STARTED])
            answer.count()
        except Exception:  # a bad customer, or the service's own failure
            return None
        content = cast(bytes, answer.content)  # without reasons it is in one piece
        headers = {"Content-Type": JSON, "Content-Length": str(len(content)), **SECURITY_HEADERS}
        headers["X-Request-ID"] = request_id(environ.get("HTTP_X_REQUEST_ID", ""))
        if trace := trace_id(environ.get("HTTP_TRACEPARENT", "")):
            headers["X-Trace-ID"] = trace
        headers["X-Model-Version"] = model.version
        return list(headers.items()), content


@dataclass
class _Broken:
    """A body that fails again as it has failed once, without another wait."""

    error: Exception

    def read(self, size: int = -1) -> NoReturn:
        raise self.error


def _is_plain(environ: "WSGIEnvironment") -> bool:
    """True for a request of the one kind that is answered here, as far as its head tells."""
    length = environ.get("CONTENT_LENGTH", "")
    return (
        environ.get("PATH_INFO") == "/predict"
        and environ["REQUEST_METHOD"] == "POST"
        and environ.get("CONTENT_TYPE") == JSON
        and not environ.get("QUERY_STRING")
        and (length.isascii() and length.isdigit() and len(length) <= 5)
        and environ.keys().isdisjoint(_SPECIAL)
        and _HOST.fullmatch(environ.get("HTTP_HOST", "")) is not None
    )
