"""Groups: which field contradicts which, and the choice of values that contradict nothing."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.errors import CustomerError, Partner, Problem
from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Number, Where
from churn.model.groups import Group, choose_values
from tests.customers import GOOD
from tests.drawn_contracts import contracts

NO = "no_internet_service"
SIX = ("onlinesecurity", "onlinebackup", "deviceprotection", "techsupport", "streamingtv", "streamingmovies")


def refuse(contract, customer) -> list[tuple]:
    with pytest.raises(CustomerError) as refusal:
        contract.read_customer(customer)
    return [(problem.field, problem.problem, problem.partner) for problem in refusal.value.problems]


@pytest.mark.parametrize(
    ("changes", "field", "partner"),
    [
        (
            {"internetservice": "no"} | dict.fromkeys(SIX, NO) | {"onlinesecurity": "no"},
            SIX[0],
            ("internetservice", "no"),
        ),
        (
            {"internetservice": "no"} | dict.fromkeys(SIX, NO) | {"streamingtv": "yes"},
            SIX[4],
            ("internetservice", "no"),
        ),
        ({"internetservice": "no"}, "internetservice", (SIX[0], NO)),
        (dict.fromkeys(SIX, NO), "internetservice", (SIX[0], NO)),
        ({"techsupport": NO}, "techsupport", ("internetservice", "no")),
        ({"internetservice": "no"} | dict.fromkeys(SIX[:3], NO), SIX[3], ("internetservice", "no")),
        ({"phoneservice": "no", "multiplelines": "no"}, "multiplelines", ("phoneservice", "no")),
        ({"phoneservice": "yes", "multiplelines": "no_phone_service"}, "multiplelines", ("phoneservice", "no")),
    ],
)
def test_the_field_in_the_minority_contradicts_the_first_field_of_the_majority(shipped, changes, field, partner):
    good = (
        GOOD | {"internetservice": "dsl", "phoneservice": "yes", "multiplelines": "yes"} | dict.fromkeys(SIX, "yes")
    )
    problems = refuse(shipped.scorer.contract, good | changes)
    assert problems == [(field, "contradicts", Partner(*partner))]


def test_a_value_that_is_a_problem_by_itself_has_no_part_in_its_group(shipped):
    off = GOOD | {"internetservice": "no"} | dict.fromkeys(SIX, NO)
    contract = shipped.scorer.contract
    assert refuse(contract, off | {"techsupport": "perhaps"}) == [("techsupport", "unknown category", None)]
    assert [field for field, _, _ in refuse(contract, off | {"techsupport": "perhaps", "streamingtv": "no"})] == [
        "techsupport",
        "streamingtv",
    ]


def test_the_problem_names_what_it_contradicts_in_json_and_in_words_and_never_the_customers_value():
    group = Group((Where("member", 1.0), Where("plan", "gold")))
    problem = group.find_problem({"member": 1.0, "plan": "secret"})
    assert problem == Problem("plan", "contradicts", "gold", partner=Partner("member", 1.0))
    assert problem.in_row(3).to_json() == {
        "row": 3,
        "field": "plan",
        "problem": "contradicts",
        "expected": "gold",
        "with": {"field": "member", "value": 1.0},
    }
    assert "with" not in problem.to_json(in_full=False)
    assert str(problem) == "plan: contradicts member 1 (expected gold)"
    problem = group.find_problem({"member": 0.0, "plan": "gold"})
    assert str(problem) == "plan: contradicts member 1 (expected another value than gold)"


@pytest.mark.parametrize(
    "groups",
    [
        [(("plan", "silver"), ("member", 1.0))],
        [(("plan", ""), ("member", 1.0))],
        [(("plan", "gold"), ("tenure", 1.0))],
        [(("plan", "gold"), ("nothing", "x"))],
        [(("plan", "gold"), ("member", 1.0)), (("plan", "gold"), ("senior", 1.0))],
        [(("plan", "gold"), ("plan", "basic"))],
        [(("plan", "gold"),)],
    ],
)
def test_a_group_of_values_that_no_customer_could_have_together_is_refused(groups):
    fields = (Category("plan", ("", "basic", "gold")), Flag("member"), Flag("senior"), Number("tenure"))
    with pytest.raises(ValueError, match="group"):
        Contract(fields, tuple(Group(tuple(Where(*value) for value in values)) for values in groups))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_values_without_a_contradiction_are_chosen_wherever_there_are_some(data):
    contract = data.draw(contracts())
    wanted = {}
    for field in contract.fields:
        if not isinstance(field, Number):
            values = field.categories if isinstance(field, Category) else (0.0, 1.0)
            wanted[field.name] = data.draw(st.lists(st.sampled_from(values), unique=True, min_size=1))

    def fits(values):
        return not any(group.find_problem(values) for group in contract.groups)

    every = (dict(zip(wanted, values, strict=True)) for values in itertools.product(*wanted.values()))
    fitting = [values for values in every if fits(values)]
    chosen = choose_values(wanted, contract.groups)
    assert chosen in fitting if fitting else chosen is None
    if fitting and (first := {name: values[0] for name, values in wanted.items()}) in fitting:
        assert chosen == first
