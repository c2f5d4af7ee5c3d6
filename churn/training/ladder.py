"""Compares the rungs by the log loss of each held-out row, and chooses one.

Owns the rule: a rung replaces plain columns only if it is better by more than chance makes likely. Of several such
rungs the simplest is chosen that is about as good as the best: the one-standard-error rule of Breiman, Friedman,
Olshen and Stone (Classification and Regression Trees, 1984). Fits nothing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from churn.training.rungs import Rung
from churn.training.smoothness import log_losses

CLEARLY = 2.0
"""A rung is clearly ahead of plain columns if its mean log loss is lower by more than this many standard errors."""
NEARLY = 1.0
"""A simpler rung is about as good as the best if its mean log loss is higher by at most this many standard errors."""
MOST_LOSS = math.log(1e6)
"""The highest log loss, nats, that a row counts with: that of a churner with a probability of one in a million.

No comparison has enough rows to measure a rarer event. Without a bound, a single row that is far off may have a loss
of thousands and decide the mean and its standard error alone.
"""


class Lead(NamedTuple):
    """The mean log loss of a simpler rung less that of a rung, and the standard error of this gain."""

    gain: float
    error: float

    def exceeds(self, errors: float) -> bool:
        """True if the gain is more than this many standard errors."""
        return self.gain > errors * self.error


@dataclass(frozen=True)
class Ladder:
    """The result of comparing the rungs.

    `losses` is the mean log loss, nats, of each compared rung, on the same held-out rows and at most MOST_LOSS for a
    row. `leads` is the lead of each rung over the first, plain columns. `failed` are the rungs that were left out
    because a fit of theirs has no optimum. `copies` of the `rows` equal another row in every field. `reason` is why
    no rung was compared; "" if they were, or if an option chose the rung.
    """

    rung: Rung
    losses: Mapping[Rung, float] = field(default_factory=dict)
    leads: Mapping[Rung, Lead] = field(default_factory=dict)
    failed: tuple[Rung, ...] = ()
    rows: int = 0
    copies: int = 0
    reason: str = ""

    @property
    def clear(self) -> tuple[Rung, ...]:
        """The rungs that are clearly ahead of plain columns, the simplest first."""
        return tuple(rung for rung, lead in self.leads.items() if lead.exceeds(CLEARLY))

    def fail(self) -> "Ladder":
        """The ladder without the chosen rung, whose fit has failed: with the next simpler clear rung, or plain
        columns.
        """
        simpler = self.clear[: self.clear.index(self.rung)]
        return replace(self, rung=simpler[-1] if simpler else Rung.NONE, failed=(self.rung, *self.failed))


def compare_rungs(losses: Mapping[Rung, np.ndarray], alike: np.ndarray, *, copies: int) -> Ladder:
    """The ladder for the log loss of each row by each rung: float64, NaN if not measured, of the shape of `alike`.

    Only rows with a loss for plain columns count, and only rungs with a loss for all of these rows.
    `alike` and `copies` are as for find_lead and Ladder.
    """
    counts = ~np.isnan(losses[Rung.NONE])
    known = {rung: of_rows[counts] for rung, of_rows in losses.items() if not np.isnan(of_rows[counts]).any()}
    if not counts.any():
        reason = "a fit of plain columns does not reach its optimum"
        return Ladder(Rung.NONE, rows=len(alike), copies=copies, reason=reason)
    failed = tuple(rung for rung in losses if rung not in known)
    means = {rung: float(of_rows.mean()) for rung, of_rows in known.items()}
    leads = {rung: find_lead(known[Rung.NONE], known[rung], alike[counts]) for rung in list(known)[1:]}
    ladder = Ladder(Rung.NONE, means, leads, failed, rows=len(alike), copies=copies)
    if not ladder.clear:
        return ladder
    best = known[min(ladder.clear, key=lambda rung: means[rung])]
    behind = {rung: find_lead(known[rung], best, alike[counts]) for rung in ladder.clear}
    return replace(ladder, rung=next(rung for rung in ladder.clear if not behind[rung].exceeds(NEARLY)))


def bound_losses(odds: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The log loss of each row, nats, at most MOST_LOSS, from its log-odds and its label, 0 or 1."""
    bounded: np.ndarray = np.minimum(log_losses(odds, y), MOST_LOSS)
    return bounded


def find_lead(simple: np.ndarray, other: np.ndarray, alike: np.ndarray) -> Lead:
    """The mean of the rows' log losses in `simple` less those in `other`, with its standard error.

    The standard error is that of a mean over clusters, the rows with the same number in `alike`, because copies add
    no information.
    """
    differences = simple - other
    gain = float(differences.mean())
    of_clusters = np.bincount(alike, differences - gain)
    clusters = len(np.unique(alike))
    return Lead(gain, float(np.sqrt((of_clusters**2).sum() * clusters / max(clusters - 1, 1)) / len(simple)))
