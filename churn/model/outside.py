"""Counts of customers outside the range that training saw, by field. Within the limits they are still scored."""

from collections import Counter
from collections.abc import Mapping

from churn.model.contract import Contract

OutsideCounts = Counter[str]
"""The number of customers outside the range that training saw, by field."""


class OutsideCounter:
    """Counts scored customers for each number in which they are outside the range that training saw."""

    def __init__(self, contract: Contract) -> None:
        self.counts = OutsideCounts()
        self._numbers = contract.numbers

    def add(self, customer: Mapping[str, object]) -> None:
        """Adds a customer, whose keys are the fields' names. The value that a blank stands for is never outside."""
        for field in self._numbers:
            value = customer[field.name]
            if type(value) is float and not field.is_outside(value):
                continue
            number = field.read(value)
            if isinstance(number, float) and field.is_outside(number):
                self.counts[field.name] += 1
