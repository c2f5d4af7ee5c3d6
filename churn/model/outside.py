"""How many customers are outside of what training saw, by field; within the limits they are scored all the same."""

from collections import Counter
from collections.abc import Mapping

from churn.model.contract import Contract

OutsideCounts = Counter[str]
"""How many customers are outside of what training saw, by the field that they are outside for."""


class OutsideCounter:
    """Counts customers, who have been scored, by the numbers in which they are outside of what training saw."""

    def __init__(self, contract: Contract) -> None:
        self.counts = OutsideCounts()
        self._numbers = contract.numbers

    def add(self, customer: Mapping[str, object]) -> None:
        """Adds a customer, under the names of the fields. What a blank stands for is never outside."""
        for field in self._numbers:
            value = customer[field.name]
            if type(value) is float and not field.is_outside(value):
                continue
            number = field.read(value)
            if isinstance(number, float) and field.is_outside(number):
                self.counts[field.name] += 1
