"""The bins that customers are counted in: bins of each field's values, and bins of probabilities.

Owns the edges of the bins. The counts themselves are in `training_counts` and in the room `watch`.
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
"""The most inner edges of a number: they make 20 bins, with counts as equal as the values allow."""

LARGEST_LOG_ODDS = 8
"""The bins of probabilities reach from minus this to this, in log-odds."""
_STEPS = 50  # bins on each side of log-odds 0


def find_edges(values: Iterable[float], *, most: int = MOST_EDGES) -> tuple[float, ...]:
    """The inner edges for a number with these values in training: ascending quantiles, at most `most` of them.

    An edge is the lowest value of the bin above it. Equal values share one bin, so there may be fewer edges.

    >>> find_edges(range(40))[:3], find_edges([0, 0, 0, 5]), find_edges([])
    ((2, 4, 6), (5,), ())
    """
    ordered = sorted(values)
    n_bins = most + 1
    quantiles = {ordered[len(ordered) * step // n_bins] for step in range(1, n_bins)} if ordered else set()
    return tuple(sorted(quantile for quantile in quantiles if quantile > ordered[0]))


@dataclass(frozen=True)
class FieldBins:
    """The bins of one field, numbered from 0 to `n_places` - 1; the place of a value is the number of its bin.

    A category field has one bin for each known category, in the contract's order. A flag has two, 0 and 1. A number
    has, in this order: one bin below the contract's minimum; the bins between the `edges`, each edge belonging to the
    bin above it; one bin above the maximum; one for a blank with a weight of its own. Only a number has edges.
    """

    field: Field
    edges: tuple[float, ...] = ()

    @cached_property
    def marks(self) -> tuple[float, ...]:
        """The lowest number of each bin except the first and the blank's; empty for a field that is not a number."""
        if not isinstance(self.field, Number):
            return ()
        lowest = -math.inf if self.field.minimum is None else self.field.minimum
        highest = math.inf if self.field.maximum is None else self.field.maximum
        inner = sorted({edge for edge in self.edges if lowest < edge <= highest})
        return (lowest, *inner, math.nextafter(highest, math.inf))

    @cached_property
    def n_places(self) -> int:
        """The number of bins."""
        return len(self.marks) + 2 if self.marks else len(self._values)

    def place(self, value: Value) -> int:
        """The place of a value in clean spelling, as Contract.read_customer returns it. Else raises KeyError."""
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
    """The bins of churn probabilities: 100 of equal width in log-odds from -8 to 8, one below and one above them.

    The threshold (0 to 1) is an extra edge: the first `n_below` bins have the probabilities below it. A probability
    on an edge belongs to the bin above it, since a customer at the threshold counts as leaving.
    """

    def __init__(self, threshold: float) -> None:
        edges = {probability(step * LARGEST_LOG_ODDS / _STEPS) for step in range(-_STEPS, _STEPS + 1)}
        self.edges = tuple(sorted({*edges, threshold}))
        self.n_places = len(self.edges) + 1
        self.n_below = self.edges.index(threshold) + 1

    def place(self, churn_probability: float) -> int:
        """The place of a probability, 0 to 1."""
        return bisect_right(self.edges, churn_probability)
