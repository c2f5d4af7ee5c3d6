"""Recipes, learned and fitted: a known bend and a known pair are found, and the files hold exactly the model."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from churn.training import rungs
from churn.training.fit import build_matrix, fit_vectorizer, learn_contract
from churn.training.matrix import fill_blocks, name_column
from churn.training.rungs import (
    Rung,
    describe_recipe,
    fit_weights,
    learn_recipe,
    learn_recipes,
    make_model,
    sample_rows,
)
from churn.training.smoothness import learn_strengths
from tests.simulated import make_customers


def test_a_bend_is_followed_where_a_trend_cannot_do_so():
    customers, y = make_customers("bend", 6000)
    contract = learn_contract(customers)
    recipe = learn_recipe(Rung.SHAPES, customers, y, contract)
    weights = fit_weights(recipe, customers, y, contract, C=1.0)
    dv, model = make_model(recipe, weights, C=1.0)
    ages = pd.DataFrame({"age": [22.0, 30.0, 42.0, 48.0, 62.0, 75.0], "use": 20.0, "plan": "p0", "member": 0.0})
    odds = model.decision_function(build_matrix(ages, contract, dv))
    np.testing.assert_allclose(
        odds, [-1, -1, 2, 2, -1, -1], atol=0.5
    )  # the truth, with some 190 customers of each age


def test_scaled_columns_come_first_then_shapes_and_a_pair_with_an_effect_is_added_to_these():
    customers, y = make_customers("together", 2000)
    contract = learn_contract(customers)
    scaled, shapes, pairs = learn_recipes(customers, y, contract)
    assert scaled.rung is Rung.SCALED
    assert sorted(map(name_column, scaled.columns)) == fit_vectorizer(contract, logarithms=True).feature_names_
    assert (shapes.rung, shapes.pairs) == (Rung.SHAPES, ())
    assert pairs.rung is Rung.PAIRS
    assert (pairs.pairs[0].first, pairs.pairs[0].second) == ("age", "plan")
    assert pairs.columns[: len(shapes.columns)] == shapes.columns
    assert len(pairs.columns) == len(set(map(str, pairs.columns)))


def test_the_strengths_of_a_few_pairs_are_learned_with_as_many_rounds_as_those_of_ten(monkeypatch):
    rounds = []

    def learn(*given, most_rounds, **named):
        rounds.append(most_rounds)
        return learn_strengths(*given, most_rounds=most_rounds, **named)

    monkeypatch.setattr(rungs, "learn_strengths", learn)
    customers, y = make_customers("together", 2000)
    *_, pairs = learn_recipes(customers, y, learn_contract(customers))
    assert len(pairs.pairs) < 10
    assert rounds[-1] == 5


def test_where_no_pair_has_an_effect_there_is_no_recipe_of_pairs_and_that_of_shapes_takes_its_place():
    customers, y = make_customers("trend", 600)
    contract = learn_contract(customers)
    _, shapes = learn_recipes(customers, y, contract)
    assert learn_recipe(Rung.PAIRS, customers, y, contract).columns == shapes.columns


def test_without_numbers_there_are_no_shapes_and_scaled_columns_take_their_place():
    customers, y = make_customers("trend", 600)
    customers = customers[["plan", "member"]]
    contract = learn_contract(customers)
    (scaled,) = learn_recipes(customers, y, contract)
    assert scaled.rung is Rung.SCALED
    assert learn_recipe(Rung.SHAPES, customers, y, contract).columns == scaled.columns


def test_scaled_columns_are_at_the_optimum_of_their_strengths_whatever_the_unit_of_a_number():
    """The optimum is scikit-learn's on columns divided by the root of their strength; other units change nothing."""
    customers, y = make_customers("trend", 600)
    odds = []
    for unit in (1.0, 1000.0):
        table = customers.assign(age=customers["age"] * unit)
        contract = learn_contract(table)
        recipe = next(learn_recipes(table, y, contract))
        X = recipe.fill(table, contract) / np.sqrt(recipe.penalties)
        expected = (
            LogisticRegression(solver="newton-cholesky", tol=1e-12, max_iter=100).fit(X, y).decision_function(X)
        )
        dv, model = make_model(recipe, fit_weights(recipe, table, y, contract, C=1.0), C=1.0)
        odds.append(model.decision_function(build_matrix(table, contract, dv)))
        np.testing.assert_allclose(odds[-1], expected, rtol=0, atol=1e-8)
    np.testing.assert_allclose(odds[0], odds[1], rtol=0, atol=2e-3)  # log(1 + age) is only nearly log(age)


