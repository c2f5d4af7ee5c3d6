"""Fills the matrix of many customers, column by column.

Owns the filling of each kind of column. `fit` and `shapes` choose the columns of a model.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from churn.model.columns import (
    AtLeast,
    Both,
    Column,
    Condition,
    IsBlank,
    Itself,
    OneCategory,
    Ramp,
    Within,
    category_column,
    log_column,
    read_column,
)
from churn.model.contract import Contract
from churn.model.fields import Category, Field, Flag
from churn.training.categories import spell_as_known
from churn.training.newton import Entries, Matrix, stack_entries
from churn.training.size import MOST_DENSE_COLUMNS

BLOCK_ROWS = 10_000
"""The rows of a large matrix that are filled at a time."""


def name_column(column: Column) -> str:
    """The DictVectorizer's name for a column.

    >>> name_column(OneCategory("contract", "two_year")), name_column(Itself("tenure", logarithm=True))
    ('contract=two_year', 'log1p(tenure)')
    """
    if isinstance(column, OneCategory):
        return category_column(column.field, column.category)
    if isinstance(column, Itself):
        return log_column(column.field) if column.logarithm else column.field
    return str(column)


def read_columns(names: Sequence[str], contract: Contract) -> list[Column]:
    """The columns with these names; a name that is a field's own means that field, whatever it looks like."""
    fields = {field.name for field in contract.fields}
    return [Itself(name) if name in fields else read_column(name) for name in names]


def fill_matrix(customers: pd.DataFrame, contract: Contract, columns: Sequence[Column]) -> Matrix:
    """The customers' values in these columns: float64, shape (n_customers, n_columns).

    `columns` must have all columns of a category field or none. The matrix is dense up to MOST_DENSE_COLUMNS columns,
    and always with curves or pairs of fields; otherwise sparse. The contract must accept every customer. Raises
    ValueError for a category that it does not know.
    """
    customers, shape = spell_as_known(customers, contract), (len(customers), len(columns))
    is_plain = all(isinstance(column, OneCategory | Itself) for column in columns)
    entries = _find_entries(customers, contract, columns)
    if is_plain and shape[1] > MOST_DENSE_COLUMNS:
        return stack_entries(list(entries), shape)
    X, rows = np.zeros(shape, order="C" if is_plain else "F"), np.arange(shape[0])
    for places, values in entries:
        X[rows if isinstance(places, np.ndarray) else slice(None), places] = values
    return X


def fill_blocks(
    customers: pd.DataFrame, contract: Contract, columns: Sequence[Column], *, rows: int = BLOCK_ROWS
) -> Iterator[Matrix]:
    """The matrix of fill_matrix in blocks of `rows` rows."""
    for start in range(0, len(customers), rows):
        yield fill_matrix(customers.iloc[start : start + rows], contract, columns)


def average_columns(customers: pd.DataFrame, contract: Contract, columns: Sequence[Column]) -> dict[str, float]:
    """The mean of each column over the customers, by its name."""
    sums = np.zeros(len(columns))
    for X in fill_blocks(customers, contract, columns):
        sums += X.sum(axis=0)
    return dict(zip(map(name_column, columns), (sums / len(customers)).tolist(), strict=True))


def read_numbers(customers: pd.DataFrame, field: Field) -> np.ndarray:
    """The values of a number or a flag, a blank replaced by what it stands for: float64, shape (n_customers,)."""
    numbers: np.ndarray = customers[field.name].to_numpy(dtype=np.float64)
    blank = None if isinstance(field, Category | Flag) else field.blank
    return numbers if blank is None else np.where(np.isnan(numbers), blank.value, numbers)


def _find_entries(customers: pd.DataFrame, contract: Contract, columns: Sequence[Column]) -> Iterator[Entries]:
    """The entries of each column, or of all columns of a category: the column of each row, and the value there."""
    places = {column: place for place, column in enumerate(columns) if isinstance(column, OneCategory)}
    numbers: dict[str, np.ndarray] = {}
    for field in contract.fields:
        if isinstance(field, Category):
            codes = pd.Index(field.categories).get_indexer(pd.Index(customers[field.name]))
            if (codes < 0).any():
                raise ValueError(f"{field.name} has a category that the contract does not know")
            own = [places.get(OneCategory(field.name, category)) for category in field.categories]
            if None not in own:
                yield np.array(own)[codes], 1.0
        else:
            numbers[field.name] = read_numbers(customers, field)
    conditions = _Conditions(customers, numbers, columns)
    for place, column in enumerate(columns):
        if isinstance(column, Both):
            yield place, conditions.hold(column.first) * conditions.hold(column.second)
        elif isinstance(column, IsBlank):
            yield place, customers[column.field].isna().to_numpy(dtype=np.float64)
        elif not isinstance(column, OneCategory):
            yield place, _transform(numbers[column.field], column)


def _transform(numbers: np.ndarray, column: Itself | Within | Ramp) -> np.ndarray:
    """The column's entries for these numbers."""
    if isinstance(column, Ramp):
        return np.clip((numbers - column.start) / (column.end - column.start), 0.0, 1.0)
    if isinstance(column, Within):
        numbers = np.clip(numbers, column.low, column.high)
    return np.log1p(numbers) if column.logarithm else numbers


class _Conditions:
    """The customers for which the conditions of columns hold; each condition is computed once."""

    def __init__(self, customers: pd.DataFrame, numbers: dict[str, np.ndarray], columns: Sequence[Column]) -> None:
        self._customers, self._numbers = customers, numbers
        self._known: dict[Condition, np.ndarray] = {}
        self._named: dict[str, set[str]] = {}
        for column in columns:
            for condition in column if isinstance(column, Both) else ():
                if not isinstance(condition, AtLeast) and condition.category is not None:
                    self._named.setdefault(condition.field, set()).add(condition.category)

    def hold(self, condition: Condition) -> np.ndarray:
        """1 where the condition holds, else 0: float64, shape (n_customers,)."""
        if condition not in self._known:
            self._known[condition] = self._find(condition).astype(np.float64)
        return self._known[condition]

    def _find(self, condition: Condition) -> np.ndarray:
        if isinstance(condition, AtLeast):
            return self._numbers[condition.field] >= condition.cut
        values = self._customers[condition.field]
        if condition.category is not None:
            return (values == condition.category).to_numpy(dtype=bool)
        return ~values.isin(self._named.get(condition.field, set())).to_numpy(dtype=bool)
