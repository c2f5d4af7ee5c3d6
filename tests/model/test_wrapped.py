"""A customer that is sent inside of something: another object, or the text of its JSON."""

import json

import pytest

from churn.model.wrapped import find_encoded, find_wrapped

NAMES = {"tenure", "contract"}


@pytest.mark.parametrize(
    "given",
    [
        {"customer": {"tenure": 24}},
        {"data": {"Contract ": "two_year", "id": 7}},
        {"id": 7, "instances": [{"tenure": 24}, 1]},
    ],
)
def test_a_customer_in_a_member_is_one_problem_of_the_whole(given):
    problem = find_wrapped(given, NAMES)
    assert (problem.field, problem.problem) == (None, "inside another object")
    assert "instances" not in problem.expected
    assert ("array of customers" in problem.expected) is ("instances" in given)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"customer": {}},
        {"customer": {"name": "tenure"}},
        {"customer": "tenure"},
        {"instances": [[24, "two_year"]]},
        {"instances": []},
        {"tenure": {"tenure": 24}},
        {"tenure": 24, "customer": {"contract": "two_year"}},
    ],
)
def test_an_object_that_has_a_field_or_contains_no_customer_has_no_such_problem(given):
    assert find_wrapped(given, NAMES) is None


@pytest.mark.parametrize("value", [{"tenure": 24}, [{"tenure": 24}], {}, []])
def test_the_text_of_an_object_or_array_is_reported_as_encoded_twice(value):
    for text in (json.dumps(value), json.dumps(value, indent=1), "\n " + json.dumps(value)):
        problem = find_encoded(text)
        assert (problem.field, problem.problem) == (None, "encoded twice")
        assert problem.expected.startswith("an object of customer fields")


@pytest.mark.parametrize(
    "value", ["", "two_year", "{", "{'tenure': 24}", "24", '"{}"', "[" * 5_000, '{"a": "\ud800"}', 24, None, [], True]
)
def test_any_other_text_or_value_is_not_reported(value):
    assert find_encoded(value) is None
