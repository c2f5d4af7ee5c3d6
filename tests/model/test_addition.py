"""Sums have the digits of Python 3.11's own, which adds from left to right, on every Python."""

import numpy as np

from churn.model.addition import add_up


def test_a_sum_is_added_from_left_to_right_without_compensation():
    """0.1, ten times, is below 1 then; a compensated sum, as of Python 3.12, is 1."""
    assert add_up([0.1] * 10) == 0.9999999999999999
    numbers = np.random.default_rng(1).normal(size=1000) * 10.0 ** np.arange(-5, 5).repeat(100)
    assert add_up(numbers.tolist()) == float(np.add.accumulate(numbers)[-1])


def test_a_sum_of_nothing_is_zero_and_one_that_is_too_large_is_infinite():
    assert add_up([]) == 0.0
    assert add_up([1e308, 1e308]) == float("inf")
