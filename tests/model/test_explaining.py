"""Reasons: by hand, and by the one rule that matters: the baseline plus the contributions are the log-odds."""

import math

import numpy as np
import pytest

from churn.errors import CustomerError
from churn.model.contract import Contract
from churn.model.explaining import Explainer, Reason, name_partners
from churn.model.fields import Blank, Category, Flag, Number, Where
from churn.model.file import load_model
from churn.model.scoring import Scorer
from tests.customers import CLEAN_CUSTOMERS, GOOD, RAW_CUSTOMERS, sklearn_probabilities
from tests.shaped import CUSTOMERS, draw_customers, sklearn_of_shaped, write_shaped

CONTRACT = Contract(
    (
        Category("contract", ("monthly", "yearly")),
        Flag("senior"),
        Number("tenure", non_negative=True),
        Number("total", blank=Blank(0.0, Where("tenure", 0.0))),
    )
)
WEIGHTS = {
    "contract=monthly": 0.5,
    "contract=yearly": -0.75,
    "senior": 0.25,
    "tenure": -0.01,
    "log1p(tenure)": -0.5,
    "total": 0.001,
}
AVERAGE = {
    "contract=monthly": 0.6,
    "contract=yearly": 0.4,
    "senior": 0.2,
    "tenure": 30.0,
    "log1p(tenure)": 3.0,
    "total": 2000.0,
}
CUSTOMER = {"Contract": "Yearly", "senior": True, "tenure": "3", "total": 100, "id": 7}


@pytest.fixture
def scorer() -> Scorer:
    return Scorer(CONTRACT, WEIGHTS, intercept=1.0)


def test_the_words_of_a_reason_call_an_empty_category_blank():
    assert str(Reason("plan", "", 0.5)) == "plan is blank (+0.50)"


def test_a_contribution_is_the_fields_term_minus_that_of_the_average_customer(scorer):
    explanation = Explainer(scorer, AVERAGE).explain(CUSTOMER)
    assert explanation.baseline == pytest.approx(1.0 + (0.3 - 0.3) + 0.05 + (-0.3 - 1.5) + 2.0)
    assert [(reason.field, reason.value) for reason in explanation.reasons] == [
        ("total", 100.0),
        ("tenure", 3.0),
        ("contract", "yearly"),
        ("senior", 1.0),
    ]
    expected = [0.1 - 2.0, -0.03 - 0.5 * math.log(4) + 1.8, -0.75, 0.25 - 0.05]
    assert [reason.contribution for reason in explanation.reasons] == pytest.approx(expected, abs=1e-12)


def test_without_an_average_it_explains_against_zero(scorer):
    explainer = Explainer(scorer, None)
    explanation = explainer.explain(CUSTOMER)
    assert not explainer.against_average
    assert explanation.baseline == 1.0
    expected = [-0.75, -0.03 - 0.5 * math.log(4), 0.25, 0.1]
    assert [reason.contribution for reason in explanation.reasons] == pytest.approx(expected, abs=1e-12)


def test_the_value_of_a_blank_is_the_number_that_it_stands_for(scorer):
    explanation = Explainer(scorer, AVERAGE).explain(CUSTOMER | {"tenure": 0, "total": " "})
    assert {reason.field: reason.value for reason in explanation.reasons}["total"] == 0.0


def test_the_strongest_reasons_are_the_first_of_all_and_ties_keep_the_contracts_order(scorer):
    explainer = Explainer(scorer, AVERAGE)
    every = explainer.explain(CUSTOMER).reasons
    assert explainer.explain(CUSTOMER, n_reasons=2).reasons == every[:2]
    equal = Scorer(Contract((Flag("b"), Flag("a"))), {"a": 1.0, "b": -1.0}, intercept=0.0)
    assert [reason.field for reason in Explainer(equal, None).explain({"a": 1, "b": 1}).reasons] == ["b", "a"]


