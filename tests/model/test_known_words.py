"""A category that is sent as a number, as a blank, or in another spelling of a whole number."""

import math

import pytest

from churn.errors import CustomerError
from churn.model.contract import Contract
from churn.model.fields import Category, Number, Where
from churn.model.groups import Group
from churn.model.scoring import Scorer

CHILDREN = Category("children", ("0", "1", "2", "3+"))


def problem_of(field, value):
    found = field.read(value)
    return None if isinstance(found, str) else found.problem


@pytest.mark.parametrize("value", [1, 1.0, "1", "1.0", " 1 "])
def test_a_number_is_the_category_that_spells_it(value):
    assert CHILDREN.read(value) == "1"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (True, "not a text"),
        (3, "unknown category"),
        (1.5, "unknown category"),
        (math.nan, "unknown category"),
        (math.inf, "unknown category"),
        (10**400, "unknown category"),
        ("1.00", "unknown category"),
        ("01", "unknown category"),
        ("1e0", "unknown category"),
        ("true", "unknown category"),
        ([1], "not a text"),
    ],
)
def test_a_value_that_is_no_category_as_a_number_is_refused(value, problem):
    assert problem_of(CHILDREN, value) == problem


def test_a_field_without_numbers_accepts_none():
    assert problem_of(Category("plan", ("a", "1e3", "v1", "")), 1000) == "not a text"


def test_zero_has_no_sign():
    assert CHILDREN.read(-0.0) == CHILDREN.read("-0.0") == "0"


def test_two_spellings_of_a_number_stay_apart_and_only_a_text_selects_one():
    field = Category("code", ("3", "3.0", "7", "007", "0.50"))
    assert [field.read(text) for text in ("3", "3.0", "7", "007")] == ["3", "3.0", "7", "007"]
    assert [problem_of(field, number) for number in (3, 3.0, 7)] == ["unknown category"] * 3
    assert field.read(0.5) == "0.50"
    assert problem_of(field, "0.5") == "unknown category"


def test_a_code_that_lost_its_leading_zeros_is_accepted_only_as_a_number():
    field = Category("zip", ("01001", "10002"))
    assert field.read(1001) == "01001"
    assert problem_of(field, "1001") == "unknown category"


def test_long_whole_numbers_are_compared_digit_by_digit():
    field = Category("account", ("12345678901234567", "1e+16"))
    assert field.read(12345678901234567) == "12345678901234567"
    assert problem_of(field, 12345678901234568) == "unknown category"
    assert field.read(1e16) == "1e+16"


def test_a_whole_number_of_an_older_model_may_be_sent_without_its_decimal_point():
    assert Category("zone", ("1.0", "2.0")).read("1") == Category("zone", ("1.0", "2.0")).read(1) == "1.0"


@pytest.mark.parametrize("blank", [None, "", " "])
def test_a_blank_is_the_category_for_nothing_where_training_had_no_other_blank(blank):
    assert Category("offer", ("a", "none")).read(blank) == "none"
    assert Category("offer", ("-", "a")).read(blank) == "-"
    assert Category("offer", ("", "a", "none")).read(blank) == ""
    assert problem_of(Category("offer", ("-", "none")), blank) == "blank"
    assert problem_of(Category("offer", ("a", "b")), blank) == "blank"


def test_a_word_for_a_blank_that_is_a_number_is_a_blank_as_a_number_too():
    field = Category("score", ("", "5"), missing=("99", "nan"))
    assert [field.read(value) for value in (99, 99.0, "99", "99.0", math.nan, 5)] == ["", "", "", "", "", "5"]
    assert problem_of(field, True) == "not a text"


@pytest.mark.parametrize("place", ["leads", "follows", "is free"])
def test_a_value_that_a_field_can_read_is_looked_up_in_every_place_and_a_bool_is_not_a_number(place):
    fields = (CHILDREN, Category("offer", ("a", "b", "none")), Number("tenure"))
    values = (Where("children", "1"), Where("offer", "none"))
    groups = {"leads": values, "follows": values[::-1]}
    contract = Contract(fields, (Group(groups[place]),) if place in groups else ())
    weights = {f"children={known}": 2.0**-place for place, known in enumerate(CHILDREN.categories)}
    weights |= {"offer=a": 0.3, "offer=b": 0.4, "offer=none": 10.0, "tenure": 0.0}
    scorer = Scorer(contract, weights, intercept=0.0)
    assert scorer._clean.place({"children": 1, "offer": None, "tenure": 1})[0] == 10.5  # without the contract
    assert scorer.log_odds({"children": 1.0, "offer": "", "tenure": 1}) == 10.5
    with pytest.raises(CustomerError) as refusal:
        scorer.log_odds({"children": True, "offer": None, "tenure": 1})
    assert [problem.problem for problem in refusal.value.problems] == ["not a text"]
    if place != "is free":
        with pytest.raises(CustomerError) as refusal:
            scorer.log_odds({"children": 2, "offer": None, "tenure": 1})
        assert [problem.problem for problem in refusal.value.problems] == ["contradicts"]
