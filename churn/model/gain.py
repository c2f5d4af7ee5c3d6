"""What a retention campaign earns: from which churn probability on a contact pays, and what one brings.

The model behind it: whoever is contacted costs the contact. A leaver accepts the offer with some chance and then
stays, which is worth the customer's value less the offer. A stayer who is contacted takes the offer, too, and
would have stayed anyway. All amounts are in one currency, whichever.
"""

import math

from msgspec import Struct


class Campaign(Struct, frozen=True, forbid_unknown_fields=True):
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

    @property
    def of_leaver(self) -> float:
        """What contacting a leaver brings, on average over who accepts."""
        return self.accept * (self.value - self.offer) - self.contact

    @property
    def of_stayer(self) -> float:
        """What contacting a stayer brings, which is negative or 0."""
        return -self.offer - self.contact
