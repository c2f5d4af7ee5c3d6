"""Tables by column: scikit-learn's probabilities in every type, and the path of a single customer for odd rows."""

import math
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.batch.columns import in_json_types, read_marked_numbers
from churn.batch.scorer import TableScorer
from churn.errors import CustomerError
from churn.model.answerer import Answerer
from churn.model.contract import Contract
from churn.model.explaining import Explainer
from churn.model.fields import Blank, Category, Flag, Number, Where
from churn.model.marks import Marks
from churn.model.outside import OutsideCounter
from churn.model.scoring import Scorer, probability
from churn.tables.answer_cells import describe_problems, describe_reason
from tests.customers import CLEAN_CUSTOMERS, NUMBERS, RAW_CUSTOMERS, sklearn_probabilities
from tests.drawn_contracts import contracts, customers_of, scorer_of, shaped_scorers
from tests.plans import model_of

CONTRACT = Contract(
    (
        Category("plan", ("basic", "two_year")),
        Flag("senior"),
        Number("tenure", non_negative=True),
        Number("total", blank=Blank(0.0, Where("tenure", 0.0))),
    )
)
WEIGHTS = {
    "plan=basic": 0.5,
    "plan=two_year": -0.5,
    "senior": 0.25,
    "tenure": -0.01,
    "log1p(tenure)": -0.5,
    "total": 0.001,
}
SCORER = Scorer(CONTRACT, WEIGHTS, intercept=0.1)
GOOD = {"plan": "basic", "senior": 1, "tenure": 3.0, "total": 100.0}


def small(n_reasons=0, threshold=0.5) -> TableScorer:
    return TableScorer(Answerer(model_of(SCORER), threshold=threshold, n_reasons=n_reasons))


def table(**columns) -> pa.RecordBatch:
    """A batch with one good customer's columns, in which these replace its own."""
    rows = max((len(column) for column in columns.values()), default=1)
    whole = {name: pa.array([value] * rows) for name, value in GOOD.items()}
    whole |= {name: column if isinstance(column, pa.Array) else pa.array(column) for name, column in columns.items()}
    return pa.RecordBatch.from_pydict(whole)


def as_dictionaries(batch: pa.RecordBatch) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [column.dictionary_encode() for column in batch.columns], names=batch.schema.names
    )


def as_decimals(batch: pa.RecordBatch) -> pa.RecordBatch:
    for name in NUMBERS:
        place = batch.schema.get_field_index(name)
        batch = batch.set_column(place, name, pc.cast(batch.column(place), pa.decimal128(12, 4), safe=False))
    return batch


