"""The distributions that a comparison of counts needs: chi-square, noncentral chi-square and hypergeometric.

Standard library only, because the image has no SciPy. Each is a sum of positive terms, so no digits cancel.
`two_samples` compares the counts.
"""

import math
import sys
from collections.abc import Callable
from functools import lru_cache

_TIED = 1e-7  # relative: R's fisher.test, too, takes tables whose probabilities differ by less as equal
_NEGLIGIBLE = 1e-18  # relative to the sum so far: below the last digit of a float
_LEAST = sys.float_info.min  # below it, dividing a float by less than 2 may not make it smaller


def upper_chance(statistic: float, degrees: int) -> float:
    """The probability that a chi-square with these degrees of freedom (1 or more) is at least `statistic`.

    It is the regularised upper incomplete gamma function Q(degrees / 2, statistic / 2), which is a finite sum for
    whole degrees: Abramowitz & Stegun, Handbook of Mathematical Functions (1964), 26.4.4 and 26.4.5.

    >>> round(upper_chance(3.841459, 1), 6), round(upper_chance(5.991465, 2), 6)
    (0.05, 0.05)
    """
    if statistic <= 0:
        return 1.0
    half, odd = statistic / 2, degrees % 2
    first = math.erfc(math.sqrt(half)) if odd else 0.0
    return min(1.0, first + math.fsum(_poisson_term(odd / 2 + step, half) for step in range(degrees // 2)))


def _poisson_term(power: float, mean: float) -> float:
    """mean**power * exp(-mean) / gamma(power + 1), calculated without overflow."""
    return math.exp(power * math.log(mean) - mean - math.lgamma(power + 1))


def power_of(shift: float, degrees: int, level: float) -> float:
    """The probability that a chi-square test at `level` detects a shift of this noncentrality.

    A noncentral chi-square is a Poisson mixture of central ones: Johnson, Kotz & Balakrishnan, Continuous Univariate
    Distributions 2 (1995), chapter 29.
    """
    statistic, half = critical_value(level, degrees), shift / 2
    last = math.ceil(half + 12 * math.sqrt(half) + 30)
    first = max(0, math.floor(half - 12 * math.sqrt(half)))
    chance = upper_chance(statistic, degrees + 2 * first)
    parts = []
    for added in range(first, last):
        weight = _poisson_term(added, half) if half > 0 else float(added == 0)
        parts.append(weight * chance)
        chance += _poisson_term(degrees / 2 + added, statistic / 2)  # Q(a + 1, x) = Q(a, x) + this
    return min(1.0, math.fsum(parts))


@lru_cache(maxsize=1024)
def critical_value(level: float, degrees: int) -> float:
    """The value that a chi-square reaches or exceeds with the probability `level`, above 0 and below 1.

    >>> round(critical_value(0.05, 1), 4)
    3.8415
    """
    return _bisect(lambda statistic: upper_chance(statistic, degrees) <= level)


@lru_cache(maxsize=1024)
def shift_found(degrees: int, level: float, power: float) -> float:
    """The noncentrality that a test at `level` detects with the probability `power`.

    >>> round(shift_found(1, 0.05, 0.8), 2)  # Cohen (1988): (1.96 + 0.84) squared
    7.85
    """
    return _bisect(lambda shift: power_of(shift, degrees, level) >= power)


def exact_p(first: tuple[int, int], second: tuple[int, int]) -> float:
    """The two-sided p-value of Fisher's exact test that two pairs of counts have the same share.

    It is the sum of the probabilities, given the margins, of all tables that are at most as likely as this one:
    Agresti, Categorical Data Analysis (2013), 3.5. It is 1 where a margin is empty.

    >>> round(exact_p((3, 1), (1, 3)), 4)  # the lady who tasted tea: 34 of 70
    0.4857
    """
    row, column, total = sum(first), first[0] + second[0], sum(first) + sum(second)
    lowest, highest = max(0, row + column - total), min(row, column)
    if lowest == highest:
        return 1.0
    mode = min(max((row + 1) * (column + 1) // (total + 2), lowest), highest)

    def upward(place: int) -> float:  # the probability of place + 1 over that of place
        return (row - place) * (column - place) / ((place + 1) * (total - row - column + place + 1))

    observed = 1.0  # relative to the mode's
    for place in range(mode, first[0]):
        observed *= upward(place)
        if observed < _LEAST:  # practically 0; the rest of the loop may take long
            return 0.0
    for place in range(first[0], mode):
        observed /= upward(place)
        if observed < _LEAST:
            return 0.0
    limit, enough = observed * (1 + _TIED), max(observed * _NEGLIGIBLE, _LEAST)
    chances, chance, place = [1.0], 1.0, mode
    while place < highest and chance > enough:
        chance *= upward(place)
        place += 1
        chances.append(chance)
    chance, place = 1.0, mode
    while place > lowest and chance > enough:
        place -= 1
        chance /= upward(place)
        chances.append(chance)
    return min(1.0, math.fsum(chance for chance in chances if chance <= limit) / math.fsum(chances))


def _bisect(is_enough: Callable[[float], bool]) -> float:
    """The smallest number above 0 for which `is_enough` is true, to the last digits."""
    low, high = 0.0, 1.0
    while not is_enough(high):
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high
