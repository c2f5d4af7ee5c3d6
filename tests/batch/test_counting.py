"""Counts of a scored table: those of its customers one by one, whatever file they come in."""

import io
import json
from contextlib import suppress
from pathlib import Path

import msgspec
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.batch import csv_blocks
from churn.batch.csv_blocks import CsvBlocks
from churn.batch.csv_columns import CsvScorer
from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.errors import CustomerError, WriteError
from churn.model.answerer import Answerer
from churn.model.columns import IsBlank, Within
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Flag, Number
from churn.model.file import Model
from churn.model.scoring import Scorer, probability
from churn.tables.csv_rows import score_csv
from churn.watch.counts import Counts
from churn.watch.layout import Layout, ListCounts
from tests.batch.test_csv_blocks import FORMS
from tests.batch.test_scorer import in_one_type
from tests.customers import CLEAN_CUSTOMERS, CSV, RAW_CUSTOMERS
from tests.drawn_contracts import customers_of, shaped_scorers
from tests.plans import SCORER, model_of


def count_singly(model: Model, customers, *, threshold: float) -> Counts:
    """The counts of the customers that are answered, each placed by itself."""
    training = model.card.counts if model.card else None
    layout = Layout(model.scorer, training.edges if training else {}, threshold=threshold)
    row = [0] * layout.n_places
    for customer in customers:
        with suppress(CustomerError):
            placed = model.scorer.place(customer)
            for place in layout.find_places(placed, probability(placed[0])):
                row[place] += 1
    return layout.read_counts(row)


def read_counts(path) -> Counts:
    return msgspec.convert(json.loads(path.read_bytes())["counts"], Counts)


def test_the_counts_of_a_csv_a_pipe_a_parquet_file_and_a_workbook_are_those_of_their_customers(
    shipped, tmp_path, monkeypatch
):
    expected = count_singly(shipped, CLEAN_CUSTOMERS, threshold=0.3)
    assert expected.answers == 7043
    assert expected.fields["contract"] == [3875, 1473, 1695]  # of the published table
    pq.write_table(pyarrow.csv.read_csv(CSV), tmp_path / "in.parquet", row_group_size=1000)
    pd.read_csv(CSV, dtype={"TotalCharges": str})[:500].to_excel(tmp_path / "in.xlsx", index=False)
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 100_000)  # several pieces
    scorer = TableScorer(Answerer(shipped, threshold=0.3, n_reasons=1), counted=True)
    with CSV.open("rb") as pipe:
        for source, target in (
            (CSV, tmp_path / "out.csv"),
            (pipe, io.BytesIO()),
            (tmp_path / "in.parquet", tmp_path / "out.parquet"),
        ):
            top = 5 if source is CSV else None  # all are counted all the same
            outcome = score_file(source, target, scorer, top=top, counts=tmp_path / "counts.json")
            assert outcome.counts == read_counts(tmp_path / "counts.json") == expected, source
    outcome = score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer)
    assert outcome.counts == count_singly(shipped, CLEAN_CUSTOMERS[:500], threshold=0.3)


def test_the_file_is_the_document_of_drift(shipped, tmp_path):
    scorer = TableScorer(Answerer(shipped, threshold=0.3), counted=True)
    score_file(CSV, tmp_path / "out.csv", scorer, counts=tmp_path / "counts.json")
    document = json.loads((tmp_path / "counts.json").read_bytes())
    members = "model", "threshold", "answers", "since", "notes", "expected", "fields", "counts"
    assert tuple(document) == members
    assert (document["model"], document["threshold"], document["answers"]) == ("d17b47eb3aa6", 0.3, 7043)
    assert document["since"] is None
    assert document["expected"]["churn_rate"]["value"] == pytest.approx(0.2693, abs=0.001)  # the mean probability


def test_only_scored_customers_are_counted_and_without_a_counter_none_are(shipped, tmp_path):
    bad = [RAW_CUSTOMERS[0] | {"Contract": "weekly"}, RAW_CUSTOMERS[1] | {"tenure": "-1"}]
    strange = [RAW_CUSTOMERS[2] | {"tenure": " 2 ", "gender": " MALE"}, RAW_CUSTOMERS[3]]
    pd.DataFrame([*bad, *strange, *RAW_CUSTOMERS[4:9]]).to_csv(tmp_path / "in.csv", index=False)
    answerer = Answerer(shipped, threshold=0.5)
    outcome = score_file(tmp_path / "in.csv", tmp_path / "out.csv", TableScorer(answerer, counted=True))
    assert (outcome.customers, outcome.refused) == (9, 2)
    assert outcome.counts == count_singly(shipped, RAW_CUSTOMERS[2:9], threshold=0.5)
    assert score_file(tmp_path / "in.csv", tmp_path / "out.csv", TableScorer(answerer)).counts is None


def test_a_table_without_a_scored_customer_has_counts_of_zero(tmp_path):
    (tmp_path / "in.csv").write_text("plan,charge\nbasic,x\n")
    scorer = TableScorer(Answerer(model_of(SCORER)), counted=True)
    score_file(tmp_path / "in.csv", tmp_path / "out.csv", scorer, counts=tmp_path / "counts.json")
    document = json.loads((tmp_path / "counts.json").read_bytes())
    assert (document["answers"], document["counts"]["answers"]) == (0, 0)
    assert set(document["expected"].values()) == {None}


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_table_with_curves_blanks_and_groups_is_counted_as_its_customers_one_by_one(data):
    scorer = data.draw(shaped_scorers())
    model = model_of(scorer)
    customers = data.draw(st.lists(customers_of(scorer.contract), min_size=1, max_size=12))
    names = [field.name for field in scorer.contract.fields]
    as_texts = data.draw(st.sets(st.sampled_from(names)))
    columns = {name: in_one_type([row[name] for row in customers], as_texts=name in as_texts) for name in names}
    batch = pa.RecordBatch.from_pydict(columns)
    threshold = data.draw(st.sampled_from([0.5, 0.3, probability(-0.25)]))
    scored = TableScorer(Answerer(model, threshold=threshold), counted=True).answer(batch)
    assert scored.counts == count_singly(model, batch.to_pylist(), threshold=threshold)
    content = io.BytesIO()
    pyarrow.csv.write_csv(batch, content)
    assert_counted_as_by_the_service(content.getvalue(), model, threshold=threshold)


