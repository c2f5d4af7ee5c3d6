"""Patterns (ECMAScript) for texts that spell a number with its marks. A field accepts further spellings."""

import math
import re
from decimal import Decimal

from churn.model.fields import Number
from churn.model.marks import Marks

_MOST_DIGITS = 9  # of a whole number without a limit
_MOST_DECIMALS = 6
_DECIMALS_WITHIN_LIMITS = 2  # each further decimal adds another set of patterns


def marked_pattern(field: Number, marks: Marks) -> str | None:
    """A pattern for texts that spell a number of a field with its marks. The service accepts every text that matches.

    If the field has limits, the pattern covers the numbers within them with at most two decimals; None if there are
    no such numbers.

    >>> marked_pattern(Number("rate", non_negative=True), Marks("%"))
    '^(?:(?:0|[1-9][0-9]{0,8})(?:[.][0-9]{1,6})? ?%|% ?(?:0|[1-9][0-9]{0,8})(?:[.][0-9]{1,6})?)$'
    """
    number = _any_number(field, marks) if field.lowest is None and field.highest is None else _limited(field, marks)
    if number is None:
        return None
    sign = re.escape(marks.sign)
    return f"^(?:{number} ?{sign}|{sign} ?{number})$" if sign else f"^{number}$"


def _any_number(field: Number, marks: Marks) -> str:
    group, mark = _spell_marks(marks)
    whole = f"[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}}){{0,3}}" if marks.thousands else "[1-9][0-9]{0,8}"
    most_decimals = 2 if marks.thousands and not marks.three_decimals else _MOST_DECIMALS  # 1.234 may be 1,234
    return f"{'' if field.non_negative else '-?'}(?:0|{whole})(?:{mark}[0-9]{{1,{most_decimals}}})?"


def _limited(field: Number, marks: Marks) -> str | None:
    """The pattern for numbers within a field's limits, one of which may be missing; None if there are none."""
    far = 10**_MOST_DIGITS - 1
    lowest = Decimal(str(-far if field.lowest is None else field.lowest))
    highest = Decimal(str(far if field.highest is None else field.highest))
    if field.non_negative:
        lowest = max(lowest, Decimal(0))
    patterns = []
    for decimals in range(_DECIMALS_WITHIN_LIMITS + 1):
        low, high = math.ceil(lowest.scaleb(decimals)), math.floor(highest.scaleb(decimals))
        for sign, start, end in (("-", max(-high, 1), -low), ("", max(low, 0), high)):
            patterns += [sign + _put_marks(digits, decimals, marks) for digits in _between(start, end, decimals + 1)]
    return f"(?:{'|'.join(patterns)})" if patterns else None


def _spell_marks(marks: Marks) -> tuple[str, str]:
    """The patterns for the thousands mark and the decimal mark."""
    return ("[.]", ",") if marks.decimal_comma else (",", "[.]")


def _put_marks(digits: list[str], decimals: int, marks: Marks) -> str:
    """The pattern for a number, made of the patterns of its digits, the last `decimals` after a decimal mark."""
    group, mark = _spell_marks(marks)
    whole = digits[: len(digits) - decimals]
    spelled = "".join(
        (group if marks.thousands and place and (len(whole) - place) % 3 == 0 else "") + digit
        for place, digit in enumerate(whole)
    )
    return spelled + (mark + "".join(digits[len(whole) :]) if decimals else "")


def _between(lowest: int, highest: int, min_digits: int) -> list[list[str]]:
    """The whole numbers of a range, 0 or more, as lists of patterns, one pattern a digit; empty for an empty range.

    >>> _between(7, 123, 1)
    [['[7-9]'], ['[1-9]', '[0-9]'], ['1', '[0-1]', '[0-9]'], ['1', '2', '[0-3]']]
    """
    found: list[list[str]] = []
    while lowest <= highest:
        width = max(len(str(lowest)), min_digits)
        end = min(highest, 10**width - 1)  # the last number with this many digits
        free = 0  # the number of digits at the end that may be anything
        while free + 1 < width and lowest % 10 ** (free + 1) == 0 and lowest + 10 ** (free + 1) - 1 <= end:
            free += 1
        first = lowest // 10**free % 10
        last = min(9, first + (end - lowest + 1) // 10**free - 1)
        digit = str(first) if first == last else f"[{first}-{last}]"
        found.append([*str(lowest).zfill(width)[: width - free - 1], digit, *["[0-9]"] * free])
        lowest += (last - first + 1) * 10**free
    return found
