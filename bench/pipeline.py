"""A straightforward model of a CSV, as in tutorials of pandas and scikit-learn, with their defaults."""

import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bench.public_tables import ROW_NUMBERS


class Customers(NamedTuple):
    """The labelled rows of a CSV, without label and row numbers, and the labels: 1 for `positive`."""

    rows: pd.DataFrame
    y: np.ndarray


def read_customers(path: Path, target: str, positive: str) -> Customers:
    """The file as pandas reads it by default; booleans become text, since scikit-learn can't fill their blanks."""
    frame = pd.read_csv(path, low_memory=False).dropna(subset=[target]).reset_index(drop=True)
    y = frame[target].astype(str).eq(positive).to_numpy(dtype=np.int64)
    rows = frame.drop(columns=[target, *ROW_NUMBERS], errors="ignore")
    categories = rows.select_dtypes(exclude="number")
    return Customers(rows.assign(**{name: categories[name].map(str, na_action="ignore") for name in categories}), y)


def build_pipeline() -> Pipeline:
    """A pipeline: numbers are filled with their mean and scaled, other columns one-hot; then a logistic regression.

    Nothing is tuned.
    """
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    categories = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"), OneHotEncoder(handle_unknown="ignore")
    )
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (categories, make_column_selector(dtype_exclude="number")),
    )
    return make_pipeline(columns, LogisticRegression())


def fit_and_score(customers: Customers, train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, bool]:
    """The probabilities of the rows `test`, fitted on the rows `train`, and True if scikit-learn found the optimum.

    Also validates five folds, as train.py does.
    """
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        rows, y = customers.rows.iloc[train], customers.y[train]
        cross_val_score(build_pipeline(), rows, y, cv=5, scoring="roc_auc")
        found.clear()
        pipeline = build_pipeline().fit(rows, y)
    converged = not any(issubclass(warning.category, ConvergenceWarning) for warning in found)
    return pipeline.predict_proba(customers.rows.iloc[test])[:, 1], converged
