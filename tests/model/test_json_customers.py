"""Customers that are decoded and placed together are placed as they are one by one, or not at all."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.errors import CustomerError
from churn.model.contract import Contract
from churn.model.fields import Category, Number, Where
from churn.model.groups import Group
from churn.model.joint_cells import join_fields
from churn.model.scoring import Scorer
from tests.customers import CLEAN_CUSTOMERS, RAW_CUSTOMERS
from tests.drawn_contracts import customers_of, scorer_of, shaped_scorers

MOST = 10_000


def encode(customer) -> bytes:
    """The customer in JSON; a NaN, which JSON does not have, becomes null."""
    return msgspec.json.encode(customer)


def place_list(scorer, body: bytes, most: int = MOST):
    customers = scorer.json_customers.decode_list(body, most=most)
    placed = None if customers is None else scorer.json_customers.place_decoded(customers)
    if placed is None:
        return None
    cells = map(list, zip(*placed.cells, strict=True)) if placed.cells else ([] for _ in customers)
    return list(zip(placed.log_odds, cells, placed.numbers, strict=True))


def place(scorer, customer):
    try:
        return scorer.place(msgspec.json.decode(encode(customer)))
    except CustomerError:
        return None


def test_all_customers_of_the_table_in_clean_spelling_are_placed_alone_and_in_a_list(shipped):
    scorer = shipped.scorer
    expected = [scorer.place(customer) for customer in CLEAN_CUSTOMERS]
    assert place_list(scorer, encode(CLEAN_CUSTOMERS)) == expected
    assert [scorer.json_customers.place(encode(customer)) for customer in CLEAN_CUSTOMERS] == expected
    assert scorer.json_customers.place(encode(RAW_CUSTOMERS[0])) is None


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_customer_that_is_placed_is_placed_as_the_scorer_places_it(data):
    scorer = data.draw(shaped_scorers())
    customers = [data.draw(customers_of(scorer.contract)) for _ in range(3)]
    expected = [place(scorer, customer) for customer in customers]
    for customer, as_scored in zip(customers, expected, strict=True):
        assert scorer.json_customers.place(encode(customer)) in (None, as_scored)
    assert place_list(scorer, encode(customers)) in (None, expected)


GOOD = CLEAN_CUSTOMERS[0] | {"tenure": 1, "seniorcitizen": 0}
BODY = encode(GOOD)


@pytest.mark.parametrize(
    "body",
    [
        BODY.replace(b'"tenure":1', b'"tenure":1,"tenure":2'),
        BODY.replace(b'"tenure"', b'"Tenure"'),
        BODY.replace(b'"tenure":1,', b""),
        BODY.replace(b'"tenure":1', b'"tenure":-1'),
        BODY.replace(b'"tenure":1', b'"tenure":145'),
        BODY.replace(b'"tenure":1', b'"tenure":"1"'),
        BODY.replace(b'"tenure":1', b'"tenure":true'),
        BODY.replace(b'"tenure":1', b'"tenure":null'),
        BODY.replace(b'"tenure":1', b'"tenure":1e999'),
        BODY.replace(b'"seniorcitizen":0', b'"seniorcitizen":2'),
        BODY.replace(b'"seniorcitizen":0', b'"seniorcitizen":false'),
        BODY.replace(b'"internetservice":"dsl"', b'"internetservice":"no"'),
        BODY.replace(b'"dsl"', b'"DSL"'),
        BODY.replace(b'"dsl"', b'"dsl\xff"'),
        BODY.replace(b"{", b'{"id":7,', 1),
        BODY + b"x",
        BODY[:-1],
        b"[" + BODY + b"]",
        b"",
        b"null",
        b"[" * 100_000,
    ],
)
def test_any_body_other_than_one_customer_in_clean_spelling_is_left_to_others(shipped, body):
    assert body != BODY
    assert shipped.scorer.json_customers.place(body) is None
    assert place_list(shipped.scorer, b"[" + BODY + b"," + body + b"]") is None


def test_a_list_beyond_the_highest_number_is_left_to_others(shipped):
    body = encode([GOOD] * 3)
    assert place_list(shipped.scorer, body, most=2) is None
    assert len(place_list(shipped.scorer, body, most=3)) == 3
    assert place_list(shipped.scorer, b"[]", most=3) == []


BROAD = [Category("phone", ("no", "yes")), *(Category(f"f{number}", ("no", "none", "x")) for number in range(9))]
WHOLE = Group(tuple(Where(field.name, "no") for field in BROAD))  # too large for one part
PLAIN = {"phone": "yes"} | dict.fromkeys((field.name for field in BROAD[1:]), "x")
IN_ONE_PART = PLAIN | dict.fromkeys(join_fields(Contract(tuple(BROAD), (WHOLE,)))[0].names, "no")
REFUSED_IN_A_LIST = {
    "a group that stands in several parts": (Contract(tuple(BROAD), (WHOLE,)), PLAIN, IN_ONE_PART),
    "a number that is a blank": (Contract((Number("n", missing=("20",)),)), {"n": 19}, {"n": 20}),
    "what is too large to score": (
        Contract(tuple(Number(name) for name in "abcd")),
        dict.fromkeys("abcd", 1),
        dict.fromkeys("abcd", 1.7e308),
    ),
}


@pytest.mark.parametrize("name", REFUSED_IN_A_LIST)
def test_one_customer_that_is_decoded_and_not_placed_leaves_its_list_to_others(name):
    contract, good, bad = REFUSED_IN_A_LIST[name]
    scorer = scorer_of(contract)
    if name.endswith("score"):
        scorer = Scorer(contract, dict.fromkeys("abcd", 1.0), intercept=0.0)
    assert place_list(scorer, encode([good, good])) == [scorer.place(good)] * 2
    assert scorer.json_customers.decode_list(encode([good, bad]), most=MOST) is not None
    assert place_list(scorer, encode([good, bad])) is None


@pytest.mark.parametrize("most", [1, 10, 100])
def test_the_limit_on_a_lists_length_holds_for_the_shortest_customers_too(most):
    scorer = scorer_of(Contract((Number("m"), Number("n"))))
    assert len(place_list(scorer, encode([{"m": 0, "n": 0}] * most), most=most)) == most
    assert place_list(scorer, encode([{"m": 0, "n": 0}] * (most + 1)), most=most) is None


@pytest.mark.parametrize("name", ['a"b', "back\\slash"])
def test_a_name_that_json_has_to_escape_leaves_all_to_others(name):
    scorer = scorer_of(Contract((Category(name, ("x",)), Number("n"))))
    assert scorer.log_odds({name: "x", "n": 1})
    assert scorer.json_customers.place(encode({name: "x", "n": 1})) is None
    assert place_list(scorer, b"[]", most=3) is None
