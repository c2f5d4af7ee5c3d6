"""Learns the limits of numbers: how far outside the training range a number may lie before it is refused."""

import math

from churn.model.contract import Contract
from churn.model.fields import Field, Number
from churn.model.ranges import describe_range


def set_limits(contract: Contract) -> Contract:
    """The contract with limits for its numbers: the training range widened by its own width on either side.

    A limit is never below 0 where training saw no negative number. A number with a single value in training has no
    width, and gets no limits.

    >>> print(set_limits(Contract((Number("tenure", 0.0, 72.0, non_negative=True),))).fields[0].highest)
    144.0
    """
    return Contract(tuple(map(_set_limits, contract.fields)), contract.groups)


def _set_limits(field: Field) -> Field:
    if not isinstance(field, Number) or field.minimum is None or field.maximum is None:
        return field
    width = field.maximum - field.minimum
    lowest, highest = field.minimum - width, field.maximum + width
    if not width or not math.isfinite(lowest) or not math.isfinite(highest):
        return field
    known = (field.name, field.minimum, field.maximum, field.non_negative, field.blank, field.marks, field.missing)
    return Number(*known, lowest=max(lowest, 0.0) if field.non_negative else lowest, highest=highest)


def describe_limits(contract: Contract) -> str:
    """The limits of all numbers that have some, in words.

    >>> describe_limits(set_limits(Contract((Number("tenure", 0.0, 72.0, True), Number("balance", -5.0, 5.0)))))
    'tenure 0 to 144, balance -15 to 15'
    """
    ranges = {field.name: describe_range(field.lowest, field.highest) for field in contract.numbers}
    return ", ".join(f"{name} {limits}" for name, limits in ranges.items() if limits)
