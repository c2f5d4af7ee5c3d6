"""The contract: the values that each kind of field accepts, and every problem of a customer at once."""

import msgspec
import pytest

from churn.errors import CustomerError
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Flag, Number, Where
from churn.model.marks import Marks

CONTRACT = Contract(
    (
        Category("contract", ("month-to-month", "one_year", "two_year")),
        Flag("senior"),
        Number("tenure", 0.0, 72.0, non_negative=True),
        Number("total", 18.8, 8684.8, non_negative=True, blank=Blank(0.0, Where("tenure", 0.0))),
        Number("balance", -5.0, 5.0),
    )
)
GOOD = {"contract": "two_year", "senior": 0, "tenure": 24, "total": 700.5, "balance": -1}


def problems(customer) -> list[tuple]:
    with pytest.raises(CustomerError) as refusal:
        CONTRACT.read_customer(customer)
    return [(problem.field, problem.problem) for problem in refusal.value.problems]


def test_a_clean_customer_is_read_as_it_is():
    assert CONTRACT.read_customer(GOOD) == {
        "contract": "two_year",
        "senior": 0.0,
        "tenure": 24.0,
        "total": 700.5,
        "balance": -1.0,
    }


def test_raw_spelling_strings_for_numbers_and_extra_fields_read_the_same():
    raw = {" Contract": "Two year ", "SENIOR": "0", "Tenure": " 24", "TOTAL": "700.5", "balance": "-1", "id": {}}
    assert CONTRACT.read_customer(raw) == CONTRACT.read_customer(GOOD)


@pytest.mark.parametrize("value", [0, 1, 0.0, 1.0, True, False, "0", "1", "1.0"])
def test_a_flag_accepts_zero_one_true_and_false(value):
    assert CONTRACT.read_customer(GOOD | {"senior": value})["senior"] == float(value)


@pytest.mark.parametrize("value", [2, -1, 0.5, "yes", "null", [], {}, float("nan")])
def test_a_flag_accepts_nothing_else(value):
    assert problems(GOOD | {"senior": value}) == [("senior", "not 0 or 1")]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (True, "not a number"),
        ([24], "not a number"),
        ({}, "not a number"),
        ("two", "not a number"),
        ("nan", "not a number"),
        ("1e999", "not a number"),
        (float("nan"), "not finite"),
        (float("inf"), "not finite"),
        (-float("inf"), "not finite"),
        (10**400, "not finite"),
        (-1, "negative"),
        ("-0.5", "negative"),
        ("", "blank"),
        ("  ", "blank"),
        (None, "blank"),
    ],
)
def test_a_value_that_is_not_a_number_is_refused_by_a_number(value, problem):
    assert problems(GOOD | {"tenure": value}) == [("tenure", problem)]


def test_a_number_outside_of_the_observed_range_is_accepted():
    assert CONTRACT.read_customer(GOOD | {"tenure": 73})["tenure"] == 73.0
    assert CONTRACT.read_customer(GOOD | {"balance": -500})["balance"] == -500.0


def test_a_blank_means_its_number_only_where_its_condition_holds():
    assert CONTRACT.read_customer(GOOD | {"tenure": 0, "total": " "})["total"] == 0.0
    assert CONTRACT.read_customer(GOOD | {"tenure": "0", "total": ""})["total"] == 0.0
    assert problems(GOOD | {"total": " "}) == [("total", "blank")]
    assert CONTRACT.read_customer(GOOD | {"tenure": 0, "total": None})["total"] == 0.0
    assert problems(GOOD | {"total": None}) == [("total", "blank")]
    assert problems(GOOD | {"tenure": None, "total": " "}) == [("tenure", "blank"), ("total", "blank")]
    assert problems(GOOD | {"tenure": 0, "total": float("nan")}) == [("total", "not finite")]


BLANKS = ["", " ", "\t\n", None]


@pytest.mark.parametrize("blank", BLANKS)
def test_a_blank_without_a_condition_is_accepted_anywhere(blank):
    contract = Contract((Number("age", blank=Blank(41.0)),))
    assert contract.read_customer({"age": blank}) == {"age": 41.0}


