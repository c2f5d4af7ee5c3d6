"""Runs a server to measure: starts it on one core in a process group of its own, and ends the whole group."""

import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.customers import CUSTOMER, PROJECT
from bench.machine import pinned

_START_S = 60.0
_STOP_S = 20.0
_TICKS = os.sysconf("SC_CLK_TCK")
# Only these variables are passed on, so that no setting of a user's shell affects the measurement.
_KEPT = ("HOME", "LANG", "PATH", "TMPDIR")


@dataclass(frozen=True)
class Server:
    """A server to measure. In the command, `{port}` is its port on 127.0.0.1 and `{folder}` a folder for its files.

    `scores`: it answers with the model's probability. `checks`: it refuses a wrong customer. `head`: further headers
    of each request. `missing`: the requirement that is not installed, in words.
    """

    name: str
    command: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)
    scores: bool = True
    checks: bool = True
    head: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""


class Running:
    """A context in which a server runs and answers, on one core, or on all if `core` is None.

    `ready_s` is the time from its start to its first answer.
    """

    def __init__(self, server: Server, *, core: int | None) -> None:
        self.server = server
        self._core = core
        self.port = _free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.origin}/predict"

    def __enter__(self) -> "Running":
        environ = {name: os.environ[name] for name in _KEPT if name in os.environ} | self.server.environ
        self._folder = tempfile.TemporaryDirectory()
        command = [part.format(port=self.port, folder=self._folder.name) for part in self.server.command]
        self._log = tempfile.TemporaryFile("w+")
        started = time.perf_counter()
        with nullcontext() if self._core is None else pinned(self._core):
            self._process = subprocess.Popen(
                command, cwd=PROJECT, env=environ, stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            self._wait(started + _START_S)
        except BaseException:
            self._end()
            raise
        self.ready_s = time.perf_counter() - started
        self.pid = self._process.pid
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def post(self, content: object, *, head: Mapping[str, str] | None = None) -> tuple[int, Any]:
        """The status and content of the answer to a POST of JSON, with the server's own headers or `head`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            head = self.server.head if head is None else head
            body = content if isinstance(content, bytes) else json.dumps(content)
            connection.request("POST", "/predict", body, {"Content-Type": "application/json", **head})
            answer = connection.getresponse()
            return answer.status, _read(answer.read())
        finally:
            connection.close()

    def get(self, path: str) -> str:
        """The content of the answer to a GET without further headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def cpu_s(self) -> float:
        """The CPU time of all processes of the server so far, in seconds."""
        return sum(cpu_s(Path(f"/proc/{pid}/stat").read_text()) for pid in self.pids())

    def memory_mib(self) -> float:
        """The PSS of all processes of the server, in MiB: memory that they share counts once."""
        return sum(pss_mib(Path(f"/proc/{pid}/smaps_rollup").read_text()) for pid in self.pids())

    def pids(self) -> list[int]:
        """The processes of the server: all of its process group."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if os.getpgid(int(folder.name)) == self._process.pid:
                    found.append(int(folder.name))
            except ProcessLookupError:  # the process has just ended
                continue
        return found

    def workers(self) -> list[int]:
        """The child processes of the server's first process, the oldest first."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def log(self) -> str:
        """The log of the server so far."""
        self._log.seek(0)
        return self._log.read()

    def _wait(self, deadline: float) -> None:
        while True:
            try:
                status, answer = self.post(CUSTOMER)
            except OSError as error:
                ended = self._process.poll() is not None
                if ended or time.perf_counter() > deadline:
                    raise SystemExit(f"{self.server.name} does not start ({error}):\n{self._tail()}") from None
                time.sleep(0.002)
                continue
            if status == 200:
                return
            raise SystemExit(f"{self.server.name} answers {status}, {answer}:\n{self._tail()}")

    def _tail(self) -> str:
        return "".join(self.log().splitlines(keepends=True)[-20:])

    def _end(self) -> None:
        """Sends SIGTERM to the first process, waits up to _STOP_S, then sends SIGKILL to the rest of the group."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if self.pids():
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._log.close()
            self._folder.cleanup()


def cpu_s(stat: str) -> float:
    """The user and system time in a process's /proc/PID/stat, in seconds; the name in it may contain anything."""
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def pss_mib(smaps_rollup: str) -> float:
    """The proportional set size in a process's /proc/PID/smaps_rollup, in MiB."""
    return next(int(line.split()[1]) for line in smaps_rollup.splitlines() if line.startswith("Pss:")) / 1024


def _read(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:  # an error as plain text
        return content.decode(errors="replace")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
