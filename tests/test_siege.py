"""Under siege by clients that hold on to what they have, the others are served as ever. `make test-siege`; minutes.

With SIEGE=short a tenth of the clients besiege, once, for some seconds.
"""

import http.client
import json
import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest

from tests.customers import GOOD
from tests.serving import Server, memory_mib
from tests.siege import KINDS, Siege

SHORT = os.environ.get("SIEGE") == "short"
CLIENTS, MEASURED_S = (200, 3.0) if SHORT else (2_000, 15.0)
PLACES = {"one": ("POST", json.dumps(GOOD)), "ten": ("POST", json.dumps([GOOD] * 10)), "ready": ("GET", None)}
TURNS = 3


@dataclass
class Served:
    """What good clients of three kinds, two of each, met: how long each answer took, and what was none."""

    times_s: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in PLACES})
    failed: Counter = field(default_factory=Counter)

    def p99_s(self, name: str) -> float:
        return sorted(self.times_s[name])[int(len(self.times_s[name]) * 0.99)]

    def measure(self, port: int, seconds: float) -> "Served":
        threads = [
            threading.Thread(target=self._run, args=(port, name, seconds)) for name in PLACES for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self

    def _run(self, port: int, name: str, seconds: float) -> None:
        method, body = PLACES[name]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                path = "/ready" if method == "GET" else "/predict"
                connection.request(method, path, body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failed[answer.status] += 1
            except (OSError, http.client.HTTPException) as error:
                self.failed[type(error).__name__] += 1
                connection.close()
            self.times_s[name].append(time.monotonic() - began)
            time.sleep(0.01)
        connection.close()


def hold_out(tmp_path, measured, clients: int, kinds: list[str], within: list[str]) -> None:
    """Holds a service to what it promises; a machine that others use gets three tries at the times."""
    with Server(tmp_path / "log.txt", within=within, WEB_CONCURRENCY="2", MALLOC_ARENA_MAX="2") as server:
        for turn in range(TURNS):
            quiet = Served().measure(server.port, MEASURED_S / 3)
            with Siege(server.port, clients, kinds, seed=turn) as siege:
                Served().measure(server.port, 2.0)  # all that the besiegers asked for is done
                besieged = Served().measure(server.port, MEASURED_S)
                memory = sum(memory_mib(process) for process in (server.process.pid, *server.workers()))
            ratios = {name: besieged.p99_s(name) / quiet.p99_s(name) for name in PLACES}
            words = ", ".join(f"{name} {ratio:.1f}" for name, ratio in ratios.items())
            measured.append(f"{clients} {' + '.join(kinds)}: p99 times {words}; {memory:.0f} MiB; {siege.cut_off}")
            assert (besieged.failed, quiet.failed) == (Counter(), Counter())
            assert memory < 256
            if max(ratios.values()) < 3:
                break
        else:
            pytest.fail(f"three times: {words}")
    assert "Traceback" not in server.log.read_text()


@pytest.mark.server
@pytest.mark.parametrize("kinds", [[*KINDS]] if SHORT else [*([kind] for kind in KINDS), [*KINDS]], ids="+".join)
def test_good_clients_are_served_as_ever(tmp_path, measured, kinds):
    hold_out(tmp_path, measured, CLIENTS, kinds, [])


@pytest.mark.server
def test_with_few_open_files_too(tmp_path, measured):
    few = ["bash", "-c", 'ulimit -n 1024; exec "$@"', "bash"]
    hold_out(tmp_path, measured, CLIENTS * 6 // 10, [*KINDS], few)
    log = (tmp_path / "log.txt").read_text()
    assert log.count("raise the limit of open files") == 1
    assert "a worker takes 960 connections, not 2048" in log
