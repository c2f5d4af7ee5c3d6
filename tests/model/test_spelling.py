"""The spelling rule: what it folds, and that applying it twice changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn.model.spelling import clean, is_blank, read_number


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ("Two year", "two_year"),
        ("  Bank transfer (automatic) ", "bank_transfer_(automatic)"),
        ("\tSeniorCitizen\n", "seniorcitizen"),
        ("two  years", "two__years"),
        ("", ""),
    ],
)
def test_names_are_trimmed_lowered_and_underscored(spelled, expected):
    assert clean(spelled) == expected


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text):
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    "text", ["nan", "inf", "-Infinity", "1_000", "٣", "0x10", "1e999", "1,5", "", " ", "--1", "1e", "9" * 401]
)
def test_a_text_that_only_python_reads_as_a_number_is_not_a_number(text):
    assert read_number(text) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_float_is_read_back_from_its_own_spelling(number):
    assert read_number(f"  {number!r} ") == number


@pytest.mark.parametrize(
    ("value", "blank"),
    [
        *[(value, True) for value in ("", " ", "\t\n", "\u00a0", None)],
        *[(value, False) for value in ("0", "null", 0, 0.0, False, [], {}, float("nan"))],
    ],
)
def test_blank_is_an_empty_or_all_space_text_or_null(value, blank):
    assert is_blank(value) is blank
