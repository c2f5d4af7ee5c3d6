"""What a model says of each field, all else equal, as odds ratios: exp of a difference of log-odds.

Reads a model's parts and the customers that it was fitted on; scores nobody, draws nothing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Number, Value
from churn.model.odds_ratio import odds_ratio
from churn.report.own_parts import NumberPart, Outline, OwnParts, known_numbers

LEAST_TURN = math.log(1.1)
"""Log-odds: where a curve goes back by less, it is not said to turn."""
_STEPS = ((0.25, 0.75), (0.05, 0.95), (0.0, 1.0))


class _Difference:
    """Something that makes a difference in log-odds."""

    log_odds: float

    @property
    def odds_ratio(self) -> float:
        return odds_ratio(self.log_odds)


@dataclass(frozen=True)
class NumberOdds(_Difference):
    """A number that goes from its 25 % quantile in training, `low`, to its 75 % quantile, `high`.

    Where these are one, from 5 % to 95 %, else from the lowest to the highest. `log_odds` is what that adds, through
    all columns that the number has alone; `turns` are where within its range rising risk turns to falling or falling
    to rising, by LEAST_TURN at least. `spread` is the standard deviation of its log-odds over the customers.
    """

    field: str
    low: float
    high: float
    log_odds: float
    turns: tuple[float, ...]
    spread: float


@dataclass(frozen=True)
class FlagOdds(_Difference):
    """A flag that is 1 instead of 0; `share` of the customers in training have it, 0 to 1."""

    field: str
    share: float
    log_odds: float


@dataclass(frozen=True)
class CategoryOdds(_Difference):
    """A category compared with the average of its field: the weight less the mean weight over the customers."""

    category: str
    customers: int
    share: float
    log_odds: float


@dataclass(frozen=True)
class FieldOdds:
    """The categories of a field, the riskiest first."""

    field: str
    categories: tuple[CategoryOdds, ...]

    @property
    def spread(self) -> float:
        """How far the field moves customers: the standard deviation of its log-odds over them."""
        return math.sqrt(sum(category.share * category.log_odds**2 for category in self.categories))


@dataclass(frozen=True)
class Odds:
    """Every field of a model, by kind, those that move the most first."""

    numbers: tuple[NumberOdds, ...]
    flags: tuple[FlagOdds, ...]
    categories: tuple[FieldOdds, ...]


def odds_ratios(customers: pd.DataFrame, contract: Contract, parts: OwnParts) -> Odds:
    """What each field of a fitted pair does to the odds; `customers` are those that it was fitted on."""
    numbers = [_number_odds(customers, field, parts.numbers[field.name]) for field in contract.numbers]
    flags, fields = [], []
    for field in contract.fields:
        if isinstance(field, Flag):
            flags.append(_flag_odds(customers, field, parts.values[field.name]))
        elif isinstance(field, Category):
            fields.append(_field_odds(customers, field, parts.values[field.name]))
    return Odds(
        tuple(sorted(numbers, key=lambda number: -number.spread)),
        tuple(sorted(flags, key=lambda flag: -abs(flag.log_odds))),
        tuple(sorted(fields, key=lambda field: -field.spread)),
    )


def _number_odds(customers: pd.DataFrame, field: Number, part: NumberPart) -> NumberOdds:
    numbers = known_numbers(customers, field)
    known = numbers[~np.isnan(numbers)]
    steps = (np.quantile(known, shares).tolist() for shares in _STEPS)
    low, high = next((step for step in steps if step[0] < step[1]), (float(known.min()),) * 2)
    added = part.log_odds(np.array([low, high]))
    turns = _find_turns(part.outline(known))
    return NumberOdds(field.name, low, high, float(added[1] - added[0]), turns, float(part.log_odds(numbers).std()))


def _find_turns(outline: Outline) -> tuple[float, ...]:
    """Where a curve turns: at its highest and lowest points between which it goes by LEAST_TURN or more."""
    points = list(zip(outline.x.tolist(), outline.log_odds.tolist(), strict=True))
    turns: list[float] = []
    rises = None
    top = bottom = points[0]
    for point in points:
        top = max(top, point, key=lambda found: found[1])
        bottom = min(bottom, point, key=lambda found: found[1])
        if rises is not False and top[1] - point[1] >= LEAST_TURN:
            turns += [top[0]] if rises else []
            rises, bottom = False, point
        elif rises is not True and point[1] - bottom[1] >= LEAST_TURN:
            turns += [bottom[0]] if rises is False else []
            rises, top = True, point
    return tuple(turns)


def _flag_odds(customers: pd.DataFrame, field: Flag, log_odds: Mapping[Value, float]) -> FlagOdds:
    return FlagOdds(field.name, float(customers[field.name].mean()), log_odds[1.0] - log_odds[0.0])


def _field_odds(customers: pd.DataFrame, field: Category, log_odds: Mapping[Value, float]) -> FieldOdds:
    counts = customers[field.name].value_counts().reindex(field.categories, fill_value=0).to_numpy()
    shares = counts / counts.sum()
    own = np.array([log_odds[category] for category in field.categories])
    relative = own - shares @ own
    rows = zip(field.categories, counts.tolist(), shares.tolist(), relative.tolist(), strict=True)
    categories = sorted((CategoryOdds(*row) for row in rows), key=lambda category: -category.log_odds)
    return FieldOdds(field.name, tuple(categories))
