"""The recipes for a model, the simplest first: plain columns; the same, scaled for their penalty; shapes; shapes and
pairs of fields.

Owns the learning of columns and strengths for all rungs above plain columns, and the fit with them. `complexity`
chooses the rung.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from churn.model.columns import Column, Itself, Within
from churn.model.contract import Contract
from churn.training.fit import number_columns
from churn.training.matrix import fill_blocks, fill_matrix, name_column
from churn.training.newton import Optimum, make_classifier
from churn.training.screening import ScreenedPair, Steps, find_steps, pair_columns, screen_pairs
from churn.training.shapes import Shapes, learn_shapes, list_plain_columns
from churn.training.smoothness import Weights, find_optimum, in_blocks, learn_strengths, start_weights

MOST_ROWS = 20_000
"""Columns and strengths are learned from at most this many rows, weights from all."""

_ROUNDS = 10  # of the strengths
_BATCHES = ((3, 2), (3, 2), (4, 5))  # pairs to screen for in the residuals so far, and rounds after that
_FIRST_STRENGTH, _FIRST_PAIR_STRENGTH = 3.0, 10.0
_SEED = 1
_COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

Beat = Callable[[], None]
"""Is called about once a second, to report that the work continues."""


def _stay_silent() -> None:
    """Reports nothing."""


class Rung(StrEnum):
    """A recipe, by its name for --shapes."""

    NONE = "none"
    SCALED = "scaled"
    SHAPES = "shapes"
    PAIRS = "pairs"


@dataclass(frozen=True)
class Recipe:
    """The learned parts of a rung: its columns, the penalty of each, and its pairs in order.

    `centres` and `scales` convert a column into the units of its penalty. In these units, `penalties` are those for
    C = 1, and `weights` are near the optimum. All are float64, shape (n_columns,).
    """

    columns: tuple[Column, ...]
    centres: np.ndarray
    scales: np.ndarray
    penalties: np.ndarray
    weights: Weights
    pairs: tuple[ScreenedPair, ...] = ()

    @property
    def rung(self) -> Rung:
        """The rung of the recipe."""
        if self.pairs:
            return Rung.PAIRS
        return Rung.SHAPES if any(isinstance(column, Within) for column in self.columns) else Rung.SCALED

    def fill(self, customers: pd.DataFrame, contract: Contract) -> np.ndarray:
        """The customers' matrix in the units of the penalties."""
        return self.scale(fill_matrix(customers, contract, self.columns))

    def scale(self, X: np.ndarray) -> np.ndarray:
        """A matrix of these columns, converted in place into the units of the penalties."""
        X -= self.centres
        X /= self.scales
        return X


def describe_recipe(recipe: Recipe | None) -> str:
    """A recipe in words, such as "shapes and three pairs of fields"; None is for plain columns."""
    if recipe is None:
        return "plain columns"
    if not (count := len(recipe.pairs)):
        return "shapes" if recipe.rung is Rung.SHAPES else "scaled columns"
    return f"shapes and {_COUNTS[count - 1]} pair{'s' if count > 1 else ''} of fields"


def sample_rows(y: np.ndarray) -> np.ndarray:
    """The positions of all rows, or of MOST_ROWS rows if there are more: a seeded sample, stratified by label, in
    order.
    """
    if len(y) <= MOST_ROWS:
        return np.arange(len(y))
    drawn, _ = train_test_split(np.arange(len(y)), train_size=MOST_ROWS, stratify=y, random_state=_SEED)
    return np.sort(drawn)


def learn_recipe(
    rung: Rung, customers: pd.DataFrame, y: np.ndarray, contract: Contract, *, beat: Beat = _stay_silent
) -> Recipe | None:
    """The recipe of this rung, learned from a sample of many rows; that of a simpler rung if the two are the same.

    None where learn_recipes yields no recipe. Arguments and errors as for learn_recipes.
    """
    rows, recipe = sample_rows(y), None
    rungs = list(Rung)
    for learned in learn_recipes(customers.iloc[rows], y[rows], contract, beat=beat):
        if rungs.index(learned.rung) > rungs.index(rung):
            break
        recipe = learned
        if recipe.rung is rung:
            break
    return recipe


def learn_recipes(
    customers: pd.DataFrame, y: np.ndarray, contract: Contract, *, beat: Beat = _stay_silent
) -> Iterator[Recipe]:
    """The recipes learned from these rows, the simplest first.

    They are scaled columns; shapes, if there are numbers; shapes and pairs, if pairs are found. There is no recipe at
    all if shapes would make too many columns. `beat` is called about once a second. Raises ArithmeticError if a fit
    fails.
    """
    shapes = learn_shapes(customers, contract)
    if shapes is None:
        return
    learner = _Learner(customers, y, contract, list_plain_columns(contract))
    learner.smooth(_ROUNDS, beat)
    yield learner.recipe
    if contract.numbers:
        learner = _Learner(customers, y, contract, shapes)
        learner.smooth(_ROUNDS, beat)
        yield learner.recipe
    steps = find_steps(customers, contract)
    for most, rounds in _BATCHES:
        if not learner.add_pairs(steps, most=most):
            if learner.recipe.pairs:  # so far their strengths have had only the few rounds between two batches
                learner.smooth(_BATCHES[-1][1], beat)
            break
        learner.smooth(rounds, beat)
    if learner.recipe.pairs:
        yield learner.recipe


