"""Fits a logistic regression with one strength of penalty for each group of columns, learned from the rows.

Owns the arithmetic on a matrix: the optimum for given strengths, and the strengths. Knows no fields.

The strengths are chosen by empirical Bayes. The weights of a group are modelled as draws from a normal distribution
with one variance; the strength is 1 / variance, set to its most likely value. There, a group's strength equals its
effective number of columns divided by the sum of its squared weights. The same formula is the step of the iteration:
R. Fellner, "Robust estimation of variance components" (Technometrics 28, 1986); R. Schall, "Estimation in generalized
linear models with random effects" (Biometrika 78, 1991); S. Wood and M. Fasiolo, "A generalized Fellner-Schall method
for smoothing parameter optimization" (Biometrics 73, 2017), which proves that the likelihood grows with each step.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import dpotri
from scipy.special import expit

Blocks = Callable[[], Iterator[tuple[np.ndarray, np.ndarray]]]
"""A function that iterates over all rows in blocks: their matrix, (n_rows, n_columns), and their labels, 0 or 1."""

_BLOCK_ROWS = 4_000
_WEAKEST, _STRONGEST = 1e-2, 1e5
_SETTLED = 0.1  # change of a strength's logarithm in a round, below which learning stops
_MOST_STEPS = 60
_TOLERANCE = 1e-10  # of the weights, in units of their standard errors
_ROUNDED = 1e-7  # in the same units: below this, the rest may be only rounding
_SLOW = 4  # a step that shrinks the decrement by less than this factor calls for a new Hessian


class Weights(NamedTuple):
    """The weights of the columns, float64 of shape (n_columns,), and the intercept."""

    columns: np.ndarray
    intercept: float

    def log_odds(self, X: np.ndarray) -> np.ndarray:
        """The log-odds of each row: float64, shape (n_rows,)."""
        odds: np.ndarray = X @ self.columns + self.intercept
        return odds


class Smooth(NamedTuple):
    """Learned strengths, float64 of shape (n_groups,), and weights near the optimum for them."""

    strengths: np.ndarray
    weights: Weights


def in_blocks(X: np.ndarray, y: np.ndarray, *, beat: Callable[[], None] = lambda: None) -> Blocks:
    """The rows of a matrix and their labels, in blocks; `beat` is called before each block."""

    def blocks() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for start in range(0, len(y), _BLOCK_ROWS):
            beat()
            rows = slice(start, start + _BLOCK_ROWS)
            yield X[rows], y[rows]

    return blocks


def start_weights(y: np.ndarray, columns: int) -> Weights:
    """Weights of 0 for this many columns, and the intercept that alone fits the labels best."""
    rate = float(y.mean())
    return Weights(np.zeros(columns), float(np.log(rate / (1 - rate))))


def log_losses(odds: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The log loss of each row, nats, from its log-odds and its label, 0 or 1."""
    losses: np.ndarray = np.logaddexp(0, odds) - y * odds
    return losses


def learn_strengths(
    blocks: Blocks,
    groups: np.ndarray,
    *,
    start: Weights,
    strengths: np.ndarray,
    most_rounds: int,
) -> Smooth:
    """The strength of each group's penalty, 0.01 to 100,000; the penalty is half of it times the squared weights.

    `groups` are the numbers of the columns' groups, from 0, int64 of shape (n_columns,); `strengths` and `start` are
    the starting point. Each round takes one Newton step of the weights and one step of the strengths. Raises
    ArithmeticError if the numbers overflow a double.
    """
    lambdas, weights = strengths, start
    sizes = np.bincount(groups)
    for _ in range(most_rounds):
        problem = _Problem(blocks, lambdas[groups])
        factor = problem.factor(weights)
        weights, _ = problem.descend(weights, factor)
        effective = sizes - lambdas * np.bincount(groups, factor.variances()[:-1], len(sizes))
        squares = np.bincount(groups, weights.columns**2, len(sizes))
        before = lambdas
        lambdas = np.clip(np.maximum(effective, 1e-3) / np.maximum(squares, 1e-9), _WEAKEST, _STRONGEST)
        if np.abs(np.log(lambdas / before)).max() < _SETTLED:
            break
    return Smooth(lambdas, weights)


