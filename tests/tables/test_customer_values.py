"""The value of a customer from the cells of a column; tests/batch/test_gains.py has whole files."""

import math
from datetime import date

import pytest

from churn.model.contract import Contract
from churn.model.fields import Category, Number
from churn.model.gain import Terms
from churn.model.marks import Marks
from churn.tables.customer_values import ColumnMarks, GainPlan, NoValue, ValueColumn, make_value_reader

BLANK, NO = NoValue.BLANK, NoValue.NOT_A_NUMBER
CONTRACT = Contract(
    (
        Number("charges"),
        Number("fee", marks=Marks("€", thousands=True, decimal_comma=True)),
        Number("age", missing=("na", "-1")),
        Category("plan", ("basic",)),
    )
)


def read(name: str, cells: list, *, months: float = 1.0) -> list:
    plan = GainPlan(Terms(10, 1, 0.3), ValueColumn(name, months))
    reader = make_value_reader(plan, CONTRACT, cells)
    return [reader.read(cell) for cell in cells]


def test_a_field_is_read_as_the_model_reads_it():
    assert read("charges", ["29.85", " 5 ", "\u22125", "1e2", 7, 2.5]) == [29.85, 5, -5, 100, 7, 2.5]
    assert read("charges", ["29,85", "$5", "1,234.5", True, date(2026, 5, 31), []]) == [NO] * 6
    assert read("fee", ["1.234,50 €", "17,5", "$17", "29.85"]) == [1234.5, 17.5, NO, 29.85]


def test_a_blank_of_a_field_gives_no_value_whatever_the_model_takes_it_for():
    assert read("charges", [None, "", "  ", "NA"]) == [BLANK, BLANK, BLANK, NO]
    assert read("age", ["NA", "-1", -1, -1.0, "41"]) == [BLANK, BLANK, BLANK, BLANK, 41]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["29.85", "1200", ""], [29.85, 1200, BLANK]),
        (["$1,200.50", "17", "€5", "$17"], [1200.5, 17, NO, 17]),
        (["1.234,50 €", "29,85", "1.234"], [1234.5, 29.85, 1234]),
        (["29,85", "1.234"], [29.85, 1234]),
        (["29.85", "1,234"], [29.85, 1234]),
        (["1,234,567", "5"], [1234567, 5]),
        (["5 %", "7"], [5, 7]),
        (["high", "n/a", "2026-05-31", "nan", "inf"], [NO] * 5),
        ([5, 2.5, None, False, math.inf, math.nan], [5, 2.5, BLANK, NO, NO, NO]),
        ([10**400, 1e99, -1e101], [NO, 1e99, NO]),
    ],
)
def test_another_column_is_read_by_the_marks_that_its_first_texts_have(cells, values):
    assert read("worth", cells) == values


def test_the_value_is_the_months_times_the_number():
    assert read("charges", ["29.85", "", 1e100], months=12) == [12 * 29.85, BLANK, NO]


def test_marks_of_thousands_further_down_are_read_where_the_decimal_mark_is_known():
    assert ColumnMarks.learn(["29.85", "5"]).make_reader()("1,234.50") == 1234.5
    assert ColumnMarks.learn(["5"]).make_reader(table_mark=",")("1.234") == 1234


def test_an_ambiguous_thousand_is_not_guessed():
    """Nothing shows which mark is decimal, and the sign alone does not: it may be one and a fraction."""
    assert ColumnMarks.learn(["1.234", "17"]).make_reader()("1.234") == 1.234  # a point is the usual mark
    assert not isinstance(ColumnMarks.learn(["1.234"]).make_reader(usual_mark="")("1.234"), float)


def test_a_column_is_found_in_any_spelling_and_a_wrong_one_is_named():
    assert ValueColumn("monthly_charges").place(["id", " Monthly Charges"]) == 1
    with pytest.raises(ValueError, match="did you mean 'monthly_charges'"):
        ValueColumn("monthlycharge").place(["id", "Monthly Charges"])
    with pytest.raises(ValueError, match="two columns 'id'"):
        ValueColumn("id").place(["id", "ID"])