def test_the_model_gives_the_log_odds_that_were_fitted_and_c_divides_the_strengths():
    customers, y = make_customers("bend", 1500)
    contract = learn_contract(customers)
    recipe = learn_recipe(Rung.SHAPES, customers, y, contract)
    X = recipe.fill(customers, contract)
    fitted = {}
    for C in (0.01, 1.0):
        weights = fit_weights(recipe, customers, y, contract, C=C)
        dv, model = make_model(recipe, weights, C=C)
        fitted[C] = weights.columns * recipe.scales
        p = model.predict_proba(build_matrix(customers, contract, dv))[:, 1]
        gradient = X.T @ (p - y) + recipe.penalties / C * fitted[C]  # zero at the optimum, by its definition
        assert np.abs(gradient).max() < 1e-7
        assert abs((p - y).sum()) < 1e-7
        assert model.C == C
    assert np.abs(fitted[0.01]).sum() < np.abs(fitted[1.0]).sum()


def test_of_many_rows_a_sample_gives_the_recipe_and_all_are_fitted(monkeypatch):
    customers, y = make_customers("bend", 3000)
    contract = learn_contract(customers)
    recipe = learn_recipe(Rung.SHAPES, customers, y, contract)
    whole = fit_weights(recipe, customers, y, contract, C=1.0)
    monkeypatch.setattr(rungs, "MOST_ROWS", 1000)
    rows = sample_rows(y)
    assert (len(rows), len(set(rows)), rows.tolist()) == (1000, 1000, sorted(rows))
    assert y[rows].mean() == pytest.approx(y.mean(), abs=1e-3)
    sampled = learn_recipe(Rung.SHAPES, customers, y, contract)
    alone = learn_recipe(Rung.SHAPES, customers.iloc[rows], y[rows], contract)
    assert (sampled.columns, sampled.penalties.tolist()) == (alone.columns, alone.penalties.tolist())
    monkeypatch.setattr(rungs, "fill_blocks", partial(fill_blocks, rows=700))
    in_blocks = fit_weights(recipe, customers, y, contract, C=1.0)
    np.testing.assert_allclose(in_blocks.columns, whole.columns, rtol=1e-9, atol=1e-11)


def test_the_same_rows_give_the_same_recipe_to_the_last_digit():
    customers, y = make_customers("together", 800)
    first, second = (list(learn_recipes(customers, y, learn_contract(customers)))[-1] for _ in range(2))
    assert (first.columns, first.penalties.tolist(), first.pairs) == (
        second.columns,
        second.penalties.tolist(),
        second.pairs,
    )


def test_a_recipe_is_described_in_words():
    customers, y = make_customers("together", 2000)
    scaled, shapes, pairs = learn_recipes(customers, y, learn_contract(customers))
    assert describe_recipe(None) == "plain columns"
    assert describe_recipe(scaled) == "scaled columns"
    assert describe_recipe(shapes) == "shapes"
    count = len(pairs.pairs)
    assert describe_recipe(pairs).startswith(f"shapes and {('one', 'two', 'three')[count - 1]} pair")


def test_numbers_whose_squares_are_too_large_for_a_double_keep_their_trend():
    chance = np.random.default_rng(3)
    sizes, y = chance.normal(size=400), chance.integers(0, 2, 400)
    y[sizes > 0.2] = 1
    found = []
    for unit in (1.0, 2.0**1000):
        customers = pd.DataFrame({"size": sizes * unit})
        contract = learn_contract(customers)
        recipe = learn_recipe(Rung.SCALED, customers, y, contract, beat=lambda: None)
        found.append(fit_weights(recipe, customers, y, contract, C=1.0).columns[0] * unit)
    assert found[0] > 0.5
    assert found[1] == pytest.approx(found[0], rel=1e-9)


def test_numbers_that_are_too_far_apart_for_a_double_are_an_arithmetic_error_without_a_warning():
    customers = pd.DataFrame({"size": np.tile([-1.7e308, 1.6e308, 1.7e308, 1.7e308], 100)})
    with pytest.raises(ArithmeticError):
        learn_recipe(Rung.SHAPES, customers, np.arange(400) % 3 // 2, learn_contract(customers), beat=lambda: None)
