"""A real gunicorn for the tests: on a free port, in its own process group, which the tests end."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.customers import PROJECT

GUNICORN = [sys.executable, "-m", "gunicorn"]
HEAD = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


def refuse_parallel() -> None:
    """Fail a test of a real server that runs at the same time as others, whose load would be in its measurements."""
    assert "PYTEST_XDIST_WORKER" not in os.environ, "this test starts a server: mark it with pytest.mark.server"


_KEPT_PORTS = 32
_kept: deque[int] = deque()  # file descriptors


def free_port() -> int:
    """A port that is free on every address and stays reserved for a server that listens with SO_REUSEADDR.

    A socket that is bound to it and never listens keeps the kernel from giving the port to any other process.
    """
    keeper = socket.socket()
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keeper.bind(("", 0))
    port = keeper.getsockname()[1]
    _kept.append(keeper.detach())
    if len(_kept) > _KEPT_PORTS:
        os.close(_kept.popleft())
    return port


class Server:
    """`gunicorn predict:app` in the project's folder. When the block is entered it is ready, with all its workers.

    `app` names another app; `within` is a command that runs the command after it.
    """

    def __init__(self, log: Path, *, app: str = "predict:app", within: Sequence[str] = (), **environ: str) -> None:
        refuse_parallel()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self._command = [*within, *GUNICORN, app]
        self._environ = os.environ | {"PORT": str(self.port), "WEB_CONCURRENCY": "1"} | environ

    def __enter__(self) -> "Server":
        started = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self._command,
                cwd=PROJECT,
                env=self._environ,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while True:
            try:
                assert requests.get(f"{self.url}/ready", timeout=5).status_code == 200
                self.ready_s = time.monotonic() - started
                break
            except (requests.ConnectionError, requests.Timeout):  # nothing listens yet, or no worker is there
                assert self.process.poll() is None, self.log.read_text()
                assert time.monotonic() < started + 30, self.log.read_text()
        self.wait_for_workers()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(process) for process in children.split()]

    def wait_for_workers(self, gone: Collection[int] = ()) -> None:
        """Return when all workers that were asked for are there, and none of those in `gone` is left."""
        asked_for = int(self._environ["WEB_CONCURRENCY"])

        def are_there() -> bool:
            workers = self.workers()
            return len(workers) == asked_for and not set(workers) & set(gone)

        wait_until(are_there)


class PageServer(Server):
    """A Server for a browser. Nothing is measured of it, so it is ended at once."""

    def __exit__(self, *_: object) -> None:
        """End the service without the 2 s in which a worker waits for a browser to close its connections."""
        if self.process.poll() is None:
            workers = self.workers()
            os.kill(self.process.pid, signal.SIGTERM)
            for worker in workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
        super().__exit__()


def wait_until(condition: Callable[[], bool], *, timeout_s: float = 30) -> None:
    """Return when a condition holds; fail if it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


@contextlib.contextmanager
def reach_workers(server: Server, *, each: int = 1) -> Iterator[list[http.client.HTTPConnection]]:
    """Kept connections, `each` to every worker of a service, in turn. They are tried until the kernel spreads them
    so.
    """
    server.wait_for_workers()
    opened: list[http.client.HTTPConnection] = []
    found: dict[int, list[http.client.HTTPConnection]] = {worker: [] for worker in server.workers()}
    try:
        while any(len(connections) < each for connections in found.values()):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            opened.append(connection)
            connection.request("GET", "/ping")
            assert connection.getresponse().read() == b"PONG"
            found[_owner_of(connection, server)].append(connection)
        yield [connections[turn] for turn in range(each) for connections in found.values()]
    finally:
        for connection in opened:
            connection.close()


def _owner_of(connection: http.client.HTTPConnection, server: Server) -> int:
    """The worker at the other end of a connection, found in the kernel's lists."""
    ends = f"{server.port:04X} 0100007F:{connection.sock.getsockname()[1]:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, *_, inode = line.split()[:10]
        if f"{local.partition(':')[2]} {remote}" == ends:
            link = f"socket:[{inode}]"
            for worker in server.workers():
                if link in _list_links(Path(f"/proc/{worker}/fd")):
                    return worker
    raise AssertionError("no worker has this connection")


def _list_links(folder: Path) -> set[str]:
    """The targets of the links in a folder; a link may disappear meanwhile."""
    links = set()
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            links.add(str(path.readlink()))
    return links


def memory_mib(pid: int, kind: str = "VmRSS") -> float:
    """A process's memory as the kernel counts it: VmRSS now, VmHWM at its peak."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(kind):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"no {kind}")


def start_badly(within: Sequence[str] = (), **environ: str) -> subprocess.CompletedProcess:
    """The output and status of a gunicorn that must refuse to start."""
    refuse_parallel()
    environ = os.environ | {"PORT": str(free_port())} | environ
    return subprocess.run(
        [*within, *GUNICORN, "predict:app"],
        cwd=PROJECT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=30,
        start_new_session=True,
        check=False,
    )


def samples(text: str) -> dict[tuple, float]:
    """Every sample of an exposition, by name and labels, as Prometheus' own parser reads it."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def check_it_stops(finished, *words: str) -> None:
    """Check that the result of start_badly is one line with these words in it."""
    assert finished.returncode not in (0, None)
    said = (finished.stdout + finished.stderr).strip()
    assert "\n" not in said, said
    assert "Traceback" not in said
    for word in words:
        assert word in said
