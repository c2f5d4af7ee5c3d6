"""Chooses how complex a model is: plain or scaled columns, shapes, or shapes and pairs, by the log loss on folds.

Owns the comparison of the rungs, and the recipe of the rung that the rule in `ladder` selects.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from churn.errors import FitError, TableError
from churn.model.contract import Contract
from churn.training.fit import build_matrix, fit_model, fit_vectorizer
from churn.training.ladder import Ladder, bound_losses, compare_rungs
from churn.training.matrix import fill_matrix
from churn.training.pulse import Pulse
from churn.training.rungs import Beat, Recipe, Rung, fit_weights, learn_recipe, learn_recipes, sample_rows
from churn.training.shapes import learn_shapes
from churn.training.size import is_room_for_shapes
from churn.training.split import Fold, chain_folds
from churn.training.table import Table

Progress = Callable[[str], None]
"""Receives each line about a step as soon as it is known."""

INNER_FOLDS = 4
FEWEST_ROWS, FEWEST_OF_CLASS = 200, 10
"""With fewer rows to train on, or fewer of one class, only plain columns are tried."""

_SEED = 1


class Choice(NamedTuple):
    """The result of the comparison, and the recipe of its rung; None for plain columns."""

    ladder: Ladder
    recipe: Recipe | None = None


def choose_rung(table: Table, rows: np.ndarray, contract: Contract, *, C: float, progress: Progress) -> Ladder:
    """The rung for a model of these rows, with the comparison that selects it.

    `rows` are positions in the table, in the order of time where it has times; `contract` must accept them all. Each
    rung is learned again in each inner fold, only from the rows that the fold fits on. Copies of a row are held out
    together with it, since a model that remembers one of them knows the others. In the order of time that is not
    possible; there the later copies do not count.
    """
    rows = rows[sample_rows(table.y[rows])]
    customers, y = table.customers.iloc[rows], table.y[rows]
    if reason := _find_obstacle(customers, y, contract):
        return Ladder(Rung.NONE, rows=len(y), reason=reason)
    alike = number_copies(customers)
    copies = int((np.bincount(alike)[alike] > 1).sum())
    try:
        folds = draw_folds(y, alike) if table.times is None else chain_folds(table, rows, INNER_FOLDS)
    except TableError:
        reason = f"too few different times for {INNER_FOLDS} inner folds in their order"
        return Ladder(Rung.NONE, rows=len(y), reason=reason)
    if any(len(np.unique(y[part])) < 2 for fold in folds for part in fold):
        return Ladder(Rung.NONE, rows=len(y), copies=copies, reason="an inner fold would have one class only")
    losses, pulse = {rung: np.full(len(y), np.nan) for rung in Rung}, Pulse(progress)
    for number, fold in enumerate(folds, start=1):
        beat = partial(pulse.beat, f"comparing recipes, part {number} of {len(folds)}")
        counts = ~np.isin(alike[fold.held_out], alike[fold.fitted_on])
        for rung, of_rows in _measure_rungs(customers, y, contract, fold, C=C, beat=beat).items():
            losses[rung][fold.held_out[counts]] = of_rows[counts]
    return compare_rungs(losses, alike, copies=copies)


def choose_recipe(
    table: Table, rows: np.ndarray, contract: Contract, *, rung: Rung | None, C: float, progress: Progress
) -> Choice:
    """The recipe for a model of these rows, with the comparison that selects it; `rung`, if given, overrules that.

    Other arguments as for choose_rung. Raises FitError or TableError where the requested rung is not possible.
    """
    if rung:
        return Choice(Ladder(rung), _learn(table, rows, contract, rung=rung, C=C, progress=progress))
    ladder = choose_rung(table, rows, contract, C=C, progress=progress)
    while ladder.rung is not Rung.NONE:
        try:
            return Choice(ladder, _learn(table, rows, contract, rung=ladder.rung, C=C, progress=progress))
        except FitError:
            ladder = ladder.fail()
    return Choice(ladder)


def _learn(
    table: Table, rows: np.ndarray, contract: Contract, *, rung: Rung, C: float, progress: Progress
) -> Recipe | None:
    """The recipe of the rung, None for plain columns. Raises FitError and TableError as choose_recipe does."""
    if rung is Rung.NONE:
        return None
    beat = partial(Pulse(progress).beat, "learning the shapes")
    try:
        recipe = learn_recipe(rung, table.customers.iloc[rows], table.y[rows], contract, beat=beat)
    except ArithmeticError:
        raise FitError(C, "--shapes none fits plain columns") from None
    if recipe is None:
        raise TableError(table.path, f"makes too many columns for --shapes {rung}; --drop leaves a field out")
    return recipe


def number_copies(customers: pd.DataFrame) -> np.ndarray:
    """A number for each row, from 0: int64. Rows that are equal in every field have the same number."""
    hashed = pd.util.hash_pandas_object(customers, index=False).to_numpy()
    numbers: np.ndarray = np.unique(hashed, return_inverse=True)[1]
    return numbers


def draw_folds(y: np.ndarray, alike: np.ndarray) -> list[Fold]:
    """INNER_FOLDS folds that hold out each row once, together with all rows that have its number in `alike`.

    The largest sets of copies are assigned first, each to the fold with the fewest rows in sets of the same majority
    label, so that the folds have about the same size and churn rate. Sets of one size come in a seeded random order.
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


def _find_obstacle(customers: pd.DataFrame, y: np.ndarray, contract: Contract) -> str:
    """The reason why only plain columns are tried; "" where all rungs are tried."""
    rarer = int(np.bincount(y, minlength=2).min())
    if len(y) < FEWEST_ROWS or rarer < FEWEST_OF_CLASS:
        return f"{len(y):,} rows to train on, {rarer:,} of them of the rarer class, are too few"
    if learn_shapes(customers, contract) is None:
        return "they would make too many columns"
    return "" if is_room_for_shapes(contract, rows=len(y)) else "they would take more memory than is free"


def _measure_rungs(
    customers: pd.DataFrame, y: np.ndarray, contract: Contract, fold: Fold, *, C: float, beat: Beat
) -> dict[Rung, np.ndarray]:
    """The log loss of each held-out row, at most MOST_LOSS, for each rung before the first one whose fit fails.

    Without numbers there are no shapes, and scaled columns count for them. Without pairs, shapes count for them.
    """
    fitted_on, held_out = (customers.iloc[part] for part in fold)
    y_fitted, y_held_out = (y[part] for part in fold)
    losses: dict[Rung, np.ndarray] = {}
    with suppress(FitError, ArithmeticError):
        dv = fit_vectorizer(contract, logarithms=True)
        model = fit_model(build_matrix(fitted_on, contract, dv), y_fitted, C=C)
        odds = model.decision_function(build_matrix(held_out, contract, dv))
        losses[Rung.NONE] = bound_losses(odds, y_held_out)
        for recipe in learn_recipes(fitted_on, y_fitted, contract, beat=beat):
            weights = fit_weights(recipe, fitted_on, y_fitted, contract, C=C, beat=beat)
            odds = weights.log_odds(fill_matrix(held_out, contract, recipe.columns))
            losses[recipe.rung] = bound_losses(odds, y_held_out)
            if recipe.rung is Rung.SCALED and not contract.numbers:
                losses[Rung.SHAPES] = losses[Rung.SCALED]
        if Rung.SHAPES in losses:
            losses.setdefault(Rung.PAIRS, losses[Rung.SHAPES])
    return losses
