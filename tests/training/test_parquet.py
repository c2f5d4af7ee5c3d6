"""A table for training in Parquet: the table that the CSV of the same frame gives, whatever the types are."""

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.errors import TableError
from churn.model.answerer import Answerer
from churn.training.columns import LeftOut
from churn.training.fit import learn_contract
from churn.training.parquet import read_parquet
from churn.training.table import read_table
from tests.customers import CSV
from tests.drawn_contracts import scorer_of
from tests.plans import model_of


def test_the_real_table_is_the_same_as_from_its_csv(tmp_path):
    pd.read_csv(CSV).to_parquet(tmp_path / "telco.parquet")
    table, plain = read_table(tmp_path / "telco.parquet"), read_table(CSV)
    assert table.form == "Parquet"
    assert table.customers.equals(plain.customers)
    assert table.y.tolist() == plain.y.tolist()
    assert table.left_out == plain.left_out


def test_every_type_becomes_the_text_that_a_csv_has_for_it(tmp_path):
    columns = {
        "count": pa.array([1, None, 3], pa.int16()),
        "charge": pa.array([0.1, None, float("nan")]),
        "half": pa.array(np.array([0.5, 1, 2], dtype=np.float16)),
        "exact": pa.array([Decimal("12.50"), None, Decimal("-3.00")]),
        "paid": pa.array([True, None, False]),
        "plan": pa.array(["a", None, " b"]).dictionary_encode(),
        "city": pa.array(["Köln", "", None], pa.large_string()),
        "since": pa.array([date(2024, 2, 29), None, date(1999, 1, 1)]),
        "seen": pa.array([datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC), None, None]),
        "nothing": pa.nulls(3),
        "tags": pa.array([["x"], [], None]),
        "bytes": pa.array([b"x", b"", None]),
    }
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=2)
    names, texts, left_out, count = read_parquet(path)
    read = {name: [column.distinct[code] for code in column.codes] for name, column in zip(names, texts, strict=True)}
    assert count == 3
    assert read == {
        "count": ["1", "", "3"],
        "charge": ["0.1", "", "NaN"],
        "half": ["0.5", "1.0", "2.0"],
        "exact": ["12.50", "", "-3.00"],
        "paid": ["true", "", "false"],
        "plan": ["a", "", " b"],
        "city": ["Köln", "", ""],
        "since": ["2024-02-29", "", "1999-01-01"],
        "seen": ["2024-02-29 01:02:03+00:00", "", ""],
        "nothing": ["", "", ""],
    }
    assert [column.name for column in left_out] == ["tags", "bytes"]
    assert left_out[0].reason == "its values are list<element: string>, neither texts nor numbers"


def test_the_index_that_pandas_writes_is_left_out_and_a_named_one_is_a_column(tmp_path):
    frame = pd.DataFrame({"plan": ["a", "b"] * 5, "churn": ["yes", "no"] * 5}, index=[3, 1, 4, 15, 9, 2, 6, 5, 35, 8])
    frame.to_parquet(tmp_path / "table.parquet")
    table = read_table(tmp_path / "table.parquet")
    assert list(table.customers) == ["plan"]
    assert table.left_out == (LeftOut("__index_level_0__", "it is the index that pandas wrote"),)
    frame.rename_axis("tenure").to_parquet(tmp_path / "table.parquet")
    assert list(read_table(tmp_path / "table.parquet").customers) == ["plan", "tenure"]


def test_nan_is_a_word_for_a_blank_so_that_the_training_file_can_be_scored(tmp_path):
    rng = np.random.default_rng(1)
    use, left = rng.normal(size=200), rng.integers(0, 2, 200).astype(float)
    use[::9], left[7] = np.nan, np.nan
    few = pa.array([None if row % 5 == 0 else float("nan") if row % 7 == 0 else row % 3 + 0.5 for row in range(200)])
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"use": pa.array(use), "few": few, "churn": pa.array(left)}), path)
    table = read_table(path)
    assert table.missing == {"use": ("nan",), "few": ("nan",)}
    assert len(table.customers) == 199  # a row whose label is NaN has no label
    contract = learn_contract(table.customers, table.marks, table.missing)
    outcome = score_file(path, tmp_path / "scored.parquet", TableScorer(Answerer(model_of(scorer_of(contract)))))
    assert (outcome.customers, outcome.refused) == (200, 0)


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1" + bytes(100) + b"PAR1"])
def test_damaged_parquet_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "table.parquet"
    path.write_bytes(content)
    with pytest.raises(TableError, match="can't be read") as refusal:
        read_table(path)
    assert "\n" not in str(refusal.value)


def test_a_bad_target_is_named_by_the_row_that_a_spreadsheet_would_show(tmp_path):
    path = tmp_path / "table.parquet"
    pd.DataFrame({"plan": ["a", "b", "c"], "churn": ["yes", "no", "maybe"]}).to_parquet(path)
    with pytest.raises(TableError, match=r"row 4: the target 'churn' has the values .* and 'maybe' in 1 row"):
        read_table(path)
