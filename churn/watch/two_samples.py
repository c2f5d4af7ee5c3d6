"""Compares two samples of customers by their counts in the same cells: their distance and its p-value.

Both samples are taken as random, training's rows as well as the answered customers. Knows no field and no verdict:
`drift` has these.
"""

from collections.abc import Sequence
from operator import itemgetter

from churn.model.addition import add_up
from churn.watch.chi_square import exact_p, upper_chance

FEWEST_EXPECTED = 5
"""Cochran's rule (1954): with fewer expected customers in a cell, the statistic follows no chi-square."""


def find_distance(reference: Sequence[int], live: Sequence[int]) -> float:
    """The total variation distance of two samples, 0 to 1: the share of one that has to move to match the other.

    Both have at least one customer.

    >>> find_distance([50, 50], [9, 1])
    0.4
    """
    n_reference, n_live = sum(reference), sum(live)
    return add_up(abs(was / n_reference - now / n_live) for was, now in zip(reference, live, strict=True)) / 2


def find_p(reference: Sequence[int], live: Sequence[int]) -> float:
    """The p-value, 0 to 1: the probability that two samples of one population differ as much as these or more.

    The test is a two-sample chi-square, in which cells with an expectation below FEWEST_EXPECTED are pooled; if two
    cells are left, it is Fisher's exact test. The p-value is 1 where either sample is empty.
    """
    if not sum(reference) or not sum(live):
        return 1.0
    cells = _pool(reference, live)
    if len(cells) < 2:
        return 1.0
    if len(cells) == 2:
        (was, now), (other_was, other_now) = cells
        return exact_p((was, other_was), (now, other_now))
    n_reference, n_live = sum(reference), sum(live)
    share = n_live / (n_reference + n_live)
    # (now - expected)**2 over both samples' expectations
    statistic = add_up((now - share * (was + now)) ** 2 / (share * (1 - share) * (was + now)) for was, now in cells)
    return upper_chance(statistic, len(cells) - 1)


def _pool(reference: Sequence[int], live: Sequence[int]) -> list[tuple[int, int]]:
    """The cells to compare, each with the counts of both samples.

    Cells are joined, beginning with the smallest, until FEWEST_EXPECTED customers are expected in them in the smaller
    sample. Only the larger sample decides which cells are small. The sum of both would follow chance in the smaller
    sample, since bins of equal count differ in nothing else: with 50 answers, p was below 0.05 in half of all draws
    without drift. Two cells stay two, for the exact test. If pooling would leave only one, the largest cell stays
    apart from all others.
    """
    by_size = itemgetter(0 if sum(reference) >= sum(live) else 1)
    cells = sorted(((was, now) for was, now in zip(reference, live, strict=True) if was + now), key=by_size)
    if len(cells) <= 2:
        return cells
    least = FEWEST_EXPECTED * max(sum(reference), sum(live)) / min(sum(reference), sum(live))
    pools = [cells[0]]
    for cell in cells[1:]:
        if by_size(pools[-1]) < least:
            pools[-1] = _join([pools[-1], cell])
        else:
            pools.append(cell)
    if by_size(pools[-1]) < least and len(pools) > 1:
        last = pools.pop()
        pools[-1] = _join([pools[-1], last])
    return pools if len(pools) > 1 else [_join(cells[:-1]), cells[-1]]


def _join(cells: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return sum(was for was, _ in cells), sum(now for _, now in cells)
