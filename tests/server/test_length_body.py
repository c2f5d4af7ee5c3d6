"""A body that is read into a buffer equals the body that gunicorn's own reader gives, and ends at the same byte."""

import inspect
import socket
import threading
import time

import gunicorn
import pytest
from gunicorn.config import Config
from gunicorn.http import get_parser
from gunicorn.http.body import Body, LengthReader
from gunicorn.http.unreader import SocketUnreader

from churn.server.client_socket import ClientSocket
from churn.server.length_body import LengthBody
from churn.server.worker import is_body_read, read_rest_of_body

HEAD = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
CONTENT = bytes(range(256)) * 4_096  # more than a socket holds
NEXT = b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    client = ClientSocket(ours)
    client.deadline = time.monotonic() + 10
    yield client, theirs
    client.close()
    theirs.close()


def read_head(client, held=b"", *, length=2**20):
    """gunicorn's parser and its request; of its body only `held` has come."""
    parser = get_parser(Config(), client, ("127.0.0.1", 1))
    parser.unreader.unread(HEAD % length + held)
    request = next(parser)
    request.body = LengthBody(request.body.reader)
    return parser, request


@pytest.mark.parametrize("n_held", [0, 1, 16_000, len(CONTENT) - 1, len(CONTENT)])
@pytest.mark.parametrize("behind", [b"", NEXT])
def test_it_fills_a_buffer_with_the_body_and_leaves_the_bytes_after_it(ends, n_held, behind):
    client, theirs = ends
    sent = CONTENT + behind
    n_held = len(sent) if n_held == len(CONTENT) else n_held
    parser, request = read_head(client, sent[:n_held])
    sender = threading.Thread(target=theirs.sendall, args=[sent[n_held:]])
    sender.start()
    buffer = bytearray(len(CONTENT) + 100)
    assert request.body.readinto(buffer) == len(CONTENT)
    assert bytes(buffer) == CONTENT + bytes(100)
    assert is_body_read(request.body)
    assert request.body.readinto(buffer) == 0
    sender.join()
    if behind:
        following = next(parser)
        assert (following.method, following.path) == ("GET", "/ping")


def test_it_is_read_in_parts_as_gunicorns_own_body_is(ends):
    client, theirs = ends
    parser, request = read_head(client, b"one, two", length=20)
    theirs.sendall(b", three, fo" + b"ur" + NEXT)
    buffer = bytearray(3)
    assert request.body.readinto(buffer) == 3
    assert bytes(buffer) == b"one"
    assert request.body.read(7) == b", two, "
    assert not is_body_read(request.body)
    assert request.body.read(0) == b""
    assert request.body.read() == b"three, fou"
    assert is_body_read(request.body)
    assert parser.unreader.take_buffered() == b"r" + NEXT


def test_the_rest_of_a_body_is_thrown_away(ends):
    client, theirs = ends
    parser, request = read_head(client, b"{", length=9)
    assert request.body.readinto(bytearray(1)) == 1
    theirs.sendall(b"12345678" + NEXT)
    assert read_rest_of_body(request)
    assert is_body_read(request.body)
    assert next(parser).path == "/ping"


def test_a_body_that_ends_too_early_is_short(ends):
    client, theirs = ends
    _, request = read_head(client, b"{", length=9)
    theirs.sendall(b"123")
    theirs.shutdown(socket.SHUT_WR)
    buffer = bytearray(9)
    assert request.body.readinto(buffer) == 4
    assert request.body.readinto(buffer) == 0
    assert not request.body.failed


@pytest.mark.parametrize("read", [lambda body: body.readinto(bytearray(9)), lambda body: body.read(9)])
def test_a_body_that_does_not_come_in_time_has_failed(ends, read):
    client, theirs = ends
    _, request = read_head(client, b"{", length=9)
    theirs.sendall(b"123")
    client.deadline = time.monotonic() + 0.05
    with pytest.raises(TimeoutError):
        read(request.body)
    assert request.body.failed
    assert client.is_late


def test_it_has_what_gunicorn_uses_of_a_body_and_uses_what_gunicorns_bodies_have(ends):
    words = f"gunicorn {gunicorn.__version__} has moved what churn/server/length_body.py uses of it"
    client, _ = ends
    _, request = read_head(client)
    assert {name for name in vars(Body(request.body.reader)) if name != "buf"} == {"reader", "failed"}, words
    assert type(request.body.reader) is LengthReader, words
    assert list(inspect.signature(LengthReader.read).parameters) == ["self", "size"], words
    assert type(request.body.reader.unreader) is SocketUnreader, words
    assert request.body.reader.unreader.sock is client, words
    assert "self.unreader.read(size, read_ahead=self.length)" in inspect.getsource(LengthReader.read), words
