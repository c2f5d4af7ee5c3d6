"""Estimates the share of new customers with a category that training never saw, by the method of Good and Turing.

Of N customers, N1 have a category that no other customer has: each of them would have been unknown to a training on
the others. So N1 / N estimates the share of new customers with an unknown category.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from churn.errors import TableError

MOST_UNKNOWN = 0.01
"""A field is left out if, with 95 % confidence, more than this share of new customers would have an unknown category.
"""
MOST_UNKNOWN_TOGETHER = 0.1
"""A table is refused if more than this share of new customers would have an unknown category in some field."""
_ONE_SIDED_95 = 1.645  # the 95 % quantile of the normal distribution


class Unknown(NamedTuple):
    """The share of new customers with an unknown category, 0 to 1, and its lower 95 % bound."""

    share: float
    lower: float


def estimate_unknown(counts: np.ndarray) -> Unknown:
    """The estimate for a field; `counts` are the rows of each category, integers, shape (n_categories,), not all 0.

    The variance of the estimate less the true share is about (N1 + 2 N2) / N², where N2 is the number of categories
    in two rows: Robbins, Estimating the total probability of the unobserved outcomes of an experiment, 1968; Good,
    The population frequencies of species, 1953.
    """
    rows, once, twice = int(counts.sum()), int((counts == 1).sum()), int((counts == 2).sum())
    return Unknown(once / rows, max(once - _ONE_SIDED_95 * (once + 2 * twice) ** 0.5, 0.0) / rows)


def describe_together(path: Path, lone_rows: Mapping[str, np.ndarray], rows: int, insisted: frozenset[str]) -> str:
    """A line with the share of new customers that would have an unknown category in some field.

    `lone_rows` are, for each field of categories, the rows whose category no other row has. Raises TableError if the
    share is too large; `insisted` fields do not count for that.
    """
    share = _share_together(lone_rows.values(), rows).share
    others = {field: lone for field, lone in lone_rows.items() if field not in insisted}
    stopping = _share_together(others.values(), rows)
    if stopping.share > MOST_UNKNOWN_TOGETHER and stopping.lower > MOST_UNKNOWN:
        worst = sorted(others, key=lambda field: -len(others[field]))[:3]
        worst = [field for field in worst if len(others[field])]
        shares = ", ".join(f"{field}: {of_customers(len(others[field]) / rows)}" for field in worst)
        words = (
            f"{of_customers(stopping.share)} new customers would have a category that training never saw ({shares})"
        )
        names = ",".join(worst)
        raise TableError(path, f"{words}; --drop {names} leaves them out, --category {names} keeps them")
    return f"by estimate, {of_customers(share)} new customers would have a category that training never saw"


def _share_together(lone_rows: Iterable[np.ndarray], rows: int) -> Unknown:
    some = len(np.unique(np.concatenate([np.array([], dtype=np.int64), *lone_rows])))
    return Unknown(some / rows, (some - _ONE_SIDED_95 * some**0.5) / rows)


def of_customers(share: float) -> str:
    """A share in words.

    >>> of_customers(0.174), of_customers(0.0042), of_customers(0.0001)
    ('17 of 100', '4 of 1,000', 'fewer than 1 of 1,000')
    """
    if share >= 0.01:
        return f"{100 * share:.0f} of 100"
    return f"{1000 * share:.0f} of 1,000" if share >= 0.001 else "fewer than 1 of 1,000"
