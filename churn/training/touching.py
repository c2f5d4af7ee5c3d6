"""The parts of a model with curves and pairs of fields, and the values of each field that use them.

Owns the few values that represent all values of a field: each category, both values of a flag, and for a number one
value in each piece of its curve, one between any two cuts of its pairs, and one at each cut. Draws no customer.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from churn.model.contract import list_values
from churn.model.fields import Number, Value
from churn.model.interactions import Axis
from churn.model.scoring import Scorer

_SHARES = (1 / 2, 1 / 3, 2 / 3)  # of the way between two marks
_MOST_DIGITS = 17  # a double needs no more


class Part(NamedTuple):
    """A part of the model that one value of a field uses: the value, a blank, a piece of the curve, or a cut of a
    pair.
    """

    field: str
    kind: str
    which: Value


class Option(NamedTuple):
    """A value that a field can have, with the parts that it uses, and its place at each side of a table of the field.

    Table number n has the two sides 2n and 2n + 1.
    """

    value: Value
    parts: tuple[Part, ...]
    places: tuple[tuple[int, int], ...]


def list_options(scorer: Scorer) -> dict[str, list[Option]]:
    """The values of each field that use different parts; a blank is one of them if the model has a weight for it.

    All numbers are within the field's limits, and none is a stand-in for a blank.
    """
    axes: dict[str, list[tuple[int, Axis]]] = {field.name: [] for field in scorer.contract.fields}
    for table, interaction in enumerate(scorer.interactions):
        for side, axis in enumerate(interaction.axes):
            axes[axis.field].append((2 * table + side, axis))
    knots = {curve.field: curve.knots for curve in scorer.curves}
    options: dict[str, list[Option]] = {}
    for field in scorer.contract.fields:
        own = axes[field.name]
        if isinstance(field, Number):
            found = _list_numbers(field, scorer.limits[field.name], knots.get(field.name, ()), own)
            options[field.name] = list(found)
        else:
            options[field.name] = [
                Option(value, (Part(field.name, "value", value),), _find_places(value, own))
                for value in list_values(field)
            ]
    return options


def _list_numbers(
    field: Number, limits: tuple[float, float], knots: Sequence[float], axes: Sequence[tuple[int, Axis]]
) -> Iterator[Option]:
    """The options of a number. A number at a cut does not count for its piece, because it may not use its slope."""
    cuts = {cut for _, axis in axes for cut in axis.cuts}
    seen = {mark for mark in (field.minimum, field.maximum) if mark is not None}
    lowest, highest = limits
    at_cuts = {cut for cut in cuts if lowest <= cut <= highest and not field.is_blank(cut)}
    between = {
        number
        for low, high in pairwise(_place_marks({*knots, *cuts, *seen}, lowest, highest))
        if (number := find_number(low, high, is_good=lambda number: not field.is_blank(number))) is not None
    }
    for number in sorted(at_cuts | between):
        parts = [Part(field.name, "piece", bisect_right(knots, number))] if number in between else []
        parts += [Part(field.name, "cut", number)] if number in at_cuts else []
        yield Option(number, tuple(parts), _find_places(number, axes))
    if field.blank and field.blank.apart:
        yield Option("", (Part(field.name, "blank", ""),), _find_places(field.blank.value, axes))


def _place_marks(marks: set[float], lowest: float, highest: float) -> list[float]:
    """The marks within the limits, ascending, with one more on either side if the limits leave room."""
    first, last = min(marks, default=0.0), max(marks, default=0.0)
    apart = last - first or max(1.0, abs(first))
    ends = max(lowest, first - apart), min(highest, last + apart)
    return sorted({*ends, *(mark for mark in marks if lowest < mark < highest)})


def find_number(low: float, high: float, *, is_good: Callable[[float], bool]) -> float | None:
    """A good number between two others, with few digits and not 0; else the lower one if it is good, or None.

    >>> find_number(10.0, 14.0, is_good=bool), find_number(0.1, 0.3, is_good=lambda number: number != 0.2)
    (12.0, 0.17)
    """
    for share in _SHARES:
        wanted = low * (1 - share) + high * share
        for digits in range(1, _MOST_DIGITS + 1):
            number = float(f"{wanted:.{digits}g}")
            if low < number < high and number and is_good(number):
                return number
    return low if is_good(low) else None


def _find_places(value: Value, axes: Sequence[tuple[int, Axis]]) -> tuple[tuple[int, int], ...]:
    return tuple((side, axis.place(value)) for side, axis in axes)
