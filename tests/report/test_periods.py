"""Ageing: planted in a table, it shows by period if the split is in time, and does not show in a random split."""

import dataclasses
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churn.report.page import render_report
from churn.report.periods import find_held_out, find_periods
from churn.training.findings import Findings
from churn.training.run import TrainingOptions, run_training
from churn.training.rungs import Rung
from churn.training.table import Table
from churn.training.times import Times
from churn.training.verdict import judge

ROWS = 12_000


def train(*, aged: bool, in_time: bool, seed: int = 1, days: int = 600) -> Findings:
    """A training on customers of `days` days. If they age, what leavers have in common is lost from day 480 on.

    Until then, and on all days of customers that do not age, `use` and `plan` predict who leaves. In ageing customers
    they predict less and less from then on, and the churn rate grows.
    """
    rng = np.random.default_rng(seed)
    day = rng.integers(0, days, ROWS)
    use, plan = rng.normal(size=ROWS), rng.integers(0, 3, ROWS)
    late = np.clip((day - 0.8 * days) / (0.2 * days), 0, None) * aged
    log_odds = -1 + 1.5 * (1 - late) * use + 0.5 * (1 - late) * plan + 1.5 * late
    y = (rng.random(ROWS) < 1 / (1 + np.exp(-log_odds))).astype(int)
    customers = pd.DataFrame({"use": use, "plan": pd.Series([f"p{number}" for number in plan], dtype="str")})
    dates = np.datetime64("2022-01-01", "us") + day * np.timedelta64(1, "D")
    times = Times("joined", dates, np.full(ROWS, True)) if in_time else None
    table = Table(Path("t.csv"), "churn", customers, y, (), "", "", times=times)
    return run_training(table, TrainingOptions(Path("no-such-folder/m.bin"), folds=4, shapes=Rung.NONE))


@pytest.fixture(scope="module")
def aged() -> Findings:
    return train(aged=True, in_time=True)


def test_the_periods_are_the_test_part_from_old_to_new_and_no_day_is_in_two(aged):
    periods = find_periods(aged)
    assert len(periods) == 5
    assert sum(period.customers for period in periods) == len(aged.tested.rows)
    assert max(period.customers for period in periods) < 1.1 * min(period.customers for period in periods)
    ends = [day for period in periods for day in (period.first, period.last)]
    assert ends == sorted(ends)
    assert len(set(ends)) == len(ends)
    assert periods[0].first == aged.split.describe()["test_from"]


def test_planted_ageing_shows_by_period(aged):
    periods = find_periods(aged)
    aucs, gaps = ([getattr(period, name) for period in periods] for name in ("auc", "gap"))
    assert aucs[0] > 0.75
    assert all(later < earlier for earlier, later in pairwise(aucs))
    assert periods[-1].interval.high < periods[0].interval.low
    assert not gaps[-1].explained
    assert gaps[-1].value < -0.15  # far more leave than the model predicts
    assert all(held_out.auc > 0.75 for held_out in find_held_out(aged))  # the folds are from before


def test_planted_ageing_does_not_show_in_a_random_split():
    findings = train(aged=True, in_time=False)
    assert find_periods(findings) == find_held_out(findings) == []
    assert findings.tested.auc_interval.low < np.mean(findings.fit.folds) < findings.tested.auc_interval.high
    assert judge(findings).gap.explained


def test_without_ageing_the_gap_of_a_period_is_within_chance_19_times_in_20():
    gaps = [period.gap for seed in range(6) for period in find_periods(train(aged=False, in_time=True, seed=seed))]
    assert len(gaps) == 30
    assert sum(gap.explained for gap in gaps) >= 25  # of 28.5 expected; fewer in 1 of 100 such tests


def test_the_folds_are_shown_with_the_rows_before_them(aged):
    held_out = find_held_out(aged)
    assert [fold.auc for fold in held_out] == list(aged.fit.folds)
    assert [fold.fitted_on for fold in held_out] == [len(fold.fitted_on) for fold in aged.split.folds]
    assert all(earlier.last < later.first for earlier, later in pairwise(held_out))


def test_a_period_with_few_leavers_has_no_auc_and_few_customers_are_one_period(aged):
    tested, y = aged.tested, np.resize([0] * 9 + [1], 60)
    few = dataclasses.replace(tested, rows=tested.rows[:60], y=y, probabilities=tested.probabilities[:60])
    (period,) = find_periods(dataclasses.replace(aged, tested=few))
    assert (period.customers, period.auc, period.interval) == (60, None, None)


def test_the_report_shows_the_split_and_the_periods_only_for_one_in_time(aged):
    page = render_report(aged, judge(aged))
    assert "Split in time by joined: trained on 2022-01-01 to " in page
    assert 'id="periods"' in page
    assert f"{find_periods(aged)[-1].auc:.3f}" in page
    by_chance = train(aged=False, in_time=False)
    page = render_report(by_chance, judge(by_chance))
    assert "Random split: tested on 20 % of the rows, drawn at random with the seed 1." in page
    assert 'id="periods"' not in page
