"""The options of `score` for gains: which go together, which come from the card, and which are refused."""

import re
import sys

import pytest

from churn.batch.gain_options import GainOptions, read_calls
from churn.model.gain import Campaign, Terms
from churn.tables.customer_values import GainPlan, ValueColumn

CAMPAIGN = Campaign(value=200, offer=10, contact=1, accept=0.3)
ALL = {"value": 150, "offer": 5, "contact": 2, "accept": 0.5}


def test_without_an_option_no_gains_are_computed():
    assert read_calls(GainOptions(), CAMPAIGN, top=5) is None


def test_a_full_set_of_figures_needs_no_card():
    for campaign in (None, CAMPAIGN):
        assert read_calls(GainOptions(**ALL), campaign) == (GainPlan(Terms(5, 2, 0.5), 150), None)


def test_figures_that_are_not_given_come_from_the_card():
    assert read_calls(GainOptions(calls=7), CAMPAIGN) == (GainPlan(CAMPAIGN.terms, 200), 7)
    assert read_calls(GainOptions(offer=3), CAMPAIGN) == (GainPlan(Terms(3, 1, 0.3), 200), None)
    assert read_calls(GainOptions(value_field="Monthly Charges"), CAMPAIGN) == (
        GainPlan(CAMPAIGN.terms, ValueColumn("monthly_charges", 1)),
        None,
    )


def test_a_budget_is_a_number_of_calls_at_their_highest_cost():
    assert read_calls(GainOptions(budget=1000), CAMPAIGN).most == 90
    assert read_calls(GainOptions(budget=10), CAMPAIGN).most == 0
    assert read_calls(GainOptions(budget=10, offer=0, contact=0), CAMPAIGN).most == sys.maxsize


def test_a_campaign_in_which_no_contact_pays_is_refused_for_one_value_and_not_for_a_column():
    with pytest.raises(ValueError, match="no contact ever pays"):
        read_calls(GainOptions(offer=500), CAMPAIGN)
    assert read_calls(GainOptions(offer=500, value_field="worth"), CAMPAIGN).plan.terms.offer == 500


@pytest.mark.parametrize(
    ("options", "campaign", "words"),
    [
        ({"calls": 5}, None, "has no campaign: give --value (or --value-field), --offer, --contact, --accept"),
        ({"value_field": "x", "offer": 1}, None, "has no campaign: give --contact, --accept"),
        ({"value": 5, "value_field": "x"}, CAMPAIGN, "--value is for all customers, --value-field for each"),
        ({"months": 5}, CAMPAIGN, "--months needs --value-field"),
        ({"months": 5, "value": 100}, CAMPAIGN, "--months needs --value-field"),
        ({"months": 0, "value_field": "x"}, CAMPAIGN, "months must be above 0"),
        ({"months": float("nan"), "value_field": "x"}, CAMPAIGN, "months must be above 0"),
        ({"calls": 5, "budget": 100}, CAMPAIGN, "--calls and --budget both limit the calls"),
        ({"budget": -1}, CAMPAIGN, "budget must be 0 or more"),
        ({"budget": float("nan")}, CAMPAIGN, "budget must be 0 or more"),
        ({"value": 0}, CAMPAIGN, "value must be above 0"),
        ({"value": -3}, CAMPAIGN, "value must be above 0"),
        ({"value": float("nan")}, CAMPAIGN, "value must be above 0"),
        ({"accept": 1.5}, CAMPAIGN, "accept must be a share"),
        ({"offer": -1, "value_field": "x"}, CAMPAIGN, "offer and contact must be 0 or more"),
        ({"contact": float("inf")}, CAMPAIGN, "offer and contact must be 0 or more"),
    ],
)
def test_a_mistake_is_refused_in_one_line(options, campaign, words):
    with pytest.raises(ValueError, match=re.escape(words)) as error:
        read_calls(GainOptions(**options), campaign)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("limit", [{"calls": 5}, {"budget": 100}])
def test_top_ranks_by_risk_and_is_refused_with_a_limit_of_calls(limit):
    with pytest.raises(ValueError, match="--top ranks by risk"):
        read_calls(GainOptions(**limit), CAMPAIGN, top=3)
    assert read_calls(GainOptions(value=150), CAMPAIGN, top=3).most is None
