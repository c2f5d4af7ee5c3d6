"""The folds are the same for every arm, use nothing of the customers held out, and are identified by their rows."""

from dataclasses import replace

import numpy as np
import pytest

from bench.folds import Fold, draw_rows, make_folds
from churn.training.fit import learn_contract
from churn.training.table import read_table
from tests.customers import CSV


@pytest.fixture(scope="module")
def folds() -> list[Fold]:
    return make_folds(read_table(CSV), repeats=2)


def test_every_customer_is_held_out_once_in_a_repeat_and_never_fitted_on_then(folds):
    held_out = np.concatenate([fold.held_out.index for fold in folds])
    assert np.bincount(held_out).tolist() == [2] * 7043
    for fold in folds:
        assert not fold.held_out.index.isin(fold.fitted_on.index).any()
        assert fold.y_held_out.mean() == pytest.approx(1869 / 7043, abs=1e-3)  # of the published table


def test_a_folds_contract_contains_nothing_of_the_customers_held_out(folds):
    assert all(fold.contract == learn_contract(fold.fitted_on) for fold in folds)
    assert len({fold.contract for fold in folds}) > 1  # one holds out the highest charges


def test_a_large_tables_rows_are_drawn_by_chance_and_always_the_same():
    rows = draw_rows(30_000)
    assert len(set(rows.tolist())) == len(rows) == 12_000
    assert (np.diff(rows) > 0).all()
    assert rows.tolist() == draw_rows(30_000).tolist()
    assert abs(rows.mean() - 15_000) < 300  # 4 standard errors: 30,000 / sqrt(12 * 12,000) * 4
    assert draw_rows(12_000).tolist() == list(range(12_000))


def test_a_digest_is_the_same_when_read_again_and_changes_with_rows_labels_and_names(folds):
    fold = folds[0]
    digests = {other.digest for other in folds}
    assert len(digests) == len(folds) == 10
    assert make_folds(read_table(CSV), repeats=1)[0].digest == fold.digest
    table, customers = fold.table, fold.table.customers
    others = [
        replace(fold, held_out_rows=fold.held_out_rows[1:]),
        replace(fold, table=replace(table, y=1 - table.y)),
        replace(fold, table=replace(table, customers=customers.assign(tenure=customers["tenure"] + 1))),
        replace(fold, table=replace(table, customers=customers.rename(columns={"tenure": "months"}))),
    ]
    assert len({other.digest for other in others} - digests) == len(others)
