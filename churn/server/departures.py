"""Sending the rest of answers and closing connections, in the main thread."""

import selectors
import socket
from abc import ABC, abstractmethod
from collections import deque

from churn.server.client_socket import SLOWEST_BYTES_PER_S, send_now
from churn.server.connection import GRACE_S, Connection, Host, Places
from churn.server.draining import DRAIN_BYTES

_PIECE_BYTES = 256 * 1024


class Departures(Places, ABC):
    """Sends answers as fast as clients take them; then keeps or closes their connections.

    The unsent bytes of all answers have a limit. Beyond it the client that has taken nothing for longest is dropped.
    """

    def __init__(self, host: Host, *, most_unsent_bytes: int, keepalive_s: float, stopping_s: float) -> None:
        """An idle connection is kept for `keepalive_s`, or at most `stopping_s` by a worker that stops."""
        super().__init__(host)
        self._most_unsent_bytes = most_unsent_bytes
        self._keepalive_s, self._stopping_s = keepalive_s, stopping_s

    @abstractmethod
    def _receive(self, conn: Connection) -> None:
        """Reads the bytes that have come on a connection."""

    @abstractmethod
    def _look_at(self, conn: Connection, data: bytes | bytearray) -> None:
        """Handles all bytes that have come on a connection."""

    def _answer(self, conn: Connection, answer: bytes) -> None:
        """Sends an answer that was not given by a thread."""
        try:
            sent = 0 if conn.sock.unsent else send_now(conn.sock.connection, answer)
        except OSError:
            self._drop(conn)
            return
        if sent == len(answer):
            self._settle(conn)
        else:
            conn.sock.unsent.append(memoryview(answer)[sent:])
            self._wait_to_send(conn)

    def _wait_to_send(self, conn: Connection) -> None:
        _free_what_is_sent(conn.sock.unsent)
        n_unsent = conn.sock.n_unsent
        self._wait(conn, self.sending, GRACE_S + n_unsent / SLOWEST_BYTES_PER_S)
        self._count(conn, n_unsent)
        self._watch(conn, selectors.EVENT_WRITE, self._send_rest)
        while self.unsent_bytes > self._most_unsent_bytes and len(self.sending) > 1:
            self._drop(self.sending[0])

    def _send_rest(self, conn: Connection) -> None:
        """Sends as much of an answer as its client takes now."""
        progress = conn.sock.send_rest()
        if not conn.sock.unsent:
            self._settle(conn)
        elif progress:
            _free_what_is_sent(conn.sock.unsent)
            self.sending.append(conn)
            self._count(conn, conn.sock.n_unsent)

    def _settle(self, conn: Connection) -> None:
        """Keeps or closes a connection whose answer is sent."""
        if not conn.is_kept:
            self._begin_closing(conn)
            return
        conn.start_anew()
        if conn.buffer:  # the next request is there, or its beginning
            self._move(conn, None)
            self._watch(conn, selectors.EVENT_READ, self._receive)
            self._look_at(conn, conn.buffer)
        else:
            alive = self._host.alive
            self._wait(conn, self.kept, self._keepalive_s if alive else min(self._keepalive_s, self._stopping_s))
            self._watch(conn, selectors.EVENT_READ, self._receive)

    def _begin_closing(self, conn: Connection) -> None:
        """Closes the writing side, and reads what the client still sends: an RST could destroy a sent answer."""
        conn.buffer.clear()
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
            return
        self._wait(conn, self.closing, conn.linger_s)
        self._watch(conn, selectors.EVENT_READ, self._drain)

    def _drain(self, conn: Connection) -> None:
        received = len(conn.sock.connection.recv(_PIECE_BYTES))
        conn.drained_bytes += received
        if not received or conn.drained_bytes > DRAIN_BYTES:
            self._drop(conn)


def _free_what_is_sent(unsent: deque[memoryview]) -> None:
    """Copies the rest of the first part once less than half is unsent: a view keeps its whole part in memory."""
    rest = unsent[0]
    if 2 * len(rest) < memoryview(rest.obj).nbytes:
        unsent[0] = memoryview(bytes(rest))
