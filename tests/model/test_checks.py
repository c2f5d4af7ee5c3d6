"""What a scorer takes at once is what the contract takes slowly: limits, groups and words for a blank."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.errors import CustomerError
from tests.drawn_contracts import contracts, customers_of, scorer_of


def read(contract, customer):
    """The customer as the contract reads it, or its problems."""
    try:
        return contract.read_customer(customer)
    except CustomerError as refusal:
        return refusal.problems


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_scorer_takes_just_the_customers_that_the_contract_takes_with_their_terms(data):
    contract = data.draw(contracts())
    scorer, customer = scorer_of(contract), data.draw(customers_of(contract))
    values = read(contract, customer)
    if isinstance(values, dict):
        expected = scorer.intercept + sum(scorer.terms(values).values())
        assert scorer.log_odds(customer) == pytest.approx(expected, abs=1e-12)
        assert scorer.log_odds(customer | {"another": 1}) == scorer.log_odds(customer)
    else:
        with pytest.raises(CustomerError) as refusal:
            scorer.log_odds(customer)
        assert refusal.value.problems == values


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_customer_contradicts_just_the_groups_of_which_it_has_some_values_but_not_all(data):
    contract = data.draw(contracts())
    customer = data.draw(customers_of(contract))
    values = read(contract, customer)
    if isinstance(values, dict):
        held = [[values[value.field] == value.equals for value in group.values] for group in contract.groups]
        assert all(any(group) == all(group) for group in held)
    elif {problem.problem for problem in values} == {"contradicts"}:
        for problem in values:
            (group,) = [
                group
                for group in contract.groups
                if (problem.partner.field, problem.partner.value)
                in [(value.field, value.equals) for value in group.values]
            ]
            assert problem.field in [value.field for value in group.values if value.field != problem.partner.field]
