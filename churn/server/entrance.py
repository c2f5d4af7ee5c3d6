"""How a worker accepts new connections, within its limit. Knows no gunicorn."""

import errno
import logging
import socket
import time

from churn.server.client_socket import ClientSocket
from churn.server.connection import Connection, Host
from churn.server.connections import Connections

logger = logging.getLogger(__name__)

_SHORTAGE_S = 1.0
_WARN_EVERY_S = 60.0
_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
# The client is gone. Linux reports errors of the new connection as errors of accept, see accept(2).
_NOBODY = {errno.EAGAIN, errno.ECONNABORTED, errno.ECONNRESET, errno.EPERM, errno.EPROTO, errno.ENOPROTOOPT}
_NOBODY |= {errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.EOPNOTSUPP}


class Entrance:
    """Accepts connections; at the limit, closes the quietest one for each new one.

    When the system has no file descriptor left, the limit is the present number of connections for one second. If
    closing one did not help, none is accepted for that second. Then the full limit applies again.
    """

    def __init__(self, host: Host, connections: Connections, most: int) -> None:
        self._host, self._connections, self._most = host, connections, most
        self._bound = most
        self._ends_at = self._next_warning = 0.0
        self._is_shut = False

    @property
    def is_open(self) -> bool:
        """True while a new connection can be taken, or another one closed for it."""
        self._end_shortage()
        if self._is_shut or not self._host.alive:
            return False
        return self._host.nr_conns < self._bound or self._connections.can_make_room

    def accept(self, listener: socket.socket) -> None:
        """Accepts the next connection, and waits for its first byte."""
        self._end_shortage()
        is_full = self._host.nr_conns >= self._bound
        if self._is_shut or (is_full and not self._connections.make_room()):
            return
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in _NO_ROOM:
                self._begin_shortage(helps=not is_full)
            elif error.errno not in _NOBODY:
                raise
            return
        self._connections.add(Connection(ClientSocket(client), address, listener.getsockname()))

    def _begin_shortage(self, *, helps: bool) -> None:
        """Lowers the limit to the present number of connections; accepts none if closing one does not help."""
        now = time.monotonic()
        self._bound, self._is_shut, self._ends_at = self._host.nr_conns, not helps, now + _SHORTAGE_S
        if now >= self._next_warning:
            self._next_warning = now + _WARN_EVERY_S
            n_open = self._host.nr_conns
            logger.warning(
                "no file descriptor, or no memory, is left for a new connection", extra={"connections": n_open}
            )

    def _end_shortage(self) -> None:
        if self._ends_at and time.monotonic() >= self._ends_at:
            self._bound, self._is_shut, self._ends_at = self._most, False, 0.0
