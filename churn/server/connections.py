"""The connections of a worker, all of whose waiting is done in its main thread.

A request costs a thread only when all of it has come: its head, and a body of up to 256 KiB. What a client does not
take of its answer waits here, too, and so does a connection that is being closed. Every wait has one deadline,
however the bytes are dealt out. Knows no gunicorn: the worker says what it is to do.
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
    """Gathers requests, and hands them on: to what answers at once, or to the threads."""

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
        """Gathered requests take up at most `most_bytes`; unsent answers no more than that, and than 16 MiB. Half of
        the threads may wait for the rest of a request that is too large to be gathered.
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
        self._free_turns = 2 * threads  # so that no thread waits for the main thread, and few answers for being sent
        self._next_look = 0.0

    def add(self, conn: Connection) -> None:
        """Waits for the first byte of a new connection."""
        self._host.nr_conns += 1
        self._wait(conn, self.silent, SILENT_S)
        self._watch(conn, selectors.EVENT_READ, self._receive)

    def take_back(self, conn: Connection, *, keep: bool) -> None:
        """Goes on with a connection whose request a thread has answered; `keep`: for its next one."""
        self._free_turns += 1
        conn.parser = None  # it has the request before, whose head may be of 256 KiB, for as long as it is kept
        self._free_part(conn)
        if self.ready and self._free_turns > 0:
            self._submit(self.ready[0])
        conn.is_kept = keep
        if conn.sock.unsent:
            self._wait_to_send(conn)
        else:
            self._settle(conn)

    def cut_off_late(self) -> None:
        """Refuses, or closes, whatever is past its deadline."""
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
        """Ends the waiting for the rest of every request: what has not come by now is late."""
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
        """Closes the connection that has been silent longest without a request, else the one whose head was begun
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
        elif conn.buffer:  # it ended too early, which gunicorn finds out
            self._hand_over(conn)
        else:
            self._drop(conn)

    def _look_at(self, conn: Connection, data: bytes | bytearray) -> None:
        """Answers all that has come on a connection, hands it on, or waits for more."""
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
        """Makes a connection wait for the rest of its head, or of its body."""
        if not framing.has_head:
            if conn.place is not self.heads:
                self._wait(conn, self.heads, GRACE_S)
        elif conn.place is not self.bodies:
            self._wait(conn, self.bodies, GRACE_S + (framing.body_bytes or 0) / SLOWEST_BYTES_PER_S)
            if framing.wants_continue:
                conn.was_continued = True
                conn.sock.sendall(_CONTINUE)
        elif framing.body_bytes is None:  # the more chunks come, the larger it is
            conn.timeout += (len(conn.buffer) - conn.counted_bytes) / SLOWEST_BYTES_PER_S
        self._count(conn, len(conn.buffer))

    def _hand_over(self, conn: Connection) -> None:
        """Has a thread answer what has come on a connection."""
        if self._free_turns > 0:
            self._submit(conn)
        else:
            self._unwatch(conn)
            self._move(conn, self.ready)
            self._count(conn, len(conn.buffer))

    def _submit(self, conn: Connection) -> None:
        self._free_turns -= 1
        sock, framing = conn.sock, conn.framing
        sock.deadline, sock.grows = time.monotonic(), False  # a thread waits for no byte of a whole request
        sock.slowest_bytes_per_s = SLOWEST_BYTES_PER_S
        if conn.is_part and framing is not None:
            sock.deadline = max(sock.deadline + GRACE_S, conn.timeout)
            sock.grows = framing.body_bytes is None
        sock.is_late = sock.has_sent = False
        self._leave(conn, self.in_threads)
        self._host.enqueue_req(conn)

    def _hand_over_part(self, conn: Connection) -> None:
        """The same for a part of a request, once a thread may wait for the rest of it."""
        if self._free_parts > 0:
            self._free_parts -= 1
            conn.is_part = True
            self._hand_over(conn)
        else:
            self._unwatch(conn)
            self._move(conn, self.large)
            self._count(conn, len(conn.buffer))

    def _free_part(self, conn: Connection) -> None:
        """Lets the next large request wait in a thread where this one did, or was to."""
        if conn.is_part:
            conn.is_part = False
            self._free_parts += 1
            if self.large:
                self._hand_over_part(self.large[0])

    def _relieve(self) -> None:
        """Makes the largest of the gathered requests wait in a thread, or refuses it when too many do."""
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
    """The connections of a place, in which all wait equally long, whose time is up."""
    for conn in place:
        if conn.timeout > now:
            break
        yield conn


def _find_quiet(place: Waiting[Connection]) -> Iterator[Connection]:
    """The first connection of a place that really has said nothing; none when it is not among the first few."""
    for conn in islice(place, _LOOKED_AT):
        try:
            said = conn.sock.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            said = b""
        if not said:
            yield conn
            return
