"""The rule by which the rows choose a rung: by hand, and in simulations with a known truth."""

import math

import numpy as np
import pytest

from churn.training.ladder import Ladder, Lead, bound_losses, compare_rungs, find_lead
from churn.training.rungs import Rung


def test_a_lead_is_a_mean_over_clusters_of_copies_with_its_standard_error():
    simple, other = np.array([0.5, 0.7, 0.1, 0.9]), np.array([0.4, 0.5, 0.1, 0.5])
    lead = find_lead(simple, other, np.array([0, 1, 2, 3]))
    assert lead == pytest.approx(Lead(0.175, np.std([0.1, 0.2, 0.0, 0.4], ddof=1) / 2))
    twice = find_lead(np.repeat(simple, 2), np.repeat(other, 2), np.repeat([0, 1, 2, 3], 2))
    assert twice == pytest.approx(lead)  # copies add no information
    assert (Lead(0.31, 0.1).exceeds(3), Lead(0.29, 0.1).exceeds(3)) == (True, False)


def compare(scaled, shapes, pairs, *, rows=100):
    """The ladder of rungs that are ahead of plain columns by these gains, each with 0.1 of noise for a row.

    Half of the rows have the noise on one side and half on the other, so that its mean is zero.
    """
    noise = np.tile([0.1, -0.1], rows // 2)
    losses = {Rung.NONE: np.full(rows, 1.0)}
    for rung, gain in ((Rung.SCALED, scaled), (Rung.SHAPES, shapes), (Rung.PAIRS, pairs)):
        losses[rung] = losses[Rung.NONE] - gain - noise
        noise = noise[::-1]  # between two neighbouring rungs the difference has twice the noise
    return compare_rungs(losses, np.arange(rows), copies=0)


@pytest.mark.parametrize(
    ("gains", "rung"),
    [
        ((0.0, 0.0, 0.0), Rung.NONE),
        ((0.019, 0.019, 0.019), Rung.NONE),  # the error over 100 rows is 0.01: a lead of less than two errors
        ((0.021, 0.0, 0.0), Rung.SCALED),
        ((0.021, 0.040, 0.0), Rung.SCALED),  # shapes against scaled columns: 0.019 with an error of 0.02
        ((0.021, 0.042, 0.0), Rung.SHAPES),
        ((0.019, 0.030, 0.0), Rung.SHAPES),  # scaled columns are close, but not clearly ahead of plain ones
        ((0.021, 0.030, 0.042), Rung.SHAPES),  # pairs against shapes: 0.012 with an error of 0.02
        ((0.021, 0.021, 0.050), Rung.PAIRS),
        ((-0.1, -0.1, 0.021), Rung.PAIRS),  # a worse rung in between does not stop the way up
    ],
)
def test_the_simplest_rung_is_chosen_that_is_clearly_ahead_and_about_as_good_as_the_best(gains, rung):
    ladder = compare(*gains)
    assert ladder.rung is rung
    assert [lead.gain for lead in ladder.leads.values()] == pytest.approx(gains)
    assert ladder.leads[Rung.PAIRS].error == pytest.approx(0.01, rel=0.01)


def test_plain_columns_that_are_as_good_are_given_up_in_1_of_44_tables():
    """2.3 % of a normal distribution is beyond two standard errors on one side."""
    chance, taken = np.random.default_rng(1), 0
    for _ in range(2000):
        plain = chance.exponential(size=400)
        scaled = plain + chance.normal(scale=0.1, size=400)
        losses = {Rung.NONE: plain, Rung.SCALED: scaled, Rung.SHAPES: scaled, Rung.PAIRS: scaled}
        taken += compare_rungs(losses, np.arange(400), copies=0).rung is not Rung.NONE
    assert 0.015 < taken / 2000 < 0.031  # 2.3 % +- 2.4 of its standard errors


def test_rows_that_are_not_measured_do_not_count_and_a_rung_that_lacks_others_is_left_out():
    losses = {rung: np.array([0.5, 0.5, 0.5, 0.5, np.nan]) - 0.1 * place for place, rung in enumerate(Rung)}
    losses[Rung.PAIRS][1] = np.nan
    ladder = compare_rungs(losses, np.arange(5), copies=2)
    assert ladder.losses == pytest.approx({Rung.NONE: 0.5, Rung.SCALED: 0.4, Rung.SHAPES: 0.3})
    assert (ladder.failed, ladder.rows, ladder.copies) == ((Rung.PAIRS,), 5, 2)
    nowhere = losses | {Rung.NONE: np.full(5, np.nan)}
    assert "a fit of plain columns" in compare_rungs(nowhere, np.arange(5), copies=0).reason


def test_a_rung_that_fails_later_is_replaced_by_the_next_simpler_one_that_is_clearly_ahead():
    leads = {Rung.SCALED: Lead(0.03, 0.01), Rung.SHAPES: Lead(0.01, 0.01), Rung.PAIRS: Lead(0.06, 0.01)}
    ladder = Ladder(Rung.PAIRS, leads=leads)
    assert ladder.clear == (Rung.SCALED, Rung.PAIRS)
    once, twice = ladder.fail(), ladder.fail().fail()
    assert (once.rung, once.failed) == (Rung.SCALED, (Rung.PAIRS,))
    assert (twice.rung, twice.failed) == (Rung.NONE, (Rung.SCALED, Rung.PAIRS))


def test_a_rows_loss_is_at_most_that_of_a_probability_of_one_in_a_million():
    odds, y = np.array([-3000.0, 3000.0, -1.0, 0.0]), np.array([1, 0, 1, 0])
    expected = [-math.log(1e-6), -math.log(1e-6), math.log(1 + math.e), math.log(2)]
    assert bound_losses(odds, y) == pytest.approx(expected)
