"""The sparse fit: the matrix against DictVectorizer's, the optimum against scikit-learn's dense one."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from churn.errors import FitError
from churn.training import matrix
from churn.training.fit import build_matrix, fit_model, fit_vectorizer, learn_contract, make_scorer
from churn.training.golden import golden_customers
from churn.training.newton import find_optimum
from tests.customers import CLEAN_CUSTOMERS, NUMBERS


def wide_customers(rows: int, sizes: list[int], *, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Customers with categories of these sizes, none missing, and numbers of four scales; and their labels."""
    rng = np.random.default_rng(seed)
    columns: dict[str, object] = {}
    log_odds = np.full(rows, -1.0)
    for size in sizes:
        codes = rng.permutation(np.resize(np.arange(size), rows))
        columns[f"place{len(columns)}"] = pd.Series([f"p{code}" for code in codes], dtype="str")
        log_odds += rng.normal(size=size)[codes] * 0.5
    for scale in (1e-3, 1.0, 30.0, 5e4):
        numbers = rng.gamma(1.0, scale, rows)
        columns[f"number{len(columns)}"] = numbers
        log_odds += rng.normal() * 0.3 * numbers / scale
    return pd.DataFrame(columns), (rng.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(int)


@pytest.mark.parametrize(("columns", "kind"), [(2000, np.ndarray), (2001, csr_array)])
def test_up_to_2000_columns_a_matrix_is_dense(columns, kind):
    """1988 categories of one field, 4 or 5 of another, and 4 numbers with their logarithms."""
    customers, _ = wide_customers(2000, [1988, columns - 1996])
    contract = learn_contract(customers)
    X = build_matrix(customers, contract, fit_vectorizer(contract, logarithms=True))
    assert (type(X), X.shape) == (kind, (2000, columns))


def test_the_optimum_is_that_of_the_dense_fit_to_1e_8():
    customers, y = wide_customers(2000, [250, 150, 80, 7, 3, 2])
    contract = learn_contract(customers)
    X = build_matrix(customers, contract, fit_vectorizer(contract, logarithms=True))
    assert (type(X), X.shape) == (np.ndarray, (2000, 500))
    dense, sparse = fit_model(X, y, C=1.0), fit_model(csr_array(X), y, C=1.0)
    np.testing.assert_allclose(sparse.coef_, dense.coef_, rtol=0, atol=1e-8)
    np.testing.assert_allclose(sparse.intercept_, dense.intercept_, rtol=0, atol=1e-8)
    np.testing.assert_allclose(sparse.predict_proba(csr_array(X)), dense.predict_proba(X), rtol=0, atol=1e-9)
    assert sparse.classes_.tolist() == [0, 1]
    assert type(sparse) is LogisticRegression


@pytest.mark.parametrize(("C", "scale"), [(1.0, 1.0), (100.0, 1.0), (1e-3, 1.0), (1.0, 1e6), (1.0, 1e-6)])
def test_the_gradient_is_zero_at_the_optimum_whatever_the_scale(C, scale):
    rng = np.random.default_rng(3)
    X = np.column_stack([rng.random((500, 30)) < 0.1, rng.gamma(1, scale, 500), 1e5 + rng.normal(size=500)])
    y = rng.integers(0, 2, 500)
    optimum = find_optimum(csr_array(X.astype(float)), y, C=C)
    error = 1 / (1 + np.exp(-(X @ optimum.weights + optimum.intercept))) - y
    centred = X - X.mean(axis=0)
    gradient = centred.T @ error + optimum.weights / C
    assert abs(error.sum()) < 1e-7
    assert (np.abs(gradient) / (np.abs(centred).T @ np.abs(error) + 1e-12)).max() < 1e-8


def test_a_sparse_fit_without_an_optimum_is_an_error():
    X = csr_array(np.array([[1e306], [2e306], [3e306], [4e306]]))
    with pytest.raises(FitError):
        fit_model(X, np.array([0, 1, 0, 1]), C=1.0)


@pytest.fixture
def all_sparse(monkeypatch):
    """Every matrix is sparse, like one with more than 2,000 columns."""
    monkeypatch.setattr(matrix, "MOST_DENSE_COLUMNS", 10)


def test_the_sparse_matrix_is_that_of_a_fit_on_dicts(all_sparse):
    records = [
        customer | {f"log1p({name})": np.log1p(customer[name]) for name in NUMBERS[1:]}
        for customer in CLEAN_CUSTOMERS[:500]
    ]
    dv = DictVectorizer(sparse=True)
    expected = dv.fit_transform(records)
    customers = pd.DataFrame(CLEAN_CUSTOMERS[:500])
    X = build_matrix(customers, learn_contract(customers), dv)
    assert isinstance(X, csr_array)
    assert X.has_canonical_format
    np.testing.assert_array_equal(X.toarray(), expected.toarray())


def test_many_golden_customers_use_every_weight_and_are_a_few_values_each():
    customers, y = wide_customers(3600, [1800, 600, *[3] * 28])
    contract = learn_contract(customers)
    dv = fit_vectorizer(contract, logarithms=True)
    model = fit_model(build_matrix(customers, contract, dv), y, C=1.0)
    scorer = make_scorer(contract, dv, model)
    goldens = golden_customers(scorer, model, partial(build_matrix, contract=contract, dv=dv))
    first = goldens[0].customer
    assert list(first) == list(customers)
    assert sum(len(golden.customer) for golden in goldens) < 2 * len(dv.feature_names_)
    whole = [first | golden.customer for golden in goldens]
    reached = {f"{name}={value}" if isinstance(value, str) else name for one in whole for name, value in one.items()}
    assert {name for name in dv.feature_names_ if not name.startswith("log1p")} <= reached
    X = build_matrix(pd.DataFrame(whole), contract, dv)
    expected = 1 / (1 + np.exp(-(X @ model.coef_[0] + model.intercept_[0])))
    np.testing.assert_allclose([golden.probability for golden in goldens], expected, rtol=0, atol=1e-12)
