"""The choice of the rung: seldom too high where nothing is there, high enough where something is; copies; time."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from churn.errors import FitError, TableError
from churn.training import complexity
from churn.training.complexity import (
    INNER_FOLDS,
    choose_recipe,
    choose_rung,
    draw_folds,
    number_copies,
)
from churn.training.fit import build_matrix, fit_model, fit_vectorizer, learn_contract
from churn.training.ladder import Ladder, Lead
from churn.training.matrix import fill_matrix
from churn.training.rungs import Rung, fit_weights, learn_recipe, learn_recipes
from churn.training.smoothness import log_losses
from churn.training.times import Times
from tests.simulated import make_customers, make_table


def choose(table, rows=None, **options):
    rows = np.arange(len(table.y)) if rows is None else rows
    contract = learn_contract(table.customers)
    return choose_rung(table, rows, contract, C=1.0, progress=lambda line: None, **options)


def pick(table, rung, progress=lambda line: None):
    contract = learn_contract(table.customers)
    return choose_recipe(table, np.arange(len(table.y)), contract, rung=rung, C=1.0, progress=progress)


def test_plain_columns_stay_where_they_are_the_truth():
    """By chance a rung is 2 standard errors ahead in 1 of 44 tables."""
    assert {choose(make_table("trend", 400, seed=seed)).rung for seed in range(10)} == {Rung.NONE}


def test_where_there_is_nothing_shapes_are_seldom_chosen_and_new_customers_do_not_suffer():
    """Learned strengths shrink noise to zero and C=1 does not, so scaled columns may rightly be ahead."""
    taken = []
    for seed in range(12):
        table = make_table("nothing", 400, seed=seed)
        contract = learn_contract(table.customers)
        if (rung := choose(table).rung) is Rung.NONE:
            continue
        taken.append(rung)
        new, y = make_customers("nothing", 4000, seed=100 + seed)
        dv = fit_vectorizer(contract, logarithms=True)
        plain = fit_model(build_matrix(table.customers, contract, dv), table.y, C=1.0)
        recipe = learn_recipe(rung, table.customers, table.y, contract)
        weights = fit_weights(recipe, table.customers, table.y, contract, C=1.0)
        odds = {
            Rung.NONE: plain.decision_function(build_matrix(new, contract, dv)),
            rung: weights.log_odds(fill_matrix(new, contract, recipe.columns)),
        }
        losses = {rung: log_losses(of_rung, y).mean() for rung, of_rung in odds.items()}
        assert losses[rung] < losses[Rung.NONE] + 0.002
    assert len([rung for rung in taken if rung is not Rung.SCALED]) <= 4


@pytest.mark.parametrize(("truth", "rung"), [("bend", Rung.SHAPES), ("together", Rung.PAIRS)])
def test_a_bend_or_a_joint_effect_is_found(truth, rung):
    for seed in range(4):
        ladder = choose(make_table(truth, 1500, seed=seed))
        assert ladder.rung is rung
        assert rung in ladder.clear
        assert ladder.losses[Rung.NONE] - ladder.losses[rung] > 0.05


def test_the_figures_of_the_comparison_are_from_models_that_have_not_seen_the_rows():
    """The log loss of a rung is close to that of the truth, and not clearly below it as it is on fitted rows."""
    table = make_table("bend", 3000)
    age = table.customers["age"].to_numpy()
    p = 1 / (1 + np.exp(1 - 3.0 * ((age > 35) & (age < 55))))
    best = -np.log(np.where(table.y == 1, p, 1 - p)).mean()
    assert 0 < choose(table).losses[Rung.SHAPES] - best < 0.02


def test_a_rung_learns_only_from_the_rows_that_a_fold_fits_on(monkeypatch):
    table, seen = make_table("bend", 400), []
    learn = complexity.learn_recipes

    def spy(customers, y, contract, **options):
        seen.append((customers.index.tolist(), y.tolist()))
        return learn(customers, y, contract, **options)

    monkeypatch.setattr(complexity, "learn_recipes", spy)
    choose(table)
    folds = draw_folds(table.y, number_copies(table.customers))
    assert seen == [(fold.fitted_on.tolist(), table.y[fold.fitted_on].tolist()) for fold in folds]


def find_counted(monkeypatch) -> list[int]:
    """The rows whose log losses count, once a comparison has run."""
    counted: list[int] = []
    compare = complexity.compare_rungs

    def spy(losses, alike, *, copies):
        counted.extend(np.flatnonzero(~np.isnan(losses[Rung.NONE])).tolist())
        return compare(losses, alike, copies=copies)

    monkeypatch.setattr(complexity, "compare_rungs", spy)
    return counted


def test_copies_have_the_same_number_are_held_out_together_and_are_counted(monkeypatch):
    table = make_table("bend", 600)
    customers = table.customers.copy()
    customers.iloc[100:160] = customers.iloc[:60].to_numpy()
    alike = number_copies(customers)
    assert alike[100:160].tolist() == alike[:60].tolist()
    folds = draw_folds(table.y, alike)
    assert sorted(np.concatenate([fold.held_out for fold in folds])) == list(range(600))
    for fold in folds:
        assert not set(alike[fold.held_out]) & set(alike[fold.fitted_on])
        assert sorted([*fold.held_out, *fold.fitted_on]) == list(range(600))
    counted = find_counted(monkeypatch)
    ladder = choose(dataclasses.replace(table, customers=customers))
    assert (ladder.copies, ladder.rows) == (120, 600)
    assert counted == list(range(600))


def test_a_table_of_copies_does_not_lead_to_pairs_that_remember_them():
    """Each of 60 customers occurs 20 times with one label, drawn by chance: split copies would reward memory."""
    rng = np.random.default_rng(1)
    table = make_table("nothing", 60)
    customers = pd.concat([table.customers] * 20, ignore_index=True)
    y = np.tile(rng.integers(0, 2, 60), 20)
    assert choose(dataclasses.replace(table, customers=customers, y=y)).rung is Rung.NONE


def test_folds_have_about_the_same_size_and_churn_rate():
    table = make_table("bend", 1000)
    folds = draw_folds(table.y, np.arange(1000))
    assert {len(fold.held_out) for fold in folds} <= {249, 250, 251}
    assert np.ptp([table.y[fold.held_out].mean() for fold in folds]) < 0.01
    again = draw_folds(table.y, np.arange(1000))
    assert [fold.held_out.tolist() for fold in folds] == [fold.held_out.tolist() for fold in again]


def in_time(truth: str, rows: int, weeks: np.ndarray, **options):
    return make_table(truth, rows, times=Times("week", weeks, np.full(rows, True)), **options)


def test_in_time_each_part_is_compared_on_models_fitted_before_it(monkeypatch):
    weeks = np.arange(600) // 20
    table, seen = in_time("bend", 600, weeks), []
    measure = complexity._measure_rungs

    def spy(customers, y, contract, fold, **options):
        seen.append(fold)
        return measure(customers, y, contract, fold, **options)

    monkeypatch.setattr(complexity, "_measure_rungs", spy)
    assert choose(table).rung is Rung.SHAPES
    assert len(seen) == INNER_FOLDS
    for fold in seen:
        assert weeks[fold.fitted_on].max() < weeks[fold.held_out].min()


def test_in_time_a_later_copy_of_a_row_that_was_fitted_on_does_not_count(monkeypatch):
    table = in_time("nothing", 400, np.arange(400) // 10)
    customers = table.customers.copy()
    customers.iloc[200:] = customers.iloc[:200].to_numpy()
    y = table.y.copy()
    y[200:] = y[:200]
    table = dataclasses.replace(table, customers=customers, y=y)
    counted = find_counted(monkeypatch)
    assert choose(table).copies == 400
    assert counted == list(range(80, 200))  # the first fifth is only fitted on, and the later half are copies


@pytest.mark.parametrize(
    ("rows", "weeks", "reason"),
    [
        (150, None, "150 rows to train on"),
        (300, np.zeros(300), "too few different times for 4 inner folds"),
    ],
)
def test_too_few_rows_or_times_leave_plain_columns_with_the_reason(rows, weeks, reason):
    table = make_table("bend", rows) if weeks is None else in_time("bend", rows, weeks)
    ladder = choose(table)
    assert (ladder.rung, ladder.losses) == (Rung.NONE, {})
    assert reason in ladder.reason


def test_too_few_of_a_class_leave_plain_columns():
    table = make_table("bend", 400)
    y = np.zeros(400, dtype=np.int64)
    y[:9] = 1
    assert "9 of them of the rarer class" in choose(dataclasses.replace(table, y=y)).reason


def fail(*args, **options):
    raise FloatingPointError


def fail_from(rung):
    """learn_recipes, but after the recipe of this rung a fit fails."""

    def learn(*args, **options):
        for recipe in learn_recipes(*args, **options):
            yield recipe
            if recipe.rung is rung:
                fail()

    return learn


def test_where_every_fit_fails_plain_columns_stay(monkeypatch):
    monkeypatch.setattr(complexity, "fit_weights", fail)
    ladder = choose(make_table("together", 800))
    assert (ladder.rung, ladder.failed) == (Rung.NONE, (Rung.SCALED, Rung.SHAPES, Rung.PAIRS))
    assert list(ladder.losses) == [Rung.NONE]


@pytest.mark.parametrize("last", [Rung.SCALED, Rung.SHAPES])
def test_a_fit_that_fails_in_one_part_does_not_cost_a_simpler_rung(monkeypatch, last):
    table, parts = make_table("bend", 800), iter(range(INNER_FOLDS))
    whole = choose(table)

    def learn(*args, **options):
        return (fail_from(last) if next(parts) == 1 else learn_recipes)(*args, **options)

    monkeypatch.setattr(complexity, "learn_recipes", learn)
    ladder, rungs = choose(table), list(Rung)
    kept, failed = rungs[: rungs.index(last) + 1], rungs[rungs.index(last) + 1 :]
    assert ladder.losses == {rung: whole.losses[rung] for rung in kept}
    assert ladder.failed == tuple(failed)
    assert ladder.rung is last


def test_without_numbers_a_failed_fit_of_pairs_does_not_cost_the_scaled_columns(monkeypatch):
    """Ninety values without meaning: with C = 1 each has a weight, and learned strengths shrink them to zero."""
    chance = np.random.default_rng(1)
    drawn = {field: chance.integers(0, 30, 600) for field in ("shop", "street", "seller")}
    customers = pd.DataFrame({field: [f"v{number}" for number in of_rows] for field, of_rows in drawn.items()})
    table = dataclasses.replace(make_table("nothing", 600), customers=customers)
    monkeypatch.setattr(complexity, "learn_recipes", fail_from(Rung.SCALED))
    ladder = choose(table)
    assert (ladder.rung, ladder.failed) == (Rung.SCALED, (Rung.PAIRS,))
    assert ladder.losses[Rung.SHAPES] == ladder.losses[Rung.SCALED]


def test_where_a_fit_to_all_rows_fails_the_next_simpler_rung_that_is_clearly_ahead_is_chosen(monkeypatch):
    leads = {Rung.SCALED: Lead(0.01, 0.01), Rung.SHAPES: Lead(0.04, 0.01), Rung.PAIRS: Lead(0.08, 0.01)}
    monkeypatch.setattr(complexity, "choose_rung", lambda *args, **options: Ladder(Rung.PAIRS, leads=leads))

    def learn(rung, *args, **options):
        return fail() if rung is Rung.PAIRS else learn_recipe(rung, *args, **options)

    table = make_table("bend", 400)
    monkeypatch.setattr(complexity, "learn_recipe", learn)
    ladder, recipe = pick(table, None)
    assert (ladder.rung, recipe.rung, ladder.failed) == (Rung.SHAPES, Rung.SHAPES, (Rung.PAIRS,))
    monkeypatch.setattr(complexity, "learn_recipe", fail)
    ladder, recipe = pick(table, None)
    assert (ladder.rung, recipe, ladder.failed) == (Rung.NONE, None, (Rung.SHAPES, Rung.PAIRS))
    with pytest.raises(FitError, match="--shapes none"):
        pick(table, Rung.PAIRS)


def test_a_single_outlier_does_not_decide():
    """One of 2,000 customers has used a million times as much as others, and plain columns trust that number."""
    table = make_table("bend", 2000)
    customers = table.customers.copy()
    customers.loc[7, "use"] = 3e7
    y = table.y.copy()
    y[customers["use"] > 25] = 1
    y[7] = 0
    ladder = choose(dataclasses.replace(table, customers=customers, y=y))
    assert ladder.rung is Rung.SHAPES


def test_a_rung_that_is_requested_is_used_without_a_comparison():
    table = make_table("nothing", 300)
    ladder, recipe = pick(table, Rung.SHAPES)
    assert (ladder.rung, ladder.losses, recipe.rung) == (Rung.SHAPES, {}, Rung.SHAPES)
    assert pick(table, Rung.NONE)[1] is None


def test_a_requested_rung_that_is_not_possible_is_refused():
    customers = pd.DataFrame(np.random.default_rng(1).normal(size=(100, 300))).rename(columns=str)
    table = dataclasses.replace(make_table("nothing", 100), customers=customers)
    with pytest.raises(TableError, match="too many columns for --shapes shapes"):
        pick(table, Rung.SHAPES)
