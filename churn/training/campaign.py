"""What a retention campaign earns on customers of whom it is known who left, at one threshold or at each.

What a contact brings, and from which churn probability on it pays, is gain's.
"""

import math
from dataclasses import dataclass

import numpy as np

from churn.model.gain import Campaign


@dataclass(frozen=True)
class ProfitCurve:
    """What contacting everybody from a probability on earns, for each probability that occurs, highest first.

    All of shape (n_thresholds,): `thresholds` 0 to 1, `contacted` how many customers that is, `profits` in the
    campaign's currency.
    """

    thresholds: np.ndarray
    contacted: np.ndarray
    profits: np.ndarray

    @property
    def best(self) -> float:
        """The threshold that would have earned most on these very customers, which is known in hindsight only.

        Infinite where it would have been best to contact nobody.
        """
        best = self.profits.argmax()
        return float(self.thresholds[best]) if self.profits[best] > 0 else math.inf


def find_profit(campaign: Campaign, y: np.ndarray, probabilities: np.ndarray, *, threshold: float) -> float:
    """What contacting everybody from `threshold` on earns, on average over who accepts.

    `y` is 0/1 (1 left) and `probabilities` 0 to 1, both of shape (n_customers,).
    """
    return float(_find_gains(campaign, y)[probabilities >= threshold].sum())


def find_profit_curve(campaign: Campaign, y: np.ndarray, probabilities: np.ndarray) -> ProfitCurve:
    """The profit at every threshold that parts these customers otherwise; arguments as for `find_profit`."""
    highest_first = np.argsort(-probabilities, kind="stable")
    ordered = probabilities[highest_first]
    last = np.append(ordered[:-1] != ordered[1:], True)  # of those with one probability
    profits = np.cumsum(_find_gains(campaign, y)[highest_first])
    return ProfitCurve(ordered[last], np.flatnonzero(last) + 1, profits[last])


def _find_gains(campaign: Campaign, y: np.ndarray) -> np.ndarray:
    """What contacting each customer brings, on average over who accepts."""
    gains: np.ndarray = campaign.terms.find_gain(y, campaign.value)  # of who left or stayed for sure
    return gains
