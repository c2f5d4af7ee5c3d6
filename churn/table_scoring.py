"""Scores a table by column: categories become weights through their codes, numbers are NumPy's.

The weights are the scorer's own. A row that is not plainly a good customer is not judged here: the scorer reads it as
one customer, in every spelling, and words its problems. Needs pyarrow and NumPy, which what serves has not.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from churn.contract import Field
from churn.errors import CustomerError, Problem
from churn.explaining import Explainer, Reason
from churn.scoring import MAX_PROBLEMS, Scorer, probability
from churn.spelling import clean

_PLAIN_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,17})?$"


class Answered(NamedTuple):
    """A table with its answers; `probabilities` is float64, shape (n_rows,), NaN where a row is refused."""

    table: pa.RecordBatch
    probabilities: np.ndarray
    counts: Counter[tuple[str | None, str]]


class TableScorer:
    """Scores tables with a model's weights; `strongest` is how many reasons each row gets."""

    def __init__(self, scorer: Scorer, explainer: Explainer, *, threshold: float, strongest: int = 0) -> None:
        self.contract = scorer.contract
        self.threshold = threshold
        self.strongest = min(strongest, len(scorer.contract.fields))
        self._scorer, self._explainer = scorer, explainer
        self._fields = {field.name: field for field in scorer.contract.fields}

    def answer(self, batch: pa.RecordBatch) -> Answered:
        """A table with its answers added: churn_probability, churn, reason_1..., and error where a row is refused.

        Raises CustomerError as place_fields does.
        """
        columns = {name: batch.column(place) for name, place in self.place_fields(batch.schema.names).items()}
        probabilities = self.score_plain(columns)
        reasons = self.explain_plain(columns, strongest=self.strongest) if self.strongest else []
        errors: dict[int, str] = {}
        counts: Counter[tuple[str | None, str]] = Counter()
        told: dict[int, tuple[Reason, ...]] = {}
        for row in np.flatnonzero(np.isnan(probabilities)).tolist():
            customer = {name: column[row].as_py() for name, column in columns.items()}
            try:
                explanation = self._explainer.explain(customer, strongest=self.strongest, suggest=sum(counts.values()) < MAX_PROBLEMS)
                probabilities[row], told[row] = probability(explanation.log_odds), explanation.reasons
            except CustomerError as error:
                counts.update(error.counts)
                errors[row] = tell_problems(error.problems)
        return Answered(self._with_answers(batch, probabilities, [_put(column, {row: str(one[number]) for row, one in told.items()}) for number, column in enumerate(reasons)], errors), probabilities, counts)

    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """The columns of an answered table: those of the table, the answers' own in their place or behind them."""
        for field in (
            pa.field("churn_probability", pa.float64()),
            pa.field("churn", pa.bool_()),
            *(pa.field(f"reason_{number}", pa.string()) for number in range(1, self.strongest + 1)),
            pa.field("error", pa.string()),
        ):
            place = schema.get_field_index(field.name)
            taken = field.name in self._fields
            schema = schema.append(field) if place < 0 or taken else schema.set(place, field)
        return schema

    def place_fields(self, names: Sequence[str]) -> dict[str, int]:
        """Where each field of the contract stands among a table's columns, in any spelling.

        Raises CustomerError when a field has no column, or two.
        """
        spelled = [clean(name) for name in names]
        problems = []
        for name in self._fields:
            if spelled.count(name) == 0:
                problems.append(Problem(name, "missing", "a column of this name"))
            elif spelled.count(name) > 1:
                problems.append(Problem(name, "given twice", "one column, under one spelling of the name"))
        if problems:
            raise CustomerError(problems)
        return {name: spelled.index(name) for name in self._fields}

    def score_plain(self, columns: Mapping[str, pa.Array]) -> np.ndarray:
        """The churn probability, 0 to 1, of every row that is plainly a good customer, else NaN.

        `columns` are the contract's fields, of any type. The answer is float64, shape (n_rows,).
        """
        with np.errstate(over="ignore", invalid="ignore"):
            log_odds = sum((terms for _, terms in self._terms(columns)), self._scorer.intercept)
            odds = np.exp(-np.abs(log_odds))  # never overflows
            probabilities = np.where(log_odds >= 0, 1 / (1 + odds), odds / (1 + odds))
            return np.where(np.isfinite(log_odds), probabilities, np.nan)

    def explain_plain(self, columns: Mapping[str, pa.Array], *, strongest: int) -> list[pa.Array]:
        """The strongest reasons of rows that score_plain scores, in words: the first of all rows, the second..."""
        with np.errstate(over="ignore", invalid="ignore"):
            names, terms = zip(*self._terms(columns), strict=True)
            contributions = np.array(
                [term - self._explainer.average_term(name) for name, term in zip(names, terms, strict=True)]
            )
        order = np.argsort(-np.abs(contributions), axis=0, kind="stable")[:strongest]
        return [self._in_words(columns, names, contributions, fields) for fields in order]

    def _in_words(
        self, columns: Mapping[str, pa.Array], names: Sequence[str], contributions: np.ndarray, fields: np.ndarray
    ) -> pa.Array:
        """The reason of each row for the field whose number `fields` has; rows of one contribution share its words."""
        words = np.full(len(fields), "", dtype=object)
        for number, name in enumerate(names):
            rows = np.flatnonzero((fields == number) & np.isfinite(contributions[number]))
            different, first, inverse = np.unique(contributions[number][rows], return_index=True, return_inverse=True)
            values = columns[name].take(pa.array(rows[first])).to_pylist()
            told = [
                str(Reason(name, self._fields[name].read(value), contribution))  # type: ignore[arg-type]
                for value, contribution in zip(values, different.tolist(), strict=True)
            ]
            words[rows] = np.array(told, dtype=object)[inverse] if told else ""
        return pa.array(words, type=pa.string())

    def _terms(self, columns: Mapping[str, pa.Array]) -> Iterator[tuple[str, np.ndarray]]:
        """Each field's part of the log-odds, NaN where a row is not plainly good: float64, shape (n_rows,)."""
        for name, weights in self._scorer.lookups:
            yield name, _look_up(columns[name], self._fields[name], weights)
        for name, lowest, weight, log_weight in self._scorer.numbers:
            numbers = _read_numbers(columns[name])
            numbers[~((numbers >= lowest) & (numbers < np.inf))] = np.nan
            yield name, weight * numbers + (log_weight * np.log1p(numbers) if log_weight else 0.0)