TABLES = {
    "raw": pa.RecordBatch.from_pylist(RAW_CUSTOMERS),
    "clean": pa.RecordBatch.from_pylist(CLEAN_CUSTOMERS),
    "dictionaries": as_dictionaries(pa.RecordBatch.from_pylist(RAW_CUSTOMERS)),
    "decimals": as_decimals(pa.RecordBatch.from_pylist(CLEAN_CUSTOMERS)),
    "upper": pa.RecordBatch.from_pylist(
        [{name.upper(): f" {value.upper()}" for name, value in raw.items()} for raw in RAW_CUSTOMERS]
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("spelling", TABLES)
def test_every_customer_of_the_table_gets_scikit_learns_probability(shipped, spelling):
    scorer = TableScorer(Answerer(shipped, threshold=0.5))
    answered = scorer.answer(TABLES[spelling])
    expected = sklearn_probabilities(shipped.path, CLEAN_CUSTOMERS)
    np.testing.assert_allclose(answered.probabilities, expected, rtol=0, atol=1e-12)
    assert answered.rows.column("churn_probability").to_pylist() == answered.probabilities.tolist()
    assert answered.rows.column("churn").to_pylist() == (expected >= 0.5).tolist()
    assert answered.rows.column("error").null_count == len(RAW_CUSTOMERS)
    assert answered.rows.select(TABLES[spelling].schema.names).equals(TABLES[spelling])


@pytest.mark.slow
@pytest.mark.parametrize("spelling", ["raw", "clean", "dictionaries"])
def test_the_reasons_are_the_explainers_own_words(shipped, spelling):
    scorer = TableScorer(Answerer(shipped, threshold=0.5, n_reasons=3))
    names = ["reason_1", "reason_2", "reason_3"]
    told = scorer.answer(TABLES[spelling]).rows.select(names).to_pylist()
    expected = [
        map(describe_reason, shipped.explainer.explain(customer, n_reasons=3).reasons) for customer in RAW_CUSTOMERS
    ]
    assert told == [dict(zip(names, reasons, strict=True)) for reasons in expected]


def test_equal_reasons_stay_in_the_contracts_order_and_equal_weights_keep_their_own_words():
    contract = Contract((Number("b", non_negative=True), Category("a", ("x", "y")), Number("c")))
    scorer = Scorer(contract, {"b": 1.0, "a=x": 2.0, "a=y": 2.0, "c": -1.0}, intercept=0.0)
    rows = pa.RecordBatch.from_pydict({"c": [2, 2], "a": ["y", "x"], "b": [2, 2]})
    answered = TableScorer(Answerer(model_of(scorer), threshold=0.5, n_reasons=9)).answer(rows).rows
    assert [answered.column(f"reason_{number}").to_pylist() for number in (1, 2, 3)] == [
        ["b is 2 (+2.00)"] * 2,
        ["a is y (+2.00)", "a is x (+2.00)"],
        ["c is 2 (-2.00)"] * 2,
    ]


def test_churn_is_as_for_a_single_customer_at_a_threshold_that_is_a_probability(shipped):
    expected = np.array(shipped.scorer.score_customers(RAW_CUSTOMERS))
    for threshold in expected[:40].tolist():
        answered = TableScorer(Answerer(shipped, threshold=threshold)).answer(TABLES["clean"])
        assert answered.rows.column("churn").to_pylist() == (expected >= threshold).tolist()


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        ({"plan": ["two yeer"]}, "plan: unknown category (did you mean two_year?)"),
        ({"plan": pa.array([None], type=pa.string())}, "plan: blank (expected basic, two_year)"),
        ({"plan": pa.nulls(1)}, "plan: blank (expected basic, two_year)"),
        ({"plan": [True]}, "plan: not a text (expected basic, two_year)"),
        ({"plan": [7]}, "plan: not a text (expected basic, two_year)"),
        ({"plan": [["basic"]]}, "plan: not a text (expected basic, two_year)"),
        ({"senior": [2]}, "senior: not 0 or 1 (expected 0 or 1, true or false)"),
        ({"senior": ["yes"]}, "senior: not 0 or 1 (expected 0 or 1, true or false)"),
        ({"tenure": [-1]}, "tenure: negative (expected a finite number, 0 or more)"),
        ({"tenure": [True]}, "tenure: not a number (expected a finite number, 0 or more)"),
        ({"tenure": ["1_0"]}, "tenure: not a number (expected a finite number, 0 or more)"),
        ({"tenure": ["nan"]}, "tenure: not a number (expected a finite number, 0 or more)"),
        ({"tenure": ["0" * 401]}, "tenure: not a number (expected a finite number, 0 or more)"),
        ({"tenure": [math.nan]}, "tenure: not finite (expected a finite number, 0 or more)"),
        ({"tenure": pa.array([0], type=pa.date32())}, "tenure: not a number (expected a finite number, 0 or more)"),
        ({"tenure": pa.nulls(1)}, "tenure: blank (expected a finite number, 0 or more)"),
        ({"senior": pa.nulls(1, pa.bool_())}, "senior: blank (expected 0 or 1, true or false)"),
        ({"total": [" "]}, "total: blank (expected a finite number; blank only where tenure is 0)"),
        ({"total": pa.nulls(1)}, "total: blank (expected a finite number; blank only where tenure is 0)"),
        (
            {"total": pa.nulls(1), "tenure": pa.nulls(1)},
            "tenure: blank (expected a finite number, 0 or more); total: b",
        ),
        ({"total": [math.nan], "tenure": [0]}, "total: not finite (expected a finite number; blank only"),
        ({"total": [1e308], "tenure": [-5.0], "plan": [""]}, "plan: blank (expected basic, two_year); "),
    ],
)
def test_a_bad_row_stays_with_empty_answers_and_its_problem(column, problem):
    batch = table(**column)
    answered = small(n_reasons=1).answer(batch)
    row = answered.rows.to_pylist()[0]
    assert row["error"].startswith(problem)
    assert [row[name] for name in ("churn_probability", "churn", "reason_1")] == [None] * 3
    assert np.isnan(answered.probabilities[0])
    assert answered.refusals.counts.total() >= 1


def test_the_first_row_of_each_kind_of_problem_is_known():
    answered = small().answer(table(plan=["basic", "x", "basic", "x"], tenure=[1, 2, -1, -1]))
    assert answered.refusals.first_rows == {("plan", "unknown category"): 1, ("tenure", "negative"): 2}


