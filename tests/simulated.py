"""Customers with a known truth: nothing, a trend, a bend that no logarithm follows, or two fields acting together."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from churn.training.table import Table

Truth = Literal["nothing", "trend", "bend", "together"]


def make_customers(truth: Truth, rows: int, *, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Customers with two numbers, a category, a flag, and their labels."""
    rng = np.random.default_rng(seed)
    use, age = rng.gamma(2.0, 10.0, rows).round(1), rng.integers(18, 80, rows).astype(float)
    plan, member = rng.integers(0, 3, rows), rng.integers(0, 2, rows).astype(float)
    log_odds = {
        "nothing": np.full(rows, -0.5),
        "trend": -1 + 0.05 * use - 0.8 * member,
        "bend": -1 + 3.0 * ((age > 35) & (age < 55)),
        "together": np.where((age > 45) == (plan == 1), -1.5, 1.0),
    }[truth]
    y = (rng.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(np.int64)
    plans = pd.Series([f"p{number}" for number in plan], dtype="str")
    return pd.DataFrame({"use": use, "age": age, "plan": plans, "member": member}), y


def make_table(truth: Truth, rows: int, *, seed: int = 1, **options) -> Table:
    """The same customers as a table that was read."""
    customers, y = make_customers(truth, rows, seed=seed)
    return Table(Path("t.csv"), "churn", customers, y, (), "", "", **options)
