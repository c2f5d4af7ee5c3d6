"""The gate: two models on the same customers, paired, and the models that can't be compared."""

import dataclasses
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

import train
from churn.model.contract import Contract
from churn.model.fields import Category, Number
from churn.model.file import load_model
from churn.training.evaluation import auc
from churn.training.gate import Comparison, FittedOn, NotCompared, OneClass, compare_models
from churn.training.refused import Refused
from churn.training.split import split_table
from churn.training.table import Table, read_table
from churn.training.wording import comparison_lines
from tests.customers import CSV, PROJECT
from tests.drawn_contracts import scorer_of
from tests.plans import model_of

NONE = Refused(0, {})


@pytest.fixture(scope="module")
def table() -> Table:
    return read_table(CSV)


@pytest.fixture(scope="module")
def test_rows(table):
    return split_table(table, folds=5).test


@pytest.fixture(scope="module")
def own(table, test_rows) -> np.ndarray:
    """scikit-learn's own probabilities of the test customers with the shipped model."""
    from tests.customers import CLEAN_CUSTOMERS, sklearn_probabilities

    return sklearn_probabilities(PROJECT / "model_C=1.0.bin", [CLEAN_CUSTOMERS[row] for row in test_rows])


def test_a_model_compared_with_itself_is_not_worse_and_gains_nothing(shipped, table, test_rows, own):
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


def test_another_table_is_noticed_and_for_a_model_without_a_card_the_table_is_unknown(shipped, table, test_rows, own):
    other = dataclasses.replace(table, sha256="another table's")
    assert compare_models(shipped, other, test_rows, own).same_table is False
    without_card = dataclasses.replace(shipped, card=None)
    assert compare_models(without_card, table, test_rows, own).same_table is None


def test_an_adopted_model_is_compared_on_all_of_the_test_part_whatever_table_it_was_adopted_with(
    shipped, table, test_rows, own
):
    known = {"sha256": table.sha256, "rows": 7043, "adopted_on": 7043}
    card = msgspec.structs.replace(shipped.card, table=known, figures={"adopted_on": 7043, "auc": 0.99})
    comparison = compare_models(dataclasses.replace(shipped, card=card), table, test_rows, own)
    assert (comparison.compared, comparison.same_table, comparison.is_adopted) == (1409, None, True)
    assert comparison.old_auc == auc(table.y[test_rows], own)
    line = "the old model was adopted: it may have been trained on these customers"
    assert comparison_lines(comparison)[1:] == [line]


def of_parts(model, **known):
    """The model with these statements on its table in its card."""
    return dataclasses.replace(model, card=msgspec.structs.replace(model.card, table=model.card.table | known))


def test_a_model_with_the_same_parts_is_compared_on_all_of_the_test_part(shipped, table, test_rows, own):
    before = {name: value for name, value in shipped.card.table.items() if name != "split"}
    old = dataclasses.replace(shipped, card=msgspec.structs.replace(shipped.card, table=before))
    for model in (shipped, old):  # before cards had a split there was only one kind
        assert compare_models(model, table, test_rows, own).fitted_on == 0


@pytest.mark.parametrize(("seed", "share"), [(1, 0.3), (2, 0.2), (3, 0.5)])
def test_a_model_with_other_parts_is_compared_on_rows_that_neither_was_fitted_to(
    shipped, table, test_rows, own, seed, share
):
    old = of_parts(shipped, split={"kind": "random", "seed": seed, "test_share": share})
    unseen = {*train_test_split(np.arange(7043), test_size=share, random_state=seed)[1]}
    comparison = compare_models(old, table, test_rows, own)
    assert (comparison.compared, comparison.fitted_on) == (
        len(unseen & {*test_rows}),
        len({*test_rows} - unseen),
    )
    is_unseen = [row in unseen for row in test_rows]
    assert comparison.new_auc == auc(table.y[test_rows[is_unseen]], own[is_unseen])


