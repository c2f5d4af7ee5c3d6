"""Findings of a model with curves and pairs of fields, made without training, for the model of tests/shaped.py."""

from pathlib import Path

import numpy as np
import pandas as pd

from churn.model.columns import read_column
from churn.training.evaluation import auc_interval, evaluate
from churn.training.findings import Findings, Fit, Tested
from churn.training.golden import frame_customers
from churn.training.ladder import Ladder, Lead
from churn.training.refused import Refused
from churn.training.rungs import Recipe, Rung
from churn.training.screening import ScreenedPair
from churn.training.smoothness import Weights
from churn.training.split import Split
from churn.training.table import Table
from tests.shaped import AXES, COLUMNS, CONTRACT, CUSTOMERS, INTERCEPT, make_matrix, make_sklearn

LADDER = Ladder(
    Rung.PAIRS,
    {Rung.NONE: 0.4312, Rung.SHAPES: 0.4101, Rung.PAIRS: 0.3954},
    {Rung.SHAPES: Lead(0.0211, 0.0042), Rung.PAIRS: Lead(0.0358, 0.0051)},
    rows=300,
    copies=12,
)
"""A made-up inner comparison: shapes are 5.0 standard errors ahead, shapes with pairs 7.0."""
_NOTHING = np.zeros(len(COLUMNS))
RECIPE = Recipe(
    tuple(read_column(part.name) for part, _ in COLUMNS),
    centres=_NOTHING,
    scales=_NOTHING + 1,
    penalties=_NOTHING + 1,
    weights=Weights(_NOTHING, 0.0),
    pairs=tuple(ScreenedPair(first, second, 3.0) for first, _, second, _ in AXES),
)
"""A made-up recipe of the model."""


def find_shaped() -> Findings:
    """The findings of the shaped model, fitted to its customers and tested on them."""
    dv, model = make_sklearn({part.name: weight for part, weight in COLUMNS}, INTERCEPT)
    X = make_matrix(CUSTOMERS, [part for part, _ in COLUMNS])
    average = dict(zip(dv.feature_names_, X.mean(axis=0).tolist(), strict=True))
    fit = Fit(CONTRACT, dv, model, average, 1.0, (0.8, 0.82), recipe=RECIPE, ladder=LADDER)
    return make_findings(frame_customers(CUSTOMERS, CONTRACT), fit, X)


def make_findings(customers: pd.DataFrame, fit: Fit, X: np.ndarray) -> Findings:
    """Findings of customers that leave with the model's probabilities; they are the training and the test part."""
    probabilities = fit.model.predict_proba(X)[:, 1]
    y = (np.random.default_rng(17).random(len(X)) < probabilities).astype(int)
    rows = np.arange(len(y))
    table = Table(Path("shaped.csv"), "churn", customers, y, (), "", "")
    figures, interval = evaluate(y, probabilities), auc_interval(y, probabilities)
    return Findings(
        split=Split(table, rows, rows),
        fit=fit,
        tested=Tested(rows, y, probabilities, figures, interval, Refused(0, {}), copies=0),
        in_place=None,
        campaign=None,
        output=Path("model.bin"),
    )
