"""A model without a card is served whatever spelling it was trained with, and by every way in it gives scikit-learn's
answers for customers in that spelling. Columns for which that is impossible are refused with their names.
"""

import itertools
import pickle

import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from churn.errors import CustomerError
from churn.model.clean_columns import clean_columns
from churn.model.fields import Category, Number
from churn.model.file import load_model
from churn.model.spelling import clean
from churn.pickles.linear_model import LinearModel
from tests import ways_in
from tests.pairs import refusal

PLANS = ["Two year", "One year", "NA", "", " Month-to-month", "a=b", "x: y", "TRUE"]
PAPERS = ["Yes", "No"]
CUSTOMERS = [
    {
        "Plan Type": plan,
        "PaperlessBilling": paper,
        "tenure": float(number % 7),
        "Monthly Charges": 20.5 + number,
        " Senior ": number % 2 == 0,
    }
    for number, (plan, paper) in enumerate(itertools.product(PLANS, PAPERS))
] * 2
LEFT = [number % 5 % 2 for number in range(len(CUSTOMERS))]


def write(path, customers=CUSTOMERS, separator="="):
    """The pair that scikit-learn fits to customers in their own spelling."""
    dv = DictVectorizer(separator=separator)
    model = LogisticRegression(C=100.0).fit(dv.fit_transform(customers), LEFT[: len(customers)])
    path.write_bytes(pickle.dumps((dv, model)))
    return list(model.predict_proba(dv.transform(customers))[:, 1])


def as_numbers(customers):
    """True and false as 1 and 0, since no column's name shows that a number was a flag."""
    return [
        {name: float(value) if isinstance(value, bool) else value for name, value in customer.items()}
        for customer in customers
    ]


def spell_clean(customer):
    return {clean(name): clean(value) if isinstance(value, str) else value for name, value in customer.items()}


