"""The contract that is found from names alone. test_shapes has the comparison of its scores with scikit-learn."""

import pytest

from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Number
from churn.model.scoring import Scorer
from churn.model.without_card import contract_of_columns
from churn.pickles.linear_model import LinearModel
from tests.shaped import COLUMNS


def contract_of(*names: str, separator: str = "=") -> Contract:
    return contract_of_columns(LinearModel(dict.fromkeys(names, 0.5), 0.0, separator, (0, 1)))


def test_the_contract_of_a_model_with_shapes():
    assert contract_of(*(part.name for part, _ in COLUMNS)) == Contract(
        (
            Category("contract", ("monthly", "one_year", "two_year")),
            Category("plan", ("", "basic", "plus", "pro")),
            Number("senior"),
            Number("tenure", 0.0, 72.0, non_negative=True),
            Number("charges", 18.5, 118.75, non_negative=True, blank=Blank(65.0, apart=True)),
            Number("balance", -50.0, 250.0),
        )
    )


def test_another_separator_is_for_categories_only():
    contract = contract_of(
        "plan:a", "ramp(age,1.0,2.0)", "within(age,0.0,9.0)", 'both("plan=a","age>=1.0")', separator=":"
    )
    assert contract == Contract((Category("plan", ("a",)), Number("age", 0.0, 9.0, non_negative=True)))


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        (["log1p(x)"], [Number("log1p(x)")]),
        (["x=a", "log1p(x)"], [Category("x", ("a",)), Number("log1p(x)")]),
        (["log1p(log1p(x))", "log1p(x)"], [Number("log1p(x)", non_negative=True)]),
        (["log1p(x)", "x"], [Number("x", non_negative=True)]),
    ],
)
def test_a_logarithm_without_its_number_is_a_number_with_that_name(names, fields):
    contract = contract_of(*names)
    assert contract == Contract(tuple(fields))
    assert Scorer(contract, dict.fromkeys(names, 0.5), intercept=0.0).columns.names == set(names)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["plan=a", "within(plan,0.0,1.0)"], "same name"),
        (["within(Plan,0.0,1.0)"], "clean spelling"),
        (["blank(plan,1.0)"], "one range"),
        (["ramp(plan,0.0,1.0)"], "one range"),
        (["within(a,0.0,1.0)", "within(a,0.0,2.0)"], "one range"),
        (["within(a,1.0,0.0)"], "clipped to"),
        (["within(a,-1.0,0.0)", "log1p(within(a,-1.0,0.0))"], "clipped to"),
        (["a", 'both("a>=1.0","b>=1.0")'], "'b' is not a field"),
        (["a", "b", 'both("a>=1.0","b>=1.0")', 'both("b>=1.0","a>=1.0")'], "other order"),
        (["a", "blank(a,1.0)"], "has no curve"),
    ],
)
def test_names_that_make_no_model_are_refused(names, reason):
    with pytest.raises(ValueError, match=reason):
        Scorer(contract_of(*names), dict.fromkeys(names, 0.5), intercept=0.0)
