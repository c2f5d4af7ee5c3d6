"""The layout of a row of counts: the places at which each customer is counted, and what each place counts.

Owns the fast ways from a scored customer to its places: for one, and by column for a list of them.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import Any

from churn.model.bins import FieldBins, ProbabilityBins
from churn.model.fields import Value
from churn.model.file import Model
from churn.model.placing import Placed, PlacedList
from churn.model.scoring import Scorer
from churn.watch.counts import Counts

_BY_COLUMN = 1_024  # customers whose numbers are sorted together, so that each edge is searched for once
_FEW = 64  # with fewer customers, each number is searched for among the edges instead


class Layout:
    """The places of a scorer's customers in a row of counts, from 0 to `n_places` - 1.

    These are the joint cells of categories and flags as the scorer numbers them, the bins of each number, and the
    bins of probabilities. A customer has one place in each of these parts. `edges` has the inner edges of each
    number. Counts of combinations stay in the process and its files; others see their sums, the counts of each field.
    """

    def __init__(self, scorer: Scorer, edges: Mapping[str, tuple[float, ...]], *, threshold: float) -> None:
        self.contract = scorer.contract
        self.bins = {field.name: FieldBins(field, edges.get(field.name, ())) for field in self.contract.fields}
        self.probability_bins = ProbabilityBins(threshold)
        self._joint = scorer.joint
        start = sum(len(part.combinations) for part in self._joint)
        self._numbers: list[tuple[tuple[float, ...], int]] = []
        for field in self.contract.numbers:
            self._numbers.append((self.bins[field.name].marks, start))
            start += self.bins[field.name].n_places
        self._start = start
        self.n_places = start + self.probability_bins.n_places

    def find_places(self, placed: Placed, churn_probability: float) -> list[int]:
        """The places of a scored customer."""
        _, cells, numbers = placed
        places = [*cells, self._start + bisect_right(self.probability_bins.edges, churn_probability)]
        for number, (marks, start) in zip(numbers, self._numbers, strict=True):
            try:
                places.append(start + bisect_right(marks, number))
            except TypeError:  # a blank with a weight of its own is a text
                places.append(start + len(marks) + 1)
        return places

    def read_counts(self, row: Sequence[int], *, since: str | None = None) -> Counts:
        """The counts in a row of numbers. Raises ValueError when they do not add up."""
        fields = {name: [0] * bins.n_places for name, bins in self.bins.items()}
        counts = iter(row)
        for part in self._joint:
            bins = [self.bins[field.name] for field in part.fields]
            for combination, count in zip(part.combinations, counts):  # noqa: B905  # the row is longer
                if count:
                    for its_bins, value in zip(bins, combination, strict=True):
                        fields[its_bins.field.name][its_bins.place(value)] += count
        for field, (_, start) in zip(self.contract.numbers, self._numbers, strict=True):
            fields[field.name] = list(row[start : start + self.bins[field.name].n_places])
        probabilities = list(row[self._start :])
        return Counts(answers=sum(probabilities), fields=fields, probabilities=probabilities, since=since)

    def count_nobody(self, *, since: str | None = None) -> Counts:
        """The counts of no customers."""
        return self.read_counts([0] * self.n_places, since=since)

    def count_columns(
        self, cells: Sequence[int], numbers: Sequence[Value], probabilities: Sequence[float]
    ) -> Iterator[tuple[int, int]]:
        """The places of customers, each with its count, from all their cells, numbers and probabilities.

        `numbers` has all numbers of the first customer, then those of the next one.
        """
        yield from Counter(cells).items()
        for column, (marks, start) in enumerate(self._numbers):
            values = numbers[column :: len(self._numbers)]
            try:
                yield from _count_numbers(values, marks, start)
            except TypeError:  # a blank with a weight of its own is a text
                yield start + len(marks) + 1, values.count("")
                yield from _count_numbers([value for value in values if value != ""], marks, start)
        yield from _count_numbers(probabilities, self.probability_bins.edges, self._start)


class ListCounts:
    """Counts of the customers of one request or one table, before they are added to the other counts.

    `places` has the number of customers at each place of the layout, after `finish`.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._cells: list[int] = []
        self._numbers: list[Value] = []
        self._probabilities: list[float] = []
        self.places: Counter[int] = Counter()

    def add(self, placed: Placed, churn_probability: float) -> None:
        """Counts a scored customer."""
        _, cells, numbers = placed
        self._cells += cells
        self._numbers += numbers
        self._probabilities.append(churn_probability)
        if len(self._probabilities) >= _BY_COLUMN:
            self.finish()

    def add_list(self, placed: PlacedList, probabilities: Sequence[float]) -> None:
        """Counts scored customers."""
        self._cells.extend(chain.from_iterable(placed.cells))
        self._numbers.extend(chain.from_iterable(placed.numbers))
        self._probabilities += probabilities
        if len(self._probabilities) >= _BY_COLUMN:
            self.finish()

    def finish(self) -> None:
        """Counts the customers that still wait: they are counted by column, many at once."""
        if self._probabilities:
            counted = self._layout.count_columns(self._cells, self._numbers, self._probabilities)
            for place, customers in counted:
                self.places[place] = self.places.get(place, 0) + customers
            self._cells, self._numbers, self._probabilities = [], [], []


def lay_out(model: Model) -> Layout:
    """The layout for a model's customers: with the bins of its card, and of the threshold in use."""
    training = model.card.counts if model.card else None
    return Layout(model.scorer, training.edges if training else {}, threshold=model.threshold)


def _count_numbers(numbers: Sequence[Any], marks: Sequence[float], start: int) -> list[tuple[int, int]]:
    """The places of numbers, from the place `start` on, each with its count. Raises TypeError for a text."""
    if len(numbers) < _FEW:
        return list(Counter(start + bisect_right(marks, number) for number in numbers).items())
    column = sorted(numbers)
    below = [0, *(bisect_left(column, mark) for mark in marks), len(column)]
    counts = (through - before for before, through in pairwise(below))
    return [(place, count) for place, count in enumerate(counts, start) if count]