@pytest.mark.parametrize(
    ("column", "as_good_as"),
    [
        ({"plan": [" Two Year "]}, {"plan": "two_year"}),
        ({"senior": [True]}, {"senior": 1}),
        ({"senior": ["0.0"]}, {"senior": 0}),
        ({"senior": [Decimal(1)]}, {"senior": 1}),
        ({"tenure": ["+3e1 "]}, {"tenure": 30.0}),
        ({"tenure": [Decimal("2.5")]}, {"tenure": 2.5}),
        ({"tenure": pa.array([2.5], type=pa.float32())}, {"tenure": 2.5}),
        ({"tenure": pa.array(["7"], type=pa.large_string())}, {"tenure": 7.0}),
        ({"tenure": pa.array(["7"], type=pa.string_view())}, {"tenure": 7.0}),
        ({"plan": pa.array(["BASIC"], type=pa.string_view())}, {"plan": "basic"}),
        ({"tenure": [0], "total": [" "]}, {"tenure": 0.0, "total": 0.0}),
        ({"tenure": ["0"], "total": pa.nulls(1)}, {"tenure": 0.0, "total": 0.0}),
        ({"tenure": [Decimal(0)], "total": pa.nulls(1, pa.string())}, {"tenure": 0.0, "total": 0.0}),
        ({"tenure": ["9" * 30]}, {"tenure": float("9" * 30)}),
    ],
)
def test_every_spelling_and_type_that_the_contract_accepts_is_accepted(column, as_good_as):
    answered = small().answer(table(**column))
    expected = probability(SCORER.log_odds(GOOD | as_good_as))
    assert answered.probabilities.tolist() == pytest.approx([expected], abs=1e-12)


BLANKS = Contract(
    (
        Category("plan", ("", "basic")),
        Category("member", ("false", "true")),
        Number("paid", blank=Blank(0.0, Where("plan", ""))),
        Number("age", blank=Blank(41.0)),
        Number("visits", blank=Blank(0.0, Where("age", 41.0))),
    )
)
BLANKS_WEIGHTS = {"plan=": 1.0, "plan=basic": 2.0, "member=false": 4.0, "member=true": 8.0, "paid": 0.5, "age": 0.1}


def test_nulls_and_booleans_that_have_a_meaning_are_scored_by_column():
    scorer = Scorer(BLANKS, BLANKS_WEIGHTS | {"visits": 1.0}, intercept=-20.0)
    tables = TableScorer(Answerer(model_of(scorer), threshold=0.5, n_reasons=2))
    columns = {
        "plan": pa.array([None, "basic", None, "basic", ""]),
        "member": pa.array([True, False, True, True, False]),
        "paid": pa.array([None, 30, 10, 12, None]),
        "age": pa.array([20, 41, 41, None, None]),
        "visits": pa.array([3, None, None, 7, 2]),
    }
    expected = [
        1 + 8 + 0 + 2 + 3,
        2 + 4 + 15 + 4.1 + 0,
        1 + 8 + 5 + 4.1 + 0,
        2 + 8 + 6 + 4.1 + 7,
        1 + 4 + 0 + 4.1 + 2,
    ]
    readings = tables.read(columns)
    assert tables.score(readings).tolist() == pytest.approx(
        [probability(value - 20) for value in expected], abs=1e-12
    )
    assert [column.to_pylist()[4] for column in tables.explain(readings)] == [
        "age is 41 (+4.10)",
        "member is false (+4.00)",
    ]
    batch = pa.RecordBatch.from_pydict(columns)
    alone = [probability(scorer.log_odds(customer)) for customer in batch.to_pylist()]
    assert tables.answer(batch).probabilities.tolist() == pytest.approx(alone, abs=1e-12)


def test_a_null_whose_condition_is_a_null_with_another_meaning_is_refused_by_column_as_alone():
    scorer = Scorer(BLANKS, BLANKS_WEIGHTS | {"visits": 1.0}, intercept=0.0)
    tables = TableScorer(Answerer(model_of(scorer), threshold=0.5))
    customer = {"plan": "basic", "member": True, "paid": 1.0, "age": None, "visits": None}
    batch = pa.RecordBatch.from_pylist([customer])
    assert tables.answer(batch).rows.column("error").to_pylist() == [
        "visits: blank (expected a finite number; blank only where age is 41)"
    ]


