"""One connection of a worker, and the places in which connections wait. Knows no gunicorn."""

import logging
import math
import selectors
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from churn.server.client_socket import ClientSocket
from churn.server.framing import Framing
from churn.server.waiting import Waiting

logger = logging.getLogger(__name__)

GRACE_S = 10.0
"""The time for a request's head; for a body or an answer, the time in addition to what its size allows."""
SILENT_S = 5.0
"""The time for the first byte on a new connection."""
LINGER_S, SHORT_LINGER_S = 2.0, 0.2
"""The time for a client to close its side; the short one for a client that has already been waited for."""


class Connection:
    """A client's connection and its state; gunicorn uses the attributes from `client` to `initialized`.

    `timeout` is the deadline of its wait, by time.monotonic. `buffer` holds the bytes received but not yet answered.
    """

    is_http2 = False
    data_ready = True

    def __init__(self, sock: ClientSocket, client: Any, server: Any) -> None:
        self.sock, self.client, self.server = sock, client, server
        self.timeout = math.inf
        self.parser: Any = None
        self.initialized = True
        self.buffer = bytearray()
        self.framing: Framing | None = None
        self.place: Waiting[Connection] | None = None
        self.watched_for = 0
        self.callback: Callable[[Connection], None] | None = None
        self.is_open = self.may_be_answered_at_once = True
        self.is_part = self.was_continued = self.is_kept = False
        self.counted_bytes = self.drained_bytes = 0
        self.linger_s = LINGER_S

    def init(self) -> None:
        """Does nothing; gunicorn would make the parser here, which the worker does."""

    def set_timeout(self) -> None:
        """Does nothing; Places sets the deadline."""

    def close(self, graceful: bool = False) -> None:
        """Closes the connection at once."""
        self.is_open = False
        self.sock.close()

    def start_anew(self) -> None:
        """Prepares for the next request, part of which the buffer may hold already."""
        self.framing = None
        self.may_be_answered_at_once = True
        self.was_continued = False


class Host(Protocol):
    """The worker, as far as its connections need it."""

    alive: bool
    nr_conns: int
    poller: selectors.BaseSelector
    pending_conns: Waiting[Connection]
    keepalived_conns: Waiting[Connection]

    def enqueue_req(self, conn: Connection) -> None:
        """Answers a request in a thread of the pool, then returns the connection."""

    def answer_at_once(self, data: bytes | bytearray) -> bytes | None:
        """The whole answer to all bytes of a connection; b"" if more bytes may complete a request that can be
        answered at once; None if a thread must answer.
        """


class Places:
    """The places in which connections wait, their deadlines, and the bytes held for all of them."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.silent, self.kept = host.pending_conns, host.keepalived_conns
        self.heads, self.bodies, self.large, self.ready = (Waiting[Connection]() for _ in range(4))
        self.in_threads, self.sending, self.closing = (Waiting[Connection]() for _ in range(3))
        self.gathered_bytes = self.unsent_bytes = 0

    def _wait(self, conn: Connection, place: Waiting[Connection], seconds: float) -> None:
        """Moves a connection to a place, with a deadline in `seconds`."""
        conn.timeout = time.monotonic() + seconds
        self._move(conn, place)

    def _move(self, conn: Connection, place: Waiting[Connection] | None) -> None:
        if conn.place is not place:
            self._count(conn, 0)
            if conn.place is not None:
                conn.place.remove(conn)
            conn.place = place
        if place is not None:
            place.append(conn)

    def _count(self, conn: Connection, size: int) -> None:
        """Counts the bytes that are held for a connection in the place where it is."""
        added = size - conn.counted_bytes
        if added:
            conn.counted_bytes = size
            if conn.place is self.sending:
                self.unsent_bytes += added
            else:
                self.gathered_bytes += added

    def _watch(self, conn: Connection, event: int, callback: Callable[[Connection], None]) -> None:
        """Has the main thread call `callback` for each event of a connection."""
        conn.callback = callback
        if conn.watched_for != event:
            if conn.watched_for:
                self._host.poller.unregister(conn.sock.connection)
            self._host.poller.register(conn.sock.connection, event, partial(self._run, conn))
            conn.watched_for = event

    def _run(self, conn: Connection, _: object) -> None:
        """Calls a connection's current callback, which an event of another connection may have changed in the same
        turn of the loop. A failure of one connection does not end the worker.
        """
        if conn.callback is None:  # it was closed, or given to a thread
            return
        try:
            conn.callback(conn)
        except BlockingIOError:
            return
        except OSError:  # the client is gone
            self._drop(conn)
        except Exception:
            logger.exception("a connection failed")
            self._drop(conn)

    def _unwatch(self, conn: Connection) -> None:
        if conn.watched_for:
            self._host.poller.unregister(conn.sock.connection)
            conn.watched_for, conn.callback = 0, None

    def _leave(self, conn: Connection, place: Waiting[Connection] | None = None) -> None:
        """Stops watching a connection, and moves it to `place`."""
        self._unwatch(conn)
        self._move(conn, place)

    def _drop(self, conn: Connection) -> None:
        """Closes a connection at once."""
        if conn.is_open:
            self._leave(conn)
            conn.close()
            self._host.nr_conns -= 1
