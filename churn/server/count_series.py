"""The counts of customers as series for Prometheus: their names, and which are summed up to keep them few.

Knows no prometheus-client: `metrics` makes metrics of the series.
"""

import math
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

from churn.model.bins import FieldBins
from churn.model.contract import list_values
from churn.model.fields import Number
from churn.watch.counts import Counts

BELOW, ABOVE, BLANK = "below", "above", "left blank"
"""Names for numbers below and above the training range, and for blanks. Categories contain no space."""

Series = dict[tuple[str, ...], int]
"""Customers by the values of the labels, of which the first is the field."""


def list_answered(counts: Counts, bins: Mapping[str, FieldBins], *, most: int) -> Series:
    """The number of answered customers, by field and value, in at most `most` series.

    Beyond that, the fields with the most values are summed up, each as the value "". If there are more fields than
    series, the last fields of the contract are summed up as the field "".
    """
    n_series, summed = sum(field_bins.n_places for field_bins in bins.values()), set()
    for name, field_bins in sorted(bins.items(), key=lambda item: -item[1].n_places):
        if n_series > most and field_bins.n_places > 1:
            summed.add(name)
            n_series -= field_bins.n_places - 1
    found: Series = Counter()
    for name, field_bins in bins.items():
        values = [""] * field_bins.n_places if name in summed else name_places(field_bins)
        for value, customers in zip(values, counts.fields[name], strict=True):
            found[name, value] += customers
    return _sum_up_last(found, most)


def list_outside(counts: Counts, bins: Mapping[str, FieldBins], *, most: int) -> Series:
    """The number of customers outside the training range, by field, in at most `most` series; see list_answered."""
    found: Series = {}
    for name, field_bins in bins.items():
        if isinstance(field_bins.field, Number):
            named = zip(name_places(field_bins), counts.fields[name], strict=True)
            found[name,] = sum(customers for place, customers in named if place in (BELOW, ABOVE))
    return _sum_up_last(found, most)


def name_places(bins: FieldBins) -> list[str]:
    """The names of a field's bins: its values, or the ranges of a number, whose names sort in their order.

    A range includes its lower end and excludes its upper end; the last range includes both.

    >>> name_places(FieldBins(Number("tenure", 0, 72), (12, 24)))
    ['below', '01 from 0 to below 12', '02 from 12 to below 24', '03 from 24 to 72', 'above', 'left blank']
    """
    if not isinstance(bins.field, Number):
        return [value or BLANK if isinstance(value, str) else f"{value:g}" for value in list_values(bins.field)]
    ranges = [_name_range(low, f"to below {high:.12g}") for low, high in pairwise(bins.marks[:-1])]
    highest = bins.field.maximum
    ranges.append(_name_range(bins.marks[-2], "" if highest is None else f"to {highest:.12g}"))
    return [BELOW, *(f"{number:02} {name}" for number, name in enumerate(ranges, start=1)), ABOVE, BLANK]


def _name_range(low: float, end: str) -> str:
    begin = f"from {low:.12g}" if math.isfinite(low) else ""
    return f"{begin} {end}".strip() or "any number"


def _sum_up_last(found: Series, most: int) -> Series:
    """The series; if they are more than `most`, the first ones, and one with empty labels for the sum of the rest."""
    if len(found) <= most:
        return found
    kept = dict(list(found.items())[: most - 1])
    empty = ("",) * len(next(iter(found)))
    return {**kept, empty: sum(found.values()) - sum(kept.values())}
