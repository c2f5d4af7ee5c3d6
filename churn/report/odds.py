"""What a model says of each field, all else equal, as odds ratios: exp of a difference of log-odds.

Reads weights and the customers that they were fitted on; scores nobody, draws nothing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from churn.model.columns import category_column, log_column
from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Number

_STEPS = ((0.25, 0.75), (0.05, 0.95), (0.0, 1.0))
_LARGEST_EXPONENT = 700.0  # exp of more overflows


class _Difference:
    """Something that makes a difference in log-odds."""

    log_odds: float

    @property
    def odds_ratio(self) -> float:
        return _exp(self.log_odds)


@dataclass(frozen=True)
class NumberOdds(_Difference):
    """A number that goes from its 25 % quantile in training, `low`, to its 75 % quantile, `high`.

    Where these are one, from 5 % to 95 %, else from the lowest to the highest. `log_odds` is what that adds,
    through the number and its logarithm together; `turns_at` is where within its range rising risk turns to
    falling or falling to rising, None when it never does.
    """

    field: str
    low: float
    high: float
    log_odds: float
    turns_at: float | None


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


def odds_ratios(customers: pd.DataFrame, contract: Contract, dv: DictVectorizer, model: LogisticRegression) -> Odds:
    """What each field of a fitted pair does to the odds; `customers` are those that it was fitted on."""
    weights = dict(zip(dv.feature_names_, model.coef_[0].tolist(), strict=True))
    numbers = [_number_odds(customers, field, weights) for field in contract.fields if isinstance(field, Number)]
    flags = [_flag_odds(customers, field, weights) for field in contract.fields if isinstance(field, Flag)]
    fields = [_field_odds(customers, field, weights) for field in contract.fields if isinstance(field, Category)]
    return Odds(
        tuple(sorted(numbers, key=lambda number: -abs(number.log_odds))),
        tuple(sorted(flags, key=lambda flag: -abs(flag.log_odds))),
        tuple(sorted(fields, key=lambda field: -field.spread)),
    )


def _number_odds(customers: pd.DataFrame, field: Number, weights: Mapping[str, float]) -> NumberOdds:
    known = customers[field.name].fillna(field.blank.value if field.blank else math.nan)
    steps = ((float(known.quantile(low)), float(known.quantile(high))) for low, high in _STEPS)
    low, high = next((step for step in steps if step[0] < step[1]), (float(known.min()),) * 2)
    weight, log_weight = weights[field.name], weights.get(log_column(field.name))
    added = weight * (high - low)
    turns_at = None
    if log_weight is not None:
        added += log_weight * (math.log1p(high) - math.log1p(low))
        if weight * log_weight < 0:
            turns_at = -log_weight / weight - 1  # where weight + log_weight / (1 + x) is 0
    if turns_at is not None and not float(known.min()) < turns_at < float(known.max()):
        turns_at = None
    return NumberOdds(field.name, low, high, added, turns_at)


def _flag_odds(customers: pd.DataFrame, field: Flag, weights: Mapping[str, float]) -> FlagOdds:
    return FlagOdds(field.name, float(customers[field.name].mean()), weights[field.name])


def _field_odds(customers: pd.DataFrame, field: Category, weights: Mapping[str, float]) -> FieldOdds:
    counts = customers[field.name].value_counts().reindex(field.categories, fill_value=0).to_numpy()
    shares = counts / counts.sum()
    own = np.array([weights[category_column(field.name, category)] for category in field.categories])
    relative = own - shares @ own
    rows = zip(field.categories, counts.tolist(), shares.tolist(), relative.tolist(), strict=True)
    categories = sorted((CategoryOdds(*row) for row in rows), key=lambda category: -category.log_odds)
    return FieldOdds(field.name, tuple(categories))


def _exp(log_odds: float) -> float:
    return math.exp(min(log_odds, _LARGEST_EXPONENT))
