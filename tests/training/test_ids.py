"""Whole numbers that are ids or an index: what speaks for one, and what does not."""

import numpy as np
import pytest

from churn.training.columns import Texts
from churn.training.ids import find_id_reason, find_index_reason, is_like_an_id, names_an_id

RANDOM = np.random.default_rng(5)
SHUFFLED = RANDOM.choice(900_000, size=1000, replace=False) + 1e6
"""A thousand whole numbers, all different, in no order and with uneven steps."""


def texts(cells):
    distinct = list(dict.fromkeys(cells))
    return Texts(distinct, np.array([distinct.index(cell) for cell in cells]))


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
]


@pytest.mark.parametrize("name", ID_NAMES)
def test_a_name_with_a_word_for_ids_says_so(name):
    assert names_an_id(name)


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_a_name_that_only_contains_the_letters_does_not(name):
    assert not names_an_id(name)


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("CustomerId", SHUFFLED, "1,000 different whole numbers in 1,000 rows, and its name says so"),
        ("account", np.sort(SHUFFLED), "in the order of the file"),
        ("account", np.sort(SHUFFLED)[::-1], "in the order of the file"),
        ("account", RANDOM.permutation(1000) * 7.0 - 100, "in even steps"),
        ("account", np.array([3, 1, 4, 2, 8, 6, 7, 5.0]), "in even steps"),
    ],
)
def test_ids_are_told_by_name_steps_or_order(name, values, words):
    assert find_id_reason(name, values).endswith(words)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("income", SHUFFLED),
        ("customer_id", SHUFFLED + 0.5),
        ("customer_id", np.concatenate([SHUFFLED, SHUFFLED[:20]])),
        ("age", np.array([30, 40, 50.0])),
        ("income", np.concatenate([np.sort(SHUFFLED), [np.nan]])),
        ("income", np.concatenate([np.arange(1000.0), [np.nan]])),
    ],
)
def test_what_differs_without_such_a_sign_has_blanks_or_is_too_short_is_a_number(name, values):
    assert find_id_reason(name, values) == ""


def test_a_column_with_blanks_is_an_id_by_its_name_alone():
    assert find_id_reason("customer_id", np.concatenate([SHUFFLED, [np.nan] * 50]))


def test_a_random_order_of_eight_is_an_id_by_chance_less_than_once_in_a_thousand():
    draws = [RANDOM.choice(10_000, size=8, replace=False).astype(float) for _ in range(3000)]
    assert sum(bool(find_id_reason("income", values)) for values in draws) <= 3


def test_shared_ids_are_reported_and_codes_and_counts_are_not():
    shared = np.repeat(SHUFFLED, 3)
    assert is_like_an_id("store_id", shared)
    assert not is_like_an_id("store_id", shared % 5)
    assert not is_like_an_id("number_customer_calls", shared)
    assert not is_like_an_id("price", shared)


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
def test_an_index_is_a_column_without_a_name_that_counts_or_differs(header, cells, words):
    reason = find_index_reason(header, texts(cells))
    assert reason.endswith(words)
    assert bool(reason) == bool(words)
