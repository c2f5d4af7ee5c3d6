"""The sum of a model's curves and tables of two fields for one customer.

Owns this arithmetic and the check in it. `curves` and `interactions` make the curves and the tables.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from math import log1p
from typing import Any, NamedTuple

from churn.model.curves import Curve, Piece
from churn.model.fields import Category, Field, Flag, Number, Value
from churn.model.interactions import Axis, Interaction
from churn.model.joint_cells import reading

Limits = Mapping[str, tuple[float, float]]
"""The lowest and the highest number that each field takes."""
_Found = tuple[Any, ...]
"""A value's entries in the sides of its field, in their order."""
_Part = tuple[float, _Found]
"""The log-odds of a value by its field's curve, and its entries in the field's sides."""
_MOST_WHOLE = 10_000
"""The most whole numbers that a model looks up, in all its curves together."""


class _Side(NamedTuple):
    """A field's side of a table: a place on its axis gives a row for the first field, an index for the second."""

    number: int
    axis: Axis
    rows: tuple[tuple[float, ...], ...] | None

    def find(self, place: int) -> Any:
        return place if self.rows is None else self.rows[place]


class Shapes:
    """The curves and the tables of two fields of a contract, prepared for fast lookups.

    A blank with a weight of its own has its own term in its curve; in a table it has the place of the number that it
    counts as. `others` are the categories and flags that have a side of a table.
    """

    def __init__(
        self, curves: Iterable[Curve], interactions: Sequence[Interaction], fields: Sequence[Field], limits: Limits
    ) -> None:
        self._interactions = interactions
        sides: dict[str, list[_Side]] = {}
        for number, table in enumerate(interactions):
            sides.setdefault(table.first.field, []).append(_Side(2 * number, table.first, table.log_odds))
            sides.setdefault(table.second.field, []).append(_Side(2 * number + 1, table.second, None))
        by_field = {curve.field: curve for curve in curves}
        shaped = [field for field in fields if field.name in sides or field.name in by_field]
        numbers = [field for field in shaped if isinstance(field, Number)]
        others = [field for field in shaped if not isinstance(field, Number)]
        own = {field.name: sides.get(field.name, []) for field in (*numbers, *others)}
        in_order = [side.number for its_sides in own.values() for side in its_sides]
        self._tables = [(in_order.index(side), in_order.index(side + 1)) for side in range(0, len(in_order), 2)]
        whole = _list_whole_numbers(by_field.values())
        places = {field.name: place for place, field in enumerate(f for f in fields if isinstance(f, Number))}
        self._numbers = [
            (
                places[name],
                *_read_numbers(by_field.get(name, _FLAT), own[name], limits[name], whole.get(name, range(0))),
            )
            for name in (field.name for field in numbers)
        ]
        self.others = tuple(field.name for field in others)
        self._others = [_find_with(field, own[field.name]) for field in others]
        self._stand_ins = {field.name: field.blank.value for field in numbers if field.blank and field.blank.apart}
        self._blanks: dict[int, dict[Value, _Part]] = {places[field.name]: {} for field in numbers}
        for name, value in self._stand_ins.items():
            self._blanks[places[name]][""] = by_field[name].term(""), _find_all(own[name], value)

    def add_up(self, numbers: Sequence[Value], others: Sequence[Value], log_odds: float) -> float:
        """`log_odds` plus all curves and tables for a customer in clean spelling.

        `numbers` are those of the contract, in its order, and `others` the values of the fields in `self.others`.

        Raises one of the lookup's errors for any other customer, and ValueError for a number beyond the limits.
        """
        curves = tables = 0.0
        found: list[Any] = []
        for place, whole, marks, steps in self._numbers:
            number = numbers[place]
            if type(number) is not float and type(number) is not int:
                term, at_sides = self._blanks[place][number]
            elif whole and (part := whole.get(number)):
                term, at_sides = part
            else:
                number += 0.0  # comparing an int with each mark, and its logarithm, take three times as long
                start, base, slope, log_weight, at_sides = steps[bisect_right(marks, number)]
                term = base + slope * (number - start)
                if log_weight:
                    term += log_weight * log1p(number)
            curves += term
            found += at_sides
        for its_values, value in zip(self._others, others, strict=True):
            found += its_values[value]
        for row, column in self._tables:
            tables += found[row][found[column]]
        return log_odds + curves + tables

    def find_cells(self, customer: Mapping[str, Value]) -> list[tuple[int, int]]:
        """The row and the column of a customer, as Contract.read_customer returns it, in each table."""
        known = {**customer, **{name: value for name, value in self._stand_ins.items() if customer[name] == ""}}
        return [
            (table.first.place(known[table.first.field]), table.second.place(known[table.second.field]))
            for table in self._interactions
        ]


_FLAT = Curve("", (), (Piece(0.0, 0.0, 0.0, 0.0),))
"""The curve of a number in a table that has no curve of its own."""


def _read_numbers(
    curve: Curve, sides: Sequence[_Side], limits: tuple[float, float], whole: range
) -> tuple[dict[float, _Part], tuple[float, ...], tuple[tuple[Any, ...], ...]]:
    """The parts of the numbers in `whole`, the ascending marks at which a part changes, and the steps between them.

    A step has the piece of the curve there and its entries in the sides. There is one step more than marks, since one
    is before the first mark and one after the last. These two are beyond the limits and empty, so unpacking one
    raises ValueError. Steps are plain tuples, which unpack the fastest.
    """
    lowest, beyond = limits[0], math.nextafter(limits[1], math.inf)
    changes = {*curve.knots, *(cut for side in sides for cut in side.axis.cuts)}
    marks = (lowest, *sorted(change for change in changes if lowest < change < beyond), beyond)
    between = ((*curve.pieces[bisect_right(curve.knots, mark)], _find_all(sides, mark)) for mark in marks[:-1])
    steps: tuple[tuple[Any, ...], ...] = ((), *between, ())
    parts: dict[float, _Part] = {
        number: (curve.term(float(number)), step[-1])
        for number in whole
        if (step := steps[bisect_right(marks, float(number))])
    }
    return parts, marks, steps


def _list_whole_numbers(curves: Iterable[Curve]) -> dict[str, range]:
    """The whole numbers from the first knot to the last of each curve whose knots are whole, by field.

    The shortest ranges come first; a curve whose range is longer than what is left of _MOST_WHOLE is not listed.
    """
    listed, left = {}, _MOST_WHOLE
    whole = [curve for curve in curves if all(knot.is_integer() for knot in curve.knots)]
    for curve in sorted(whole, key=lambda curve: curve.knots[-1] - curve.knots[0]):
        first, last = curve.knots[0], curve.knots[-1]
        if last - first < left:
            listed[curve.field] = range(int(first), int(last) + 1)
            left -= len(listed[curve.field])
    return listed


def _find_with(field: Category | Flag, sides: Sequence[_Side]) -> dict[Value, _Found]:
    """The entries of each value of a category or a flag in its sides."""
    if isinstance(field, Flag):
        return {value: _find_all(sides, value) for value in (0.0, 1.0)}
    places = [{category: place for place, category in enumerate(side.axis.categories)} for side in sides]
    found: dict[Value, _Found] = {}
    for category in field.categories:
        at = (named.get(category, len(named)) for named in places)
        found[category] = tuple(side.find(place) for side, place in zip(sides, at, strict=True))
    return reading([field], found)


def _find_all(sides: Sequence[_Side], number: float) -> _Found:
    return tuple(side.find(side.axis.place(number)) for side in sides)
