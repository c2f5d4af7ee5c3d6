"""gunicorn's gthread worker, with three waits taken away from where they hold up other requests.

Measured with gunicorn 27.0: before it closes a connection, gunicorn gives the client 2 s to close its side (RFC 9112,
9.6) in the thread that also accepts and hands out every other request, and 30 clients that never close held a worker
up for 34 s; a new connection waits for its first byte in a thread of the pool, and 100 silent ones delayed a request
by 25 s; then it counts as a connection for as long as a kept-alive one, and 600 silent ones delayed it by 85 s.
"""

import contextlib
import socket
import time
from typing import Any

import msgspec
from gunicorn.http.errors import (
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.workers.gthread import _DEFER, ThreadWorker

_OURS = (InvalidResponseHeader, InvalidResponseHeaderName)  # by their class the client's fault, but the app's
_LINGER_S = 2.0
_SILENT_S = 5.0
_DRAIN_BYTES = 16 * 2**20


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A ThreadWorker that a client can't hold up by saying nothing, or by not closing its connection."""

    def handle(self, conn: Any) -> Any:
        """Answers one request of a connection; truthy when the connection is to be kept."""
        if not conn.initialized and not conn.wait_for_data(0):
            return _DEFER  # the main thread waits for the first byte, for all silent connections at once
        keep = super().handle(conn)
        if not keep:
            _drain(conn.sock)
            conn.close = lambda graceful=False: conn.sock.close()  # it has had its time
        return keep

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Puts a connection where it belongs after `handle`, in the main thread."""
        super().finish_request(conn, fs)
        if self.pending_conns and self.pending_conns[-1] is conn:
            conn.timeout = time.monotonic() + _SILENT_S

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answers what is not HTTP, or too much of it, before the app sees it: without repeating any of it.

        gunicorn's own answer and log line quote the request, and that may be a customer's values, from a client
        that counts its Content-Length wrong.
        """
        status, title, detail = 400, "Bad Request", "the request is malformed"
        if isinstance(exc, LimitRequestHeaders | LimitRequestLine):
            status, title, detail = 431, "Request Header Fields Too Large", "the request line or a header is too long"
        elif isinstance(exc, _OURS) or not isinstance(exc, ParseException):
            status, title, detail = 500, "Internal Server Error", "the service failed"
            self.log.exception("a request failed outside of the app")
        body = msgspec.json.encode({"title": title, "status": status, "detail": detail})
        head = f"HTTP/1.1 {status} {title}\r\nContent-Type: application/problem+json\r\nConnection: close\r\n"
        with contextlib.suppress(OSError):
            client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        self.log.info("a malformed request was refused: %s", type(exc).__name__)


def _drain(connection: socket.socket) -> None:
    """Says that no more will come, and reads what is still sent: an RST would cost the client its answer."""
    deadline = time.monotonic() + _LINGER_S
    drained = 0
    with contextlib.suppress(OSError):  # the client is gone, or its time is up
        connection.shutdown(socket.SHUT_WR)
        while drained < _DRAIN_BYTES and (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            received = connection.recv(65536)
            drained += len(received)
            if not received:
                break
