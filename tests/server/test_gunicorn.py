"""The parts of gunicorn's inside that the worker uses, in one place. A release that moves one fails here first."""

import inspect
import re
import socket
from pathlib import Path

import gunicorn
import pytest
from gunicorn import arbiter, systemd, util
from gunicorn.config import Config, PostRequest, PreRequest
from gunicorn.http import get_parser
from gunicorn.http.message import HeaderPolicy, Message
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers import base, gthread

from churn.server import worker
from churn.server.client_socket import ClientSocket
from churn.server.connection import Connection

WORDS = f"gunicorn {gunicorn.__version__} has moved what churn/server/worker.py uses of it"
USED_OF_WORKER = {
    "run": ["set_accept_enabled", "nr_conns", "worker_connections", "murder_pending", "murder_keepalived", "alive"],
    "murder_keepalived": ["keepalived_conns", "popleft", "unregister", "conn.close()"],
    "handle": [
        "conn.init()",
        "next(conn.parser)",
        "self.handle_request(req, conn)",
        "self.handle_error(req, conn.sock",
    ],
    "handle_request": ["conn.sock, conn.client", "self.nr += 1", "self.nr >= self.max_requests", "self.wsgi(environ"],
    "enqueue_req": ["self.handle, conn", "self.finish_request, conn, fut"],
    "finish_request": ["_DEFER", "self.pending_conns.append(conn)"],
    "accept": ["self.nr_conns += 1", "listener.getsockname()"],
    "init_process": ["self.poller = selectors.DefaultSelector()", "super().init_process()"],
}


@pytest.mark.parametrize("name", USED_OF_WORKER)
def test_gunicorns_worker_is_built_as_ours_expects(name):
    source = inspect.getsource(getattr(gthread.ThreadWorker, name))
    for used in USED_OF_WORKER[name]:
        assert used in source, f"{WORDS}: {used} in {name}"


def test_a_worker_loads_the_app_before_it_runs_and_calls_its_hook_between():
    source = inspect.getsource(base.Worker.init_process)
    places = [source.find(called) for called in ("self.load_wsgi()", "post_worker_init(self)", "self.run()")]
    assert -1 < places[0] < places[1] < places[2], WORDS


def test_a_connection_has_every_attribute_that_gunicorn_uses():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        connection = Connection(ClientSocket(ours), "", "")
        source = inspect.getsource(gthread.ThreadWorker)
        used = set(re.findall(r"\bconn\.(\w+)", source))
        http2 = {"set_timeout", "wait_for_data"}
        assert {name for name in used - http2 if not hasattr(connection, name)} == set(), WORDS


def test_a_socket_has_every_method_that_gunicorn_uses():
    files = [Path(inspect.getfile(module)) for module in (gthread, Message, SocketUnreader, util)]
    files += [Path(gunicorn.__file__).parent / "http" / name for name in ("wsgi.py", "parser.py")]
    used = set()
    for path in files:
        used |= set(re.findall(r"\b(?:self|conn)?\.?sock\.(\w+)\(", path.read_text()))
    ours = {name for name in used if hasattr(ClientSocket, name)}
    others = {"ssl_wrap_socket", "is_http2_negotiated", "do_handshake", "setsockopt", "accept", "getsockname"}
    assert used - ours <= others | {"pending", "getpeername", "socket"}, WORDS


def test_its_parser_takes_bytes_back_and_returns_them():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        parser = get_parser(Config(), ClientSocket(ours), ("127.0.0.1", 1))
        parser.unreader.unread(
            bytearray(b"POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}GET")
        )
        request = next(parser)
        assert request._expected_100_continue is True, WORDS
        assert request.body.read() == b"{}"
        assert parser.unreader.take_buffered() == b"GET", WORDS
    assert "_expected_100_continue" in inspect.getsource(HeaderPolicy), WORDS


def test_its_hooks_are_its_own_unless_a_configuration_sets_others():
    config = Config()
    assert config.pre_request is PreRequest.default, WORDS
    assert config.post_request is PostRequest.default, WORDS
    config.set("pre_request", lambda _worker, _request: None)
    assert config.pre_request is not PreRequest.default, WORDS


def test_waiting_has_every_method_of_a_deque_that_gunicorn_uses():
    used = set(re.findall(r"(?:keepalived_conns|pending_conns)\.(\w+)", inspect.getsource(gthread.ThreadWorker)))
    assert {name for name in used if not hasattr(worker.Waiting, name)} == set(), WORDS


def test_a_gunicorn_that_takes_over_from_another_knows_it_before_it_starts():
    source = inspect.getsource(arbiter.Arbiter.start)
    assert -1 < source.find("self.master_pid = ") < source.find("self.cfg.on_starting(self)"), WORDS
    assert list(inspect.signature(systemd.listen_fds).parameters) == ["unset_environment"], WORDS
