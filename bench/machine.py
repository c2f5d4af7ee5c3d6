"""The machine that measures: what it is, which of its cores serves and which one asks, what a piece of work takes."""

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")  # which is not in a user's PATH


def machine() -> str:
    """Cores and processor: `2 x AMD EPYC`."""
    names = [
        line.partition(": ")[2] for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return f"{os.cpu_count()} x {names[0] if names else platform.machine()}"


def versions(*packages: str) -> str:
    """Python's version and those of packages: `Python 3.11.7, flask 3.1.3`. Ends where one is missing."""
    try:
        return ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in packages)])
    except PackageNotFoundError as error:
        raise SystemExit(f"{error.name} is not installed: the make target installs it") from None


def nginx_version() -> str:
    """nginx's, to be put behind those of packages: `, nginx 1.22.1`; empty where there is none."""
    if not NGINX:
        return ""
    said = subprocess.run([NGINX, "-v"], capture_output=True, text=True, check=True).stderr
    return f", nginx {said.rpartition('/')[2].strip()}"


def took(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of this process's CPU time, that a piece of work took."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def two_cores() -> tuple[int, int]:
    """The core that serves and the one that asks: the last and the first, which often has the interrupts."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("two cores are needed: one serves, the other one asks")
    return cores[-1], cores[0]


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Keeps this process, and what it starts within the block, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