@pytest.mark.parametrize(
    ("known", "unseen"),
    [
        ({"split": {"kind": "random", "seed": 2, "test_share": 0.01}}, 12),
        ({"rows": 7000}, None),
        ({"split": {"kind": "time", "column": "week", "test_share": 0.2, "test_from": "5"}}, None),
        ({"split": {"kind": "random", "seed": "x"}}, None),
    ],
)
def test_where_too_few_rows_are_left_or_they_are_unknown_the_models_are_not_compared(
    shipped, table, test_rows, own, known, unseen
):
    comparison = compare_models(of_parts(shipped, **known), table, test_rows, own)
    assert comparison == NotCompared(FittedOn(1409, unseen))


def test_categories_that_a_new_table_spells_as_numbers_are_scored_as_a_client_sends_them(tmp_path):
    rows = [f"{'12a'[n % 3]},{n % 7},{'yes' if n % 4 else 'no'}" for n in range(200)]
    (tmp_path / "t.csv").write_text("plan,months,churn\n" + "\n".join(rows) + "\n")
    train.main([str(tmp_path / "t.csv"), "--output", str(tmp_path / "m.bin"), "--folds", "2"])
    customers = pd.DataFrame({"plan": [1.0, 2.0] * 30, "months": [3.0] * 60})
    new = Table(tmp_path / "new.csv", "churn", customers, np.array([0, 0, 1, 1] * 15), (), "another", "")
    comparison = compare_models(load_model(tmp_path / "m.bin"), new, np.arange(60), np.full(60, 0.5))
    assert (comparison.compared, comparison.refused) == (60, NONE)


@pytest.mark.parametrize("known", ["1234501", "1234501.0", "01234501"])
def test_a_number_with_many_digits_is_the_category_that_the_old_model_knows_it_by(known):
    fields = (Category("shop", ("4234504", known, "0.1234567890123")), Number("use"))
    old = model_of(scorer_of(Contract(fields)))
    customers = pd.DataFrame({"shop": [1234501.0, 4234504.0, 0.1234567890123] * 20, "use": [1.0] * 60})
    new = Table(Path("new.csv"), "churn", customers, np.array([0, 1, 1] * 20), (), "another", "")
    comparison = compare_models(old, new, np.arange(60), np.full(60, 0.5))
    assert (comparison.compared, comparison.refused) == (60, NONE)


def test_customers_that_the_old_model_refuses_are_left_out_for_both_and_counted_by_field(
    shipped, table, test_rows, own
):
    customers = table.customers.copy()
    customers.loc[test_rows[:9], "contract"] = "three_year"
    customers.loc[test_rows[7:12], "paymentmethod"] = "coins"  # two of them have both problems
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


def test_a_table_without_one_of_the_old_models_fields_cannot_be_compared(shipped, table, test_rows, own):
    without = dataclasses.replace(table, customers=table.customers.drop(columns="tenure"))
    blank = without.customers["totalcharges"].iloc[test_rows].isna().sum()  # without tenure they have no meaning
    refused = Refused(1409, {"tenure": 1409, "totalcharges": blank})
    assert compare_models(shipped, without, test_rows, own) == NotCompared(OneClass(0, refused))


def test_without_a_customer_who_left_models_cannot_be_compared_though_none_is_refused(shipped, table):
    stayed = np.flatnonzero(table.y == 0)[:20]
    assert compare_models(shipped, table, stayed, np.full(20, 0.5)) == NotCompared(OneClass(20, NONE))


def test_the_old_model_scores_a_blank_as_the_number_that_it_stands_for(shipped, table):
    blank = np.flatnonzero(table.customers["totalcharges"].isna())
    rows = np.concatenate([blank, np.flatnonzero(table.y == 1)[:5]])
    comparison = compare_models(shipped, table, rows, np.full(len(rows), 0.5))
    assert isinstance(comparison, Comparison)
    assert (len(blank), comparison.refused) == (11, NONE)