@pytest.mark.parametrize("separator", ["=", ":", "_", " ", " = ", "==", "e"])
def test_customers_in_raw_and_in_clean_spelling_get_scikit_learns_answer_for_raw_ones(separator, tmp_path):
    names = ["Tarif", "Paper", "TENURE", "Sum", "Old"] if separator == "e" else list(CUSTOMERS[0])
    names = [name.replace("e", "E") if separator == "e" else name.replace(separator, "-") for name in names]
    customers = [dict(zip(names, customer.values(), strict=True)) for customer in CUSTOMERS]
    expected = write(tmp_path / "theirs.bin", customers, separator)
    scorer = load_model(tmp_path / "theirs.bin").scorer
    for spelled in (customers, list(map(spell_clean, customers))):
        assert scorer.score_customers(as_numbers(spelled)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("way", ways_in.ALL, ids=lambda way: way.__name__)
def test_every_way_in_gives_scikit_learns_answer_for_both_spellings(way, tmp_path):
    expected = write(tmp_path / "theirs.bin")
    service = ways_in.serve(tmp_path / "theirs.bin", tmp_path)
    for customers in (CUSTOMERS, list(map(spell_clean, CUSTOMERS))):
        outcomes = way(service, as_numbers(customers))
        ways_in.assert_equal(outcomes, [ways_in.Outcome(probability) for probability in expected], way.__name__)


def test_the_contract_lists_clean_names_and_problems_use_them(tmp_path):
    write(tmp_path / "theirs.bin")
    scorer = load_model(tmp_path / "theirs.bin").scorer
    plans = ("", "month-to-month", "a=b", "na", "one_year", "true", "two_year", "x:_y")
    assert {(type(field), field.name) for field in scorer.contract.fields} == {
        *((Category, "plan_type"), (Category, "paperlessbilling")),
        *((Number, "tenure"), (Number, "monthly_charges"), (Number, "senior")),
    }
    (plan,) = (field for field in scorer.contract.fields if field.name == "plan_type")
    assert sorted(plan.categories) == sorted(plans)
    customer = as_numbers(CUSTOMERS)[0] | {"Plan Type": "Three years", "tenure": "long"}
    with pytest.raises(CustomerError) as error:
        scorer.log_odds(customer)
    assert [(problem.field, problem.problem) for problem in error.value.problems] == [
        ("plan_type", "unknown category"),
        ("tenure", "not a number"),
    ]
    assert set(error.value.problems[0].expected) == set(plans)


def test_blank_and_na_are_the_categories_that_they_were(tmp_path):
    expected = write(tmp_path / "theirs.bin")
    scorer = load_model(tmp_path / "theirs.bin").scorer
    for place, spellings in ((PLANS.index("") * 2, ("", "  ", None)), (PLANS.index("NA") * 2, ("NA", "na", " Na "))):
        for spelling in spellings:
            customer = as_numbers(CUSTOMERS)[place] | {"Plan Type": spelling}
            assert scorer.score_customers([customer]) == pytest.approx([expected[place]], abs=1e-12)


def linear(*names: str, separator: str = "=") -> LinearModel:
    return LinearModel({name: float(place) for place, name in enumerate(names)}, 0.5, separator, (0, 1))


def test_a_model_in_clean_spelling_is_not_changed():
    names = (
        *("contract=two_year", "contract=", "tenure", "log1p(tenure)", "within(charges,0.0,72.0)"),
        *("log1p(within(charges,0.0,72.0))", "ramp(charges,12.0,24.0)", "blank(charges,29.0)"),
        'both("contract=two_year","charges>=12.0")',
    )
    assert clean_columns(linear(*names)) == linear(*names)
    assert clean_columns(linear("a_b_c", "d", separator="_")) == linear("a_b_c", "d", separator="_")


def test_names_are_cleaned_and_weights_stay():
    cleaned = clean_columns(linear("Contract=Two year", " Tenure", "log1p(Total Charges)"))
    assert cleaned == linear("contract=two_year", "tenure", "log1p(total_charges)")


def test_another_separator_is_used_where_a_clean_name_would_be_read_as_another(tmp_path):
    cleaned = clean_columns(linear("Senior Citizen_Yes", "Monthly Charges", "Plan_a=b", separator="_"))
    assert cleaned.separator == "="
    assert list(cleaned.weights) == ["senior_citizen=yes", "monthly_charges", "plan=a=b"]
    cleaned = clean_columns(linear("Senior Citizen_Yes", "Size=Large", separator="_"))
    assert (cleaned.separator, list(cleaned.weights)) == (":", ["senior_citizen:yes", "size=large"])


@pytest.mark.parametrize("name", ["Log1p(tenure)", "Ramp(tenure,1.0,2.0)", "Blank(tenure,1.0)", "Within(a,1.0,2.0)"])
def test_a_name_that_means_something_else_in_clean_spelling_is_refused(name):
    with pytest.raises(ValueError, match="mean something else in clean spelling"):
        clean_columns(linear(name))


REFUSED = {
    "names": (("Contract=a", "contract=a"), "columns 'Contract=a' and 'contract=a' are one"),
    "categories": (("contract=Two year", "contract=two_year"), "'contract=Two year' and 'contract=two_year' are one"),
    "spaces": (("contract=a", "contract= a "), "columns 'contract=a' and 'contract= a ' are one"),
    "blanks": (("contract=", "contract= "), "columns 'contract=' and 'contract= ' are one"),
    "numbers": (("Tenure", "tenure"), "columns 'Tenure' and 'tenure' are one"),
    "logarithms": (("log1p(Tenure)", "log1p(tenure)"), "columns 'log1p(Tenure)' and 'log1p(tenure)' are one"),
    "fields": (
        ("Contract=a", "contract=b"),
        "fields 'Contract' and 'contract' are one in clean spelling, as its col",
    ),
    "number fields": (("Tenure", "log1p(tenure)"), "fields 'Tenure' and 'tenure' are one"),
    "number and text": (("tenure", "tenure=12"), "'tenure' is a number in some rows and a text in others"),
    "number and blank": (("Total", "Total= "), "as its columns 'Total' and 'Total= ' say"),
    "number and text, spelled apart": (("Tenure=12", "tenure"), "as its columns 'Tenure=12' and 'tenure' say"),
    "escapes": (("A\x1b[31m=a", "a\x1b[31m=a"), r"columns 'A\x1b[31m=a' and 'a\x1b[31m=a' are one"),
}


@pytest.mark.parametrize(("names", "words"), REFUSED.values(), ids=REFUSED)
def test_columns_that_cannot_be_told_apart_are_refused_and_both_are_named(names, words):
    for order in (names, names[::-1]):
        with pytest.raises(ValueError, match="train it with") as error:
            clean_columns(linear(*order))
        assert str(error.value).isprintable()
    with pytest.raises(ValueError, match="train it") as error:
        clean_columns(linear(*names))
    assert words in str(error.value)


def test_a_refusal_of_long_names_is_short():
    with pytest.raises(ValueError, match="are one") as error:
        clean_columns(linear("A" * 1_000_000, "a" * 1_000_000))
    assert len(str(error.value)) < 600


def test_a_file_whose_columns_become_one_is_not_served(tmp_path):
    write(tmp_path / "theirs.bin", [{"Contract": "a", "Tenure": 1.0}, {"contract": "A", "Tenure": 2.0}] * 5)
    assert "its columns 'Contract=a' and 'contract=A' are one in clean spelling" in refusal(tmp_path / "theirs.bin")
