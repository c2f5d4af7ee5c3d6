"""The answers to requests that are refused before the app sees them: problems (RFC 9457), with the headers and the
log line of the app's own refusals.

They repeat nothing of the request except a valid id, since the rest may be a customer's values.
"""

import logging
from collections.abc import Iterable
from email.utils import formatdate
from typing import NamedTuple

import msgspec

from churn.server.headers import SECURITY_HEADERS, RequestIds, find_ids
from churn.server.logs import ids_on_each_line
from churn.server.metrics import Metrics
from churn.server.served_model import ServedModel

logger = logging.getLogger(__name__)


class Refusal(NamedTuple):
    """The reason for a refusal, with its status."""

    status: int
    title: str
    detail: str


MALFORMED = Refusal(400, "Bad Request", "the request is malformed")
LATE = Refusal(408, "Request Timeout", "the request did not come in time")
TOO_LONG = Refusal(
    431, "Request Header Fields Too Large", "the request line or a header is too long, or there are too many headers"
)
FAILED = Refusal(
    500, "Internal Server Error", "the service failed; its log has the reason under this answer's X-Request-ID"
)
FULL = Refusal(503, "Service Unavailable", "too many large requests at once; send it again")
_RETRY_AFTER_S = 10


class Refuser:
    """Refuses requests instead of an app, with the app's served model and metrics, if it has them."""

    def __init__(self, served: ServedModel | None, metrics: Metrics | None = None) -> None:
        self._served, self._metrics = served, metrics

    def refuse(
        self, refusal: Refusal, fields: Iterable[tuple[str, str]] = (), *, error: BaseException | None = None
    ) -> bytes:
        """The whole answer; the refusal is counted, and logged with the request's ids.

        `fields` are the header fields of a request whose head is complete and valid, else empty. `error` is the error
        raised; its message may quote the request, so it is logged only when the service failed.
        """
        ids = find_ids(fields)
        if self._metrics:
            self._metrics.count_refused(refusal.status)
        with ids_on_each_line(ids):
            if refusal is FAILED:
                logger.error("a request failed outside of the app", exc_info=error)
            else:
                reason = type(error).__name__ if error else refusal.detail
                logger.info("request refused", extra={"status": refusal.status, "reason": reason})
        return write_refusal(refusal, ids, self._served.current.version if self._served else None)


def write_refusal(refusal: Refusal, ids: RequestIds, version: str | None) -> bytes:
    """The whole answer, with `Connection: close`; `version` is that of the served model, if there is one.

    >>> write_refusal(LATE, RequestIds("order-17", None), "0123456789ab").splitlines()[0]
    b'HTTP/1.1 408 Request Timeout'
    """
    document = {"title": refusal.title, "status": refusal.status, "detail": refusal.detail}
    if ids.trace_id:
        document["trace_id"] = ids.trace_id
    body = msgspec.json.encode(document)
    headers = {
        "Server": "gunicorn",
        "Date": formatdate(usegmt=True),
        "Connection": "close",
        "Content-Type": "application/problem+json",
        "Content-Length": len(body),
        "Retry-After": _RETRY_AFTER_S if refusal.status == 503 else None,
        **SECURITY_HEADERS,
        "X-Request-ID": ids.request_id,
        "X-Trace-ID": ids.trace_id,
        "X-Model-Version": version,
    }
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value is not None)
    return f"HTTP/1.1 {refusal.status} {refusal.title}\r\n{fields}\r\n".encode() + body
