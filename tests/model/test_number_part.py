"""The effect of a number by itself, by hand; tests/report/test_own_parts.py compares it with all reasons."""

import math

import pytest

from churn.model.curves import Curve, Piece
from churn.model.fields import Blank, Number
from churn.model.interactions import Axis, Interaction
from churn.model.number_part import NumberPart, find_steps
from churn.model.purified import Purified

RISING = Curve("x", (0.0, 10.0), (Piece(0.0, 0.0, 0.0, 0.0), Piece(0.0, 0.0, 0.1, 0.0), Piece(10.0, 1.0, 0.0, 0.0)))
STEP = (Axis("x", cuts=(4.0,)), (-0.25, 0.75))


def table(first: Axis, second: Axis, purified: Purified) -> tuple[Interaction, Purified]:
    return Interaction(first, second, ()), purified


def test_a_field_has_a_step_from_each_table_that_it_is_in():
    other, plan = Axis("x", cuts=(1.0, 2.0)), Axis("plan", categories=("a",))
    tables = [
        table(STEP[0], plan, Purified(0.5, STEP[1], (0.1, -0.1), ())),
        table(plan, other, Purified(0.5, (0.2, -0.2), (1.0, 2.0, 3.0), ())),
        table(plan, Axis("y", cuts=(1.0,)), Purified(0.5, (0.3, -0.3), (4.0, 5.0), ())),
    ]
    assert find_steps("x", tables) == (STEP, (other, (1.0, 2.0, 3.0)))
    part = NumberPart.of(Number("x"), RISING, tables)
    assert [part.log_odds(number) for number in (1.0, 3.0, 5.0)] == pytest.approx([1.85, 3.05, 4.25])


def test_a_blank_has_its_own_weight_and_the_step_of_the_number_that_it_stands_for():
    curve = Curve("x", RISING.knots, RISING.pieces, blank=0.5)
    tables = [table(STEP[0], Axis("y", cuts=(1.0,)), Purified(0.0, STEP[1], (0.0, 0.0), ()))]
    assert NumberPart.of(Number("x", blank=Blank(7.0, apart=True)), curve, tables).blank == 1.25
    assert NumberPart.of(Number("x", blank=Blank(7.0)), RISING, tables).blank is None


def test_an_outline_has_every_bend_and_both_sides_of_a_step():
    outline = NumberPart(RISING, (STEP,)).outline(-2.0, 12.0, between=[2.0])
    assert [number for number, _ in outline] == [-2, 0, 2, 4, 4, 10, 12]
    assert [log_odds for _, log_odds in outline] == pytest.approx([-0.25, -0.25, -0.05, 0.15, 1.15, 1.75, 1.75])


def test_a_straight_number_with_its_logarithm_turns_where_their_slopes_cancel():
    straight = NumberPart(Curve("tenure", (), (Piece(0.0, 0.0, -0.03, 0.5),)))
    assert straight.log_odds(7.0) == pytest.approx(-0.03 * 7 + 0.5 * math.log(8))
    assert [number for number, _ in straight.outline(0.0, 72.0)] == pytest.approx([0, 0.5 / 0.03 - 1, 72])


def test_where_a_piece_has_no_logarithm_a_number_may_be_negative():
    part = NumberPart(Curve("balance", (-5.0,), (Piece(-5.0, 1.0, 0.0, 0.0), Piece(-5.0, 1.0, 0.5, 0.0))))
    assert [part.log_odds(number) for number in (-50.0, -3.0)] == [1.0, 2.0]
