"""The customers that the model files are made from, in several spellings, and the steps fitted to them."""

# ruff: noqa: UP006, UP033, UP035, UP045
# Python 3.8 runs this too.

import csv
import functools
import importlib
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional

import numpy
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

TABLE = Path(__file__).resolve().parent.parent.parent / "data" / "telco-churn.csv"
NUMBERS = ("SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges")
Row = Dict[str, Any]

with TABLE.open() as _file:
    RAW = list(csv.DictReader(_file))[:1000]
LEFT = tuple(int(row.pop("Churn") == "Yes") for row in RAW)
for _row in RAW:
    _row.update({name: float(_row[name].strip() or 0) for name in NUMBERS})


def _clean(row: Row) -> Row:
    return {name.lower(): v.lower().replace(" ", "_") if isinstance(v, str) else v for name, v in row.items()}


def _with_na(row: Row) -> Row:
    """No internet service in the form in which R and pandas write missing values."""
    return {name: "NA" if value == "No internet service" else value for name, value in row.items()}


def _halves(change: Callable[[Row], Row]) -> List[Row]:
    """Two tables, spelled in two ways, one below the other."""
    return [change(row) if number % 2 else row for number, row in enumerate(RAW)]


ROWS = {
    "clean": [_clean(row) for row in RAW],
    "raw": RAW,
    "raw-na": [_with_na(row) for row in RAW],
    "bool-texts": [dict(row, SeniorCitizen=str(row["SeniorCitizen"] == 1)) for row in RAW],
    "bool": [dict(_clean(row), seniorcitizen=row["SeniorCitizen"] == 1) for row in RAW],
    "mixed": [dict(_clean(row), totalcharges=row["TotalCharges"] or "unknown") for row in RAW],
    "two-names": _halves(lambda row: {n.lower() if n == "Contract" else n: v for n, v in row.items()}),
    "two-numbers": _halves(lambda row: {n.title() if n == "tenure" else n: v for n, v in row.items()}),
    "two-categories": _halves(lambda row: dict(row, Partner=row["Partner"].lower())),
}
CUSTOMERS = ("clean", "raw", "raw-na", "bool-texts")
"""The rows whose customers are scored. For the other rows, the columns are those of clean ones, or the model is
refused."""


class Fitted(NamedTuple):
    steps: List[Any]
    probabilities: Optional[List[float]]


@functools.lru_cache(maxsize=None)
def fit(*, rows="clean", dv=None, scaler=None, model=None, y=LEFT, only=None, fitted=True, frame=False) -> Fitted:
    """The steps, fitted to some rows, and the probability of classes_[1] for the first 25 of them."""
    records = [{name: v for name, v in row.items() if only is None or name in only} for row in ROWS[rows]][: len(y)]
    dv, model = dv or DictVectorizer(sparse=False), LogisticRegression(max_iter=5000) if model is None else model
    X = dv.fit_transform(records)
    steps = [dv, model] if scaler is None else [dv, scaler, model]
    if scaler is not None:
        X = scaler.fit_transform(X, y)
    if frame:
        pandas = importlib.import_module("pandas")
        X, y = pandas.DataFrame(X, columns=dv.feature_names_), pandas.Series(list(y))
    if not fitted:
        return Fitted(steps, None)
    model.fit(X, numpy.array(y))
    if not hasattr(model, "predict_proba"):
        return Fitted(steps, None)
    return Fitted(steps, [float(probability) for probability in model.predict_proba(X[:25])[:, 1]])
