"""Which share of the customers that a model was fitted on is in each cell of its pairs of fields."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from churn.model.contract import Contract
from churn.model.fields import Category, Field
from churn.model.interactions import Axis, Interaction
from churn.training.categories import spell_as_known
from churn.training.matrix import read_numbers

Shares = tuple[tuple[float, ...], ...]
"""A table of one interaction's shape, whose cells add up to 1."""


def find_shares(
    customers: pd.DataFrame, contract: Contract, interactions: Sequence[Interaction]
) -> tuple[Shares, ...]:
    """For each interaction the shares of these customers (read_table's columns) in its cells."""
    customers, tables = spell_as_known(customers, contract), []
    fields = {field.name: field for field in contract.fields}
    for interaction in interactions:
        first, second = (_find_places(customers, fields[axis.field], axis) for axis in interaction.axes)
        width, height = interaction.second.size, interaction.first.size
        counts = np.bincount(first * width + second, minlength=height * width).reshape(height, width)
        tables.append(tuple(map(tuple, (counts / len(customers)).tolist())))
    return tuple(tables)


def _find_places(customers: pd.DataFrame, field: Field, axis: Axis) -> np.ndarray:
    """Each customer's place on an axis: int64, shape (n_customers,)."""
    if isinstance(field, Category):
        places = pd.Index(axis.categories).get_indexer(pd.Index(customers[field.name]))
        return np.where(places < 0, len(axis.categories), places).astype(np.int64)
    return np.searchsorted(axis.cuts, read_numbers(customers, field), side="right")
