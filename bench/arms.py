"""The arms that bench/models.py compares: train.py's recipes, LightGBM, CatBoost and EBM."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from bench import boosters
from bench.folds import Fold
from bench.kept import Result
from churn.training.fit import build_matrix, fit_model, fit_vectorizer

PROJECT = Path(__file__).parent.parent
NO_SHAPES = "--shapes none"


@dataclass(frozen=True)
class Scored:
    """The probabilities of a fold's held-out customers.

    `columns` are those of the model, None where it is not linear; `note` is what was chosen, in words.
    """

    probabilities: np.ndarray
    columns: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Arm:
    """A way to learn from a fold's rows: of a package with its settings in words, or train.py's own."""

    name: str
    score: Callable[[Fold], Scored]
    package: str | None = None
    settings: str = ""

    @property
    def made_by(self) -> str:
        """Another one when its results may be others: the package's version and settings, or our code."""
        return f"{self.package} {version(self.package)}, {self.settings}" if self.package else digest_source()

    def run(self, fold: Fold, table: str, number: int) -> Result:
        """What the arm makes of the fold, with its seconds of CPU."""
        began = time.process_time()
        scored = self.score(fold)
        seconds = round(time.process_time() - began, 2)
        rounded = tuple(float(f"{probability:.10g}") for probability in scored.probabilities)
        made = (self.name, self.made_by, rounded, seconds, scored.columns, scored.note)
        return Result(table, number, fold.digest, *made)


def score_without_shapes(fold: Fold) -> Scored:
    """The recipe without shapes: a column for a category, a number or flag as it is, a number's logarithm."""
    dv = fit_vectorizer(fold.contract, logarithms=True)
    X, X_held_out = (build_matrix(part, fold.contract, dv) for part in (fold.fitted_on, fold.held_out))
    return Scored(fit_model(X, fold.y, C=1.0).predict_proba(X_held_out)[:, 1], len(dv.feature_names_))


@cache
def digest_source() -> str:
    """Another one for other code of the rooms that a model is made in: `source` and 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for room in ("model", "training"):
        for path in sorted((PROJECT / "churn" / room).rglob("*.py")):
            digest.update(path.read_bytes())
    return f"source {digest.hexdigest()[:16]}"


_ALL = (
    Arm(NO_SHAPES, score_without_shapes),
    Arm(
        "LightGBM", lambda fold: Scored(boosters.lightgbm(fold)), "lightgbm", f"{boosters.LIGHTGBM_SETTINGS} settings"
    ),
    Arm(
        "CatBoost", lambda fold: Scored(boosters.catboost(fold)), "catboost", f"{boosters.CATBOOST_SETTINGS} settings"
    ),
    Arm("EBM", lambda fold: Scored(boosters.ebm(fold)), "interpret-core", f"{boosters.OUTER_BAGS} outer bags"),
)
ARMS = {arm.name: arm for arm in _ALL}
"""By their names, in the order of the report; all but the first need the packages of the category bench-models."""
