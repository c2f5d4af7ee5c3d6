"""Why each row of a table scores as it does, in words: what the Explainer says of one customer, by column.

Each different reason is worded once, as that of one customer is. Needs pyarrow and NumPy, which what serves has not.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from churn.batch.columns import Readings
from churn.batch.terms import TableTerms, take_cells
from churn.model.answerer import Answerer
from churn.model.explaining import Reason, name_partners
from churn.model.fields import Value
from churn.tables.csv_rows import describe_reason


class _Half(NamedTuple):
    """A field's half of what two fields do together: the other field, the row's place on its axis, and log-odds.

    Both arrays have shape (n_rows,).
    """

    partner: str
    places: np.ndarray
    log_odds: np.ndarray


class _Contribution(NamedTuple):
    """What a field does to each row's log-odds: all of it, and what of it the field does by itself and by halves.

    `values` are the field's different values, None for what is no plain one, and `codes` which of them each row has.
    `total` and `own` are float64, shape (n_rows,).
    """

    values: list[Value | None]
    codes: np.ndarray
    total: np.ndarray
    own: np.ndarray
    halves: list[_Half]


class _Together(NamedTuple):
    """What two fields do to the log-odds, as Purified takes it apart: each of them alone, and both only together."""

    first: str
    second: str
    of_first: np.ndarray
    of_second: np.ndarray
    of_both: np.ndarray


class TableReasons:
    """The strongest reasons of a table's rows: those that an answerer gives to one customer, and as many."""

    def __init__(self, terms: TableTerms, answerer: Answerer) -> None:
        scorer, explainer = answerer.model.scorer, answerer.model.explainer
        self._terms, self._n_reasons = terms, answerer.n_reasons
        self._average_terms = explainer.average_terms
        self._together = [
            _Together(interaction.first.field, interaction.second.field, *map(np.array, parts))
            for interaction, (_, *parts) in zip(scorer.interactions, explainer.purified, strict=True)
        ]

    def explain(self, readings: Readings) -> list[pa.Array]:
        """The reasons in words: the strongest of every row, the second...; a row that is not plain has any words."""
        if not self._n_reasons:
            return []
        with np.errstate(over="ignore", invalid="ignore"):
            contributions = self._take_apart(readings)
        strength = np.abs(np.array([contribution.total for contribution in contributions.values()])).T
        order = np.argsort(-strength, axis=1, kind="stable")[:, : self._n_reasons]
        is_told = np.zeros(strength.shape, dtype=bool)
        np.put_along_axis(is_told, order, True, axis=1)
        words: list[str] = []
        indices = np.zeros(strength.shape, dtype=np.int64)
        for place, (name, contribution) in enumerate(contributions.items()):
            rows = np.flatnonzero(is_told[:, place])
            numbers, own_words = _word_reasons(name, contribution, rows)
            indices[rows, place] = numbers + len(words)
            words += own_words
        all_words = pa.array(words, type=pa.string())
        return [all_words.take(pa.array(column)) for column in np.take_along_axis(indices, order, axis=1).T]

    def _take_apart(self, readings: Readings) -> dict[str, _Contribution]:
        """Each field's contribution, in the contract's order, added up in the order of Explainer.explain."""
        fields = {name: self._terms.of_field(name, readings) for name in self._average_terms}
        own = {name: (fields[name].terms - term)[fields[name].codes] for name, term in self._average_terms.items()}
        halves: dict[str, list[_Half]] = {name: [] for name in fields}
        for pair, (rows, columns) in zip(self._together, self._terms.find_cells(readings), strict=True):
            own[pair.first] = own[pair.first] + pair.of_first[rows]
            own[pair.second] = own[pair.second] + pair.of_second[columns]
            half = take_cells(pair.of_both, (rows, columns)) / 2
            halves[pair.first].append(_Half(pair.second, columns, half))
            halves[pair.second].append(_Half(pair.first, rows, half))
        return {
            name: _Contribution(terms.values, terms.codes, _add_up(own[name], halves[name]), own[name], halves[name])
            for name, terms in fields.items()
        }


def _add_up(own: np.ndarray, halves: list[_Half]) -> np.ndarray:
    total = own
    for half in halves:
        total = total + half.log_odds
    return total


def _word_reasons(field: str, contribution: _Contribution, rows: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """The number of each of these rows' words, int, shape (len(rows),), and the words; "" where there is no value."""
    numbers = _number(contribution.codes[rows])
    for half in contribution.halves:
        places = half.places[rows]
        numbers = _number(numbers * (places.max(initial=0) + 1) + places)
    examples = np.zeros(numbers.max(initial=-1) + 1, dtype=np.int64)  # for each number, some row that has it
    examples[numbers] = rows
    partners = [half.partner for half in contribution.halves]
    columns = (contribution.own, contribution.total, *(half.log_odds for half in contribution.halves))
    words = []
    for code, own, total, *halves in zip(
        contribution.codes[examples].tolist(), *(column[examples].tolist() for column in columns), strict=True
    ):
        if (value := contribution.values[code]) is None:
            words.append("")
        else:
            named = name_partners(own, dict(zip(partners, halves, strict=True))) if partners else ()
            words.append(describe_reason(Reason(field, value, total, named)))
    return numbers, words


def _number(keys: np.ndarray) -> np.ndarray:
    """The keys, numbered from 0 on: int64, of their shape."""
    numbers: np.ndarray = pa.array(keys).dictionary_encode().indices.to_numpy().astype(np.int64)
    return numbers
