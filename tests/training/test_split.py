"""Setting rows aside: the course's own split, and the tables that are too small for it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from churn.errors import TableError
from churn.training.split import check_folds, split_table
from churn.training.table import Table


def table_of(y) -> Table:
    return Table(Path("t.csv"), "churn", pd.DataFrame(index=range(len(y))), np.array(y), (), "")


def test_the_parts_are_those_of_the_course_and_hold_every_row_once():
    split = split_table(table_of([0, 1, 0] * 30), folds=5)
    train, test = train_test_split(np.arange(90), test_size=0.2, random_state=1)
    assert (split.train.tolist(), split.test.tolist()) == (train.tolist(), test.tolist())
    assert sorted([*split.train, *split.test]) == list(range(90))


@pytest.mark.parametrize(("y", "reason"), [([0, 1], "too few"), ([0] * 9 + [1], "one class"), ([0, 1] * 20, None)])
def test_folds_need_both_classes_on_either_side(y, reason):
    if reason is None:
        check_folds(table_of(y), np.arange(len(y)), folds=5)
        return
    with pytest.raises(TableError, match=rf"^t\.csv: .*{reason}"):
        check_folds(table_of(y), np.arange(len(y)), folds=5)


@pytest.mark.parametrize(
    ("y", "reason"),
    [
        ([0, 1, 0, 1, 0, 1, 0, 1, 0], "has 9 rows, too few for 5 folds"),
        ([0, 1, 0, 1, 0, 1, 0, 1, 0, 1], "fold 2 would have one class only"),
    ],
)
def test_a_table_that_is_too_small_for_its_folds_is_refused(y, reason):
    with pytest.raises(TableError, match=reason):
        split_table(table_of(y), folds=5)
