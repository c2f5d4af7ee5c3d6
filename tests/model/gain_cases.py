"""Drawn campaigns and customers with the results of churn/model/gain, for comparison with the page's arithmetic."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from churn.model.gain import Terms, expect_gain


@dataclass(frozen=True)
class GainCase:
    """A campaign, its customers (probability and value of each), and the right results for them.

    `calls` is the highest number of calls, None for no limit; `budget` pays for `budget_calls`, None where a call
    costs nothing. `chosen` are places among the customers, in the order of the call list; `gain` and its limits are
    their total.
    """

    offer: float
    contact: float
    accept: float
    customers: list[tuple[float, float]]
    calls: int | None
    budget: float
    budget_calls: int | None
    gains: list[float]
    variances: list[float]
    chosen: list[int]
    gain: float
    low: float
    high: float

    def to_json(self) -> dict[str, object]:
        """The case as a JSON object."""
        return asdict(self)


def draw_gain_cases(seed: int, count: int) -> Iterator[GainCase]:
    """`count` cases, always the same for a seed. In every third all customers have one value; in every fifth a call
    is free.

    Some probabilities are 0 or 1, and some customers are equal, so that ties occur.
    """
    rng = random.Random(seed)
    for number in range(count):
        free, same = number % 5 == 4, number % 3 == 2
        terms = Terms(
            offer=0.0 if free else rng.choice([0.0, 5.0, rng.uniform(0, 60)]),
            contact=0.0 if free else rng.choice([0.1, 1.0, rng.uniform(0, 10)]),
            accept=rng.choice([1.0, 0.3, rng.uniform(0.01, 1)]),
        )
        value = rng.uniform(20, 2000)
        customers = [
            (rng.choice([0.0, 1.0, 0.25, rng.random(), rng.random()]), value if same else rng.lognormvariate(5, 1))
            for _ in range(rng.randrange(30))
        ]
        customers += customers[:3]
        yield _solve(terms, customers, rng.choice([None, 1, 5, 40]), round(rng.uniform(0, 500), 2))


def _solve(terms: Terms, customers: list[tuple[float, float]], calls: int | None, budget: float) -> GainCase:
    gains = [terms.find_gain(p, value) for p, value in customers]
    variances = [terms.find_variance(p, value) for p, value in customers]
    chosen = choose_calls(gains, calls)
    expected = expect_gain([gains[place] for place in chosen], [variances[place] for place in chosen])
    low, high = expected.band
    return GainCase(
        offer=terms.offer,
        contact=terms.contact,
        accept=terms.accept,
        customers=customers,
        calls=calls,
        budget=budget,
        budget_calls=terms.count_calls(budget),
        gains=gains,
        variances=variances,
        chosen=chosen,
        gain=expected.gain,
        low=low,
        high=high,
    )


def choose_calls(gains: Sequence[float], calls: int | None = None) -> list[int]:
    """The indices of the customers to call, the highest gain first: those with a gain above 0, at most `calls`.

    Equal gains keep their order. NaN, a missing gain, is never chosen.

    >>> choose_calls([1.0, -2.0, 3.0, 1.0], 2)
    [2, 0]
    """
    paying = [place for place, gain in enumerate(gains) if gain > 0]
    return sorted(paying, key=lambda place: -gains[place])[:calls]
