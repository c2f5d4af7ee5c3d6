"""The tables of two fields as they are shown: their labels, their layout, and the joint part in them."""

import numpy as np
import pandas as pd
import pytest

from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Number
from churn.model.interactions import Axis, Interaction
from churn.model.purified import keep_whole
from churn.report.field_pairs import Cell, FieldPair, Side, find_field_pairs
from churn.report.own_parts import OwnParts, Together, find_own_parts
from tests.shaped import AXES, COLUMNS, CONTRACT, CUSTOMERS, count_shares
from tests.shaped_findings import find_shaped


@pytest.fixture(scope="module")
def pairs():
    findings = find_shaped()
    customers, fit = findings.split.table.customers, findings.fit
    found = find_field_pairs(customers, CONTRACT, find_own_parts(customers, CONTRACT, fit.dv, fit.model))
    return {(pair.down.field, pair.across.field): pair for pair in found}


def lay_out(first, second, log_odds, customers, fields):
    """The layout of a table from which nothing is taken out, with a fifth of the customers in its first cell."""
    rows = tuple(tuple(float(cell) for cell in row) for row in log_odds)
    interaction = Interaction(first, second, rows)
    shares = np.zeros((first.size, second.size))
    shares[0, 0], shares[-1, -1] = 0.2, 0.8
    together = Together(interaction, keep_whole(interaction), tuple(map(tuple, shares.tolist())))
    parts = OwnParts({}, {}, [together], frozenset())
    return find_field_pairs(pd.DataFrame(customers), Contract(fields), parts)[0]


def test_rows_and_columns_are_named_by_their_values(pairs):
    assert pairs["contract", "tenure"].down == Side("contract", ("monthly", "two_year", "one_year"))
    assert pairs["senior", "charges"].down == Side("senior", ("0", "1"))
    assert pairs["senior", "charges"].across == Side(
        "charges", ("below 50", "50 to 65", "65 to 80", "80 or more"), (50.0, 65.0, 80.0)
    )
    assert pairs["plan", "senior"].down == Side("plan", ("basic", "pro", "others"))


def test_the_cells_are_the_rest_of_the_columns_beyond_each_field_alone(pairs):
    """This is the residual of a regression of the pair's log-odds on both fields, over the customers."""
    columns = [(part, weight) for part, weight in COLUMNS if part.name.startswith("both(") and "plan" in part.name]
    together = np.array([sum(weight * part.of(customer) for part, weight in columns) for customer in CUSTOMERS])
    plans = np.array(
        [[customer["plan"] == known for known in ("basic", "pro")] for customer in CUSTOMERS], dtype=float
    )
    seniors = np.array([customer["senior"] for customer in CUSTOMERS])
    X = np.column_stack([np.ones(len(CUSTOMERS)), plans, seniors])
    left = together - X @ np.linalg.lstsq(X, together, rcond=None)[0]
    pair = pairs["plan", "senior"]
    for customer, expected in zip(CUSTOMERS, left.tolist(), strict=True):
        row = {"basic": 0, "pro": 1}.get(customer["plan"], 2)
        assert pair.log_odds[row, int(customer["senior"])] == pytest.approx(expected)
    assert pair.spread == pytest.approx(left.std())
    assert (pair.shares * pair.log_odds).sum(axis=0).tolist() == pytest.approx([0, 0], abs=1e-12)
    assert (pair.shares * pair.log_odds).sum(axis=1).tolist() == pytest.approx([0, 0, 0], abs=1e-12)


def test_a_cell_has_its_share_of_the_customers(pairs):
    for first, _, second, _ in AXES:
        pair = pairs[first, second]
        counted = count_shares(*next(axes for axes in AXES if axes[0] == first and axes[2] == second))
        assert pair.shares.tolist() == [list(row) for row in counted]


def test_the_pairs_with_the_largest_effects_come_first(pairs):
    spreads = [pair.spread for pair in pairs.values()]
    assert spreads == sorted(spreads, reverse=True)


def test_a_number_is_across_and_of_two_numbers_the_first_is_down_from_the_highest():
    ages, bills = Axis("age", cuts=(18.0, 65.0)), Axis("bill", cuts=(9.5,))
    customers = {"age": [16.0, 70.0], "bill": [5.25, 10.0], "plan": ["a", "b"]}
    fields = (Number("age"), Number("bill"), Category("plan", ("a", "b")))
    pair = lay_out(ages, bills, [[1, 2], [3, 4], [5, 6]], customers, fields)
    assert pair.down.labels == ("65 or more", "18 to 64", "17 or less")  # ages are whole numbers
    assert pair.across.labels == ("below 9.5", "9.5 or more")
    assert pair.log_odds.tolist() == [[5, 6], [3, 4], [1, 2]]
    assert pair.shares.tolist() == [[0, 0.8], [0, 0], [0.2, 0]]
    pair = lay_out(ages, Axis("plan", categories=("a",)), [[1, 2], [3, 4], [5, 6]], customers, fields)
    assert (pair.down.labels, pair.across.field) == (("a", "b"), "age")
    assert pair.log_odds.tolist() == [[1, 3, 5], [2, 4, 6]]


def test_a_step_of_one_whole_number_is_named_by_it():
    calls, bills = Axis("calls", cuts=(1.0, 2.0, 9.0)), Axis("bill", cuts=(1.0,))
    customers = {"calls": [0.0, 9.0], "bill": [0.0, 1.5]}
    pair = lay_out(calls, bills, [[1, 2], [3, 4], [5, 6], [7, 8]], customers, (Number("calls"), Number("bill")))
    assert pair.down.labels == ("9", "2 to 8", "1", "0")
    assert pair.across.labels == ("below 1", "1 or more")


def test_a_place_without_a_category_is_not_a_row():
    fields = (Category("plan", ("", "a")), Flag("vip"))
    customers = {"plan": ["", "a"], "vip": [0.0, 1.0]}
    axes = Axis("plan", categories=("", "a")), Axis("vip", cuts=(1.0,))
    pair = lay_out(*axes, [[1, 2], [3, 4], [5, 6]], customers, fields)
    assert pair.down.labels == ("(blank)", "a")
    assert pair.log_odds.tolist() == [[1, 2], [3, 4]]


def test_the_extremes_are_cells_with_a_hundredth_of_the_customers():
    log_odds, shares = np.array([[3.0, 1.0], [-1.0, -4.0]]), np.array([[0.009, 0.5], [0.482, 0.009]])
    pair = FieldPair(Side("x", ("a", "b")), Side("y", ("c", "d")), log_odds, shares, 1.0)
    assert pair.extremes() == [Cell("a", "d", 1.0, 0.5), Cell("b", "c", -1.0, 0.482)]
    assert pair._replace(shares=np.full((2, 2), 0.001)).extremes() == []
