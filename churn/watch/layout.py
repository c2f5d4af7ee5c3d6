"""Where each customer is counted in one row of numbers, and what each number of the row counts.

Owns the fast ways from a customer that was scored to its places: alone, and by column for a list of them.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import Any

from churn.model.bins import FieldBins, ProbabilityBins
from churn.model.contract import Contract
from churn.watch.counts import Counts
from churn.watch.joint_cells import join_fields

BY_COLUMN = 64
"""Customers from which on a list is counted by column: each edge is looked for once, in the sorted column."""

_FAILED_LOOKUP = (KeyError, TypeError, ValueError)


class Layout:
    """The places of a contract's customers, from 0 to `n_places` - 1: the combinations of categories and flags
    (`joint_cells`), the bins of each number, those of probabilities. A customer has one place in each of these.

    `edges` has the inner edges of each number.
    """

    def __init__(self, contract: Contract, edges: Mapping[str, tuple[float, ...]], *, threshold: float) -> None:
        self.contract = contract
        self.bins = {field.name: FieldBins(field, edges.get(field.name, ())) for field in contract.fields}
        self.probability_bins = ProbabilityBins(threshold)
        start = 0
        self._joint = []
        for joint in join_fields(contract):
            places = {key: start + cell for key, cell in joint.cells.items()}
            self._joint.append((joint.key, places, start, joint))
            start += len(places)
        self._lookups = [(key, places) for key, places, _, _ in self._joint]
        self._numbers: list[tuple[str, tuple[float, ...], int]] = []
        for field in contract.numbers:
            self._numbers.append((field.name, self.bins[field.name].marks, start))
            start += self.bins[field.name].n_places
        self._start = start
        self.n_places = start + self.probability_bins.n_places
        self._number_blanks = [field for field in contract.numbers if field.missing_numbers or "nan" in field.missing]

    def find_places(self, customer: Mapping[str, Any], churn_probability: float) -> list[int]:
        """The places of a customer, in any spelling, that has been scored. Raises CustomerError for others."""
        found = [self._start + bisect_right(self.probability_bins.edges, churn_probability)]
        try:
            if self._number_blanks and self._has_number_blank(customer):
                raise ValueError("a number that is a blank")
            for key, cells in self._lookups:
                found.append(cells[key(customer)])
            for name, marks, start in self._numbers:
                found.append(start + bisect_right(marks, customer[name]))
            return found
        except _FAILED_LOOKUP:  # in another spelling, or blank
            known = self.contract.read_customer(customer, suggest=False)
        places = [cells[key(known)] for key, cells in self._lookups]
        places += [start + self.bins[name].place(known[name]) for name, _, start in self._numbers]
        return [found[0], *places]

    def count_list(self, customers: Sequence[Mapping[str, Any]], probabilities: Sequence[float]) -> dict[int, int]:
        """How many of these customers, who have been scored, are at each place. Raises CustomerError for others."""
        if len(customers) >= BY_COLUMN:
            try:
                return dict(self._count_columns(customers, probabilities))
            except _FAILED_LOOKUP:
                pass
        return Counter(chain.from_iterable(map(self.find_places, customers, probabilities)))

    def read_counts(self, row: Sequence[int], *, since: str | None = None) -> Counts:
        """What a row of numbers counts. Raises ValueError when they do not add up."""
        fields = {name: [0] * bins.n_places for name, bins in self.bins.items()}
        for _, _, start, joint in self._joint:
            for combination, count in zip(joint.combinations, row[start:], strict=False):
                if count:
                    for name, value in zip(joint.names, combination, strict=True):
                        fields[name][self.bins[name].place(value)] += count
        for name, _, start in self._numbers:
            fields[name] = list(row[start : start + self.bins[name].n_places])
        probabilities = list(row[self._start :])
        return Counts(answers=sum(probabilities), fields=fields, probabilities=probabilities, since=since)

    def _count_columns(
        self, customers: Sequence[Mapping[str, Any]], probabilities: Sequence[float]
    ) -> Iterator[tuple[int, int]]:
        """The places with their counts, as count_list. Who is to be read slowly raises a failed lookup's error."""
        if self._number_blanks and any(map(self._has_number_blank, customers)):
            raise ValueError("a number that is a blank")
        for key, cells in self._lookups:
            for values, count in Counter(map(key, customers)).items():
                yield cells[values], count
        for name, marks, start in self._numbers:
            yield from _count_sorted([customer[name] for customer in customers], marks, start)
        yield from _count_sorted(list(probabilities), self.probability_bins.edges, self._start)

    def _has_number_blank(self, customer: Mapping[str, Any]) -> bool:
        return any(field.is_blank(customer[field.name]) for field in self._number_blanks)


def _count_sorted(column: list[Any], marks: Sequence[float], start: int) -> Iterator[tuple[int, int]]:
    """The places of a column with their counts, from the place `start` on. Raises TypeError for a text."""
    column.sort()
    below = [0, *(bisect_left(column, mark) for mark in marks), len(column)]
    for place, (before, through) in enumerate(pairwise(below), start):
        if through > before:
            yield place, through - before
