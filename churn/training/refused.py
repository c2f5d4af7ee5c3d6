"""Which customers of a table a contract takes, and which it refuses: how many, and for which fields.

By column, for the rows of a training; a single customer is checked by the contract itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churn.model.contract import Contract
from churn.model.fields import Category, Field, Flag, Number

_MOST_NAMED = 10  # fields
_ENOUGH_PERCENT = 90  # of the customers: figures on fewer do not speak for all


@dataclass(frozen=True)
class Refused:
    """How many customers are refused, and by field how many for it: one refused for two fields counts in both."""

    customers: int
    fields: Mapping[str, int]

    def describe(self) -> str:
        """The fields with their counts, the largest first, ten at most.

        >>> Refused(212, {"paymentmethod": 4, "contract": 210}).describe()
        'contract: 210, paymentmethod: 4'
        """
        ordered = sorted(self.fields.items(), key=lambda counted: (-counted[1], counted[0]))
        words = [f"{field}: {count:,}" for field, count in ordered[:_MOST_NAMED]]
        if len(ordered) > _MOST_NAMED:
            words.append(f"and {len(ordered) - _MOST_NAMED} more")
        return ", ".join(words)

    def leaves_enough(self, remaining: int) -> bool:
        """Whether the customers that remain are 90 % of all or more.

        >>> Refused(10, {"plan": 10}).leaves_enough(90), Refused(10, {"plan": 10}).leaves_enough(89)
        (True, False)
        """
        return 100 * remaining >= _ENOUGH_PERCENT * (remaining + self.customers)


def taken_customers(customers: pd.DataFrame, contract: Contract) -> np.ndarray:
    """Which customers the contract takes: bool, shape (n_customers,). The service would refuse the others."""
    taken = np.ones(len(customers), dtype=bool)
    for field in contract.fields:
        taken &= _takes(field, customers)
    return taken


def count_refused(customers: pd.DataFrame, contract: Contract) -> Refused:
    """The customers that the contract refuses, counted, and by field."""
    refused = {field.name: ~_takes(field, customers) for field in contract.fields}
    counts = {name: int(rows.sum()) for name, rows in refused.items() if rows.any()}
    return Refused(int(np.any(list(refused.values()), axis=0).sum()), counts)


def _takes(field: Field, customers: pd.DataFrame) -> np.ndarray:
    column = customers[field.name]
    taken: np.ndarray
    if isinstance(field, Category):
        taken = column.isin(field.categories).to_numpy()
    elif isinstance(field, Flag):
        taken = column.isin([0.0, 1.0]).to_numpy()
    else:
        taken = column.notna().to_numpy() | _blank_is_known(customers, field)
        if field.non_negative:
            taken = taken & ~(column < 0).to_numpy()
    return taken


def _blank_is_known(customers: pd.DataFrame, field: Number) -> np.ndarray:
    known = np.full(len(customers), field.blank is not None)
    if field.blank and field.blank.where:
        known &= (customers[field.blank.where.field] == field.blank.where.equals).to_numpy()
    return known
