"""Counts the customers of a scored table in the same bins as the service, by column.

A row that is scored singly is counted as the service counts one customer. Needs NumPy, which the service does not
have.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from churn.batch.columns import Readings
from churn.batch.terms import NEAR
from churn.model.answerer import Answerer
from churn.model.bins import FieldBins
from churn.model.fields import Value
from churn.model.scoring import probability
from churn.watch.counts import Counts
from churn.watch.layout import Layout, ListCounts, lay_out
from churn.watch.report import encode_report, make_report

_FEW_VALUES = 12  # up to this many it is faster to count each value by itself


class Uncounted(NamedTuple):
    """Takes the place of a PieceCounter if customers are not counted."""

    answerer: Answerer

    def add_columns(self, readings: Readings, probabilities: np.ndarray) -> None:
        """Does nothing."""

    def finish(self) -> None:
        """Returns None, as there are no counts."""


class TableCounter:
    """Counts the customers that an answerer answers, piece by piece of a table; `none` are counts of no customers."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self._model = replace(answerer.model, threshold=answerer.threshold)
        self._layout = lay_out(self._model)
        self.none = self._layout.count_nobody()

    def begin_piece(self) -> "PieceCounter":
        """The counter of one piece, for one thread."""
        return PieceCounter(self._answerer, self._layout)

    def report(self, counts: Counts) -> bytes:
        """The report of the counts of all customers, the same as the body of GET /drift."""
        return encode_report(make_report(self._model, counts))


class PieceCounter:
    """Counts some rows of a table: those that `answerer` answers, and those that are scored by column."""

    def __init__(self, answerer: Answerer, layout: Layout) -> None:
        self._scorer, self._layout = answerer.model.scorer, layout
        self._singly = ListCounts(layout)
        self._by_column: Counts | None = None
        self.answerer = Answerer(
            answerer.model,
            threshold=answerer.threshold,
            n_reasons=answerer.n_reasons,
            count=self._singly.add,
        )

    def add_columns(self, readings: Readings, probabilities: np.ndarray) -> None:
        """Counts the rows of a table that have a probability (0 to 1; else NaN). Must be called at most once."""
        scored = ~np.isnan(probabilities)
        if not scored.all():
            readings, probabilities = _take_rows(readings, scored), probabilities[scored]
        fields = {name: _count_field(bins, readings) for name, bins in self._layout.bins.items()}
        of_probabilities = self._count_probabilities(readings, probabilities)
        self._by_column = Counts(answers=len(probabilities), fields=fields, probabilities=of_probabilities)

    def finish(self) -> Counts:
        """The counts of all rows that were answered."""
        self._singly.finish()
        if self._by_column is not None and not self._singly.places:
            return self._by_column
        counts = self._layout.read_counts([self._singly.places[place] for place in range(self._layout.n_places)])
        return counts if self._by_column is None else counts + self._by_column

    def _count_probabilities(self, readings: Readings, probabilities: np.ndarray) -> list[int]:
        """The number of rows in each bin of probabilities; near an edge, a row's probability is computed singly."""
        edges = self._layout.probability_bins.edges
        below = _count_below(probabilities, [edge - NEAR for edge in edges])
        through = _count_below(probabilities, [edge + NEAR for edge in edges])
        if below != through:
            probabilities = probabilities.copy()
            for edge, few, many in zip(edges, below, through, strict=True):
                near = np.flatnonzero(np.abs(probabilities - edge) <= 2 * NEAR) if few < many else np.array([], int)
                for row in near.tolist():
                    probabilities[row] = probability(self._scorer.place_known(_read_row(readings, row))[0])
            below = _count_below(probabilities, edges)
        return _count_between(below, len(probabilities))


def _count_field(bins: FieldBins, readings: Readings) -> list[int]:
    """The number of rows in each of a field's bins."""
    name = bins.field.name
    if bins.marks:
        numbers, blank = readings.numbers[name], readings.blanks.get(name)
        if blank is not None:
            numbers = numbers[~blank]
        blanks = 0 if blank is None else int(np.count_nonzero(blank))
        return [*_count_between(_count_below(numbers, bins.marks), len(numbers)), blanks]
    counts = [0] * bins.n_places
    codes, values = readings.codes[name], readings.values[name]
    if len(values) <= _FEW_VALUES:
        of_values = [int(np.count_nonzero(codes == code)) for code in range(len(values))]
    else:
        of_values = np.bincount(codes, minlength=len(values)).tolist()
    for value, rows in zip(values, of_values, strict=True):
        if value is not None:  # else no row with it is scored
            counts[bins.place(value)] += rows
    return counts


def _count_below(numbers: np.ndarray, marks: Sequence[float]) -> list[int]:
    """The number of numbers below each mark. For a few dozen marks this is much faster than sorting or searching."""
    if not len(numbers):
        return [0] * len(marks)
    lowest, highest, everyone = numbers.min(), numbers.max(), len(numbers)
    return [
        0 if mark <= lowest else everyone if mark > highest else int(np.count_nonzero(numbers < mark))
        for mark in marks
    ]


def _count_between(below: Sequence[int], rows: int) -> list[int]:
    """The counts below the first mark, between each two, and from the last one on; `below` counts below each mark."""
    counts: list[int] = np.diff([0, *below, rows]).tolist()
    return counts


def _take_rows(readings: Readings, rows: np.ndarray) -> Readings:
    """The readings of the rows in `rows`: bool, shape (n_rows,)."""

    def take(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: column[rows] for name, column in columns.items()}

    return Readings(
        take(readings.codes), readings.values, take(readings.numbers), take(readings.outside), take(readings.blanks)
    )


def _read_row(readings: Readings, row: int) -> dict[str, Value]:
    """The customer of a scored row, as Contract.read_customer returns it."""
    customer: dict[str, Value] = {}
    for name, codes in readings.codes.items():
        value = readings.values[name][codes[row]]
        assert value is not None
        customer[name] = value
    for name, numbers in readings.numbers.items():
        blank = readings.blanks.get(name)
        customer[name] = "" if blank is not None and blank[row] else float(numbers[row])
    return customer
