"""Generated requests: whatever is sent, the answer is scikit-learn's probability or a 4xx, never another 200."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.model.spelling import clean
from churn.server.served_model import ServedModel
from tests.apps import make_client
from tests.customers import GOOD, PROJECT, sklearn_probabilities
from tests.drawn_customers import CATEGORIES, LIMITS, any_json, customers, keep_together

pytestmark = pytest.mark.slow

SERVED = ServedModel(PROJECT / "model_C=1.0.bin")
MODEL = SERVED.current
CLIENT = make_client(SERVED)


def send(content: object):
    return CLIENT.post("/predict", data=json.dumps(content), content_type="application/json")


@st.composite
def spelled(draw, customer: dict) -> dict:
    """A good customer as another program might spell it."""
    record = {}
    for name, value in customer.items():
        key = draw(st.sampled_from([name, name.upper(), f" {name}", name.title()]))
        if isinstance(value, str):
            value = draw(st.sampled_from([value, value.upper(), value.replace("_", " "), f"{value} "]))
        elif draw(st.booleans()):
            value = repr(float(value))
        record[key] = value
    if draw(st.booleans()):
        record["customerID"] = draw(any_json.filter(lambda value: "NaN" not in json.dumps(value)))
    return record


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_every_good_customer_in_every_spelling_gets_scikit_learns_probability(data):
    good = data.draw(st.lists(customers, min_size=1, max_size=5))
    expected = sklearn_probabilities(
        MODEL.path, [{**customer, "seniorcitizen": int(customer["seniorcitizen"])} for customer in good]
    )
    sent = [data.draw(spelled(customer)) for customer in good]
    try:
        json.dumps(sent, allow_nan=False).encode()
    except ValueError:
        return  # an extra field that JSON can't hold
    answers = send(sent)
    if answers.status_code == 400:  # a lone surrogate in an extra field
        assert "surrogate" in answers.json["detail"]
        return
    np.testing.assert_allclose([answer["churn_probability"] for answer in answers.json], expected, rtol=0, atol=1e-12)
    assert [send(customer).json for customer in sent] == answers.json


def means_the_same(field: str, value: object) -> bool:
    """True if a reader of the contract would take this value for one that the published customer's field may have."""
    if field in CATEGORIES:
        return isinstance(value, str) and clean(value) in CATEGORIES[field]
    if field == "seniorcitizen" and (isinstance(value, bool) or str(value).strip().lower() in ("true", "false")):
        return True
    if isinstance(value, str):
        try:
            value = float(value) if value.strip().isascii() and "_" not in value else None
        except ValueError:
            return False
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value in (0, 1) if field == "seniorcitizen" else 0 <= value <= LIMITS[field]


def contradicts(field: str, value: object) -> bool:
    """True if a value can't occur with the published customer's other values, which are of internet and no phone."""
    changed = GOOD | {field: clean(value) if isinstance(value, str) else value}
    return changed != keep_together(changed)


known = st.sampled_from(sorted({category for categories in CATEGORIES.values() for category in categories}))


@settings(max_examples=400, deadline=None)
@given(field=st.sampled_from(sorted(GOOD)), value=any_json | st.text(max_size=30) | st.floats() | known)
def test_one_field_with_any_json_value_is_refused_unless_it_means_something(field, value):
    response = send(GOOD | {field: value})
    if means_the_same(field, value) and contradicts(field, value):
        (problem,) = response.json["problems"]
        assert problem["problem"] == "contradicts"
        assert field in (problem["field"], problem["with"]["field"])  # of two fields alike, the later has the problem
    elif response.status_code == 200:
        assert means_the_same(field, value)
        assert 0 <= response.json["churn_probability"] <= 1
    else:
        assert response.status_code in (400, 422)
        assert not means_the_same(field, value)
        assert response.status_code == 400 or [problem["field"] for problem in response.json["problems"]] == [field]


@settings(max_examples=120, deadline=None)
@given(
    left_out=st.sets(st.sampled_from(sorted(GOOD)), min_size=1),
    extra=st.dictionaries(st.text(), st.integers(), max_size=3),
)
def test_a_customer_with_fields_missing_is_refused_for_exactly_those(left_out, extra):
    extra = {name: value for name, value in extra.items() if clean(name) not in GOOD}
    response = send({name: value for name, value in GOOD.items() if name not in left_out} | extra)
    if response.status_code == 422:
        assert {problem["field"] for problem in response.json["problems"]} == left_out
    else:
        assert response.status_code == 400  # a lone surrogate in an extra name


@settings(max_examples=200, deadline=None)
@given(any_json)
def test_any_json_at_all_is_refused_and_never_breaks_the_service(content):
    response = send(content)
    if content == []:
        assert response.json == []
    else:
        assert response.status_code in (400, 422)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_refused_and_never_break_the_service(body):
    response = CLIENT.post("/predict", data=body, content_type="application/json")
    assert response.status_code in (400, 422) or response.json == []


@settings(max_examples=200, deadline=None)
@given(place=st.integers(0, len(json.dumps(GOOD)) - 1), byte=st.integers(0, 255))
def test_a_flipped_byte_in_a_good_body_gives_a_right_answer_or_a_refusal(place, byte):
    body = bytearray(json.dumps(GOOD).encode())
    body[place] = byte
    response = CLIENT.post("/predict", data=bytes(body), content_type="application/json")
    if response.status_code == 200:
        customer = {clean(name): value for name, value in json.loads(body).items()}
        record = {name: clean(value) if isinstance(value, str) else value for name, value in customer.items()}
        expected = sklearn_probabilities(MODEL.path, [{name: record[name] for name in GOOD}])
        assert response.json["churn_probability"] == pytest.approx(expected[0], abs=1e-12)
    else:
        assert response.status_code in (400, 422)