def find_optimum(blocks: Blocks, penalties: np.ndarray, *, start: Weights) -> Weights:
    """The weights that minimise the log loss of all rows together, plus half the penalties times the squared weights.

    Uses Newton's method. `penalties` are float64 of shape (n_columns,), above 0; the intercept has no penalty. A
    Hessian is used again as long as the steps converge well, since computing it is most of the work for many rows.
    Raises ArithmeticError if the optimum is not reached.
    """
    problem, weights = _Problem(blocks, penalties), start
    factor = problem.factor(weights)
    for _ in range(_MOST_STEPS):
        if factor.decrement < _TOLERANCE:
            return weights
        before, is_exact = factor.decrement, factor.is_exact
        weights, factor = problem.descend(weights, factor)
        if is_exact and before < _ROUNDED and factor.decrement > before / 2:
            return weights
        if factor.decrement > before / _SLOW:
            factor = problem.factor(weights)
    raise FloatingPointError(f"the optimum is not reached in {_MOST_STEPS} steps")


class _Factor(NamedTuple):
    """The factors of a Hessian, and the loss and gradient at a point; together they give the next step.

    `decrement` is the step's size in standard errors; `is_exact` is True if the Hessian was computed at this point.
    """

    factors: np.ndarray
    loss: float
    gradient: np.ndarray
    is_exact: bool

    @property
    def step(self) -> np.ndarray:
        step: np.ndarray = cho_solve((self.factors, True), self.gradient)
        return step

    @property
    def decrement(self) -> float:
        return float(np.sqrt(max(self.gradient @ self.step, 0.0)))

    def variances(self) -> np.ndarray:
        """The diagonal of the inverse Hessian."""
        inverse, _ = dpotri(self.factors, lower=1)
        return np.diag(inverse)


class _Problem:
    """The function to minimise over the weights of the columns and the intercept."""

    def __init__(self, blocks: Blocks, penalties: np.ndarray) -> None:
        self.blocks, self.penalties = blocks, penalties

    def factor(self, weights: Weights) -> _Factor:
        """The factors of the Hessian at these weights."""
        count = len(self.penalties)
        hessian, loss, gradient = np.zeros((count + 1, count + 1)), 0.0, np.zeros(count + 1)
        for X, y in self.blocks():
            odds = weights.log_odds(X)
            probabilities = expit(odds)
            spread = np.sqrt(probabilities * (1 - probabilities))
            spread_X = X * spread[:, None]
            hessian[:-1, :-1] += spread_X.T @ spread_X
            hessian[-1, :-1] += spread_X.T @ spread
            hessian[-1, -1] += spread @ spread
            loss += float(log_losses(odds, y).sum())
            gradient += _slope(X, probabilities - y)
        hessian[np.arange(count), np.arange(count)] += self.penalties
        loss, gradient = self._penalise(weights, loss, gradient)
        try:
            factors, _ = cho_factor(hessian, lower=True, overwrite_a=True)
        except (np.linalg.LinAlgError, ValueError):  # not positive definite; not finite
            raise FloatingPointError("the Hessian has no factors") from None
        return _Factor(factors, loss, gradient, is_exact=True)

    def descend(self, weights: Weights, factor: _Factor) -> tuple[Weights, _Factor]:
        """The weights after a step, halved until the loss falls, and the factor of the next step, by this Hessian."""
        length, step = 1.0, factor.step
        while length > 1e-8:
            moved = length * step
            there = Weights(weights.columns - moved[:-1], weights.intercept - float(moved[-1]))
            loss, gradient = self.look(there)
            if loss <= factor.loss + 1e-12 * abs(factor.loss):  # a smaller difference is rounding
                return there, _Factor(factor.factors, loss, gradient, is_exact=False)
            length /= 2
        raise FloatingPointError("no step lowers the loss")

    def look(self, weights: Weights) -> tuple[float, np.ndarray]:
        """The loss and the gradient at these weights."""
        loss, gradient = 0.0, np.zeros(len(self.penalties) + 1)
        for X, y in self.blocks():
            odds = weights.log_odds(X)
            loss += float(log_losses(odds, y).sum())
            gradient += _slope(X, expit(odds) - y)
        return self._penalise(weights, loss, gradient)

    def _penalise(self, weights: Weights, loss: float, gradient: np.ndarray) -> tuple[float, np.ndarray]:
        penalised = self.penalties * weights.columns
        return loss + float(penalised @ weights.columns) / 2, gradient + np.append(penalised, 0.0)


def _slope(X: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """The gradient of the log loss."""
    return np.append(X.T @ errors, errors.sum())
