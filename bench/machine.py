"""The machine of a benchmark: its description, the cores for server and client, and the time of a piece of work."""

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")  # /usr/sbin is not in a user's PATH


def machine() -> str:
    """Cores and processor: `2 x AMD EPYC`."""
    names = [
        line.partition(": ")[2] for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return f"{os.cpu_count()} x {names[0] if names else platform.machine()}"


def versions(*packages: str) -> str:
    """The versions of Python and packages: `Python 3.11.7, flask 3.1.3`. Exits if a package is missing."""
    try:
        return ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in packages)])
    except PackageNotFoundError as error:
        raise SystemExit(f"{error.name} is not installed: the make target installs it") from None


def nginx_version() -> str:
    """nginx's version, to append to those of packages: `, nginx 1.22.1`; empty if nginx is not installed."""
    if not NGINX:
        return ""
    output = subprocess.run([NGINX, "-v"], capture_output=True, text=True, check=True).stderr
    return f", nginx {output.rpartition('/')[2].strip()}"


def took(work: Callable[[], object]) -> tuple[float, float]:
    """The wall-clock time and this process's CPU time of a piece of work, in seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def two_cores() -> tuple[int, int]:
    """The core for the server, the last one, and that for the client, the first one, which often has interrupts."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("two cores are needed: one serves, the other one asks")
    return cores[-1], cores[0]


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Keeps this process, and processes that it starts within the block, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
