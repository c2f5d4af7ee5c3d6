"""A campaign by hand arithmetic; what it earns on customers is in tests/training/test_campaign.py."""

import pytest

from churn.model.gain import Campaign


def test_a_contact_pays_above_the_threshold_that_the_formula_gives():
    assert Campaign(value=200, offer=10, contact=1, accept=0.3).threshold == pytest.approx(11 / 67)
    assert Campaign(value=100, offer=0, contact=0, accept=1).threshold == 0


def test_what_a_contact_brings_by_hand():
    """A leaver accepts in 3 of 10 cases and is then worth 190; a stayer takes the offer; both cost the contact."""
    campaign = Campaign(value=200, offer=10, contact=1, accept=0.3)
    assert campaign.of_leaver == pytest.approx(0.3 * 190 - 1)
    assert campaign.of_stayer == -11
    assert campaign.threshold * campaign.of_leaver + (1 - campaign.threshold) * campaign.of_stayer == pytest.approx(0)


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"value": 0}, "value"),
        ({"value": float("nan")}, "value"),
        ({"value": float("inf")}, "value"),
        ({"offer": -1}, "offer"),
        ({"contact": float("nan")}, "contact"),
        ({"accept": 0}, "accept"),
        ({"accept": 30}, "accept"),
        ({"contact": 57}, "no contact ever pays"),
        ({"offer": 200}, "no contact ever pays"),
    ],
)
def test_figures_that_make_no_sense_are_refused(figures, words):
    with pytest.raises(ValueError, match=words):
        Campaign(**{"value": 200, "offer": 10, "contact": 1, "accept": 0.3} | figures)
