"""A customer inside something else: in another object, as other services expect it, or in a text, encoded twice.

Such a request gets one problem, which names what is around the customer, instead of one for each missing field.
"""

from collections.abc import Collection, Mapping

import msgspec

from churn.errors import Problem
from churn.model.spelling import fold_names

EXPECTED = "an object of customer fields"
"""The form of a customer, in words."""


def find_encoded(value: object) -> Problem | None:
    """The problem of a text that is the JSON of an object or array; None for any other value.

    >>> find_encoded('{"tenure": 24}').problem
    'encoded twice'
    """
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return None
    try:
        msgspec.json.decode(value)
    except (msgspec.MsgspecError, RecursionError, ValueError):  # ValueError: half of a surrogate pair
        return None
    return Problem(None, "encoded twice", f"{EXPECTED}: this is a text that has one in it, so encode it only once")


def find_wrapped(given: Mapping[str, object], names: Collection[str]) -> Problem | None:
    """The problem of an object without any of the named fields that has a customer, or an array of them, in a member.

    None for any other object. The names in `given` are clean.

    >>> find_wrapped({"customer": {"Tenure": 24}}, {"tenure"}).problem
    'inside another object'
    """
    if not given.keys().isdisjoint(names):
        return None
    for value in given.values():
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, dict) and not fold_names(first)[0].keys().isdisjoint(names):
            inside = "the array of customers" if isinstance(value, list) else EXPECTED
            return Problem(None, "inside another object", f"{inside} itself, with nothing around it")
    return None
