"""Curves and pairs of fields by column: scikit-learn's probabilities, and log-odds added up by hand."""

import math

import numpy as np
import pyarrow as pa
import pytest

from churn.batch.columns import in_json_types
from churn.batch.scorer import TableScorer
from churn.batch.terms import TableTerms
from churn.model.answerer import Answerer
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Flag, Number
from churn.model.file import load_model
from churn.model.scoring import Scorer
from tests.plans import model_of
from tests.shaped import draw_customers, sklearn_of_shaped, write_shaped

CUSTOMERS = draw_customers(3_000, seed=5)
TYPED = pa.RecordBatch.from_pylist([row | {"charges": row["charges"] or None} for row in CUSTOMERS])
TABLES = {
    "numbers": TYPED,
    "texts": pa.RecordBatch.from_pylist([{name: str(cell) for name, cell in row.items()} for row in CUSTOMERS]),
    "dictionaries": pa.RecordBatch.from_arrays(
        [column.dictionary_encode() for column in TYPED.columns], names=TYPED.schema.names
    ),
}


@pytest.mark.parametrize("card", [True, False])
@pytest.mark.parametrize("spelling", TABLES)
def test_every_row_gets_scikit_learns_probability_by_column(spelling, card, tmp_path):
    scorer = TableScorer(Answerer(load_model(write_shaped(tmp_path / "model.bin", card=card))))
    batch = TABLES[spelling]
    read = scorer.read({name: in_json_types(batch.column(name)) for name in batch.schema.names})
    expected = sklearn_of_shaped(CUSTOMERS)
    np.testing.assert_allclose(scorer.score(read), expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(scorer.answer(batch).probabilities, expected, rtol=0, atol=1e-12)


CONTRACT = Contract(
    (
        Category("plan", ("", "basic", "pro")),
        Flag("senior"),
        Number("months"),
        Number("spent", blank=Blank(1.0, apart=True)),
    )
)
WEIGHTS = {
    **{"plan=": 0.0, "plan=basic": 100.0, "plan=pro": 200.0, "senior": 1000.0},
    **{"within(months,0.0,10.0)": 0.5, "log1p(within(months,0.0,10.0))": 1.0, "ramp(months,0.0,4.0)": 2.0},
    **{"within(spent,-2.0,2.0)": 1.0, "blank(spent,1.0)": 0.25},
    **{'both("plan=basic","months>=2.0")': 0.03, 'both("plan=*","months>=2.0")': 0.07},
    **{'both("plan=basic","months>=8.0")': 0.01, 'both("plan=*","months>=8.0")': -0.02},
    'both("spent>=1.0","senior>=1.0")': 0.002,
}


def test_log_odds_by_column_are_those_by_hand():
    scorer = Scorer(CONTRACT, WEIGHTS, intercept=-5000.0)
    columns = {
        "plan": pa.array(["basic", "pro", None, "PRO", "basic", "basic"]),
        "senior": pa.array([0, 1, 1, 1, 0, 0]),
        "months": pa.array([2, 20, -0.5, -20, 8, None]),
        "spent": pa.array([0.5, -3, None, 1, 9, 0]),
    }
    by_hand = [
        -4900 + (1 + math.log(3) + 1) + 0.5 + 0.03,
        -3800 + (5 + math.log(11) + 2) - 2 + 0.05,
        -4000 + 1.25 + 0.002,
        -3800 + 1 + 0.002,
        -4900 + (4 + math.log(9) + 2) + 2 + 0.04,
        math.nan,
    ]
    readings = TableScorer(Answerer(model_of(scorer))).read(columns)
    np.testing.assert_allclose(TableTerms(scorer).add_up(readings), by_hand, rtol=0, atol=1e-12)


def test_a_fields_terms_have_a_value_for_a_blank_and_none_for_a_value_that_is_not_plain():
    scorer = Scorer(CONTRACT, WEIGHTS, intercept=0.0)
    columns = {
        "plan": pa.array(["basic", "gold", "basic"]),
        "senior": pa.array([0, 1, 1]),
        "months": pa.array(["2", "2", "two"]),
        "spent": pa.array([None, 1.0, None]),
    }
    readings = TableScorer(Answerer(model_of(scorer))).read(columns)
    expected = {
        "plan": [("basic", 100.0), (None, math.nan), ("basic", 100.0)],
        "senior": [(0.0, 0.0), (1.0, 1000.0), (1.0, 1000.0)],
        "months": [(2.0, 2 + math.log(3)), (2.0, 2 + math.log(3)), (None, math.nan)],
        "spent": [("", 1.25), (1.0, 1.0), ("", 1.25)],
    }
    for name, of_rows in expected.items():
        terms, values, codes = TableTerms(scorer).of_field(name, readings)
        assert [values[code] for code in codes] == [value for value, _ in of_rows]
        np.testing.assert_allclose(terms[codes], [term for _, term in of_rows], rtol=0, atol=1e-15)
