"""The profit of a retention campaign on labelled customers, at one threshold or at each.

`model/gain` has the gain of one contact and the churn probability from which it pays.
"""

import math
from dataclasses import dataclass

import numpy as np

from churn.model.gain import Campaign


@dataclass(frozen=True)
class ProfitCurve:
    """The profit of contacting all customers from a threshold on, for each probability that occurs, highest first.

    All have shape (n_thresholds,): `thresholds`, 0 to 1; `contacted`, the number of customers from there on;
    `profits`, in the campaign's currency.
    """

    thresholds: np.ndarray
    contacted: np.ndarray
    profits: np.ndarray

    @property
    def best(self) -> float:
        """The threshold with the highest profit on these customers, known only in hindsight.

        Infinite where no threshold has a profit above 0.
        """
        best = self.profits.argmax()
        return float(self.thresholds[best]) if self.profits[best] > 0 else math.inf


def find_profit(campaign: Campaign, y: np.ndarray, probabilities: np.ndarray, *, threshold: float) -> float:
    """The profit of contacting all customers from `threshold` on, its mean over the chance of acceptance.

    `y` is 0/1 (1 left) and `probabilities` 0 to 1, both of shape (n_customers,).
    """
    return float(_find_gains(campaign, y)[probabilities >= threshold].sum())


def find_profit_curve(campaign: Campaign, y: np.ndarray, probabilities: np.ndarray) -> ProfitCurve:
    """The profit at every threshold that selects a different set of customers; arguments as for `find_profit`."""
    highest_first = np.argsort(-probabilities, kind="stable")
    ordered = probabilities[highest_first]
    last = np.append(ordered[:-1] != ordered[1:], True)  # of the customers with the same probability
    profits = np.cumsum(_find_gains(campaign, y)[highest_first])
    return ProfitCurve(ordered[last], np.flatnonzero(last) + 1, profits[last])


def _find_gains(campaign: Campaign, y: np.ndarray) -> np.ndarray:
    """The gain of contacting each customer, its mean over the chance of acceptance."""
    gains: np.ndarray = campaign.terms.find_gain(y, campaign.value)  # a label is a probability of 0 or 1
    return gains
