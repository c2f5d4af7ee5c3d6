"""Odds ratios against arithmetic; a doctest has their spelling."""

import math

import pytest

from churn.model.odds import odds_ratio


def test_an_odds_ratio_is_the_exponential_of_log_odds_and_always_finite():
    assert [odds_ratio(log_odds) for log_odds in (0.0, math.log(3), -math.log(4))] == pytest.approx([1, 3, 0.25])
    assert odds_ratio(1e9) == odds_ratio(701.0) < math.inf
    assert odds_ratio(-1e9) == 0.0
