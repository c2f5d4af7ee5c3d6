"""Whole numbers that are ids or an index: the signs of one, and columns without such a sign."""

import numpy as np
import pytest

from churn.training.columns import Texts
from churn.training.ids import describe_possible_id, find_id_reason, find_index_reason, names_an_id

RANDOM = np.random.default_rng(5)
SHUFFLED = RANDOM.choice(900_000, size=1000, replace=False) + 1e6
"""A thousand whole numbers, all different, in random order and with uneven steps."""


def texts(cells):
    distinct = list(dict.fromkeys(cells))
    return Texts(distinct, np.array([distinct.index(cell) for cell in cells]))


def with_blanks(values, *, every):
    return np.where(np.arange(len(values)) % every == 3, np.nan, values)


ID_NAMES = [
    "id",
    "CustomerId",
    "customerID",
    "customer_id",
    "CUSTOMER ID",
    "cust-no",
    "Kunden-Nr.",
    "RowNumber",
    "clientnum",
    "CLIENTNUM",
    "customerid",
    "rownumber",
    "Lead Number",
    "primary key",
    "index",
    "id_customer",
    "EmployeeNumber",
    "user.uuid",
    "ID2",
    "accountNo",
    "policy no",
    "IdCliente",
    "IDCLIENTE",
    "Kundennummer",
    "Konto-Nr",
    "no customer",
    "row index",
    "Customer No Main",
    "Phone Number",
    "telephonenumber",
    "ssn",
    "msisdn",
    "customer_code",
    "cust_ref",
    "pk",
    "customer#",
    "Customer #",
]
OTHER_NAMES = [
    "paid",
    "grid",
    "november",
    "Covid",
    "nominal",
    "keyboard",
    "income",
    "no of calls",
    "Number of Products",
    "…",
    "NumOfProducts",
    "num_calls",
    "NUMBER_OF_VISITS",
    "indexed",
    "idle",
    "monkey",
    "numeric",
    "Alter",
    "",
    "customer_income",
    "account balance",
    "phone_minutes",
    "client revenue",
    "card_limit",
    "loan",
    "customers",
    "code_length",
    "# of calls",
    "numpersons",
    "reflectance",
    "no_emails",
    "price_index",
    "key presses",
    "number vmail messages",
]


@pytest.mark.parametrize("name", ID_NAMES)
def test_a_name_with_a_word_for_ids_is_recognised(name):
    assert names_an_id(name)


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_a_name_that_only_contains_the_letters_is_not(name):
    assert not names_an_id(name)


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("CustomerId", SHUFFLED, "1,000 different whole numbers in 1,000 rows, and its name says so"),
        ("seq", np.sort(SHUFFLED), "in the order of the file"),
        ("seq", np.sort(SHUFFLED)[::-1], "in the order of the file"),
        ("seq", RANDOM.permutation(1000) * 7.0 - 100, "in even steps"),
        ("seq", np.array([3, 1, 4, 2, 8, 6, 7, 5.0]), "in even steps"),
        ("seq", with_blanks(np.arange(1000) + 15_600_000.0, every=20), "in the order of the file"),
        (
            "seq",
            np.tile(np.arange(200.0), 2),
            "200 different whole numbers in 400 rows, restarting in several parts",
        ),
        ("seq", np.tile(with_blanks(np.arange(200.0), every=20), 3), "restarting in several parts"),
        ("customer", RANDOM.permutation(SHUFFLED), "and its name is only that of a customer or an account"),
        ("PHONE", with_blanks(SHUFFLED * 1000, every=3), "and its name is only that of a customer or an account"),
        ("seq", 15_600_000 + SHUFFLED - 1e6, "large and all within 10 % of each other"),
    ],
)
def test_ids_are_recognised_by_name_steps_or_order(name, values, words):
    assert find_id_reason(name, values).endswith(words)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("income", SHUFFLED),
        ("customer_id", SHUFFLED + 0.5),
        ("customer_id", np.concatenate([SHUFFLED, SHUFFLED[:20]])),
        ("age", np.array([30, 40, 50.0])),
        ("income", with_blanks(SHUFFLED, every=20)),
        ("income", with_blanks(np.sort(SHUFFLED), every=5)),
        ("age", RANDOM.permutation(with_blanks(np.arange(40.0), every=20))),
        ("revenue", RANDOM.choice(900_000, size=1000, replace=False) + 100_000.0),
        ("balance", RANDOM.choice(90_000_000, size=1000, replace=False) + 10_000_000.0),
        ("credit_limit", RANDOM.choice(2_000_000, size=1000, replace=False) + 10_000_000.0),
        ("distance", RANDOM.choice(80_000, size=1000, replace=False) + 900_000.0),
        ("month", np.tile(np.arange(24.0), 50)),
        ("month", np.tile(np.arange(120.0), 50)),
        ("calls", np.repeat(np.arange(200.0), 2)),
    ],
)
def test_a_column_without_such_a_sign_with_many_blanks_or_too_few_rows_is_a_number(name, values):
    assert find_id_reason(name, values) == ""


