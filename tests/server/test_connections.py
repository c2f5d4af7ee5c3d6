"""The connections of a worker: what they wait for, until when, which are handed on, and which go when it is full."""

import socket

import pytest

from churn.server.connection import GRACE_S, SILENT_S
from churn.server.framing import MOST_BODY_BYTES
from tests.hall import THREADS

LENGTH = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
WHOLE = LENGTH % 2 + b"{}"


def answered(client: socket.socket) -> bytes:
    """All bytes that a client gets until its connection is closed."""
    return b"".join(iter(lambda: client.recv(65_536), b""))


def test_a_request_is_handed_on_when_all_of_it_has_come(hall):
    client, conn = hall.connect()
    for byte in WHOLE[:-1]:
        hall.say(client, bytes([byte]))
        assert hall.host.handed == []
    hall.say(client, WHOLE[-1:])
    assert hall.host.handed == [conn]
    assert conn.buffer == WHOLE


def test_bytes_after_a_request_stay_with_its_connection_until_the_request_is_answered(hall):
    client, conn = hall.connect(WHOLE + WHOLE[:30])
    hall.host.handed.remove(conn)
    del conn.buffer[: len(WHOLE)]
    hall.all.take_back(conn, keep=True)
    assert hall.host.handed == []
    hall.say(client, WHOLE[30:])
    assert hall.host.handed == [conn]


def test_a_client_that_sends_nothing_is_closed_silently(hall):
    client, _ = hall.connect()
    hall.pass_time(SILENT_S - 0.1)
    assert hall.host.nr_conns == 1
    hall.pass_time(0.2)
    assert answered(client) == b""
    assert hall.host.nr_conns == 0


def test_a_head_has_ten_seconds_however_it_drips(hall):
    client, conn = hall.connect(b"P")
    for _ in range(3):
        hall.pass_time(3)
        hall.say(client, b"O")
    assert conn.place is hall.all.heads
    hall.pass_time(1.1)
    assert client.recv(100).startswith(b"HTTP/1.1 408 ")
    client.shutdown(socket.SHUT_WR)
    hall.turn()
    assert hall.host.nr_conns == 0


def test_an_empty_line_is_not_a_request_that_could_be_late(hall):
    client, _ = hall.connect(b"\r\n")
    hall.pass_time(GRACE_S + 1)
    assert answered(client) == b""


@pytest.mark.parametrize("size", [0, 1, 6])
def test_a_body_has_ten_seconds_plus_its_size_at_16_kib_a_second(hall, size):
    client, _ = hall.connect(LENGTH % (size * 16_384 + 1))
    hall.pass_time(GRACE_S + size - 0.1)
    hall.say(client, b"x")
    assert len(hall.host.handed) == (not size)
    hall.pass_time(0.3)
    assert size == 0 or client.recv(100).startswith(b"HTTP/1.1 408 ")


