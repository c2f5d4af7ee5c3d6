"""A port in use, or a forbidden one, is reported in one line with a command that works; and the page's address."""

import errno
import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest

from churn.errors import PortError
from churn.server import port as port_module
from churn.server.port import check_port, page_address
from tests.customers import PROJECT
from tests.serving import GUNICORN, Server, free_port, start_badly


@contextmanager
def listening(host: str = "127.0.0.1"):
    """The number of a port that another program listens on."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((host, 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_port_in_use_is_refused_and_a_free_one_is_left_free(host):
    with listening() as port:
        with pytest.raises(PortError) as refusal:
            check_port(host, port, command="make serve")
        assert str(refusal.value) == f"port {port} is in use: PORT=9700 make serve takes another"
    port = free_port()
    check_port(host, port, command="make serve")
    check_port(host, port, command="make serve")


def test_a_port_that_only_root_may_have_is_refused(monkeypatch):
    class Forbidden(socket.socket):
        def bind(self, address):
            raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(port_module.socket, "socket", Forbidden)
    with pytest.raises(PortError, match="port 80 may not be used by this user: PORT=9700 make serve"):
        check_port("127.0.0.1", 80, command="make serve")


def test_an_address_of_another_machine_is_left_for_the_server_to_find():
    check_port("203.0.113.1", 9696, command="make serve")


def test_the_port_that_is_suggested_is_another_one():
    assert "PORT=9701 make serve" in str(PortError(9700, "is in use", "make serve"))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0.0.0.0", "http://localhost:9696/"),
        ("::", "http://localhost:9696/"),
        ("127.0.0.1", "http://127.0.0.1:9696/"),
        ("::1", "http://[::1]:9696/"),
    ],
)
def test_the_pages_address_is_one_that_a_browser_on_this_machine_can_open(host, address):
    assert page_address(host, 9696) == address


@pytest.mark.server
def test_gunicorn_reports_in_one_line_that_its_port_is_in_use():
    with listening() as port:
        finished = start_badly(PORT=str(port), LOG_FORMAT="console", LOG_LEVEL="error")
    assert finished.returncode == 1
    assert finished.stderr == f"gunicorn.conf.py: port {port} is in use: PORT=9700 make serve takes another\n"


@pytest.mark.server
def test_the_port_of_the_command_line_is_the_one_that_is_checked():
    with listening("::1") as port:
        command = [*GUNICORN, "--bind", f"[::1]:{port}", "predict:app"]
        environ = os.environ | {"LOG_LEVEL": "warning"}
        finished = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, timeout=30)
    assert finished.returncode == 1
    assert f"port {port} is in use" in finished.stderr


@pytest.mark.server
def test_the_development_server_reports_in_one_line_that_its_port_is_in_use():
    with listening() as port:
        command = [sys.executable, "predict.py"]
        environ = os.environ | {"PORT": str(port)}
        finished = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, timeout=30)
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == f"predict.py: port {port} is in use: PORT=9700 python predict.py takes another\n"


@pytest.mark.server
def test_the_pages_address_is_printed_for_a_person(tmp_path):
    with Server(tmp_path / "log.txt", LOG_FORMAT="console") as server:
        (address,) = re.findall(r"the page is at (\S+)\n", server.log.read_text())
    assert address == f"http://localhost:{server.port}/"


STARTING = """
import runpy, sys
from types import SimpleNamespace
cfg = SimpleNamespace(workers=1, address=[("127.0.0.1", int(sys.argv[1]))], reuse_port=False)
runpy.run_path("gunicorn.conf.py")["on_starting"](SimpleNamespace(cfg=cfg, master_pid=int(sys.argv[2])))
"""


@pytest.mark.parametrize(("master_pid", "status"), [(0, 1), (4711, 0)])
def test_a_gunicorn_that_takes_over_from_another_may_have_its_port(master_pid, status):
    with listening() as port:
        command = [sys.executable, "-c", STARTING, str(port), str(master_pid)]
        finished = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert finished.returncode == status, finished.stderr
    assert ("is in use" in finished.stderr) is bool(status)
