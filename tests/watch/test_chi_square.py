"""The distributions, against SciPy's over their whole range."""

import math

import numpy as np
import pytest
from scipy import stats

from churn.watch.chi_square import critical_value, exact_p, power_of, shift_found, upper_chance


def test_the_tail_of_a_chi_square_is_scipys():
    rng = np.random.default_rng(1)
    for degrees in [1, 2, 3, 4, 5, 18, 19, 21, 22, 102, 103, 999, 2000]:
        near = stats.chi2.ppf(rng.random(50), degrees)
        for statistic in [0.0, 1e-12, *near, degrees + 40.0 * degrees**0.5, 300.0]:
            expected = stats.chi2.sf(statistic, degrees)
            assert upper_chance(statistic, degrees) == pytest.approx(expected, rel=1e-10, abs=1e-290)


def test_an_impossible_value_has_the_chance_0():
    assert upper_chance(1e7, 3) == upper_chance(1e7, 40) == 0


@pytest.mark.parametrize(("degrees", "level"), [(1, 0.05), (2, 0.05 / 19), (21, 1e-4), (200, 0.5)])
def test_a_critical_value_is_scipys(degrees, level):
    assert critical_value(level, degrees) == pytest.approx(stats.chi2.isf(level, degrees), rel=1e-10)


@pytest.mark.parametrize("degrees", [1, 2, 21, 300])
@pytest.mark.parametrize("level", [0.05, 0.05 / 19])
def test_the_power_is_that_of_scipys_noncentral_chi_square(degrees, level):
    for shift in (1e-6, 0.5, 8.0, 40.0, 900.0):
        expected = stats.ncx2.sf(stats.chi2.isf(level, degrees), degrees, shift)
        assert power_of(shift, degrees, level) == pytest.approx(expected, rel=1e-8)
    assert power_of(shift_found(degrees, level, 0.8), degrees, level) == pytest.approx(0.8)


def test_the_exact_test_is_scipys():
    rng = np.random.default_rng(1)
    for size in (5, 30, 300, 6_000, 1_000_000):
        for _ in range(40):
            table = rng.integers(0, size, (2, 2), endpoint=True) * (rng.random((2, 2)) < 0.9)
            (a, b), (c, d) = table.tolist()
            expected = stats.fisher_exact(table).pvalue
            assert exact_p((a, b), (c, d)) == pytest.approx(expected, rel=1e-9, abs=1e-290)


def test_the_exact_test_is_scipys_where_the_samples_are_alike():
    rng = np.random.default_rng(2)
    for answers in (50, 500, 20_000, 1_000_000):
        for share in (0.001, 0.1, 0.5):
            was, now = int(rng.binomial(5634, share)), int(rng.binomial(answers, share))
            expected = stats.fisher_exact([[was, 5634 - was], [now, answers - now]]).pvalue
            assert exact_p((was, 5634 - was), (now, answers - now)) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("moved", [0, 30_000, 837_407, 10**8])  # at the third a float begins to lose digits
def test_counts_of_a_thousand_million_are_compared_in_little_time(moved):
    """Only some standard deviations around the mode are added up, never all possible values."""
    half = 5 * 10**8
    p = exact_p((half, half), (half + moved, half - moved))
    z = moved / math.sqrt(half)  # the difference of two such samples divided by its deviation
    assert p == pytest.approx(math.erfc(z / math.sqrt(2)), abs=1e-4)
