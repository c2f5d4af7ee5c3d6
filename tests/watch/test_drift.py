"""Verdicts on fields: false alarms and power by simulation, and words where nothing can be concluded.

The seeded draws here are a small part of those in tests/test_statistics.py.
"""

import numpy as np
import pytest

from churn.watch.drift import FieldCounts, answers_needed, correct, find_drift
from tests.customers import CLEAN_CUSTOMERS
from tests.watch.null_draws import CONTINUOUS, ROWS, Population, draw_verdicts, shift


def judge(reference, live, *, folds_distance=0.0, others=0):
    """The verdict on one field, next to `others` fields that have not changed."""
    still = FieldCounts("still", [500, 500], [sum(live) // 2, sum(live) - sum(live) // 2], 0.0)
    return find_drift([FieldCounts("contract", reference, live, folds_distance), *[still] * others])[0]


@pytest.mark.slow
@pytest.mark.parametrize("answers", [50, 1000])
def test_customers_of_trainings_population_are_seldom_called_drifted(answers):
    draws = 60
    verdicts = list(draw_verdicts(answers, draws, seed=answers, folds=False))
    below = [[verdict[name][0] < 0.05 for verdict in verdicts] for name in verdicts[0]]
    # 4,000 draws gave 3.6 to 5.8 % for each field; over all fields here chance adds little
    assert 0.03 <= np.mean(below) <= 0.06
    wrong = np.mean([any(drifted for _, drifted in verdict.values()) for verdict in verdicts])
    assert wrong <= 0.06 + 1.64 * np.sqrt(0.06 * 0.94 / draws)


@pytest.mark.parametrize(
    ("field", "moved"),
    [
        ("Contract", lambda customer: customer["contract"] == "month-to-month"),
        ("tenure", lambda customer: customer["tenure"] < 12),
        ("PaymentMethod", lambda customer: customer["paymentmethod"] == "electronic_check"),
    ],
)
def test_a_shift_of_a_fifth_of_the_customers_is_found_in_1000_answers(field, moved):
    """Fields that are not related to it stay without drift."""
    population, rng = Population(), np.random.default_rng(1)
    more = np.array([moved(customer) for customer in CLEAN_CUSTOMERS])
    weights = shift(more, 0.2)
    verdicts = [
        {found.field: found for found in find_drift(population.draw(rng, 1000, weights=weights))} for _ in range(40)
    ]
    assert all(verdict[field].drifted for verdict in verdicts)
    assert np.mean([verdict[field].distance for verdict in verdicts]) == pytest.approx(0.2, abs=0.02)
    assert sum(bool(verdict[name].drifted) for verdict in verdicts for name in ("gender", CONTINUOUS)) <= 4


def test_a_shift_that_plain_distances_of_folds_would_hide_is_found():
    """A tenure shift of 8 points in 5,000 answers: the folds' plain distance, 0.09, finds it in 19 % of draws."""
    population, rng = Population(), np.random.default_rng(1)
    short = population.columns["tenure"] < np.median(population.columns["tenure"])
    share = short.mean()
    weights = np.where(short, (share + 0.08) / share, (0.92 - share) / (1 - share))
    draws = [population.draw(rng, 5000, weights=weights) for _ in range(40)]
    verdicts = [{found.field: found.drifted for found in find_drift(fields)} for fields in draws]
    assert sum(verdict["tenure"] is True for verdict in verdicts) >= 36


def test_as_many_answers_as_the_note_requires_find_a_shift_of_twice_the_limit():
    """Half of the customers in each of two cells is the hardest case: its noncentrality is 4 d**2."""
    field = FieldCounts("partner", [2817, 2817], [0, 0], 0.0)
    needed, rng = answers_needed(field, of=19), np.random.default_rng(1)
    found = []
    for _ in range(1000):
        was, now = int(rng.binomial(ROWS, 0.5)), int(rng.binomial(needed, 0.6))
        found.append(judge([was, ROWS - was], [now, needed - now], others=18).drifted)
    assert 0.74 <= np.mean(np.array(found, dtype=bool)) <= 0.86


def test_a_difference_that_is_too_small_to_matter_is_not_drift():
    field = judge([50_000, 50_000], [520_000, 480_000])
    assert (field.drifted, field.p) == (False, pytest.approx(0, abs=1e-9))
    assert field.distance == pytest.approx(0.02)
    assert field.note == "differs by no more than 0.05, which is too little to matter"


def test_a_difference_that_trainings_own_folds_have_is_not_drift():
    assert judge([50_000, 50_000], [600_000, 400_000]).drifted is True
    field = judge([50_000, 50_000], [600_000, 400_000], folds_distance=0.12)
    assert (field.drifted, field.note) == (False, "differs by no more than training's own folds, 0.12")


def test_with_few_answers_nothing_is_concluded_and_the_note_says_how_many_are_needed():
    field = judge([2817, 2817], [20, 17], others=18)
    assert field.drifted is None
    assert field.note == f"37 answers; {answers_needed(FieldCounts('', [2817, 2817], [0, 0], 0.0), of=19)} are needed"
    assert judge([2817, 2817], [1, 0]).note.startswith("1 answer; ")


def test_a_gross_change_is_found_in_few_answers_too():
    assert judge([2817, 2817], [37, 0], others=18).drifted is True


def test_without_answers_nothing_is_concluded():
    field = judge([2817, 2817], [0, 0])
    assert (field.distance, field.p, field.drifted) == (None, None, None)
    assert field.note.startswith("0 answers; ")


def test_a_training_with_few_rows_allows_no_conclusion_however_many_answers_there_are():
    field = judge([50, 50], [500_000, 500_000])
    assert (field.drifted, field.note) == (None, "training's 100 rows are too few")
    assert judge([0, 0], [5, 5]).note == "training has no counts of this field"


def test_more_fields_need_more_evidence():
    """0.0036 in Fisher's test is drift for a single field and not for one of 19."""
    assert judge([2817, 2817], [65, 35], others=0).p == pytest.approx(0.0036, abs=0.0005)
    assert judge([2817, 2817], [65, 35], others=0).drifted is True
    assert judge([2817, 2817], [65, 35], others=18).drifted is None


def test_p_values_are_adjusted_by_holms_method():
    assert correct([0.01, 0.04, 0.03, 0.005]) == pytest.approx(
        [0.03, 0.06, 0.06, 0.02]
    )  # by hand, as in R's p.adjust
    assert correct([0.7, 0.6]) == [1, 1]
    assert correct([]) == []
