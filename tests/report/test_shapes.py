"""The curve of each number, as drawn and as a table: against the columns of every customer."""

import numpy as np
import pandas as pd
import pytest

from churn.model.columns import Within
from churn.model.contract import Contract
from churn.model.curves import Curve, Piece, make_curve
from churn.model.fields import Number
from churn.model.number_part import NumberPart
from churn.report.own_parts import OwnParts, find_own_parts
from churn.report.shapes import BINS, Scale, find_shapes
from tests.shaped import COLUMNS, CONTRACT
from tests.shaped_findings import find_shaped


@pytest.fixture(scope="module")
def shaped():
    findings = find_shaped()
    customers, fit = findings.split.table.customers, findings.fit
    return customers, find_shapes(customers, CONTRACT, find_own_parts(customers, CONTRACT, fit.dv, fit.model))


def of_straight(numbers):
    """The shape of one number whose log-odds are the number itself."""
    curve = make_curve("x", {Within("x", float(min(numbers)), float(max(numbers))): 1.0})
    parts = OwnParts({"x": NumberPart(curve)}, {}, [], frozenset({"x"}))
    return find_shapes(pd.DataFrame({"x": numbers}), Contract((Number("x"),)), parts)[0]


def test_a_curve_is_compared_with_the_average_customer(shaped):
    customers, shapes = shaped
    balance = next(shape for shape in shapes if shape.field == "balance")
    columns = [(part, weight) for part, weight in COLUMNS if "balance" in part.name]

    def added(number):
        return sum(weight * part.of({"balance": number}) for part, weight in columns)

    average = np.mean([added(number) for number in customers.balance])
    expected = [added(number) - average for number in balance.outline.x]
    assert balance.outline.log_odds.tolist() == pytest.approx(expected)
    assert [(at.value, at.log_odds) for at in balance.knots] == [
        (knot, pytest.approx(added(knot) - average)) for knot in (-50.0, 0.0, 250.0)
    ]
    assert balance.blank is None


def test_customers_are_counted_in_the_histogram_below_the_curve_and_at_their_knots(shaped):
    customers, shapes = shaped
    assert {shape.field for shape in shapes} == {"tenure", "charges", "balance"}
    for shape in shapes:
        known = customers[shape.field].dropna()
        assert len(shape.counts) == len(shape.edges) - 1 == BINS
        assert shape.counts.sum() == len(known)
        assert sum(at.customers for at in shape.knots) == len(customers)
        assert (shape.edges[0], shape.edges[-1]) == (known.min(), known.max())
    tenure = next(shape for shape in shapes if shape.field == "tenure")
    known = customers.tenure
    assert [(at.value, at.customers) for at in tenure.knots] == [
        (0.0, (known < 3).sum()),
        (3.0, ((known >= 3) & (known < 12)).sum()),
        (12.0, ((known >= 12) & (known < 72)).sum()),
        (72.0, (known >= 72).sum()),
    ]


def test_a_blank_with_its_own_weight_is_the_last_row(shaped):
    customers, shapes = shaped
    charges = next(shape for shape in shapes if shape.field == "charges")
    assert charges.blank == charges.knots[-1]
    assert charges.blank.customers == customers.charges.isna().sum()


def test_the_curves_with_the_largest_effects_come_first(shaped):
    _, shapes = shaped
    spreads = [shape.spread for shape in shapes]
    assert spreads == sorted(spreads, reverse=True)
    assert of_straight([1.0, 2.0, 3.0]).spread == pytest.approx(np.sqrt(2 / 3))


def test_numbers_without_a_curve_are_not_shown():
    parts = OwnParts({"x": NumberPart(Curve("x", (), (Piece(0.0, 0.0, 1.0, 0.0),)))}, {}, [], frozenset())
    assert find_shapes(pd.DataFrame({"x": [1.0, 2.0]}), Contract((Number("x"),)), parts) == []


def test_an_axis_is_even_unless_nearly_all_customers_are_on_a_small_piece_of_it():
    assert of_straight(np.linspace(0, 100, 1000)).scale == Scale()
    incomes = np.exp(np.random.default_rng(1).normal(10, 1.5, 1000))
    shape = of_straight(incomes)
    assert shape.scale == Scale(np.median(incomes))
    places = np.arcsinh(
        np.array([incomes.min(), *np.quantile(incomes, [0.05, 0.95]), incomes.max()]) / shape.scale.even
    )
    assert (places[2] - places[1]) / (places[3] - places[0]) > 0.4
    assert (shape.counts > 0).sum() > BINS / 2


def test_an_axis_with_negative_numbers_is_divided_evenly_to_the_eye():
    divided = Scale(10.0).divide(-1000.0, 1000.0, 4)
    assert divided.tolist() == pytest.approx(
        [-1000, -10 * np.sinh(np.arcsinh(100) / 2), 0, 10 * np.sinh(np.arcsinh(100) / 2), 1000]
    )
    assert np.diff(Scale(10.0).place(divided)).tolist() == pytest.approx([np.arcsinh(100) / 2] * 4)


def test_a_number_with_one_value_has_a_curve():
    shape = of_straight([7.0, 7.0])
    assert shape.outline.x.tolist() == [7]
    assert shape.outline.log_odds.tolist() == [0]
    assert shape.counts.sum() == 2
