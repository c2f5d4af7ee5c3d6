"""What a retention campaign earns: from which churn probability on a contact pays, and how much it brings.

The model behind it: whoever is contacted costs the contact. A leaver accepts the offer with some chance and then
stays, which is worth the customer's value less the offer. A stayer who is contacted takes the offer, too, and
would have stayed anyway. All amounts are in one currency, whichever.
"""

import math
from dataclasses import dataclass

import numpy as np


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


@dataclass(frozen=True)
class Campaign:
    """A campaign's figures: `value` of a customer who is kept, cost of an `offer` and of a `contact`, and `accept`,
    the share (0 to 1) of contacted leavers who take the offer and stay.

    Raises ValueError for a figure that makes no sense, and when no contact could ever pay.
    """

    value: float
    offer: float
    contact: float
    accept: float

    def __post_init__(self) -> None:
        if not 0 < self.value < math.inf:
            raise ValueError("value must be above 0")
        if not (0 <= self.offer < math.inf and 0 <= self.contact < math.inf):
            raise ValueError("offer and contact must be 0 or more")
        if not 0 < self.accept <= 1:
            raise ValueError("accept must be a share, above 0 and at most 1")
        if self.contact >= self.accept * (self.value - self.offer):
            raise ValueError(
                "no contact ever pays: accept * (value - offer) is what a certain leaver brings, "
                f"{self.accept * (self.value - self.offer):g}, and a contact costs {self.contact:g}"
            )

    @property
    def threshold(self) -> float:
        """The churn probability, 0 to 1, above which a contact pays on average.

        It solves p * accept * (value - offer) = contact + (1 - p) * offer.

        >>> round(Campaign(value=200, offer=10, contact=1, accept=0.3).threshold, 4)
        0.1642
        """
        return (self.offer + self.contact) / (self.accept * (self.value - self.offer) + self.offer)

    def profit(self, y: np.ndarray, probabilities: np.ndarray, *, threshold: float) -> float:
        """What contacting everybody from `threshold` on earns, on average over who accepts.

        `y` is 0/1 (1 left) and `probabilities` 0 to 1, both of shape (n_customers,).
        """
        return float(self._gains(y)[probabilities >= threshold].sum())

    def profit_curve(self, y: np.ndarray, probabilities: np.ndarray) -> ProfitCurve:
        """The profit at every threshold that parts these customers otherwise; arguments as for `profit`."""
        highest_first = np.argsort(-probabilities, kind="stable")
        ordered = probabilities[highest_first]
        last = np.append(ordered[:-1] != ordered[1:], True)  # of those with one probability
        profits = np.cumsum(self._gains(y)[highest_first])
        return ProfitCurve(ordered[last], np.flatnonzero(last) + 1, profits[last])

    def _gains(self, y: np.ndarray) -> np.ndarray:
        """What contacting each customer brings, on average over who accepts."""
        return np.where(y == 1, self.accept * (self.value - self.offer), -self.offer) - self.contact
