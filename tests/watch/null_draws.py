"""Reference and live customers drawn each time from one population, that of the table, in the card's bins.

tests/test_statistics.py makes 4,000 draws for each number of answers, tests/watch/test_drift.py a few.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from churn.training.counts import measure_folds
from churn.watch.drift import FieldCounts, find_drift
from tests.customers import RAW_CUSTOMERS

ROWS, FOLDS = 5634, 5
NUMBERS = ("tenure", "MonthlyCharges", "TotalCharges")
CONTINUOUS = "continuous"
"""A separate field for each draw, with a different value for every customer."""


class Population:
    """The table's customers by column: categories as codes, numbers unchanged, a blank as NaN."""

    def __init__(self) -> None:
        self.columns = {}
        for name in RAW_CUSTOMERS[0]:
            if name == "customerID":
                continue
            texts = np.array([customer[name] for customer in RAW_CUSTOMERS])
            if name in NUMBERS:
                self.columns[name] = np.array([float(text) if text.strip() else np.nan for text in texts])
            else:
                self.columns[name] = np.unique(texts, return_inverse=True)[1]
        self.size = len(RAW_CUSTOMERS)

    def chances(self, weights: np.ndarray | None) -> np.ndarray:
        """The chance of each customer to be drawn, in proportion to `weights`."""
        return np.full(self.size, 1 / self.size) if weights is None else weights / weights.sum()

    def draw(self, rng: np.random.Generator, answers: int, *, weights: np.ndarray | None = None) -> list[FieldCounts]:
        """Counts of ROWS reference customers and of live ones, the latter drawn in proportion to `weights`."""
        chances = self.chances(weights)
        drawn = rng.integers(0, self.size, ROWS)
        live = rng.multinomial(answers, chances)
        folds = rng.permutation(ROWS) % FOLDS
        fields = []
        for name, column in self.columns.items():
            places = place(column, column[drawn]) if name in NUMBERS else column
            fields.append(_count(name, places[drawn], folds, np.bincount(places, live, _cells(places))))
        return [*fields, _draw_continuous(rng, answers, folds)]


def place(column: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The places of numbers in 20 bins with equal counts of the reference; values outside and blanks are separate."""
    known = reference[~np.isnan(reference)]
    inner = np.unique(np.quantile(known, np.arange(1, 20) / 20, method="inverted_cdf"))
    found = 1 + np.searchsorted(inner, column, side="right")
    found[column < known.min()] = 0
    found[column > known.max()] = len(inner) + 2
    found[np.isnan(column)] = len(inner) + 3
    return found


def _draw_continuous(rng: np.random.Generator, answers: int, folds: np.ndarray) -> FieldCounts:
    reference = rng.random(ROWS)
    edges = np.sort(reference)[[0, *(np.arange(1, 20) * ROWS // 20), ROWS - 1]]
    places = np.searchsorted(edges[1:-1], reference, side="right") + 1
    chances = np.diff([0.0, *edges, 1.0])
    return _count(CONTINUOUS, places, folds, rng.multinomial(answers, chances / chances.sum()))


def _cells(places: np.ndarray) -> int:
    return int(places.max()) + 1


def _count(name: str, reference: np.ndarray, folds: np.ndarray, live: np.ndarray) -> FieldCounts:
    cells = max(len(live), _cells(reference))
    live = np.pad(live.astype(int), (0, cells - len(live)))
    by_fold = [np.bincount(reference[folds == fold], minlength=cells) for fold in range(FOLDS)]
    return FieldCounts(name, np.sum(by_fold, axis=0).tolist(), live.tolist(), measure_folds(by_fold))


def draw_verdicts(answers: int, draws: int, *, seed: int, folds: bool = True) -> Iterator[dict[str, tuple]]:
    """For each draw, each field's own p-value and whether the field is called drifted."""
    population, rng = Population(), np.random.default_rng(seed)
    for _ in range(draws):
        fields = population.draw(rng, answers)
        if not folds:
            fields = [field._replace(folds_distance=0.0) for field in fields]
        yield {found.field: (found.p, found.drifted) for found in find_drift(fields)}


def draw_looks(looks: Sequence[int], runs: int, *, seed: int, more: np.ndarray | None = None, moved: float = 0.0):
    """For each run, the fields at each look at counts that grow to these numbers of answers.

    The share of the customers that are `more` (bool, one for each of the population) is larger by `moved`. Bins are
    those of the reference, new in each run; a field's distance between folds is 0, the hardest case for chance.
    """
    population, rng = Population(), np.random.default_rng(seed)
    chances = population.chances(shift(more, moved) if more is not None else None)
    for _ in range(runs):
        drawn = rng.integers(0, population.size, ROWS)
        live = rng.choice(population.size, looks[-1], p=chances)
        columns = []
        for name, column in population.columns.items():
            places = place(column, column[drawn]) if name in NUMBERS else column
            cells = _cells(places)
            columns.append((name, np.bincount(places[drawn], minlength=cells).tolist(), places[live], cells))
        yield [
            [
                FieldCounts(name, reference, np.bincount(places[:answers], minlength=cells).tolist(), 0.0)
                for name, reference, places, cells in columns
            ]
            for answers in looks
        ]


def shift(more: np.ndarray, moved: float) -> np.ndarray:
    """Weights by which the customers that are `more` have a share that is larger by `moved`."""
    share = more.mean()
    return np.where(more, (share + moved) / share, (1 - share - moved) / (1 - share))
