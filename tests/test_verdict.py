"""The verdict: what stops a model, what wants a look, and the words for it."""

import pytest

from churn.contract_changes import Change
from churn.diagnostics import Gap
from churn.evaluation import Interval
from churn.gate import Comparison
from churn.verdict import judge

GOOD, CHANCE = Interval(0.80, 0.84), Interval(0.49, 0.6)
FITS, OFF = Gap(0.01, 0.02), Gap(0.03, 0.02)
BREAKS, HARMLESS = Change("plan", "lost the category gold", True), Change("tenure", "0 to 80 in training", False)


def compared(low, high):
    gain = Interval(low, high)
    return Comparison(0.82, 0.82 + (low + high) / 2, gain, compared=1000, refused=0, same_table=True)


CASES = {
    "first": (GOOD, FITS, None, [], 0, "good", "Nothing speaks against shipping it: it is the first model."),
    "better": (
        GOOD,
        FITS,
        compared(0.01, 0.03),
        [],
        0,
        "good",
        "Ship it: it ranks customers better than the model in place.",
    ),
    "equal": (
        GOOD,
        FITS,
        compared(-0.01, 0.01),
        [HARMLESS],
        0,
        "good",
        "It can be shipped: it is as good as the model in place, as far as this test can tell.",
    ),
    "worse": (
        GOOD,
        FITS,
        compared(-0.03, -0.01),
        [],
        0,
        "stop",
        "Do not ship it: the model in place ranks customers better.",
    ),
    "chance": (
        CHANCE,
        FITS,
        compared(0.01, 0.03),
        [],
        0,
        "stop",
        "Do not ship it: it may rank customers no better than chance does.",
    ),
    "off": (
        GOOD,
        OFF,
        None,
        [],
        0,
        "look",
        "Nothing speaks against shipping it: it is the first model; but first look at: calibration.",
    ),
    "breaking": (
        GOOD,
        FITS,
        compared(0.01, 0.03),
        [BREAKS],
        3,
        "look",
        "Ship it: it ranks customers better than the model in place; but first look at: clients, refused.",
    ),
    "not compared": (
        GOOD,
        FITS,
        "it can score 0 of 9 test customers",
        [],
        0,
        "look",
        "Decide by its own figures: it can't be compared with the model in place.",
    ),
}


@pytest.mark.parametrize(
    ("interval", "gap", "comparison", "changes", "untested", "mark", "headline"), CASES.values(), ids=CASES.keys()
)
def test_the_verdict_follows_from_the_findings(interval, gap, comparison, changes, untested, mark, headline):
    verdict = judge(interval, gap, comparison, changes=changes, untested=untested)
    assert (verdict.mark, verdict.headline) == (mark, headline)


def test_each_check_says_what_was_found():
    verdict = judge(GOOD, OFF, compared(-0.03, -0.01), changes=[BREAKS, HARMLESS], untested=1)
    found = {check.what: (check.mark, check.found) for check in verdict.checks}
    assert found["Ranking"] == ("good", "better than chance (95 % interval of the AUC: 0.800 to 0.840)")
    assert found["Model in place"] == (
        "stop",
        "worse, by more than chance explains. AUC 0.800, was 0.820, on the same 1,000 test customers: "
        "-0.0200 (95 %: -0.0300 to -0.0100)",
    )
    assert found["Calibration"] == (
        "look",
        "probabilities are 3.0 points too high on average, by more than chance explains",
    )
    assert found["Clients"] == ("look", "1 change of the contract would break them")
    assert found["Refused"] == ("look", "1 test customer could not be tested")
