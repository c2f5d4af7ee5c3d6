"""Golden customers of a shaped model touch all that a customer can, and are few."""

from bisect import bisect_right
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from churn.errors import CustomerError
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Flag, Number, Where
from churn.model.groups import Group
from churn.model.scoring import Scorer
from churn.training.covering import cover_model
from tests.drawn_contracts import contracts, customers_of
from tests.shaped import CONTRACT, shaped_scorer

KNOTS = {"tenure": [0.0, 3.0, 12.0, 72.0], "charges": [18.5, 50.25, 80.0, 118.75], "balance": [-50.0, 0.0, 250.0]}
"""Of the shaped model's curves, as its columns have them."""


def interval(number: float, marks: list[float]) -> int | None:
    """How many of the marks are below a number that is at none of them."""
    return None if number in marks else sum(mark < number for mark in marks)


@pytest.fixture(scope="module")
def customers() -> list[dict]:
    return cover_model(shaped_scorer())


def test_each_piece_of_each_curve_is_touched_between_its_knots_and_outside_where_the_contract_takes_such_numbers(
    customers,
):
    for field, places in (("tenure", {1, 2, 3, 4}), ("charges", {0, 1, 2, 3, 4}), ("balance", {0, 1, 2, 3})):
        numbers = [customer[field] for customer in customers if customer[field] != ""]
        assert {interval(number, KNOTS[field]) for number in numbers} - {None} == places, field


def test_each_category_both_values_of_a_flag_and_a_blank_that_is_weighed_apart_are_touched(customers):
    assert {customer["contract"] for customer in customers} == {"monthly", "one_year", "two_year"}
    assert {customer["plan"] for customer in customers} == {"", "basic", "plus", "pro"}
    assert {customer["senior"] for customer in customers} == {0.0, 1.0}
    assert "" in {customer["charges"] for customer in customers}


def test_each_cell_of_a_pair_that_adds_anything_is_touched_and_each_cut_itself(customers):
    tenures = {(one["contract"], sum(cut <= one["tenure"] for cut in (6.0, 12.0, 24.0))) for one in customers}
    assert tenures >= {(contract, place) for contract in ("monthly", "two_year") for place in (1, 2, 3)}
    charges = [65.0 if one["charges"] == "" else one["charges"] for one in customers if one["senior"]]
    assert {sum(cut <= number for cut in (50.0, 65.0, 80.0)) for number in charges} >= {1, 2, 3}
    assert {one["plan"] in ("basic", "pro") and one["plan"] for one in customers if one["senior"]} == {
        "basic",
        "pro",
        False,
    }
    assert {6.0, 12.0, 24.0} <= {customer["tenure"] for customer in customers}
    assert {50.0, 65.0, 80.0} <= {customer["charges"] for customer in customers}


def test_they_are_few_and_differ_little_from_the_first(customers):
    assert len(customers) <= 11  # charges alone needs nine: five pieces, three cuts, and a blank
    changed = [sum(value != customers[0][field] for field, value in customer.items()) for customer in customers[1:]]
    assert sum(changed) / len(changed) < 4.5


def test_a_cell_that_groups_forbid_is_left_out_and_the_others_are_touched():
    contract = Contract(
        (Category("phone", ("no", "yes")), Category("lines", ("none", "one", "two"))),
        (Group((Where("phone", "no"), Where("lines", "none"))),),
    )
    own = {"phone=no": 0.1, "phone=yes": 0.2, "lines=none": 0.3, "lines=one": 0.4, "lines=two": 0.5}
    cells = [(phone, lines) for phone in ("no", "yes") for lines in ("none", "one", "two")]
    together = {f'both("phone={phone}","lines={lines}")': 0.5 for phone, lines in cells}
    drawn = cover_model(Scorer(contract, own | together, intercept=0.0))
    assert sorted((one["phone"], one["lines"]) for one in drawn) == [("no", "none"), ("yes", "one"), ("yes", "two")]


@st.composite
def shaped(draw) -> Scorer:
    """A scorer of a generated contract, whose numbers have curves, with tables of some of its fields."""
    contract, weights, conditions = draw(contracts()), {}, {}
    fields = []
    for field in contract.fields:
        name = field.name
        if isinstance(field, Category):
            weights |= {f"{name}={known}": 0.25 for known in field.categories}
            conditions[name] = [f"{name}={known}" for known in (*field.categories[:2], "*")]
        elif isinstance(field, Flag):
            weights[name] = 0.5
            conditions[name] = [f"{name}>=1.0"]
        else:
            low, high = field.minimum, field.maximum
            weights[f"within({name},{low},{high})"] = 0.125
            if high > low:
                weights |= {f"ramp({name},{low},{low + 0.25})": 0.75, f"ramp({name},{low + 0.5},{high})": -0.5}
            if field.blank and not field.blank.where and draw(st.booleans()):
                field = replace(field, blank=Blank(field.blank.value, apart=True))
                weights[f"blank({name},{field.blank.value})"] = 0.25
            conditions[name] = [f"{name}>={cut}" for cut in (low + 0.5, high, high + 3.0)]
        fields.append(field)
    names = draw(st.permutations(list(conditions)))
    for first, second in pairwise(names):
        for one in conditions[first]:
            for other in conditions[second]:
                weights['both("%s","%s")' % (one, other)] = draw(st.sampled_from([0.0, 0.5, -0.5]))
    return Scorer(Contract(tuple(fields), contract.groups), weights, intercept=0.0)


def touched(scorer: Scorer, customer: dict) -> set:
    """What a customer as Contract.read_customer gives it touches: values, blanks, pieces, and cells with anything."""
    pieces = {curve.field: curve.knots for curve in scorer.curves}
    found = set()
    for name, value in customer.items():
        is_piece = name in pieces and value != ""
        found.add((name, "piece", bisect_right(pieces[name], value)) if is_piece else (name, value))
    for number, (row, column) in enumerate(scorer.find_cells(customer)):
        if scorer.interactions[number].log_odds[row][column]:
            found.add((number, row, column))
    return found


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_a_customer_that_the_contract_takes_touches_a_golden_one_touches(data):
    scorer = data.draw(shaped())
    drawn = cover_model(scorer)
    conditional = [field for field in scorer.contract.numbers if field.blank and field.blank.where]
    for customer in drawn:
        assert scorer.contract.read_customer(customer) == customer
    reached = set().union(*(touched(scorer, customer) for customer in drawn))
    for customer in data.draw(st.lists(customers_of(scorer.contract), max_size=12)):
        try:
            read = scorer.contract.read_customer(customer)
        except CustomerError:
            continue
        if not any(field.is_blank(customer[field.name]) for field in conditional):
            assert touched(scorer, read) <= reached


def test_the_same_model_gives_the_same_customers(customers):
    assert cover_model(shaped_scorer()) == customers
    assert [list(customer) for customer in customers] == [[field.name for field in CONTRACT.fields]] * len(customers)
