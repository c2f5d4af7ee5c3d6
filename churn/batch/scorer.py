"""Scores a table by column: categories become weights through their codes, numbers are NumPy's.

The weights are the scorer's own. A row that is not plainly a good customer is not judged here: it goes the way of
one customer, in every spelling, which words its problems. Needs pyarrow and NumPy, which what serves has not.
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
from churn.batch.terms import TableTerms
from churn.errors import CustomerError
from churn.model.answerer import Answerer
from churn.model.outside import OutsideCounter, OutsideCounts
from churn.model.refusals import Refusals
from churn.tables.answer import LOOKED_AT_ROWS, AnswerColumns, FirstCells, arrange_answer
from churn.tables.answer_cells import describe_problems, describe_reason
from churn.tables.customer_values import GainPlan
from churn.tables.renaming import NO_RENAMING, Renaming
from churn.watch.counts import Counts

_NEAR = 1e-12  # how far NumPy's probability may be from the one customer's


class ScoredRows(NamedTuple):
    """Some rows of a table with their answers, as they are to be written: those of a CSV are one column of texts.

    Those of a workbook are lists of cells instead. `probabilities` is float64, shape (n_rows,), 0 to 1, NaN where a
    row is refused. `refusals` has these rows, numbered from 0, of `total`, in which the blank rows of a CSV or a
    workbook are counted too. `outside` counts the scored rows outside of what training saw, by field; `counts` are
    those of all scored rows, None where nobody counts them; and so are `gains`, what contacting a customer brings.
    """

    rows: pa.RecordBatch
    probabilities: np.ndarray
    refusals: Refusals
    outside: OutsideCounts
    total: int
    counts: Counts | None
    gains: RowGains | None


class TableScorer:
    """Answers tables as an answerer does its customers, by column; `renaming` is for tables with other names.

    `counter` is what counts the customers that are scored, None where `counted` is False. With a `plan` an answer has
    the expected gain of contacting its customer.
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
        """A table with its answers: churn_probability, churn, expected_gain if asked for, reason_1..., and error.

        What a row does not have is null. `columns` are the answer's, and `gains` find_gains', where a larger table
        has decided them. Raises CustomerError as Contract.place_fields does, and ValueError as TableGains does.
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
        """What answers those rows of one piece that are scored singly, and counts all rows if they are counted."""
        return Uncounted(self.answerer) if self.counter is None else self.counter.begin_piece()

    def place_fields(self, names: Sequence[str]) -> dict[str, int]:
        """Where each field stands among a table's columns. Raises CustomerError as Contract.place_fields does."""
        return self.contract.place_fields(self.renaming.rename(names))

    def arrange(self, names: Sequence[str], first_cells: FirstCells) -> AnswerColumns:
        """What the answer's columns are called in a table, and what they replace; see arrange_answer."""
        return arrange_answer(
            names,
            self.contract,
            n_reasons=self.answerer.n_reasons,
            with_errors=True,
            earlier_answer=first_cells,
            with_gain=self.plan is not None,
        )

    def find_gains(self, names: Sequence[str], first_cells: FirstCells) -> TableGains | None:
        """What finds the gains of a table's rows, None without a plan. Raises ValueError as TableGains does."""
        if self.plan is None:
            return None
        return TableGains(self.plan, names, first_cells, contract=self.contract, renaming=self.renaming)

    def read(self, columns: Mapping[str, pa.Array]) -> Readings:
        """What is plainly good in the columns of the contract's fields, of any type."""
        codes, values, numbers = {}, {}, {}
        for name, _ in self._scorer.lookups:
            codes[name], values[name] = look_up_values(columns[name], self._fields[name])
        for name, (lowest, highest) in self._scorer.limits.items():
            numbers[name] = self._read_numbers(columns[name], name)
            numbers[name][~((numbers[name] >= lowest) & (numbers[name] <= highest))] = np.nan
        readings = Readings(codes, values, numbers, self._find_outside(numbers), blanks={})
        return fill_blanks(readings, columns, self._fields.values())

    def _read_numbers(self, column: pa.Array, name: str) -> np.ndarray:
        """The numbers of a field, float64, NaN for one that is a blank in this field and where there is none."""
        marks, blanks = self.marks.get(name), self._blank_numbers[name]
        numbers = read_marked_numbers(column, marks) if marks else read_numbers(column)
        if blanks:
            numbers[np.isin(numbers, blanks)] = np.nan
        return numbers

    def _find_outside(self, numbers: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Which rows are outside of what training saw, by field, where some are."""
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
        """The churn probability, 0 to 1, of every row that is plainly a good customer: float64, shape (n_rows,).

        NaN for the others, and for those so near to the threshold that the last digit decides: each of them is to
        be scored singly.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            log_odds = self._terms.add_up(readings)
            odds = np.exp(-np.abs(log_odds))  # never overflows
            probabilities = np.where(log_odds >= 0, 1 / (1 + odds), odds / (1 + odds))
            plain = np.isfinite(log_odds) & (np.abs(probabilities - self.answerer.threshold) > _NEAR)
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
    """Columns of texts with others in some rows, whose numbers rise: a text for each column in each of them."""
    if not len(rows):
        return columns
    replaced = pa.array(np.isin(np.arange(len(columns[0])), rows))
    return [
        pc.replace_with_mask(column, replaced, pa.array(words, type=pa.string()))
        for column, words in zip(columns, zip(*texts, strict=True), strict=True)
    ]


def count_outside(readings: Readings, probabilities: np.ndarray) -> OutsideCounts:
    """How many of the rows with a probability are outside of what training saw, by field."""
    scored = ~np.isnan(probabilities)
    return OutsideCounts({name: int((rows & scored).sum()) for name, rows in readings.outside.items()})
