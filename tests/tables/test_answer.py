"""The columns that an answer adds: an earlier answer is replaced, and a user's own column never lost, in any form."""

import csv
import io
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn.batch import csv_blocks
from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.model.answerer import Answerer
from churn.model.contract import Contract
from churn.model.fields import Category, Flag
from churn.tables.answer import LOOKED_AT_ROWS, AnswerColumns, arrange_answer
from tests.customers import CLEAN_CUSTOMERS, RAW_CUSTOMERS, sklearn_probabilities

PLAN = Contract((Category("plan", ("basic", "gold")),))
N_CUSTOMERS = 12


def arrange(header: str, *rows: list[object], contract: Contract = PLAN):
    """The names and the replaced columns of an answer, with a reason and errors, to a table with these columns."""

    def first_cells(run: range) -> list[list[object]]:
        return [row[run.start : run.stop] for row in rows]

    return arrange_columns(header, first_cells, contract)[:2]


def arrange_columns(header: str, earlier_answer, contract: Contract = PLAN) -> AnswerColumns:
    names = header.split(",")
    return arrange_answer(names, contract, n_reasons=1, with_errors=True, earlier_answer=earlier_answer)


def test_an_answer_has_its_own_names_where_they_are_free():
    assert arrange("id,plan") == (("churn_probability", "churn", "reason_1", "error"), range(0))


@pytest.mark.parametrize("name", ["churn", "Churn", " CHURN "])
def test_a_name_that_is_taken_in_any_spelling_gets_a_prefix(name):
    assert arrange(f"plan,{name}")[0] == ("churn_probability", "predicted_churn", "reason_1", "error")


def test_a_name_that_is_taken_with_its_prefix_gets_another():
    assert arrange("churn,predicted_churn,plan")[0][1] == "predicted_predicted_churn"


@pytest.mark.parametrize(
    ("header", "replaced"),
    [
        ("plan,churn_probability,churn", range(1, 3)),
        ("Churn Probability,CHURN,plan", range(0, 2)),
        ("churn,churn_probability,predicted_churn,plan", range(1, 3)),
        ("plan,predicted_churn_probability,churn,reason_1,predicted_reason_2,error,id", range(1, 6)),
        ("churn_probability,churn,reason_1,reason_12,error,plan", range(0, 3)),
        ("churn_probability,churn,error,reason_1,plan", range(0, 3)),
        ("churn_probability,churn,reason_7,plan", range(0, 2)),
        ("churn_probability,churn,predicted_churn,plan", range(0)),
        ("churn_probability,plan,churn", range(0)),
        ("plan,churn,churn_probability", range(0)),
        ("churn_probability,churn,id,reason_1,plan", range(0, 2)),
        ("churn_probability,churn,error,error,plan", range(0, 3)),
        ("churn_probability,churn,churn,plan", range(0, 2)),
        ("churn_probability,churn,plan,churn_probability,predicted_churn", range(3, 5)),
        ("churn_probability,churn,reason_0,plan", range(0, 2)),
        ("plan,churn_probability,churn,expected_gain,reason_1,reason_2,error", range(1, 7)),
        ("plan,churn_probability,predicted_churn,Predicted Expected Gain,error", range(1, 5)),
        ("churn_probability,churn,expected_gain,expected_gain,plan", range(0, 3)),
        ("churn_probability,churn,expected_gain,reason_2,plan", range(0, 3)),
        ("churn_probability,churn,reason_1,expected_gain,plan", range(0, 3)),
        ("churn_probability,expected_gain,churn,plan", range(0)),
    ],
)
def test_an_earlier_answer_is_the_last_unbroken_run_of_its_names(header, replaced):
    assert arrange(header, [None] * len(header.split(",")))[1] == replaced


def test_an_input_is_never_an_earlier_answers():
    contract = Contract((Flag("churn"),))
    names, replaced = arrange("churn_probability,churn", ["0.5", "true"], contract=contract)
    assert (replaced, names[:2]) == (range(0), ("predicted_churn_probability", "predicted_churn"))


REASON, ERROR = "contract is two_year (-1.00)", "plan: unknown category (expected basic, gold)"


