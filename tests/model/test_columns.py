"""The grammar of column names: for any fields and categories, a name is read back as the column that it is of."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from churn.model.columns import (
    AtLeast,
    Both,
    Equals,
    IsBlank,
    Itself,
    OneCategory,
    Ramp,
    Within,
    can_name_condition,
    category_column,
    is_reserved,
    log_column,
    read_column,
)

PIECES = st.sampled_from(
    [
        "a",
        "x",
        '"',
        "\\",
        ",",
        "1.0",
        ">",
        ">=",
        "*",
        "(",
        ")",
        "log1p(",
        "ramp(",
        "within(",
        "both(",
        "blank(",
        "\ud800",
        "\n",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=6).map("".join)
FIELDS = TEXTS.filter(lambda field: field and "=" not in field and not is_reserved(field))
"""The names that training accepts; it refuses the others."""
CATEGORIES = TEXTS | st.sampled_from(["=", "a=b", "*", ""])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def conditions(draw) -> AtLeast | Equals:
    field = draw(FIELDS.filter(can_name_condition))
    if draw(st.booleans()):
        return AtLeast(field, draw(NUMBERS))
    return Equals(field, draw(st.none() | CATEGORIES.filter(lambda known: can_name_condition(field, known))))


SHAPES = (
    st.builds(Within, FIELDS, NUMBERS, NUMBERS, st.booleans())
    | st.builds(Ramp, FIELDS, NUMBERS, NUMBERS)
    | st.builds(IsBlank, FIELDS, NUMBERS)
    | st.builds(Both, conditions(), conditions())
)


@given(SHAPES)
def test_a_columns_name_is_read_back_as_the_column(column):
    name = str(column)
    assert read_column(name) == column
    assert is_reserved(name)
    assert read_column(name, separator=":") == column  # the separator concerns categories only


@given(FIELDS, CATEGORIES)
def test_a_categorys_column_is_never_taken_for_another(field, category):
    assert read_column(category_column(field, category)) == OneCategory(field, category)


@given(FIELDS)
def test_a_number_and_its_logarithm_are_read_back(field):
    assert read_column(log_column(field)) == Itself(field, logarithm=True)
    assume(not re.fullmatch(r"log1p\(.+\)", field, re.DOTALL))  # in this form the name is read as the logarithm
    assert read_column(field) == Itself(field)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("within(tenure,0.0,72.0)", Within("tenure", 0.0, 72.0)),
        ("log1p(within(tenure,0.0,72.0))", Within("tenure", 0.0, 72.0, logarithm=True)),
        ("ramp(tenure,12,24)", Ramp("tenure", 12.0, 24.0)),
        ("ramp(a,1.0,2.0,-3.5e-05,1e+16)", Ramp("a,1.0,2.0", -3.5e-05, 1e16)),
        ("blank(income,1200.5)", IsBlank("income", 1200.5)),
        ('both("plan=a, \\"b\\"","tenure>=12.0")', Both(Equals("plan", 'a, "b"'), AtLeast("tenure", 12.0))),
        ('both("plan=*","plan=>=12.0")', Both(Equals("plan", None), Equals("plan", ">=12.0"))),
        ('both("a>>=12.0","b=")', Both(AtLeast("a>", 12.0), Equals("b", ""))),
        ("log1p(tenure)", Itself("tenure", logarithm=True)),
        ("log1p(a=b)", OneCategory("log1p(a", "b)")),
        ("contract=two_year=x", OneCategory("contract", "two_year=x")),
    ],
)
def test_names_as_a_model_file_has_them(name, column):
    assert read_column(name) == column


def test_names_are_written_so_that_a_person_can_read_them():
    assert str(Both(Equals("größe", 'a "b"'), AtLeast("tenure", 12.0))) == 'both("größe=a \\"b\\"","tenure>=12.0")'
    assert str(Within("tenure", 0.0, 72.0, logarithm=True)) == "log1p(within(tenure,0.0,72.0))"


@pytest.mark.parametrize(
    "name",
    [
        "ramp(tenure,12)",
        "ramp(tenure,12,24",
        "ramp(,1,2)",
        "ramp(tenure,nan,24)",
        "ramp(tenure,1_0,24)",
        "ramp(tenure, 1,24)",
        "within(tenure,0,inf)",
        "Ramp(tenure,1,2)",
        "blank(tenure)",
        "both(a,b)",
        'both("a","b")',
        'both("a~1.0","b>1.0")',
        'both("a","b" )',
        pytest.param('both("a>1.0",' + "[" * 200_000 + ")", id="deep"),
    ],
)
def test_a_name_that_is_only_nearly_a_columns_is_the_name_of_a_plain_number(name):
    assert read_column(name) == Itself(name)


@pytest.mark.parametrize("text", ["1_0", " 1", "nan", "inf", "", "0x1", "\u0661"])
def test_a_condition_compares_only_with_a_number_as_python_writes_it(text):
    name = f'both("a>={text}","b>=1.0")'
    assert read_column(name) == OneCategory('both("a>', name.partition("=")[2])


@pytest.mark.parametrize("name", ["ramp(a,1e999,1e1000)", "within(a,-1e999,0)", "blank(a,1e999)"])
def test_a_number_beyond_a_double_is_refused(name):
    with pytest.raises(ValueError, match="not finite"):
        read_column(name)


@pytest.mark.parametrize(
    "name",
    [
        "within(" + ",1" * 1_000_000,
        "ramp(" + "1" * 2_000_000 + ",1,1",
        "ramp(a," + "1," * 1_000_000 + "x)",
        'both("' + "\\\\" * 1_000_000 + '","b=1"',
        'both("' + '","' * 1_000_000,
        "log1p(within(" * 200_000,
    ],
    ids=lambda name: name[:20],
)
def test_a_name_of_megabytes_is_read_in_one_pass(name):
    """With time that grows with the square of the length it would take hours."""
    assert isinstance(read_column(name), Itself | OneCategory)


@pytest.mark.parametrize(
    ("field", "category", "can"),
    [("tenure", None, True), ("a>b", None, True), ("a>", None, False), ("plan", "**", True), ("plan", "*", False)],
)
def test_which_fields_and_categories_can_be_in_a_condition(field, category, can):
    assert can_name_condition(field, category) is can


def test_a_field_whose_name_begins_like_a_columns_is_reserved():
    assert all(map(is_reserved, ("within(", "ramp(a", "blank(a,1.0)", 'both("', "log1p(within(a")))
    assert not any(map(is_reserved, ("within", "ramps(a)", "a ramp(", "log1p(a)", "both", "")))
