"""Learns which values of categories and flags always occur together and never apart.

Each row has a random number, and values are compared by the sums over their rows. So each of thousands of columns is
read only once.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Value, Where
from churn.model.groups import Group

FEWEST_ROWS = 300
"""Values that occur together in fewer rows than this may do so by chance."""
SMALLEST_SHARE = 0.01
"""Values that occur together in a smaller share of the rows than this may do so by chance."""
MOST_GROUPS = 50
"""The number of groups that are kept: those with the most rows, and of equal ones the earlier by the first field."""

_SEED = 1


def find_groups(contract: Contract, customers: pd.DataFrame, test: pd.DataFrame) -> Contract:
    """The contract with the groups found in `customers` that have no exception in `test`.

    Both have a column for each field, as in read_table. A group has no blanks and no value that all customers have.
    """
    marks = np.random.default_rng(_SEED).integers(0, 2**53 // max(len(customers), 1), size=(2, len(customers)))
    by_rows: dict[tuple[int, float, float], list[Where]] = {}
    for field in contract.fields:
        if isinstance(field, Category | Flag):
            for value, rows in _sum_rows(customers[field.name], marks):
                by_rows.setdefault(rows, []).append(Where(field.name, value))
    alike = [(rows[0], Group(tuple(values))) for rows, values in by_rows.items() if len(values) > 1]
    found = [(count, group) for count, group in alike if _holds(group, customers) and _holds(group, test)]
    places = {field.name: place for place, field in enumerate(contract.fields)}
    found.sort(key=lambda counted: (-counted[0], places[counted[1].values[0].field]))
    kept = [group for _, group in found[:MOST_GROUPS]]
    return Contract(contract.fields, tuple(sorted(kept, key=lambda group: places[group.values[0].field])))


def _sum_rows(column: pd.Series, marks: np.ndarray) -> Iterator[tuple[Value, tuple[int, float, float]]]:
    """The values of a column that can be in a group, each with the number of its rows and two sums of their marks.

    `marks` are two numbers for each row, int64, shape (2, n_rows), whose sums float64 holds exactly.
    """
    codes, values = pd.factorize(column)  # NaN gets -1
    marks, codes = marks[:, codes >= 0], codes[codes >= 0]
    counts = np.bincount(codes, minlength=len(values))
    may_be = (counts >= max(FEWEST_ROWS, SMALLEST_SHARE * len(column))) & (counts < len(column))
    if not may_be.any():
        return
    first, second = (np.bincount(codes, weights=row, minlength=len(values)) for row in marks)
    for code in np.flatnonzero(may_be).tolist():
        if values[code] != "":
            value = values[code]
            yield value if isinstance(value, str) else float(value), (int(counts[code]), first[code], second[code])


def _holds(group: Group, customers: pd.DataFrame) -> bool:
    """True if each customer has all values of the group or none of them."""
    first, *others = ((customers[value.field] == value.equals).to_numpy(dtype=bool) for value in group.values)
    return all(np.array_equal(first, other) for other in others)


def describe_groups(groups: Sequence[Group]) -> str:
    """The groups in words.

    >>> describe_groups([Group((Where("phone", "no"), Where("lines", "no_phone")))])
    '1 group: phone no with lines no_phone'
    """
    words = [" with ".join([str(group.values[0]), ", ".join(map(str, group.values[1:]))]) for group in groups]
    return f"{len(groups)} group{'s' if len(groups) != 1 else ''}: {'; '.join(words)}"