def _look_up(column: pa.Array, field: Field, weights: Mapping[object, float]) -> np.ndarray:
    """Each row's weight of a category or flag, NaN where the contract would refuse it: float64, shape (n_rows,)."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    known = [_weigh(field, value, weights) for value in column.dictionary.to_pylist()]
    codes = column.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)
    return np.array([*known, np.nan])[codes]


def _weigh(field: Field, value: object, weights: Mapping[object, float]) -> float:
    if value is None:
        return np.nan
    reading = field.read(value, suggest=False)
    return np.nan if isinstance(reading, Problem) else weights[reading]


def _read_numbers(column: pa.Array) -> np.ndarray:
    """A column as a new float64 array, shape (n_rows,), NaN where a row is not plainly a number."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_boolean(column.type):
        return np.full(len(column), np.nan)
    try:
        numbers = pc.cast(column, pa.float64(), safe=False)
    except pa.ArrowInvalid:  # a text among them is no number; arrow does not say which
        plain = pc.match_substring_regex(column, _PLAIN_NUMBER)
        numbers = pc.cast(pc.if_else(plain, column, None), pa.float64())
    except pa.ArrowNotImplementedError:  # a date, a list
        return np.full(len(column), np.nan)
    return numbers.fill_null(np.nan).to_numpy(zero_copy_only=False).copy()
