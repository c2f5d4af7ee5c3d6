"""The share of the customers in each cell of a pair of fields, compared with a count one by one."""

import numpy as np
import pandas as pd
import pytest

from churn.model.columns import AtLeast, Both, Equals
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Number
from churn.model.interactions import make_interactions
from churn.training.cells import share_cells
from churn.training.golden import frame_customers
from tests.shaped import AXES, CONTRACT, CUSTOMERS, count_shares, shaped_scorer


def test_shares_are_those_of_a_count_of_the_customers():
    found = share_cells(frame_customers(CUSTOMERS, CONTRACT), CONTRACT, shaped_scorer().interactions)
    for shares, axes in zip(found, AXES, strict=True):
        np.testing.assert_allclose(shares, count_shares(*axes), rtol=0, atol=1e-12)
        assert np.sum(shares) == pytest.approx(1.0, abs=1e-12)


def test_a_blank_number_is_in_the_cell_of_its_stand_in_and_categories_that_are_not_named_come_last():
    contract = Contract((Category("plan", ("a", "b", "c")), Number("age", 0.0, 9.0, blank=Blank(3.0))))
    customers = pd.DataFrame({"plan": ["a", "b", "c", "b"], "age": [1.0, 4.0, np.nan, 5.0]})
    interactions = make_interactions({Both(Equals("plan", "a"), AtLeast("age", 5.0)): 1.0})
    assert share_cells(customers, contract, interactions) == (((0.25, 0.0), (0.5, 0.25)),)
