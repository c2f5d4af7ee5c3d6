"""What two fields add to the log-odds together, freed of what is each field's alone.

Reasons, the page and the report show it so. Owns how a table is taken apart; what is made of it is explaining's.
"""

import math
from collections.abc import Callable, Sequence
from operator import mul
from typing import NamedTuple

from churn.model.interactions import Interaction

Rows = Sequence[Sequence[float]]
_EXACT = 1e-32  # of the squared means, how much may be left in the fields' sums
_TOO_LARGE = "the weights of two fields are too large to be told apart"


class Purified(NamedTuple):
    """A table of two fields, taken apart: a cell is mean + first[row] + second[column] + log_odds[row][column].

    `mean` is that of the customers of training; `first` and `second` are what a value of the one field adds whatever
    the other's is, 0 on average; `log_odds` is what both add only together: the mean of each row and of each column,
    over the customers of training, is 0.
    """

    mean: float
    first: tuple[float, ...]
    second: tuple[float, ...]
    log_odds: tuple[tuple[float, ...], ...]


def keep_whole(interaction: Interaction) -> Purified:
    """The table as it is, all of it together: for a model whose customers of training are not known."""
    return Purified(0.0, (0.0,) * interaction.first.size, (0.0,) * interaction.second.size, interaction.log_odds)


def purify(interaction: Interaction, shares: Rows) -> Purified:
    """The table taken apart by the share of the customers of training in each of its cells.

    Purification, after Lengerich et al. (2020), "Purifying Interaction Effects with the Functional ANOVA": a number
    for each row and one for each column, whose sums are nearest to the table in least squares over the customers, are
    taken out of it. Beside a value that no customer had, the other field is taken to be as it is in all the table.

    Raises ValueError where the numbers of the table are too large for it.
    """
    first_shares, second_shares = list(map(math.fsum, shares)), list(map(math.fsum, zip(*shares, strict=True)))
    mean = math.fsum(map(_dot, interaction.log_odds, shares))
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
    """A number for each row and one for each column whose sums are nearest to the table; 0 where no customer is.

    Each number is in units of 1 / sqrt(share), in which the normal equations have 1 on their diagonal.
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
    rounds = 4 * min(len(firsts), len(seconds)) + 10  # without rounding errors it takes half of them
    scaled = _solve(multiply, [total / root for total, root in zip(sums, roots, strict=True)], rounds)
    numbers = [number / root for number, root in zip(scaled, roots, strict=True)]
    first, second = numbers[: len(firsts)], numbers[len(firsts) :]
    return _centre(first, first_shares), _centre(second, second_shares)


def _centre(numbers: Sequence[float], shares: Sequence[float]) -> list[float]:
    """The numbers with a mean of 0, which they have but for rounding errors."""
    mean = _dot(numbers, shares)
    return [number - mean for number in numbers]


def _solve(multiply: Callable[[Sequence[float]], list[float]], right: list[float], rounds: int) -> list[float]:
    """The smallest solution of a system of equations, by conjugate gradients (Hestenes and Stiefel, 1952).

    Where one field's value determines the other's there are many solutions, and the smallest treats both alike. To
    take out the means of rows and columns in turn needs thousands of rounds where two fields are nearly one.
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
    return math.fsum(map(mul, left, right))
