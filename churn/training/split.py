"""Which rows of a table a model is fitted on, which it is tested on, and the folds that it is validated on.

Owns the seeds, and every refusal of a table that has too few rows for them. Fits nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import KFold, train_test_split

from churn.errors import TableError
from churn.training.table import Table

TEST_SHARE = 0.2
"""The share of the rows that are tested on."""
_SEED = 1


@dataclass(frozen=True)
class Split:
    """A table and its two parts.

    `train` are the positions of the rows that the final model is fitted on, `test` those of the test part: int64, of
    shapes (n_train,) and (n_test,), shuffled, with no row in both.
    """

    table: Table
    train: np.ndarray
    test: np.ndarray


def split_table(table: Table, *, folds: int) -> Split:
    """The table with 80 % of its rows to train on and 20 % to test on, the same ones each time.

    Raises TableError when there are too few rows, or too few of a class, for so many folds.
    """
    count = len(table.y)
    if count < 2 * folds:
        raise TableError(table.path, f"has {count} rows, too few for {folds} folds")
    train, test = train_test_split(np.arange(count), test_size=TEST_SHARE, random_state=_SEED)
    check_folds(table, train, folds=folds)
    return Split(table, train, test)


def check_folds(table: Table, rows: np.ndarray, *, folds: int) -> None:
    """Raises TableError when these rows can't be cut into `folds` folds with both classes on either side."""
    y = table.y[rows]
    if len(y) < folds:
        raise TableError(table.path, f"{len(y)} rows to train on are too few for {folds} folds")
    for number, parts in enumerate(fold_rows(len(y), folds), start=1):
        if any(len(np.unique(y[part])) < 2 for part in parts):
            reason = f"too few rows for {folds} folds: fold {number} would have one class only"
            raise TableError(table.path, reason)


def fold_rows(count: int, folds: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each shuffled fold the positions to fit on and those held out, of `count` rows; the same ones each time."""
    yield from KFold(folds, shuffle=True, random_state=_SEED).split(np.empty(count))
