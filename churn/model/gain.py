"""The gain of a retention campaign: the expected gain of a contact, when it pays, and the calls that a budget pays.

The model: each contact costs its price. A contacted leaver accepts the offer with some probability and then stays,
which is worth the customer's value less the offer. A contacted stayer takes the offer, too, and would have stayed
anyway. All amounts are in one currency.

Functions of Numbers return a float for floats, and an array for arrays of NumPy.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from msgspec import Struct

Numbers: TypeAlias = Any
"""A float, or an array of NumPy, which is not imported here."""

_WIDTH = 1.959963984540054  # standard deviations on each side that hold 95 %
_ROUNDING = 1e-12  # of a budget: the rounding error that sums of costs may have


class Terms(Struct, frozen=True):
    """A campaign's figures without the value of a customer: the cost of an `offer`, the cost of a `contact`, and
    `accept`.

    `accept` is the share (0 to 1) of contacted leavers that take the offer and stay. Raises ValueError for a figure
    that makes no sense.
    """

    offer: float
    contact: float
    accept: float

    def __post_init__(self) -> None:
        if not (self.offer >= 0 and self.contact >= 0 and self.cost < math.inf):
            raise ValueError("offer and contact must be 0 or more")
        if not 0 < self.accept <= 1:
            raise ValueError("accept must be a share, above 0 and at most 1")

    @property
    def cost(self) -> float:
        """The highest cost of a contact: its own, and the offer."""
        return self.offer + self.contact

    @property
    def of_stayer(self) -> float:
        """The gain of contacting a stayer, which is negative or 0."""
        return -self.cost

    def more_of_leaver(self, value: Numbers) -> Numbers:
        """The mean gain of contacting a leaver, less that of contacting a stayer."""
        return self.accept * (value - self.offer) + self.offer

    def of_leaver(self, value: Numbers) -> Numbers:
        """The mean gain of contacting a leaver, whether it accepts or not."""
        return self.more_of_leaver(value) - self.cost

    def find_gain(self, p: Numbers, value: Numbers) -> Numbers:
        """The expected gain of contacting a customer: p * accept * (value - offer) - (1 - p) * offer - contact.

        `p` is the probability, 0 to 1, that the customer leaves.

        >>> round(Terms(offer=10, contact=1, accept=0.3).find_gain(0.5, 200), 9)
        22.5
        """
        return p * self.more_of_leaver(value) - self.cost

    def find_variance(self, p: Numbers, value: Numbers) -> Numbers:
        """The variance of the gain of contacting a customer.

        The gain is value - offer - contact with probability p * accept, -contact with p * (1 - accept), and -offer -
        contact with 1 - p. The variance is the sum over the pairs of these outcomes, which differ by value - offer,
        value, and offer.
        """
        kept, lost, stays = p * self.accept, p * (1 - self.accept), 1 - p
        net = value - self.offer
        return kept * lost * (net * net) + kept * stays * (value * value) + lost * stays * (self.offer * self.offer)

    def find_threshold(self, value: float) -> float:
        """The churn probability, 0 to 1, above which contacting a customer of this value is expected to pay."""
        return self.cost / float(self.more_of_leaver(value))

    def count_calls(self, budget: float) -> int | None:
        """The number of calls that a budget pays for whatever their outcomes are; None if calls cost nothing.

        >>> Terms(offer=0.2, contact=0.1, accept=0.3).count_calls(30)
        100
        """
        calls = budget * (1 + _ROUNDING) / self.cost if self.cost else math.inf
        return math.floor(calls) if calls < math.inf else None


class Campaign(Struct, frozen=True, forbid_unknown_fields=True):
    """A campaign's figures: the `value` of a kept customer, the same for all, and those of Terms.

    Raises ValueError for a figure that makes no sense, and when no contact could ever pay.
    """

    value: float
    offer: float
    contact: float
    accept: float

    def __post_init__(self) -> None:
        if not 0 < self.value < math.inf:
            raise ValueError("value must be above 0")
        if self.of_leaver <= 0:
            raise ValueError(
                "no contact ever pays: a certain leaver brings accept * (value - offer), "
                f"{self.of_leaver + self.contact:g}, and a contact costs {self.contact:g}"
            )

    @property
    def terms(self) -> Terms:
        """The figures without the value."""
        return Terms(self.offer, self.contact, self.accept)

    @property
    def threshold(self) -> float:
        """The churn probability, 0 to 1, above which a contact pays on average.

        >>> round(Campaign(value=200, offer=10, contact=1, accept=0.3).threshold, 4)
        0.1642
        """
        return self.terms.find_threshold(self.value)

    @property
    def of_leaver(self) -> float:
        """The mean gain of contacting a leaver, whether it accepts or not."""
        return float(self.terms.of_leaver(self.value))

    @property
    def of_stayer(self) -> float:
        """The gain of contacting a stayer, which is negative or 0."""
        return self.terms.of_stayer


class ExpectedGain(NamedTuple):
    """The expected total of calling some customers: the number of `contacts`, the `gain` and its `variance`."""

    contacts: int
    gain: float
    variance: float

    @property
    def band(self) -> tuple[float, float]:
        """The limits that hold the gain in 95 % of cases by chance alone, by the normal distribution.

        Customers are taken to leave and accept independently, with exactly the given probabilities. Errors of the
        model are not included.
        """
        width = _WIDTH * math.sqrt(self.variance)
        return self.gain - width, self.gain + width

    def plus(self, other: "ExpectedGain") -> "ExpectedGain":
        """The expected gain of calling these and other customers."""
        return ExpectedGain(self.contacts + other.contacts, self.gain + other.gain, self.variance + other.variance)


NO_GAIN = ExpectedGain(0, 0.0, 0.0)


def expect_gain(gains: Sequence[float], variances: Sequence[float]) -> ExpectedGain:
    """The expected gain of calling customers with these expected gains and variances.

    >>> expect_gain([3.0, 1.0], [9.0, 16.0])
    ExpectedGain(contacts=2, gain=4.0, variance=25.0)
    """
    return ExpectedGain(len(gains), math.fsum(gains), math.fsum(variances))
