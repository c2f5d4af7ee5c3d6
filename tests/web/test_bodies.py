"""The limits of a body, each at its edge: as much as is said is taken, and one more is refused."""

import pytest
from werkzeug.exceptions import RequestEntityTooLarge

from churn.web.bodies import (
    MAX_CONTAINERS,
    MAX_CUSTOMER_BYTES,
    MAX_CUSTOMERS,
    MAX_VALUES,
    decode_customer,
    decode_customers,
)


def nested(containers: int) -> bytes:
    """A JSON array of lists in lists, so many with itself, three to an element."""
    threes, rest = divmod(containers - 1, 3)
    elements = [b"[[[]]]"] * threes + [b"[" * rest + b"]" * rest] * (rest > 0)
    return b"[" + b",".join(elements) + b"]"


def customer_of(size_bytes: int) -> bytes:
    return b'{"x":"' + b"x" * (size_bytes - 8) + b'"}'


EDGES = {
    "objects and arrays": (nested(MAX_CONTAINERS), nested(MAX_CONTAINERS + 1), "60,000 JSON objects and arrays"),
    "values": (
        b"[" + b",".join([b"[" + b"0," * 43 + b"0]"] * (MAX_VALUES // 44)) + b"]",
        b"[" + b",".join([b"[" + b"0," * 43 + b"0]"] * (MAX_VALUES // 44)) + b",0]",
        "440,000 JSON values",
    ),
    "customers": (
        b"[" + b",".join([b"{}"] * MAX_CUSTOMERS) + b"]",
        b"[" + b",".join([b"{}"] * (MAX_CUSTOMERS + 1)) + b"]",
        "20,000 customers",
    ),
    "a customer's bytes": (
        b"[" + customer_of(MAX_CUSTOMER_BYTES) + b"]",
        b"[" + customer_of(MAX_CUSTOMER_BYTES + 1) + b"]",
        "customer 0 (from 0) is larger than 65,536 bytes",
    ),
}


@pytest.mark.parametrize("name", EDGES)
def test_a_list_as_large_as_a_limit_is_taken_and_one_more_is_refused(name):
    at_the_edge, beyond, words = EDGES[name]
    assert list(decode_customers(at_the_edge))
    with pytest.raises(RequestEntityTooLarge, match=words.replace("(", r"\(").replace(")", r"\)")):
        list(decode_customers(beyond))


def test_a_single_customer_has_the_same_room():
    assert decode_customer(customer_of(MAX_CUSTOMER_BYTES))
    with pytest.raises(RequestEntityTooLarge, match="a customer is larger than 65,536 bytes"):
        decode_customer(customer_of(MAX_CUSTOMER_BYTES + 1))
