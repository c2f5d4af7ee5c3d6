"""The gate: two models on the same customers, paired, and what can't be compared."""

import dataclasses

import msgspec
import numpy as np
import pandas as pd
import pytest

import train
from churn.model.file import load_model
from churn.training.evaluation import auc
from churn.training.gate import Comparison, NotCompared, OneClass, compare_models
from churn.training.refused import Refused
from churn.training.split import USUAL_SPLIT, split_table
from churn.training.table import Table, read_table
from tests.customers import CSV, PROJECT

NONE = Refused(0, {})


@pytest.fixture(scope="module")
def table() -> Table:
    return read_table(CSV)


@pytest.fixture(scope="module")
def test_rows(table):
    return split_table(table, folds=5).test


@pytest.fixture(scope="module")
def own(table, test_rows) -> np.ndarray:
    """What the shipped model says of the test customers, by scikit-learn itself."""
    from tests.customers import CLEAN_CUSTOMERS, sklearn_probabilities

    return sklearn_probabilities(PROJECT / "model_C=1.0.bin", [CLEAN_CUSTOMERS[row] for row in test_rows])


def test_a_model_beside_itself_is_no_worse_and_nothing_is_gained(shipped, table, test_rows, own):
    comparison = compare_models(shipped, table, test_rows, own)
    assert (comparison.compared, comparison.refused) == (1409, NONE)
    assert comparison.old_auc == comparison.new_auc == auc(table.y[test_rows], own)
    assert tuple(comparison.gain) == (0, 0)
    assert not comparison.worse
    assert comparison.same_table


def test_a_model_is_worse_only_beyond_its_noise(shipped, table, test_rows, own):
    noise = np.random.default_rng(1).normal(size=len(own))
    assert compare_models(shipped, table, test_rows, own + 0.3 * noise).worse
    slightly = compare_models(shipped, table, test_rows, own + 0.005 * noise)
    assert slightly.new_auc < slightly.old_auc
    assert not slightly.worse


def test_another_table_is_noticed_and_of_a_model_without_a_card_the_table_is_not_known(
    shipped, table, test_rows, own
):
    other = dataclasses.replace(table, sha256="another table's")
    assert compare_models(shipped, other, test_rows, own).same_table is False
    without_card = dataclasses.replace(shipped, card=None)
    assert compare_models(without_card, table, test_rows, own).same_table is None


def test_a_model_of_other_parts_of_the_table_or_of_fewer_of_its_rows_is_noticed(shipped, table, test_rows, own):
    assert compare_models(shipped, table, test_rows, own, parts=USUAL_SPLIT).same_split
    for changed in ({"seed": 2}, {"test_share": 0.3}, {"kind": "time"}):
        assert not compare_models(shipped, table, test_rows, own, parts=USUAL_SPLIT | changed).same_split
    of_before = {name: value for name, value in shipped.card.table.items() if name != "split"}
    old = dataclasses.replace(shipped, card=msgspec.structs.replace(shipped.card, table=of_before))
    assert compare_models(old, table, test_rows, own).same_split  # there was one way to split then
    fewer = dataclasses.replace(shipped, card=msgspec.structs.replace(shipped.card, table=of_before | {"rows": 7000}))
    assert not compare_models(fewer, table, test_rows, own).same_split


def test_categories_that_a_new_table_spells_as_numbers_are_scored_as_a_client_sends_them(tmp_path):
    rows = [f"{'12a'[n % 3]},{n % 7},{'yes' if n % 4 else 'no'}" for n in range(200)]
    (tmp_path / "t.csv").write_text("plan,months,churn\n" + "\n".join(rows) + "\n")
    train.main([str(tmp_path / "t.csv"), "--output", str(tmp_path / "m.bin"), "--folds", "2"])
    customers = pd.DataFrame({"plan": [1.0, 2.0] * 30, "months": [3.0] * 60})
    new = Table(tmp_path / "new.csv", "churn", customers, np.array([0, 0, 1, 1] * 15), (), "another", "")
    comparison = compare_models(load_model(tmp_path / "m.bin"), new, np.arange(60), np.full(60, 0.5))
    assert (comparison.compared, comparison.refused) == (60, NONE)


def test_customers_whom_the_old_model_refuses_are_left_out_of_both_and_counted_by_field(
    shipped, table, test_rows, own
):
    customers = table.customers.copy()
    customers.loc[test_rows[:9], "contract"] = "three_year"
    customers.loc[test_rows[7:12], "paymentmethod"] = "coins"  # two of them for both
    comparison = compare_models(shipped, dataclasses.replace(table, customers=customers), test_rows, own)
    assert (comparison.compared, comparison.refused) == (1397, Refused(12, {"contract": 9, "paymentmethod": 5}))
    assert comparison.new_auc == auc(table.y[test_rows[12:]], own[12:])


@pytest.mark.parametrize(("refused", "enough"), [(100, True), (101, False)])
def test_a_comparison_on_less_than_90_percent_is_not_enough(shipped, table, test_rows, own, refused, enough):
    customers, rows = table.customers.copy(), test_rows[:1000]
    customers.loc[rows[:refused], "contract"] = "three_year"
    comparison = compare_models(shipped, dataclasses.replace(table, customers=customers), rows, own[:1000])
    assert comparison.compared == 1000 - refused
    assert comparison.on_enough == enough


def test_a_table_without_one_of_the_old_models_fields_can_t_be_compared(shipped, table, test_rows, own):
    without = dataclasses.replace(table, customers=table.customers.drop(columns="tenure"))
    blank = without.customers["totalcharges"].iloc[test_rows].isna().sum()  # which mean nothing without tenure
    refused = Refused(1409, {"tenure": 1409, "totalcharges": blank})
    assert compare_models(shipped, without, test_rows, own) == NotCompared(OneClass(0, refused))


def test_without_a_customer_who_left_models_can_t_be_compared_though_none_is_refused(shipped, table):
    stayed = np.flatnonzero(table.y == 0)[:20]
    assert compare_models(shipped, table, stayed, np.full(20, 0.5)) == NotCompared(OneClass(20, NONE))


def test_a_blank_is_scored_by_the_old_model_as_it_means(shipped, table):
    blank = np.flatnonzero(table.customers["totalcharges"].isna())
    rows = np.concatenate([blank, np.flatnonzero(table.y == 1)[:5]])
    comparison = compare_models(shipped, table, rows, np.full(len(rows), 0.5))
    assert isinstance(comparison, Comparison)
    assert (len(blank), comparison.refused) == (11, NONE)