class _Learner:
    """The recipe learned so far from some rows, and their matrix in the units of the penalties."""

    def __init__(self, customers: pd.DataFrame, y: np.ndarray, contract: Contract, shapes: Shapes) -> None:
        self.customers, self.y, self.contract, self.shapes = customers, y, contract, shapes
        with np.errstate(over="ignore", invalid="ignore"):  # the check below finds it
            self.X = fill_matrix(customers, contract, shapes.columns)
        numbers = {field.name for field in contract.numbers}
        is_trend = np.array(
            [isinstance(column, Within | Itself) and column.field in numbers for column in shapes.columns]
        )
        centres, scales = np.zeros(len(is_trend)), np.ones(len(is_trend))
        with np.errstate(over="ignore", invalid="ignore"):
            centres[is_trend], spreads = _measure_spread(self.X[:, is_trend])
            scales[is_trend] = np.where(spreads > 0, spreads, 1.0)
            self.X -= centres
            self.X /= scales
        if not np.isfinite(self.X).all():
            raise FloatingPointError("the numbers are too large")
        self.strengths = dict.fromkeys(shapes.groups, _FIRST_STRENGTH)
        weights = start_weights(y, len(scales))
        self.recipe = Recipe(shapes.columns, centres, scales, np.ones(len(scales)), weights)

    def smooth(self, most_rounds: int, beat: Beat) -> None:
        """Learns the strengths, starting from the current ones."""
        places = {name: place for place, name in enumerate(self.strengths)}
        groups = np.array([places[name] for name in self.shapes.groups])
        learned = learn_strengths(
            in_blocks(self.X, self.y, beat=beat),
            groups,
            start=self.recipe.weights,
            strengths=np.array(list(self.strengths.values())),
            most_rounds=most_rounds,
        )
        self.strengths = dict(zip(self.strengths, learned.strengths.tolist(), strict=True))
        self.recipe = replace(self.recipe, penalties=learned.strengths[groups], weights=learned.weights)

    def add_pairs(self, steps: Mapping[str, Steps], *, most: int) -> bool:
        """Adds the clearest pairs in the residuals of the model; False if there is none."""
        probabilities, known = expit(self.recipe.weights.log_odds(self.X)), self.recipe.pairs
        found = screen_pairs(
            steps, self.y - probabilities, probabilities * (1 - probabilities), most=most, known=known
        )
        for pair in found:
            group, columns = f"pair {pair.first} {pair.second}", pair_columns(steps[pair.first], steps[pair.second])
            self.shapes = self.shapes.with_pair(columns, group)
            self.strengths[group] = _FIRST_PAIR_STRENGTH
            self.X = np.hstack([self.X, fill_matrix(self.customers, self.contract, columns)])
        recipe, added = self.recipe, self.X.shape[1] - len(self.recipe.columns)
        self.recipe = replace(
            recipe,
            columns=self.shapes.columns,
            centres=np.append(recipe.centres, np.zeros(added)),
            scales=np.append(recipe.scales, np.ones(added)),
            weights=recipe.weights._replace(columns=np.append(recipe.weights.columns, np.zeros(added))),
            pairs=(*known, *found),
        )
        return bool(found)


def _measure_spread(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the standard deviation of each column, even if the squares of its numbers overflow a double."""
    units = np.ldexp(1.0, np.frexp(np.abs(X).max(axis=0))[1] - 1)  # powers of 2: dividing by them rounds nothing
    scaled = np.asfortranarray(X / units)
    return scaled.mean(axis=0) * units, scaled.std(axis=0) * units


def fit_weights(
    recipe: Recipe, customers: pd.DataFrame, y: np.ndarray, contract: Contract, *, C: float, beat: Beat = _stay_silent
) -> Weights:
    """The optimal weights for these rows, in the columns' own units; `C` divides every learned strength.

    The matrix of many rows is filled in blocks, so that it is never in memory as a whole. Raises ArithmeticError if
    the optimum is not reached.
    """
    if len(y) <= MOST_ROWS:
        blocks = in_blocks(recipe.fill(customers, contract), y, beat=beat)
    else:

        def blocks() -> Iterator[tuple[np.ndarray, np.ndarray]]:
            start = 0
            for X in fill_blocks(customers, contract, recipe.columns):
                beat()
                yield recipe.scale(X), y[start : start + len(X)]
                start += len(X)

    weights = find_optimum(blocks, recipe.penalties / C, start=recipe.weights)
    columns = weights.columns / recipe.scales
    return Weights(columns, weights.intercept - float(columns @ recipe.centres))


def make_model(recipe: Recipe, weights: Weights, *, C: float) -> tuple[DictVectorizer, LogisticRegression]:
    """The pair for a model file: scikit-learn's own objects, with these weights."""
    dv = number_columns([name_column(column) for column in recipe.columns])
    ordered = np.empty(len(recipe.columns))
    ordered[[dv.vocabulary_[name_column(column)] for column in recipe.columns]] = weights.columns
    return dv, make_classifier(Optimum(ordered, weights.intercept, 1), C=C)
