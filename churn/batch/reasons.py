"""The reasons of a table's rows in words: the same as the Explainer's for one customer, but by column.

Each different reason is worded once, by the functions for one customer. Needs pyarrow and NumPy, which the service
does not have.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from churn.batch.columns import Readings
from churn.batch.terms import TableTerms, take_cells
from churn.model.answerer import Answerer
from churn.model.explaining import (
    LEAST_TOGETHER,
    PARTNERS_PART,
    describe_contribution,
    describe_partners,
    describe_value,
)
from churn.model.fields import Value
from churn.tables.answer_cells import disarm_cell


class _Half(NamedTuple):
    """A field's half of the joint effect of two fields: the other field, each row's place on that field's axis, and
    the log-odds.

    Both arrays have shape (n_rows,).
    """

    partner: str
    places: np.ndarray
    log_odds: np.ndarray


class _Contribution(NamedTuple):
    """A field's contribution to each row's log-odds: the total, the field's own part, and its halves of pairs.

    `values` are the field's different values, None for one that is not plain; `codes` are each row's indices into
    them. `total` and `own` are float64, shape (n_rows,).
    """

    values: list[Value | None]
    codes: np.ndarray
    total: np.ndarray
    own: np.ndarray
    halves: list[_Half]


class _Together(NamedTuple):
    """The effect of two fields on the log-odds, as Purified splits it: of each alone, and of both together."""

    first: str
    second: str
    of_first: np.ndarray
    of_second: np.ndarray
    of_both: np.ndarray


class TableReasons:
    """Finds the strongest reasons of a table's rows: the same as an answerer gives to one customer."""

    def __init__(self, terms: TableTerms, answerer: Answerer) -> None:
        scorer, explainer = answerer.model.scorer, answerer.model.explainer
        self._terms, self._n_reasons = terms, answerer.n_reasons
        self._average_terms = explainer.average_terms
        self._together = [
            _Together(interaction.first.field, interaction.second.field, *map(np.array, parts))
            for interaction, (_, *parts) in zip(scorer.interactions, explainer.purified, strict=True)
        ]

    def explain(self, readings: Readings) -> list[pa.Array]:
        """The reasons in words: an array with each row's strongest, one with the second...

        Their words are meaningless in rows that are not plain.
        """
        if not self._n_reasons:
            return []
        with np.errstate(over="ignore", invalid="ignore"):
            contributions = self._take_apart(readings)
        strength = np.abs(np.array([contribution.total for contribution in contributions.values()])).T
        order = np.argsort(-strength, axis=1, kind="stable")[:, : self._n_reasons]
        is_told = np.zeros(strength.shape, dtype=bool)
        np.put_along_axis(is_told, order, True, axis=1)
        words: list[pa.Array] = []
        n_words = 0
        indices = np.zeros(strength.shape, dtype=np.int64)
        for place, (name, contribution) in enumerate(contributions.items()):
            rows = np.flatnonzero(is_told[:, place])
            numbers, own_words = _word_reasons(name, contribution, rows)
            indices[rows, place] = numbers + n_words
            words.append(own_words)
            n_words += len(own_words)
        all_words = pa.concat_arrays(words)
        return [all_words.take(pa.array(column)) for column in np.take_along_axis(indices, order, axis=1).T]

    def _take_apart(self, readings: Readings) -> dict[str, _Contribution]:
        """Each field's contribution, in the contract's order, summed in the order of Explainer.explain."""
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


def _word_reasons(field: str, contribution: _Contribution, rows: np.ndarray) -> tuple[np.ndarray, pa.Array]:
    """The different words of these rows' reasons, and each row's index into them: int, shape (len(rows),)."""
    numbers = _number(contribution.codes[rows], *(half.places[rows] for half in contribution.halves))
    examples = rows[_find_examples(numbers)]
    parts = [_word_values(field, contribution, examples)]
    if contribution.halves:
        parts.append(_word_partners(contribution, examples))
    endings = [f" {describe_contribution(total)}" for total in contribution.total[examples].tolist()]
    return numbers, pc.binary_join_element_wise(*parts, pa.array(endings, type=pa.string()), "")


def _word_values(field: str, contribution: _Contribution, rows: np.ndarray) -> pa.Array:
    """The words for these rows' values; "" for a value that is not plain."""
    numbers = _number(contribution.codes[rows])
    codes = contribution.codes[rows[_find_examples(numbers)]]
    values = (contribution.values[code] for code in codes.tolist())
    words = ["" if value is None else disarm_cell(describe_value(field, value)) for value in values]
    return pa.array(words, type=pa.string()).take(pa.array(numbers))


def _word_partners(contribution: _Contribution, rows: np.ndarray) -> pa.Array:
    """The words for the partners of these rows' reasons, the same as explaining.name_partners finds."""
    halves = np.abs(np.array([half.log_odds[rows] for half in contribution.halves]))
    least = np.maximum(LEAST_TOGETHER, PARTNERS_PART * (np.abs(contribution.own[rows]) + sum(halves)))
    is_named = halves >= least
    strongest = np.argsort(np.where(is_named, -halves, np.inf), axis=0, kind="stable")
    n_named = is_named.sum(axis=0)
    ranked = np.where(np.arange(len(halves))[:, np.newaxis] < n_named, strongest, -1)
    numbers = _number(*(ranked[: n_named.max(initial=1)] + 1))
    words = [
        describe_partners([contribution.halves[place].partner for place in places if place >= 0])
        for places in ranked.T[_find_examples(numbers)].tolist()
    ]
    return pa.array(words, type=pa.string()).take(pa.array(numbers))


def _number(*keys: np.ndarray) -> np.ndarray:
    """A number, from 0 on, for each different combination of keys (0 or more): int64, of their shape."""
    numbers = np.zeros(len(keys[0]), dtype=np.int64)
    for key in keys:
        combined = pa.array(numbers * (key.max(initial=0) + 1) + key)
        numbers = combined.dictionary_encode().indices.to_numpy().astype(np.int64)
    return numbers


def _find_examples(numbers: np.ndarray) -> np.ndarray:
    """For each number from 0 on, an index at which it occurs: int64, shape (n_numbers,)."""
    examples = np.zeros(numbers.max(initial=-1) + 1, dtype=np.int64)
    examples[numbers] = np.arange(len(numbers))
    return examples
