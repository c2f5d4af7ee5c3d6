"""Finds the customers of a table that a contract refuses, and counts them by field.

Works by column, for the rows of a training; the contract itself checks a single customer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churn.model.contract import Contract
from churn.model.fields import Category, Field, Flag, Number
from churn.model.groups import Group
from churn.training.categories import spell_as_known

_MOST_NAMED = 10  # fields
_ENOUGH_PERCENT = 90  # of the customers: figures on fewer do not represent all


@dataclass(frozen=True)
class Refused:
    """The number of refused customers, in all and by field; a customer refused for two fields counts in both."""

    customers: int
    fields: Mapping[str, int]

    def describe(self) -> str:
        """The fields with their counts, the largest first, at most ten.

        >>> Refused(212, {"paymentmethod": 4, "contract": 210}).describe()
        'contract: 210, paymentmethod: 4'
        """
        ordered = sorted(self.fields.items(), key=lambda counted: (-counted[1], counted[0]))
        words = [f"{field}: {count:,}" for field, count in ordered[:_MOST_NAMED]]
        if len(ordered) > _MOST_NAMED:
            words.append(f"and {len(ordered) - _MOST_NAMED} more")
        return ", ".join(words)

    def leaves_enough(self, remaining: int) -> bool:
        """True if the remaining customers are at least 90 % of all.

        >>> Refused(10, {"plan": 10}).leaves_enough(90), Refused(10, {"plan": 10}).leaves_enough(89)
        (True, False)
        """
        return 100 * remaining >= _ENOUGH_PERCENT * (remaining + self.customers)


def taken_customers(customers: pd.DataFrame, contract: Contract) -> np.ndarray:
    """True for each customer that the contract accepts: bool, shape (n_customers,)."""
    taken = np.ones(len(customers), dtype=bool)
    for _, refused in _find_refused(customers, contract):
        taken &= ~refused
    return taken


def count_refused(customers: pd.DataFrame, contract: Contract) -> Refused:
    """The number of customers that the contract refuses, in all and by field."""
    refused: dict[str, np.ndarray] = {}
    for name, rows in _find_refused(customers, contract):
        refused[name] = refused.get(name, np.zeros(len(customers), dtype=bool)) | rows
    counts = {name: int(rows.sum()) for name, rows in refused.items() if rows.any()}
    return Refused(int(np.any(list(refused.values()), axis=0).sum()), counts)


def _find_refused(customers: pd.DataFrame, contract: Contract) -> Iterator[tuple[str, np.ndarray]]:
    """Fields with the customers refused for them: bool, shape (n_customers,); a field may come several times."""
    customers = spell_as_known(customers, contract)
    takes = {field.name: _takes(field, customers) for field in contract.fields}
    yield from ((name, ~taken) for name, taken in takes.items())
    for group in contract.groups:
        yield from _find_contradictions(group, customers, takes)


def _find_contradictions(
    group: Group, customers: pd.DataFrame, takes: Mapping[str, np.ndarray]
) -> Iterator[tuple[str, np.ndarray]]:
    """The fields in which customers contradict a group, with these customers; a refused value is ignored."""
    holds = np.array([(customers[value.field] == value.equals).to_numpy(dtype=bool) for value in group.values])
    known = np.array([takes[value.field] for value in group.values])
    contradict = (holds & known).any(axis=0) & (~holds & known).any(axis=0)
    patterns, numbers = np.unique(np.vstack([holds, known])[:, contradict], axis=1, return_inverse=True)
    for number, pattern in enumerate(patterns.T):
        customer = {
            value.field: value.equals if held else ""
            for value, held, is_known in zip(group.values, *np.split(pattern, 2), strict=True)
            if is_known
        }
        problem = group.find_problem(customer)
        if problem and problem.field:
            rows = np.zeros(len(customers), dtype=bool)
            rows[np.flatnonzero(contradict)[numbers == number]] = True
            yield problem.field, rows


def _takes(field: Field, customers: pd.DataFrame) -> np.ndarray:
    column = customers[field.name]
    taken: np.ndarray
    if isinstance(field, Category):
        taken = column.isin(field.categories).to_numpy()
    elif isinstance(field, Flag):
        taken = column.isin([0.0, 1.0]).to_numpy()
    else:
        taken = (column.notna().to_numpy() | _blank_is_known(customers, field)) & ~np.isinf(column).to_numpy()
        if field.non_negative:
            taken = taken & ~(column < 0).to_numpy()
        if field.lowest is not None:
            taken = taken & ~(column < field.lowest).to_numpy()
        if field.highest is not None:
            taken = taken & ~(column > field.highest).to_numpy()
    return taken


def _blank_is_known(customers: pd.DataFrame, field: Number) -> np.ndarray:
    known = np.full(len(customers), field.blank is not None)
    if field.blank and field.blank.where:
        known &= (customers[field.blank.where.field] == field.blank.where.equals).to_numpy()
    return known
