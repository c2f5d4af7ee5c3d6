"""Customers who touch every piece of a curve and every cell of a pair of fields, as far as the groups let them."""

import pytest

from churn.model.contract import Contract
from churn.model.curves import Curve, Piece
from churn.model.fields import Blank, Category, Flag, Number, Where
from churn.model.groups import Group
from churn.model.interactions import Axis, Interaction
from churn.training.coverage import cover_shapes

PHONE = Group((Where("phone", "no"), Where("lines", "no_phone")))
CONTRACT = Contract(
    (
        Category("phone", ("no", "yes")),
        Category("lines", ("no_phone", "one", "two")),
        Number("use", 1.0, 9.0, non_negative=True, lowest=0.0, highest=17.0, blank=Blank(4.0, apart=True)),
        Number("age", 20.0, 80.0, non_negative=True, missing=("50",), blank=Blank(40.0)),
        Flag("member"),
    ),
    (PHONE,),
)
LIKE = {"phone": "yes", "lines": "one", "use": 3.0, "age": 30.0, "member": 0.0}
PIECE = Piece(0.0, 0.0, 0.0, 0.0)
CURVE = Curve("use", (1.0, 4.0, 9.0), (PIECE,) * 4, blank=0.5)
PHONES, LINES = Axis("phone", categories=("no",)), Axis("lines", categories=("no_phone", "one"))
USES, AGES = Axis("use", cuts=(4.0,)), Axis("age", cuts=(40.0, 50.0))


def cover(*, curves=(), interactions=()) -> list[dict]:
    customers = cover_shapes(CONTRACT, curves, interactions, like=LIKE)
    for customer in customers:
        assert CONTRACT.read_customer(customer) == customer  # taken as it is
    return customers


def test_every_piece_of_a_curve_is_touched_below_and_above_included_and_a_blank_that_is_weighed_apart():
    uses = {customer["use"] for customer in cover(curves=[CURVE])}
    assert uses == {0.5, 2.5, 6.5, 13.0, ""}  # the middles, and those of what is left to the limits


def test_every_cell_with_a_weight_is_touched_and_what_the_groups_forbid_is_left_out():
    cells = ((0.1, 0.2, 0.3), (0.4, 0.5, 0.0))
    customers = cover(interactions=[Interaction(PHONES, LINES, cells)])
    assert {(customer["phone"], customer["lines"]) for customer in customers} == {("no", "no_phone"), ("yes", "one")}


def test_cells_of_several_pairs_share_customers_and_a_number_that_is_a_blank_stands_for_no_cell():
    tables = [
        Interaction(USES, AGES, ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6))),
        Interaction(Axis("member", cuts=(1.0,)), USES, ((0.1, 0.2), (0.3, 0.4))),
    ]
    customers = cover(interactions=tables)
    touched = {(USES.place(customer["use"]), AGES.place(customer["age"])) for customer in customers}
    assert touched == {(use, age) for use in range(2) for age in range(3)}
    members = {(customer["member"], USES.place(customer["use"])) for customer in customers}
    assert members == {(member, use) for member in (0.0, 1.0) for use in range(2)}
    assert len(customers) == 6  # the larger table's cells
    assert 50.0 not in {customer["age"] for customer in customers}


@pytest.mark.parametrize("name", ["phone", "lines", "member"])
def test_what_is_not_wanted_is_as_the_given_customer_has_it(name):
    assert {customer[name] for customer in cover(curves=[CURVE])} == {LIKE[name]}