def test_a_bad_customer_is_refused_as_in_scoring(scorer):
    wrong = CUSTOMER | {"tenure": -1, "senior": 7}
    with pytest.raises(CustomerError) as refusal:
        Explainer(scorer, AVERAGE).explain(wrong)
    with pytest.raises(CustomerError) as expected:
        scorer.log_odds(wrong)
    assert refusal.value.problems == expected.value.problems


@pytest.mark.parametrize(
    "average",
    [
        {},
        AVERAGE | {"contract=daily": 0.0},
        {column: mean for column, mean in AVERAGE.items() if column != "log1p(tenure)"},
        AVERAGE | {"tenure": math.nan},
        AVERAGE | {"tenure": math.inf},
        AVERAGE | {"contract=monthly": 1.7e308, "contract=yearly": -1.7e308, "tenure": -1.7e308},
    ],
)
def test_an_average_that_is_not_the_models_is_refused(scorer, average):
    with pytest.raises(ValueError, match="average"):
        Explainer(scorer, average)


@pytest.mark.slow
def test_baseline_and_contributions_are_scikit_learns_log_odds_for_every_customer(shipped):
    taken = [shipped.explainer.explain(raw) for raw in RAW_CUSTOMERS]
    probabilities = sklearn_probabilities(shipped.path, CLEAN_CUSTOMERS)
    expected = np.log(probabilities / (1 - probabilities))
    sums = [
        explanation.baseline + math.fsum(reason.contribution for reason in explanation.reasons)
        for explanation in taken
    ]
    np.testing.assert_allclose(sums, expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(sums, [explanation.log_odds for explanation in taken], rtol=0, atol=1e-12)
    assert {len(explanation.reasons) for explanation in taken} == {len(GOOD)}


def test_contributions_add_up_to_zero_on_average(shipped):
    """The average is that of the customers that the model was fitted to: train.py's 80 %, seed 1."""
    from sklearn.model_selection import train_test_split

    fitted_on, _ = train_test_split(RAW_CUSTOMERS, test_size=0.2, random_state=1)
    sums: dict[str, float] = dict.fromkeys(GOOD, 0.0)
    for customer in fitted_on:
        for reason in shipped.explainer.explain(customer).reasons:
            sums[reason.field] += reason.contribution / len(fitted_on)
    assert sums == pytest.approx(dict.fromkeys(GOOD, 0.0), abs=1e-9)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason("tenure", 2.0, 1.254), "tenure is 2 (+1.25)"),
        (Reason("monthlycharges", 29.85, -0.004), "monthlycharges is 29.85 (-0.00)"),
        (Reason("contract", "two_year", -1.0), "contract is two_year (-1.00)"),
    ],
)
def test_a_reason_in_words(reason, words):
    assert str(reason) == words


PAIR_CONTRACT = Contract((Flag("a"), Flag("b"), Category("plan", ("x", "y"))))
PAIR_WEIGHTS = {"a": 1.5, "b": 0.5, "plan=x": 0.0, "plan=y": 0.25, 'both("a>=1.0","b>=1.0")': 4.0}
PAIR_AVERAGE = {"a": 0.5, "b": 0.5, "plan=x": 0.5, "plan=y": 0.5, 'both("a>=1.0","b>=1.0")': 0.25}
QUARTERS = (((0.25, 0.25), (0.25, 0.25)),)


def test_the_joint_part_of_two_fields_is_halved_between_them_by_hand():
    """Of 4 where both hold, each field by itself adds 2 where it holds, 1 on average: 1 is the mean, +-1 is left."""
    scorer = Scorer(PAIR_CONTRACT, PAIR_WEIGHTS, intercept=-2.0)
    explainer = Explainer(scorer, PAIR_AVERAGE, QUARTERS)
    assert explainer.baseline == pytest.approx(-2.0 + 0.75 + 0.25 + 0.125 + 1.0)
    both = explainer.explain({"a": 1, "b": 1, "plan": "y"}).reasons
    assert [(reason.field, reason.partners) for reason in both] == [("a", ()), ("b", ("a",)), ("plan", ())]
    assert [reason.contribution for reason in both] == pytest.approx([0.75 + 1 + 0.5, 0.25 + 1 + 0.5, 0.125])
    one = explainer.explain({"a": 1, "b": 0, "plan": "x"}).reasons
    assert [reason.contribution for reason in one] == pytest.approx([-0.25 - 1 - 0.5, 0.75 + 1 - 0.5, -0.125])
    assert [(reason.field, reason.partners) for reason in one] == [("b", ("a",)), ("a", ()), ("plan", ())]