def test_a_body_in_chunks_has_time_for_the_bytes_that_have_come(hall):
    client, conn = hall.connect(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    hall.say(client, b"10000\r\n" + b"x" * 65_536 + b"\r\n")
    hall.pass_time(GRACE_S + 3.9)
    assert conn.place is hall.all.bodies
    hall.pass_time(0.4)
    assert client.recv(100).startswith(b"HTTP/1.1 408 ")


def test_a_request_whose_client_closes_its_side_in_the_middle_is_handed_on_at_once(hall):
    client, conn = hall.connect(WHOLE[:-1])
    client.shutdown(socket.SHUT_WR)
    hall.turn()
    assert hall.host.handed == [conn]


def test_a_client_that_waits_for_100_continue_gets_it_without_a_thread(hall):
    client, conn = hall.connect(
        b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
    )
    assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert conn.was_continued
    assert hall.host.handed == []
    hall.say(client, b"{}")
    assert hall.host.handed == [conn]


def test_a_late_client_has_little_time_to_close_its_side(hall):
    client, _ = hall.connect(LENGTH % 10)
    hall.pass_time(GRACE_S + 1)
    assert client.recv(100).startswith(b"HTTP/1.1 408 ")
    hall.pass_time(0.3)
    assert hall.host.nr_conns == 0


def test_in_a_thread_a_large_body_in_chunks_gets_time_as_it_comes_and_the_next_request_gets_none(hall):
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n50000\r\n"
    client, conn = hall.connect(head + b"x" * (MOST_BODY_BYTES + 1))
    assert hall.host.handed == [conn]
    assert (conn.sock.grows, conn.sock.deadline > hall.clock.now + GRACE_S) == (True, True)
    hall.answer(conn)
    hall.say(client, WHOLE)
    assert (hall.host.handed, conn.sock.grows, conn.sock.deadline) == ([conn], False, hall.clock.now)


def test_large_bodies_take_half_of_the_threads_and_further_ones_wait_for_their_turn(hall):
    head = LENGTH % (MOST_BODY_BYTES + 1)
    parts = [hall.connect(head)[1] for _ in range(THREADS)]
    assert hall.host.handed == parts[: THREADS // 2]
    _, small = hall.connect(WHOLE)
    assert hall.host.handed[-1] is small
    hall.answer(parts[0])
    assert hall.host.handed[-1] is parts[THREADS // 2]
    client = hall.clients[THREADS - 1]
    hall.pass_time(GRACE_S + 17)
    assert client.recv(200).startswith(b"HTTP/1.1 503 ")


def test_threads_hold_no_more_requests_than_they_will_soon_take(hall):
    waiting = [hall.connect(WHOLE)[1] for _ in range(2 * THREADS + 2)]
    assert hall.host.handed == waiting[:-2]
    hall.answer(waiting[0])
    assert hall.host.handed[-1] is waiting[-2]


def test_no_thread_waits_for_a_byte_of_a_whole_request_even_where_gunicorn_would(hall):
    _, conn = hall.connect(WHOLE)
    assert (hall.host.handed, conn.sock.deadline) == ([conn], hall.clock.now)
    with pytest.raises(TimeoutError):
        conn.sock.recv(100)
    assert conn.sock.is_late


def test_beyond_the_memory_the_largest_waits_in_a_thread_and_then_the_largest_is_refused(make_hall):
    hall = make_hall(most_bytes=300_000)
    first = hall.connect(LENGTH % 200_000 + b"x" * 150_000)[1]
    second = hall.connect(LENGTH % 200_000 + b"x" * 140_000)[1]
    assert hall.host.handed == []
    hall.connect(LENGTH % 200_000 + b"x" * 100_000)
    assert hall.host.handed == [first]
    hall.connect(LENGTH % 200_000 + b"x" * 90_000)
    assert hall.host.handed == [first, second]
    third = hall.clients[2]
    for size in (80_000, 70_000):
        hall.connect(LENGTH % 200_000 + b"x" * size)
    assert third.recv(100).startswith(b"HTTP/1.1 503 ")
    assert hall.all.gathered_bytes <= 300_000


def test_a_refused_request_that_was_to_wait_in_a_thread_leaves_its_place_to_the_next(make_hall):
    hall = make_hall(most_bytes=50_000)
    busy = [hall.connect(WHOLE)[1] for _ in range(2 * THREADS)]
    for _ in range(THREADS):
        refused, _ = hall.connect(LENGTH % 200_000 + b"x" * 60_000)
        assert refused.recv(100).startswith(b"HTTP/1.1 503 ")
    for conn in busy:
        hall.answer(conn)
    _, large = hall.connect(LENGTH % 400_000)
    assert hall.host.handed == [large]


def test_bytes_that_a_refused_client_sent_in_the_same_turn_are_not_a_request(make_hall):
    hall = make_hall(most_bytes=50_000)
    for _ in range(THREADS // 2):
        hall.connect(LENGTH % (MOST_BODY_BYTES + 1))
    already_handed = [*hall.host.handed]
    larger, conn = hall.connect(LENGTH % 200_000 + b"x" * 40_000)
    other, _ = hall.connect(LENGTH % 200_000)
    other.sendall(b"x" * 20_000)
    larger.sendall(b"x" * 1_000)
    events = sorted(hall.host.poller.select(0), key=lambda found: found[0].fileobj is conn.sock.connection)
    assert len(events) == 2
    for key, _ in events:
        key.data(key.fileobj)
    assert larger.recv(100).startswith(b"HTTP/1.1 503 ")
    assert (conn.place is hall.all.closing, conn.buffer) == (True, b"")
    assert hall.host.handed == already_handed


def test_gathered_bytes_are_no_longer_counted_when_their_connection_is_gone(hall):
    client, conn = hall.connect(LENGTH % 100_000 + b"x" * 50_000)
    assert hall.all.gathered_bytes > 50_000
    client.close()
    hall.turn()
    assert hall.host.handed == [conn]
    assert hall.all.gathered_bytes == 0


def test_an_answer_is_sent_as_its_client_takes_it_and_has_one_deadline_for_all_of_it(hall):
    client, conn = hall.connect(WHOLE)
    size = 4 * 2**20
    hall.answer(conn, b"x" * size)
    unsent = hall.all.unsent_bytes
    assert 0 < unsent < size
    took = 0
    for _ in range(3):
        took += len(client.recv(65_536))
        hall.turn()
        hall.pass_time(3)
    assert hall.host.nr_conns == 1
    hall.pass_time(unsent / 16_384 + 1.1)
    assert hall.host.nr_conns == 0
    assert hall.all.unsent_bytes == 0


def test_the_sent_part_of_an_answer_takes_up_no_memory(hall):
    client, conn = hall.connect(WHOLE)
    hall.answer(conn, bytes(4 * 2**20))
    while hall.all.unsent_bytes > 2**20:
        client.recv(65_536)
        hall.turn()
    assert sum(len(part.obj) for part in conn.sock.unsent) <= 2 * hall.all.unsent_bytes


def test_a_kept_connection_holds_nothing_of_the_request_before(hall):
    _, conn = hall.connect(WHOLE)
    conn.parser = object()
    hall.answer(conn, b"OK")
    assert (conn in hall.all.kept, conn.parser, conn.buffer) == (True, None, b"")


def test_a_whole_answer_comes_through_and_the_connection_is_kept(hall):
    client, conn = hall.connect(WHOLE)
    content = bytes(range(256)) * 8_192
    hall.answer(conn, content)
    got = b""
    while len(got) < len(content):
        got += client.recv(65_536)
        hall.turn()
    assert got == content
    hall.say(client, WHOLE)
    assert hall.host.handed == [conn]


def test_beyond_the_memory_the_client_that_has_taken_nothing_for_longest_loses_its_answer(hall):
    first, second = (hall.connect(WHOLE) for _ in range(2))
    content = b"x" * 600_000
    hall.answer(first[1], content)
    hall.answer(second[1], content)
    first[0].recv(300_000)
    hall.turn()
    third = hall.connect(WHOLE)
    hall.answer(third[1], b"x" * (2**20 - hall.all.unsent_bytes + 300_000))
    assert [conn.is_open for _, conn in (first, second, third)] == [True, False, True]


def test_a_connection_that_ends_is_shut_down_reads_what_still_comes_and_is_closed_in_time(hall):
    client, conn = hall.connect(WHOLE)
    hall.answer(conn, b"bye", keep=False)
    assert answered(client) == b"bye"
    hall.say(client, b"x" * 100_000)
    hall.pass_time(1.9)
    assert hall.host.nr_conns == 1
    hall.pass_time(0.4)
    assert hall.host.nr_conns == 0


def test_when_full_the_longest_silent_goes_then_the_oldest_head(hall, clock):
    body, _ = hall.connect(LENGTH % 10)
    old_head, _ = hall.connect(b"GET")
    clock.now += 1
    new_head, _ = hall.connect(b"GET")
    kept, conn = hall.connect(WHOLE)
    hall.answer(conn)
    clock.now += 1
    silent, _ = hall.connect()
    speaking, _ = hall.connect()
    clock.now += 1
    for gone in (kept, silent, old_head, new_head):
        if gone is silent:
            speaking.sendall(b"G")  # not seen by the main thread yet
        assert hall.all.can_make_room
        assert hall.all.make_room()
        assert answered(gone) == b""
        if gone is silent:
            hall.turn()
            assert hall.all.heads
            assert not hall.all.silent
    assert hall.all.make_room()  # the client that sent a byte
    assert not hall.all.make_room()
    hall.say(body, b"x" * 10)
    assert len(hall.host.handed) == 1


def test_a_request_answered_at_once_needs_no_thread_and_keeps_its_connection(hall):
    hall.host.at_once = lambda data: b"OK" if data == WHOLE else b"" if WHOLE.startswith(data) else None
    client, conn = hall.connect()
    for _ in range(3):
        hall.say(client, WHOLE[:20])
        hall.say(client, WHOLE[20:])
        assert client.recv(10) == b"OK"
    assert hall.host.handed == []
    assert conn in hall.all.kept
    hall.say(client, WHOLE + b"G")
    assert hall.host.handed == [conn]
    hall.pass_time(80)


def test_a_failure_costs_its_own_connection_only(hall, caplog):
    hall.host.at_once = lambda data: 1 / 0
    client, _ = hall.connect(WHOLE)
    assert answered(client) == b""
    assert "ZeroDivisionError" in caplog.text
    assert hall.host.nr_conns == 0


def test_a_worker_that_stops_keeps_connections_for_two_seconds(hall):
    client, conn = hall.connect(WHOLE)
    hall.host.alive = False
    hall.answer(conn, b"OK")
    assert conn.timeout == hall.clock.now + 2
    assert client.recv(10) == b"OK"
