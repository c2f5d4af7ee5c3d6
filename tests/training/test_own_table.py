"""A model accepts every row of its training table: from the file itself, and in JSON as pandas reads the file."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.model.answerer import Answerer
from churn.model.fields import Category
from churn.training.choices import Choices
from churn.training.table import read_table
from tests.ways_in import fit_pair, serve

RANDOM = np.random.default_rng(6)
ROWS = 240
WRITERS = {"csv": pd.DataFrame.to_csv, "parquet": pd.DataFrame.to_parquet, "xlsx": pd.DataFrame.to_excel}
READERS = {"csv": pd.read_csv, "parquet": pd.read_parquet, "xlsx": pd.read_excel}


def draw(*values):
    return [values[place] for place in RANDOM.integers(0, len(values), ROWS)]


def make_table() -> pd.DataFrame:
    """A column of each kind that pandas reads in its own types; in `children` a workbook has numbers and texts."""
    return pd.DataFrame(
        {
            "store": draw(1, 2, 7, 12),
            "zone": draw(1.0, 2.0, 3.0, np.nan),
            "rate": draw(0.5, 1.0, 2.25),
            "Offer": draw("None", "Offer A", "Offer B"),
            "cover": draw("-", "full", "half"),
            "note": draw("x", "y", None),
            "children": draw(0, 1, 2, "3+"),
            "score": draw(5, 17, 99),
            "zip code": draw("01001", "10002", "20003"),
            "member": draw(True, False),
            "paid": np.round(RANDOM.uniform(1, 90, ROWS), 2),
            "used": [value if value > 20 else np.nan for value in RANDOM.uniform(1, 90, ROWS).round(1)],
            "churn": draw("yes", "no"),
        }
    )


TABLE = make_table()
CHOICES = {
    "none": Choices(),
    "category": Choices(category=frozenset({"store", "zone", "rate", "score", "member"})),
    "missing": Choices(category=frozenset({"score", "zone"}), missing=("none", "99", "2")),
    "keep": Choices(category=frozenset({"used"}), keep=frozenset({"store", "used", "paid"})),
}


def as_clients_send(frame: pd.DataFrame) -> list[dict]:
    """The rows as JSON: pandas' own missing value, which JSON does not have, becomes null."""
    return json.loads(frame.astype(object).where(frame.notna(), None).to_json(orient="records"))


def without_mixed_columns(frame: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The table as a file of this kind can hold it: a column of Parquet has one type."""
    return frame.astype({"children": str}) if kind == "parquet" else frame


def score(service, path):
    """The probabilities of a file's rows, after a check that all are accepted."""
    target = path.with_name(f"scored.{path.suffix}")
    scored = score_file(path, target, TableScorer(Answerer(service.model)))
    rows = {".csv": pd.read_csv, ".parquet": lambda file: pq.read_table(file).to_pandas(), ".xlsx": pd.read_excel}
    frame = rows[path.suffix](target)
    refused = frame["error"].dropna().unique().tolist()
    assert not refused, (refused[:5], scored)
    return frame["churn_probability"].to_numpy(dtype=float)


@pytest.mark.parametrize("choices", CHOICES)
@pytest.mark.parametrize("trained_on", WRITERS)
def test_the_training_table_is_accepted_from_every_kind_of_file_and_from_pandas_with_the_same_answers(
    tmp_path, trained_on, choices
):
    paths = {kind: tmp_path / f"table.{kind}" for kind in WRITERS}
    for kind, write in WRITERS.items():
        write(without_mixed_columns(TABLE, kind), paths[kind], index=False)
    model = fit_pair(paths[trained_on], tmp_path / "model.bin", CHOICES[choices])
    service = serve(model, tmp_path)
    expected = score(service, paths[trained_on])
    assert len(np.unique(expected.round(6))) > 20
    answer = service.client.post(
        "/predict?explain=true", json=as_clients_send(READERS[trained_on](paths[trained_on]))
    )
    assert answer.status_code == 200, answer.text[:500]
    np.testing.assert_allclose([one["churn_probability"] for one in answer.json], expected, rtol=0, atol=1e-12)
    categories = {
        field.name: {*field.categories}
        for field in service.model.scorer.contract.fields
        if isinstance(field, Category)
    }
    for row in answer.json:
        for reason in row["reasons"]:
            if reason["field"] in categories:
                assert reason["value"] in categories[reason["field"]]
    for kind in {*WRITERS} - {trained_on}:
        np.testing.assert_allclose(score(service, paths[kind]), expected, rtol=0, atol=1e-12)


def test_a_table_with_blanks_that_only_pandas_has_read_is_accepted_too(tmp_path):
    """Python's None, "None" in a CSV, is a blank in Parquet once pandas has read it."""
    TABLE.to_csv(tmp_path / "table.csv", index=False)
    pd.read_csv(tmp_path / "table.csv").to_parquet(tmp_path / "table.parquet", index=False)
    service = serve(fit_pair(tmp_path / "table.csv", tmp_path / "model.bin"), tmp_path)
    expected = score(service, tmp_path / "table.csv")
    np.testing.assert_allclose(score(service, tmp_path / "table.parquet"), expected, rtol=0, atol=1e-12)


def test_nan_in_parquet_is_a_blank_in_scoring_as_in_training(tmp_path):
    columns = {name: TABLE[name].tolist() for name in ("used", "zone", "Offer", "churn")}
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table(columns), path)  # only pandas would turn NaN into null
    assert np.isnan(pq.read_table(path)["used"].to_pylist()).any()
    service = serve(fit_pair(path, tmp_path / "model.bin", Choices(category=frozenset({"zone"}))), tmp_path)
    score(service, path)


def test_categories_are_spelled_alike_from_every_kind_of_file(tmp_path):
    known = []
    for kind, write in WRITERS.items():
        path = tmp_path / f"table.{kind}"
        write(without_mixed_columns(TABLE, kind), path, index=False)
        contract = serve(
            fit_pair(path, tmp_path / f"{kind}.bin", CHOICES["category"]), tmp_path
        ).model.scorer.contract
        known.append({field.name: field.categories for field in contract.fields if isinstance(field, Category)})
    assert known[0] == known[1] == known[2]
    assert known[0]["zone"] == ("", "1", "2", "3")
    assert known[0]["rate"] == ("0.5", "1", "2.25")


def test_a_line_reports_which_value_a_blank_is_taken_for(tmp_path):
    TABLE.to_csv(tmp_path / "table.csv", index=False)
    rows = {word: TABLE[name].eq(word).sum() for name, word in (("Offer", "None"), ("cover", "-"))}
    means = "is a value of its own, and a blank is read as"
    assert [line for line in read_table(tmp_path / "table.csv").remarks if "a blank is read" in line] == [
        f"offer: none in {rows['None']} rows {means} none; --missing none reads both as blanks",
        f"cover: - in {rows['-']} rows {means} -; --missing=- reads both as blanks",
    ]
