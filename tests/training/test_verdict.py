"""The verdict: what stops a model, what wants a look, the words for it, and what is never replaced."""

from types import SimpleNamespace

import numpy as np
import pytest

from churn.training.changes import Change
from churn.training.evaluation import Interval
from churn.training.gate import Comparison
from churn.training.refused import Refused
from churn.training.verdict import judge

BREAKS, HARMLESS = Change("plan", "lost the category gold", True), Change("tenure", "0 to 80 in training", False)


def refused(count):
    return Refused(count, {"plan": count, "age": 1} if count else {})


def compared(low, high, left_out=0):
    """A comparison on 900 test customers, besides those left out."""
    auc, gain = 0.82 + (low + high) / 2, Interval(low, high)
    return Comparison(0.82, auc, gain, compared=900, refused=refused(left_out), same_table=True)


def found(**known):
    """What a training has found of 1,000 test customers, half of whom left; the model says so, or what is `said`."""
    usual = {"auc_interval": Interval(0.80, 0.84), "comparison": None, "changes": [], "copies": 0}
    usual |= {"threshold": 0.5, "old_threshold": None, "model_name": "model.bin", "untested": refused(0)}
    said = known.pop("said", 0.5)
    rows = {"y": np.arange(1000) % 2, "probabilities": np.full(1000, said), "test": range(1000), "train": range(4000)}
    return SimpleNamespace(**rows, **usual | known)


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
        {"comparison": compared(0.01, 0.03), "changes": [BREAKS], "untested": refused(3)},
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
    "just enough tested": ({"untested": refused(111)}, "look", f"{FIRST}; but first look at: refused."),
    "hardly tested": (
        {"untested": refused(112), "comparison": compared(0.01, 0.03)},
        "stop",
        "Do not ship it: only 1,000 of 1,112 test customers could be tested.",
    ),
    "hardly tested, and the first": (
        {"untested": refused(112)},
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
        "Do not ship it unseen: only 900 of 1,001 test customers could be compared with the model in place.",
    ),
    "too few compared to call it worse": (
        {"comparison": compared(-0.03, -0.01, left_out=101)},
        "stop",
        "Do not ship it unseen: only 900 of 1,001 test customers could be compared with the model in place.",
    ),
    "not compared": (
        {"comparison": "it can score 0 of 9 test customers"},
        "stop",
        "Do not ship it unseen: it can't be compared with the model in place.",
    ),
}


@pytest.mark.parametrize(("known", "mark", "headline"), CASES.values(), ids=CASES.keys())
def test_the_verdict_follows_from_the_findings(known, mark, headline):
    verdict = judge(found(**known))
    assert (verdict.mark, verdict.headline) == (mark, headline)


@pytest.mark.parametrize("known", [known for known, _, _ in CASES.values()], ids=CASES.keys())
def test_a_model_in_place_is_kept_just_where_the_verdict_says_stop(known):
    verdict = judge(found(**known))
    assert bool(verdict.keeps) == (verdict.mark == "stop" and "comparison" in known)


def test_each_check_says_what_was_found():
    known = {"said": 0.57, "comparison": compared(-0.03, -0.01), "changes": [BREAKS, HARMLESS]}
    known["untested"] = Refused(1, {"plan": 1})
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


def test_who_is_left_out_is_said_with_the_fields_and_their_counts():
    few = judge(found(untested=refused(112), comparison=compared(0.01, 0.03)))
    checks = {check.what: (check.mark, check.found) for check in few.checks}
    assert checks["Refused"] == ("stop", "112 test customers could not be tested (plan: 112, age: 1)")
    assert few.keeps == "the new model could be tested on only 1,000 of 1,112 test customers (plan: 112, age: 1)"
    few = judge(found(comparison=compared(0.01, 0.03, left_out=101)))
    checks = {check.what: (check.mark, check.found) for check in few.checks}
    mark, words = checks["Model in place"]
    assert mark == "stop"
    assert words.startswith("only 900 of 1,001 test customers could be compared. AUC 0.840, was 0.820, on the same")
    assert "101 test customers are left out of that: the old model can't score them (plan: 101, age: 1)" in words
    assert few.keeps == "it can score only 900 of 1,001 test customers (plan: 101, age: 1)"


def test_ten_fields_at_most_are_named_the_largest_first_and_the_others_counted():
    fields = {f"f{number:02}": 1000 + number for number in range(12)}
    words = Refused(1011, fields).describe()
    assert words.startswith("f11: 1,011, f10: 1,010, f09: 1,009, ")
    assert words.endswith("f02: 1,002, and 2 more")
    assert Refused(9, dict.fromkeys("badc", 3)).describe() == "a: 3, b: 3, c: 3, d: 3"
