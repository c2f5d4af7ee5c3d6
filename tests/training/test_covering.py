"""The golden customers of a shaped model exercise all that any customer can, and are few."""

from bisect import bisect_right
from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from churn.errors import CustomerError
from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Number, Where
from churn.model.groups import Group
from churn.model.scoring import Scorer
from churn.training.covering import cover_model
from churn.training.touching import list_options
from tests.drawn_contracts import customers_of, shaped_scorers
from tests.shaped import CONTRACT, shaped_scorer

KNOTS = {"tenure": [0.0, 3.0, 12.0, 72.0], "charges": [18.5, 50.25, 80.0, 118.75], "balance": [-50.0, 0.0, 250.0]}
"""The knots of the shaped model's curves, as in its columns."""


def interval(number: float, marks: list[float]) -> int | None:
    """The number of marks below a number; None if the number is at a mark."""
    return None if number in marks else sum(mark < number for mark in marks)


@pytest.fixture(scope="module")
def customers() -> list[dict]:
    return cover_model(shaped_scorer())


def test_each_piece_of_each_curve_is_used_between_its_knots_and_outside_where_the_contract_accepts_such_numbers(
    customers,
):
    for field, places in (("tenure", {1, 2, 3, 4}), ("charges", {0, 1, 2, 3, 4}), ("balance", {0, 1, 2, 3})):
        numbers = [customer[field] for customer in customers if customer[field] != ""]
        assert {interval(number, KNOTS[field]) for number in numbers} - {None} == places, field


def test_each_category_both_values_of_a_flag_and_a_blank_with_its_own_weight_are_used(customers):
    assert {customer["contract"] for customer in customers} == {"monthly", "one_year", "two_year"}
    assert {customer["plan"] for customer in customers} == {"", "basic", "plus", "pro"}
    assert {customer["senior"] for customer in customers} == {0.0, 1.0}
    assert "" in {customer["charges"] for customer in customers}


def test_each_cell_of_a_pair_with_a_value_and_each_cut_itself_are_used(customers):
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


def test_the_customers_are_few(customers):
    assert len(customers) <= 10  # charges alone needs nine: five pieces, three cuts, and a blank


def test_a_field_with_nothing_left_to_cover_has_the_first_customers_value():
    plans = tuple(f"plan_{number:02}" for number in range(20))
    weights = {f"plan={plan}": 0.5 for plan in plans} | {"within(age,10.0,50.0)": 0.5, "ramp(age,10.0,20.0)": 0.5}
    weights |= {"member": 0.5, 'both("age>=30.0","member>=1.0")': 0.5}
    contract = Contract((Category("plan", plans), Number("age", 10.0, 50.0, True), Flag("member")))
    drawn = cover_model(Scorer(contract, weights, intercept=0.0))
    assert len(drawn) == 20
    assert drawn[0]["age"] >= 30
    assert drawn[0]["member"]
    assert {(customer["age"], customer["member"]) for customer in drawn[6:]} == {(drawn[0]["age"], 1.0)}


def test_a_cell_that_groups_forbid_is_left_out_and_the_others_are_used():
    contract = Contract(
        (Category("phone", ("no", "yes")), Category("lines", ("none", "one", "two"))),
        (Group((Where("phone", "no"), Where("lines", "none"))),),
    )
    own = {"phone=no": 0.1, "phone=yes": 0.2, "lines=none": 0.3, "lines=one": 0.4, "lines=two": 0.5}
    cells = [(phone, lines) for phone in ("no", "yes") for lines in ("none", "one", "two")]
    together = {f'both("phone={phone}","lines={lines}")': 0.5 for phone, lines in cells}
    drawn = cover_model(Scorer(contract, own | together, intercept=0.0))
    assert sorted((one["phone"], one["lines"]) for one in drawn) == [("no", "none"), ("yes", "one"), ("yes", "two")]


def test_a_number_that_is_a_blank_in_its_field_is_not_among_the_values():
    field = Number("age", 0.0, 48.0, non_negative=True, missing=("24",), lowest=0.0, highest=96.0)
    weights = {"within(age,0.0,48.0)": 0.5, "flag": 0.5, 'both("age>=24.0","flag>=1.0")': 0.5}
    drawn = cover_model(Scorer(Contract((field, Flag("flag"))), weights, intercept=0.0))
    assert 24.0 not in {customer["age"] for customer in drawn}
    assert any(customer["age"] > 24.0 and customer["flag"] for customer in drawn)


def test_six_pairs_of_four_numbers_with_168_cells_each_take_few_customers_more_than_that():
    names, cuts = "abcd", [float(cut) for cut in range(1, 13)]
    weights = {f"within({name},0.0,13.0)": 0.5 for name in names}
    for first, second in combinations(names, 2):
        weights |= {f'both("{first}>={cut}","{second}>={other}")': 0.5 for cut in cuts for other in cuts}
    fields = tuple(Number(name, 0.0, 13.0, True, lowest=0.0, highest=26.0) for name in names)
    drawn = cover_model(Scorer(Contract(fields), weights, intercept=0.0))
    assert 168 <= len(drawn) < 180


@settings(max_examples=25, deadline=None)
@given(shaped_scorers())
def test_each_value_is_in_the_rows_and_columns_of_tables_where_the_scorer_finds_it(scorer):
    customers = cover_model(scorer)
    assume(customers)  # there are none if groups contradict each other
    for field, options in list_options(scorer).items():
        for option in options:
            cells = scorer.find_cells(customers[0] | {field: option.value})
            assert all(cells[side // 2][side % 2] == place for side, place in option.places)


def touched(scorer: Scorer, customer: dict) -> set:
    """The parts of a model that a customer uses: values, blanks, pieces, and cells with a value."""
    knots = {field.name: () for field in scorer.contract.numbers} | {
        curve.field: curve.knots for curve in scorer.curves
    }
    found = set()
    for name, value in customer.items():
        is_piece = name in knots and value != ""
        found.add((name, "piece", bisect_right(knots[name], value)) if is_piece else (name, value))
    for number, (row, column) in enumerate(scorer.find_cells(customer)):
        if scorer.interactions[number].log_odds[row][column]:
            found.add((number, row, column))
    return found


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_part_that_an_accepted_customer_uses_is_used_by_a_golden_customer(data):
    scorer = data.draw(shaped_scorers())
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
