"""A worker's connections with clients at their other ends; the test moves its clock and its threads."""

import selectors
import socket
from types import SimpleNamespace

from churn.server.client_socket import ClientSocket
from churn.server.connection import Connection
from churn.server.connections import Connections
from churn.server.refusal import Refuser
from churn.server.waiting import Waiting

THREADS = 4
SERVED = SimpleNamespace(current=SimpleNamespace(version="0123456789ab"))


class Clock:
    """Takes the place of the module time. It moves only when the test moves it."""

    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


class Host:
    """A worker whose threads do nothing until the test makes them."""

    def __init__(self) -> None:
        self.alive, self.nr_conns = True, 0
        self.poller = selectors.DefaultSelector()
        self.pending_conns, self.keepalived_conns = Waiting(), Waiting()
        self.handed: list[Connection] = []
        self.at_once = None

    def enqueue_req(self, conn: Connection) -> None:
        self.handed.append(conn)

    def answer_at_once(self, data):
        return self.at_once(data) if self.at_once else None


class Hall:
    """Connections with clients at their other ends."""

    def __init__(self, clock: Clock, most_bytes: int = 2**20) -> None:
        self.clock, self.host = clock, Host()
        self.all = Connections(
            self.host,
            Refuser(SERVED),
            keepalive_s=75,
            stopping_s=2,
            most_line_bytes=2_048,
            most_bytes=most_bytes,
            threads=THREADS,
        )
        self.clients: list[socket.socket] = []

    def connect(self, said: bytes = b"") -> tuple[socket.socket, Connection]:
        client, ours = socket.socketpair()
        client.settimeout(5)
        self.clients.append(client)
        conn = Connection(ClientSocket(ours), "", "")
        self.all.add(conn)
        if said:
            self.say(client, said)
        return client, conn

    def say(self, client: socket.socket, said: bytes) -> None:
        for start in range(0, len(said), 65_536):
            client.sendall(said[start : start + 65_536])
            self.turn()

    def turn(self) -> None:
        """Run the main thread's work until no event is left."""
        while events := self.host.poller.select(0):
            for key, _ in events:
                key.data(key.fileobj)

    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds
        self.all.cut_off_late()
        self.turn()

    def answer(self, conn: Connection, answer: bytes = b"", *, keep: bool = True) -> None:
        """Do the work of a thread with a connection that was handed to it."""
        self.host.handed.remove(conn)
        conn.buffer.clear()
        conn.sock.sendall(answer)
        self.all.take_back(conn, keep=keep)
