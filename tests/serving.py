"""A real gunicorn for the tests: on a free port, in a process group of its own, ended by it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.customers import PROJECT

GUNICORN = [sys.executable, "-m", "gunicorn"]
HEAD = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


def refuse_parallel() -> None:
    """Fails a test of a real server that runs beside others: what it measures would be theirs, too."""
    assert "PYTEST_XDIST_WORKER" not in os.environ, "this test starts a server: mark it with pytest.mark.server"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("", 0))  # free on every address, as gunicorn needs it
        return one.getsockname()[1]


class Server:
    """`gunicorn predict:app` in the project's folder: ready, and with all its workers, when the block is entered.

    `app` names another app; `within` is a command that runs the one after it.
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
            except requests.ConnectionError:
                assert self.process.poll() is None, self.log.read_text()
                assert time.monotonic() < started + 30, self.log.read_text()
        wait_until(lambda: len(self.workers()) >= int(self._environ["WEB_CONCURRENCY"]))
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


class PageServer(Server):
    """A Server for a browser, of which nothing is measured: it is ended at once."""

    def __exit__(self, *_: object) -> None:
        """Ends the service without the 2 s in which a worker waits for a browser to close its connections."""
        if self.process.poll() is None:
            workers = self.workers()
            os.kill(self.process.pid, signal.SIGTERM)
            for worker in workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
        super().__exit__()


def wait_until(condition: Callable[[], bool], *, timeout_s: float = 30) -> None:
    """Returns when a condition holds; fails when it does not come to."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


def memory_mib(pid: int, kind: str = "VmRSS") -> float:
    """A process's memory as the kernel counts it: VmRSS now, VmHWM at its highest."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(kind):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"no {kind}")


def start_badly(within: Sequence[str] = (), **environ: str) -> subprocess.CompletedProcess:
    """What gunicorn says and how it ends when it must not start."""
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
    """Every sample of an exposition, by name and labels; parsed by Prometheus' own rules."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def check_it_stops(finished, *words: str) -> None:
    """Holds what start_badly gives to one line, with these words in it."""
    assert finished.returncode not in (0, None)
    said = (finished.stdout + finished.stderr).strip()
    assert "\n" not in said, said
    assert "Traceback" not in said
    for word in words:
        assert word in said