@pytest.mark.parametrize("blank", [*BLANKS, "NA", -1, "-1.0"])
def test_a_blank_with_its_own_weight_stays_a_blank(blank):
    contract = Contract((Number("age", 18.0, 90.0, blank=Blank(41.0, apart=True), missing=("na", "-1")),))
    assert contract.read_customer({"age": blank}) == {"age": ""}
    assert contract.fields[0].expected == "a finite number, or blank"


def test_the_contracts_json_marks_a_blank_with_its_own_weight_and_adds_nothing_to_others():
    apart, plain = (Contract((Number("age", blank=Blank(41.0, apart=apart)),)) for apart in (True, False))
    assert msgspec.to_builtins(apart)["fields"][0]["blank"] == {"value": 41.0, "apart": True}
    assert msgspec.to_builtins(plain)["fields"][0]["blank"] == {"value": 41.0}
    assert msgspec.json.decode(msgspec.json.encode(apart), type=Contract) == apart


def test_a_blank_with_its_own_weight_has_no_condition():
    with pytest.raises(ValueError, match="has no condition"):
        Blank(41.0, Where("plan", "basic"), apart=True)


@pytest.mark.parametrize("blank", BLANKS)
def test_a_blank_without_a_meaning_in_the_contract_is_the_problem_blank_in_every_kind_of_field(blank):
    assert problems(dict.fromkeys(GOOD, blank)) == [(name, "blank") for name in GOOD]


@pytest.mark.parametrize("blank", BLANKS)
def test_a_blank_is_a_category_where_training_had_blanks_and_can_be_a_blank_numbers_condition(blank):
    fields = (Category("plan", ("", "basic")), Number("paid", blank=Blank(0.0, Where("plan", ""))))
    contract = Contract(fields)
    assert contract.read_customer({"plan": blank, "paid": blank}) == {"plan": "", "paid": 0.0}
    with pytest.raises(CustomerError) as refusal:
        contract.read_customer({"plan": "basic", "paid": blank})
    told = "paid: blank (expected a finite number; blank only where plan is blank)"
    assert [str(problem) for problem in refusal.value.problems] == [told]


def test_the_words_of_a_problem_call_an_empty_category_blank():
    problem = Category("plan", ("", "basic", "gold")).read("silver")
    assert str(problem) == "plan: unknown category (expected blank, basic, gold)"


@pytest.mark.parametrize("categories", [("false", "true"), ("", "false", "true")])
def test_a_category_whose_known_values_are_true_and_false_accepts_the_booleans(categories):
    field = Category("member", categories)
    assert [field.read(value) for value in (True, False, "True", " FALSE ")] == ["true", "false", "true", "false"]
    assert field.read(1).problem == field.read(0.0).problem == "not a text"


@pytest.mark.parametrize(
    "categories", [("no", "yes"), ("true",), ("", "false"), ("false", "true", "unknown"), ("0", "1")]
)
def test_a_category_with_any_other_known_values_accepts_no_boolean(categories):
    field = Category("member", categories)
    assert [field.read(value).problem for value in (True, False)] == ["not a text"] * 2


def test_all_problems_are_reported_at_once_in_the_order_of_the_fields():
    assert problems({"contract": "three_years", "tenure": -1, "total": None}) == [
        ("contract", "unknown category"),
        ("senior", "missing"),
        ("tenure", "negative"),
        ("total", "blank"),
        ("balance", "missing"),
    ]


@pytest.mark.parametrize(
    ("value", "nearest"),
    [("two yeer", "two_year"), ("Month to month", "month-to-month"), ("qqq", None), ("two_year" * 100, None)],
)
def test_an_unknown_category_comes_with_the_nearest_known_one(value, nearest):
    with pytest.raises(CustomerError) as refusal:
        CONTRACT.read_customer(GOOD | {"contract": value})
    (problem,) = refusal.value.problems
    assert (problem.expected, problem.did_you_mean) == (("month-to-month", "one_year", "two_year"), nearest)


def test_an_unknown_value_of_thousands_of_categories_is_refused_without_listing_or_comparing_them_all():
    many = Category("city", tuple(f"city_{number}" for number in range(3_000)))
    assert many.read("City 7") == "city_7"
    problem = many.read("city_x")
    assert (problem.expected, problem.did_you_mean) == ("one of 3000 known categories", None)


def test_a_field_given_in_two_spellings_is_refused_even_with_equal_values():
    assert problems(GOOD | {"Tenure": 24}) == [("tenure", "given twice")]


