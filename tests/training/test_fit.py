"""Training: the contract from the rows, the matrix against DictVectorizer itself, and the optimum."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction import DictVectorizer

from churn.errors import FitError
from churn.model.fields import Blank, Category, Flag, Number, Where
from churn.training.fit import build_matrix, fit_model, fit_vectorizer, learn_contract
from churn.training.table import read_table
from tests.customers import CLEAN_CUSTOMERS, CSV, NUMBERS


@pytest.fixture(scope="module")
def table():
    return read_table(CSV)


def test_the_contract_is_learned_from_the_columns():
    customers = pd.DataFrame(
        {
            "plan": ["b", "a"] * 5,
            "member": [0.0] * 5 + [1.0] * 5,
            "months": [0.0, 9.0] * 5,
            "paid": [np.nan] * 5 + [1.0, 2.0, 1.0, 1.0, 1.0],
            "balance": [-1.0, 2.0] * 5,
        }
    )
    assert learn_contract(customers).fields == (
        Category("plan", ("a", "b")),
        Flag("member"),
        Number("months", 0.0, 9.0, True),
        Number("paid", 1.0, 2.0, True, Blank(0.0, Where("member", 0.0))),
        Number("balance", -1.0, 2.0, False),
    )


def test_blanks_that_no_field_explains_stand_for_the_median():
    customers = pd.DataFrame({"plan": ["a", "b"] * 12, "age": [np.nan, 20.0, 30.0, 70.0] * 6})
    assert learn_contract(customers).fields[1] == Number("age", 20.0, 70.0, True, Blank(30.0))


def test_a_single_blank_gives_no_condition_though_no_other_row_has_its_other_values():
    customers = pd.DataFrame({"balance": np.arange(100) / 7, "age": [np.nan, *range(20, 119)]})
    assert learn_contract(customers).fields[1].blank == Blank(69.0)


def test_a_blank_without_a_condition_is_trained_as_it_is_served():
    customers = pd.DataFrame({"plan": ["a", "b"] * 12, "age": [np.nan, 20.0, 30.0, 70.0] * 6})
    contract = learn_contract(customers)
    dv = fit_vectorizer(contract, logarithms=True)
    X = build_matrix(customers, contract, dv)
    assert X[4, dv.vocabulary_["age"]] == contract.read_customer({"plan": "a", "age": " "})["age"] == 30.0
    assert X[4, dv.vocabulary_["log1p(age)"]] == pytest.approx(np.log(31))


def test_zeros_and_ones_or_true_and_false_with_blanks_are_a_number_or_a_category_and_never_a_flag(tmp_path):
    cells = [(n % 2, ("1", "0", "")[n % 3], n % 2 == 0, ("True", "False", "", " ")[n % 4], n % 2) for n in range(24)]
    path = tmp_path / "table.csv"
    pd.DataFrame(cells, columns=["senior", "paperless", "member", "partner", "churn"]).to_csv(path, index=False)
    assert learn_contract(read_table(path).customers).fields == (
        Flag("senior"),
        Number("paperless", 0.0, 1.0, True, Blank(0.5)),
        Category("member", ("false", "true")),
        Category("partner", ("", "false", "true")),
    )


def test_a_column_that_is_blank_in_all_training_rows_is_not_a_field():
    customers = pd.DataFrame({"plan": ["a", "b"], "age": [np.nan, np.nan], "note": ["", ""]})
    assert [field.name for field in learn_contract(customers).fields] == ["plan"]


def test_a_column_far_from_zero_does_not_keep_the_fit_from_its_optimum(table):
    customers = table.customers.assign(month=201_900.0 + table.customers["tenure"] % 12)
    contract = learn_contract(customers)
    X = build_matrix(customers, contract, fit_vectorizer(contract, logarithms=True))
    model = fit_model(X, table.y, C=1.0)
    gradient = (X - X.mean(axis=0)).T @ (model.predict_proba(X)[:, 1] - table.y) + model.coef_[0]
    assert np.abs(gradient).max() < 1e-3


def test_a_blank_total_means_zero_where_tenure_is_zero_on_the_real_table(table):
    fields = {field.name: field for field in learn_contract(table.customers).fields}
    assert fields["totalcharges"] == Number("totalcharges", 18.8, 8684.8, True, Blank(0.0, Where("tenure", 0.0)))
    assert [name for name, field in fields.items() if isinstance(field, Flag)] == ["seniorcitizen"]
    assert sum(isinstance(field, Category) for field in fields.values()) == 15


def test_vectorizer_and_matrix_are_exactly_those_of_a_fit_on_dicts(table):
    records = [
        customer | {f"log1p({name})": np.log1p(customer[name]) for name in NUMBERS[1:]}
        for customer in CLEAN_CUSTOMERS
    ]
    by_dicts = DictVectorizer(sparse=False)
    X_by_dicts = by_dicts.fit_transform(records)
    contract = learn_contract(table.customers)
    dv = fit_vectorizer(contract, logarithms=True)
    X = build_matrix(table.customers, contract, dv)
    assert dv.__getstate__() == by_dicts.__getstate__()
    np.testing.assert_array_equal(X, X_by_dicts)
    assert pickle.dumps(fit_model(X, table.y, C=1.0)) == pickle.dumps(fit_model(X_by_dicts, table.y, C=1.0))


def test_the_fit_is_at_the_optimum_of_the_penalised_likelihood(table):
    contract = learn_contract(table.customers)
    X = build_matrix(table.customers, contract, fit_vectorizer(contract, logarithms=True))
    model = fit_model(X, table.y, C=1.0)
    error = model.predict_proba(X)[:, 1] - table.y
    gradient = X.T @ error + model.coef_[0]  # of the log loss plus half the squared weights
    scale = np.abs(X).T @ np.abs(error)
    assert np.abs(error.sum()) < 1e-6
    assert (np.abs(gradient) / scale).max() < 1e-9


def test_a_fit_that_does_not_reach_its_optimum_is_an_error(table):
    contract = learn_contract(table.customers)
    X = build_matrix(table.customers, contract, fit_vectorizer(contract, logarithms=True))
    with pytest.raises(FitError, match="smaller C"):
        fit_model(X, table.y, C=1e12)


@pytest.mark.parametrize("scale", [1e6, 1e9, 1e14])
def test_a_number_of_huge_scale_is_fitted_to_its_optimum_and_scored_as_in_small_units(scale):
    rng = np.random.default_rng(3)
    X = np.column_stack([rng.normal(size=3000), rng.integers(0, 2, 3000), rng.lognormal(size=3000)])
    y = (rng.random(3000) < 1 / (1 + np.exp(1 - X @ [0.8, -1.2, 0.4]))).astype(np.int64)
    units = np.array([1, 1, scale])
    model = fit_model(X * units, y, C=1.0)
    centred, theta = np.column_stack([X - X.mean(axis=0), np.ones(3000)]), np.zeros(4)
    penalty = np.diag([*units**-2.0, 0])  # on the weights in small units
    for _ in range(30):
        p = 1 / (1 + np.exp(-centred @ theta))
        hessian = centred.T @ (centred * (p * (1 - p))[:, None]) + penalty
        theta -= np.linalg.solve(hessian, centred.T @ (p - y) + penalty @ theta)
    expected = 1 / (1 + np.exp(-centred @ theta))
    np.testing.assert_allclose(model.predict_proba(X * units)[:, 1], expected, rtol=0, atol=1e-9)


def test_a_category_unknown_to_the_contract_never_gets_a_wrong_number(table):
    contract = learn_contract(table.customers.iloc[:100])
    strange = table.customers.iloc[:3].assign(gender=["male", "unheard_of", "female"])
    with pytest.raises(ValueError, match="gender"):
        build_matrix(strange, contract, fit_vectorizer(contract, logarithms=True))
