"""The expected gain of contacting the customers of a table's rows, by column.

Applies the arithmetic of model/gain and the reading of tables/customer_values to arrays. Needs pyarrow and NumPy,
which the service does not have.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from churn.batch.columns import code_values, in_json_types, read_numbers
from churn.errors import ProblemKind
from churn.model.contract import Contract
from churn.model.refusals import Refusals
from churn.tables.answer import LOOKED_AT_ROWS
from churn.tables.customer_values import (
    LARGEST_VALUE,
    GainPlan,
    NoValue,
    ValueColumn,
    ValueReader,
    make_value_reader,
)
from churn.tables.renaming import Renaming


class RowValues(NamedTuple):
    """The values of the customers in some rows.

    `numbers` are float64, shape (n_rows,), NaN for a customer without a value; `blank` is True where that is because
    the cell is blank: bool, of the same shape.
    """

    numbers: np.ndarray
    blank: np.ndarray

    @classmethod
    def make(cls, values: Iterable[float | NoValue]) -> "RowValues":
        """RowValues of values that were read one by one."""
        read = list(values)
        numbers = np.array([np.nan if isinstance(value, NoValue) else value for value in read], dtype=np.float64)
        return cls(numbers, np.array([value is NoValue.BLANK for value in read], dtype=bool))

    def take(self, rows: np.ndarray) -> "RowValues":
        """The values of some rows, given by their numbers or as bool, shape (n_rows,)."""
        return RowValues(self.numbers[rows], self.blank[rows])

    def put(self, rows: Sequence[int] | np.ndarray, values: "RowValues") -> None:
        """Replaces the values of some rows."""
        self.numbers[rows], self.blank[rows] = values


class RowGains(NamedTuple):
    """The expected gain of contacting each customer of some rows, and its variance.

    Both are float64, shape (n_rows,), NaN for a row that is refused or has no value. `missing` has the scored rows
    without a value, by the problem of their cells.
    """

    gains: np.ndarray
    variances: np.ndarray
    missing: Refusals

    def take(self, rows: np.ndarray) -> "RowGains":
        """The gains of some rows, bool, shape (n_rows,); the other rows must not be customers."""
        return RowGains(self.gains[rows], self.variances[rows], self.missing)


def read_values(column: pa.Array, reader: ValueReader) -> RowValues:
    """The values of customers, read from the cells of a column of any type."""
    column = in_json_types(column)
    blank: np.ndarray = column.is_null().to_numpy(zero_copy_only=False).copy()
    is_text = pa.types.is_string(column.type) or pa.types.is_dictionary(column.type)
    numbers = read_numbers(column) if reader.reads_points or not is_text else np.full(len(column), np.nan)
    blank |= np.isin(numbers, reader.blank_numbers)
    with np.errstate(over="ignore", invalid="ignore"):
        numbers *= reader.months
    numbers[blank | ~(np.abs(numbers) <= LARGEST_VALUE)] = np.nan
    found, left = RowValues(numbers, blank), np.flatnonzero(np.isnan(numbers) & ~blank)
    if len(left):  # cells that are not clearly numbers; each different one is read once
        codes, cells = code_values(column.take(pa.array(left)))
        singly = RowValues.make(map(reader.read, cells)).take(codes)
        found.put(left, singly)
    return found


class TableGains:
    """Finds the gains of one table's rows. `column` is the number, from 0, of the column with the customers' values,
    and `field` the model's field in that column; each is None if there is none.

    `first_cells` returns cells of columns from the first row on. Raises ValueError for a column that is not there.
    """

    def __init__(
        self,
        plan: GainPlan,
        names: Sequence[str],
        first_cells: Callable[[range], Iterable[Sequence[object]]],
        *,
        contract: Contract,
        renaming: Renaming,
    ) -> None:
        self._plan, self.field = plan, plan.find_field(contract)
        self.column = column = plan.place_column(renaming.rename(names))
        cells: Iterable[object] = ()
        if column is not None:
            cells = (cells[0] for cells in islice(first_cells(range(column, column + 1)), LOOKED_AT_ROWS))
        self._reader = make_value_reader(plan, contract, cells)

    def read(self, cell: object) -> float | NoValue:
        """The value of the customer with this cell in the column; without a column, the value of every customer."""
        return self._plan.read(cell, self._reader)

    def find_gain(self, probability: float, value: float | NoValue) -> float | None:
        """The gain of one customer, None without a value."""
        return self._plan.find_gain(probability, value)

    def find(self, batch: pa.RecordBatch, probabilities: np.ndarray) -> RowGains:
        """The gains of a table's rows with these churn probabilities (0 to 1; NaN in refused rows)."""
        values = None
        if self._reader is not None and self.column is not None:
            values = read_values(batch.column(self.column), self._reader)
        return find_gains(self._plan, values, probabilities, np.arange(len(batch)))

    def find_of_values(self, values: RowValues, probabilities: np.ndarray, rows: np.ndarray) -> RowGains:
        """The gains of rows with these customer values; `rows` are the rows' numbers, from 0."""
        return find_gains(self._plan, values, probabilities, rows)


def find_gains(plan: GainPlan, values: RowValues | None, probabilities: np.ndarray, rows: np.ndarray) -> RowGains:
    """The gains of customers with these values (None: all have the plan's value) and churn probabilities.

    `rows` are the rows' numbers, from 0, counting blank rows.
    """
    terms = plan.terms
    worth = plan.value if values is None else values.numbers
    gains, variances = terms.find_gain(probabilities, worth), terms.find_variance(probabilities, worth)
    missing = Refusals()
    if values is not None and isinstance(plan.value, ValueColumn):
        without = np.isnan(values.numbers) & ~np.isnan(probabilities)
        for reason, of_rows in ((NoValue.BLANK, values.blank), (NoValue.NOT_A_NUMBER, ~values.blank)):
            kind: ProblemKind = (plan.value.name, reason.value)
            found = rows[without & of_rows]
            if len(found):
                missing.counts += Counter({kind: len(found)})
                missing.first_rows[kind] = int(found[0])
    return RowGains(gains, variances, missing)