@pytest.mark.parametrize("customer", [None, 1, "text", [], [GOOD], True])
def test_a_value_that_is_not_an_object_is_one_problem(customer):
    assert problems(customer) == [(None, "not an object")]


def test_a_problem_never_holds_the_customers_value():
    secret = "secret-4711"
    with pytest.raises(CustomerError) as refusal:
        CONTRACT.read_customer(dict.fromkeys(GOOD, secret))
    assert len(refusal.value.problems) == 5
    assert secret not in str([problem.to_json() for problem in refusal.value.problems])


def test_a_contract_survives_its_json():
    assert msgspec.json.decode(msgspec.json.encode(CONTRACT), type=Contract) == CONTRACT


@pytest.mark.parametrize(
    "fields",
    [
        (Flag("a"), Flag("a")),
        (Flag("Not Clean"),),
        (Category("a", ("Not Clean",)),),
        (Number("a", blank=Blank(0.0, Where("nowhere", 0.0))),),
    ],
)
def test_a_contract_that_no_customer_could_fulfil_is_refused(fields):
    with pytest.raises(ValueError, match=r"same name|clean spelling|not a field"):
        Contract(fields)


FEE = Number("fee", 0.0, 9000.0, True, Blank(5.0), Marks("$", thousands=True))


@pytest.mark.parametrize(
    "value", [1234.5, "1234.5", "$1,234.50", "1,234.50 $", " $ 1234.5", "1\u202f234.5", "+$1'234.5"]
)
def test_a_number_with_marks_accepts_a_text_with_all_some_or_none_of_them(value):
    assert FEE.read(value) == 1234.5


@pytest.mark.parametrize("value", ["", " ", None])
def test_a_blank_of_a_number_with_marks_means_the_same_as_without(value):
    assert FEE.read(value) == Blank(5.0)


@pytest.mark.parametrize(
    ("field", "value", "problem", "expected"),
    [
        (Number("n", non_negative=True), "$5", "not a number", "a finite number, 0 or more, without the sign $"),
        (Number("n"), "1,234", "not a number", "a finite number, without thousands marks"),
        (Number("n"), "7,654 eur", "not a number", "a finite number, without the sign EUR and thousands marks"),
        (Number("n"), "five", "not a number", "a finite number"),
        (Number("n"), "1.234,5", "not a number", "a finite number, without thousands marks and a decimal comma"),
        (Number("n"), "1,5", "not a number", "a finite number, without a decimal comma"),
        (Number("n"), "1,5 €", "not a number", "a finite number, without the sign € and a decimal comma"),
        (Number("n"), "(5)", "not a number", "a finite number, without parentheses"),
        (Number("n"), "5-", "not a number", "a finite number, without a minus after it"),
        (
            Number("n", marks=Marks("€", thousands=True)),
            "1.234",
            "not a number",
            "a finite number, with or without the sign € and thousands marks, "
            "without a point that may be one of thousands",
        ),
        (Number("n", blank=Blank(1.0)), "26 %", "not a number", "a finite number, without the sign %, or blank"),
        (
            Number("n", marks=Marks("%")),
            "€5",
            "not a number",
            "a finite number, with or without the sign %, without the sign €",
        ),
        (
            FEE,
            "-$5",
            "negative",
            "a finite number, 0 or more, with or without the sign $ and thousands marks, or blank",
        ),
        (
            FEE,
            "$1.234,5",
            "not a number",
            "a finite number, 0 or more, with or without the sign $ and thousands marks, "
            "without a decimal comma, or blank",
        ),
        (FEE, True, "not a number", FEE.expected),
        (FEE, "$1e999", "not a number", FEE.expected),
    ],
)
def test_a_text_that_is_not_a_number_because_of_a_mark_is_refused_with_the_mark_and_not_the_value(
    field, value, problem, expected
):
    refused = field.read(value)
    assert (refused.problem, refused.expected) == (problem, expected)


def test_a_flag_has_no_marks():
    assert Flag("member").read("$1").problem == "not 0 or 1"


def test_a_contract_without_marks_is_written_as_before():
    assert msgspec.json.encode(Number("n", 0.0, 1.0)) == b'{"kind":"number","name":"n","minimum":0.0,"maximum":1.0}'
    written = msgspec.json.encode(Number("n", marks=Marks("%")))
    assert written == b'{"kind":"number","name":"n","marks":{"sign":"%"}}'
    assert msgspec.json.decode(written, type=Number) == Number("n", marks=Marks("%"))


