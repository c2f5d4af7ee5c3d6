"""Reference and live customers drawn anew from one population, the table's, in the card's bins.

`python -m tests.watch.null_draws` makes 4,000 draws for each number of answers, which takes some minutes.
"""

import sys
import time
from collections.abc import Iterator

import numpy as np

from churn.training.counts import measure_folds
from churn.watch.drift import FieldCounts, find_drift
from tests.customers import RAW_CUSTOMERS

ROWS, FOLDS = 5634, 5
NUMBERS = ("tenure", "MonthlyCharges", "TotalCharges")
CONTINUOUS = "continuous"
"""A field of its own for each draw, with no two customers alike."""


class Population:
    """The table's customers by column: categories as codes, numbers as they are, a blank as NaN."""

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

    def draw(self, rng: np.random.Generator, answers: int, *, weights: np.ndarray | None = None) -> list[FieldCounts]:
        """Counts of ROWS reference customers and of live ones, those in proportion to `weights`."""
        chances = np.full(self.size, 1 / self.size) if weights is None else weights / weights.sum()
        drawn = rng.integers(0, self.size, ROWS)
        live = rng.multinomial(answers, chances)
        folds = rng.permutation(ROWS) % FOLDS
        fields = []
        for name, column in self.columns.items():
            places = place(column, column[drawn]) if name in NUMBERS else column
            fields.append(_count(name, places[drawn], folds, np.bincount(places, live, _cells(places))))
        return [*fields, _draw_continuous(rng, answers, folds)]


def place(column: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The places of numbers in 20 bins of equal count of the reference, both outsides and a blank apart."""
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
    """For each draw, each field's own p-value and whether it is called drifted."""
    population, rng = Population(), np.random.default_rng(seed)
    for _ in range(draws):
        fields = population.draw(rng, answers)
        if not folds:
            fields = [field._replace(folds_distance=0.0) for field in fields]
        yield {found.field: (found.p, found.drifted) for found in find_drift(fields)}


def main(draws: int = 4000) -> None:
    for answers in (50, 100, 200, 500, 1000, 5000, 20_000, 100_000, 1_000_000):
        started = time.process_time()
        verdicts = list(draw_verdicts(answers, draws, seed=answers, folds=False))
        low = {name: np.mean([verdict[name][0] < 0.05 for verdict in verdicts]) for name in verdicts[0]}
        wrong = np.mean([any(drifted for _, drifted in verdict.values()) for verdict in verdicts])
        shares = " ".join(f"{name}={share:.4f}" for name, share in low.items())
        print(f"{answers}: any {wrong:.4f}, p<0.05 {min(low.values()):.4f}-{max(low.values()):.4f} {shares}")
        print(f"   {time.process_time() - started:.0f} s CPU", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
