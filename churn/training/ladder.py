"""What the comparison of the rungs found, by the log loss of each row held out, and which rung it speaks for.

Owns the rule: a rung that replaces plain columns has to be ahead of them by more than chance makes likely, and of
several such the simplest is taken that is about as good as the best. The latter is the one-standard-error rule of
Breiman, Friedman, Olshen and Stone (Classification and Regression Trees, 1984). Fits nothing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from churn.training.rungs import Rung
from churn.training.smoothness import log_losses

CLEARLY = 2.0
"""A rung is clearly ahead of plain columns if its mean log loss is lower by more than so many standard errors."""
NEARLY = 1.0
"""A simpler rung is about as good as the best if its mean log loss is higher by at most so many standard errors."""
MOST_LOSS = math.log(1e6)
"""The highest log loss, nats, that a row counts with: that of a churner whose probability is one in a million.

No comparison has the rows to measure a rarer one. Without a bound one row that is far off may have a loss of
thousands: it alone would be the mean and its standard error, whatever the others show.
"""


class Lead(NamedTuple):
    """How much lower a rung's mean log loss is than that of a simpler one, and the standard error of that."""

    gain: float
    error: float

    def exceeds(self, errors: float) -> bool:
        """True where the gain is more than so many standard errors."""
        return self.gain > errors * self.error


@dataclass(frozen=True)
class Ladder:
    """What the comparison of the rungs found.

    `losses` is the mean log loss, nats, of each rung that was compared, on the same held out rows and with MOST_LOSS
    a row at most; `leads` is how far each but the first, plain columns, is ahead of it. `failed` are the rungs that
    were left out as a fit of theirs has no optimum. Of `rows` in all, `copies` have in every field what another one
    has. `reason` says why no rung was compared; "" where one was, or where nobody asked.
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
        """The ladder without the chosen rung, whose fit has failed: the next simpler one that is clear, or plain."""
        simpler = self.clear[: self.clear.index(self.rung)]
        return replace(self, rung=simpler[-1] if simpler else Rung.NONE, failed=(self.rung, *self.failed))


def compare_rungs(losses: Mapping[Rung, np.ndarray], alike: np.ndarray, *, copies: int) -> Ladder:
    """What each row's log loss by each rung says: float64, NaN where it is not measured, of the shape of `alike`.

    Rows that plain columns are not measured on count for none, and a rung counts that is measured on all others.
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
    """The log loss of each row, nats, MOST_LOSS at most, by its log-odds and its label, 0 or 1."""
    bounded: np.ndarray = np.minimum(log_losses(odds, y), MOST_LOSS)
    return bounded


def find_lead(simple: np.ndarray, other: np.ndarray, alike: np.ndarray) -> Lead:
    """How far the rows' log losses in `other` are below those in `simple`, on average.

    The standard error is that of a mean over clusters, the rows that have one number in `alike`: copies say the same
    again, and nothing more.
    """
    differences = simple - other
    gain = float(differences.mean())
    of_clusters = np.bincount(alike, differences - gain)
    clusters = len(np.unique(alike))
    return Lead(gain, float(np.sqrt((of_clusters**2).sum() * clusters / max(clusters - 1, 1)) / len(simple)))
