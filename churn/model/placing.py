"""One customer in clean spelling: the log-odds, and the cells that it is counted in. The hot loop of all scoring.

Owns the arithmetic and the fast check that goes with it: looking a value up is the check. Whoever is not in clean
spelling raises one of the lookup's errors, and is read by the contract.
"""

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from churn.model.fields import Value
from churn.model.joint_cells import Across
from churn.model.shapes import Shapes

LARGEST = sys.float_info.max
"""Beyond it, on both sides, there is no log-odds."""
REFUSED = (KeyError, TypeError, ValueError, OverflowError)
"""What placing a customer raises who is not in clean spelling, or contradicts itself, or is out of range."""

Placed = tuple[float, list[int], tuple[Value, ...]]
"""A customer who was scored: its log-odds; its cell in each of Scorer.joint, numbered from 0 through all of them; its
numbers as they were read, in the contract's order.
"""
Decoded = Any
"""A customer whose categories are among those of the contract, and whose numbers are floats within the limits."""
Straight = tuple[int, float, float, float, float]
"""A number without a curve: its place among the contract's, its limits, its weight, its logarithm's or 0.0.

Plain tuples: Python unpacks a NamedTuple by its iterator, with which scoring a customer takes a third longer.
"""
Getter = Callable[..., Callable[[Any], Any]]
"""As operator.itemgetter: takes from customers what has these names, of one name itself, of several a tuple."""


class PlacedList(NamedTuple):
    """Customers who were scored at once: what Placed has of each, by columns but for the numbers."""

    log_odds: list[float]
    cells: list[list[int]]
    numbers: list[tuple[Value, ...]]


class Sums(NamedTuple):
    """What is added up for each customer.

    Of each part of the categories and flags, `parts` has the fields' names, and by their values the sum of their
    weights and the cell's number. `numbers` are the names of all numbers, in the contract's order; of these some
    places have `blanks`: numbers that stand for a blank, and are to be read by the contract.
    """

    intercept: float
    parts: Sequence[tuple[tuple[str, ...], Mapping[Any, tuple[float, int]]]]
    across: Across | None
    numbers: tuple[str, ...]
    straight: Sequence[Straight]
    blanks: Sequence[tuple[int, frozenset[float]]]
    shapes: Shapes | None


class Placer:
    """Places the customers of one kind, which `getter` takes values from."""

    def __init__(self, sums: Sums, getter: Getter) -> None:
        self._intercept, self._straight = sums.intercept, sums.straight
        self._blanks, self._shapes = sums.blanks, sums.shapes
        self._cells = [(getter(*names), cells) for names, cells in sums.parts]
        self._take_numbers = _take_all(getter, sums.numbers)
        self._take_others = _take_all(getter, sums.shapes.others if sums.shapes else ())
        self._contradicts = sums.across and sums.across.contradicts
        self._take_grouped = _take_all(getter, sums.across.fields if sums.across else ())

    def place(self, customer: Any) -> Placed:
        """A customer in clean spelling. Anything else raises one of REFUSED."""
        total = self._intercept
        found: list[int] = []
        for key, cells in self._cells:
            weight, cell = cells[key(customer)]
            total += weight
            found.append(cell)
        if self._contradicts and self._contradicts(self._take_grouped(customer)):
            raise ValueError("contradicts")
        numbers = self._take_numbers(customer)
        for place, lowest, highest, weight, log_weight in self._straight:
            number = numbers[place]
            if (type(number) is not float and type(number) is not int) or not lowest <= number <= highest:
                raise ValueError(place)  # a bool, a string, a NaN, out of range: the contract says which
            total += weight * number
            if log_weight:
                total += log_weight * math.log1p(number)
        for place, blanks in self._blanks:
            if numbers[place] in blanks:
                raise ValueError(place)
        if self._shapes is not None:
            total = self._shapes.add_up(numbers, self._take_others(customer), total)
        if not -LARGEST <= total <= LARGEST:
            raise ValueError("log-odds")
        return total, found, numbers

    def place_list(self, customers: Sequence[Decoded]) -> PlacedList:
        """Customers in clean spelling, each added up in the order of `place`, which takes half as long again.

        Whoever contradicts itself, or has a number that stands for a blank, raises one of REFUSED for all.
        """
        totals = [self._intercept] * len(customers)
        placed: list[list[int]] = []
        for key, cells in self._cells:
            found = list(map(cells.__getitem__, map(key, customers)))
            totals = [total + weight for total, (weight, _) in zip(totals, found, strict=True)]
            placed.append([cell for _, cell in found])
        if self._contradicts and any(map(self._contradicts, map(self._take_grouped, customers))):
            raise ValueError("contradicts")
        numbers = list(map(self._take_numbers, customers))
        for place, _, _, weight, log_weight in self._straight:
            column = list(map(itemgetter(place), numbers))
            if log_weight:
                in_turn = zip(totals, column, map(math.log1p, column), strict=True)
                totals = [total + weight * number + log_weight * logarithm for total, number, logarithm in in_turn]
            else:
                totals = [total + weight * number for total, number in zip(totals, column, strict=True)]
        for place, blanks in self._blanks:
            if not blanks.isdisjoint(map(itemgetter(place), numbers)):
                raise ValueError(place)
        if self._shapes is not None:
            totals = list(map(self._shapes.add_up, numbers, map(self._take_others, customers), totals))
        if not all(map(math.isfinite, totals)):
            raise ValueError("log-odds")
        return PlacedList(totals, placed, numbers)


def _take_all(getter: Getter, names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What takes a tuple of all these values from a customer."""
    if not names:
        return lambda customer: ()
    take = getter(*names)
    return take if len(names) > 1 else lambda customer: (take(customer),)
