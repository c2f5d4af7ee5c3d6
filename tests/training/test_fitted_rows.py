"""The contract accepts the rows that its model was fitted to, as their table spells them."""

from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from churn.training import groups
from churn.training.fit import learn_contract
from churn.training.groups import find_groups
from churn.training.limits import set_limits
from churn.training.refused import taken_customers
from tests.drawn_contracts import scorer_of
from tests.training.drawn_tables import draw_table


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_scoring_the_rows_that_a_model_was_fitted_to_refuses_none(data):
    texts, customers, missing = draw_table(data, most=30)
    contract = set_limits(learn_contract(customers, {}, missing))
    with mock.patch.object(groups, "FEWEST_ROWS", 2):
        contract = find_groups(contract, customers, customers)
    assert taken_customers(customers, contract).all()
    scorer = scorer_of(contract)
    for row in range(len(customers)):
        scorer.log_odds({name: cells[row] for name, cells in texts.items()})
