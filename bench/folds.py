"""The folds on which bench/models.py compares: repeated, stratified, of the rows that train.py trains on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import RepeatedStratifiedKFold

from churn.model.contract import Contract
from churn.training.fit import learn_contract
from churn.training.refused import taken_customers
from churn.training.split import split_table
from churn.training.table import read_table

SEED, FOLDS, REPEATS = 1, 5, 3


@dataclass(frozen=True)
class Fold:
    """Customers to fit on and customers held out, with their labels; the contract is learned from the former."""

    fitted_on: pd.DataFrame
    y: np.ndarray
    held_out: pd.DataFrame
    y_held_out: np.ndarray
    contract: Contract


def make_folds(csv: Path, target: str) -> list[Fold]:
    """The folds of train.py's 80 %; a customer whom the fold's contract refuses is not held out for anybody."""
    table = read_table(csv, target=target)
    rows = split_table(table, folds=FOLDS).train
    customers, y = table.customers.iloc[rows], table.y[rows]
    repeated = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=SEED)
    return [make_fold(customers, y, *parts) for parts in repeated.split(customers, y)]


def make_fold(customers: pd.DataFrame, y: np.ndarray, fitted_on: np.ndarray, held_out: np.ndarray) -> Fold:
    """The fold of these positions."""
    contract = learn_contract(customers.iloc[fitted_on])
    held_out = held_out[taken_customers(customers.iloc[held_out], contract)]
    return Fold(customers.iloc[fitted_on], y[fitted_on], customers.iloc[held_out], y[held_out], contract)
