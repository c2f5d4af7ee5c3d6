"""Scores a table by column: codes of categories look up weights, and numbers are NumPy arrays.

The weights are the Scorer's. A row that is not clearly a good customer is answered like a single customer, in any
spelling, which also words its problems. Needs pyarrow and NumPy, which the service does not have.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from churn.batch.answered_batches import cells_of, output_schema
from churn.batch.columns import (
    Readings,
    fill_blanks,
    find_contradictions,
    in_json_types,
    look_up_values,
    read_marked_numbers,
    read_numbers,
)
from churn.batch.counting import PieceCounter, TableCounter, Uncounted
from churn.batch.gains import RowGains, TableGains
from churn.batch.reasons import TableReasons
from churn.batch.terms import NEAR, TableTerms
from churn.errors import CustomerError
from churn.model.answerer import Answerer
from churn.model.outside import OutsideCounter, OutsideCounts
from churn.model.refusals import Refusals
from churn.tables.answer import LOOKED_AT_ROWS, AnswerColumns, FirstCells, arrange_answer
from churn.tables.answer_cells import describe_problems, describe_reason
from churn.tables.customer_values import GainPlan
from churn.tables.renaming import NO_RENAMING, Renaming
from churn.watch.counts import Counts


class ScoredRows(NamedTuple):
    """Some rows of a table with their answers, in the form in which they are written.

    `rows` has the table's columns; for a CSV it is one column of texts, and for a workbook it is a list of lists of
    cells. `probabilities` is float64, shape (n_rows,), 0 to 1, NaN in refused rows. `refusals` has the refused rows,
    numbered from 0. `total` is the number of rows including the blank rows of a CSV or workbook, which these numbers
    count, too. `outside` counts the scored rows outside the training range, by field. `counts` are the counts of all
    scored rows, None if they are not counted; `gains` are the gains of contacting the customers, None without a plan.
    """

    rows: pa.RecordBatch
    probabilities: np.ndarray
    refusals: Refusals
    outside: OutsideCounts
    total: int
    counts: Counts | None
    gains: RowGains | None


class TableScorer:
    """Answers tables by column, as an answerer does single customers; `renaming` is for tables with other names.

    `counter` counts the scored customers, and is None if `counted` is False. With a `plan`, an answer has the
    expected gain of contacting the customer.
    """

    def __init__(
        self,
        answerer: Answerer,
        *,
        renaming: Renaming = NO_RENAMING,
        counted: bool = False,
        plan: GainPlan | None = None,
    ) -> None:
        self.answerer = answerer
        self.plan = plan
        self.counter = TableCounter(answerer) if counted else None
        self.renaming = renaming
        self.contract = answerer.model.scorer.contract
        self.marks = self.contract.marks
        self._scorer = answerer.model.scorer
        self._terms = TableTerms(self._scorer)
        self._reasons = TableReasons(self._terms, answerer)
        self._fields = {field.name: field for field in self.contract.fields}
        self.numbers = {field.name: field for field in self.contract.numbers}
        self._blank_numbers = {name: sorted(field.missing_numbers) for name, field in self.numbers.items()}

    def answer(
        self, batch: pa.RecordBatch, columns: AnswerColumns | None = None, gains: TableGains | None = None
    ) -> ScoredRows:
        """A table with its answers: churn_probability, churn, expected_gain with a plan, reason_1..., and error.

        A missing value is null. For a part of a larger table, `columns` and `gains` are those of the whole table.
        Raises CustomerError as Contract.place_fields does, and ValueError as TableGains does.
        """
        if columns is None:
            first_cells = partial(cells_of, batch.slice(0, LOOKED_AT_ROWS))
            columns = self.arrange(batch.schema.names, first_cells)
            gains = self.find_gains(batch.schema.names, first_cells)
        field_columns = self.place_fields(batch.schema.names)
        cells = {name: in_json_types(batch.column(number)) for name, number in field_columns.items()}
        readings = self.read(cells)
        probabilities = self.score(readings)
        texts = [*self.explain(readings), pa.nulls(len(batch), pa.string())]
        refusals, outside, counted = Refusals(), OutsideCounter(self.contract), self.begin_piece()
        outside.counts += count_outside(readings, probabilities)
        counted.add_columns(readings, probabilities)
        left = np.flatnonzero(np.isnan(probabilities))
        left_texts: list[Sequence[str | None]] = []
        left_cells = {name: column.take(pa.array(left)).to_pylist() for name, column in cells.items()}
        for number, row in enumerate(left.tolist()):
            customer = {name: column[number] for name, column in left_cells.items()}
            try:
                answer = counted.answerer.answer_customer(customer, suggest=refusals.lists_more)
                probabilities[row] = answer.churn_probability
                left_texts.append([*map(describe_reason, answer.reasons), None])
                outside.add(customer)
            except CustomerError as error:
                refusals.add(row, error)
                left_texts.append([*[None] * self.answerer.n_reasons, describe_problems(error.problems)])
        texts = _replace_rows(texts, left, left_texts)
        row_gains = gains.find(batch, probabilities) if gains else None
        table = self._with_answers(batch, columns, probabilities, row_gains, texts)
        return ScoredRows(table, probabilities, refusals, outside.counts, len(batch), counted.finish(), row_gains)

    def begin_piece(self) -> PieceCounter | Uncounted:
        """The counter of one piece's rows; its `answerer` is for those that are scored singly."""
        return Uncounted(self.answerer) if self.counter is None else self.counter.begin_piece()

    def place_fields(self, names: Sequence[str]) -> dict[str, int]:
        """The number of each field's column in a table. Raises CustomerError as Contract.place_fields does."""
        return self.contract.place_fields(self.renaming.rename(names))

    def arrange(self, names: Sequence[str], first_cells: FirstCells) -> AnswerColumns:
        """The names of the answer's columns in a table, and the columns that they replace; see arrange_answer."""
        return arrange_answer(
            names,
            self.contract,
            n_reasons=self.answerer.n_reasons,
            with_errors=True,
            earlier_answer=first_cells,
            with_gain=self.plan is not None,
        )

    def find_gains(self, names: Sequence[str], first_cells: FirstCells) -> TableGains | None:
        """The object that finds the gains of a table's rows; None without a plan. Raises ValueError as TableGains."""
        if self.plan is None:
            return None
        return TableGains(self.plan, names, first_cells, contract=self.contract, renaming=self.renaming)

    def read(self, columns: Mapping[str, pa.Array]) -> Readings:
        """The readings of the contract's columns, of any type; a value that is not clearly good is left out."""
        codes, values, numbers = {}, {}, {}
        for name, _ in self._scorer.lookups:
            codes[name], values[name] = look_up_values(columns[name], self._fields[name])
        for name, (lowest, highest) in self._scorer.limits.items():
            numbers[name] = self._read_numbers(columns[name], name)
            numbers[name][~((numbers[name] >= lowest) & (numbers[name] <= highest))] = np.nan
        readings = Readings(codes, values, numbers, self._find_outside(numbers), blanks={})
        return fill_blanks(readings, columns, self._fields.values())

    def _read_numbers(self, column: pa.Array, name: str) -> np.ndarray:
        """The numbers of a field, float64; NaN for a number that means a blank, and for other values."""
        marks, blanks = self.marks.get(name), self._blank_numbers[name]
        numbers = read_marked_numbers(column, marks) if marks else read_numbers(column)
        if blanks:
            numbers[np.isin(numbers, blanks)] = np.nan
        return numbers

    def _find_outside(self, numbers: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The rows outside the training range, by field, for fields that have some: bool, shape (n_rows,)."""
        outside = {}
        for name, column in numbers.items():
            field = self.numbers[name]
            lowest = -np.inf if field.minimum is None else field.minimum
            highest = np.inf if field.maximum is None else field.maximum
            rows = (column < lowest) | (column > highest)  # False for NaN
            if rows.any():
                outside[name] = rows
        return outside

    def score(self, readings: Readings) -> np.ndarray:
        """The churn probability, 0 to 1, of each row that is clearly a good customer: float64, shape (n_rows,).

        NaN for other rows, and for rows so close to the threshold that the last digit decides: each of these must be
        scored singly.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            log_odds = self._terms.add_up(readings)
            odds = np.exp(-np.abs(log_odds))  # never overflows
            probabilities = np.where(log_odds >= 0, 1 / (1 + odds), odds / (1 + odds))
            plain = np.isfinite(log_odds) & (np.abs(probabilities - self.answerer.threshold) > NEAR)
            plain &= ~find_contradictions(readings, self.contract.groups)
        return np.where(plain, probabilities, np.nan)

    def explain(self, readings: Readings) -> list[pa.Array]:
        """The strongest reasons in words; see TableReasons.explain."""
        return self._reasons.explain(readings)

    def _with_answers(
        self,
        batch: pa.RecordBatch,
        columns: AnswerColumns,
        probabilities: np.ndarray,
        gains: RowGains | None,
        texts: list[pa.Array],
    ) -> pa.RecordBatch:
        refused = np.isnan(probabilities)
        answers = [
            pa.array(probabilities, mask=refused),
            pa.array(probabilities >= self.answerer.threshold, mask=refused),
            *([] if gains is None else [pa.array(gains.gains, mask=np.isnan(gains.gains))]),
            *texts,
        ]
        arrays = columns.put_in(batch.columns, answers)
        return pa.RecordBatch.from_arrays(arrays, schema=output_schema(batch.schema, columns))


def _replace_rows(columns: list[pa.Array], rows: np.ndarray, texts: Sequence[Sequence[str | None]]) -> list[pa.Array]:
    """Columns of texts with some rows replaced; `texts` has, for each of these rows, a text for each column."""
    if not len(rows):
        return columns
    replaced = pa.array(np.isin(np.arange(len(columns[0])), rows))
    return [
        pc.replace_with_mask(column, replaced, pa.array(words, type=pa.string()))
        for column, words in zip(columns, zip(*texts, strict=True), strict=True)
    ]


def count_outside(readings: Readings, probabilities: np.ndarray) -> OutsideCounts:
    """The number of rows with a probability that are outside the training range, by field."""
    scored = ~np.isnan(probabilities)
    return OutsideCounts({name: int((rows & scored).sum()) for name, rows in readings.outside.items()})
