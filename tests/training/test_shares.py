"""The shares of customers in the cells of a pair of fields, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Flag, Number
from churn.model.interactions import Axis, Interaction
from churn.training.shares import find_shares


def test_each_cell_has_the_share_of_the_customers_who_are_in_it():
    contract = Contract(
        (Category("plan", ("a", "b", "c")), Number("use", 0.0, 9.0, blank=Blank(5.0)), Flag("member"))
    )
    plans = pd.Series(["a", "a", "b", "c", "c"], dtype="str")
    customers = pd.DataFrame(
        {"plan": plans, "use": [0.0, np.nan, 5.0, 9.0, 4.0], "member": [0.0, 1.0, 0.0, 0.0, 1.0]}
    )
    plan, use, member = Axis("plan", categories=("a",)), Axis("use", cuts=(5.0, 8.0)), Axis("member", cuts=(1.0,))
    zeros = ((0.0,) * 3,) * 2
    by_use, by_member = find_shares(
        customers, contract, [Interaction(plan, use, zeros), Interaction(member, plan, ((0.0,) * 2,) * 2)]
    )
    assert by_use == ((0.2, 0.2, 0.0), (0.2, 0.2, 0.2))
    assert by_member == ((0.2, 0.4), (0.2, 0.2))
    assert sum(map(sum, by_use)) == pytest.approx(1)
