"""LightGBM, CatBoost and EBM as bench/models.py compares them: the probabilities of a fold's held-out customers.

All accept categories and blanks unchanged. LightGBM and CatBoost try several settings each: the library's defaults
first, then random ones. Each setting is fitted on 80 % of the rows to fit on, until the log loss on the other 20 %
has not fallen for PATIENCE trees. The setting with the lowest log loss is fitted again on all of these rows, with the
same number of trees. The held-out customers are not used. EBM stops early by itself and has its default settings,
except fewer outer bags.

The packages are the category bench-models of the Pipfile. Functions import them, so the tests do not need them.
"""

import warnings
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from bench.folds import SEED, Fold
from churn.model.contract import Contract
from churn.model.fields import Category

Setting = dict[str, float]

INNER_SHARE = 0.2
PATIENCE, MOST_TREES = 40, 1_000
LIGHTGBM_SETTINGS, CATBOOST_SETTINGS, OUTER_BAGS = 16, 10, 4

SAME_LIGHTGBM = {"n_jobs": 1, "deterministic": True, "force_row_wise": True, "verbose": -1, "random_state": SEED}
SAME_CATBOOST = {"thread_count": 1, "allow_writing_files": False, "verbose": False, "random_seed": SEED}


class Booster(NamedTuple):
    """A fitted booster: its function from customers to probabilities, and its number of trees."""

    score: Callable[[pd.DataFrame], np.ndarray]
    trees: int


class Part(NamedTuple):
    """Customers and their labels."""

    customers: pd.DataFrame
    y: np.ndarray


Fit = Callable[[Setting, Part, Part | None, int], Booster]
"""(setting, rows to fit on, rows for early stopping, most trees) to a booster; without the third it has all trees."""


def lightgbm(fold: Fold) -> np.ndarray:
    """The probabilities of the fold's held-out customers, from LightGBM with the best setting."""
    names = {name: f"column {place}" for place, name in enumerate(fold.fitted_on)}  # it refuses "[", "," and ":"
    kinds = {names[name]: pd.CategoricalDtype(known) for name, known in categories(fold.contract).items()}
    fitted_on, held_out = (part.rename(columns=names).astype(kinds) for part in (fold.fitted_on, fold.held_out))
    settings = draw_settings(draw_lightgbm, LIGHTGBM_SETTINGS)
    return search(settings, fit_lightgbm, Part(fitted_on, fold.y)).score(held_out)


def catboost(fold: Fold) -> np.ndarray:
    """The probabilities of the fold's held-out customers, from CatBoost with the best setting."""
    settings = draw_settings(draw_catboost, CATBOOST_SETTINGS)
    return search(settings, fit_catboost, Part(fold.fitted_on, fold.y)).score(fold.held_out)


def ebm(fold: Fold) -> np.ndarray:
    """The probabilities of the fold's held-out customers, from an explainable boosting machine (interpret-core)."""
    from interpret.glassbox import ExplainableBoostingClassifier

    kinds = ["nominal" if name in categories(fold.contract) else "continuous" for name in fold.fitted_on]
    model = ExplainableBoostingClassifier(
        feature_types=kinds, outer_bags=OUTER_BAGS, n_jobs=1, random_state=SEED
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a warning that its pictures do not show blanks
        return model.fit(fold.fitted_on, fold.y).predict_proba(fold.held_out)[:, 1]


def search(settings: Iterable[Setting], fit: Fit, part: Part) -> Booster:
    """The booster of the best setting, chosen on an inner part of the rows and fitted on all of them."""
    rows = np.arange(len(part.y))
    parts = train_test_split(rows, test_size=INNER_SHARE, stratify=part.y, random_state=SEED)
    fitted_on, stop_by = (Part(part.customers.iloc[rows], part.y[rows]) for rows in parts)
    tried = []
    for setting in settings:
        booster = fit(setting, fitted_on, stop_by, MOST_TREES)
        tried.append((log_loss(stop_by.y, booster.score(stop_by.customers)), booster.trees, setting))
    _, trees, setting = min(tried, key=lambda attempt: attempt[0])
    return fit(setting, part, None, trees)


def fit_lightgbm(setting: Setting, fitted_on: Part, stop_by: Part | None, trees: int) -> Booster:
    """LightGBM with at most this many trees."""
    from lightgbm import LGBMClassifier, early_stopping

    model = LGBMClassifier(n_estimators=trees, **setting, **SAME_LIGHTGBM)
    stopping: dict[str, Any] = (
        {
            "eval_X": (stop_by.customers,),
            "eval_y": (stop_by.y,),
            "callbacks": [early_stopping(PATIENCE, verbose=False)],
        }
        if stop_by
        else {}
    )
    model.fit(*fitted_on, **stopping)
    return Booster(lambda customers: model.predict_proba(customers)[:, 1], model.best_iteration_ or trees)


def fit_catboost(setting: Setting, fitted_on: Part, stop_by: Part | None, trees: int) -> Booster:
    """CatBoost with at most this many trees."""
    from catboost import CatBoostClassifier

    names = [
        str(name) for name in fitted_on.customers if not pd.api.types.is_numeric_dtype(fitted_on.customers[name])
    ]
    model = CatBoostClassifier(iterations=trees, cat_features=names, **setting, **SAME_CATBOOST)
    stopping: dict[str, Any] = (
        {"eval_set": (stop_by.customers, stop_by.y), "early_stopping_rounds": PATIENCE} if stop_by else {}
    )
    model.fit(*fitted_on, **stopping)
    return Booster(lambda customers: model.predict_proba(customers)[:, 1], model.tree_count_)


def draw_settings(draw: Callable[[np.random.Generator], Setting], count: int) -> list[Setting]:
    """The library's default setting, and further random ones, the same every time."""
    rng = np.random.default_rng(SEED)
    return [{}, *(draw(rng) for _ in range(count - 1))]


def draw_lightgbm(rng: np.random.Generator) -> Setting:
    return {
        "learning_rate": round(log_uniform(rng, 0.03, 0.2), 3),
        "num_leaves": round(log_uniform(rng, 3, 48)),
        "min_child_samples": round(log_uniform(rng, 5, 100)),
        "reg_lambda": round(log_uniform(rng, 0.01, 30), 3),
        "subsample_freq": 1,
        "subsample": round(rng.uniform(0.5, 1), 2),
        "colsample_bytree": round(rng.uniform(0.3, 1), 2),
    }


def draw_catboost(rng: np.random.Generator) -> Setting:
    """A random setting. one_hot_max_size 2 means target statistics for fields with three or more categories, 10 means
    a column for each category of a field with up to ten.
    """
    return {
        "learning_rate": round(log_uniform(rng, 0.05, 0.2), 3),
        "depth": int(rng.integers(3, 8)),
        "l2_leaf_reg": round(log_uniform(rng, 1, 10), 3),
        "rsm": round(rng.uniform(0.5, 1), 2),
        "one_hot_max_size": int(rng.choice([2, 10])),
    }


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def categories(contract: Contract) -> dict[str, tuple[str, ...]]:
    return {field.name: field.categories for field in contract.fields if isinstance(field, Category)}