@pytest.mark.parametrize(
    ("cells", "n_replaced"),
    [
        (["0.5", "true", REASON, ERROR], 4),
        (
            [
                "0,5",
                "FALSE",
                "'=x is 1e+06 (+0.10)",
                "row: wrong number of cells (expected 2 cells, as in the header)",
            ],
            4,
        ),
        ([0.5, True, REASON, None], 4),
        ([1, None, None, f"{ERROR}; and 3 more"], 4),
        ([float("nan"), False, "", "a: b (did you mean c?)"], 4),
        ([" ", "", "", ""], 4),
        (["0.5", "true", "C17", ERROR], 2),
        (["0.5", "true", "it is late", ERROR], 2),
        (["0.5", "true", 3, ERROR], 2),
        (["0.5", "true", REASON, "404"], 3),
        (["0.5", "true", f"long: {'x' * 90_000}", ERROR], 2),
        (["0.5", "true", REASON, "a: b (c)"], 3),
        (["0.5", "yes", REASON, ERROR], 0),
        (["0.5", "1", REASON, ERROR], 0),
        (["0.5", 1, REASON, ERROR], 0),
        (["1.5", "true", REASON, ERROR], 0),
        (["-0.5", "true", REASON, ERROR], 0),
        (["high", "true", REASON, ERROR], 0),
        ([True, True, REASON, ERROR], 0),
    ],
)
def test_cells_that_no_answer_has_make_a_column_the_users_own(cells, n_replaced):
    good = [0.25, True, REASON, None]
    for rows in ([cells], [good, cells], [cells, good]):
        assert len(arrange("churn_probability,churn,reason_1,error", *rows)[1]) == n_replaced


@pytest.mark.parametrize("cell", ["-8.63", "8,63", "1e-05", "-0.0", 12, 12.5, None, "", float("nan")])
def test_a_gain_is_a_number_of_any_size_or_blank(cell):
    header = "churn_probability,churn,expected_gain,error"
    assert len(arrange(header, [0.5, True, 8.5, None], [0.5, True, cell, None])[1]) == 4


@pytest.mark.parametrize("cell", ["high", "5 EUR", True, "true", "2026-05-31"])
def test_a_cell_that_is_not_a_number_is_not_a_gain_of_an_earlier_answer(cell):
    header = "churn_probability,churn,expected_gain,error"
    assert arrange(header, [0.5, True, 8.5, None], [0.5, True, cell, None])[1] == range(2)


def test_a_gain_comes_after_churn_under_a_free_name():
    def name(*header: str) -> tuple[str, ...]:
        return arrange_answer(
            header, PLAN, n_reasons=1, with_errors=True, earlier_answer=range(0), with_gain=True
        ).names

    assert name("plan") == ("churn_probability", "churn", "expected_gain", "reason_1", "error")
    assert name("plan", "Expected gain")[2] == "predicted_expected_gain"


def test_the_first_thousand_rows_decide():
    good, own = ["0.5", "true"], ["0.5", "yes"]
    assert len(arrange("churn_probability,churn", *[good] * (LOOKED_AT_ROWS - 1), own)[1]) == 0
    assert len(arrange("churn_probability,churn", *[good] * LOOKED_AT_ROWS, own)[1]) == 2


def test_rows_are_read_only_where_the_names_look_like_an_answers():
    def fail(run):
        raise AssertionError("nothing is to be read")

    assert arrange_columns("plan,churn", fail).replaced == range(0)


@pytest.mark.parametrize("name", ["error", "reason_1"])
def test_no_cell_can_exhaust_the_code_that_checks_it(name):
    header = f"churn_probability,churn,{name}"

    def cost_s(times: int) -> float:
        cell = "a: b (expected " * times + " is (" * times
        begun = time.process_time()
        for _ in range(20):
            arrange(header, ["0.5", "true", cell])
        return time.process_time() - begun

    assert cost_s(2_000) < 50 * max(
        cost_s(100), 0.001
    )  # 20 times as long; 400 times, or 8,000, if each part were tried


def score_over_http(table: list[dict], client, shipped, tmp_path) -> list[dict]:
    response = client.post("/predict?errors=report", data=write_csv(table), content_type="text/csv")
    names = list(csv.DictReader(io.StringIO(response.text)).fieldnames)
    assert response.headers["X-Answer-Columns"] == ", ".join(names[-3:])
    return [dict(zip(names, row, strict=True)) for row in list(csv.reader(io.StringIO(response.text)))[1:]]


def score_csv_file(table: list[dict], client, shipped, tmp_path) -> list[dict]:
    (tmp_path / "table.csv").write_text(write_csv(table), newline="")
    score_file(tmp_path / "table.csv", tmp_path / "table.csv", scorer_of(shipped))
    return list(csv.DictReader(io.StringIO((tmp_path / "table.csv").read_text())))


def score_parquet(table: list[dict], client, shipped, tmp_path) -> list[dict]:
    pq.write_table(pa.Table.from_pylist(table), tmp_path / "table.parquet")
    score_file(tmp_path / "table.parquet", tmp_path / "table.parquet", scorer_of(shipped))
    return pq.read_table(tmp_path / "table.parquet").to_pylist()