def test_a_column_with_many_blanks_is_an_id_by_its_name_alone():
    assert find_id_reason("customer_id", np.concatenate([SHUFFLED, [np.nan] * 500]))


def test_a_random_order_of_eight_is_an_id_by_chance_less_than_once_in_a_thousand():
    draws = [RANDOM.choice(10_000, size=8, replace=False).astype(float) for _ in range(3000)]
    assert sum(bool(find_id_reason("income", values)) for values in draws) <= 3


@pytest.mark.parametrize("header", ["store_id", "id_store", "IdCliente", "education-num", "customer"])
def test_shared_numbers_whose_name_may_mean_an_id_are_reported(header):
    shared = np.repeat(SHUFFLED, 3)
    assert describe_possible_id("x", header, shared) == (
        "x is a number, though its name may mean an id: --category x or --drop x, if so"
    )
    assert describe_possible_id("x", header, shared % 5) == ""
    assert describe_possible_id("x", header, shared + 0.5) == ""


@pytest.mark.parametrize("header", ["num_customer_calls", "number_vmail_calls", "price", "customer_income"])
def test_shared_numbers_with_other_names_are_not_reported(header):
    assert describe_possible_id("x", header, np.repeat(SHUFFLED, 3)) == ""


def test_different_numbers_of_five_digits_or_more_are_reported_and_kept():
    words = "income: 1,000 different whole numbers; --drop income, if it is a customer's number"
    assert describe_possible_id("income", "income", SHUFFLED) == words
    assert describe_possible_id("income", "income", with_blanks(SHUFFLED, every=5)).startswith(
        "income: 800 different"
    )
    for values in (SHUFFLED + 0.5, SHUFFLED - 1e6, SHUFFLED.round(-5), SHUFFLED[:5]):
        assert describe_possible_id("income", "income", values) == ""


@pytest.mark.parametrize(
    ("header", "cells", "words"),
    [
        ("", ["0", "1", "2"], "it is an index without a name: 3 different whole numbers in 3 rows"),
        ("", ["7.0", "3.0"], "it is an index without a name: 2 different whole numbers in 2 rows"),
        (" ", ["0", "1", "2"] * 40, ""),
        ("Unnamed: 0", [str(row % 100) for row in range(200)], "100 different whole numbers in 200 rows"),
        ("Unnamed: 0.1", ["b", "a", "c"], "3 different texts in 3 rows"),
        ("level_0", ["1", "0"], "2 different whole numbers in 2 rows"),
        ("Unnamed: 3", ["yes", "no"] * 10, ""),
        ("", ["yes", "no"] * 10, ""),
        ("", ["", " "], "it has no name and is blank in every row"),
        ("", ["1", "1"], ""),
        ("", ["b"], ""),
        ("plan", ["0", "1", "2"], ""),
    ],
)
def test_an_index_is_a_column_without_a_name_that_counts_or_differs_in_every_row(header, cells, words):
    reason = find_index_reason(header, texts(cells))
    assert reason.endswith(words)
    assert bool(reason) == bool(words)