@pytest.mark.parametrize(("average", "own"), [(None, {"a": 1.5, "b": 0.5}), (PAIR_AVERAGE, {"a": 0.75, "b": 0.25})])
def test_without_shares_a_table_is_halved_as_it_is(average, own):
    scorer = Scorer(PAIR_CONTRACT, PAIR_WEIGHTS, intercept=-2.0)
    reasons = Explainer(scorer, average).explain({"a": 1, "b": 1, "plan": "x"}).reasons
    contributions = {reason.field: reason.contribution for reason in reasons}
    assert [contributions["a"], contributions["b"]] == pytest.approx([own["a"] + 2, own["b"] + 2])
    assert [reason.partners for reason in reasons] == [("b",), ("a",), ()]


@pytest.mark.parametrize(
    ("own", "halves", "partners"),
    [
        (0.5, {}, ()),
        (0.75, {"b": 0.25}, ("b",)),
        (-0.75, {"b": 0.2499}, ()),
        (0.0, {"b": 0.1, "c": -0.3}, ("c", "b")),
        (0.2, {"b": 0.1, "c": -0.1, "d": 0.0}, ("b", "c")),
        (0.0, {"b": 0.0099}, ()),
        (0.0, {"b": 0.01}, ("b",)),
        (0.0, {"b": 0.0}, ()),
    ],
)
def test_a_partner_is_named_if_its_half_is_at_least_a_quarter_of_all_that_the_field_adds(own, halves, partners):
    assert name_partners(own, halves) == partners


@pytest.mark.parametrize("has_card", [True, False])
def test_baseline_and_contributions_are_the_log_odds_of_a_model_with_shapes(has_card, tmp_path):
    model = load_model(write_shaped(tmp_path / "model.bin", card=has_card))
    customers = draw_customers(500, seed=11)
    for customer, expected in zip(customers, sklearn_of_shaped(customers), strict=True):
        explanation = model.explainer.explain(customer)
        assert len(explanation.reasons) == len(customer)
        total = explanation.baseline + math.fsum(reason.contribution for reason in explanation.reasons)
        assert total == pytest.approx(math.log(expected / (1 - expected)), abs=1e-12)
        assert total == pytest.approx(explanation.log_odds, abs=1e-12)


def test_contributions_of_a_model_with_shapes_add_up_to_zero_on_average(tmp_path):
    explainer = load_model(write_shaped(tmp_path / "model.bin")).explainer
    sums: dict[str, float] = dict.fromkeys(CUSTOMERS[0], 0.0)
    for customer in CUSTOMERS:
        for reason in explainer.explain(customer).reasons:
            sums[reason.field] += reason.contribution / len(CUSTOMERS)
    assert sums == pytest.approx(dict.fromkeys(sums, 0.0), abs=1e-12)


def test_a_reason_names_its_partners_in_json_and_in_words():
    alone, together = Reason("a", 1.0, 0.5), Reason("charges", "", -0.5, ("tenure", "plan"))
    assert alone.to_json() == {"field": "a", "value": 1.0, "contribution": 0.5}
    assert together.to_json() == {
        "field": "charges",
        "value": "",
        "contribution": -0.5,
        "together_with": ("tenure", "plan"),
    }
    assert str(together) == "charges is blank, together with tenure and plan (-0.50)"


@pytest.mark.parametrize("weight", [1e160, 1e308])
def test_weights_too_large_to_be_taken_apart_are_refused(weight):
    scorer = Scorer(PAIR_CONTRACT, PAIR_WEIGHTS | {'both("a>=1.0","b>=1.0")': weight}, intercept=0.0)
    with pytest.raises(ValueError, match="too large"):
        Explainer(scorer, PAIR_AVERAGE, QUARTERS)
