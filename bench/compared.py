"""The results of the arms of bench/models.py on a table."""

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
    """The results of the arms on a table, and FIGURES of each result.

    `rows` is the number of rows compared on, `of_rows` that of the whole table. Of the former, `copies` is the share
    that equal another row in all fields, and `churned` the share with the label 1.
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
        """The comparison on a table, still without a result."""
        rows = draw_rows(len(read.y))
        customers, y = read.customers.iloc[rows], read.y[rows]
        copies = float(customers.duplicated(keep=False).mean())
        return cls(name, len(read.y), len(rows), customers.shape[1], float(y.mean()), copies, folds)

    def add(self, result: Result, fold: Fold) -> None:
        """Adds the result of an arm on the fold."""
        self.results.setdefault(result.arm, []).append(result)
        self.figures.setdefault(result.arm, []).append(figures(fold.y_held_out, np.array(result.probabilities)))

    def mean(self, arm: str) -> np.ndarray:
        """FIGURES of the arm, each the mean over the folds: shape (4,)."""
        return np.mean(self.figures[arm], axis=0)

    def difference(self, arm: str, other: str) -> tuple[np.ndarray, np.ndarray]:
        """FIGURES of the arm minus those of the other arm, and their corrected errors: each of shape (4,)."""
        differences = np.array(self.figures[arm]) - np.array(self.figures[other])
        ratio = np.mean([len(fold.held_out_rows) / len(fold.fitted_rows) for fold in self.folds])
        return differences.mean(axis=0), corrected_error(differences, ratio=float(ratio))

    def is_beyond_noise(self, arm: str, other: str) -> int:
        """-1 if the arm's log loss is lower than the other arm's beyond noise, 1 if it is higher, else 0."""
        difference, error = (values[LOG_LOSS] for values in self.difference(arm, other))
        return int(np.sign(difference)) if abs(difference) > noise(len(self.folds)) * error else 0

    def seconds(self, arm: str) -> float:
        """The seconds of CPU for a fold, the median over the folds."""
        return float(np.median([result.seconds for result in self.results[arm]]))

    def columns(self, arm: str) -> str:
        """The number of columns of the arm's models, the median over the folds; "" if they are not linear."""
        counts = [result.columns for result in self.results[arm] if result.columns is not None]
        return f"{np.median(counts):.0f}" if counts else ""

    def chosen(self, arm: str) -> str:
        """The arm's choices, each with its number of folds: "shapes 3, pairs 2"."""
        notes = Counter(result.note for result in self.results[arm] if result.note)
        return ", ".join(f"{note} {count}" for note, count in notes.most_common())
