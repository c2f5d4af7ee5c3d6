"""Log-odds and probability of churn from a model's weights: the only scoring path of the service.

Owns which field a weight belongs to, and when a customer is read slowly: if `placing` refuses a customer, the
contract reads it and words its problems. Knows no files and no HTTP.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from operator import getitem, itemgetter
from typing import Any, NamedTuple

from churn.errors import CustomerError, Problem
from churn.model.addition import add_up
from churn.model.columns import log_column
from churn.model.contract import Contract
from churn.model.field_columns import assign_columns
from churn.model.fields import Category, Flag, Number, Value
from churn.model.joint_cells import JointCells, groups_across, join_fields
from churn.model.json_customers import JsonCustomers
from churn.model.placing import LARGEST, REFUSED, Placed, Placer, Sums
from churn.model.refusals import score_each
from churn.model.shapes import Limits, Shapes
from churn.model.spelling import clean


class Lookup(NamedTuple):
    """A category or a flag, and the weight of each of its values."""

    field: str
    weights: dict[Value, float]


class NumberWeight(NamedTuple):
    """A number: its limits, its weight, and the weight of its logarithm, 0.0 if it has none.

    Without limits these are the lowest, 0.0 for a field that is never negative, and the highest finite number.
    """

    field: str
    lowest: float
    highest: float
    weight: float
    log_weight: float


def probability(log_odds: float) -> float:
    """The probability, 0 to 1, for these log-odds: 1 / (1 + exp(-log_odds)), without overflow.

    >>> probability(0.0), probability(-1000.0), probability(1000.0)
    (0.5, 0.0, 1.0)
    """
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    odds = math.exp(log_odds)
    return odds / (1 + odds)


class Scorer:
    """Scores customers with a contract and the weights that belong to it.

    `weights` maps the DictVectorizer's column names to log-odds per unit. Each must belong to a field of the contract
    or to two of them, else ValueError: a weight that no customer can reach is a mistake.

    `lookups` are the categories and flags, `numbers` the numbers without a curve. `curves` and `interactions` are the
    model's. `joint` are the joint cells of the categories and flags. `limits` has the lowest and the highest number
    that each field takes. Do not change any of these.
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
        self.limits = {field.name: _limits(field) for field in contract.numbers}
        limited = self._sum_up(self.limits, _find_blank_numbers(contract.numbers))
        unlimited = self._sum_up(dict.fromkeys(self.limits, (-LARGEST, LARGEST)), [])
        self._shapes = unlimited.shapes
        self._clean, self._known = Placer(limited, itemgetter), Placer(unlimited, itemgetter)
        self._names = frozenset(field.name for field in contract.fields)
        self.json_customers = JsonCustomers(contract, self.limits, limited)

    def log_odds(self, customer: object, *, suggest: bool = True) -> float:
        """The log-odds that one customer (a dict, in any spelling) churns.

        Raises CustomerError with every problem of the customer; with `suggest` a problem names the nearest category.
        """
        return self.place(customer, suggest=suggest)[0]

    def place(self, customer: object, *, suggest: bool = True) -> Placed:
        """The scored customer: its log-odds and its cells. Takes and raises what log_odds does."""
        try:
            placed = self._clean.place(customer)
            if len(customer) == len(self._names) or not self._spells_twice(customer):  # type: ignore[arg-type]
                return placed
        except REFUSED:
            pass
        return self.place_known(self.contract.read_customer(customer, suggest=suggest))

    def place_known(self, customer: Mapping[str, Value]) -> Placed:
        """The scored customer from what Contract.read_customer returns, in which blanks are replaced.

        Raises CustomerError when the log-odds are not finite.
        """
        try:
            return self._known.place(customer)  # without limits: a blank's value may be beyond them
        except (ValueError, OverflowError):  # each number is finite, but their weighted sum is not
            problem = Problem(None, "too large to score", "numbers whose weighted sum is finite")
            raise CustomerError([problem]) from None

    def score_customers(self, customers: Iterable[object]) -> list[float]:
        """The churn probability, 0 to 1, of each customer, in order. Raises CustomerError as score_each does."""
        return score_each(customers, lambda customer, suggest: probability(self.log_odds(customer, suggest=suggest)))

    def terms(self, customer: Mapping[str, Value]) -> dict[str, float]:
        """Each field's own part of the log-odds of a customer as Contract.read_customer returns it.

        The intercept, these terms and the interactions' entries in the customer's cells add up to the log-odds.
        """
        terms = {name: weights[customer[name]] for name, weights in self.lookups}
        for name, _, _, weight, log_weight in self.numbers:
            number = float(customer[name])
            terms[name] = weight * number + (log_weight * math.log1p(number) if log_weight else 0.0)
        terms |= {curve.field: curve.term(customer[curve.field]) for curve in self.curves}
        return {field.name: terms[field.name] for field in self.contract.fields}

    def find_cells(self, customer: Mapping[str, Value]) -> list[tuple[int, int]]:
        """The row and the column of a customer, as Contract.read_customer returns it, in each interaction's table."""
        return [] if self._shapes is None else self._shapes.find_cells(customer)

    def average_terms(self, average: Mapping[str, float]) -> dict[str, float]:
        """Each field's own part of the log-odds of the average customer: `average` has the mean of every column.

        Raises ValueError when its columns are not the model's, or when the average customer can't be scored.
        """
        if average.keys() != (columns := self.columns.names):
            raise ValueError(
                f"the average customer has other columns than the model: {min(average.keys() ^ columns)!r}"
            )
        try:
            terms = {
                name: math.fsum(weight * average[column] for column, weight in weights.items())
                for name, weights in self.columns.by_field.items()
            }
            if math.isfinite(self.intercept + math.fsum(terms.values())):
                return terms
        except OverflowError:  # fsum raises it for finite numbers with an infinite sum
            pass
        raise ValueError("the average customer's log-odds are not finite")

    def _sum_up(self, limits: Limits, blanks: Sequence[tuple[int, frozenset[float]]]) -> Sums:
        names = tuple(field.name for field in self.contract.numbers)
        straight = [
            (names.index(number.field), *limits[number.field], number.weight, number.log_weight)
            for number in self.numbers
        ]
        shapes = None
        if self.curves or self.interactions:
            shapes = Shapes(self.curves, self.interactions, self.contract.fields, limits)
        parts = _weigh_cells(self.joint, dict(self.lookups))
        across = groups_across(self.contract, self.joint)
        return Sums(self.intercept, parts, across, names, straight, blanks, shapes)

    def _spells_twice(self, customer: Mapping[str, object]) -> bool:
        """True if a name that is not a field's is another spelling of a field."""
        return any(name not in self._names and clean(name) in self._names for name in customer)


def _weigh_cells(
    parts: Iterable[JointCells], weights: Mapping[str, Mapping[Value, float]]
) -> list[tuple[tuple[str, ...], dict[Any, tuple[float, int]]]]:
    """For each part, the fields' names, and by their values the sum of the weights and the cell's number."""
    weighed, cell = [], count()
    for part in parts:
        by_field = [weights[name] for name in part.names]
        found = [(add_up(map(getitem, by_field, values)), next(cell)) for values in part.combinations]
        weighed.append((part.names, part.find(found)))
    return weighed


def _limits(field: Number) -> tuple[float, float]:
    """The lowest and the highest number that a field takes, both finite."""
    lowest = 0.0 if field.non_negative else -LARGEST
    return (
        lowest if field.lowest is None else max(lowest, field.lowest),
        LARGEST if field.highest is None else field.highest,
    )


def _find_blank_numbers(numbers: Iterable[Number]) -> list[tuple[int, frozenset[float]]]:
    """The places of the fields in which some numbers within the limits mean a blank, with these numbers."""
    found = []
    for place, field in enumerate(numbers):
        lowest, highest = _limits(field)
        if blanks := frozenset(number for number in field.missing_numbers if lowest <= number <= highest):
            found.append((place, blanks))
    return found
