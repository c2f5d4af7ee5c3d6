"""The terms that each field, and each pair of fields, adds to the log-odds of a table's rows, by column.

The weights, curves and tables are the Scorer's. It adds up the weights of several fields in one lookup, so the last
digits of a sum may differ. Needs pyarrow and NumPy, which the service does not have.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from churn.batch.columns import Readings
from churn.model.curves import Curve, Piece
from churn.model.fields import Value
from churn.model.interactions import Axis
from churn.model.scoring import NumberWeight, Scorer

Cells = tuple[np.ndarray, np.ndarray]
"""The row and the column of each row's cell in a table of two fields: int, shape (n_rows,)."""

_NOTHING = np.array(0.0)  # the start of a sum

NEAR = 1e-12
"""The most that a probability from NumPy may differ from that of a single customer."""


class FieldTerms(NamedTuple):
    """The terms of a field's different values, and the value of each row.

    `terms` are float64, shape (n_values,), NaN for the value None, which is not a plain value; `codes` are each row's
    index into them, int, shape (n_rows,).
    """

    terms: np.ndarray
    values: list[Value | None]
    codes: np.ndarray


class TableTerms:
    """Computes the log-odds of rows from a Scorer's weights; NaN for rows that are not plain."""

    def __init__(self, scorer: Scorer) -> None:
        self._intercept = scorer.intercept
        self._weights = {lookup.field: lookup.weights for lookup in scorer.lookups}
        self._lines = {number.field: _Line(number) for number in scorer.numbers}
        self._curves = {curve.field: _BentLine(curve) for curve in scorer.curves}
        self._axes = [interaction.axes for interaction in scorer.interactions]
        self._tables = [np.array(interaction.log_odds) for interaction in scorer.interactions]

    def add_up(self, readings: Readings) -> np.ndarray:
        """The log-odds of each row, float64, shape (n_rows,), summed in the contract's order."""
        log_odds = np.array(self._intercept)
        for name, weights in self._weights.items():
            log_odds = log_odds + _weigh_values(readings.values[name], weights)[readings.codes[name]]
        for name, line in self._lines.items():
            for part in line.parts(readings.numbers[name]):
                log_odds = log_odds + part
        if self._curves:
            of_curves = (
                part
                for name, curve in self._curves.items()
                for part in curve.parts(readings.numbers[name], readings.blanks.get(name))
            )
            log_odds = log_odds + sum(of_curves)
        if self._tables:
            cells = self.find_cells(readings)
            log_odds = log_odds + sum(map(take_cells, self._tables, cells))
        return log_odds

    def of_field(self, name: str, readings: Readings) -> FieldTerms:
        """A field's own terms, without those of its pairs with other fields."""
        if name in self._weights:
            values = readings.values[name]
            return FieldTerms(_weigh_values(values, self._weights[name]), values, readings.codes[name])
        coded = pa.array(readings.numbers[name]).dictionary_encode()
        numbers, codes = coded.dictionary.to_numpy(), coded.indices.to_numpy()
        values = [number if number == number else None for number in numbers.tolist()]
        if name in self._lines:
            return FieldTerms(sum(self._lines[name].parts(numbers), _NOTHING), values, codes)
        is_blank = None
        if (blank := readings.blanks.get(name)) is not None:
            codes, numbers = np.where(blank, len(numbers), codes), np.append(numbers, 0.0)
            values.append("")
            is_blank = np.arange(len(numbers)) == len(numbers) - 1
        return FieldTerms(sum(self._curves[name].parts(numbers, is_blank), _NOTHING), values, codes)

    def find_cells(self, readings: Readings) -> list[Cells]:
        """Each row's cells in the tables of two fields, in the order of Scorer.interactions.

        The cell of a row that is not plain is arbitrary.
        """
        places = {axis: _find_places(axis, readings) for axes in self._axes for axis in axes}
        return [(places[first], places[second]) for first, second in self._axes]


class _Line:
    """A number without a curve."""

    def __init__(self, number: NumberWeight) -> None:
        self._weight, self._log_weight = number.weight, number.log_weight

    def parts(self, numbers: np.ndarray) -> Iterator[np.ndarray]:
        """The terms to sum, in this order: float64, each with the shape of `numbers`."""
        yield self._weight * numbers
        if self._log_weight:
            yield self._log_weight * np.log1p(numbers)


class _BentLine:
    """A number with a curve, as arrays; the piece after the last one is for a blank."""

    def __init__(self, curve: Curve) -> None:
        self._knots = np.array(curve.knots)
        blank = Piece(0.0, 0.0 if curve.blank is None else curve.blank, 0.0, 0.0)
        self._starts, self._bases, self._slopes, self._log_weights = np.array([*curve.pieces, blank]).T.copy()

    def parts(self, numbers: np.ndarray, blank: np.ndarray | None) -> Iterator[np.ndarray]:
        """The terms to sum, in this order: float64, each with the shape of `numbers`; `blank` marks the blanks."""
        pieces = np.searchsorted(self._knots, numbers, side="right")
        if blank is not None:
            pieces[blank] = len(self._starts) - 1
        yield self._bases[pieces] + self._slopes[pieces] * (numbers - self._starts[pieces])
        if self._log_weights.any():
            held = np.clip(numbers, self._knots[0], self._knots[-1])  # outside the logarithm may not exist
            yield self._log_weights[pieces] * np.log1p(held)


def take_cells(table: np.ndarray, cells: Cells) -> np.ndarray:
    """The value of each row's cell in a table of two fields: float64, shape (n_rows,)."""
    rows, columns = cells
    taken: np.ndarray = table.ravel().take(rows * table.shape[1] + columns)
    return taken


def _find_places(axis: Axis, readings: Readings) -> np.ndarray:
    """The place of each row's value on an axis: int, shape (n_rows,)."""
    name = axis.field
    places: np.ndarray
    if name in readings.numbers:
        places = np.searchsorted(axis.cuts, readings.numbers[name], side="right")
    else:
        of_values = [0 if value is None else axis.place(value) for value in readings.values[name]]
        places = np.array(of_values)[readings.codes[name]]
    return places


def _weigh_values(values: Sequence[Value | None], weights: Mapping[Value, float]) -> np.ndarray:
    """The weight of each value, NaN for None: float64, shape (n_values,)."""
    return np.array([np.nan if value is None else weights[value] for value in values])
