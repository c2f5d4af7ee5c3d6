"""Fits a logistic regression on a sparse matrix to its optimum, for more columns than a dense matrix can have.

Owns the matrix and the method: Newton steps whose equations are solved by conjugate gradients, so that no matrix of
columns by columns is ever made. Numbers are not scaled: scaling would change the meaning of the L2 penalty.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

Matrix = np.ndarray | csr_array
"""A row for each customer and a column for each weight, dense or sparse: float64, shape (n_rows, n_columns)."""
Entries = tuple[np.ndarray | int, np.ndarray | float]
"""One entry for each row of a matrix: its column and its value. Each is a scalar for all rows or has shape (n_rows,).
"""

_MOST_STEPS = 100
_MOST_INNER_STEPS = 20_000
_MOST_DENSE = 2_000  # columns that count as dense
_MANY = 0.2  # of the rows: a column that is not 0 in more of them counts as dense
_TOLERANCE = 1e-10  # of the weights, in their own units if C is 1


class Optimum(NamedTuple):
    """The weights, float64 of shape (n_columns,), the intercept, and the number of Newton steps."""

    weights: np.ndarray
    intercept: float
    steps: int


def stack_entries(entries: list[Entries], shape: tuple[int, int]) -> csr_array:
    """The sparse matrix with these entries in each row; no two entries of a row may be in one column."""
    rows, width = shape[0], len(entries)
    columns = np.empty((rows, width), dtype=np.int32 if rows * width < 2**31 else np.int64)
    values = np.empty((rows, width))
    for place, (of_rows, numbers) in enumerate(entries):
        columns[:, place], values[:, place] = of_rows, numbers
    ends = np.arange(0, rows * width + 1, width, dtype=columns.dtype)
    X = csr_array((values.ravel(), columns.ravel(), ends), shape=shape)
    X.sort_indices()
    return X


def fit_sparse(X: csr_array, y: np.ndarray, *, C: float) -> LogisticRegression:
    """scikit-learn's model with the optimal parameters. Raises FloatingPointError as find_optimum does."""
    return make_classifier(find_optimum(X, y, C=C), C=C)


def make_classifier(optimum: Optimum, *, C: float) -> LogisticRegression:
    """scikit-learn's model of the classes 0 and 1, as if scikit-learn itself had found this optimum."""
    model = LogisticRegression(C=C, solver="newton-cg", tol=_TOLERANCE, max_iter=_MOST_STEPS)
    model.classes_ = np.array([0, 1], dtype=np.int64)
    model.coef_, model.intercept_ = optimum.weights[None], np.array([optimum.intercept])
    model.n_features_in_, model.n_iter_ = len(optimum.weights), np.array([optimum.steps], dtype=np.int32)
    return model


def find_optimum(X: csr_array, y: np.ndarray, *, C: float) -> Optimum:
    """The weights that minimise the log loss plus the squared weights / (2 C); the intercept is free.

    `X` has shape (n_rows, n_columns), `y` is 0/1 with both classes. Raises FloatingPointError when the optimum is not
    reached.
    """
    problem = _Problem(X, y, C)
    theta = np.zeros(X.shape[1] + 1)
    rate = y.mean()
    theta[-1] = np.log(rate / (1 - rate))
    loss = problem.loss(theta)
    decrement = np.inf
    for steps in range(1, _MOST_STEPS + 1):
        gradient, curvature = problem.gradient(theta)
        solve = problem.preconditioner(curvature)
        before, decrement = decrement, float(np.sqrt(max(gradient @ solve(gradient), 0.0)))
        if not np.isfinite(decrement):
            break
        if decrement < _TOLERANCE * np.sqrt(1 / C) or (decrement < 1e-8 and decrement > before / 2):
            weights = theta[:-1]
            return Optimum(weights, float(theta[-1] - problem.means @ weights), steps)
        tolerance = min(0.1, decrement)  # increasingly exact, so that convergence stays quadratic
        direction = _conjugate_gradients(problem.hessian(curvature), -gradient, solve, tolerance=tolerance)
        theta, loss = problem.step(theta, direction, loss, gradient)
    raise FloatingPointError(f"the optimum is not reached in {_MOST_STEPS} steps")


