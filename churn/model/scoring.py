"""Log-odds and probability of churn from a model's weights: the one scoring path of the service.

Owns the arithmetic and the fast check that goes with it: looking a category's weight up is the check, and only
when a lookup fails does the contract read the customer slowly and word the problems. Knows no files, no HTTP.
"""

import math
import sys
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from operator import getitem
from typing import Any, NamedTuple

from churn.errors import CustomerError, Problem
from churn.model.columns import log_column
from churn.model.contract import Contract
from churn.model.field_columns import assign_columns
from churn.model.fields import Category, Field, Flag, Number, Value
from churn.model.joint_cells import JointCells, groups_across, join_fields
from churn.model.refusals import score_each
from churn.model.shapes import Limits, Shapes
from churn.model.spelling import clean


class Lookup(NamedTuple):
    """A category or a flag, and the weight of each of its values."""

    field: str
    weights: dict[Value, float]


class NumberWeight(NamedTuple):
    """A number: its limits, its weight, and its logarithm's, 0.0 where it has none.

    Without limits these are the lowest and the highest finite number.
    """

    field: str
    lowest: float
    highest: float
    weight: float
    log_weight: float


Placed = tuple[float, list[int], Mapping[str, Value]]
"""A customer who was scored: its log-odds; its cell in each of Scorer.joint, numbered from 0 through all of them; the
customer as it was read, with the contract's fields in clean spelling, and perhaps more beside them.
"""

_Numbers = tuple[list[tuple[str, float, float, float, float]], Shapes | None]
"""The numbers without a curve, as NumberWeight has them, and the shapes, with one of two kinds of limits.

Python unpacks a NamedTuple by its iterator, with which scoring a customer takes a third longer: these are plain.
"""
_LARGEST = sys.float_info.max


def probability(log_odds: float) -> float:
    """The probability, 0 to 1, that log-odds stand for: 1 / (1 + exp(-log_odds)), without overflow.

    >>> probability(0.0), probability(-1000.0), probability(1000.0)
    (0.5, 0.0, 1.0)
    """
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    odds = math.exp(log_odds)
    return odds / (1 + odds)


