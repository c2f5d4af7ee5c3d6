"""Fields that predict the target nearly alone: found where they are, and hardly ever by chance, in simulations."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact
from sklearn.metrics import roc_auc_score

from churn.training.fit import learn_contract
from churn.training.telling import TellingField, find_telling, rank_alone, rates_out_of_sample


def told(customers: pd.DataFrame, y: np.ndarray) -> tuple[TellingField, ...]:
    """The telling fields of a table whose last fifth is the test part."""
    cut = len(y) * 4 // 5
    train, test = np.arange(cut), np.arange(cut, len(y))
    contract = learn_contract(customers.iloc[train])
    return find_telling(customers, y, contract, train=train, test=test)


def draw_labels(rng: np.random.Generator, count: int, share: float) -> np.ndarray:
    return (rng.permutation(count) < share * count).astype(np.int64)


def draw_noise(rng: np.random.Generator, count: int) -> pd.DataFrame:
    """Fields of every kind without any relation to a target, including awkward ones."""
    return pd.DataFrame(
        {
            "number": rng.normal(size=count),
            "small": rng.integers(0, 3, count).astype(float),
            "flag": rng.integers(0, 2, count).astype(float),
            "few": rng.choice(["a", "b"], count),
            "many": rng.integers(0, count // 2, count).astype(str),
            "rarely_filled": np.where(rng.random(count) < 0.05, rng.choice(["a", "b"], count), ""),
            "half_filled": np.where(rng.random(count) < 0.5, rng.normal(size=count), np.nan),
        }
    )


@pytest.mark.parametrize(("count", "share"), [(60, 0.4), (60, 0.2), (400, 0.3), (2000, 0.02)])
def test_fields_without_any_relation_are_hardly_ever_telling(count, share):
    """The chance of a false alarm is at most 1 % a table: in 40 tables 3 or more would be rarer than 1 in 100."""
    rng = np.random.default_rng(7)
    alarms = sum(bool(told(draw_noise(rng, count), draw_labels(rng, count, share))) for _ in range(40))
    assert alarms <= 2


@pytest.mark.parametrize(("count", "share"), [(60, 0.4), (400, 0.3), (2000, 0.02)])
def test_fields_that_give_the_target_away_are_found(count, share):
    rng = np.random.default_rng(8)
    for _ in range(5):
        y = draw_labels(rng, count, share)
        reason = np.where(y == 1, rng.choice(["moved", "price"], count), "")
        noise = draw_noise(rng, count)
        leaks = noise.assign(
            reason=reason,
            status=np.where(y == 1, "closed", rng.choice(["open", "paused"], count)),
            days_left=np.where(y == 1, 0.0, rng.integers(1, 30, count)),
        )
        found = {field.field: field for field in told(leaks, y)}
        assert set(found) == {"reason", "status", "days_left"}
        assert found["reason"] == TellingField("reason", filled=int(y.sum()), label=1)
        assert found["days_left"].auc == 1.0


def test_a_strong_and_honest_field_is_not_telling():
    rng = np.random.default_rng(9)
    y = draw_labels(rng, 4000, 0.3)
    score = rng.normal(size=4000) + 1.8 * y  # an AUC of 0.90
    plan = np.where(rng.random(4000) < np.where(y == 1, 0.9, 0.1), "basic", "gold")
    assert 0.89 < roc_auc_score(y, score) < 0.91
    assert told(pd.DataFrame({"score": score, "plan": plan}), y) == ()


def test_a_field_that_only_some_of_one_class_have_is_telling_and_one_that_both_have_is_not():
    y = np.tile([1, 0, 0, 0], 100)
    some = np.where((y == 1) & (np.arange(400) % 8 == 0), "x", "")
    stayers = np.where((y == 0) & (np.arange(400) % 2 == 1), 1.0 + np.arange(400), np.nan)
    both = some.copy()
    both[1] = "x"
    fields = told(pd.DataFrame({"some": some, "stayers": stayers, "both": both}), y)
    assert fields == (TellingField("some", filled=50, label=1), TellingField("stayers", filled=200, label=0))


def test_a_flag_or_an_amount_that_only_some_leavers_have_is_telling_and_one_that_both_have_is_not():
    rng = np.random.default_rng(12)
    y = np.tile([1, 0, 0, 0], 100)
    some = (y == 1) & (np.arange(400) % 20 != 0)
    customers = pd.DataFrame(
        {
            "closed": some.astype(float),
            "refund": np.where(some, rng.integers(1, 90_000, 400), 0.0),
            "status": np.where(some, rng.choice(["moved", "price"], 400), "active"),
            "gold": np.where((y == 0) & (np.arange(400) % 4 == 1), "gold", "basic"),
            "balance": np.where(rng.random(400) < 0.8, 0.0, rng.integers(1, 90_000, 400)),
            "income": rng.choice(900_000, 400, replace=False).astype(float),
            "limit": rng.choice([1000.0, 2000.0, 5000.0], 400),
            "plan": np.where(rng.random(400) < np.where(y == 1, 0.8, 0.1), "basic", "pro"),
        }
    )
    assert told(customers, y) == (
        TellingField("closed", filled=80, label=1, usual="0"),
        TellingField("refund", filled=80, label=1, usual="0"),
        TellingField("status", filled=80, label=1, usual="active"),
        TellingField("gold", filled=100, label=0, usual="basic"),
    )


def test_a_field_that_is_filled_so_rarely_that_chance_explains_it_is_not_telling():
    y = np.tile([1, 0], 100)
    for filled, telling in ((5, False), (20, True)):
        column = np.where((y == 1) & (np.arange(200) < 2 * filled), "x", "")
        assert bool(told(pd.DataFrame({"note": column, "age": np.arange(200.0) % 7}), y)) == telling
        p_value = fisher_exact([[filled, 0], [100 - filled, 100]], alternative="greater").pvalue
        assert (p_value <= 0.01 / 8) == telling  # two fields, four tests of each


def test_the_auc_of_a_number_is_scikit_learns_in_either_direction():
    rng = np.random.default_rng(10)
    y, scores = draw_labels(rng, 300, 0.4), rng.integers(0, 9, 300).astype(float)
    scores += y
    expected = roc_auc_score(y, scores)
    assert rank_alone(y, scores, either_way=True)[0] == pytest.approx(expected, abs=1e-12)
    assert rank_alone(y, -scores, either_way=True)[0] == pytest.approx(expected, abs=1e-12)
    assert rank_alone(y, -scores, either_way=False)[0] == pytest.approx(1 - expected, abs=1e-12)


def test_categories_with_one_customer_each_rank_no_better_than_chance():
    rng = np.random.default_rng(11)
    y = draw_labels(rng, 1000, 0.3)
    rates = rates_out_of_sample(pd.Series(np.arange(1000).astype(str)), y)
    assert roc_auc_score(y, rates) < 0.6  # by their own labels it would be 1


def test_the_shipped_table_has_no_telling_field():
    from churn.training.split import split_table
    from churn.training.table import read_table
    from tests.customers import CSV

    table = read_table(CSV)
    split = split_table(table, folds=5)
    contract = learn_contract(table.customers.iloc[split.train])
    assert find_telling(table.customers, table.y, contract, train=split.train, test=split.test) == ()
