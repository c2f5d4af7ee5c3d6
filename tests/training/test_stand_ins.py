"""Numbers that stand for a missing value: found where they are, and not where numbers are only large."""

import numpy as np
import pytest

from churn.training.stand_ins import StandIn, find_far_stand_ins, find_negative_stand_ins, find_nines

RANDOM = np.random.default_rng(3)
INCOMES = np.round(RANDOM.lognormal(10.5, 0.6, size=55))


@pytest.mark.parametrize(
    ("others", "planted", "found"),
    [
        (INCOMES, [99999999] * 5, [StandIn(99999999, 5)]),
        (INCOMES, [99999999, 99999999, np.nan, 0], [StandIn(99999999, 2)]),
        (INCOMES, [-99999999] * 3, [StandIn(-99999999, 3)]),
        (INCOMES, [99999998] * 4 + [99999999] * 5, [StandIn(99999999, 5), StandIn(99999998, 4)]),
        (np.arange(1, 8).repeat(9), [999] * 20, [StandIn(999, 20)]),
        (np.tile(INCOMES, 1000), [999999999] * 2, [StandIn(999999999, 2)]),
        (INCOMES, [99999999], []),
        (INCOMES, [999999] * 5, []),
        (INCOMES[:5], [99999999] * 5, []),
        (np.zeros(500), [7] * 5, []),
        ([1e-300] * 30 + [5] * 30, [1e300] * 30, [StandIn(1e300, 30)]),
        (np.concatenate([np.zeros(5000), INCOMES]), [200_000] * 2, []),
    ],
)
def test_a_number_that_repeats_and_is_far_above_the_others_stands_for_missing(others, planted, found):
    values = RANDOM.permutation(np.concatenate([others, planted]))
    assert list(find_far_stand_ins(values)) == found


@pytest.mark.parametrize("draw", [RANDOM.lognormal, RANDOM.gamma, RANDOM.pareto], ids=lambda draw: draw.__name__)
def test_rounded_numbers_with_a_long_tail_are_not_stand_ins(draw):
    spread = 2.0 if draw != RANDOM.lognormal else 0.0
    found = [find_far_stand_ins(np.round(draw(spread, size=2000))) for _ in range(50)]
    assert not any(found)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([1, 2, -1, -1, np.nan], (StandIn(-1, 2),)),
        ([300, 700, -999, -999, -999], (StandIn(-999, 3),)),
        ([300, 700, -999, -1, -999, -1], (StandIn(-999, 2), StandIn(-1, 2))),
        ([1, 2, -1], ()),
        ([1, 2, -5, -5], ()),
        ([1, -1, -2, -1], ()),
        ([1, 2, -999, -999, -1], ()),
        ([5, -250, -99, -99, -1, -1], ()),
        ([1, 2, 3], ()),
    ],
)
def test_the_negative_numbers_of_a_column_are_reported_where_all_repeat_and_are_usual_stand_ins(values, found):
    assert find_negative_stand_ins(np.array(values, dtype=float)) == found


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (np.append(np.arange(27), [999] * 600), StandIn(999, 600)),
        (np.append(np.arange(18, 95), [999, 999, np.nan]), StandIn(999, 2)),
        ([0, 1] * 9 + [99] * 3, StandIn(99, 3)),
        (np.append(np.arange(27), [999]), None),
        (np.append(np.arange(27), [900] * 9), None),
        (np.append(INCOMES, [999_999] * 5), None),
        (np.append(np.arange(100, 999, 50), [999] * 5), None),
        (np.append(RANDOM.integers(100_000, 900_000, 99), [999_999] * 2), None),
        ([1000, 2000, 5000, 10_000] * 9, None),
        ([3, 999, 999], None),
        ([0] * 30 + [9] * 30, None),
        ([np.nan, np.nan], None),
    ],
)
def test_the_largest_number_is_reported_where_it_is_all_nines_repeats_and_is_far_from_the_next(values, found):
    assert find_nines(np.array(values, dtype=float)) == found


def test_the_word_is_spelled_as_the_option_missing_accepts_it():
    assert [StandIn(number, 2).word for number in (9.9999999e7, -1.0, 999999.375)] == ["99999999", "-1", "999999.375"]