LIMITED = Number("tenure", 0.0, 72.0, non_negative=True, lowest=0.0, highest=144.0)


@pytest.mark.parametrize(
    ("field", "value", "problem", "expected"),
    [
        (LIMITED, 500, "out of range", "0 to 144; training saw 0 to 72"),
        (LIMITED, "144.5", "out of range", "0 to 144; training saw 0 to 72"),
        (LIMITED, 10**300, "out of range", "0 to 144; training saw 0 to 72"),
        (LIMITED, -1, "negative", "a finite number, 0 or more"),
        (
            Number("n", -5.0, 5.0, lowest=-15, highest=15),
            -15.5,
            "out of range",
            "-15 to 15; training saw -5 to 5",
        ),
        (Number("n", highest=1234567.5), 1234568, "out of range", "1234567.5 or less"),
        (Number("n", minimum=1.0, lowest=0.5), 0, "out of range", "0.5 or more; training saw 1 or more"),
    ],
)
def test_a_number_beyond_its_limits_is_refused_with_the_range_of_training_and_never_the_value(
    field, value, problem, expected
):
    refused = field.read(value)
    assert (refused.problem, refused.expected) == (problem, expected)


@pytest.mark.parametrize("value", [0, 72, 73, 144, "144.0", -0.0])
def test_a_number_within_its_limits_is_accepted_though_training_did_not_see_it(value):
    assert LIMITED.read(value) == float(value)


def test_the_number_that_a_blank_stands_for_is_never_out_of_range():
    contract = Contract((Number("total", 18.8, 20.0, True, Blank(0.0), lowest=17.6, highest=21.2),))
    assert contract.read_customer({"total": " "}) == {"total": 0.0}
    assert contract.fields[0].read(0.0).problem == "out of range"


@pytest.mark.parametrize("word", ["NA", " na ", "Na", "?", "-99", "-99.0", -99, -99.0, " -9.9e1"])
def test_a_fields_own_words_for_a_blank_are_blanks_for_it_in_any_case_and_number_spelling(word):
    contract = Contract((Number("age", blank=Blank(41.0), missing=("na", "?", "-99")), Number("balance")))
    assert contract.read_customer({"age": word, "balance": 1}) == {"age": 41.0, "balance": 1.0}
    if isinstance(word, str) and not any(letter.isdigit() for letter in word):
        with pytest.raises(CustomerError) as refusal:
            contract.read_customer({"age": 1, "balance": word})
        assert [str(problem) for problem in refusal.value.problems] == [
            "balance: not a number (expected a finite number)"
        ]


def test_a_word_for_a_blank_is_the_problem_blank_where_a_blank_stands_for_nothing():
    assert Number("age", missing=("na",)).read("NA").problem == "blank"
    assert Category("plan", ("basic",), missing=("na",)).read("NA").problem == "blank"
    assert Category("plan", ("", "basic"), missing=("na",)).read("N A").problem == "unknown category"
    assert Category("plan", ("", "basic"), missing=("na",)).read("NA") == ""


def test_nan_is_a_blank_where_training_had_the_word_for_it():
    assert Number("age", blank=Blank(1.0), missing=("nan",)).read(float("nan")) == Blank(1.0)
    assert Number("age", blank=Blank(1.0), missing=("na",)).read(float("nan")).problem == "not finite"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Category("plan", ("na", "basic"), missing=("na",)),
        lambda: Category("plan", ("basic",), missing=("N A",)),
        lambda: Number("n", missing=("",)),
        lambda: Number("n", 0.0, 9.0, lowest=1.0),
        lambda: Number("n", 0.0, 9.0, highest=8.0),
    ],
)
def test_words_and_limits_that_contradict_the_field_are_refused(make):
    with pytest.raises(ValueError, match=r"word|limits"):
        make()


def test_a_contract_without_limits_groups_and_words_is_written_as_before():
    contract = Contract((Category("plan", ("a",)), Number("n", 0.0, 1.0)))
    assert msgspec.json.encode(contract) == (
        b'{"fields":[{"kind":"category","name":"plan","categories":["a"]},'
        b'{"kind":"number","name":"n","minimum":0.0,"maximum":1.0}]}'
    )
