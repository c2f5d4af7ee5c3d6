"""The cores that a container really has, from the files that Linux shows it."""

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
def test_a_groups_quota_is_honoured(tmp_path, content, expected):
    (tmp_path / "cpu.max").write_text(content)
    assert usable_cores(tmp_path) == expected


@pytest.mark.parametrize(
    ("quota", "expected"), [("-1", MACHINE), ("20000", 1), ("100000", 1), ("900000", min(9, MACHINE))]
)
def test_so_is_that_of_version_1(tmp_path, quota, expected):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(quota + "\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert usable_cores(tmp_path) == expected


def test_without_a_group_it_is_the_affinity_and_not_the_machine(tmp_path):
    before = os.sched_getaffinity(0)
    assert usable_cores(tmp_path) == len(before)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert usable_cores(tmp_path) == 1
    finally:
        os.sched_setaffinity(0, before)
