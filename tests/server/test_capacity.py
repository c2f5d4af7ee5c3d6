"""The limits of a worker: connections by the files that it may open, bytes by its container's memory."""

import resource

import pytest

from churn.server import capacity
from churn.server.capacity import MOST_GATHERED_BYTES, gathered_bytes, memory_limit_bytes, usable_connections

MIB = 2**20


@pytest.mark.parametrize(
    ("name", "content", "limit"),
    [
        ("memory.max", "268435456\n", 256 * MIB),
        ("memory.max", "max\n", None),
        ("memory.max", "", None),
        ("memory/memory.limit_in_bytes", "268435456\n", 256 * MIB),
        ("memory/memory.limit_in_bytes", "9223372036854771712\n", None),
        ("other", "1", None),
    ],
)
def test_the_limit_is_that_of_the_control_group(tmp_path, name, content, limit):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(content)
    assert memory_limit_bytes(tmp_path, tmp_path / "none") == limit


@pytest.mark.parametrize(
    ("own", "limits", "expected"),
    [
        ("0::/system.slice/churn.service\n", {"system.slice/churn.service/memory.max": 256}, 256),
        ("0::/a/b\n", {"a/memory.max": 128, "a/b/memory.max": 256}, 128),
        ("0::/a/b\n", {"a/memory.max": 256, "a/b/memory.max": 128}, 128),
        ("5:cpu:/other\n4:memory:/churn\n", {"memory/churn/memory.limit_in_bytes": 256}, 256),
        ("3:pids,memory:/a/b\n0::/\n", {"memory/a/memory.limit_in_bytes": 256}, 256),
        ("5:cpu:/other\n4:memory:/\n", {"memory/other/memory.limit_in_bytes": 256}, None),
        ("0::/docker/9f\n", {"memory.max": 256}, 256),  # in a container, which does not see the group's name
        ("0::/\n", {"other/memory.max": 256}, None),
        ("nonsense\n", {}, None),
    ],
)
def test_outside_of_a_container_it_is_that_of_its_own_group_or_the_lowest_above_it(tmp_path, own, limits, expected):
    (tmp_path / "own").write_text(own)
    for name, mib in limits.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{mib * MIB}\n")
    assert memory_limit_bytes(tmp_path, tmp_path / "own") == (expected and expected * MIB)


@pytest.mark.parametrize(
    ("limit", "workers", "expected"),
    [(256 * MIB, 2, 16 * MIB), (256 * MIB, 1, 32 * MIB), (2**33, 2, 64 * MIB), ("max", 2, MOST_GATHERED_BYTES)],
)
def test_all_workers_together_gather_an_eighth_and_each_at_most_64_mib(tmp_path, limit, workers, expected):
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    assert gathered_bytes(workers, tmp_path, tmp_path / "none") == expected


@pytest.mark.parametrize(
    ("soft", "hard", "usable", "becomes"),
    [
        (1_024, 1_024, 960, 1_024),
        (1_024, 500_000, 2_048, 2_112),
        (1_024, resource.RLIM_INFINITY, 2_048, 2_112),
        (500_000, 500_000, 2_048, 500_000),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, 2_048, resource.RLIM_INFINITY),
        (20, 20, 1, 20),
    ],
)
def test_there_are_as_many_connections_as_the_open_files_allow(monkeypatch, soft, hard, usable, becomes):
    limits = [soft, hard]
    monkeypatch.setattr(capacity.resource, "getrlimit", lambda _: tuple(limits))
    monkeypatch.setattr(capacity.resource, "setrlimit", lambda _, new: limits.__setitem__(slice(2), new))
    assert usable_connections(2_048) == usable
    assert limits == [becomes, hard]
