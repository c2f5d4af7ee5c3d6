"""Scores a table by column: categories become weights through their codes, numbers are NumPy's.

The weights are the scorer's own. A row that is not plainly a good customer is not judged here: it goes the way of
one customer, in every spelling, which words its problems. Needs pyarrow and NumPy, which what serves has not.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from churn.batch.columns import Readings, fill_blanks, in_json_types, look_up, read_numbers
from churn.errors import CustomerError
from churn.model.contract import Value
from churn.model.explaining import Explainer, Reason
from churn.model.scoring import MAX_PROBLEMS, Scorer, probability
from churn.tables.answer import LOOKED_AT_ROWS, AnswerColumns, FirstCells, added_columns, arrange_answer
from churn.tables.csv_rows import score_customer, tell_problems, tell_reason

_NEAR = 1e-12  # how far NumPy's probability may be from the one customer's


class Answered(NamedTuple):
    """A table with its answers.

    `probabilities` is float64, shape (n_rows,), 0 to 1, NaN where a row is refused; `counts` counts the refused
    rows' problems by field and kind, and `first_rows` says in which row each is first, from 0.
    """

    table: pa.RecordBatch
    probabilities: np.ndarray
    counts: Counter[tuple[str | None, str]]
    first_rows: dict[tuple[str | None, str], int]


class TableScorer:
    """Scores tables with a model's weights.

    `threshold` is the probability, 0 to 1, from which a customer counts as leaving, else ValueError; `strongest` how
    many reasons each gets.
    """

    def __init__(self, scorer: Scorer, explainer: Explainer, *, threshold: float, strongest: int = 0) -> None:
        if not 0 <= threshold <= 1:
            raise ValueError("the threshold must be a probability, 0 to 1")
        self.scorer = scorer
        self.explainer = explainer
        self.threshold = threshold
        self.strongest = min(strongest, len(scorer.contract.fields))
        self._fields = {field.name: field for field in scorer.contract.fields}

    def answer(self, batch: pa.RecordBatch, columns: AnswerColumns | None = None) -> Answered:
        """A table with its answers: churn_probability, churn, reason_1..., and error; null where there is none.

        `columns` are the answer's where a larger table has decided it. Raises CustomerError as Contract.place_fields
        does.
        """
        if columns is None:
            columns = self.arrange(batch.schema.names, partial(cells_of, batch.slice(0, LOOKED_AT_ROWS)))
        places = self.scorer.contract.place_fields(batch.schema.names)
        cells = {name: in_json_types(batch.column(place)) for name, place in places.items()}
        readings = self.read(cells)
        probabilities = self.score(readings)
        reasons = [column.to_numpy(zero_copy_only=False) for column in self.explain(readings)]
        errors = np.full(len(probabilities), None, dtype=object)
        counts: Counter[tuple[str | None, str]] = Counter()
        first_rows: dict[tuple[str | None, str], int] = {}
        left = np.flatnonzero(np.isnan(probabilities))
        taken = {name: column.take(pa.array(left)).to_pylist() for name, column in cells.items()}
        for number, row in enumerate(left.tolist()):
            words: Sequence[str | None] = [None] * self.strongest
            customer = {name: column[number] for name, column in taken.items()}
            try:
                log_odds, strongest = self.score_singly(customer, suggest=counts.total() < MAX_PROBLEMS)
                probabilities[row], words = probability(log_odds), [tell_reason(one) for one in strongest]
            except CustomerError as error:
                counts.update(error.counts)
                for kind in error.counts:
                    first_rows.setdefault(kind, row)
                errors[row] = tell_problems(error.problems)
            for column, one in zip(reasons, words, strict=True):
                column[row] = one
        table = self._with_answers(batch, columns, probabilities, [*reasons, errors])
        return Answered(table, probabilities, counts, first_rows)

    def arrange(self, names: Sequence[str], first_cells: FirstCells) -> AnswerColumns:
        """What the answer's columns are called in a table, and what they replace; see arrange_answer."""
        added = added_columns(self.strongest, True)
        return arrange_answer(names, added, inputs=self._fields, earlier=first_cells)

    def output_schema(self, schema: pa.Schema, columns: AnswerColumns) -> pa.Schema:
        """The columns of an answered table: its own without an earlier answer's, then the answer's."""
        types = [pa.float64(), pa.bool_(), *[pa.string()] * (len(columns.names) - 2)]
        answers = [pa.field(name, kind) for name, kind in zip(columns.names, types, strict=True)]
        return pa.schema([*columns.take_out(list(schema)), *answers], metadata=schema.metadata)

    def read(self, columns: Mapping[str, pa.Array]) -> Readings:
        """What is plainly good in the columns of the contract's fields, of any type."""
        looked_up = {name: look_up(columns[name], self._fields[name]) for name, _ in self.scorer.lookups}
        numbers = {name: read_numbers(columns[name]) for name, _, _, _ in self.scorer.numbers}
        for name, lowest, _, _ in self.scorer.numbers:
            numbers[name][~((numbers[name] >= lowest) & (numbers[name] < np.inf))] = np.nan
        codes = {name: one for name, (one, _) in looked_up.items()}
        readings = Readings(codes, {name: values for name, (_, values) in looked_up.items()}, numbers)
        return fill_blanks(readings, columns, self._fields.values())

    def score(self, readings: Readings) -> np.ndarray:
        """The churn probability, 0 to 1, of every row that is plainly a good customer: float64, shape (n_rows,).

        NaN for the others, and for those so near to the threshold that the last digit decides: each of them is to
        be scored singly. The terms are added in the order of Scorer.log_odds.
        """
        log_odds = np.array(self.scorer.intercept)
        with np.errstate(over="ignore", invalid="ignore"):
            for name, weights in self.scorer.lookups:
                log_odds = log_odds + _weigh(readings.values[name], weights)[readings.codes[name]]
            for name, _, weight, log_weight in self.scorer.numbers:
                numbers = readings.numbers[name]
                log_odds = log_odds + weight * numbers
                if log_weight:
                    log_odds += log_weight * np.log1p(numbers)
            odds = np.exp(-np.abs(log_odds))  # never overflows
            probabilities = np.where(log_odds >= 0, 1 / (1 + odds), odds / (1 + odds))
            plain = np.isfinite(log_odds) & (np.abs(probabilities - self.threshold) > _NEAR)
        return np.where(plain, probabilities, np.nan)

    def explain(self, readings: Readings) -> list[pa.Array]:
        """The strongest reasons in words: the first of every row, the second...; "" for a row that is not plain."""
        if not self.strongest:
            return []
        words: list[str] = []
        contributions, places = [], []  # by field, each of shape (n_rows,); places are those among the words
        for name in self._fields:
            terms, values, codes = self._terms(name, readings)
            contribution = terms - self.explainer.average_terms[name]
            contributions.append(contribution[codes])
            places.append(codes + len(words))
            for value, one in zip(values, contribution.tolist(), strict=True):
                words.append("" if value is None else tell_reason(Reason(name, value, one)))
        strength = -np.abs(np.array(contributions)).T
        order = np.argsort(strength, axis=1, kind="stable")[:, : self.strongest].T
        told = pa.array(words)
        return [told.take(pa.array(one)) for one in np.take_along_axis(np.array(places), order, axis=0)]

    def score_singly(self, customer: object, *, suggest: bool = True) -> tuple[float, Sequence[Reason]]:
        """The log-odds and the strongest reasons of one customer. Raises CustomerError."""
        return score_customer(customer, self.scorer, self.explainer, strongest=self.strongest, suggest=suggest)

    def _terms(self, name: str, readings: Readings) -> tuple[np.ndarray, list[Value | None], np.ndarray]:
        """A field's different terms, their values, and for each row which of them it has."""
        for field, weights in self.scorer.lookups:
            if field == name:
                return _weigh(readings.values[name], weights), readings.values[name], readings.codes[name]
        _, _, weight, log_weight = next(one for one in self.scorer.numbers if one[0] == name)
        different, codes = np.unique(readings.numbers[name], return_inverse=True)
        with np.errstate(over="ignore", invalid="ignore"):
            terms = weight * different + (log_weight * np.log1p(different) if log_weight else 0.0)
        return terms, [value if value == value else None for value in different.tolist()], codes

    def _with_answers(
        self, batch: pa.RecordBatch, columns: AnswerColumns, probabilities: np.ndarray, told: list[np.ndarray]
    ) -> pa.RecordBatch:
        refused = np.isnan(probabilities)
        answers = [
            pa.array(probabilities, mask=refused),
            pa.array(probabilities >= self.threshold, mask=refused),
            *(pa.array(column, type=pa.string()) for column in told),
        ]
        arrays = [*columns.take_out(batch.columns), *answers]
        return pa.RecordBatch.from_arrays(arrays, schema=self.output_schema(batch.schema, columns))


def cells_of(batch: pa.RecordBatch, run: range) -> Iterator[tuple[object, ...]]:
    """A batch's rows, each with its cells in some columns as Python values. Raises ArrowException."""
    return zip(*(batch.column(place).to_pylist() for place in run), strict=True)


def _weigh(values: Sequence[Value | None], weights: Mapping[Value, float]) -> np.ndarray:
    """The weight of each value, NaN of None: float64, shape (n_values,)."""
    return np.array([np.nan if value is None else weights[value] for value in values])
