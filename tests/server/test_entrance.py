"""The entrance of a worker: new connections, the ones closed for them, and a lack of file descriptors."""

import errno
import http.client
import logging
import os
import resource
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from churn.server.entrance import Entrance
from tests.hall import Hall
from tests.serving import Server

MOST = 3


class Listener:
    """A real listener that fails for lack of file descriptors while `lacks` names an error."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.lacks: int | None = None
        self.failed = 0

    def accept(self):
        if self.lacks:
            self.failed += 1
            raise OSError(self.lacks, "none is left")
        return self.socket.accept()

    def getsockname(self):
        return self.socket.getsockname()


class Door:
    """An entrance with a queue of clients in front of it."""

    def __init__(self, hall: Hall) -> None:
        self.hall, self.host, self.listener = hall, hall.host, Listener()
        self.entrance = Entrance(hall.host, hall.all, MOST)

    def queue(self) -> socket.socket:
        client = socket.create_connection(self.listener.getsockname(), timeout=5)
        self.hall.clients.append(client)
        return client

    def turn(self, n_turns: int = 1) -> None:
        """Run the main thread's work on the queue of clients."""
        for _ in range(n_turns):
            if self.entrance.is_open:
                self.entrance.accept(self.listener)


@pytest.fixture
def door(hall):
    door = Door(hall)
    yield door
    door.listener.socket.close()


def is_closed(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False


def test_the_quietest_connection_goes_for_a_new_one_when_all_places_are_taken(door):
    clients = [door.queue() for _ in range(MOST + 1)]
    door.turn(MOST + 1)
    assert door.host.nr_conns == MOST
    assert [is_closed(client) for client in clients] == [True, False, False, False]


def test_when_no_connection_can_go_it_is_closed_until_one_can(door):
    whole = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"
    for _ in range(MOST):
        door.queue().sendall(whole)
        door.turn()
    door.hall.turn()
    assert not door.entrance.is_open
    door.hall.answer(door.host.handed[0])  # idle from now on
    assert door.entrance.is_open


@pytest.mark.parametrize("error", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_a_moment_without_file_descriptors_costs_one_connection_and_a_second(door, clock, error):
    first, second = door.queue(), door.queue()
    door.turn(2)
    door.queue()
    door.listener.lacks = error
    door.turn(50)
    assert door.listener.failed == 2  # tried again after the quietest was closed; then it waits, without a busy loop
    assert (is_closed(first), is_closed(second), door.host.nr_conns) == (True, False, 1)
    door.listener.lacks = None
    clock.now += 0.9
    assert not door.entrance.is_open
    clock.now += 0.2
    for _ in range(MOST):
        door.queue()
    door.turn(MOST - 1)
    assert door.host.nr_conns == MOST  # as before, and no connection had to go
    assert not is_closed(second)


def test_while_the_shortage_lasts_each_second_costs_at_most_one_connection(door, clock):
    for _ in range(MOST):
        door.queue()
    door.turn(MOST)
    door.listener.lacks = errno.EMFILE
    for left in (2, 1, 0, 0, 0):
        door.turn(20)
        assert door.host.nr_conns == left
        clock.now += 1.1
    assert door.listener.failed <= 2 * 5
    door.listener.lacks = None
    door.queue()
    door.turn()
    assert door.host.nr_conns == 1


def test_where_closing_one_helps_new_ones_come_in_all_the_time(door):
    door.queue()
    door.turn()
    door.queue()
    door.listener.lacks = errno.EMFILE
    door.turn()
    door.listener.lacks = None  # the closed connection frees its own
    door.turn()
    assert (door.listener.failed, door.host.nr_conns) == (1, 1)
    door.queue()
    door.turn()
    assert (door.listener.failed, door.host.nr_conns) == (1, 1)


def test_a_shortage_is_logged_once_a_minute(door, clock, caplog):
    caplog.set_level(logging.WARNING)
    door.queue()
    door.listener.lacks = errno.EMFILE
    for _ in range(50):
        door.turn(3)
        clock.now += 1.1
    assert [record.message for record in caplog.records] == [
        "no file descriptor, or no memory, is left for a new connection"
    ]
    clock.now += 10
    door.turn()
    assert len(caplog.records) == 2


@pytest.mark.parametrize("error", [errno.ECONNABORTED, errno.EPROTO, errno.EHOSTUNREACH, errno.EAGAIN])
def test_a_client_that_has_gone_meanwhile_costs_nothing(door, error):
    door.listener.lacks = error
    door.turn(5)
    assert door.entrance.is_open
    assert door.listener.failed == 5


def test_any_other_error_is_raised(door):
    door.listener.lacks = errno.EBADF
    with pytest.raises(OSError, match="none is left"):
        door.turn()


def test_a_worker_that_stops_accepts_no_connection(door):
    door.host.alive = False
    assert not door.entrance.is_open


@pytest.fixture
def connect():
    """A function that makes a new connection which has sent a server a request."""
    with ExitStack() as stack:

        def connect(server: Server) -> http.client.HTTPConnection:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            stack.callback(connection.close)
            connection.request("GET", "/ping")
            return connection

        yield connect


def is_answered(connection: http.client.HTTPConnection) -> bool:
    answer = connection.getresponse()
    return (answer.status, answer.read()) == (200, b"PONG")


def cpu_s(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.server
def test_a_running_worker_that_runs_out_of_file_descriptors_recovers(tmp_path, connect):
    with Server(tmp_path / "log.txt") as server:
        (worker,) = server.workers()
        limits = resource.prlimit(worker, resource.RLIMIT_NOFILE)
        kept = [connect(server) for _ in range(10)]
        assert all(map(is_answered, kept))
        taken = {int(path.name) for path in Path(f"/proc/{worker}/fd").iterdir()}
        first_free = next(number for number in range(len(taken) + 1) if number not in taken)
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (first_free, limits[1]))
        for _ in range(8):
            kept.append(connect(server))
            assert is_answered(kept[-1])  # another connection is closed for it
        assert kept[0].sock.recv(1) == b""
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (3, limits[1]))  # now closing does not help
        waiting = connect(server)
        before = cpu_s(worker)
        time.sleep(2.5)
        assert cpu_s(worker) - before < 0.4  # it does not try all the time
        kept[-1].request("GET", "/ping")
        assert is_answered(kept[-1])
        resource.prlimit(worker, resource.RLIMIT_NOFILE, limits)
        assert is_answered(waiting)
        kept = [connect(server) for _ in range(50)]
        assert all(map(is_answered, kept))
        for connection in kept:
            connection.request("GET", "/ping")
        assert all(map(is_answered, kept))  # all are still there: the worker accepts as many as before
        assert server.workers() == [worker]
    log = server.log.read_text()
    assert log.count("no file descriptor, or no memory, is left") == 1
    assert "Traceback" not in log
