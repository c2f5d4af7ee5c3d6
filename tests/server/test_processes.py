"""The resources of the processes: nothing is counted twice or left out when one of them ends meanwhile.

tests/server/test_metrics.py compares them with the kernel's other figures on the real service.
"""

import os

import pytest

from churn.server import processes
from churn.server.processes import measure_processes

STAT = (
    "{pid} (a (b) c) S 1 1 1 0 -1 0 0 0 0 0 "
    "{user} {system} {ended_user} {ended_system} 20 0 1 0 {started} {virtual} 10"
)
LIMITS = "Limit  Soft Limit  Hard Limit  Units\nMax open files  {limit}  4096  files\n"


@pytest.fixture
def proc(tmp_path, monkeypatch):
    """A function that writes a process into the test's own /proc."""
    monkeypatch.setattr(processes, "_PROC", tmp_path)
    (tmp_path / "stat").write_text("cpu 1 2\nbtime 1000000\nprocesses 7\n")

    def write(pid: int, children: str = "", *, files: int = 3, limit: str = "1024", **figures: int) -> None:
        figures = dict.fromkeys(("user", "system", "ended_user", "ended_system", "started", "virtual"), 0) | figures
        folder = tmp_path / str(pid)
        (folder / "task" / str(pid)).mkdir(parents=True, exist_ok=True)
        (folder / "fd").mkdir(exist_ok=True)
        for number in range(files):
            (folder / "fd" / str(number)).touch()
        (folder / "stat").write_text(STAT.format(pid=pid, **figures))
        (folder / "task" / str(pid) / "children").write_text(children)
        (folder / "limits").write_text(LIMITS.format(limit=limit))

    return write


def test_times_and_memory_add_up_and_files_are_those_of_the_process_with_the_most(proc):
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    proc(1, "2 3", user=1, system=2, ended_user=4, ended_system=8, started=50 * ticks, virtual=100)
    proc(2, user=16, files=9, virtual=20, limit="unlimited")
    proc(3, system=32, virtual=3, limit="512")
    found = measure_processes(1)
    assert found == (63 / ticks, 30 * page, 123, 1_000_050, 9, 512)


def test_a_child_that_ends_between_the_reads_of_its_master_and_of_the_children_is_counted_once(proc, monkeypatch):
    """Its time goes over to its master when it ends."""
    proc(1, "2", user=1)
    proc(2, user=10)
    read_children = processes._read_children

    def end_first(pid: int) -> list[int]:
        proc(1, "", user=1, ended_user=10)
        return read_children(pid)

    monkeypatch.setattr(processes, "_read_children", end_first)
    assert measure_processes(1).cpu_seconds_total == 11 / os.sysconf("SC_CLK_TCK")


def test_a_child_that_ends_before_it_is_read_is_counted_once(proc, monkeypatch):
    proc(1, "2", user=1)
    read_children = processes._read_children

    def end_afterwards(pid: int) -> list[int]:
        children = read_children(pid)
        proc(1, "", user=1, ended_user=10)
        return children

    monkeypatch.setattr(processes, "_read_children", end_afterwards)
    assert measure_processes(1).cpu_seconds_total == 11 / os.sysconf("SC_CLK_TCK")


def test_without_proc_or_where_children_never_settle_there_are_no_figures(proc):
    assert measure_processes(1) is None
    proc(1, "2")
    assert measure_processes(1) is None
