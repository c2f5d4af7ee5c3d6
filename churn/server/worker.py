"""gunicorn's gthread worker without its waits: a client costs it a thread only when all of a request has come.

Measured with gunicorn 27.0: before it closes a connection, gunicorn gives the client 2 s to close its side (RFC 9112,
9.6) in the thread that also accepts and hands out every other request, and 30 clients that never close held a worker
up for 34 s; a new connection waits for its first byte in a thread of the pool, and 100 silent ones delayed a request
by 25 s; 40 clients that sent a byte of a header every 3.5 s stopped everything. So Connections does all the waiting.

An answer may be given before its request's body was read: a 404, a 401, a 503. gunicorn then says that the connection
is kept, reads 64 KiB and closes it. nginx shares its connections among clients, so one client's refused bodies of
300 kB cost the others 3 % of their requests.

Under TLS, PROXY protocol or HTTP/2 in clear text the bytes of a connection are not a request's: then gunicorn reads
them itself, and only the first two of its waits are mended.
"""

import contextlib
import math
import sys
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gunicorn.config import PostRequest, PreRequest
from gunicorn.http import get_parser
from gunicorn.http.body import Body, LengthReader
from gunicorn.http.errors import (
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.workers.gthread import _DEFER, STOP_KEEPALIVE_LINGER, ThreadWorker

from churn.server.capacity import gathered_bytes, usable_connections
from churn.server.connection import LINGER_S, SHORT_LINGER_S, SILENT_S, Connection
from churn.server.connections import Connections
from churn.server.draining import DRAIN_BYTES, drain_connection, read_to_end
from churn.server.entrance import Entrance
from churn.server.fast_lane import FastLane, may_answer
from churn.server.length_body import LengthBody
from churn.server.refusal import FAILED, LATE, MALFORMED, TOO_LONG, Refuser
from churn.server.waiting import Waiting

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_OURS = (InvalidResponseHeader, InvalidResponseHeaderName)  # by their class the client's fault, but the app's
_REST_S = 1.0
_LAST_S = 1.0  # of the grace time: for the answers to those who have not sent all of their request by then
_SWITCH_S = 0.0005  # a thread that calculates lets the main thread in after so long; Python's own is ten times that
_LONGEST_LINE_BYTES = 8_190  # gunicorn's own


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A ThreadWorker that no client can hold up, neither by saying nothing nor by saying it slowly."""

    wsgi: Any
    alive: bool
    nr_conns: int
    poller: Any
    keepalived_conns: Any
    pending_conns: Any

    def __init__(self, *arguments: Any, **further: Any) -> None:
        super().__init__(*arguments, **further)
        self.worker_connections = usable_connections(self.cfg.worker_connections)
        self.max_keepalived = self.worker_connections - self.cfg.threads
        self._connections: Connections | None = None
        self._entrance: Entrance | None = None
        self._lane: FastLane | None = None
        self._ends_at = math.inf
        self._thread = threading.local()

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Says once, in the master, when there are too few file descriptors for `worker_connections`."""
        super().check_config(cfg, log)
        usable = usable_connections(cfg.worker_connections)
        if usable < (wanted := cfg.worker_connections):
            log.warning("a worker takes %d connections, not %d: raise the limit of open files", usable, wanted)

    def load_wsgi(self) -> None:
        """Loads the app, and settles after each of its answers what becomes of the connection."""
        super().load_wsgi()
        app = self._app = self.wsgi
        extensions = getattr(app, "extensions", {})
        self._refuser = Refuser(extensions.get("served_model"), extensions.get("metrics"))
        sys.setswitchinterval(_SWITCH_S)
        cfg = self.cfg
        if not cfg.is_ssl and cfg.protocol == "http" and cfg.proxy_protocol == "off" and cfg.http2_cleartext == "off":
            self.keepalived_conns, self.pending_conns = Waiting[Connection](), Waiting[Connection]()
            self._connections = Connections(
                self,
                self._refuser,
                keepalive_s=cfg.keepalive,
                stopping_s=STOP_KEEPALIVE_LINGER,
                most_line_bytes=cfg.limit_request_line or _LONGEST_LINE_BYTES,
                most_bytes=gathered_bytes(cfg.workers),
                threads=cfg.threads,
            )
            self._entrance = Entrance(self, self._connections, self.worker_connections)

        def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            content: Iterable[bytes] = app(environ, start_response)
            self._settle_connection(start_response.__self__)  # type: ignore[attr-defined]
            return content

        self.wsgi = answer

    def run(self) -> None:
        """Answers until it is told to stop; the app may have a fast lane by now."""
        cfg = self.cfg
        has_own_hooks = cfg.pre_request is not PreRequest.default or cfg.post_request is not PostRequest.default
        if may_answer(cfg) and not has_own_hooks:
            self._lane = getattr(self._app, "extensions", {}).get("fast_lane")
        super().run()
        if self._connections is not None:
            self._connections.end_gathering()  # Python ends when the last thread has

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

    def set_accept_enabled(self, enabled: bool) -> None:
        """Goes on accepting when all connections are taken, while one of them may be closed for a new one.

        gunicorn calls it once when the worker begins to stop.
        """
        if not self.alive and self._ends_at == math.inf:
            self._ends_at = time.monotonic() + self.cfg.graceful_timeout - _LAST_S
        super().set_accept_enabled(enabled if self._entrance is None else self._entrance.is_open)

    def is_parent_alive(self) -> bool:
        """False when the master has gone: then this worker stops, too."""
        self.alive = self.alive and super().is_parent_alive()
        return self.alive

    def accept(self, listener: Any) -> None:
        """Accepts a connection, whose first byte the main thread waits for."""
        accept = super().accept if self._entrance is None else self._entrance.accept
        accept(listener)

    def answer_at_once(self, data: bytes | bytearray) -> bytes | None:
        """The answer of the fast lane; None when there is none, or this request is not for it."""
        full = len(self.keepalived_conns) >= self.max_keepalived
        if self._lane is None or not self.alive or full or self.nr + 1 >= self.max_requests:
            return None
        answer: bytes | None = self._lane.answer(data)
        if answer:
            self.nr += 1
        return answer

    def murder_pending(self) -> None:
        """Cuts off who is late; after that there may be room for new connections, whatever gunicorn counts."""
        if self._connections is None:
            super().murder_pending()
            return
        if time.monotonic() >= self._ends_at:
            self._connections.end_gathering()
        self._connections.cut_off_late()
        self.set_accept_enabled(self.alive)

    def handle(self, conn: Any) -> Any:
        """Answers one request of a connection, in a thread; truthy when the connection is to be kept."""
        self._thread.waited_s = 0.0
        if isinstance(conn, Connection):
            return self._handle_gathered(conn)
        if not conn.initialized and not conn.wait_for_data(0):
            return _DEFER  # the main thread waits for the first byte, for all silent connections at once
        keep = super().handle(conn)
        if not keep:
            drain_connection(conn.sock, self._find_linger_s())
            conn.close = lambda graceful=False: conn.sock.close()  # it has had its time
        return keep

    def _handle_gathered(self, conn: Connection) -> bool:
        """Answers a request that has come, and keeps what came behind it."""
        if conn.parser is None:
            conn.parser = get_parser(self.cfg, conn.sock, conn.client)
        conn.parser.unreader.unread(conn.buffer)
        conn.buffer = bytearray()
        keep = bool(super().handle(conn))
        if keep:
            conn.buffer += conn.parser.unreader.take_buffered()
        elif conn.sock.is_late and not conn.sock.has_sent:
            with contextlib.suppress(OSError):
                conn.sock.sendall(self._refuser.refuse(LATE))
        conn.linger_s = self._find_linger_s()
        return keep

    def _find_linger_s(self) -> float:
        return LINGER_S if self._thread.waited_s < _REST_S else SHORT_LINGER_S

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Has the app answer a request; its 100 Continue may have been sent already."""
        if isinstance(conn, Connection):
            if isinstance(req.body.reader, LengthReader):
                req.body = LengthBody(req.body.reader)
            if conn.was_continued:
                req._expected_100_continue = False
        return super().handle_request(req, conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Puts a connection where it belongs after `handle`, in the main thread."""
        if isinstance(conn, Connection) and self._connections is not None:
            keep = not fs.cancelled() and fs.exception() is None and fs.result()
            self._connections.take_back(conn, keep=keep)
            return
        super().finish_request(conn, fs)
        if self.pending_conns and self.pending_conns[-1] is conn:
            conn.timeout = time.monotonic() + SILENT_S

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answers what is not HTTP, or too much of it, before the app sees it: without repeating any of it.

        gunicorn's own answer and log line quote the request, and that may be a customer's values, from a client
        that counts its Content-Length wrong.
        """
        refusal = MALFORMED
        if isinstance(exc, LimitRequestHeaders | LimitRequestLine):
            refusal = TOO_LONG
        elif isinstance(exc, _OURS) or not isinstance(exc, ParseException):
            refusal = FAILED
        with contextlib.suppress(OSError):
            client.sendall(self._refuser.refuse(refusal, req.headers if req else (), error=exc))


def is_body_read(body: Body) -> bool:
    """True when all of a request's body has come from its connection."""
    reader = body.reader
    return reader.length == 0 if isinstance(reader, LengthReader) else reader.parser is None


def read_rest_of_body(request: Any) -> bool:
    """True when the rest of a request's body came in time, and was thrown away; bounded in bytes, too."""
    reader = request.body.reader
    is_too_long = isinstance(reader, LengthReader) and reader.length > DRAIN_BYTES
    return not is_too_long and read_to_end(request.body, request.unreader)
