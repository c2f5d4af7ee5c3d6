"""The value of each customer in a CSV, read with the decimal mark, which may become known in a later row only."""

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from churn.errors import CsvError
from churn.model.answerer import CustomerAnswer
from churn.model.contract import Contract
from churn.tables.answer import LOOKED_AT_ROWS
from churn.tables.csv_form import CsvForm, CsvRow
from churn.tables.customer_values import ColumnMarks, GainPlan, NoValue, ValueColumn, ValueReader
from churn.tables.renaming import Renaming


class ReadValue(NamedTuple):
    """The value of a scored customer; `row` is its row below the header, from 0, blank rows counted."""

    row: int
    value: float | NoValue


class CsvValues:
    """Reads the values of the customers in one CSV: one for all, or the cells of the column with the number `column`.

    `rows` are the CSV's first ones. Raises CsvError for a column that is missing, or is there twice.
    """

    def __init__(
        self, plan: GainPlan, form: CsvForm, rows: Iterable[CsvRow], contract: Contract, renaming: Renaming
    ) -> None:
        self.plan = plan
        try:
            self.column = plan.place_column(renaming.rename(form.header))
        except ValueError as error:
            raise CsvError(f"it {error}", line=form.header_line) from None
        self._field, self._marks = plan.find_field(contract), ColumnMarks()
        if self.column is not None and self._field is None:
            column = self.column
            cells = (row.cells[column] for row in rows if len(row.cells) == len(form.header))
            self._marks = ColumnMarks.learn(islice(cells, LOOKED_AT_ROWS), table_mark=form.decimal_mark)
        self._readers: dict[str, ValueReader | None] = {}

    def read(self, row: CsvRow, form: CsvForm) -> float | NoValue:
        """The value of the customer in a row; `form` is the CSV's form at this row."""
        cell = None if self.column is None else row.cells[self.column]
        return self.plan.read(cell, self.find_reader(form))

    def add_gain(self, answer: CustomerAnswer, value: float | NoValue) -> CustomerAnswer:
        """The answer to a customer with this value, with the expected gain."""
        return answer._replace(expected_gain=self.plan.find_gain(answer.churn_probability, value))

    def find_reader(self, form: CsvForm) -> ValueReader | None:
        """The reader of the column's cells for this form of the CSV; None if all customers have one value."""
        if form.decimal_mark not in self._readers:
            self._readers[form.decimal_mark] = self._make_reader(form)
        return self._readers[form.decimal_mark]

    def _make_reader(self, form: CsvForm) -> ValueReader | None:
        if not isinstance(self.plan.value, ValueColumn):
            return None
        months = self.plan.value.months
        if field := self._field:
            reads_points = field.marks is None and form.plain_mark == "."
            return ValueReader(months, form.make_reader(field.name), field, reads_points=reads_points)
        marks = {"table_mark": form.decimal_mark, "usual_mark": form.plain_mark}
        reads_points = self._marks.reads_points(**marks)
        return ValueReader(months, self._marks.make_reader(**marks), None, reads_points=reads_points)
