"""The decimal mark of a table, and numbers with marks in a table with either mark."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn.model.marks import SYMBOLS, WORDS, Marks
from churn.tables.decimals import find_decimal_mark, number_reader
from tests.marked import spaces, write_number

MARKS_OF_THOUSANDS = [" ", "\u00a0", "\u202f", "'", "\u2019"]


@given(
    whole=st.integers(0, 10**12),
    decimals=st.from_regex(r"([0-9]{1,9})?", fullmatch=True),
    sign=st.sampled_from(["", *SYMBOLS, *WORDS]),
    before=st.booleans(),
    space=spaces,
    marks=st.sampled_from([(",", "."), (".", ","), *((".", mark) for mark in MARKS_OF_THOUSANDS)]),
    minus=st.sampled_from(["", "-"]),
)
def test_a_marked_number_is_read_back_with_the_decimal_mark_of_its_table(
    whole, decimals, sign, before, space, marks, minus
):
    decimal_mark, mark_of_thousands = marks
    digits = f"{whole:,}".replace(",", mark_of_thousands) + (decimal_mark + decimals if decimals else "")
    text = write_number(digits, sign=sign, before=before, space=space, minus=minus)
    field_marks = Marks(sign or "$", thousands=True)
    expected = float(f"{minus}{whole}.{decimals}")
    assert number_reader(decimal_mark, field_marks)(text) == expected
    if decimals and (len(decimals) != 3 or whole >= 1000):
        assert find_decimal_mark([], [text]) == decimal_mark
    without_a_mark = number_reader("", field_marks)(text)
    if {".", ","} & set(digits):
        assert isinstance(without_a_mark, str), "what can be read in two ways is no number"
    else:
        assert without_a_mark == expected


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["$1,234", "€1.234", "1.234 kr", "5"], ""),
        (["1.234.567", "17"], ","),
        (["1.234.567", "1.5"], "."),  # for example a telephone number
        (["$1,234,567"], "."),
        (["1.234,567"], ","),
        (["1 234,567"], ","),
        (["₹1,23,456.7"], "."),
        (["12.05.2024", "1.2.3", "a,b"], ""),
        (["5,5 %", "1.5", "2,5"], ","),
        (["1.07e-235", "17"], "."),
        (["-1,234E+5"], ","),  # no program writes thousands with an exponent
        (["1e5", "1.234"], ""),
    ],
)
def test_marked_cells_show_which_mark_is_decimal(cells, mark):
    assert find_decimal_mark([], cells) == mark


@pytest.mark.parametrize("mark", [".", ","])
def test_an_exponent_shows_that_a_number_of_a_field_without_marks_is_decimal(mark):
    assert find_decimal_mark(["17", f"1{mark}234e-5"]) == mark


def test_cells_of_fields_without_marks_show_no_more_than_before():
    assert find_decimal_mark(["$1.5", "1.234,50", "1.234.567", "1 234,5"]) == ""
