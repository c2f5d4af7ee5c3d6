"""What the arms of bench/models.py make of a table."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from bench.figures import FIGURES, corrected_error, figures, noise
from bench.folds import Fold, draw_rows
from bench.kept import Result
from churn.training.table import Table

LOG_LOSS = FIGURES.index("log loss")


@dataclass(frozen=True)
class Compared:
    """What the arms make of a table: for each arm its results, and FIGURES of each.

    `rows` are those compared on, `of_rows` those of the table; `copies` is the share of the former that equal another
    one in all fields, `churned` the share with the label 1.
    """

    name: str
    of_rows: int
    rows: int
    fields: int
    churned: float
    copies: float
    folds: list[Fold]
    results: dict[str, list[Result]] = field(default_factory=dict)
    figures: dict[str, list[list[float]]] = field(default_factory=dict)

    @classmethod
    def begin(cls, name: str, read: Table, folds: list[Fold]) -> "Compared":
        """The table without a result."""
        rows = draw_rows(len(read.y))
        customers, y = read.customers.iloc[rows], read.y[rows]
        copies = float(customers.duplicated(keep=False).mean())
        return cls(name, len(read.y), len(rows), customers.shape[1], float(y.mean()), copies, folds)

    def add(self, result: Result, fold: Fold) -> None:
        """Adds what an arm made of the fold."""
        self.results.setdefault(result.arm, []).append(result)
        self.figures.setdefault(result.arm, []).append(figures(fold.y_held_out, np.array(result.probabilities)))

    def mean(self, arm: str) -> np.ndarray:
        """FIGURES of the arm, each the mean of the folds: shape (4,)."""
        return np.mean(self.figures[arm], axis=0)

    def difference(self, arm: str, other: str) -> tuple[np.ndarray, np.ndarray]:
        """FIGURES of the arm minus those of the other one, and their corrected errors: each of shape (4,)."""
        differences = np.array(self.figures[arm]) - np.array(self.figures[other])
        ratio = np.mean([len(fold.held_out_rows) / len(fold.fitted_rows) for fold in self.folds])
        return differences.mean(axis=0), corrected_error(differences, ratio=float(ratio))

    def is_beyond_noise(self, arm: str, other: str) -> int:
        """-1 where the arm's log loss is lower than the other one's beyond noise, 1 where it is higher, else 0."""
        difference, error = (values[LOG_LOSS] for values in self.difference(arm, other))
        return int(np.sign(difference)) if abs(difference) > noise(len(self.folds)) * error else 0

    def seconds(self, arm: str) -> float:
        """Of CPU, for a fold: the median."""
        return float(np.median([result.seconds for result in self.results[arm]]))

    def columns(self, arm: str) -> str:
        """How many columns the arm's models have, the median of the folds; "" where it is not linear."""
        counts = [result.columns for result in self.results[arm] if result.columns is not None]
        return f"{np.median(counts):.0f}" if counts else ""

    def chosen(self, arm: str) -> str:
        """What the arm chose, and in how many folds: "shapes 3, pairs 2"."""
        notes = Counter(result.note for result in self.results[arm] if result.note)
        return ", ".join(f"{note} {count}" for note, count in notes.most_common())
