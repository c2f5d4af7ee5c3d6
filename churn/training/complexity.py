"""How complex a model its rows bear: plain or scaled columns, shapes, or shapes and pairs, by the log loss on folds.

Owns the choice of the rung. A step up has to be ahead by more than chance makes likely; else the simpler one stays.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from churn.errors import FitError, TableError
from churn.model.contract import Contract
from churn.training.fit import build_matrix, fit_model, fit_vectorizer
from churn.training.matrix import fill_matrix
from churn.training.pulse import Pulse
from churn.training.rungs import Beat, Recipe, Rung, fit_weights, learn_recipe, learn_recipes, sample_rows
from churn.training.shapes import learn_shapes
from churn.training.size import is_room_for_shapes
from churn.training.smoothness import log_losses
from churn.training.split import Fold, chain_folds
from churn.training.table import Table

Progress = Callable[[str], None]
"""Takes a line about a step, as soon as the line is known."""

INNER_FOLDS = 4
CLEARLY = 3.0
"""A rung is ahead whose mean log loss is lower by more than so many standard errors."""
FEWEST_ROWS, FEWEST_OF_CLASS = 200, 10
"""With fewer to train on, or of a class, nothing but plain columns is tried."""

_NO_OPTIMUM = "a fit with them does not reach its optimum"
_SEED = 1


class Lead(NamedTuple):
    """How much lower a rung's mean log loss is than that of the best simpler one, and the standard error of that."""

    gain: float
    error: float

    @property
    def is_clear(self) -> bool:
        """True where chance alone hardly makes it."""
        return self.gain > CLEARLY * self.error


@dataclass(frozen=True)
class Ladder:
    """What the comparison of the rungs found.

    `losses` is the mean log loss, nats, of each rung that was compared, on the same held out rows, and `leads` how
    far each but the first is ahead. Of `rows` in all, `copies` have in every field what another one has. `reason`
    says why no rung above the first was compared; "" where one was, or where nobody asked.
    """

    rung: Rung
    losses: Mapping[Rung, float] = field(default_factory=dict)
    leads: Mapping[Rung, Lead] = field(default_factory=dict)
    rows: int = 0
    copies: int = 0
    reason: str = ""


class Choice(NamedTuple):
    """What the comparison found, and the recipe of its rung; None for plain columns."""

    ladder: Ladder
    recipe: Recipe | None = None


def choose_rung(table: Table, rows: np.ndarray, contract: Contract, *, C: float, progress: Progress) -> Ladder:
    """The rung that a model of these rows should be of, and what says so.

    `rows` are positions in the table, in the order of time where it has times, and `contract` takes them all. What a
    rung learns, it learns anew in each inner fold from the rows that the fold fits on. Copies of a row are held out
    with it, as a model that remembers one knows the others; in the order of time, where they can't be, the later ones
    do not count.
    """
    rows = rows[sample_rows(table.y[rows])]
    customers, y = table.customers.iloc[rows], table.y[rows]
    if reason := _find_obstacle(customers, y, contract):
        return Ladder(Rung.NONE, rows=len(y), reason=reason)
    alike = number_copies(customers)
    copies = int((np.bincount(alike)[alike] > 1).sum())
    try:
        folds = draw_folds(y, alike) if table.times is None else chain_folds(table, rows, INNER_FOLDS)
    except TableError as error:
        return Ladder(Rung.NONE, rows=len(y), copies=copies, reason=error.reason)
    if any(len(np.unique(y[part])) < 2 for fold in folds for part in fold):
        return Ladder(Rung.NONE, rows=len(y), copies=copies, reason="an inner fold would have one class only")
    losses, pulse = {rung: np.full(len(y), np.nan) for rung in Rung}, Pulse(progress)
    for number, fold in enumerate(folds, start=1):
        beat = partial(pulse.beat, f"comparing recipes, part {number} of {len(folds)}")
        counts = ~np.isin(alike[fold.held_out], alike[fold.fitted_on])
        for rung, of_rows in _measure_rungs(customers, y, contract, fold, C=C, beat=beat).items():
            losses[rung][fold.held_out[counts]] = of_rows[counts]
    return _climb(losses, alike, copies)


def choose_recipe(
    table: Table, rows: np.ndarray, contract: Contract, *, rung: Rung | None, C: float, progress: Progress
) -> Choice:
    """The recipe that a model of these rows should have, and what says so; `rung` overrules, where there is one.

    Other arguments as for choose_rung. Raises FitError, or TableError, where the rung that is asked for can't be had.
    """
    ladder = Ladder(rung) if rung else choose_rung(table, rows, contract, C=C, progress=progress)
    if ladder.rung is Rung.NONE:
        return Choice(ladder)
    pulse = Pulse(progress)
    beat = partial(pulse.beat, "learning the shapes")
    try:
        recipe = learn_recipe(ladder.rung, table.customers.iloc[rows], table.y[rows], contract, beat=beat)
    except ArithmeticError:
        if rung:
            raise FitError(C, "--shapes none fits plain columns") from None
        return Choice(replace(ladder, rung=Rung.NONE, reason=_NO_OPTIMUM))
    if recipe is None:
        raise TableError(table.path, f"makes too many columns for --shapes {rung}; --drop leaves a field out")
    return Choice(ladder, recipe)


