"""Odds ratios: what a difference of log-odds multiplies the odds by, and how that is spelled."""

import math

LARGEST_EXPONENT = 700.0
"""Log-odds: exp of more overflows."""


def odds_ratio(log_odds: float) -> float:
    """What a difference of log-odds multiplies the odds by; that of LARGEST_EXPONENT where it is more."""
    return math.exp(min(log_odds, LARGEST_EXPONENT))


def ratio(odds_ratio: float) -> str:
    """An odds ratio, to three digits or two behind the point.

    >>> ratio(1.8504), ratio(0.0321), ratio(43.21), ratio(1e9)
    ('1.85', '0.032', '43.2', 'over 1,000,000')
    """
    if odds_ratio >= 1e6:
        return "over 1,000,000"
    if odds_ratio >= 10:
        return f"{odds_ratio:,.1f}" if odds_ratio < 1000 else f"{odds_ratio:,.0f}"
    return f"{odds_ratio:.2f}" if odds_ratio >= 0.1 else f"{odds_ratio:.2g}"