def score_batch(table: list[dict], client, shipped, tmp_path) -> list[dict]:
    return scorer_of(shipped).answer(pa.RecordBatch.from_pylist(table)).rows.to_pylist()


def same_cells(table: list[dict], other: list[dict]) -> bool:
    """True if two tables are equal except for the last digits of a probability."""
    rounded = [
        [row | {"churn_probability": round(float(row["churn_probability"]), 12)} for row in answered]
        for answered in (table, other)
    ]
    return rounded[0] == rounded[1] and list(table[0]) == list(other[0])


def scorer_of(model) -> TableScorer:
    return TableScorer(Answerer(model, threshold=0.5))


def write_csv(table: list[dict]) -> str:
    content = io.StringIO()
    writer = csv.DictWriter(content, list(table[0]))
    writer.writeheader()
    writer.writerows(table)
    return content.getvalue()


@pytest.mark.parametrize("score", [score_over_http, score_csv_file, score_parquet, score_batch])
def test_no_column_is_lost_overwritten_or_doubled_from_month_to_month(score, client, shipped, tmp_path):
    customers = RAW_CUSTOMERS[:N_CUSTOMERS]
    table = [{"id": f"C-{row}", **raw, "left": "yes"} for row, raw in enumerate(customers)]
    once = score(table, client, shipped, tmp_path)
    assert list(once[0]) == [*table[0], "churn_probability", "churn", "error"]
    assert same_cells(score(once, client, shipped, tmp_path), once)

    def rename(name: str) -> str:
        return "Churn" if name == "left" else name

    renamed = [{rename(name): cell for name, cell in row.items()} for row in once]
    joined = [row | {"outcome": "stayed", "reason_1": "C17"} for row in renamed]
    again = score(joined, client, shipped, tmp_path)
    own = [*map(rename, table[0]), "outcome", "reason_1"]
    assert list(again[0]) == [*own, "churn_probability", "predicted_churn", "error"]
    assert [[row[name] for name in own] for row in again] == [[row[name] for name in own] for row in joined]
    probabilities = [float(row["churn_probability"]) for row in again]
    expected = sklearn_probabilities(shipped.path, CLEAN_CUSTOMERS[:N_CUSTOMERS])
    np.testing.assert_allclose(probabilities, expected, rtol=0, atol=1e-12)
    assert same_cells(score(again, client, shipped, tmp_path), again)


@pytest.mark.parametrize("score", [score_over_http, score_csv_file, score_parquet, score_batch])
def test_an_earlier_answer_with_a_gain_is_replaced(score, client, shipped, tmp_path):
    table = [{"id": f"C-{row}", **raw} for row, raw in enumerate(RAW_CUSTOMERS[:N_CUSTOMERS])]
    answer = {"churn_probability": 0.5, "predicted_churn": "false", "expected_gain": -1.25, "error": None}
    answered = score([row | answer for row in table], client, shipped, tmp_path)
    assert same_cells(answered, score(table, client, shipped, tmp_path))


@pytest.mark.parametrize("row", [990, 1010])
def test_a_thousand_rows_of_a_file_decide_though_a_block_has_fewer(shipped, tmp_path, monkeypatch, row):
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 50_000)
    answer = {"churn_probability": 0.5, "churn": "true", "error": ""}
    table = [raw | answer for raw in RAW_CUSTOMERS[:1100]]
    table[row]["error"] = "E404"
    (tmp_path / "in.csv").write_text(write_csv(table), newline="")
    outcome = score_file(tmp_path / "in.csv", tmp_path / "out.csv", scorer_of(shipped))
    own = row < LOOKED_AT_ROWS
    assert outcome.columns.names == ("churn_probability", "churn", "predicted_error" if own else "error")
    assert ("E404" in (tmp_path / "out.csv").read_text()) == own
    assert outcome.customers == 1100


def test_replaced_columns_are_reported_over_http(client):
    header = ["id", "churn_probability", "churn", *RAW_CUSTOMERS[0]]
    row = ["7", "0.25", "false", *RAW_CUSTOMERS[0].values()]
    content = f"{','.join(header)}\n{','.join(row)}\n"
    response = client.post("/predict", data=content, content_type="text/csv")
    assert response.headers["X-Replaced-Columns"] == "2-3"
    assert response.headers["X-Answer-Columns"] == "churn_probability, churn"
    further = client.post("/predict?earlier=2-3", data=content.replace("0.25", "high"), content_type="text/csv")
    assert further.text == response.text
    kept = client.post("/predict?earlier=keep", data=content, content_type="text/csv")
    assert "X-Replaced-Columns" not in kept.headers
    assert kept.headers["X-Answer-Columns"] == "predicted_churn_probability, predicted_churn"
    assert kept.text.startswith(f"{','.join(header)},predicted_churn_probability,")
