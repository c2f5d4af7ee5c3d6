"""The share of a table's customers in each cell of a pair of fields.

Reasons and the report divide the effect of a pair between its fields by these shares. Fits nothing.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from churn.model.contract import Contract
from churn.model.fields import Category
from churn.model.interactions import Axis, Interaction
from churn.training.categories import spell_as_known
from churn.training.matrix import read_numbers

Shares = tuple[tuple[float, ...], ...]
"""A row for each place of the first field, holding the share of customers, 0 to 1, at each place of the second."""


def share_cells(
    customers: pd.DataFrame, contract: Contract, interactions: Sequence[Interaction]
) -> tuple[Shares, ...]:
    """The share of the customers in each cell of each interaction; a blank number counts where its stand-in does.

    The contract must accept every customer (read_table's columns, at least one row).
    """
    known = spell_as_known(customers, contract)
    fields = {field.name: field for field in contract.fields}

    def place(axis: Axis) -> np.ndarray:
        field = fields[axis.field]
        if not isinstance(field, Category):
            return np.searchsorted(axis.cuts, read_numbers(known, field), side="right")
        codes = pd.Index(axis.categories).get_indexer(pd.Index(known[axis.field]))
        return np.where(codes < 0, len(axis.categories), codes)

    return tuple(
        _share(place(interaction.first), place(interaction.second), interaction) for interaction in interactions
    )


def _share(first: np.ndarray, second: np.ndarray, interaction: Interaction) -> Shares:
    size = interaction.first.size, interaction.second.size
    counts = np.bincount(np.ravel_multi_index((first, second), size), minlength=size[0] * size[1])
    return tuple(map(tuple, (counts.reshape(size) / len(first)).tolist()))
