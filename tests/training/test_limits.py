"""Limits: one more width of the range of training on either side."""

import pytest

from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Number
from churn.training.limits import set_limits


@pytest.mark.parametrize(
    ("low", "high", "limits"),
    [
        (0.0, 72.0, (0.0, 144.0)),
        (18.25, 118.75, (0.0, 219.25)),
        (100.0, 110.0, (90.0, 120.0)),
        (-5.0, 5.0, (-15.0, 15.0)),
        (-2.0, -1.0, (-3.0, 0.0)),
        (7.0, 7.0, (None, None)),
        (-1e308, 1e308, (None, None)),
    ],
)
def test_limits_are_one_more_width_away_and_never_below_zero_where_training_saw_no_negative(low, high, limits):
    (field,) = set_limits(Contract((Number("n", low, high, non_negative=low >= 0),))).fields
    assert (field.lowest, field.highest) == limits
    assert (field.minimum, field.maximum) == (low, high)


def test_other_fields_and_a_number_with_an_unknown_range_stay_as_they_are():
    contract = Contract((Category("plan", ("a",)), Flag("member"), Number("n")))
    assert set_limits(contract) == contract
