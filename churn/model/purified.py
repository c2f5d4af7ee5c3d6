"""Purified interactions: the part that two fields add only together, separated from each field's own part.

Reasons, the page and the report show interactions in this form. Owns the arithmetic; `explaining` makes the reasons.
"""

import math
from collections.abc import Callable, Sequence
from operator import mul
from typing import NamedTuple

from churn.model.addition import add_up
from churn.model.interactions import Interaction

Rows = Sequence[Sequence[float]]
_EXACT = 1e-32  # the squared residual, relative to the first one, at which the solver stops
_TOO_LARGE = "the weights of two fields are too large to be separated"


class Purified(NamedTuple):
    """A purified table of two fields: a cell is mean + first[row] + second[column] + log_odds[row][column].

    `mean` is the mean over the training customers. `first` and `second` are the fields' own parts: the log-odds of a
    value whatever the other field's value is, 0 on average. `log_odds` is the joint part, which the fields add only
    together: its mean in each row and in each column, over the training customers, is 0.
    """

    mean: float
    first: tuple[float, ...]
    second: tuple[float, ...]
    log_odds: tuple[tuple[float, ...], ...]


def keep_whole(interaction: Interaction) -> Purified:
    """The table unchanged, all of it as joint part: for a model whose training customers are not known."""
    return Purified(0.0, (0.0,) * interaction.first.size, (0.0,) * interaction.second.size, interaction.log_odds)


def purify(interaction: Interaction, shares: Rows) -> Purified:
    """The purified table; `shares` has the share of the training customers in each of its cells.

    The method is that of Lengerich et al. (2020), "Purifying Interaction Effects with the Functional ANOVA": each row
    and each column has a number, such that the sums of the two are nearest to the table in least squares over the
    customers; these numbers are subtracted from the table. For a value that no training customer had, the other field
    is taken to be distributed as in the whole table.

    Raises ValueError where the numbers of the table are too large.
    """
    first_shares, second_shares = list(map(math.fsum, shares)), list(map(math.fsum, zip(*shares, strict=True)))
    mean = add_up(map(_dot, interaction.log_odds, shares))
    rest = [[cell - mean for cell in row] for row in interaction.log_odds]
    first, second = _fit_sums(rest, shares, first_shares, second_shares)
    for row, share in enumerate(first_shares):
        if share == 0:
            first[row] = _dot(rest[row], second_shares)
    for column, share in enumerate(second_shares):
        if share == 0:
            second[column] = _dot([row[column] for row in rest], first_shares)
    together = tuple(
        tuple(cell - own - other for cell, other in zip(row, second, strict=True))
        for row, own in zip(rest, first, strict=True)
    )
    if not all(map(math.isfinite, (mean, *first, *second, *(cell for row in together for cell in row)))):
        raise ValueError(_TOO_LARGE)
    return Purified(mean, tuple(first), tuple(second), together)


def _fit_sums(
    rest: Rows, shares: Rows, first_shares: Sequence[float], second_shares: Sequence[float]
) -> tuple[list[float], list[float]]:
    """A number for each row and for each column, whose sums are nearest to the table; 0 for one without customers.

    The equations are solved in units of 1 / sqrt(share), in which the normal equations have 1 on their diagonal.
    """
    firsts, seconds = list(map(math.sqrt, first_shares)), list(map(math.sqrt, second_shares))
    links = [
        [share / own / other if share else 0.0 for share, other in zip(row, seconds, strict=True)]
        for row, own in zip(shares, firsts, strict=True)
    ]
    columns = list(zip(*links, strict=True))

    def multiply(vector: Sequence[float]) -> list[float]:
        first, second = vector[: len(firsts)], vector[len(firsts) :]
        return [
            *(own + _dot(row, second) for own, row in zip(first, links, strict=True)),
            *(own + _dot(column, first) for own, column in zip(second, columns, strict=True)),
        ]

    sums = [*map(_dot, rest, shares), *map(_dot, zip(*rest, strict=True), zip(*shares, strict=True))]
    roots = [root or 1.0 for root in (*firsts, *seconds)]
    rounds = 4 * min(len(firsts), len(seconds)) + 10  # half of them suffice in exact arithmetic
    scaled = _solve(multiply, [total / root for total, root in zip(sums, roots, strict=True)], rounds)
    numbers = [number / root for number, root in zip(scaled, roots, strict=True)]
    first, second = numbers[: len(firsts)], numbers[len(firsts) :]
    return _centre(first, first_shares), _centre(second, second_shares)


def _centre(numbers: Sequence[float], shares: Sequence[float]) -> list[float]:
    """The numbers shifted to a mean of 0, which they miss by rounding errors only."""
    mean = _dot(numbers, shares)
    return [number - mean for number in numbers]


def _solve(multiply: Callable[[Sequence[float]], list[float]], right: list[float], rounds: int) -> list[float]:
    """The solution of smallest norm of a linear system, by conjugate gradients (Hestenes and Stiefel, 1952).

    If one field's value determines the other's there are many solutions, and the one of smallest norm treats both
    fields alike. Subtracting the means of rows and of columns in turn would take thousands of rounds where two fields
    are nearly the same.
    """
    solution, residual, direction = [0.0] * len(right), right, right
    size = enough = _dot(right, right)
    if not math.isfinite(size):
        raise ValueError(_TOO_LARGE)
    for _ in range(rounds):
        image = multiply(direction)
        bend = _dot(direction, image)
        if not size > enough * _EXACT or not bend > 0:
            break
        step = size / bend
        solution = [number + step * change for number, change in zip(solution, direction, strict=True)]
        residual = [number - step * change for number, change in zip(residual, image, strict=True)]
        before, size = size, _dot(residual, residual)
        direction = [number + size / before * change for number, change in zip(residual, direction, strict=True)]
    return solution


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return add_up(map(mul, left, right))
