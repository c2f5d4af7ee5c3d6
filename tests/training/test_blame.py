"""A fit that fails: the field that is named, and that the suggested remedy really helps."""

import numpy as np
import pandas as pd
import pytest

from churn.errors import FitError
from churn.training.blame import explain_failure
from churn.training.fit import build_matrix, fit_model, fit_vectorizer, learn_contract

COUNT = 2000


def draw(**columns) -> tuple[pd.DataFrame, np.ndarray]:
    """Customers with two honest fields, a category and these columns, functions of a generator and the labels."""
    rng = np.random.default_rng(1)
    age = rng.integers(18, 80, COUNT).astype(float)
    y = (rng.random(COUNT) < 1 / (1 + np.exp((age - 50) / 10))).astype(np.int64)
    customers = pd.DataFrame({"age": age, "score": rng.normal(size=COUNT), "plan": rng.choice(list("abc"), COUNT)})
    return customers.assign(**{name: make(rng, y) for name, make in columns.items()}), y


def fit(customers: pd.DataFrame, y: np.ndarray, C: float) -> None:
    contract = learn_contract(customers)
    dv = fit_vectorizer(contract, logarithms=True)
    X = build_matrix(customers, contract, dv)
    try:
        fit_model(X, y, C=C)
    except FitError:
        raise explain_failure(X, y, contract, dv, C=C) from None


def reason(customers: pd.DataFrame, y: np.ndarray, C: float = 1.0) -> str:
    with pytest.raises(FitError) as error:
        fit(customers, y, C)
    assert str(error.value) == f"the fit does not reach its optimum with C={C}; {error.value.reason}"
    assert "\n" not in error.value.reason
    return error.value.reason


@pytest.mark.parametrize(
    ("make", "unit"),
    [
        (lambda rng, y: 10 ** rng.uniform(-9, 200, COUNT), 1e197),
        (lambda rng, y: np.append(rng.random(COUNT - 1), 1e15), 1e13),
        (lambda rng, y: -rng.random(COUNT) * 1e200, 1e197),
        (lambda rng, y: rng.random(COUNT) * 1e200, 1e197),
    ],
    ids=["wide", "one giant", "negative", "squares overflow"],
)
def test_a_number_of_another_scale_is_named_with_its_range_and_the_remedy_works(make, unit):
    customers, y = draw(totalcharges=make)
    low, high = customers["totalcharges"].min(), customers["totalcharges"].max()
    words = reason(customers, y)
    assert words.startswith(f"totalcharges goes from {low:g} to {high:g}: leave it out, --drop totalcharges")
    fit(customers.drop(columns="totalcharges"), y, 1.0)
    if "divide" in words:
        assert words.endswith(f", or divide totalcharges by {unit:g}")
        fit(customers.assign(totalcharges=customers["totalcharges"] / unit), y, 1.0)


def test_two_numbers_of_another_scale_are_both_named():
    customers, y = draw(phone=lambda rng, y: rng.random(COUNT) * 1e200, fax=lambda rng, y: rng.random(COUNT) * 1e201)
    words = reason(customers, y)
    assert "--drop fax,phone" in words
    fit(customers.drop(columns=["fax", "phone"]), y, 1.0)
    for name in ("fax", "phone"):
        with pytest.raises(FitError):
            fit(customers.drop(columns=name), y, 1.0)


def test_many_numbers_of_another_scale_are_all_named_and_no_other_field():
    names = [f"account{number:02}" for number in range(13)]
    customers, y = draw(**{name: lambda rng, y: rng.random(COUNT) * 1e200 for name in names})
    words = reason(customers, y)
    dropped = words.partition("--drop ")[2].partition(", or divide")[0].split(",")
    assert sorted(dropped) == names
    fit(customers.drop(columns=dropped), y, 1.0)
    with pytest.raises(FitError):
        fit(customers.drop(columns=dropped[:-1]), y, 1.0)


def test_a_number_with_the_same_information_as_another_is_named_where_the_penalty_is_weak():
    customers, y = draw(months=lambda rng, y: np.zeros(COUNT))
    customers = customers.assign(months=customers["age"] * 12).drop(columns="plan")
    words = reason(customers, y, C=1e12)
    assert words.startswith("months is a linear function of age: leave it out, --drop months, or --C ")
    fit(customers.drop(columns="months"), y, 1e12)
    fit(customers, y, float(words.rsplit(" ", 1)[1]))


def test_a_field_that_separates_the_classes_is_named_where_the_penalty_is_weak():
    customers, y = draw(gone=lambda rng, y: np.abs(rng.normal(size=COUNT)) * (2 * y - 1))
    customers = customers.drop(columns=["plan", "age"])
    words = reason(customers, y, C=1e30)
    drop = "leave it out, --drop gone"
    assert words.startswith(f"gone separates the two classes without an exception: {drop}, or --C ")
    fit(customers.drop(columns="gone"), y, 1e30)
    fit(customers, y, float(words.rsplit(" ", 1)[1]))


@pytest.mark.parametrize("C", [1e-310, 5e-324])
def test_a_penalty_too_strong_for_the_arithmetic_is_named_with_a_larger_c(C):
    customers, y = draw()
    words = reason(customers, y, C=C)
    assert words.startswith("the penalty is too strong for these columns; with --C ")
    larger = float(words.split("--C ")[1].split()[0])
    assert C < larger <= 1
    fit(customers, y, larger)


def test_a_penalty_too_weak_for_the_columns_together_is_named_with_one_that_is_strong_enough():
    customers, y = draw()
    words = reason(customers, y, C=1e15)
    assert words.startswith("the penalty is too weak for these columns; with --C ")
    fit(customers, y, float(words.split("--C ")[1].split()[0]))
