"""The models of a training: each fold repeats the choice on its own rows, and the contract gives blanks a weight."""

import dataclasses
from functools import partial

import numpy as np
import pytest

from churn.model.fields import Blank
from churn.training.complexity import Choice, Ladder, choose_recipe
from churn.training.evaluation import evaluate
from churn.training.fit import build_matrix, fit_model, fit_vectorizer, learn_contract, make_scorer
from churn.training.models import PlainModels, ShapedModels
from churn.training.rungs import Rung, fit_weights, learn_recipe
from churn.training.split import split_table
from tests.simulated import make_table


def test_each_fold_chooses_again_on_the_rows_that_it_fits_on_and_once_for_every_c():
    table = make_table("bend", 900)
    split, contract = split_table(table, folds=3), learn_contract(table.customers)
    lines, asked = [], []

    def choose(rows, progress):
        asked.append(rows.tolist())
        if len(asked) == 2:
            return Choice(Ladder(Rung.NONE))
        return choose_recipe(table, rows, contract, rung=Rung.SHAPES, C=1.0, progress=progress)

    recipe = learn_recipe(Rung.SHAPES, table.customers.iloc[split.train], table.y[split.train], contract)
    models = ShapedModels(split, contract, recipe, choose=choose, progress=lines.append)
    figures = list(models.cross_validate(1.0))
    assert asked == [split.train[fold.fitted_on].tolist() for fold in split.folds]
    assert lines == ["fold 0: shapes", "fold 1: plain columns", "fold 2: shapes"]
    fitted_on, held_out = (split.train[part] for part in split.folds[0])
    own = learn_recipe(Rung.SHAPES, table.customers.iloc[fitted_on], table.y[fitted_on], contract)
    weights = fit_weights(own, table.customers.iloc[fitted_on], table.y[fitted_on], contract, C=1.0)
    X = own.fill(table.customers.iloc[held_out], contract)
    odds = X @ (weights.columns * own.scales) + weights.intercept + weights.columns @ own.centres
    assert figures[0] == pytest.approx(evaluate(table.y[held_out], 1 / (1 + np.exp(-odds))), abs=1e-12)
    fitted_on, held_out = (split.train[part] for part in split.folds[1])
    dv = fit_vectorizer(contract, logarithms=True)
    plain = fit_model(build_matrix(table.customers.iloc[fitted_on], contract, dv), table.y[fitted_on], C=1.0)
    X = build_matrix(table.customers.iloc[held_out], contract, dv)
    assert figures[1] == evaluate(table.y[held_out], plain.predict_proba(X)[:, 1])
    list(models.cross_validate(0.1))
    assert len(asked) == 3


def test_the_final_model_gives_blanks_their_own_weight_and_has_the_means_and_shares_of_its_rows():
    table = make_table("together", 1500)
    customers = table.customers.copy()
    customers.loc[::10, "use"] = np.nan
    table = dataclasses.replace(table, customers=customers)
    split, contract = split_table(table, folds=2), learn_contract(table.customers)
    recipe = learn_recipe(Rung.PAIRS, customers.iloc[split.train], table.y[split.train], contract)
    choose = partial(choose_recipe, table, contract=contract, rung=Rung.PAIRS, C=1.0)
    fitted = ShapedModels(split, contract, recipe, choose=choose, progress=print).fit(1.0)
    use = next(field for field in fitted.contract.fields if field.name == "use")
    assert use.blank == Blank(float(customers["use"].median()), apart=True)
    X = build_matrix(customers.iloc[split.train], fitted.contract, fitted.dv)
    np.testing.assert_allclose(
        [fitted.average[name] for name in fitted.dv.feature_names_], X.mean(axis=0), atol=1e-12
    )
    scorer = make_scorer(fitted.contract, fitted.dv, fitted.model)
    assert [(len(table), len(table[0])) for table in fitted.shares] == [
        (interaction.first.size, interaction.second.size) for interaction in scorer.interactions
    ]


def test_plain_models_have_one_matrix_with_or_without_logarithms():
    table = make_table("trend", 300)
    split, contract = split_table(table, folds=2), learn_contract(table.customers)
    usual, plain = (PlainModels(split, contract, logarithms=logarithms).fit(1.0) for logarithms in (True, False))
    assert set(usual.dv.feature_names_) - set(plain.dv.feature_names_) == {"log1p(use)", "log1p(age)"}
    assert usual.shares == ()
