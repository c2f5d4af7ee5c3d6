"""The arms, or learning methods, that bench/models.py compares: train.py's recipes, LightGBM, CatBoost and EBM."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path

import numpy as np

from bench import boosters
from bench.folds import Fold
from bench.kept import Result
from churn.training.complexity import choose_recipe
from churn.training.fit import predict_churn
from churn.training.models import PlainModels, ShapedModels
from churn.training.rungs import Rung
from churn.training.split import Split

PROJECT = Path(__file__).parent.parent
TRAIN_PY, NO_SHAPES = "train.py", "--shapes none"


@dataclass(frozen=True)
class Scored:
    """The probabilities of a fold's held-out customers.

    `columns` is the number of the model's columns, None if it is not linear; `note` is its choice, in words.
    """

    probabilities: np.ndarray
    columns: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Arm:
    """A way to learn from a fold's rows: a package with its settings in words, or train.py itself."""

    name: str
    score: Callable[[Fold], Scored]
    package: str | None = None
    settings: str = ""

    @property
    def made_by(self) -> str:
        """A text that changes if results may change: the package's version and settings, or a digest of the code."""
        return f"{self.package} {version(self.package)}, {self.settings}" if self.package else digest_source()

    def run(self, fold: Fold, table: str, number: int) -> Result:
        """The arm's result on the fold, with its seconds of CPU."""
        began = time.process_time()
        scored = self.score(fold)
        seconds = round(time.process_time() - began, 2)
        rounded = tuple(float(f"{probability:.10g}") for probability in scored.probabilities)
        made = (self.name, self.made_by, rounded, seconds, scored.columns, scored.note)
        return Result(table, number, fold.digest, *made)


def score_train_py(fold: Fold, *, rung: Rung | None = None) -> Scored:
    """The result of train.py, fitted on the fold's rows with its own choice of a rung; `rung` overrules the choice.

    Raises FitError or TableError where the requested rung is not possible.
    """
    split = Split(fold.table, fold.fitted_rows, fold.held_out_rows)
    choose = partial(choose_recipe, fold.table, contract=fold.contract, rung=rung, C=1.0)
    _, recipe = choose(rows=split.train, progress=_report_nothing)
    models = (
        ShapedModels(split, fold.contract, recipe, choose=choose, progress=_report_nothing)
        if recipe
        else PlainModels(split, fold.contract, logarithms=True)
    )
    fitted = models.fit(1.0)
    probabilities = predict_churn(fold.held_out, fitted.contract, fitted.dv, fitted.model)
    chosen = "" if rung else (recipe.rung if recipe else Rung.NONE).value
    return Scored(probabilities, len(fitted.dv.feature_names_), chosen)


def _report_nothing(line: str) -> None:
    """Ignores a line of progress."""


@cache
def digest_source() -> str:
    """A digest of the code of the folders that make a model: `source` and 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for room in ("model", "training"):
        for path in sorted((PROJECT / "churn" / room).rglob("*.py")):
            digest.update(path.read_bytes())
    return f"source {digest.hexdigest()[:16]}"


_ALL = (
    Arm(TRAIN_PY, score_train_py),
    *(Arm(f"--shapes {rung}", partial(score_train_py, rung=rung)) for rung in Rung),
    Arm(
        "LightGBM", lambda fold: Scored(boosters.lightgbm(fold)), "lightgbm", f"{boosters.LIGHTGBM_SETTINGS} settings"
    ),
    Arm(
        "CatBoost", lambda fold: Scored(boosters.catboost(fold)), "catboost", f"{boosters.CATBOOST_SETTINGS} settings"
    ),
    Arm("EBM", lambda fold: Scored(boosters.ebm(fold)), "interpret-core", f"{boosters.OUTER_BAGS} outer bags"),
)
ARMS = {arm.name: arm for arm in _ALL}
"""The arms by name, in the order of the report; boosters need the packages of the category bench-models."""
PEERS = tuple(arm.name for arm in _ALL if arm.package)
"""The names of the arms other than train.py."""
