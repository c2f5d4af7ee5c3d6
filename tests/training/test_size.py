"""The largest size of a fit: columns, memory, and the source of the figure for memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from churn.errors import TableError
from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Number
from churn.training.size import (
    check_columns,
    check_file,
    check_memory,
    count_columns,
    estimate_bytes,
    estimate_shape_bytes,
    is_room_for_shapes,
)
from churn.training.size import find_available_bytes as find_available
from tests.customers import PROJECT

PATH = Path("t.csv")


def wide(categories: int, numbers: int = 0) -> Contract:
    known = tuple(f"c{number}" for number in range(categories))
    return Contract((Category("surname", known), *(Number(f"n{n}", 0.0, 1.0, True) for n in range(numbers))))


def test_a_field_has_a_column_for_each_category_or_for_a_number_and_its_logarithm():
    fields = (
        Category("plan", ("a", "b", "c")),
        Flag("member"),
        Number("age", 0, 9, True),
        Number("sum", -1, 9, False),
    )
    contract = Contract(fields)
    assert count_columns(contract, logarithms=True) == {"plan": 3, "member": 1, "age": 2, "sum": 1}
    assert count_columns(contract, logarithms=False) == {"plan": 3, "member": 1, "age": 1, "sum": 1}


def test_more_than_20000_columns_are_refused_with_the_largest_fields():
    check_columns(PATH, wide(19_998, 1), logarithms=True)
    with pytest.raises(TableError) as error:
        check_columns(PATH, wide(19_999, 1), logarithms=True)
    assert str(error.value) == (
        "t.csv: makes 20,001 columns, and a model has at most 20,000; "
        "its largest fields are surname 19,999, n0 2; --drop leaves a field out"
    )


def test_a_fit_that_takes_more_memory_than_is_free_is_refused_in_one_line():
    contract, rows = wide(1_000), 1_000_000
    needed = estimate_bytes(contract, rows=rows, logarithms=True)
    assert 3 * 8e9 < needed < 5 * 8e9  # a few copies of a matrix of 8 GB
    check_memory(PATH, contract, rows=rows, logarithms=True, available=needed)
    with pytest.raises(TableError) as error:
        check_memory(PATH, contract, rows=rows, logarithms=True, available=4_000_000_000)
    assert str(error.value) == (
        "t.csv: takes about 32.0 GB of memory, and 4.0 GB are free: 1,000,000 rows to train on in 1,000 columns; "
        "leave out columns (--drop) or rows, or take a larger machine"
    )


def test_a_sparse_fit_takes_memory_only_for_entries_that_are_filled():
    assert estimate_bytes(wide(19_000), rows=1_000_000, logarithms=True) < 1e9
    assert estimate_bytes(wide(19_000, 100), rows=1_000_000, logarithms=True) > 1e10


def test_a_file_larger_than_the_memory_is_refused_unread(tmp_path):
    path = tmp_path / "t.csv"
    with path.open("wb") as file:
        file.truncate(3_000_000_000)  # a sparse file
    with pytest.raises(TableError, match=r"has 3\.0 GB, and 2\.0 GB of memory are free; take fewer rows"):
        check_file(path, available=2_000_000_000)
    check_file(path, available=3_000_000_000)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({"proc/meminfo": "MemTotal: 9 kB\nMemAvailable:    5000 kB\n"}, 5_120_000),
        (
            {"proc/meminfo": "MemAvailable: 5000 kB", "cgroup/memory.max": "max\n", "cgroup/memory.current": "7"},
            5_120_000,
        ),
        (
            {
                "proc/meminfo": "MemAvailable: 5000 kB",
                "cgroup/memory.max": "3000000\n",
                "cgroup/memory.current": "2500000\n",
                "cgroup/memory.stat": "anon 2000000\ninactive_file 400000\n",
            },
            900_000,
        ),
        ({"cgroup/memory/memory.limit_in_bytes": "3000", "cgroup/memory/memory.usage_in_bytes": "4000"}, 0),
    ],
)
def test_the_free_memory_is_the_machines_or_what_a_container_may_still_take(tmp_path, files, expected):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert find_available(tmp_path / "proc", tmp_path / "cgroup") == expected


def test_this_machine_reports_how_much_memory_is_free():
    available = find_available()
    assert available is None or 1_000_000 < available < 1e15


LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np, pandas as pd
from churn.errors import TableError
from churn.training.run import TrainingOptions, run_training
from churn.training.table import Table

numbers = np.random.default_rng(1).random((10_000, 100))
customers = pd.DataFrame(numbers, columns=[f"n{number}" for number in range(100)])
table = Table(Path("t.csv"), "churn", customers, np.arange(10_000) % 2, (), "", "")
now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + 30_000_000,) * 2)
try:
    run_training(table, TrainingOptions(), progress=print)
except TableError as error:
    print(error)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux says how much memory a process has")
def test_a_process_beyond_its_own_limit_is_stopped_before_anything_is_fitted():
    done = subprocess.run([sys.executable, "-c", LIMITED], cwd=PROJECT, capture_output=True, text=True, check=True)
    first, *_, last = done.stdout.splitlines()
    assert first == "learned the fields: 100 number"
    assert last.startswith("t.csv: takes about 0.1 GB of memory, and 0.0 GB are free: 8,000 rows to train on in 200")


def test_shapes_are_only_learned_where_they_fit_into_the_free_memory():
    contract = Contract((Category("plan", ("a", "b")), *(Number(f"use{place}", 0.0, 9.0) for place in range(3))))
    columns = 2 + 3 * 36 + 1440  # of a number: itself, its logarithm, a blank, ramps; ten pairs with 12 by 12 steps
    needed = estimate_shape_bytes(contract, rows=1000)
    assert 0.9 < needed / (8 * (3 * 1000 * columns + 4 * columns**2)) <= 1
    assert is_room_for_shapes(contract, rows=1000, available=needed)
    assert not is_room_for_shapes(contract, rows=1000, available=needed - 1)
