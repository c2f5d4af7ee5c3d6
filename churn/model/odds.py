"""Odds ratios: the factor by which a difference in log-odds multiplies the odds, and its text."""

import math

LARGEST_EXPONENT = 700.0
"""In log-odds; `math.exp` overflows not far above it."""


def odds_ratio(log_odds: float) -> float:
    """The factor by which a difference in log-odds multiplies the odds; the difference is cut at LARGEST_EXPONENT."""
    return math.exp(min(log_odds, LARGEST_EXPONENT))


def spell_ratio(odds_ratio: float) -> str:
    """An odds ratio as text, with about three digits.

    >>> spell_ratio(1.8504), spell_ratio(0.0321), spell_ratio(43.21), spell_ratio(1e9)
    ('1.85', '0.032', '43.2', 'over 1,000,000')
    """
    if odds_ratio >= 1e6:
        return "over 1,000,000"
    if odds_ratio >= 10:
        return f"{odds_ratio:,.1f}" if odds_ratio < 1000 else f"{odds_ratio:,.0f}"
    return f"{odds_ratio:.2f}" if odds_ratio >= 0.1 else f"{odds_ratio:.2g}"
