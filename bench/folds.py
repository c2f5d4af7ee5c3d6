"""The folds of bench/models.py: stratified, the same for every arm, repeated on request."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import RepeatedStratifiedKFold

from churn.model.contract import Contract
from churn.training.fit import learn_contract
from churn.training.refused import taken_customers
from churn.training.table import Table

SEED, FOLDS, MOST_ROWS = 1, 5, 12_000


@dataclass(frozen=True)
class Fold:
    """The rows of a table to fit on and those held out: positions, int64. `contract` is learned from the first."""

    table: Table
    fitted_rows: np.ndarray
    held_out_rows: np.ndarray
    contract: Contract

    @property
    def fitted_on(self) -> pd.DataFrame:
        """The customers to fit on."""
        return self.table.customers.iloc[self.fitted_rows]

    @property
    def y(self) -> np.ndarray:
        """The labels of the customers to fit on: int64, 1 for churned."""
        return self.table.y[self.fitted_rows]

    @property
    def held_out(self) -> pd.DataFrame:
        """The held-out customers."""
        return self.table.customers.iloc[self.held_out_rows]

    @property
    def y_held_out(self) -> np.ndarray:
        """The labels of the held-out customers."""
        return self.table.y[self.held_out_rows]

    @property
    def digest(self) -> str:
        """A digest of the rows, labels and fields: 16 hexadecimal digits."""
        digest = hashlib.sha256("\n".join(map(str, self.table.customers)).encode())
        for customers, y in ((self.fitted_on, self.y), (self.held_out, self.y_held_out)):
            digest.update(pd.util.hash_pandas_object(customers).to_numpy().tobytes())
            digest.update(y.astype(np.int64).tobytes())
        return digest.hexdigest()[:16]


def draw_rows(n_rows: int) -> np.ndarray:
    """The rows of a table to compare on, in order: all, or MOST_ROWS random ones, the same every time."""
    rows = np.arange(n_rows)
    return np.sort(np.random.default_rng(SEED).permutation(rows)[:MOST_ROWS]) if n_rows > MOST_ROWS else rows


def make_folds(table: Table, *, repeats: int) -> list[Fold]:
    """FOLDS folds of the table's rows, `repeats` times, without held-out customers that a fold's contract refuses."""
    rows = draw_rows(len(table.y))
    repeated = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=repeats, random_state=SEED)
    return [make_fold(table, rows[fitted], rows[held]) for fitted, held in repeated.split(rows, table.y[rows])]


def make_fold(table: Table, fitted: np.ndarray, held_out: np.ndarray) -> Fold:
    """The fold of these rows."""
    contract = learn_contract(table.customers.iloc[fitted])
    return Fold(table, fitted, held_out[taken_customers(table.customers.iloc[held_out], contract)], contract)
