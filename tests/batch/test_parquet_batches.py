"""A Parquet file in batches of bounded memory: as many rows as fit, and a refusal if it can't be read in parts."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn.batch import parquet_batches
from churn.batch.parquet_batches import read_batches
from churn.errors import TableError
from tests.customers import PROJECT, RAW_CUSTOMERS
from tests.small_memory import PEAK

MIB = 2**20


def coded(texts: list[str | None], codes: list[int | None]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(texts, pa.string()))


def batches_of(path, *, most_rows=1000) -> list[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        return list(read_batches(path, file, most_rows=most_rows))


def write(path, columns: dict, **options):
    pq.write_table(pa.table(columns), path, compression="zstd", store_schema=False, **options)
    return path


def test_all_rows_come_in_order_whatever_the_row_groups_are(tmp_path):
    columns = {"id": pa.array(range(2500)), "plan": pa.array(["a", None, "b", "c", "d"] * 500)}
    for rows in (7, 999, 1000, 1001, 2500):
        batches = batches_of(write(tmp_path / "table.parquet", columns, row_group_size=rows))
        assert pa.Table.from_batches(batches).to_pydict() == pa.table(columns).to_pydict()
        assert max(map(len, batches)) <= 1000
        assert len(batches) <= 5


def test_an_empty_file_has_no_batches(tmp_path):
    assert batches_of(write(tmp_path / "table.parquet", {"id": pa.array([], pa.int64())})) == []


TEXT = "x" * MIB
NESTED = {
    "texts": lambda codes: coded([TEXT, "y"], codes),
    "texts behind blanks": lambda codes: coded([TEXT], [None] * 900 + codes[900:]),
    "lists of texts": lambda codes: pa.ListArray.from_arrays(pa.array(range(len(codes) + 1)), coded([TEXT], codes)),
    "structures": lambda codes: pa.StructArray.from_arrays([coded([TEXT], codes)], ["note"]),
}


@pytest.mark.parametrize("kind", ["texts", "texts behind blanks", "structures"])
def test_a_few_long_texts_that_are_stored_once_are_read_a_part_at_a_time(tmp_path, kind):
    path = write(tmp_path / "table.parquet", {"note": NESTED[kind]([0] * 1000)})
    assert path.stat().st_size < 2000
    with pq.ParquetFile(path) as file:
        sizes = [(len(batch), batch.nbytes) for batch in read_batches(path, file, most_rows=65_536)]
    assert sum(rows for rows, _ in sizes) == 1000
    assert max(size for _, size in sizes) <= parquet_batches.BATCH_BYTES


@pytest.mark.parametrize(
    ("column", "mib"),
    [(pa.array([[0] * 4 * MIB], pa.list_(pa.int64())), 92), (NESTED["lists of texts"]([0] * 20), 20)],
    ids=["numbers", "texts"],
)
def test_a_column_of_lists_in_which_one_row_could_hold_all_is_refused_unread(tmp_path, monkeypatch, column, mib):
    monkeypatch.setattr(parquet_batches, "MOST_BYTES", 16 * MIB)
    monkeypatch.setattr(parquet_batches, "BATCH_BYTES", MIB)
    path = write(tmp_path / "table.parquet", {"tags": column})
    assert path.stat().st_size < 3000
    with pytest.raises(TableError, match=rf"row group 1 can take {mib} MiB at once .* 16 MiB is the most"):
        batches_of(path)


def test_a_row_group_that_is_small_only_by_compression_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_batches, "MOST_BYTES", 8 * MIB)
    zeros = {"paid": pa.array(np.zeros(2 * MIB))}
    options = {"use_dictionary": False, "row_group_size": 2 * MIB}
    path = write(tmp_path / "table.parquet", zeros, **options)
    with pytest.raises(TableError, match="row group 1 can take 16 MiB"):
        batches_of(path)
    varied = {"paid": pa.array(np.random.default_rng(1).random(2 * MIB))}
    assert sum(map(len, batches_of(write(path, varied, **options), most_rows=65_536))) == 2 * MIB


@pytest.mark.slow
def test_the_command_scores_gigabytes_of_text_in_bounded_memory(tmp_path, measured):
    columns = {name: coded([cell], [0] * 1500) for name, cell in RAW_CUSTOMERS[0].items()}
    path = write(tmp_path / "in.parquet", {"note": coded(["x" * 1_000_000], [0] * 1500), **columns})
    assert path.stat().st_size < 10_000
    files = [str(path), str(tmp_path / "out.parquet")]
    command = [sys.executable, "-c", PEAK, "--app", "predict", "score", *files]
    finished = subprocess.run(command, cwd=PROJECT, capture_output=True, check=True, text=True)
    assert finished.stderr.startswith("1,500 customers: 1,500 scored, 0 refused")
    peak_mib = int(finished.stdout) / 1024
    measured.append(f"score, 1.5 GB of texts in a Parquet file of 8 kB: {peak_mib:.0f} MiB")
    assert peak_mib < 1400  # read as a whole it takes 2,500


def test_texts_with_shared_beginnings_are_read_a_part_at_a_time_or_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_batches, "BATCH_BYTES", MIB)
    texts = pa.chunked_array([pa.array(["x" * 10_000] * 500)] * 4)
    options = {"use_dictionary": False, "column_encoding": {"note": "DELTA_BYTE_ARRAY"}}
    path = write(tmp_path / "table.parquet", {"note": texts}, **options)
    assert path.stat().st_size < 3000
    batches = batches_of(path)
    assert sum(map(len, batches)) == 2000
    assert max(batch.nbytes for batch in batches) < 4 * MIB
    monkeypatch.setattr(parquet_batches, "MOST_BYTES", 2 * MIB)
    with pytest.raises(TableError, match="row group 1 can take"):
        batches_of(path)


def test_levels_of_nesting_count_as_memory_too(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet_batches, "MOST_BYTES", 16 * MIB)
    monkeypatch.setattr(parquet_batches, "BATCH_BYTES", MIB)
    flat = pa.array(np.zeros(MIB, dtype=np.int8))
    nested = flat
    for _ in range(10):
        nested = pa.ListArray.from_arrays(pa.array(np.arange(len(flat) + 1, dtype=np.int32)), nested)
    assert sum(map(len, batches_of(write(tmp_path / "flat.parquet", {"n": flat})))) == len(flat)
    with pytest.raises(TableError, match="row group 1 can take"):
        batches_of(write(tmp_path / "nested.parquet", {"n": nested}))


def test_two_columns_of_one_name_are_both_checked(tmp_path):
    long = coded(["x" * MIB], [0] * 300)
    for columns in (
        [pa.array(range(300)), long],
        [coded(["short"], [0] * 300), long],
        [long, coded(["y"], [0] * 300)],
    ):
        table = pa.Table.from_arrays(columns, names=["note", "note"])
        pq.write_table(table, tmp_path / "table.parquet", compression="zstd", store_schema=False)
        batches = batches_of(tmp_path / "table.parquet")
        assert sum(map(len, batches)) == 300
        assert max(len(batch) for batch in batches) == 256


def test_tiny_row_groups_are_read_together(tmp_path, monkeypatch):
    path = write(tmp_path / "table.parquet", {"id": pa.array(range(3000)), "plan": ["a"] * 3000}, row_group_size=2)
    calls = []
    with pq.ParquetFile(path) as file:
        iter_batches = file.iter_batches
        monkeypatch.setattr(file, "iter_batches", lambda *one, **two: calls.append(one) or iter_batches(*one, **two))
        assert sum(map(len, read_batches(path, file, most_rows=1000))) == 3000
    assert len(calls) == 1
