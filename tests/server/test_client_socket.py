"""A client's connection as a thread sees it: reading ends at its deadline, and sending never waits."""

import io
import socket
import threading
import time

import pytest

from churn.server import client_socket
from churn.server.client_socket import ClientSocket


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(5)
        yield ClientSocket(ours), theirs


def test_bytes_that_have_come_are_read_even_past_the_deadline_and_the_end_too(ends):
    ours, theirs = ends
    theirs.sendall(b"abc")
    ours.deadline = time.monotonic() - 1
    assert ours.recv(2) == b"ab"
    assert ours.recv(2) == b"c"
    theirs.close()
    assert ours.recv(2) == b""
    assert not ours.is_late


def test_reading_ends_at_the_deadline_or_when_patience_ends_which_does_not_make_it_late(ends):
    ours, _ = ends
    ours.deadline = time.monotonic() + 60
    ours.settimeout(0.01)
    assert ours.gettimeout() == 0.01
    with pytest.raises(TimeoutError):
        ours.recv(1)
    assert not ours.is_late
    ours.settimeout(None)
    ours.deadline = time.monotonic() + 0.01
    with pytest.raises(TimeoutError):
        ours.recv(1)
    assert ours.is_late


def test_a_thread_whose_waiting_is_ended_still_reads_what_has_come_and_is_late_for_more(ends):
    ours, theirs = ends
    ended = threading.Event()

    def read() -> None:
        assert ours.recv(1) == b"a"
        with pytest.raises(TimeoutError):
            ours.fill(memoryview(bytearray(4)))
        ended.set()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    theirs.sendall(b"abc")
    ours.end_waiting()
    assert ended.wait(10)
    thread.join()
    assert ours.is_late
    with pytest.raises(TimeoutError):
        ours.recv(1)


def test_a_hurried_client_has_five_seconds_and_more_for_the_bytes_that_it_sends(ends):
    ours, theirs = ends
    ours.deadline = time.monotonic() + 600
    ours.hurry()
    assert ours.deadline == pytest.approx(time.monotonic() + 5, abs=1)
    before = ours.deadline
    theirs.sendall(b"x" * 65_536)
    ours.recv(65_536)
    assert ours.deadline == before + 0.25
    ours.deadline = time.monotonic() + 0.1
    ours.hurry()
    assert ours.deadline < time.monotonic() + 0.2


def test_a_thread_that_already_waits_notices_that_its_client_is_hurried(ends, monkeypatch):
    monkeypatch.setattr(client_socket, "_HURRIED_GRACE_S", 0.0)
    ours, _ = ends
    ours.deadline = time.monotonic() + 600
    hurrying = threading.Timer(0.1, ours.hurry)
    hurrying.start()
    with pytest.raises(TimeoutError):
        ours.recv(1)
    assert ours.is_late
    hurrying.join()


def test_where_the_deadline_grows_the_bytes_that_come_move_it(ends):
    ours, theirs = ends
    ours.deadline, ours.grows = 100.0, True
    theirs.sendall(b"x" * 16_384)
    assert len(ours.recv(16_384)) == 16_384
    assert ours.deadline == 101


def test_a_buffer_is_filled_as_bytes_come_and_they_move_the_deadline(ends):
    ours, theirs = ends
    ours.deadline, ours.grows = time.monotonic() + 10, True
    before = ours.deadline
    sender = threading.Thread(target=lambda: [theirs.sendall(b"x" * 16_384) for _ in range(64)])
    sender.start()
    buffer = bytearray(2**20)
    assert ours.fill(memoryview(buffer)) == 2**20
    sender.join()
    assert buffer == b"x" * 2**20
    assert ours.deadline == pytest.approx(before + 64, abs=1e-6)
    assert ours.fill(memoryview(b"")) == 0
    theirs.sendall(b"end")
    theirs.close()
    assert ours.fill(memoryview(buffer)) == 3


def test_bytes_that_the_client_does_not_take_are_kept_in_order_and_sent_later(ends):
    ours, theirs = ends
    content = bytes(range(256)) * 8_192
    ours.sendall(content)
    got = theirs.recv(65_536)
    assert ours.send(b"end") == 3  # sent in order, though there may be room by now
    assert 0 < ours.n_unsent < len(content)
    while ours.unsent:
        got += theirs.recv(65_536)
        assert ours.send_rest() or ours.unsent
    while len(got) < len(content) + 3:
        got += theirs.recv(65_536)
    assert got == content + b"end"
    assert not ours.send_rest()


def test_a_file_is_sent_from_its_offset(ends):
    ours, theirs = ends
    assert ours.sendfile(io.BytesIO(b"0123456789"), offset=2, count=3) == 3
    assert ours.sendfile(io.BytesIO(b"0123456789"), offset=8) == 2
    assert theirs.recv(10) == b"23489"
