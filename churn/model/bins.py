"""The bins that customers are counted in: those of each field of a contract, and those of probabilities.

Owns which values are counted together. How many there are is training_counts' and the room watch's.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from churn.model.contract import list_values
from churn.model.fields import Field, Number, Value
from churn.model.scoring import probability

MOST_EDGES = 19
"""Inner edges of a number, which make 20 bins of it, of as equal counts as its values allow."""

LARGEST_LOG_ODDS = 8
"""Where the bins of probabilities end, on both sides."""
_STEPS = 50  # to each side of log-odds of 0


def find_edges(values: Iterable[float], *, most: int = MOST_EDGES) -> tuple[float, ...]:
    """The inner edges of a number that has these values in training: quantiles, rising, at most so many.

    An edge is the lowest value of the bin above it. A value that is often there is in one bin, so there may be fewer.

    >>> find_edges(range(40))[:3], find_edges([0, 0, 0, 5]), find_edges([])
    ((2, 4, 6), (5,), ())
    """
    ordered = sorted(values)
    n_bins = most + 1
    quantiles = {ordered[len(ordered) * step // n_bins] for step in range(1, n_bins)} if ordered else set()
    return tuple(sorted(quantile for quantile in quantiles if quantile > ordered[0]))


@dataclass(frozen=True)
class FieldBins:
    """The places of one field's values, from 0 to `n_places` - 1.

    A category has one for each category that the contract knows, in its order, a flag has 0 and 1. A number has, in
    this order: one below the contract's minimum; one between any two `edges`, each of which belongs to the bin above
    it; one above the maximum; one for the blank that is weighed apart. Only a number has edges.
    """

    field: Field
    edges: tuple[float, ...] = ()

    @cached_property
    def marks(self) -> tuple[float, ...]:
        """Where each place but the first of a number begins, the blank's apart; none for other fields."""
        if not isinstance(self.field, Number):
            return ()
        lowest = -math.inf if self.field.minimum is None else self.field.minimum
        highest = math.inf if self.field.maximum is None else self.field.maximum
        inner = sorted({edge for edge in self.edges if lowest < edge <= highest})
        return (lowest, *inner, math.nextafter(highest, math.inf))

    @cached_property
    def n_places(self) -> int:
        """How many places the field has."""
        return len(self.marks) + 2 if self.marks else len(self._values)

    def place(self, value: Value) -> int:
        """The place of a value in clean spelling, as Contract.read_customer gives it. Raises KeyError for others."""
        if isinstance(self.field, Number):
            return self.n_places - 1 if value == "" else place_number(self.marks, value)
        return self._values[value]

    @cached_property
    def _values(self) -> dict[Value, int]:
        return {value: place for place, value in enumerate(list_values(self.field))}


def place_number(marks: Sequence[float], value: Value) -> int:
    """The place of a finite number. Raises KeyError for a text."""
    if isinstance(value, str):
        raise KeyError(value)
    return bisect_right(marks, value)


class ProbabilityBins:
    """The places of churn probabilities: 100 bins of equal width in log-odds, from -8 to 8, and both outsides.

    The threshold (0 to 1) is an edge of its own: `n_below` places have the probabilities below it. A probability on
    an edge belongs to the bin above it, as one at the threshold counts as leaving.
    """

    def __init__(self, threshold: float) -> None:
        edges = {probability(step * LARGEST_LOG_ODDS / _STEPS) for step in range(-_STEPS, _STEPS + 1)}
        self.edges = tuple(sorted({*edges, threshold}))
        self.n_places = len(self.edges) + 1
        self.n_below = self.edges.index(threshold) + 1

    def place(self, churn_probability: float) -> int:
        """The place of a probability, 0 to 1."""
        return bisect_right(self.edges, churn_probability)
