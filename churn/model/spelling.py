"""The clean spelling of names, categories and numbers: one rule, used in training and in serving.

Owns this rule only; the contract defines what a value means.
"""

import math
import re
from collections.abc import Mapping

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
MINUS = "\u2212"  # as mathematics and some spreadsheets write it
LONGEST_NUMBER = 400  # characters; a double needs at most 24, and a regex takes long on megabytes


def clean(text: str) -> str:
    """A name or category in clean spelling: trimmed, in lower case, spaces as underscores.

    >>> clean(" Two year")
    'two_year'
    >>> clean("TotalCharges")
    'totalcharges'
    """
    return text.strip().lower().replace(" ", "_")


def fold_names(customer: Mapping[object, object]) -> tuple[dict[str, object], set[str]]:
    """A customer's values under clean names, and the names that were given in more than one spelling."""
    given: dict[str, object] = {}
    twice: set[str] = set()
    for spelled, value in customer.items():
        if not isinstance(spelled, str):
            continue
        name = clean(spelled)
        if name in given:
            twice.add(name)
        given[name] = value
    return given, twice


def is_blank(value: object) -> bool:
    """True for a missing value: None (null in JSON and Parquet), or an empty or all-space string, as in a CSV.

    >>> is_blank(None), is_blank("  "), is_blank("NA"), is_blank(0.0)
    (True, True, False, False)
    """
    return value is None or (isinstance(value, str) and (not value or value.isspace()))


def read_number(text: str) -> float | None:
    """The finite number that a string spells in decimal digits, else None.

    Stricter than `float`: no "nan", no "inf", no underscores, no digits of other scripts. The mathematical minus,
    U+2212, is a minus, too.

    >>> read_number(" 29.85 "), read_number("1e3"), read_number("\u22125")
    (29.85, 1000.0, -5.0)
    >>> read_number("1_000"), read_number("inf"), read_number("1e999"), read_number("")
    (None, None, None, None)
    """
    text = text.strip().replace(MINUS, "-")
    if len(text) > LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None