def test_the_columns_of_an_earlier_answer_are_removed_and_the_new_ones_come_last():
    once = small(n_reasons=2).answer(table(id=["7"])).rows
    joined = pa.RecordBatch.from_pydict(dict(zip(once.schema.names, once.columns, strict=True)) | {"paid": ["yes"]})
    answered = small(n_reasons=1).answer(joined).rows
    assert answered.schema.names[4:] == ["id", "paid", "churn_probability", "churn", "reason_1", "error"]
    assert answered.drop_columns(["paid"]) == small(n_reasons=1).answer(table(id=["7"])).rows


@pytest.mark.parametrize("name", ["churn", "Error", " reason 1", "churn_probability"])
def test_a_column_of_the_tables_own_stays_and_the_answers_gets_another_name(name):
    answered = small(n_reasons=1).answer(table(**{name: ["mine"]})).rows
    clean = name.strip().lower().replace(" ", "_")
    names = [
        f"predicted_{name}" if name == clean else name for name in ("churn_probability", "churn", "reason_1", "error")
    ]
    assert answered.schema.names[4:] == [name, *names]
    assert answered.column(name).to_pylist() == ["mine"]


def test_a_table_without_a_field_or_with_one_twice_is_refused():
    with pytest.raises(CustomerError) as refusal:
        CONTRACT.place_fields(["plan", "Plan", "tenure", "total"])
    assert [(problem.field, problem.problem) for problem in refusal.value.problems] == [
        ("plan", "given twice"),
        ("senior", "missing"),
    ]


def test_an_empty_table_is_answered_empty():
    answered = small(n_reasons=2).answer(table().slice(0, 0))
    assert answered.rows.num_rows == 0
    assert answered.rows.schema.names[-3:] == ["reason_1", "reason_2", "error"]


texts = st.sampled_from(["basic", "Two year", " BASIC ", "two_year", "gold", "", " "]) | st.none()
spelled = st.sampled_from(["0", " 1", "1.50", "-3", "1e3", "1e999", "nan", "", " ", ".5", "5.", "+2"]) | st.none()


@settings(max_examples=200, deadline=None)
@given(
    plans=st.lists(texts, min_size=6, max_size=6),
    seniors=st.lists(st.booleans() | st.none(), min_size=6, max_size=6) | st.lists(spelled, min_size=6, max_size=6),
    tenures=st.lists(spelled, min_size=6, max_size=6) | st.lists(st.floats(), min_size=6, max_size=6),
    totals=st.lists(spelled, min_size=6, max_size=6) | st.lists(st.integers(-(2**62), 2**62), min_size=6, max_size=6),
)
def test_a_table_gets_the_answers_of_its_customers_one_by_one(plans, seniors, tenures, totals):
    batch = table(plan=pa.array(plans, pa.string()), senior=seniors, tenure=tenures, total=totals)
    answered = small(n_reasons=4).answer(batch)
    explainer = Explainer(SCORER, None)
    for row, told in zip(batch.to_pylist(), answered.rows.to_pylist(), strict=True):
        try:
            explanation = explainer.explain(row)
        except CustomerError as refusal:
            error, expected, reasons = describe_problems(refusal.problems), None, [None] * 4
        else:
            error, expected = None, pytest.approx(probability(explanation.log_odds), abs=1e-12)
            reasons = [describe_reason(reason) for reason in explanation.reasons]
        assert (told["error"], told["churn_probability"]) == (error, expected)
        assert [told[f"reason_{number}"] for number in (1, 2, 3, 4)] == reasons


MARKED = Scorer(Contract((Number("fee", marks=Marks("€", thousands=True)),)), {"fee": 0.001}, intercept=0.5)


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["€1,234.50", "1234.5", "1 234.5 €", "-€5"]),
        pa.array(["€1,234.50", "1234.5", "1 234.5 €", "-€5"], type=pa.large_string()),
        pa.array(["€1,234.50", "1234.5", "1 234.5 €", "-€5"]).dictionary_encode(),
        pa.array([1234.5, 1234.5, 1234.5, -5]),
        pa.array([Decimal("1234.5")] * 3 + [Decimal("-5.0")]),
    ],
    ids=["texts", "long texts", "dictionary", "numbers", "decimals"],
)
def test_a_field_with_marks_is_scored_by_column_whatever_the_columns_type(column):
    scorer = TableScorer(Answerer(model_of(MARKED)))
    batch = pa.RecordBatch.from_pydict({"fee": column})
    columns = {"fee": in_json_types(batch.column(0))}
    assert np.isfinite(scorer.score(scorer.read(columns))).all(), "no row is left to be scored alone"
    expected = [probability(0.5 + 0.001 * fee) for fee in (1234.5, 1234.5, 1234.5, -5)]
    np.testing.assert_allclose(scorer.answer(batch).probabilities, expected, rtol=0, atol=1e-12)


