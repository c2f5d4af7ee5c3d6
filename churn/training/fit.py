"""From customers to a fitted pair: the contract, the matrix, the fit, the card.

Owns the learning of the contract and the numbering of the columns. `table` reads the customers, `split` chooses the
rows, `evaluation` computes the figures, `model/file` writes the files. A DictVectorizer is fitted to the names of its
columns instead of the customers: the result is the same, and the matrix is filled by column.
"""

import hashlib
import platform
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from scipy.sparse import csr_array
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from churn.errors import FitError
from churn.model.card import Card
from churn.model.columns import category_column, log_column
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Field, Flag, Number, Where
from churn.model.marks import Marks
from churn.model.scoring import Scorer
from churn.training.evaluation import evaluate
from churn.training.golden import golden_customers
from churn.training.matrix import fill_blocks, fill_matrix, read_columns
from churn.training.newton import Matrix, fit_sparse
from churn.training.split import Fold

FEWEST_BLANKS = 5
"""Fewer blanks than this can share a value by chance, so no condition is learned from them."""


def learn_contract(
    customers: pd.DataFrame,
    marks: Mapping[str, Marks] | None = None,
    missing: Mapping[str, tuple[str, ...]] | None = None,
) -> Contract:
    """The contract that accepts all of these customers (read_table's columns, at least one row).

    `marks` are the marks in the table's numbers, `missing` its words for a blank, both by field and empty if not
    given. The contract has neither limits nor groups.

    A column that is blank for all of these customers is not a field; it may be filled only for test customers.
    """
    blank = customers.isna() | (customers == "")
    return Contract(
        tuple(
            _learn_field(customers, str(name), (marks or {}).get(str(name)), (missing or {}).get(str(name), ()))
            for name in customers
            if not blank[name].all()
        )
    )


def _learn_field(customers: pd.DataFrame, name: str, marks: Marks | None, missing: tuple[str, ...]) -> Field:
    column = customers[name]
    if not pd.api.types.is_numeric_dtype(column):
        return Category(name, tuple(sorted(column.unique())), missing)
    known = column.dropna()
    if marks is None and len(known) == len(column) and set(known.unique()) <= {0.0, 1.0}:
        return Flag(name)
    low, high = float(known.min()), float(known.max())
    blank = _learn_blank(customers, name)
    return Number(name, low, high, non_negative=low >= 0, blank=blank, marks=marks, missing=missing)


def _learn_blank(customers: pd.DataFrame, name: str) -> Blank | None:
    """The meaning of a blank of this number.

    If another field has one value in all blank rows and in no other row, the quantity does not exist for these
    customers, and a blank stands for 0 (IBM's TotalCharges is blank exactly where tenure is 0). Blanks that no field
    explains, or that are too few, stand for the median, whatever the other fields are.
    """
    blank = customers[name].isna()
    if not blank.any():
        return None
    for other in customers.columns.drop(name) if blank.sum() >= FEWEST_BLANKS else ():
        shared = customers.loc[blank, other].unique()
        if len(shared) == 1 and not pd.isna(shared[0]) and (customers[other] == shared[0]).equals(blank):
            equals = shared[0] if isinstance(shared[0], str) else float(shared[0])
            return Blank(0.0, Where(other, equals))
    return Blank(float(customers[name].median()))


def fit_vectorizer(contract: Contract, *, logarithms: bool) -> DictVectorizer:
    """The DictVectorizer that fitting on the customers themselves would give.

    `logarithms` adds log1p(x) for every number that is never negative.
    """
    names: list[str] = []
    for field in contract.fields:
        if isinstance(field, Category):
            names += [category_column(field.name, category) for category in field.categories]
        else:
            names.append(field.name)
            if logarithms and isinstance(field, Number) and field.non_negative:
                names.append(log_column(field.name))
    return number_columns(names)


def number_columns(names: Sequence[str]) -> DictVectorizer:
    """The DictVectorizer with these columns, in its own order."""
    return DictVectorizer(sparse=False).fit([dict.fromkeys(names, 1.0)])


