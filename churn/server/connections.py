"""The connections of a worker. All their waiting happens in its main thread.

A request takes up a thread only when all of it has come: its head, and a body of up to 256 KiB. Answers that a client
has not taken yet and connections that are being closed wait here, too. Every wait has one deadline, however many
pieces the bytes come in. Knows no gunicorn: the worker implements the protocol Host.
"""

import logging
import selectors
import socket
import time
from collections.abc import Iterator
from itertools import islice

from churn.server.client_socket import SLOWEST_BYTES_PER_S
from churn.server.connection import GRACE_S, SHORT_LINGER_S, SILENT_S, Connection, Host
from churn.server.departures import Departures
from churn.server.framing import Framing, Progress
from churn.server.refusal import FULL, LATE, Refusal, Refuser
from churn.server.waiting import Waiting

logger = logging.getLogger(__name__)

_PIECE_BYTES, _LARGE_PIECE_BYTES = 16 * 1024, 64 * 1024
_MOST_UNSENT_BYTES = 16 * 2**20
_LOOK_EVERY_S = 0.25
_LOOKED_AT = 32
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connections(Departures):
    """Gathers requests, and hands each to the fast lane or to a thread."""

    def __init__(
        self,
        host: Host,
        refuser: Refuser,
        *,
        keepalive_s: float,
        stopping_s: float,
        most_line_bytes: int,
        most_bytes: int,
        threads: int,
    ) -> None:
        """Gathered requests take up at most `most_bytes`, and unsent answers at most the same, but never over 16 MiB.
        Half of the threads may wait for the rest of requests that are too large to be gathered.
        """
        super().__init__(
            host,
            most_unsent_bytes=min(most_bytes, _MOST_UNSENT_BYTES),
            keepalive_s=keepalive_s,
            stopping_s=stopping_s,
        )
        self._refuser = refuser
        self._most_bytes, self._most_line_bytes = most_bytes, most_line_bytes
        self._free_parts = max(1, threads // 2)
        self._free_turns = 2 * threads  # keeps the threads busy and few answers unsent
        self._next_look = 0.0

    def add(self, conn: Connection) -> None:
        """Waits for the first byte of a new connection."""
        self._host.nr_conns += 1
        self._wait(conn, self.silent, SILENT_S)
        self._watch(conn, selectors.EVENT_READ, self._receive)

    def take_back(self, conn: Connection, *, keep: bool) -> None:
        """Sends the rest of an answer that a thread gave; then keeps the connection if `keep`, else closes it."""
        self._free_turns += 1
        conn.parser = None  # it holds the answered request, whose head may take up 256 KiB
        self._free_part(conn)
        if self.ready and self._free_turns > 0:
            self._submit(self.ready[0])
        conn.is_kept = keep
        if conn.sock.unsent:
            self._wait_to_send(conn)
        else:
            self._settle(conn)

    def cut_off_late(self) -> None:
        """Refuses the request of each connection that is past its deadline, or closes the connection."""
        now = time.monotonic()
        late = [*_find_late(self.silent, now), *_find_late(self.heads, now)]
        if now >= self._next_look:
            self._next_look = now + _LOOK_EVERY_S
            for place in (self.bodies, self.large, self.sending, self.closing):
                late += [conn for conn in place if conn.timeout <= now]
        n_cut = sum(conn.place is not self.closing for conn in late)
        for conn in late:
            if conn.place is self.bodies or (conn.place is self.heads and conn.buffer.strip(b"\r\n")):
                self._refuse(conn, LATE)
            elif conn.place is self.large:
                self._refuse(conn, FULL)
            else:
                self._drop(conn)
        if n_cut:
            logger.info("clients that took too long were cut off", extra={"connections": n_cut})

    def end_gathering(self) -> None:
        """Ends every wait for the rest of a request; an incomplete request is now late."""
        for conn in [*self.heads, *self.bodies, *self.large]:
            conn.timeout = 0.0
        for conn in self.in_threads:
            conn.sock.end_waiting()
        self._next_look = 0.0

    @property
    def can_make_room(self) -> bool:
        """True when there is a connection that make_room may close."""
        return bool(self.silent or self.kept or self.heads)

    def make_room(self) -> bool:
        """Closes the connection that has been silent longest without a request, else the one whose head began to come
        first. False when there is neither.
        """
        quiet = [(conn.timeout - SILENT_S, conn) for conn in _find_quiet(self.silent)]
        quiet += [(conn.timeout - self._keepalive_s, conn) for conn in _find_quiet(self.kept)]
        chosen = min(quiet, key=lambda found: found[0])[1] if quiet else next(iter(self.heads), None)
        if chosen is None:
            return False
        self._drop(chosen)
        return True

    def _receive(self, conn: Connection) -> None:
        missing = conn.framing.missing_bytes(conn.buffer) if conn.framing else 0
        received = conn.sock.connection.recv(min(missing, _LARGE_PIECE_BYTES) or _PIECE_BYTES)
        if received and conn.buffer:
            conn.buffer += received
            self._look_at(conn, conn.buffer)
        elif received:
            self._look_at(conn, received)
        elif conn.buffer:  # the client ended its request too early; gunicorn's parser refuses it
            self._hand_over(conn)
        else:
            self._drop(conn)

    def _look_at(self, conn: Connection, data: bytes | bytearray) -> None:
        """Answers the bytes of a connection at once, hands them to a thread, or waits for more."""
        if conn.may_be_answered_at_once:
            answer = self._host.answer_at_once(data)
            if answer:
                conn.buffer.clear()
                conn.is_kept = True
                self._answer(conn, answer)
                return
            conn.may_be_answered_at_once = answer is not None
        if data is not conn.buffer:
            conn.buffer += data
        if conn.framing is None:
            conn.framing = Framing(self._most_line_bytes)
        progress = conn.framing.follow(conn.buffer)
        if progress is Progress.WHOLE:
            self._hand_over(conn)
            return
        self._set_deadline(conn, conn.framing)
        if progress is Progress.LARGE:
            self._hand_over_part(conn)
        while self.gathered_bytes > self._most_bytes:
            self._relieve()

    def _set_deadline(self, conn: Connection, framing: Framing) -> None:
        """Sets the deadline for the rest of a request's head or body."""
        if not framing.has_head:
            if conn.place is not self.heads:
                self._wait(conn, self.heads, GRACE_S)
        elif conn.place is not self.bodies:
            self._wait(conn, self.bodies, GRACE_S + (framing.body_bytes or 0) / SLOWEST_BYTES_PER_S)
            if framing.wants_continue:
                conn.was_continued = True
                conn.sock.sendall(_CONTINUE)
        elif framing.body_bytes is None:  # a chunked body has no known size: each byte that comes adds time
            conn.timeout += (len(conn.buffer) - conn.counted_bytes) / SLOWEST_BYTES_PER_S
        self._count(conn, len(conn.buffer))

    def _hand_over(self, conn: Connection) -> None:
        """Gives a connection to a thread, or queues it until a turn is free."""
        if self._free_turns > 0:
            self._submit(conn)
        else:
            self._unwatch(conn)
            self._move(conn, self.ready)
            self._count(conn, len(conn.buffer))

    def _submit(self, conn: Connection) -> None:
        self._free_turns -= 1
        sock, framing = conn.sock, conn.framing
        sock.deadline, sock.grows = time.monotonic(), False  # a whole request never makes a thread wait
        sock.slowest_bytes_per_s = SLOWEST_BYTES_PER_S
        if conn.is_part and framing is not None:
            sock.deadline = max(sock.deadline + GRACE_S, conn.timeout)
            sock.grows = framing.body_bytes is None
        sock.is_late = sock.has_sent = False
        self._leave(conn, self.in_threads)
        self._host.enqueue_req(conn)

    def _hand_over_part(self, conn: Connection) -> None:
        """Gives a thread a request that has come in part, or queues it until a thread may wait for the rest."""
        if self._free_parts > 0:
            self._free_parts -= 1
            conn.is_part = True
            self._hand_over(conn)
        else:
            self._unwatch(conn)
            self._move(conn, self.large)
            self._count(conn, len(conn.buffer))

    def _free_part(self, conn: Connection) -> None:
        """Frees the thread in which a large request could wait, for the next large request."""
        if conn.is_part:
            conn.is_part = False
            self._free_parts += 1
            if self.large:
                self._hand_over_part(self.large[0])

    def _relieve(self) -> None:
        """Hands the largest gathered request to a thread. Refuses it if it is complete or too many threads wait."""
        largest = max([*self.heads, *self.bodies, *self.large, *self.ready], key=lambda conn: len(conn.buffer))
        if self._free_parts > 0 and largest.place is not self.ready:
            self._hand_over_part(largest)
        else:
            self._refuse(largest, FULL)

    def _refuse(self, conn: Connection, refusal: Refusal) -> None:
        fields = conn.framing.plain_fields(conn.buffer) if conn.framing else []
        conn.linger_s, conn.is_kept = SHORT_LINGER_S, False
        conn.buffer.clear()
        self._leave(conn)
        self._free_part(conn)
        self._answer(conn, self._refuser.refuse(refusal, fields))


def _find_late(place: Waiting[Connection], now: float) -> Iterator[Connection]:
    """The connections of a place that are past their deadline; all connections there wait equally long."""
    for conn in place:
        if conn.timeout > now:
            break
        yield conn


def _find_quiet(place: Waiting[Connection]) -> Iterator[Connection]:
    """The first connection of a place that has no unread bytes, looked for among the first few; else nothing."""
    for conn in islice(place, _LOOKED_AT):
        try:
            peeked = conn.sock.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            peeked = b""
        if not peeked:
            yield conn
            return
