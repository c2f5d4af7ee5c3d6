"""The models that a training fits by the chosen recipe: one for each fold, and the final one.

Owns the rule that each fold repeats the whole choice on the rows that it fits on: the figures of a recipe chosen on
all rows would be too good. `complexity` chooses the rung; `rungs` and `fit` fit it.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from churn.errors import FitError
from churn.model.columns import IsBlank
from churn.model.contract import Contract
from churn.model.fields import Blank, Field, Number
from churn.training.blame import explain_failure
from churn.training.cells import Shares, share_cells
from churn.training.complexity import Choice, Progress
from churn.training.evaluation import evaluate
from churn.training.fit import (
    average_customer,
    build_matrix,
    cross_validate,
    fit_model,
    fit_vectorizer,
    make_scorer,
    predict_churn,
)
from churn.training.matrix import average_columns
from churn.training.pulse import Pulse
from churn.training.rungs import Recipe, describe_recipe, fit_weights, make_model
from churn.training.split import Fold, Split


class Fitted(NamedTuple):
    """The final model: `average` is the mean of each of its columns over the rows that it was fitted on, by name.

    `shares` has the share of these rows in each cell of each of its pairs of fields, in the order of make_scorer.
    """

    contract: Contract
    dv: DictVectorizer
    model: LogisticRegression
    average: dict[str, float]
    shares: tuple[Shares, ...] = ()


class Models(Protocol):
    """The models of one recipe, for every inverse penalty C. All raise FitError for a fit without an optimum."""

    def cross_validate(self, C: float) -> Iterator[dict[str, float]]:
        """The figures of evaluate on the rows that each fold holds out, one fold at a time."""

    def fit(self, C: float) -> Fitted:
        """The final model."""


class PlainModels:
    """Models of plain columns: categories, numbers and, if `logarithms`, logarithms. All share one matrix."""

    def __init__(self, split: Split, contract: Contract, *, logarithms: bool) -> None:
        self.split, self.contract = split, contract
        self.y = split.table.y[split.train]
        self.dv = fit_vectorizer(contract, logarithms=logarithms)
        self.X = build_matrix(split.table.customers.iloc[split.train], contract, self.dv)

    def cross_validate(self, C: float) -> Iterator[dict[str, float]]:
        """See Models; the error names the field that causes the failure."""
        try:
            yield from cross_validate(self.X, self.y, C=C, folds=self.split.folds)
        except FitError as error:
            raise self._explain(error) from None

    def fit(self, C: float) -> Fitted:
        """See Models; the error names the field that causes the failure."""
        try:
            model = fit_model(self.X, self.y, C=C)
        except FitError as error:
            raise self._explain(error) from None
        return Fitted(self.contract, self.dv, model, average_customer(self.X, self.dv))

    def _explain(self, error: FitError) -> FitError:
        if not isinstance(self.X, np.ndarray):  # too many columns to search for the cause
            return error
        return explain_failure(self.X, self.y, self.contract, self.dv, C=error.C)


class ShapedModels:
    """Models of learned shapes: `recipe` is learned from all rows to train on.

    `choose` chooses the recipe for rows, given as positions in the table, and reports its progress.
    """

    def __init__(
        self,
        split: Split,
        contract: Contract,
        recipe: Recipe,
        *,
        choose: Callable[[np.ndarray, Progress], Choice],
        progress: Progress,
    ) -> None:
        self.split, self.contract, self.recipe = split, contract, recipe
        self._choose, self._progress = choose, progress
        self._recipes: dict[int, Recipe | None] = {}

    def cross_validate(self, C: float) -> Iterator[dict[str, float]]:
        """See Models; each fold has the recipe chosen on the rows that it fits on, whatever C is."""
        for number, fold in enumerate(self.split.folds):
            if number not in self._recipes:
                self._recipes[number] = self._choose_for(number, fold)
            fitted_on, held_out = (self.split.train[part] for part in fold)
            table = self.split.table
            dv, model = self._fit(fitted_on, self._recipes[number], C)
            probabilities = predict_churn(table.customers.iloc[held_out], self.contract, dv, model)
            yield evaluate(table.y[held_out], probabilities)

    def fit(self, C: float) -> Fitted:
        """See Models."""
        dv, model = self._fit(self.split.train, self.recipe, C)
        customers = self.split.table.customers.iloc[self.split.train]
        average = average_columns(customers, self.contract, self.recipe.columns)
        contract = weigh_blanks_apart(self.contract, self.recipe)
        shares = share_cells(customers, contract, make_scorer(contract, dv, model).interactions)
        return Fitted(contract, dv, model, average, shares)

    def _choose_for(self, number: int, fold: Fold) -> Recipe | None:
        def progress(line: str) -> None:
            self._progress(f"fold {number}: {line}")

        _, recipe = self._choose(self.split.train[fold.fitted_on], progress)
        progress(describe_recipe(recipe))
        return recipe

    def _fit(self, rows: np.ndarray, recipe: Recipe | None, C: float) -> tuple[DictVectorizer, LogisticRegression]:
        """A model of these rows of the table by this recipe, or of plain columns."""
        customers, y = self.split.table.customers.iloc[rows], self.split.table.y[rows]
        if recipe is None:
            dv = fit_vectorizer(self.contract, logarithms=True)
            return dv, fit_model(build_matrix(customers, self.contract, dv), y, C=C)
        beat = partial(Pulse(self._progress).beat, "fitting all rows")
        try:
            weights = fit_weights(recipe, customers, y, self.contract, C=C, beat=beat)
        except ArithmeticError:
            raise FitError(C, "a smaller C may help, and --shapes none fits plain columns") from None
        return make_model(recipe, weights, C=C)


def weigh_blanks_apart(contract: Contract, recipe: Recipe) -> Contract:
    """The contract with a separate weight for the blank of each number that has a column for its blanks."""
    apart = {column.field for column in recipe.columns if isinstance(column, IsBlank)}
    fields = (_weigh_apart(field) if field.name in apart else field for field in contract.fields)
    return Contract(tuple(fields), contract.groups)


def _weigh_apart(field: Field) -> Field:
    if not isinstance(field, Number) or not field.blank:
        return field
    ranges = (field.minimum, field.maximum, field.non_negative)
    blank = Blank(field.blank.value, apart=True)
    return Number(field.name, *ranges, blank, field.marks, field.missing, field.lowest, field.highest)
