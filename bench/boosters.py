"""LightGBM and CatBoost as bench/models.py searches them: a random setting, and the probabilities that it gives.

Both take categories and blanks as they are. The number of trees is drawn first, and the learning rate to suit it.
Their packages are the category bench-models of the Pipfile and imported by what needs them: the tests do without.
"""

import numpy as np
import pandas as pd

from bench.folds import Fold
from churn.model.contract import Contract
from churn.model.fields import Category

Setting = dict[str, float]
SAME_LIGHTGBM = {"subsample_freq": 1, "n_jobs": 1, "deterministic": True, "force_row_wise": True, "verbose": -1}
SAME_CATBOOST = {"bootstrap_type": "Bernoulli", "thread_count": 1, "allow_writing_files": False, "verbose": False}


def draw_lightgbm(rng: np.random.Generator) -> Setting:
    trees = round(log_uniform(rng, 50, 800))
    return {
        "n_estimators": trees,
        "learning_rate": round(log_uniform(rng, 3, 15) / trees, 4),
        "num_leaves": round(log_uniform(rng, 3, 24)),
        "min_child_samples": round(log_uniform(rng, 5, 200)),
        "reg_lambda": round(log_uniform(rng, 0.01, 30), 3),
        "subsample": round(rng.uniform(0.5, 1), 2),
        "colsample_bytree": round(rng.uniform(0.2, 1), 2),
    }


def draw_catboost(rng: np.random.Generator) -> Setting:
    """one_hot_max_size 2: target statistics for a field of three categories or more; 10: a column for each."""
    trees = round(log_uniform(rng, 50, 500))
    return {
        "iterations": trees,
        "learning_rate": round(log_uniform(rng, 5, 25) / trees, 4),
        "depth": int(rng.integers(2, 7)),
        "l2_leaf_reg": round(log_uniform(rng, 1, 30), 3),
        "subsample": round(rng.uniform(0.5, 1), 2),
        "rsm": round(rng.uniform(0.2, 1), 2),
        "one_hot_max_size": int(rng.choice([2, 10])),
    }


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def fit_lightgbm(fold: Fold, *, setting: Setting, seed: int) -> np.ndarray:
    """The probabilities of the fold's held out customers."""
    from lightgbm import LGBMClassifier

    kinds = {name: pd.CategoricalDtype(known) for name, known in categories(fold.contract).items()}
    model = LGBMClassifier(**setting, **SAME_LIGHTGBM, random_state=seed)
    model.fit(fold.fitted_on.astype(kinds), fold.y)
    return model.predict_proba(fold.held_out.astype(kinds))[:, 1]


def fit_catboost(fold: Fold, *, setting: Setting, seed: int) -> np.ndarray:
    """The probabilities of the fold's held out customers."""
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(
        **setting, **SAME_CATBOOST, random_seed=seed, cat_features=list(categories(fold.contract))
    )
    return model.fit(fold.fitted_on, fold.y).predict_proba(fold.held_out)[:, 1]


def categories(contract: Contract) -> dict[str, tuple[str, ...]]:
    return {field.name: field.categories for field in contract.fields if isinstance(field, Category)}