class Scorer:
    """Scores customers with a contract and the weights that belong to it.

    `weights` maps the DictVectorizer's column names to log-odds per unit; each of them must be reached by
    exactly one field of the contract, else ValueError: a weight that no customer can reach is a mistake.

    `lookups` are the categories and flags, `numbers` the other fields without a curve; then come `curves` and
    `interactions`. `joint` are the cells that categories and flags are looked up in, with the sums of their weights.
    `limits` are the lowest and the highest number that each field takes. Nobody changes them.
    """

    def __init__(
        self, contract: Contract, weights: Mapping[str, float], *, intercept: float, separator: str = "="
    ) -> None:
        self.contract = contract
        self.intercept = intercept
        self.lookups: list[Lookup] = []
        self.numbers: list[NumberWeight] = []
        self.columns = assign_columns(contract, weights, separator=separator)
        self.curves = list(self.columns.curves.values())
        self.interactions = self.columns.interactions
        for field in contract.fields:
            columns = self.columns.by_field[field.name]
            if isinstance(field, Category):
                self.lookups.append(Lookup(field.name, dict(zip(field.categories, columns.values(), strict=True))))
            elif isinstance(field, Flag):
                self.lookups.append(Lookup(field.name, {0.0: 0.0, 1.0: columns[field.name]}))
            elif field.name not in self.columns.curves:
                log_weight = columns.get(log_column(field.name), 0.0)
                self.numbers.append(NumberWeight(field.name, *_limits(field), columns[field.name], log_weight))
        self.joint = join_fields(contract)
        self._cells = _weigh_cells(self.joint, dict(self.lookups))
        self._contradicts = groups_across(contract, self.joint)
        self.limits = {field.name: _limits(field) for field in contract.numbers}
        self._limited = self._plan_numbers(self.limits)
        self._unlimited = self._plan_numbers(dict.fromkeys(self.limits, (-_LARGEST, _LARGEST)))
        self._blank_numbers = _find_blank_numbers(contract.fields)
        self._names = frozenset(field.name for field in contract.fields)

    def log_odds(self, customer: object, *, suggest: bool = True) -> float:
        """The log-odds that one customer (a dict, in any spelling) churns.

        Raises CustomerError with every problem of the customer; `suggest` looks for the nearest category.
        """
        return self.place(customer, suggest=suggest)[0]

    def place(self, customer: object, *, suggest: bool = True) -> Placed:
        """The customer with its log-odds and its cells. Takes and raises what log_odds does."""
        try:
            placed = self._sum(customer, self._limited)  # type: ignore[arg-type]  # no dict: TypeError
            if len(customer) != len(self._names) and self._spells_twice(customer):  # type: ignore[arg-type]
                raise ValueError("given twice")
            if not self._blank_numbers or not self._has_blank_number(customer):  # type: ignore[arg-type]
                return placed
        except (KeyError, TypeError, ValueError, OverflowError):
            pass
        return self.place_known(self.contract.read_customer(customer, suggest=suggest))

    def place_known(self, customer: Mapping[str, Value]) -> Placed:
        """A customer as Contract.read_customer gives it, in which blanks are what they stand for, scored.

        Raises CustomerError when the log-odds are not finite.
        """
        try:
            return self._sum(customer, self._unlimited)  # what a blank stands for may be beyond the limits
        except (ValueError, OverflowError):  # each number is finite, but their weighted sum is not
            problem = Problem(None, "too large to score", "numbers whose weighted sum is finite")
            raise CustomerError([problem]) from None

    def score_customers(self, customers: Iterable[object]) -> list[float]:
        """The churn probability, 0 to 1, of each customer, in order. Raises CustomerError as score_each does."""
        return score_each(customers, lambda customer, suggest: probability(self.log_odds(customer, suggest=suggest)))

    def terms(self, customer: Mapping[str, Value]) -> dict[str, float]:
        """Each field's own part of the log-odds of a customer as Contract.read_customer gives it.

        The intercept, these terms, and what the interactions have in the customer's cells add up to the log-odds.
        """
        terms = {name: weights[customer[name]] for name, weights in self.lookups}
        for name, _, _, weight, log_weight in self.numbers:
            number = float(customer[name])
            terms[name] = weight * number + (log_weight * math.log1p(number) if log_weight else 0.0)
        terms |= {curve.field: curve.term(customer[curve.field]) for curve in self.curves}
        return {field.name: terms[field.name] for field in self.contract.fields}

    def find_cells(self, customer: Mapping[str, Value]) -> list[tuple[int, int]]:
        """The row and the column of a customer, as Contract.read_customer gives it, in each interaction's table."""
        shapes = self._unlimited[1]
        return [] if shapes is None else shapes.find_cells(customer)

    def average_terms(self, average: Mapping[str, float]) -> dict[str, float]:
        """Each field's own part of the log-odds of the average customer: `average` has the mean of every column.

        Raises ValueError when its columns are not the model's, or when the average customer can't be scored.
        """
        if average.keys() != (columns := self.columns.names):
            raise ValueError(f"the average customer has not the model's columns: {min(average.keys() ^ columns)!r}")
        try:
            terms = {
                name: math.fsum(weight * average[column] for column, weight in weights.items())
                for name, weights in self.columns.by_field.items()
            }
            if math.isfinite(self.intercept + math.fsum(terms.values())):
                return terms
        except OverflowError:  # of finite numbers whose sum is not
            pass
        raise ValueError("the average customer's log-odds are not finite")

    def _plan_numbers(self, limits: Limits) -> _Numbers:
        straight = [
            (number.field, *limits[number.field], number.weight, number.log_weight) for number in self.numbers
        ]
        if not self.curves and not self.interactions:
            return straight, None
        return straight, Shapes(self.curves, self.interactions, self.contract.fields, limits)

    def _sum(self, customer: Mapping[str, Value], numbers: _Numbers) -> Placed:
        """A customer in clean spelling, as `place` has it. Anything else raises one of the lookup's errors."""
        total = self.intercept
        found: list[int] = []
        straight, shapes = numbers
        for key, cells in self._cells:
            weight, cell = cells[key(customer)]
            total += weight
            found.append(cell)
        if self._contradicts and self._contradicts(customer):
            raise ValueError("contradicts")
        for name, lowest, highest, weight, log_weight in straight:
            number = customer[name]
            if (type(number) is not float and type(number) is not int) or not lowest <= number <= highest:
                raise ValueError(name)  # a bool, a string, a NaN, out of range: the contract says which
            total += weight * number
            if log_weight:
                total += log_weight * math.log1p(number)
        if shapes is not None:
            total = shapes.add_up(customer, total)
        if not -_LARGEST <= total <= _LARGEST:
            raise ValueError("log-odds")
        return total, found, customer

    def _has_blank_number(self, customer: Mapping[str, object]) -> bool:
        """True when a number of the customer is one that is a blank in its field."""
        return any(customer[name] in blanks for name, blanks in self._blank_numbers)

    def _spells_twice(self, customer: Mapping[str, object]) -> bool:
        """True when a name beyond the contract's own is another spelling of a field."""
        return any(name not in self._names and clean(name) in self._names for name in customer)


def _weigh_cells(
    parts: Iterable[JointCells], weights: Mapping[str, Mapping[Value, float]]
) -> list[tuple[Callable[[Any], Any], dict[Any, tuple[float, int]]]]:
    """For each part what takes a customer's values, and by these the sum of their weights and the cell's number."""
    weighed, cell = [], count()
    for part in parts:
        by_field = [weights[field.name] for field in part.fields]
        sums = (sum(map(getitem, by_field, values)) for values in part.combinations)
        weighed.append((part.key, part.find(list(zip(sums, cell, strict=False)))))
    return weighed


def _limits(field: Number) -> tuple[float, float]:
    """The lowest and the highest number that a field takes, both finite."""
    lowest = 0.0 if field.non_negative else -_LARGEST
    return (
        lowest if field.lowest is None else max(lowest, field.lowest),
        _LARGEST if field.highest is None else field.highest,
    )


def _find_blank_numbers(fields: Iterable[Field]) -> list[tuple[str, frozenset[float]]]:
    """The fields in which a number within the limits is a blank, with these numbers."""
    found = []
    for field in fields:
        if isinstance(field, Number):
            lowest, highest = _limits(field)
            if blanks := frozenset(number for number in field.missing_numbers if lowest <= number <= highest):
                found.append((field.name, blanks))
    return found
