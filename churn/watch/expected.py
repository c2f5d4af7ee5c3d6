"""The model's expected figures on the answered customers, from counts of their probabilities alone.

Each customer is taken to leave with the probability that the model gave, independently of the others. NannyML calls
this confidence-based performance estimation. If customers behave differently from what the model predicts, these
figures do not change: only labels show it.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct

from churn.model.addition import add_up
from churn.model.bins import LARGEST_LOG_ODDS, ProbabilityBins
from churn.model.gain import Campaign

FEWEST_EXPECTED = 10
"""With fewer expected leavers or stayers an AUC can have any value: its band is 0 to 1."""

_WIDTH = 1.959963984540054  # standard deviations on each side that hold 95 %
_OUTSIDE = math.log(2)  # log-odds from the last edge to the mean beyond: half the probability, as if spread evenly
_NEIGHBOURS = 2  # cells on each side from which the slope of the density is estimated
_OUTSIDE_ORDER = 2 / 3  # the share of pairs with the leaver above, in such an even spread


class Figure(Struct, frozen=True):
    """An expected figure, the limits that hold it in 95 % of cases by chance alone, and the test part's figure."""

    value: float
    low: float
    high: float
    test: float | None


class _Cell(NamedTuple):
    """A bin's customers, and means over them: `p`, the loss -log(1 - p), the log-odds of the leavers.

    `order` is the share of the bin's pairs of a leaver and a stayer that have the leaver above.
    """

    customers: int
    p: float
    stay_loss: float
    leaver_log_odds: float
    order: float


def expect_figures(
    bins: ProbabilityBins,
    counts: Sequence[int],
    *,
    tested: Mapping[str, float | None],
    campaign: Campaign | None,
) -> dict[str, Figure | None]:
    """The expected `churn_rate` (0 to 1), `auc`, `log_loss` (nats) and `profit` per customer.

    `profit` is in the campaign's currency, on average over all answered customers, and None without a campaign. `auc`
    is None where no pair of a leaver and a stayer is expected. All are None without answers. `counts` has the number
    of customers in each of the bins; `tested` has the same figures of the test part.
    """
    found = {"churn_rate": None, "auc": None, "log_loss": None, "profit": None} | _expect(bins, counts, campaign)
    return {name: None if band is None else Figure(*band, test=tested.get(name)) for name, band in found.items()}


def _expect(
    bins: ProbabilityBins, counts: Sequence[int], campaign: Campaign | None
) -> dict[str, tuple[float, float, float] | None]:
    described = _describe(bins, counts)
    if not any(counts):
        return {}
    found = {
        "churn_rate": _expect_mean(described, [0.0] * len(described), [1.0] * len(described)),
        "auc": _expect_auc(described),
        "log_loss": _expect_mean(
            described, [cell.stay_loss for cell in described], [-cell.leaver_log_odds for cell in described]
        ),
    }
    if campaign:
        contacted = [place >= bins.n_below for place in range(bins.n_places)]
        more = campaign.terms.more_of_leaver(campaign.value)
        found["profit"] = _expect_mean(
            described, [campaign.of_stayer * is_so for is_so in contacted], [more * is_so for is_so in contacted]
        )
    return found


def _describe(bins: ProbabilityBins, counts: Sequence[int]) -> list[_Cell]:
    """The cell of each bin, from the mean of its log-odds."""
    edges = [_find_log_odds(edge) for edge in bins.edges]
    inner = list(pairwise(edges))
    means = [edges[0] - _OUTSIDE, *_find_means(inner, counts[1:-1]), edges[-1] + _OUTSIDE]
    # a pair that is d apart has the leaver above with the odds exp(d), and d is a third of the width on average
    orders = [_OUTSIDE_ORDER, *(0.5 + (high - low) / 12 for low, high in inner), _OUTSIDE_ORDER]
    widths = [0.0, *(high - low for low, high in inner), 0.0]
    return [_describe_cell(*cell) for cell in zip(counts, means, widths, orders, strict=True)]


def _find_log_odds(probability: float) -> float:
    """The log-odds of a bin's edge.

    A threshold far outside is moved closer, so that the bin beside it has the mean that the outer bin would have.
    """
    far = LARGEST_LOG_ODDS + 2 * _OUTSIDE
    if not 0 < probability < 1:
        return math.copysign(far, probability - 0.5)
    return max(-far, min(far, math.log(probability) - math.log1p(-probability)))


def _describe_cell(customers: int, log_odds: float, width: float, order: float) -> _Cell:
    """Means over customers that are spread evenly around these log-odds, to the second order of the width."""
    p, variance = 1 / (1 + math.exp(-log_odds)), width**2 / 12
    return _Cell(
        customers,
        p=p + p * (1 - p) * (1 - 2 * p) * variance / 2,
        stay_loss=-math.log1p(-p) + p * (1 - p) * variance / 2,
        leaver_log_odds=log_odds + (1 - p) * variance,
        order=order,
    )


