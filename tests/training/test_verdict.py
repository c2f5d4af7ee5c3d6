"""The verdict: findings that stop a model, findings that need a look, their wording, and what is never replaced."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from churn.errors import ModelError
from churn.training.changes import Change
from churn.training.evaluation import Interval
from churn.training.findings import InPlace
from churn.training.gate import FittedOn, NotCompared, OneClass
from churn.training.refused import Refused
from churn.training.telling import TellingField
from churn.training.verdict import Check, judge
from tests.findings import compared, found, refused

BREAKS, HARMLESS = Change("plan", "lost the category gold", True), Change("tenure", "0 to 80 in training", False)

FIRST = "Nothing speaks against shipping it: there is no model in its place"
BETTER = "Ship it: it ranks customers better than the model in place"
AS_GOOD = "It can be shipped: it is not shown to be worse than the model in place"
CASES = {
    "first": ({}, "good", f"{FIRST}."),
    "better": ({"comparison": compared(0.01, 0.03)}, "good", f"{BETTER}."),
    "equal": ({"comparison": compared(-0.01, 0.01), "changes": [HARMLESS]}, "good", f"{AS_GOOD}."),
    "too few to tell": (
        {"comparison": compared(-0.05, 0.05)},
        "look",
        f"{AS_GOOD}; but first look at: model in place.",
    ),
    "hardly compared": (
        {"comparison": compared(0.01, 0.03, left_out=60)},
        "look",
        f"{BETTER}; but first look at: model in place.",
    ),
    "worse": (
        {"comparison": compared(-0.03, -0.01)},
        "stop",
        "Do not ship it: the model in place ranks customers better.",
    ),
    "chance": (
        {"auc_interval": Interval(0.49, 0.6), "comparison": compared(0.01, 0.03)},
        "stop",
        "Do not ship it: it is not shown to rank customers better than chance does.",
    ),
    "chance, and the first": (
        {"auc_interval": Interval(0.49, 0.6)},
        "stop",
        "Do not ship it: it is not shown to rank customers better than chance does.",
    ),
    "off": ({"said": 0.57}, "look", f"{FIRST}; but first look at: mean calibration."),
    "breaking": (
        {"comparison": compared(0.01, 0.03), "changes": [BREAKS], "refused": refused(3)},
        "look",
        f"{BETTER}; but first look at: clients, refused.",
    ),
    "another threshold": (
        {"comparison": compared(0.01, 0.03), "old_threshold": 0.16},
        "look",
        f"{BETTER}; but first look at: threshold.",
    ),
    "copies": ({"copies": 51}, "look", f"{FIRST}; but first look at: copies."),
    "few copies": ({"copies": 50}, "good", f"{FIRST}."),
    "just enough tested": ({"refused": refused(111)}, "look", f"{FIRST}; but first look at: refused."),
    "hardly tested": (
        {"refused": refused(112), "comparison": compared(0.01, 0.03)},
        "stop",
        "Do not ship it: only 1,000 of 1,112 test customers could be tested.",
    ),
    "hardly tested, and the first": (
        {"refused": refused(112)},
        "stop",
        "Do not ship it: only 1,000 of 1,112 test customers could be tested.",
    ),
    "just enough compared": (
        {"comparison": compared(0.01, 0.03, left_out=100)},
        "look",
        f"{BETTER}; but first look at: model in place.",
    ),
    "too few compared": (
        {"comparison": compared(0.01, 0.03, left_out=101)},
        "stop",
        "Do not ship it without a look: only 900 of 1,001 test customers could be compared with the model in place.",
    ),
    "too few compared to call it worse": (
        {"comparison": compared(-0.03, -0.01, left_out=101)},
        "stop",
        "Do not ship it without a look: only 900 of 1,001 test customers could be compared with the model in place.",
    ),
    "not compared": (
        {"comparison": NotCompared(OneClass(0, refused(9)))},
        "stop",
        "Do not ship it without a look: it can't be compared with the model in place.",
    ),
    "fitted on the test customers": (
        {"comparison": NotCompared(FittedOn(1000, 13))},
        "stop",
        "Do not ship it without a look: the model in place was, or may have been, fitted on these customers.",
    ),
}


@pytest.mark.parametrize(("known", "mark", "headline"), CASES.values(), ids=CASES.keys())
def test_the_verdict_follows_from_the_findings(known, mark, headline):
    verdict = judge(found(**known))
    assert (verdict.mark, verdict.headline) == (mark, headline)


@pytest.mark.parametrize("known", [known for known, _, _ in CASES.values()], ids=CASES.keys())
def test_a_model_in_place_is_kept_exactly_where_the_verdict_is_to_stop(known):
    verdict = judge(found(**known))
    assert bool(verdict.objection) == (verdict.mark == "stop" and "comparison" in known)


RANKS, FILLED = TellingField("days_left", 0.994, "test"), TellingField("cancel_reason", filled=24, label=1)
"""Fields that predict nearly alone: by their own ranking, and by the customers who have them."""


@pytest.mark.parametrize(
    ("telling", "event", "words"),
    [
        (
            (FILLED,),
            None,
            "cancel_reason is filled only for customers who left (in 24 rows): is it known before a customer leaves?",
        ),
        (
            (RANKS, FILLED),
            "convert",
            "days_left alone ranks customers nearly perfectly (its own AUC is 0.994 on the test part); cancel_reason "
            "is filled only for customers who will convert (in 24 rows): are they known before customers convert?",
        ),
        (
            (TellingField("refund", filled=24, label=0, usual="0"),),
            None,
            "refund is other than '0' only for customers who stayed (in 24 rows): "
            "is it known before a customer leaves?",
        ),
        ((RANKS,) * 7, None, "; 2 more: are they known before a customer leaves?"),
    ],
)
def test_a_field_that_predicts_nearly_alone_needs_a_look(telling, event, words):
    verdict = judge(dataclasses.replace(found(), telling=telling, event=event))
    assert verdict.headline == f"{FIRST}; but first look at: telling fields."
    checks = {check.what: (check.mark, check.found) for check in verdict.checks}
    assert checks["Telling fields"][0] == "look"
    assert checks["Telling fields"][1].endswith(words)
    assert verdict.looks == [f"look at telling fields: {checks['Telling fields'][1]}"]


def test_a_threshold_that_no_customer_reaches_needs_a_look_and_one_that_flags_the_base_rate_is_named():
    """Of 1,000 customers 5 leave, and 4 of them are among the 5 highest: 0.0400, 0.0395 ... 0.0380."""
    y = np.zeros(1000, dtype=np.int64)
    y[[0, 1, 2, 3, 10]] = 1
    probabilities = np.array([0.04, 0.0395, 0.039, 0.0385, 0.038] + [0.0049] * 995)
    base = found(y=y)
    few = dataclasses.replace(base, tested=dataclasses.replace(base.tested, probabilities=probabilities))
    check = next(check for check in judge(few).checks if check.what == "Flagged")
    assert check == (
        "look",
        "Flagged",
        "no customer reaches the threshold, 0.5: the highest probability on the test part is 0.04; from 0.038 on, "
        "5 of 1,000 are flagged, and 5 left",
    )
    assert (probabilities >= 0.038).sum() == 5


@pytest.mark.parametrize(
    ("leavers", "words"),
    [
        (99, "only 99 customers who left, fewer than 100: every figure is uncertain"),
        (100, None),
        (4900, None),
        (4901, "only 99 customers who stayed, fewer than 100: every figure is uncertain"),
    ],
)
def test_few_customers_of_a_class_in_the_table_need_a_look(leavers, words):
    base = found()
    table = dataclasses.replace(base.split.table, y=(np.arange(5000) < leavers).astype(np.int64))
    verdict = judge(dataclasses.replace(base, split=dataclasses.replace(base.split, table=table)))
    assert {check.what: check.found for check in verdict.checks}.get("Few customers") == words


@pytest.mark.parametrize(
    ("stayers", "words"),
    [
        (
            19,
            "only 19 customers who stayed in the test part, fewer than 20: every figure is uncertain",
        ),
        (20, None),
    ],
)
def test_few_customers_of_a_class_in_the_test_part_need_a_look_too(stayers, words):
    verdict = judge(found(y=(np.arange(1000) >= stayers).astype(np.int64)))
    assert {check.what: check.found for check in verdict.checks}.get("Few customers") == words


def test_each_check_reports_what_was_found():
    known = {"said": 0.57, "comparison": compared(-0.03, -0.01), "changes": [BREAKS, HARMLESS]}
    known["refused"] = Refused(1, {"plan": 1})
    checks = {check.what: (check.mark, check.found) for check in judge(found(**known)).checks}
    assert checks["Ranking"] == ("good", "better than chance (95 % interval of the AUC: 0.800 to 0.840)")
    assert checks["Model in place"] == (
        "stop",
        "worse, by more than chance explains. AUC 0.800, was 0.820, on the same 900 test customers: "
        "-0.0200 (95 %: -0.0300 to -0.0100)",
    )
    assert checks["Mean calibration"] == (
        "look",
        "probabilities are 7.0 points too high on average, by more than chance explains",
    )
    assert checks["Clients"] == ("look", "1 change of the contract would break them")
    assert checks["Refused"] == ("look", "1 test customer could not be tested (plan: 1)")


def test_customers_that_are_left_out_are_reported_with_the_fields_and_their_counts():
    few = judge(found(refused=refused(112), comparison=compared(0.01, 0.03)))
    checks = {check.what: (check.mark, check.found) for check in few.checks}
    assert checks["Refused"] == ("stop", "112 test customers could not be tested (plan: 112, age: 1)")
    assert few.objection == "the new model could be tested on only 1,000 of 1,112 test customers (plan: 112, age: 1)"
    few = judge(found(comparison=compared(0.01, 0.03, left_out=101)))
    checks = {check.what: (check.mark, check.found) for check in few.checks}
    mark, words = checks["Model in place"]
    assert mark == "stop"
    assert words.startswith("only 900 of 1,001 test customers could be compared. AUC 0.840, was 0.820, on the same")
    assert "101 test customers are left out of that: the old model can't score them (plan: 101, age: 1)" in words
    assert few.objection == "it can score only 900 of 1,001 test customers (plan: 101, age: 1)"


def test_a_model_in_place_that_cannot_be_served_is_neither_compared_nor_replaced():
    in_place = InPlace(NotCompared(ModelError(Path("model.bin"), "is cut off")))
    verdict = judge(dataclasses.replace(found(), in_place=in_place))
    assert verdict.headline == "Do not ship it without a look: it can't be compared with the model in place."
    assert (
        Check("stop", "Model in place", "not compared: it can't be served: model.bin: is cut off") in verdict.checks
    )
    assert verdict.objection == ("it can't be compared with the new model: it can't be served: model.bin: is cut off")
    assert "Clients" not in [check.what for check in verdict.checks]  # its contract is unknown
