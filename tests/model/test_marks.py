"""Numbers with marks: each is read back however it is written, and a field accepts only its own marks."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn.errors import Problem
from churn.model.fields import Number
from churn.model.mark_words import describe_other_marks
from churn.model.marks import (
    SYMBOLS,
    WORDS,
    Marks,
    find_marked_number,
    read_marked_number,
    split_sign,
)
from tests.marked import spaces, write_number

SIGNS = st.sampled_from(["", *SYMBOLS, *WORDS])
DIGITS = st.integers(0, 10**12)


@given(
    whole=DIGITS,
    decimals=st.sampled_from(["", ".5", ".05", ".123", ".1234567"]),
    sign=SIGNS,
    before=st.booleans(),
    space=spaces,
    mark=st.sampled_from(["", ",", " ", "\u00a0", "\u202f", "'", "\u2019"]),
    minus=st.sampled_from(["", "-", "+"]),
    minus_first=st.booleans(),
)
def test_a_number_with_any_marks_is_read_back(whole, decimals, sign, before, space, mark, minus, minus_first):
    digits = f"{whole:,}".replace(",", mark) + decimals
    text = write_number(digits, sign=sign, before=before, space=space, minus=minus, minus_first=minus_first)
    marks = Marks(sign, thousands=bool(mark) and whole >= 1000)
    number = find_marked_number(f" {text}\u00a0")
    assert (number.value, number.marks) == (float(f"{minus}{whole}{decimals}"), marks)
    assert read_marked_number(text, marks) == number.value
    is_like_thousands = decimals == ".123" and 1 <= whole < 1000
    in_thousands = None if is_like_thousands else number.value
    assert read_marked_number(text.swapcase(), Marks(sign, thousands=True)) == in_thousands
    assert read_marked_number(text, Marks(sign, thousands=True), table_mark=".") == number.value
    assert read_marked_number(f"{minus}{whole}{decimals}", marks) == number.value
    for others in {Marks(sign), Marks("", thousands=True), Marks("₪", thousands=True)}:
        is_taken = marks.sign in ("", others.sign) and marks.thousands <= others.thousands
        assert (read_marked_number(text, others, table_mark=".") is not None) == is_taken
        without = marks.without(others).describe()
        if others.thousands and is_like_thousands:
            without += " and " * bool(without) + "a point that may be one of thousands"
            assert read_marked_number(text, others) is None
        if not is_taken or (others.thousands and is_like_thousands):
            assert describe_other_marks(text, others) == without


def test_a_point_belongs_to_an_abbreviation_and_hides_no_decimals():
    assert [find_marked_number(text).value for text in ("Rs.500", "kr. 5", "5 kr.", "Fr. 1'234.50")] == [
        500,
        5,
        5,
        1234.5,
    ]
    assert find_marked_number("$.50").value == 0.5
    assert find_marked_number("USD.50") is None


def test_thousands_in_the_indian_style_are_read():
    assert find_marked_number("₹12,34,567.50").value == 1234567.5


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "$",
            "kr",
            "$ off",
            "$5 off",
            "$5$",
            "$5 €",
            "5 % %",
            "--$5",
            "-$-5",
            "- 5 €",
            "A 10",
            "10 GB",
            "10m",
            "EURO 5",
        ),
        *(
            "1,23",
            "0,123",
            "01,234",
            "1,2345",
            "1234,567",
            "12,34",
            ",123",
            "1,234,56",
            "1,,234",
            "1, 234",
            "1,234.567.8",
        ),
        *(
            "1,234'567",
            "1 234,567",
            "1  234",
            "1.234.567",
            "1.234,50",
            "1?234",
            "1,234e3",
            "\u0661,\u0662\u0663\u0664",
        ),
        *("$1e999", f"${'9' * 401}", f"{'9' * 500} %", "$nan", "5\u017f$", "\u017fek 5", "%inf", "5\n%"),
    ],
)
def test_other_texts_are_not_numbers(text):
    assert find_marked_number(text) is None
    assert read_marked_number(text, Marks("$", thousands=True)) is None


@given(st.text(st.sampled_from("5,.$%+- \u00a0krsKS\u017f\u212a\u0130\u00df\u20ac"), max_size=8))
def test_any_text_is_a_number_or_none(text):
    number = find_marked_number(text)
    assert number is None or number.marks.sign in ("", *SYMBOLS, *WORDS)


def test_the_signs_are_those_of_the_list_and_no_others():
    for sign in (*SYMBOLS, *WORDS):
        assert split_sign(f"{sign}5") == split_sign(f"5{sign}") == (sign, "5")
        assert msgspec.json.decode(msgspec.json.encode(Marks(sign)), type=Marks) == Marks(sign)
    for sign in ("5", "eur", "-", " "):
        with pytest.raises(msgspec.ValidationError, match="is not a sign of a number"):
            msgspec.json.decode(msgspec.json.encode({"sign": sign}), type=Marks)


EURO = Marks("€", thousands=True, decimal_comma=True)


@pytest.mark.parametrize(
    ("text", "marks", "number"),
    [
        ("€1.234", EURO, 1234),
        ("1.234,50 €", EURO, 1234.5),
        ("1.234", EURO, 1234),
        ("29,85", EURO, 29.85),
        ("29.85", EURO, 29.85),  # it can be read in one way only
        ("€1,234.50", EURO, 1234.5),
        ("€1,234", EURO, None),  # 1.234, or a thousand in a list with points
        ("0,125 €", EURO, 0.125),
        ("$5", EURO, None),
        ("1 234 €", EURO, 1234),
        ("1.234 €", Marks("€", decimal_comma=True), None),
        ("1,234 €", Marks("€", decimal_comma=True), 1.234),
        ("€1.234", Marks("€", thousands=True), None),  # perhaps a thousand in a list with decimal commas
        ("1.234", Marks("€", thousands=True), None),
        ("€1,234", Marks("€", thousands=True), 1234),
        ("0.234", Marks("€", thousands=True), 0.234),
        ("€1.234", Marks("€"), 1.234),
        ("3\u2009700.40 €", Marks("€", thousands=True), 3700.4),
        ("3\u2007700 €", Marks("€", thousands=True), 3700),
        ("\u22125 €", Marks("€"), -5),
        ("€\u22125", Marks("€"), -5),
        ("\u22125", None, -5),
        ("(5 €)", Marks("€"), None),
        ("5-", None, None),
    ],
)
def test_a_text_is_read_with_the_decimal_mark_that_the_field_had_in_training(text, marks, number):
    assert read_marked_number(text, marks) == number


def test_a_comma_that_may_be_one_of_thousands_is_named():
    problem = Number("fee", marks=EURO).read("€1,234")
    assert isinstance(problem, Problem)
    assert "with a decimal comma in texts, without a comma that may be one of thousands" in str(problem.expected)