def test_a_text_that_a_field_with_marks_does_not_accept_is_refused_in_its_own_row():
    batch = pa.RecordBatch.from_pydict({"fee": ["€5", "$5", None, "1.234,5", ""]})
    answered = TableScorer(Answerer(model_of(MARKED))).answer(batch)
    assert np.isfinite(answered.probabilities).tolist() == [True, False, False, False, False]
    errors = answered.rows.column("error").to_pylist()
    expected = "a finite number, with or without the sign € and thousands marks"
    assert errors[1] == f"fee: not a number (expected {expected}, without the sign $)"
    assert errors[2] == f"fee: blank (expected {expected})"


def test_texts_of_a_field_that_was_trained_with_decimal_commas_are_read_with_them():
    texts = pa.array(["1.234,50 €", "€1.234", "€1,234", None, "29.85"])
    numbers = read_marked_numbers(texts, Marks("€", thousands=True, decimal_comma=True))
    np.testing.assert_array_equal(numbers, [1234.5, 1234, np.nan, np.nan, 29.85])


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_table_with_limits_groups_and_words_for_a_blank_gets_the_answers_of_its_customers_one_by_one(data):
    check_one_by_one(scorer_of(data.draw(contracts())), data, n_reasons=1)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_table_with_curves_and_pairs_of_fields_gets_the_answers_of_its_customers_one_by_one(data):
    check_one_by_one(data.draw(shaped_scorers()), data, n_reasons=3)


def check_one_by_one(scorer, data, *, n_reasons):
    """Compare a table of drawn customers, with some columns as texts, with the explainer's answer to each of them."""
    contract = scorer.contract
    customers = data.draw(st.lists(customers_of(contract), min_size=1, max_size=12))
    names = [field.name for field in contract.fields]
    as_texts = data.draw(st.sets(st.sampled_from(names)))
    columns = {name: in_one_type([one[name] for one in customers], as_texts=name in as_texts) for name in names}
    batch = pa.RecordBatch.from_pydict(columns)
    answered = TableScorer(Answerer(model_of(scorer), n_reasons=n_reasons)).answer(batch)
    outside, explainer = OutsideCounter(contract), Explainer(scorer, None)
    reason_names = [name for name in answered.rows.schema.names if name.startswith("reason_")]
    assert len(reason_names) == min(n_reasons, len(names))
    for row, told in zip(batch.to_pylist(), answered.rows.to_pylist(), strict=True):
        try:
            explanation = explainer.explain(row, n_reasons=n_reasons)
        except CustomerError as refusal:
            error, expected, reasons = describe_problems(refusal.problems), None, [None] * len(reason_names)
        else:
            error, expected = None, pytest.approx(probability(explanation.log_odds), abs=1e-12)
            reasons = [describe_reason(reason) for reason in explanation.reasons]
            outside.add(row)
        assert (told["error"], told["churn_probability"]) == (error, expected)
        assert [told[name] for name in reason_names] == reasons
    assert answered.outside == outside.counts


def in_one_type(values, *, as_texts):
    """The values as a column: of numbers or booleans where all of them are such, else of texts."""
    if not as_texts and all(type(value) in (int, float) or value is None for value in values):
        return pa.array(values, pa.float64())
    if not as_texts and all(isinstance(value, bool) or value is None for value in values):
        return pa.array(values, pa.bool_())
    return pa.array([value if value is None else str(value) for value in values], pa.string())


def test_a_word_for_a_blank_is_read_by_column_whatever_the_columns_type():
    field = Number("age", 20.0, 70.0, True, Blank(41.0), missing=("na", "30"), lowest=0.0, highest=120.0)
    scorer = TableScorer(Answerer(model_of(Scorer(Contract((field,)), {"age": 0.01}, intercept=0.1))))
    texts = pa.array(["NA", " na", "30", "30.0", "", None, "41"])
    for column in (texts, texts.dictionary_encode(), pa.array([30, None, 41]), pa.array([30.0, 41.0])):
        batch = pa.RecordBatch.from_pydict({"age": column})
        read = scorer.score(scorer.read({"age": in_json_types(batch.column(0))}))
        np.testing.assert_allclose(read, probability(0.51), rtol=0, atol=1e-12)
        assert scorer.answer(batch).outside == {}
