"""Ranges of numbers, in words."""


def describe_range(lowest: float | None, highest: float | None) -> str:
    """A range in words; "" for a range without limits.

    >>> describe_range(0, 144), describe_range(None, 17350.8), describe_range(-5, None), describe_range(None, None)
    ('0 to 144', '17350.8 or less', '-5 or more', '')
    """
    if lowest is None and highest is None:
        return ""
    if lowest is None:
        return f"{highest:.12g} or less"
    return f"{lowest:.12g} or more" if highest is None else f"{lowest:.12g} to {highest:.12g}"
