"""A compressed table is unpacked up to the limit of a table's size, and a bomb takes no more memory than that."""

import gzip
import tracemalloc
from pathlib import Path

import pytest

from churn.errors import TableError
from churn.training import compressed
from churn.training.compressed import inflate

PATH = Path("table.csv.gz")


def test_a_file_with_one_or_several_parts_is_unpacked():
    content = b"plan,churn\nbasic,yes\n" * 200_000
    assert inflate(PATH, gzip.compress(content) + gzip.compress(b"pro,no\n")) == content + b"pro,no\n"


def test_a_bomb_is_refused_before_it_takes_much_memory(monkeypatch):
    monkeypatch.setattr(compressed, "ALWAYS_INFLATED_BYTES", 4_000_000)
    bomb = gzip.compress(b"0" * 40_000_000)
    most = 100 * len(bomb)
    assert 3_800_000 < most < 4_500_000
    tracemalloc.start()
    with pytest.raises(TableError, match=f"it is a gzip file of more than {max(most, 4_000_000):,} bytes; unpack it"):
        inflate(PATH, bomb)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
