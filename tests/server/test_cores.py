"""The number of cores that a container really has, from the files that Linux shows it."""

import os

import pytest

from churn.server.cores import usable_cores

MACHINE = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("max 100000\n", MACHINE),
        ("50000 100000\n", 1),
        ("100000 100000\n", 1),
        ("150000 100000\n", min(2, MACHINE)),
        ("120000 100000\n", min(2, MACHINE)),
        ("6400000 100000\n", min(64, MACHINE)),
        ("rubbish\n", MACHINE),
        ("0 0\n", MACHINE),
    ],
)
def test_a_groups_quota_is_respected(tmp_path, content, expected):
    (tmp_path / "cpu.max").write_text(content)
    assert usable_cores(tmp_path, tmp_path / "none") == expected


@pytest.mark.parametrize(
    ("quota", "expected"), [("-1", MACHINE), ("20000", 1), ("100000", 1), ("900000", min(9, MACHINE))]
)
def test_a_quota_of_version_1_is_respected(tmp_path, quota, expected):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(quota + "\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert usable_cores(tmp_path, tmp_path / "none") == expected


@pytest.mark.parametrize(
    ("own", "quotas", "expected"),
    [
        ("0::/system.slice/churn.service\n", {"system.slice/churn.service/cpu.max": "100000 100000"}, 1),
        ("0::/a/b\n", {"a/cpu.max": "50000 100000", "a/b/cpu.max": "max 100000"}, 1),
        ("0::/a/b\n", {"a/cpu.max": "max 100000", "a/b/cpu.max": "20000 100000"}, 1),
        ("4:memory:/other\n5:cpu,cpuacct:/a/b\n", {"cpu/a/cpu.cfs_quota_us": "90000"}, 1),
        ("4:memory:/a/b\n5:cpu,cpuacct:/\n", {"cpu/a/cpu.cfs_quota_us": "90000"}, MACHINE),
        ("0::/\n", {"other/cpu.max": "20000 100000"}, MACHINE),
        ("0::/docker/9f\n", {"cpu.max": "20000 100000"}, 1),  # in a container, which does not see the group's name
    ],
)
def test_outside_of_a_container_it_is_that_of_its_own_group_or_the_lowest_above_it(tmp_path, own, quotas, expected):
    (tmp_path / "own").write_text(own)
    for name, quota in quotas.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(quota + "\n")
        if name.startswith("cpu/"):
            (tmp_path / name).with_name("cpu.cfs_period_us").write_text("100000\n")
    assert usable_cores(tmp_path, tmp_path / "own") == expected


def test_without_a_group_it_is_the_affinity_and_not_the_machine(tmp_path):
    before = os.sched_getaffinity(0)
    assert usable_cores(tmp_path, tmp_path / "none") == len(before)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert usable_cores(tmp_path, tmp_path / "none") == 1
    finally:
        os.sched_setaffinity(0, before)
