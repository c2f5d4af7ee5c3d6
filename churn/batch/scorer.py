"""Scores a table by column: categories become weights through their codes, numbers are NumPy's.

The weights are the scorer's own. A row that is not plainly a good customer is not judged here: it goes the way of
one customer, in every spelling, which words its problems. Needs pyarrow and NumPy, which what serves has not.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from churn.batch.columns import (
    Readings,
    fill_blanks,
    find_contradictions,
    in_json_types,
    look_up_values,
    read_marked_numbers,
    read_numbers,
)
from churn.errors import CustomerError
from churn.model.answerer import Answerer
from churn.model.explaining import Reason
from churn.model.fields import Value
from churn.model.outside import OutsideCounter, OutsideCounts
from churn.model.refusals import Refusals
from churn.tables.answer import LOOKED_AT_ROWS, AnswerColumns, FirstCells, arrange_answer
from churn.tables.csv_rows import describe_problems, describe_reason
from churn.tables.renaming import NO_RENAMING, Renaming

_NEAR = 1e-12  # how far NumPy's probability may be from the one customer's


class ScoredRows(NamedTuple):
    """Some rows of a table with their answers, as they are to be written: those of a CSV are one column of texts.

    Those of a workbook are lists of cells instead. `probabilities` is float64, shape (n_rows,), 0 to 1, NaN where a
    row is refused. `refusals` has these rows, numbered from 0, of `total`, in which the blank rows of a CSV or a
    workbook are counted too. `outside` counts the scored rows outside of what training saw, by field.
    """

    rows: pa.RecordBatch
    probabilities: np.ndarray
    refusals: Refusals
    outside: OutsideCounts
    total: int


class TableScorer:
    """Answers tables as an answerer does its customers, by column; `renaming` is for tables with other names."""

    def __init__(self, answerer: Answerer, *, renaming: Renaming = NO_RENAMING) -> None:
        self.answerer = answerer
        self.renaming = renaming
        self.contract = answerer.model.scorer.contract
        self.marks = self.contract.marks
        self._scorer = answerer.model.scorer
        self._fields = {field.name: field for field in self.contract.fields}
        self.numbers = {field.name: field for field in self.contract.numbers}
        self._blank_numbers = {name: sorted(field.missing_numbers) for name, field in self.numbers.items()}

    def answer(self, batch: pa.RecordBatch, columns: AnswerColumns | None = None) -> ScoredRows:
        """A table with its answers: churn_probability, churn, reason_1..., and error, or null.

        `columns` are the answer's where a larger table has decided it. Raises CustomerError as Contract.place_fields
        does.
        """
        if columns is None:
            columns = self.arrange(batch.schema.names, partial(cells_of, batch.slice(0, LOOKED_AT_ROWS)))
        field_columns = self.place_fields(batch.schema.names)
        cells = {name: in_json_types(batch.column(number)) for name, number in field_columns.items()}
        readings = self.read(cells)
        probabilities = self.score(readings)
        reasons = [column.to_numpy(zero_copy_only=False) for column in self.explain(readings)]
        errors = np.full(len(probabilities), None, dtype=object)
        refusals, outside = Refusals(), OutsideCounter(self.contract)
        outside.counts += count_outside(readings, probabilities)
        left = np.flatnonzero(np.isnan(probabilities))
        left_cells = {name: column.take(pa.array(left)).to_pylist() for name, column in cells.items()}
        for number, row in enumerate(left.tolist()):
            words: Sequence[str | None] = [None] * self.answerer.n_reasons
            customer = {name: column[number] for name, column in left_cells.items()}
            try:
                answer = self.answerer.answer_customer(customer, suggest=refusals.lists_more)
                probabilities[row] = answer.churn_probability
                words = [describe_reason(reason) for reason in answer.reasons]
                outside.add(customer)
            except CustomerError as error:
                refusals.add(row, error)
                errors[row] = describe_problems(error.problems)
            for column, reason_words in zip(reasons, words, strict=True):
                column[row] = reason_words
        table = self._with_answers(batch, columns, probabilities, [*reasons, errors])
        return ScoredRows(table, probabilities, refusals, outside.counts, len(batch))

    def place_fields(self, names: Sequence[str]) -> dict[str, int]:
        """Where each field stands among a table's columns. Raises CustomerError as Contract.place_fields does."""
        return self.contract.place_fields(self.renaming.rename(names))

    def arrange(self, names: Sequence[str], first_cells: FirstCells) -> AnswerColumns:
        """What the answer's columns are called in a table, and what they replace; see arrange_answer."""
        n_reasons = self.answerer.n_reasons
        return arrange_answer(names, self.contract, n_reasons=n_reasons, with_errors=True, earlier_answer=first_cells)

    def read(self, columns: Mapping[str, pa.Array]) -> Readings:
        """What is plainly good in the columns of the contract's fields, of any type."""
        codes, values, numbers = {}, {}, {}
        for name, _ in self._scorer.lookups:
            codes[name], values[name] = look_up_values(columns[name], self._fields[name])
        for name, lowest, highest, _, _ in self._scorer.numbers:
            numbers[name] = self._read_numbers(columns[name], name)
            numbers[name][~((numbers[name] >= lowest) & (numbers[name] <= highest))] = np.nan
        readings = Readings(codes, values, numbers, self._find_outside(numbers))
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
        be scored singly. The terms are added in the order of Scorer.log_odds.
        """
        log_odds = np.array(self._scorer.intercept)
        with np.errstate(over="ignore", invalid="ignore"):
            for name, weights in self._scorer.lookups:
                log_odds = log_odds + _weigh_values(readings.values[name], weights)[readings.codes[name]]
            for name, _, _, weight, log_weight in self._scorer.numbers:
                numbers = readings.numbers[name]
                log_odds = log_odds + weight * numbers
                if log_weight:
                    log_odds += log_weight * np.log1p(numbers)
            odds = np.exp(-np.abs(log_odds))  # never overflows
            probabilities = np.where(log_odds >= 0, 1 / (1 + odds), odds / (1 + odds))
            plain = np.isfinite(log_odds) & (np.abs(probabilities - self.answerer.threshold) > _NEAR)
            plain &= ~find_contradictions(readings, self.contract.groups)
        return np.where(plain, probabilities, np.nan)

    def explain(self, readings: Readings) -> list[pa.Array]:
        """The strongest reasons in words: the first of every row, the second...; "" for a row that is not plain."""
        if not self.answerer.n_reasons:
            return []
        average_terms = self.answerer.model.explainer.average_terms
        words: list[str] = []
        contributions, word_indices = [], []  # by field, each of shape (n_rows,)
        for name in self._fields:
            terms, values, codes = self._terms(name, readings)
            differences = terms - average_terms[name]
            contributions.append(differences[codes])
            word_indices.append(codes + len(words))
            for value, contribution in zip(values, differences.tolist(), strict=True):
                words.append("" if value is None else describe_reason(Reason(name, value, contribution)))
        strength = -np.abs(np.array(contributions)).T
        order = np.argsort(strength, axis=1, kind="stable")[:, : self.answerer.n_reasons].T
        all_words = pa.array(words)
        strongest = np.take_along_axis(np.array(word_indices), order, axis=0)
        return [all_words.take(pa.array(indices)) for indices in strongest]

    def _terms(self, name: str, readings: Readings) -> tuple[np.ndarray, list[Value | None], np.ndarray]:
        """A field's different terms, their values, and for each row which of them it has."""
        for field, weights in self._scorer.lookups:
            if field == name:
                return _weigh_values(readings.values[name], weights), readings.values[name], readings.codes[name]
        *_, weight, log_weight = next(number for number in self._scorer.numbers if number.field == name)
        different, codes = np.unique(readings.numbers[name], return_inverse=True)
        with np.errstate(over="ignore", invalid="ignore"):
            terms = weight * different + (log_weight * np.log1p(different) if log_weight else 0.0)
        return terms, [value if value == value else None for value in different.tolist()], codes

    def _with_answers(
        self, batch: pa.RecordBatch, columns: AnswerColumns, probabilities: np.ndarray, texts: list[np.ndarray]
    ) -> pa.RecordBatch:
        refused = np.isnan(probabilities)
        answers = [
            pa.array(probabilities, mask=refused),
            pa.array(probabilities >= self.answerer.threshold, mask=refused),
            *(pa.array(column, type=pa.string()) for column in texts),
        ]
        arrays = columns.put_in(batch.columns, answers)
        return pa.RecordBatch.from_arrays(arrays, schema=output_schema(batch.schema, columns))


