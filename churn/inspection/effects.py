"""The effects of a model's weights on the odds: an odds ratio for each, with its step in words.

The step of a category is to have it, that of a number is a round difference, that of a curve is from its lowest point
to its highest, and that of a pair of fields is its strongest cell. Fields and categories are shown by repr. Knows no
customers.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

from churn.model.contract import Contract
from churn.model.curves import Curve
from churn.model.field_columns import FieldColumns
from churn.model.fields import Category, Flag
from churn.model.interactions import Axis, Interaction
from churn.model.odds import odds_ratio
from churn.pickles.file_words import show_text

_LEAST_STEP = 0.01  # log-odds; a number's step is the smallest power of ten, from 1 on, that reaches it
_LARGEST_POWER = 6


class Effect(NamedTuple):
    """The log-odds that a step adds; `step` has the step in words, as "'contract' is 'two_year'"."""

    log_odds: float
    step: str

    @property
    def odds_ratio(self) -> float:
        """The factor by which the step multiplies the odds."""
        return odds_ratio(self.log_odds)


class Effects(NamedTuple):
    """The effects of a model, the strongest weight first; those of `numbers` are for a step in their own unit."""

    others: tuple[Effect, ...]
    numbers: tuple[Effect, ...]


def find_effects(contract: Contract, columns: FieldColumns) -> Effects:
    """The effects of these weights, each of which belongs to one or two fields of the contract."""
    others = [_curve_effect(curve) for curve in columns.curves.values()]
    others += [_pair_effect(interaction) for interaction in columns.interactions]
    numbers: list[tuple[float, Effect]] = []
    for field in contract.fields:
        weights = [*columns.by_field[field.name].values()]
        name = show_text(field.name)
        if isinstance(field, Category):
            steps = (f"{name} is {_show_category(category)}" for category in field.categories)
            others += map(Effect, weights, steps)
        elif isinstance(field, Flag):
            others.append(Effect(weights[0], f"{name} is 1"))
        elif field.name not in columns.curves:
            numbers += zip(weights, _number_effects(name, weights), strict=True)
    strongest = sorted(numbers, key=lambda weighed: -abs(weighed[0]))
    others.sort(key=lambda effect: -abs(effect.log_odds))
    return Effects(tuple(others), tuple(effect for _, effect in strongest))


def _number_effects(name: str, weights: list[float]) -> Iterator[Effect]:
    """The effect of a number, and that of its logarithm where it has one."""
    weight, *logarithm = weights
    power = 0
    while 0 < abs(weight) * 10**power < _LEAST_STEP and power < _LARGEST_POWER:
        power += 1
    yield Effect(weight * 10**power, f"{name}, for {10**power:,} more")
    for log_weight in logarithm:
        yield Effect(log_weight * math.log(2), f"{name}, each time that 1 + {name} doubles")


def _curve_effect(curve: Curve) -> Effect:
    terms = [(curve.term(knot), knot) for knot in curve.knots]
    (lowest, low), (highest, high) = min(terms), max(terms)
    return Effect(highest - lowest, f"{show_text(curve.field)} at {high:g}, compared with {low:g}")


def _pair_effect(interaction: Interaction) -> Effect:
    """The strongest cell, which is added to what each of the two fields adds alone."""
    cells = [
        Effect(cell, f"{_show_place(interaction.first, row)} and {_show_place(interaction.second, column)}")
        for row, cells in enumerate(interaction.log_odds)
        for column, cell in enumerate(cells)
    ]
    return max(cells, key=lambda effect: abs(effect.log_odds))


def _show_place(axis: Axis, place: int) -> str:
    name = show_text(axis.field)
    if not axis.cuts:
        known = place < len(axis.categories)
        return f"{name} is {_show_category(axis.categories[place])}" if known else f"{name} is another"
    if place == 0:
        return f"{name} below {axis.cuts[0]:g}"
    above = f" to below {axis.cuts[place]:g}" if place < len(axis.cuts) else ""
    return f"{name} from {axis.cuts[place - 1]:g}{above}"


def _show_category(category: str) -> str:
    return show_text(category) if category else "blank"
