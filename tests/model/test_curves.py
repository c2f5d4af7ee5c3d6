"""A number's curve from the weights of its columns, by hand; scikit-learn's answers are in test_shapes."""

import math
from itertools import pairwise

import msgspec
import pytest

from churn.model.columns import IsBlank, Ramp, Within
from churn.model.curves import MOST_KNOTS, Curve, Piece, make_curve

LINE, LOGARITHM = Within("x", 1.0, 5.0), Within("x", 1.0, 5.0, logarithm=True)


def test_a_curve_by_hand():
    """0.5 x, and a ramp of -1 from 2 to 4: flat below 1 and above 5, and a slope of 0.5 - 1/2 between 2 and 4."""
    curve = make_curve("x", {LINE: 0.5, Ramp("x", 2.0, 4.0): -1.0})
    assert curve.knots == (1.0, 2.0, 4.0, 5.0)
    assert curve.pieces == (
        Piece(1.0, 0.5, 0.0, 0.0),
        Piece(1.0, 0.5, 0.5, 0.0),
        Piece(2.0, 1.0, 0.0, 0.0),
        Piece(4.0, 1.0, 0.5, 0.0),
        Piece(5.0, 1.5, 0.0, 0.0),
    )
    expected = {-1e300: 0.5, 1.0: 0.5, 1.5: 0.75, 2.0: 1.0, 3.0: 1.0, 4.0: 1.0, 4.5: 1.25, 5.0: 1.5, 1e300: 1.5}
    assert {number: curve.term(number) for number in expected} == expected


def test_a_logarithm_is_held_within_the_range_too():
    curve = make_curve("x", {LINE: 0.0, LOGARITHM: 2.0})
    expected = {
        0.0: 2 * math.log(2),
        1.0: 2 * math.log(2),
        3.0: 2 * math.log(4),
        5.0: 2 * math.log(6),
        99.0: 2 * math.log(6),
    }
    assert {number: curve.term(number) for number in expected} == pytest.approx(expected, abs=1e-15)
    assert [make_curve("x", {LOGARITHM: 2.0}).term(number) for number in expected] == list(map(curve.term, expected))


def test_a_blank_adds_the_term_of_the_number_that_it_counts_as_and_its_own_weight():
    curve = make_curve("x", {LINE: 0.5, IsBlank("x", 3.0): 0.25})
    assert curve.term("") == 0.5 * 3 + 0.25
    assert make_curve("x", {LINE: 0.5, IsBlank("x", 99.0): 0.25}).term("") == 0.5 * 5 + 0.25


@pytest.mark.parametrize("value", ["", "blank", "3"])
def test_a_text_other_than_a_blank_with_its_own_weight_has_no_term(value):
    curve = make_curve("x", {LINE: 0.5} if value == "" else {LINE: 0.5, IsBlank("x", 3.0): 0.25})
    with pytest.raises(ValueError, match="x"):
        curve.term(value)


def test_a_number_with_one_value_in_training_adds_the_same_everywhere():
    curve = make_curve("x", {Within("x", 2.0, 2.0): 0.5})
    assert [curve.term(number) for number in (-9.0, 2.0, 9.0)] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ([], "one range"),
        ([Ramp("x", 1.0, 2.0)], "one range"),
        ([LINE, Within("x", 1.0, 6.0)], "one range"),
        ([LINE, Within("x", 0.0, 5.0, logarithm=True)], "one range"),
        ([Within("x", 5.0, 1.0)], "clipped to"),
        ([Within("x", -0.5, 1.0), Within("x", -0.5, 1.0, logarithm=True)], "clipped to"),
        ([LINE, Ramp("x", 2.0, 4.0), Ramp("x", 3.0, 5.0)], "overlap"),
        ([LINE, Ramp("x", 2.0, 4.0), Ramp("x", 2.0, 3.0)], "overlap"),
        ([LINE, Ramp("x", 3.0, 3.0)], "overlap"),
        ([LINE, Ramp("x", 4.0, 3.0)], "overlap"),
        ([LINE, Ramp("x", 0.5, 2.0)], "leave the range"),
        ([LINE, Ramp("x", 4.0, 5.5)], "leave the range"),
        ([LINE, IsBlank("x", 2.0), IsBlank("x", 3.0)], "2 weights of a blank"),
        ([Within("x", -1e308, 1e308)], "not finite"),
        ([Within("x", 0.0, 1.0), Ramp("x", 0.0, 5e-324)], "not finite"),
    ],
)
def test_columns_that_make_no_curve_are_refused(columns, reason):
    with pytest.raises(ValueError, match=reason):
        make_curve("x", dict.fromkeys(columns, 0.5))


def test_a_curve_with_too_many_ramps_is_refused():
    ramps = [Ramp("x", start, end) for start, end in pairwise(map(float, range(MOST_KNOTS + 2)))]
    most = Within("x", 0.0, float(MOST_KNOTS + 1))
    assert len(make_curve("x", dict.fromkeys([most, *ramps[:MOST_KNOTS]], 0.5)).knots) == MOST_KNOTS + 2
    with pytest.raises(ValueError, match="ramps, and a curve has at most"):
        make_curve("x", dict.fromkeys([most, *ramps], 0.5))


def test_a_curve_is_read_back_from_a_card_and_is_written_without_a_blank_if_it_has_none():
    for blank in (None, 0.75):
        curve = Curve("x", (1.0,), (Piece(1.0, 0.5, 0.0, 0.0), Piece(1.0, 0.5, 0.25, 0.0)), blank)
        written = msgspec.json.encode(curve)
        assert msgspec.json.decode(written, type=Curve) == curve
        assert (b"blank" in written) is (blank is not None)