def assert_counted_as_by_the_service(content: bytes, model: Model, *, threshold: float) -> None:
    """Check that the counts of a CSV's blocks are those of its rows one by one."""
    layout = Layout(model.scorer, {}, threshold=threshold)
    singly = ListCounts(layout)
    score_csv(content, Answerer(model, threshold=threshold, count=singly.add), report_errors=True, max_rows=99)
    singly.finish()
    scorer = TableScorer(Answerer(model, threshold=threshold), counted=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_blocks, "BLOCK_BYTES", max(200, len(content) // 3))
        blocks = CsvBlocks(io.BytesIO(content), scorer.contract)
        by_column = CsvScorer(blocks, scorer)
        counts = sum((by_column.score(block).counts for block in blocks), start=scorer.counter.none)
    assert counts == layout.read_counts([singly.places[place] for place in range(layout.n_places)])


@pytest.mark.parametrize(("content", "delimiter"), FORMS.values(), ids=FORMS.keys())
def test_each_form_of_a_csv_is_counted_as_by_the_service(content, delimiter):
    content = content if isinstance(content, bytes) else content.encode()
    assert_counted_as_by_the_service(content, model_of(SCORER), threshold=0.5)


def test_where_the_last_digits_decide_a_bin_the_customer_is_counted_as_when_scored_alone():
    """Sums of weights that are edges of bins except for their last digits, in either direction."""
    fields = (*(Category(f"c{number}", ("a", "b", "c")) for number in range(6)), Flag("f"))
    blank = Number("n", 0.0, 9.0, blank=Blank(2.0))
    weights = {f"c{number}={value}": 0.16 * (3 * number + ord(value) - 104) for number in range(6) for value in "abc"}
    scorer = Scorer(Contract((*fields, blank)), weights | {"f": 0.16 * 3, "n": 0.16}, intercept=-0.16 * 4)
    customers = [
        {f"c{number}": "abc"[row // 3**number % 3] for number in range(6)}
        | {"f": row % 2, "n": [row % 10, None][row % 7 == 0]}
        for row in range(729)
    ]
    model = model_of(scorer)
    by_column = TableScorer(Answerer(model), counted=True).answer(pa.RecordBatch.from_pylist(customers))
    assert by_column.counts == count_singly(model, customers, threshold=0.5)


@pytest.mark.parametrize("log_odds_of_blank", [0.3, 0.16 * 3])  # the latter is an edge of the bins
def test_a_blank_with_its_own_weight_is_counted_as_a_blank(log_odds_of_blank):
    age = Number("age", 20.0, 60.0, blank=Blank(41.0, apart=True))
    weights = {str(Within("age", 20.0, 60.0)): 0.01, str(IsBlank("age", 41.0)): log_odds_of_blank - 0.41}
    scorer = Scorer(Contract((age,)), weights, intercept=0.0)
    ages = [None, 20.0, 41.0, 60.0, None, 61.0, 19.0, None]
    counts = (
        TableScorer(Answerer(model_of(scorer)), counted=True).answer(pa.RecordBatch.from_pydict({"age": ages})).counts
    )
    assert counts.fields == {"age": [1, 3, 1, 3]}  # below, within, above, blank
    assert counts == count_singly(model_of(scorer), [{"age": age} for age in ages], threshold=0.5)


def test_a_category_with_many_values_and_spellings_is_counted():
    plans = [f"plan_{number}" for number in range(40)]
    contract = Contract((Category("plan", tuple(plans)),))
    scorer = Scorer(contract, {f"plan={plan}": 0.1 for plan in plans}, intercept=0.0)
    column = [spelled for plan in plans for spelled in (plan, plan.upper(), f" {plan} ", "unknown")]
    counted = TableScorer(Answerer(model_of(scorer)), counted=True)
    counts = counted.answer(pa.RecordBatch.from_pydict({"plan": column})).counts
    assert counts.fields == {"plan": [3] * 40}


def test_counts_that_cant_be_written_end_it_before_a_customer_is_scored(shipped, tmp_path):
    scorer = TableScorer(Answerer(shipped), counted=True)
    for counts in (tmp_path / "nowhere" / "counts.json", tmp_path):
        with pytest.raises(WriteError, match=f"^{counts} can't be written: "):
            score_file(CSV, tmp_path / "out.csv", scorer, counts=counts)
    assert list(tmp_path.iterdir()) == []


def test_the_counts_are_as_private_as_the_table_and_stay_unchanged_when_the_answer_fails(shipped, tmp_path):
    scorer = TableScorer(Answerer(shipped), counted=True)
    (tmp_path / "in.csv").write_bytes(CSV.read_bytes())
    (tmp_path / "in.csv").chmod(0o600)
    score_file(tmp_path / "in.csv", tmp_path / "out.csv", scorer, counts=tmp_path / "counts.json")
    assert (tmp_path / "counts.json").stat().st_mode & 0o777 == 0o600
    (tmp_path / "counts.json").write_text("before")
    with (
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(WriteError, match="the output can't be written"),
    ):
        score_file(CSV, full, scorer, counts=tmp_path / "counts.json")
    assert (tmp_path / "counts.json").read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", "out.csv", "counts.json"}