def build_matrix(customers: pd.DataFrame, contract: Contract, dv: DictVectorizer) -> Matrix:
    """The model's matrix of the customers: float64, shape (n_customers, n_columns of dv); see fill_matrix.

    Equal to dv.transform of their records, with each blank replaced by the number that it stands for, and with the
    columns added that are computed from others, such as logarithms.
    """
    return fill_matrix(customers, contract, read_columns(dv.feature_names_, contract))


def fit_model(X: Matrix, y: np.ndarray, *, C: float) -> LogisticRegression:
    """The logistic regression at its optimum; `C` is the inverse of the L2 penalty, above 0.

    scikit-learn's Newton's method reaches it in some 7 steps on unscaled columns, where lbfgs has not after 1,000.
    Where scikit-learn reports the columns as ill-conditioned, as with numbers in the millions next to small ones,
    `newton` fits instead. Raises FitError if neither reaches the optimum, as with a penalty that is too weak for
    columns that depend on each other.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if isinstance(X, np.ndarray):
            try:  # centred columns have the same optimum, as the intercept is free, and are better conditioned
                means = X.mean(axis=0)
                model = LogisticRegression(C=C, solver="newton-cholesky", tol=1e-10, max_iter=100).fit(X - means, y)
            except (Warning, FloatingPointError, ValueError):  # not converged, ill-conditioned, overflow
                X = csr_array(X)
            else:
                model.intercept_ = model.intercept_ - model.coef_ @ means
                return model
        try:
            return fit_sparse(X, y, C=C)
        except (Warning, ArithmeticError, ValueError):
            raise FitError(C) from None


def predict_churn(
    customers: pd.DataFrame, contract: Contract, dv: DictVectorizer, model: LogisticRegression
) -> np.ndarray:
    """The churn probability of each customer, computed by scikit-learn: float64, 0 to 1, shape (n_customers,).

    The matrix is filled in blocks of rows, so that it is never in memory as a whole.
    """
    blocks = fill_blocks(customers, contract, read_columns(dv.feature_names_, contract))
    return np.concatenate([model.predict_proba(X)[:, 1] for X in blocks])


def cross_validate(X: Matrix, y: np.ndarray, *, C: float, folds: Sequence[Fold]) -> Iterator[dict[str, float]]:
    """The figures of evaluate on the rows that each fold holds out, for a model fitted to its other rows; one fold at
    a time.
    """
    for fitted_on, held_out in folds:
        model = fit_model(X[fitted_on], y[fitted_on], C=C)
        yield evaluate(y[held_out], model.predict_proba(X[held_out])[:, 1])


def average_customer(X: Matrix, dv: DictVectorizer) -> dict[str, float]:
    """The mean of each column of a matrix of build_matrix, by the column's name."""
    return dict(zip(dv.feature_names_, X.mean(axis=0).tolist(), strict=True))


def make_scorer(contract: Contract, dv: DictVectorizer, model: LogisticRegression) -> Scorer:
    """The service's scorer for a fitted pair. Raises ValueError if contract and columns do not belong together."""
    weights = dict(zip(dv.feature_names_, model.coef_[0].tolist(), strict=True))
    return Scorer(contract, weights, intercept=float(model.intercept_[0]))


def build_card(
    pickled: bytes,
    contract: Contract,
    dv: DictVectorizer,
    model: LogisticRegression,
    *,
    threshold: float,
    training: Mapping[str, Any] | None = None,
    **provenance: Any,
) -> Card:
    """The card for exactly these bytes; `provenance` is its target, table, figures, average, shares and counts.

    `training` describes the environment that the model was trained in; None is this environment. The card contains no
    time and no path, so that two runs on one table and machine give the same card.
    """
    scorer = make_scorer(contract, dv, model)
    return Card(
        model_sha256=hashlib.sha256(pickled).hexdigest(),
        threshold=threshold,
        contract=contract,
        training=_describe_environment(dv, model) if training is None else dict(training),
        curves=tuple(scorer.curves),
        interactions=tuple(scorer.interactions),
        golden=golden_customers(scorer, model, partial(build_matrix, contract=contract, dv=dv)),
        **provenance,
    )


def _describe_environment(dv: DictVectorizer, model: LogisticRegression) -> dict[str, Any]:
    return {
        "C": float(model.C),
        "columns": len(dv.feature_names_),
        "python": platform.python_version(),
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
    }