def count_outside(readings: Readings, probabilities: np.ndarray) -> OutsideCounts:
    """How many of the rows with a probability are outside of what training saw, by field."""
    scored = ~np.isnan(probabilities)
    return OutsideCounts({name: int((rows & scored).sum()) for name, rows in readings.outside.items()})


def answer_fields(columns: AnswerColumns) -> list[pa.Field]:
    """The answer's columns with their types: a number, a boolean, and texts."""
    types = [pa.float64(), pa.bool_(), *[pa.string()] * (len(columns.names) - 2)]
    return [pa.field(name, kind) for name, kind in zip(columns.names, types, strict=True)]


def output_schema(schema: pa.Schema, columns: AnswerColumns) -> pa.Schema:
    """The schema of an answered table: its own columns without an earlier answer's, then the answer's."""
    return pa.schema(columns.put_in(list(schema), answer_fields(columns)), metadata=schema.metadata)


def pick_rows(parts: Sequence[pa.RecordBatch], places: np.ndarray) -> list[pa.RecordBatch]:
    """The rows at these places, from 0, of several record batches taken together."""
    rows = pa.Table.from_batches(parts).unify_dictionaries().take(pa.array(places))
    picked: list[pa.RecordBatch] = rows.combine_chunks().to_batches()
    return picked


def cells_of(batch: pa.RecordBatch, run: range) -> Iterator[tuple[object, ...]]:
    """A batch's rows, each with its cells in some columns as Python values. Raises ArrowException."""
    return zip(*(batch.column(number).to_pylist() for number in run), strict=True)


def _weigh_values(values: Sequence[Value | None], weights: Mapping[Value, float]) -> np.ndarray:
    """The weight of each value, NaN of None: float64, shape (n_values,)."""
    return np.array([np.nan if value is None else weights[value] for value in values])
