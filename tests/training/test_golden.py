"""Golden customers: their contract accepts them, and together they use every weight."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Number
from churn.model.groups import choose_values
from churn.training.fit import build_matrix
from churn.training.golden import draw_customers, golden_customers
from tests.drawn_contracts import contracts
from tests.shaped import COLUMNS, CONTRACT, INTERCEPT, make_sklearn, shaped_scorer, sklearn_of_shaped


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_golden_customers_are_accepted_as_they_are_and_have_every_value_that_a_customer_can_have(data):
    contract = data.draw(contracts())
    wanted = {}
    for field in contract.fields:
        if not isinstance(field, Number):
            wanted[field.name] = field.categories if isinstance(field, Category) else (0.0, 1.0)
    customers = draw_customers(contract)
    for name, values in wanted.items():
        possible = {value for value in values if choose_values({**wanted, name: [value]}, contract.groups)}
        assert {customer[name] for customer in customers} == possible
    numbers = [field for field in contract.fields if isinstance(field, Number) and field.maximum]
    for customer in customers:
        assert list(customer) == [field.name for field in contract.fields]
        if not any(field.missing for field in contract.numbers):
            assert contract.read_customer(customer) == customer
        assert all(customer[field.name] != 0 for field in numbers)


def test_a_golden_number_stays_in_the_range_of_training_where_six_digits_are_too_few():
    contract = Contract((Flag("member"), Number("id", 1_234_567_890.0, 1_234_567_900.0, True)))
    for customer in draw_customers(contract):
        assert 1_234_567_890.0 <= customer["id"] <= 1_234_567_900.0


def test_golden_customers_of_curves_and_pairs_have_scikit_learns_probabilities_and_only_what_the_first_lacks():
    dv, model = make_sklearn({part.name: weight for part, weight in COLUMNS}, INTERCEPT)
    first, *others = golden_customers(shaped_scorer(), model, partial(build_matrix, contract=CONTRACT, dv=dv))
    whole = [first.customer, *(first.customer | golden.customer for golden in others)]
    probabilities = [golden.probability for golden in (first, *others)]
    assert probabilities == pytest.approx(sklearn_of_shaped(whole), abs=1e-14)
    assert "" in {customer["charges"] for customer in whole}
    assert list(first.customer) == [field.name for field in CONTRACT.fields]
    assert all(first.customer[name] != value for golden in others for name, value in golden.customer.items())