def number_copies(customers: pd.DataFrame) -> np.ndarray:
    """A number for each row, from 0, that it shares with the rows that are alike in every field: int64."""
    hashed = pd.util.hash_pandas_object(customers, index=False).to_numpy()
    numbers: np.ndarray = np.unique(hashed, return_inverse=True)[1]
    return numbers


def draw_folds(y: np.ndarray, alike: np.ndarray) -> list[Fold]:
    """INNER_FOLDS folds that hold out each row once, with all that have its number in `alike`.

    The largest sets of copies are dealt first, each to the fold that has the fewest rows of its commoner label, so
    that the folds have about the same size and churn rate. Equal ones come in an order drawn by a seed.
    """
    sizes, left = np.bincount(alike), np.bincount(alike, y)
    labels = (2 * left > sizes).astype(int)
    order = np.random.default_rng(_SEED).permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    filled = np.zeros((2, INNER_FOLDS), dtype=int)
    parts = np.empty(len(sizes), dtype=int)
    for number in order.tolist():
        parts[number] = filled[labels[number]].argmin()
        filled[labels[number], parts[number]] += sizes[number]
    of_rows = parts[alike]
    return [Fold(np.flatnonzero(of_rows != part), np.flatnonzero(of_rows == part)) for part in range(INNER_FOLDS)]


def find_lead(simple: np.ndarray, other: np.ndarray, alike: np.ndarray) -> Lead:
    """How far the rows' log losses in `other` are below those in `simple`, on average.

    The standard error is that of a mean over clusters, the rows that have one number in `alike`: copies say the same
    again, and nothing more.
    """
    differences = simple - other
    gain = float(differences.mean())
    of_clusters = np.bincount(alike, differences - gain)
    clusters = len(np.unique(alike))
    return Lead(gain, float(np.sqrt((of_clusters**2).sum() * clusters / max(clusters - 1, 1)) / len(simple)))


def _find_obstacle(customers: pd.DataFrame, y: np.ndarray, contract: Contract) -> str:
    """Why nothing but plain columns is tried, "" where all rungs are."""
    rarer = int(np.bincount(y, minlength=2).min())
    if len(y) < FEWEST_ROWS or rarer < FEWEST_OF_CLASS:
        return f"{len(y):,} rows to train on, {rarer:,} of them of the rarer class, are too few"
    if learn_shapes(customers, contract) is None:
        return "they would make too many columns"
    return "" if is_room_for_shapes(contract, rows=len(y)) else "they would take more memory than is free"


def _measure_rungs(
    customers: pd.DataFrame, y: np.ndarray, contract: Contract, fold: Fold, *, C: float, beat: Beat
) -> dict[Rung, np.ndarray]:
    """The log loss of each held out row by each rung whose fits reach their optimum."""
    fitted_on, held_out = (customers.iloc[part] for part in fold)
    y_fitted, y_held_out = (y[part] for part in fold)
    losses: dict[Rung, np.ndarray] = {}
    try:
        dv = fit_vectorizer(contract, logarithms=True)
        model = fit_model(build_matrix(fitted_on, contract, dv), y_fitted, C=C)
        odds = model.decision_function(build_matrix(held_out, contract, dv))
        losses[Rung.NONE] = log_losses(odds, y_held_out)
        for recipe in learn_recipes(fitted_on, y_fitted, contract, beat=beat):
            weights = fit_weights(recipe, fitted_on, y_fitted, contract, C=C, beat=beat)
            odds = weights.log_odds(fill_matrix(held_out, contract, recipe.columns))
            losses[recipe.rung] = log_losses(odds, y_held_out)
    except (FitError, ArithmeticError):
        return losses
    simpler = losses[Rung.SCALED]  # what a table without numbers has in place of shapes
    return {Rung.SHAPES: simpler, Rung.PAIRS: losses.get(Rung.SHAPES, simpler)} | losses  # where no pair is found


def _climb(losses: Mapping[Rung, np.ndarray], alike: np.ndarray, copies: int) -> Ladder:
    """The ladder from each row's log loss by each rung, NaN where it is not measured."""
    counts = ~np.isnan(losses[Rung.NONE])
    known = {rung: of_rows[counts] for rung, of_rows in losses.items() if not np.isnan(of_rows[counts]).any()}
    chosen, leads = Rung.NONE, {}
    if not counts.any() or Rung.SHAPES not in known:
        return Ladder(chosen, rows=len(alike), copies=copies, reason=_NO_OPTIMUM)
    for rung in list(known)[1:]:
        leads[rung] = find_lead(known[chosen], known[rung], alike[counts])
        chosen = rung if leads[rung].is_clear else chosen
    means = {rung: float(of_rows.mean()) for rung, of_rows in known.items()}
    return Ladder(chosen, means, leads, rows=len(alike), copies=copies)
