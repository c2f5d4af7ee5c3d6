"""The test customers that a contract refuses: how many, and for which fields. Refuses nobody itself."""

from collections.abc import Mapping
from dataclasses import dataclass

_MOST_NAMED = 10  # fields
_ENOUGH_PERCENT = 90  # of the customers: figures on fewer do not speak for all


@dataclass(frozen=True)
class Refused:
    """How many customers are refused, and by field how many for it: one refused for two fields counts in both."""

    customers: int
    fields: Mapping[str, int]

    def describe(self) -> str:
        """The fields with their counts, the largest first, ten at most.

        >>> Refused(212, {"paymentmethod": 4, "contract": 210}).describe()
        'contract: 210, paymentmethod: 4'
        """
        ordered = sorted(self.fields.items(), key=lambda counted: (-counted[1], counted[0]))
        words = [f"{field}: {count:,}" for field, count in ordered[:_MOST_NAMED]]
        if len(ordered) > _MOST_NAMED:
            words.append(f"and {len(ordered) - _MOST_NAMED} more")
        return ", ".join(words)

    def leaves_enough(self, remaining: int) -> bool:
        """Whether the customers that remain are 90 % of all or more.

        >>> Refused(10, {"plan": 10}).leaves_enough(90), Refused(10, {"plan": 10}).leaves_enough(89)
        (True, False)
        """
        return 100 * remaining >= _ENOUGH_PERCENT * (remaining + self.customers)
