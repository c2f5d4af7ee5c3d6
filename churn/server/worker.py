"""gunicorn's gthread worker without three waits that hold up other requests, and true in what it says of connections.

Measured with gunicorn 27.0: before it closes a connection, gunicorn gives the client 2 s to close its side (RFC 9112,
9.6) in the thread that also accepts and hands out every other request, and 30 clients that never close held a worker
up for 34 s; a new connection waits for its first byte in a thread of the pool, and 100 silent ones delayed a request
by 25 s; then it counts as a connection for as long as a kept-alive one, and 600 silent ones delayed it by 85 s.

An answer may be given before its request's body was read: a 404, a 401, a 503. gunicorn then says that the connection
is kept, reads 64 KiB and closes it. nginx shares its connections among clients, so one client's refused bodies of
300 kB cost the others 3 % of their requests.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from gunicorn.http.body import Body, LengthReader
from gunicorn.http.errors import (
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.workers.gthread import _DEFER, ThreadWorker

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_OURS = (InvalidResponseHeader, InvalidResponseHeaderName)  # by their class the client's fault, but the app's
_LINGER_S = 2.0
_SILENT_S = 5.0
_DRAIN_BYTES = 16 * 2**20  # more than MAX_CONTENT_LENGTH and nginx let through
_REST_S = 1.0
_SHORT_LINGER_S = 0.2  # for a client that has had its time already
_PIECE_BYTES = 2**18


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A ThreadWorker that a client can't hold up by saying nothing, or by not closing its connection."""

    wsgi: Any

    def load_wsgi(self) -> None:
        """Loads the app, and settles after each of its answers what becomes of the connection."""
        super().load_wsgi()
        self._thread = threading.local()
        app = self.wsgi

        def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            content: Iterable[bytes] = app(environ, start_response)
            self._settle_connection(start_response.__self__)  # type: ignore[attr-defined]
            return content

        self.wsgi = answer

    def _settle_connection(self, response: Any) -> None:
        """Reads what is left of a request's body, or makes the answer say that its connection is closed.

        To be called between the app's answer and the sending of its first byte.
        """
        body = response.req.body
        ends = body.failed or not self.alive
        if not ends and not is_body_read(body) and not response.should_close():
            began = time.monotonic()
            ends = not read_rest_of_body(response.req)
            self._thread.waited_s = time.monotonic() - began
        if ends:
            response.force_close()

    def handle(self, conn: Any) -> Any:
        """Answers one request of a connection; truthy when the connection is to be kept."""
        if not conn.initialized and not conn.wait_for_data(0):
            return _DEFER  # the main thread waits for the first byte, for all silent connections at once
        self._thread.waited_s = 0.0
        keep = super().handle(conn)
        if not keep:
            _drain_connection(conn.sock, _LINGER_S if self._thread.waited_s < _REST_S else _SHORT_LINGER_S)
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


def is_body_read(body: Body) -> bool:
    """True when all of a request's body has come from its connection."""
    reader = body.reader
    return reader.length == 0 if isinstance(reader, LengthReader) else reader.parser is None


def read_rest_of_body(request: Any) -> bool:
    """True when the rest of a request's body came in time, and was thrown away; bounded in bytes, too."""
    reader, unreader = request.body.reader, request.unreader
    if isinstance(reader, LengthReader) and reader.length > _DRAIN_BYTES:
        return False
    connection = unreader.sock
    unreader.sock = _Bounded(connection)
    try:
        while request.body.read(_PIECE_BYTES):
            pass
    except Exception:  # not in time, too long, or malformed: gunicorn's errors have no common class
        return False
    finally:
        unreader.sock = connection
        connection.settimeout(None)
    return True


class _Bounded:
    """A connection as gunicorn reads one, that fails past 1 s or 16 MiB, in however small pieces they come."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._deadline = time.monotonic() + _REST_S
        self._bytes_left = _DRAIN_BYTES

    def recv(self, size: int) -> bytes:
        """The next piece. Raises TimeoutError when there is no time or no room left, EOFError when no more comes."""
        left_s = self._deadline - time.monotonic()
        if left_s <= 0 or self._bytes_left <= 0:
            raise TimeoutError
        self._connection.settimeout(left_s)
        received = self._connection.recv(min(size, _PIECE_BYTES))
        if not received:
            raise EOFError
        self._bytes_left -= len(received)
        return received


def _drain_connection(connection: socket.socket, linger_s: float) -> None:
    """Says that no more will come, and reads what is still sent: an RST would cost the client its answer."""
    deadline = time.monotonic() + linger_s
    drained = 0
    with contextlib.suppress(OSError):  # the client is gone, or its time is up
        connection.shutdown(socket.SHUT_WR)
        while drained < _DRAIN_BYTES and (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            received = connection.recv(_PIECE_BYTES)
            drained += len(received)
            if not received:
                break