def _find_means(cells: Sequence[tuple[float, float]], counts: Sequence[int]) -> list[float]:
    """The mean log-odds of the customers in each cell: its middle, moved to where its neighbours have more customers.

    The variance of the middles exceeds that of the customers by a twelfth of the squared width (Sheppard, 1898),
    which makes an AUC too high by up to 0.001. If the density changes by the share `slope` per unit, the mean of a
    cell is slope * width**2 / 12 from its middle.
    """
    middles = [(low + high) / 2 for low, high in cells]
    widths = [high - low for low, high in cells]
    means = []
    for place, middle in enumerate(middles):
        near = range(max(0, place - _NEIGHBOURS), min(len(cells), place + _NEIGHBOURS + 1))
        customers, width = sum(counts[other] for other in near), add_up(widths[other] for other in near)
        even = add_up(widths[other] * middles[other] for other in near) / width
        spread = add_up(widths[other] * (middles[other] - even) ** 2 for other in near) / width
        slope = 0.0
        if customers and spread:
            slope = (add_up(counts[other] * middles[other] for other in near) / customers - even) / spread
        means.append(middle + slope * widths[place] ** 2 / 12)
    return means


def _expect_mean(
    cells: Sequence[_Cell], stays: Sequence[float], leaves: Sequence[float]
) -> tuple[float, float, float]:
    """The mean of an outcome over customers, with its band: `stays` for a stayer, and `leaves` more for a leaver.

    The limits are those of a sum of independent outcomes, corrected for its skewness by the first terms of Cornish &
    Fisher, Moments and Cumulants in the Specification of Distributions (1938), and never beyond what is possible.
    """
    n = sum(cell.customers for cell in cells)
    rows = list(zip(cells, stays, leaves, strict=True))
    value = add_up(cell.customers * (stay + cell.p * leave) for cell, stay, leave in rows)
    lowest = add_up(cell.customers * (stay + min(leave, 0)) for cell, stay, leave in rows)
    highest = add_up(cell.customers * (stay + max(leave, 0)) for cell, stay, leave in rows)
    variance = add_up(cell.customers * cell.p * (1 - cell.p) * leave**2 for cell, _, leave in rows)
    third = add_up(cell.customers * cell.p * (1 - cell.p) * (1 - 2 * cell.p) * leave**3 for cell, _, leave in rows)
    deviation = math.sqrt(variance)
    skew = (_WIDTH**2 - 1) / 6 * third / variance if variance else 0.0
    low = max(lowest, min(value, value - _WIDTH * deviation + skew))
    high = min(highest, max(value, value + _WIDTH * deviation + skew))
    return value / n, low / n, high / n


def _expect_auc(cells: Sequence[_Cell]) -> tuple[float, float, float] | None:
    """The expected AUC with its band: the share of pairs of a leaver and a stayer that have the leaver above.

    No customer is paired with itself. The limits come from the first-order change of the AUC with each outcome (the
    delta method), applied to the arc sine of its root, whose deviation is the same for a high and a low AUC.
    """
    leavers = add_up(cell.customers * cell.p for cell in cells)
    stayers = add_up(cell.customers * (1 - cell.p) for cell in cells)
    pairs = leavers * stayers - add_up(cell.customers * cell.p * (1 - cell.p) for cell in cells)
    if pairs <= 1e-9 * leavers * stayers:  # a single customer
        return None
    below, ordered = 0.0, 0.0  # stayers below a cell; pairs with the leaver above
    for cell in cells:
        within = cell.customers * (cell.customers - 1) * cell.p * (1 - cell.p)
        ordered += cell.customers * cell.p * below + within * cell.order
        below += cell.customers * (1 - cell.p)
    value = min(1.0, ordered / pairs)
    if min(leavers, stayers) < FEWEST_EXPECTED or not 0 < value < 1:
        return value, 0.0, 1.0
    deviation = math.sqrt(_auc_variance(cells, value, leavers, stayers) / (4 * value * (1 - value)))
    angle = math.asin(math.sqrt(value))
    lowest, highest = max(0.0, angle - _WIDTH * deviation), min(math.pi / 2, angle + _WIDTH * deviation)
    return value, math.sin(lowest) ** 2, math.sin(highest) ** 2


def _auc_variance(cells: Sequence[_Cell], auc: float, leavers: float, stayers: float) -> float:
    """The variance of an AUC over the outcomes of customers.

    The numbers of leavers and of stayers are random, too: the mean of 1 / N for such a number N is about 1 + 1 / N
    times the inverse of its mean. Within a cell the order of the pairs is random, as in a sum of ranks (Mann &
    Whitney, 1947), which is nearly all of the variance where most customers are in one cell.
    """
    below, above, variance = 0.0, leavers, 0.0  # stayers below the middle of a cell, leavers above it
    for cell in cells:
        left, stayed = cell.customers * cell.p, cell.customers * (1 - cell.p)
        change = below + stayed / 2 - (above - left / 2) - auc * (stayers - leavers)
        variance += left * (1 - cell.p) * (change / (leavers * stayers)) ** 2
        variance += left * stayed * (left + stayed + 1) / 12 / (leavers * stayers) ** 2
        below, above = below + stayed, above - left
    return variance * (1 + 1 / leavers) * (1 + 1 / stayers)
