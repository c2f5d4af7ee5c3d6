"""The effect of each field of a model, all else equal, as odds ratios: exp of a difference of log-odds.

Reads a model's parts and the customers that it was fitted on. Scores no customer and draws nothing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Number, Value
from churn.model.number_part import NumberPart
from churn.model.odds import odds_ratio
from churn.report.own_parts import Outline, OwnParts, known_numbers, outline_known, weigh_numbers

LEAST_TURN = math.log(1.1)
"""The smallest change of log-odds that counts as a turn of a curve."""
_STEPS = ((0.25, 0.75), (0.05, 0.95), (0.0, 1.0))


class _Difference:
    """A difference in log-odds."""

    log_odds: float

    @property
    def odds_ratio(self) -> float:
        return odds_ratio(self.log_odds)


@dataclass(frozen=True)
class NumberOdds(_Difference):
    """A number that goes from its 25 % quantile in training, `low`, to its 75 % quantile, `high`.

    If these are equal, from 5 % to 95 %, or else from the lowest to the highest value. `log_odds` is the change due
    to that, through all columns of the number alone. `turns` are the numbers within the range at which rising risk
    turns to falling or the reverse, by at least LEAST_TURN. `spread` is the standard deviation of the number's
    log-odds over the customers.
    """

    field: str
    low: float
    high: float
    log_odds: float
    turns: tuple[float, ...]
    spread: float


@dataclass(frozen=True)
class FlagOdds(_Difference):
    """A flag that is 1 instead of 0; `share`, 0 to 1, is the share of training customers with 1."""

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
        """The strength of the field's effect: the standard deviation of its log-odds over the customers."""
        return math.sqrt(sum(category.share * category.log_odds**2 for category in self.categories))


@dataclass(frozen=True)
class Odds:
    """All fields of a model, by kind, the strongest effect first."""

    numbers: tuple[NumberOdds, ...]
    flags: tuple[FlagOdds, ...]
    categories: tuple[FieldOdds, ...]


def odds_ratios(customers: pd.DataFrame, contract: Contract, parts: OwnParts) -> Odds:
    """The odds ratios of each field of a fitted pair; `customers` are the customers that it was fitted on."""
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
    turns = _find_turns(outline_known(part, known))
    added, spread = part.log_odds(high) - part.log_odds(low), float(weigh_numbers(part, numbers).std())
    return NumberOdds(field.name, low, high, added, turns, spread)


def _find_turns(outline: Outline) -> tuple[float, ...]:
    """The numbers at which a curve turns: its highest and lowest points that differ by LEAST_TURN or more."""
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