class _Problem:
    """The function to minimise over theta: the weights of the columns less their means, then the intercept."""

    def __init__(self, X: csr_array, y: np.ndarray, C: float) -> None:
        self.X, self.transposed, self.y, self.C = X, X.T.tocsr(), y, C
        self.squares = self.transposed.multiply(self.transposed).tocsr()
        self.means = np.asarray(X.mean(axis=0)).ravel()
        filled = np.diff(self.transposed.indptr)
        self.dense = np.flatnonzero(filled > _MANY * X.shape[0])
        if len(self.dense) > _MOST_DENSE:
            self.dense = np.empty(0, dtype=np.int64)
        block = X[:, self.dense].toarray() - self.means[self.dense]
        self.block = np.column_stack([block, np.ones(len(y))])
        self.in_block = np.append(self.dense, X.shape[1])

    def log_odds(self, theta: np.ndarray) -> np.ndarray:
        odds: np.ndarray = self.X @ theta[:-1] + (theta[-1] - self.means @ theta[:-1])
        return odds

    def across(self, of_rows: np.ndarray) -> np.ndarray:
        """The product of the centred columns, and a column of ones, with a value for each row."""
        total = of_rows.sum()
        return np.append(self.transposed @ of_rows - self.means * total, total)

    def loss(self, theta: np.ndarray) -> float:
        odds = self.log_odds(theta)
        return float((np.logaddexp(0, odds) - self.y * odds).sum() + theta[:-1] @ theta[:-1] / (2 * self.C))

    def gradient(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The gradient, and the curvature of each row's loss."""
        probabilities = expit(self.log_odds(theta))
        gradient = self.across(probabilities - self.y)
        gradient[:-1] += theta[:-1] / self.C
        return gradient, probabilities * (1 - probabilities)

    def hessian(self, curvature: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """A function that multiplies a vector by the matrix of second derivatives."""

        def multiply(vector: np.ndarray) -> np.ndarray:
            product = self.across(curvature * self.log_odds(vector))
            product[:-1] += vector[:-1] / self.C
            return product

        return multiply

    def preconditioner(self, curvature: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """A function that approximately solves the Hessian: exactly for the block of dense columns, by the diagonal
        for the others.
        """
        total = curvature.sum()
        sums = self.transposed @ curvature
        diagonal = self.squares @ curvature - 2 * self.means * sums + self.means**2 * total + 1 / self.C
        block = self.block.T @ (curvature[:, None] * self.block)
        block[np.diag_indices(len(self.dense))] += 1 / self.C
        factor = cho_factor(block)

        def solve(vector: np.ndarray) -> np.ndarray:
            solved = np.append(vector[:-1] / diagonal, 0.0)
            solved[self.in_block] = cho_solve(factor, vector[self.in_block])
            return solved

        return solve

    def step(
        self, theta: np.ndarray, direction: np.ndarray, loss: float, gradient: np.ndarray
    ) -> tuple[np.ndarray, float]:
        """The point after a step, and the loss there. The step is halved until the loss falls."""
        slope, length = float(gradient @ direction), 1.0
        while length > 1e-10:
            there = theta + length * direction
            lower = self.loss(there)
            if lower <= loss + 1e-4 * length * slope + 1e-12 * abs(loss):  # a smaller difference is rounding
                return there, lower
            length /= 2
        raise FloatingPointError("no step lowers the loss")


def _conjugate_gradients(
    multiply: Callable[[np.ndarray], np.ndarray],
    wanted: np.ndarray,
    solve: Callable[[np.ndarray], np.ndarray],
    *,
    tolerance: float,
) -> np.ndarray:
    """The vector whose product is about `wanted`: the residual, in the preconditioner's norm, is at most `tolerance`
    of it.
    """
    found, rest = np.zeros_like(wanted), wanted.copy()
    solved = solve(rest)
    direction, size = solved.copy(), float(rest @ solved)
    enough = tolerance**2 * size
    for _ in range(_MOST_INNER_STEPS):
        product = multiply(direction)
        length = size / float(direction @ product)
        found += length * direction
        rest -= length * product
        solved = solve(rest)
        size, before = float(rest @ solved), size
        if size <= enough:
            break
        direction = solved + (size / before) * direction
    return found
