"""The verdict: what stops a model, what wants a look, the words for it, and what is never replaced."""

from types import SimpleNamespace

import numpy as np
import pytest

from churn.contract_changes import Change
from churn.evaluation import Interval
from churn.gate import Comparison
from churn.verdict import judge

BREAKS, HARMLESS = Change("plan", "lost the category gold", True), Change("tenure", "0 to 80 in training", False)


def compared(low, high, refused=0):
    gain = Interval(low, high)
    return Comparison(0.82, 0.82 + (low + high) / 2, gain, compared=1000, refused=refused, same_table=True)


def found(**known):
    """What a training has found of 1,000 test customers, half of whom left; the model says so, or what is `said`."""
    usual = {"auc_interval": Interval(0.80, 0.84), "comparison": None, "changes": [], "untested": 0, "copies": 0}
    usual |= {"threshold": 0.5, "old_threshold": None, "model_name": "model.bin"}
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
        {"comparison": compared(0.01, 0.03, refused=60)},
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
        {"comparison": compared(0.01, 0.03), "changes": [BREAKS], "untested": 3},
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
    known = {"said": 0.57, "comparison": compared(-0.03, -0.01), "changes": [BREAKS, HARMLESS], "untested": 1}
    checks = {check.what: (check.mark, check.found) for check in judge(found(**known)).checks}
    assert checks["Ranking"] == ("good", "better than chance (95 % interval of the AUC: 0.800 to 0.840)")
    assert checks["Model in place"] == (
        "stop",
        "worse, by more than chance explains. AUC 0.800, was 0.820, on the same 1,000 test customers: "
        "-0.0200 (95 %: -0.0300 to -0.0100)",
    )
    assert checks["Mean calibration"] == (
        "look",
        "probabilities are 7.0 points too high on average, by more than chance explains",
    )
    assert checks["Clients"] == ("look", "1 change of the contract would break them")
    assert checks["Refused"] == ("look", "1 test customer could not be tested")
