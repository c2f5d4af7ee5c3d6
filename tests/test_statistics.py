"""The statistics of drift against long simulations: false alarms at one look and at many, and power.

`make test-statistics` makes 4,000 draws for each number of answers; STATISTICS_DRAWS makes fewer, within wider bands.
"""

import os
from itertools import pairwise

import numpy as np
import pytest

from churn.watch.drift import LEVEL, LEVEL_OF_EACH_LOOK, find_drift
from tests.customers import CLEAN_CUSTOMERS
from tests.watch.null_draws import Population, draw_looks, draw_verdicts, shift

ALL_DRAWS = 4000
DRAWS = int(os.environ.get("STATISTICS_DRAWS", ALL_DRAWS))
LOOKS = range(50, 5001, 50)
SHIFTS = {
    "Contract": np.array([customer["contract"] == "month-to-month" for customer in CLEAN_CUSTOMERS]),
    "tenure": np.array([customer["tenure"] < 12 for customer in CLEAN_CUSTOMERS]),
}


def allow(share: float, draws: int, *, all_draws: int) -> float:
    """The allowance for chance in a share where there are fewer draws than all: three standard deviations."""
    return 0.0 if draws >= all_draws else 3 * float(np.sqrt(share * (1 - share) / draws))


@pytest.mark.parametrize("answers", [50, 100, 200, 500, 1000, 5000, 20_000, 100_000, 1_000_000])
def test_one_look_at_customers_like_those_of_training_seldom_finds_drift(answers, measured):
    """Folds that do not differ are the hardest case: only the tolerated distance is left."""
    verdicts = list(draw_verdicts(answers, DRAWS, seed=answers, folds=False))
    below = {name: np.mean([verdict[name][0] < 0.05 for verdict in verdicts]) for name in verdicts[0]}
    wrong = np.mean([any(drifted for _, drifted in verdict.values()) for verdict in verdicts])
    lowest, highest = min(below.values()), max(below.values())
    measured.append(f"{answers:,} answers: any drifted {wrong:.4f}, own p below 0.05 {lowest:.4f} to {highest:.4f}")
    slack = allow(0.05, DRAWS, all_draws=ALL_DRAWS)
    assert wrong <= 0.06 + slack
    if answers >= 500:
        assert 0.03 - slack <= lowest <= highest <= 0.06 + slack


def test_a_hundred_looks_at_growing_counts_seldom_find_drift(measured):
    runs = DRAWS // 4
    found = dict.fromkeys((LEVEL, LEVEL_OF_EACH_LOOK), 0)
    for looks in draw_looks(LOOKS, runs, seed=1):
        for level in found:
            found[level] += any(field.drifted for look in looks for field in find_drift(look, level=level))
    once, again = (count / runs for count in found.values())
    measured.append(f"100 looks: any drifted {again:.4f}, with the level of one look {once:.4f}")
    slack = allow(0.06, runs, all_draws=ALL_DRAWS // 4)
    assert again <= 0.07 + slack
    assert once > 0.2 - slack


@pytest.mark.parametrize(("field", "most"), [("Contract", 700), ("tenure", 1300)])
def test_a_shift_of_a_tenth_is_found_nearly_as_soon_as_with_a_single_look(field, most, measured):
    runs = max(DRAWS // 40, 10)
    soonest: dict[float, list[int]] = {LEVEL: [], LEVEL_OF_EACH_LOOK: []}
    for looks in draw_looks(LOOKS[:50], runs, seed=2, more=SHIFTS[field], moved=0.1):
        for level, answers in soonest.items():
            verdicts = (
                found.drifted for look in looks for found in find_drift(look, level=level) if found.field == field
            )
            answers.append(
                next((count for count, drifted in zip(LOOKS, verdicts, strict=False) if drifted), LOOKS[-1])
            )
    medians = [float(np.median(answers)) for answers in soonest.values()]
    measured.append(f"{field} + 0.1 found at {medians[1]:.0f} answers, with the level of one look {medians[0]:.0f}")
    assert np.quantile(soonest[LEVEL_OF_EACH_LOOK], 0.9) <= most
    assert medians[1] <= 1.6 * medians[0]


@pytest.mark.parametrize("field", SHIFTS)
def test_power_grows_with_the_answers_and_a_shift_of_a_fifth_is_always_found(field, measured):
    population, rng, draws = Population(), np.random.default_rng(3), max(DRAWS // 40, 10)
    power = {}
    for moved in (0.1, 0.2):
        for answers in (200, 500, 1000, 5000):
            found = 0
            for _ in range(draws):
                drawn = population.draw(rng, answers, weights=shift(SHIFTS[field], moved))
                found += bool(next(verdict.drifted for verdict in find_drift(drawn) if verdict.field == field))
            power[moved, answers] = found / draws
    shares = ", ".join(f"{moved} of {answers:,} {share:.2f}" for (moved, answers), share in power.items())
    measured.append(f"{field} found drifted, as folds of training are: {shares}")
    assert min(power[0.2, answers] for answers in (500, 1000, 5000)) >= 0.95
    assert power[0.1, 1000] >= 0.7
    for fewer, more in pairwise((200, 500, 1000)):
        assert power[0.1, fewer] <= power[0.1, more] + 0.05
