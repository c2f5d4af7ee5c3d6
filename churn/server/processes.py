"""The CPU time, memory and open files of the master and its workers together, from Linux's /proc.

Knows no Prometheus. On other systems there are no such figures.
"""

import os
import time
from pathlib import Path
from typing import NamedTuple

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_PROC = Path("/proc")
_TRIES, _PAUSE_S = 10, 0.001  # enough for the master to notice that a child has ended


class ProcessFigures(NamedTuple):
    """The figures that Prometheus calls `process_*`, for several processes."""

    cpu_seconds_total: float
    """The sum over all processes, including ended ones: it never decreases while the service runs."""
    resident_memory_bytes: int
    """The sum over all processes; a shared page counts once for each."""
    virtual_memory_bytes: int
    """The sum over all processes."""
    start_time_seconds: float
    """The start of the master, in seconds since 1970."""
    open_fds: int
    """The most that one process has open, since the limit applies to each process."""
    max_fds: int
    """The lowest limit of any process."""


class _Process(NamedTuple):
    """The fields used of one line of /proc/PID/stat; see proc(5)."""

    ticks: int
    ended_ticks: int
    started_ticks: int
    virtual_bytes: int
    resident_pages: int


def measure_processes(master: int) -> ProcessFigures | None:
    """The figures of a process and its children; None where they can't be read."""
    try:
        for _ in range(_TRIES):
            before = _read_stat(master)
            numbers = _read_children(master)
            try:
                children = {number: _read_stat(number) for number in numbers}
                open_fds = max(_count_open(number) for number in (master, *numbers))
                max_fds = min(_read_limit(number) for number in (master, *numbers))
            except OSError:  # a child has ended meanwhile
                time.sleep(_PAUSE_S)
                continue
            # The time of a child that ends is added to its master's. If it ended after the master was read and before
            # the children were, its time would be in neither.
            if before.ended_ticks == _read_stat(master).ended_ticks:
                return _sum_up(before, list(children.values()), open_fds=open_fds, max_fds=max_fds)
    except (OSError, ValueError, IndexError):
        pass
    return None


def _sum_up(master: _Process, children: list[_Process], *, open_fds: int, max_fds: int) -> ProcessFigures:
    processes = [master, *children]
    return ProcessFigures(
        cpu_seconds_total=(master.ended_ticks + sum(process.ticks for process in processes)) / _TICKS_PER_S,
        resident_memory_bytes=sum(process.resident_pages for process in processes) * _PAGE_BYTES,
        virtual_memory_bytes=sum(process.virtual_bytes for process in processes),
        start_time_seconds=_read_boot_time_s() + master.started_ticks / _TICKS_PER_S,
        open_fds=open_fds,
        max_fds=max_fds,
    )


def _read_stat(process: int) -> _Process:
    """The fields of a process; its name, which may contain any character, ends at the last bracket."""
    cells = (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
    user, system, ended_user, ended_system = map(int, cells[11:15])
    return _Process(user + system, ended_user + ended_system, int(cells[19]), int(cells[20]), int(cells[21]))


def _read_children(process: int) -> list[int]:
    return [int(child) for child in (_PROC / f"{process}/task/{process}/children").read_text().split()]


def _count_open(process: int) -> int:
    return sum(1 for _ in (_PROC / str(process) / "fd").iterdir())


def _read_limit(process: int) -> int:
    lines = (_PROC / str(process) / "limits").read_text().splitlines()
    (limit,) = (line.split()[3] for line in lines if line.startswith("Max open files"))
    return int(limit) if limit != "unlimited" else 2**63 - 1


def _read_boot_time_s() -> int:
    lines = (_PROC / "stat").read_text().splitlines()
    (boot_time,) = (line.split()[1] for line in lines if line.startswith("btime "))
    return int(boot_time)
