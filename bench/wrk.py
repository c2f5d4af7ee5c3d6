"""Runs the load generator wrk, which POSTs one body over kept connections for some seconds, and reads its report."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bench.machine import pinned

_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
_ERRORS = re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")
_SCRIPT = """wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
"""


class Load(NamedTuple):
    """The outcome of a load; `errors` are answers other than 2xx and 3xx, and failed connections."""

    requests: int
    requests_per_s: float
    p50_ms: float
    p99_ms: float
    errors: int


def need_wrk() -> None:
    """Exits with one line if wrk is not installed."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed: apt-get install wrk")


def put_load(url: str, head: Mapping[str, str], *, body: str, seconds: int, connections: int, core: int) -> Load:
    """The load of one thread of wrk at full speed, on its own core; `head` are further headers of each request."""
    with tempfile.TemporaryDirectory() as folder, pinned(core):
        script = Path(folder) / "post.lua"
        script.write_text(write_script(head, body))
        command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"]
        command += ["--latency", "--script", str(script), url]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"wrk failed: {(ended.stderr or ended.stdout).strip()}")
    return read_report(ended.stdout)


def write_script(head: Mapping[str, str], body: str) -> str:
    """The Lua script that sets wrk's request."""
    headers = [f"wrk.headers[ {_quote(name)} ] = {_quote(value)}\n" for name, value in head.items()]
    return f"{_SCRIPT}{''.join(headers)}wrk.body = {_quote(body)}\n"


def _quote(text: str) -> str:
    return f"[==[{text}]==]"


def read_report(report: str) -> Load:
    """The load in the output of wrk --latency."""
    socket_errors = _ERRORS.search(report)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", report)
    return Load(
        requests=int(_find(r"(\d+) requests in", report)),
        requests_per_s=float(_find(r"Requests/sec: +([\d.]+)", report)),
        p50_ms=_percentile_ms(50, report),
        p99_ms=_percentile_ms(99, report),
        errors=sum(map(int, socket_errors.groups() if socket_errors else ())) + int(refused[1] if refused else 0),
    )


def _percentile_ms(percent: int, report: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)([a-z]+)", _find(rf"^ +{percent}% +(\S+) ?$", report)).groups()
    return float(number) * _UNITS_MS[unit]


def _find(pattern: str, report: str) -> str:
    found = re.search(pattern, report, re.MULTILINE)
    if found is None:
        raise ValueError(f"no {pattern!r} in what wrk reported:\n{report}")
    return found[1]
