"""A scorer accepts at once exactly what the contract accepts slowly: limits, groups and words for a blank."""

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.errors import CustomerError
from churn.model import joint_cells
from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Where, show_value
from churn.model.groups import Group
from tests.drawn_contracts import contracts, customers_of, scorer_of


def read(contract, customer):
    """The customer as the contract reads it, or its problems."""
    try:
        return contract.read_customer(customer)
    except CustomerError as refusal:
        return refusal.problems


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_scorer_accepts_exactly_the_customers_that_the_contract_accepts_with_their_terms(data):
    contract = data.draw(contracts())
    with patch.object(joint_cells, "MOST_CELLS", data.draw(st.sampled_from([1, 4, 256]))):  # small sizes split groups
        scorer = scorer_of(contract)
    customer = data.draw(customers_of(contract))
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
def test_a_customer_contradicts_exactly_the_groups_of_which_it_has_some_values_but_not_all(data):
    contract = data.draw(contracts())
    customer = data.draw(customers_of(contract))
    values = read(contract, customer)
    if isinstance(values, dict):
        held = [[values[value.field] == value.equals for value in group.values] for group in contract.groups]
        assert all(any(group) == all(group) for group in held)
    elif {problem.problem for problem in values} == {"contradicts"}:
        values = read(Contract(contract.fields), customer)  # without the groups
        problems = read(contract, customer)
        assert len({problem.field for problem in problems}) == len(problems)
        for problem in problems:
            check_contradiction(problem, values, contract.groups)


def check_contradiction(problem, values, groups):
    """Check that a problem is true for a customer with these values."""
    partner, another = problem.partner, "another value than "
    (group,) = [group for group in groups if Where(partner.field, partner.value) in group.values]
    (own,) = [value for value in group.values if value.field == problem.field]
    assert problem.field != partner.field
    if values[partner.field] == partner.value:
        assert problem.expected == show_value(own.equals)
        assert values[problem.field] != own.equals
    else:
        assert problem.expected == another + show_value(own.equals)
        assert values[problem.field] == own.equals
        held = [value for other in groups for value in other.values if values[value.field] == value.equals]
        of_field = [other for other in groups if problem.field in [value.field for value in other.values]]
        for other in of_field:  # no other problem of this field would say more
            said = other.find_problem(values)
            assert not said or said.field != problem.field or Where(*said.partner) not in held


def test_for_a_contradicting_pair_of_codes_there_is_one_problem_which_names_the_customers_other_code():
    codes, names = [f"c{place}" for place in range(30)], [f"n{place}" for place in range(30)]
    fields = (Category("code", tuple(codes)), Category("name", tuple(names)), Flag("b0"), Flag("b1"))
    groups = [Group((Where("code", code), Where("name", name))) for code, name in zip(codes, names, strict=True)]
    groups += [Group((Where("b0", value), Where("b1", value))) for value in (1.0, 0.0)]
    contract = Contract(fields, tuple(groups))
    for code, name in (("c7", "n3"), ("c3", "n7")):
        for b0, b1 in ((0, 1), (1, 0)):
            problems = read(contract, {"code": code, "name": name, "b0": b0, "b1": b1})
            assert [str(problem) for problem in problems] == [
                f"name: contradicts code {code} (expected n{code[1]})",
                f"b1: contradicts b0 {b0} (expected {b0})",
            ]
