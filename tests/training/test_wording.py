"""The wording of a training's findings, on the terminal and in the verdict."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from churn.errors import ModelError
from churn.model.gain import Campaign
from churn.training.changes import Change
from churn.training.findings import InPlace
from churn.training.gate import FittedOn, NotCompared, OneClass
from churn.training.refused import Refused
from churn.training.wording import (
    campaign_lines,
    comparison_lines,
    comparison_sentences,
    difference_lines,
    not_compared_words,
)
from tests.findings import compared, found

AUCS = "auc 0.840, was 0.820, on the same 900 test customers: +0.0200 (95 %: +0.0100 to +0.0300)"
LEFT_OUT = "12 test customers are left out of that: the old model can't score them (plan: 12, age: 1)"
FITTED = "it may have been fitted on some of these customers"


@pytest.mark.parametrize(
    ("same_table", "words"),
    [
        (True, []),
        (False, [f"the old model is from another table: {FITTED}"]),
        (None, [f"the old model is from an unknown table: {FITTED}"]),
    ],
)
@pytest.mark.parametrize("left_out", [0, 12])
def test_a_comparison_is_worded_with_all_that_is_known_about_it(same_table, words, left_out):
    lines = comparison_lines(compared(0.01, 0.03, left_out=left_out, same_table=same_table))
    assert lines == [AUCS, *([LEFT_OUT] if left_out else []), *words]


def test_customers_that_the_old_model_was_fitted_to_are_counted():
    comparison = dataclasses.replace(compared(0.01, 0.03), fitted_on=1127)
    left_out = (
        "1,127 more test customers are left out: the old model was fitted on other parts of this table, which "
        "include them"
    )
    assert comparison_lines(comparison) == [AUCS, left_out]


def test_as_one_text_every_line_is_a_sentence():
    words = comparison_sentences(compared(0.01, 0.03, left_out=12))
    assert words == f"AUC{AUCS[3:]}. {LEFT_OUT}"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (ModelError(Path("m.bin"), "is cut off"), "it can't be served: m.bin: is cut off"),
        (FittedOn(1409, 13), "it was fitted on 1,396 of the 1,409 test customers, and the others are too few"),
        (FittedOn(1409, 0), "it was fitted on 1,409 of the 1,409 test customers"),
        (
            FittedOn(1409, None),
            "it was fitted on other parts of this table, and it is unknown which test customers they include",
        ),
        (OneClass(20, Refused(0, {})), "it can score 20 of 20 test customers"),
        (
            OneClass(0, Refused(1409, {"tenure": 1409, "totalcharges": 3})),
            "it can score 0 of 1,409 test customers; refused: tenure: 1,409, totalcharges: 3",
        ),
    ],
)
def test_a_model_that_is_not_compared_has_the_reason_in_words(reason, words):
    assert not_compared_words(NotCompared(reason)) == words


CAMPAIGN = Campaign(value=200, offer=10, contact=1, accept=0.3)


def test_the_difference_to_the_model_in_place_is_its_auc_its_contract_and_its_threshold():
    changes = [Change("plan", "lost the category gold", True)]
    lines = list(difference_lines(found(comparison=compared(0.01, 0.03), changes=changes, old_threshold=0.16)))
    assert lines == [
        "compared with the model in place, 0123456789ab:",
        f"  {AUCS}",
        "  contract: plan: lost the category gold (breaks clients)",
        "  threshold: 0.5000, was 0.1600; --value, --offer, --contact and --accept set one",
    ]
    of_campaign = difference_lines(found(comparison=compared(0.01, 0.03), campaign=CAMPAIGN))
    assert list(of_campaign)[-1] == "  threshold: 0.1642, was 0.5000"


def test_a_model_in_place_that_cannot_be_served_is_named_by_its_file():
    in_place = InPlace(NotCompared(ModelError(Path("model.bin"), "is cut off")))
    assert list(difference_lines(dataclasses.replace(found(), in_place=in_place))) == [
        "compared with the model in place, model.bin:",
        "  not compared: it can't be served: model.bin: is cut off",
    ]


def test_without_a_model_in_place_and_without_a_campaign_there_are_no_lines():
    assert [*difference_lines(found()), *campaign_lines(found())] == []


def test_a_campaign_by_hand_and_in_hindsight_no_one_where_every_contact_loses():
    """Of 1,000 contacted 500 leave, and 0.3 of each is kept for 190; 500 take the offer; a contact costs 1."""
    lines = list(campaign_lines(found(campaign=CAMPAIGN)))
    assert lines[0].startswith("a contact pays above a churn probability of 0.1642")
    assert [line.split()[-3:] for line in lines[2:5]] == [
        ["0.1642", "1,000", "22,500"],
        ["0.5000", "1,000", "22,500"],
        ["0.5000", "1,000", "22,500"],
    ]
    losing = found(campaign=CAMPAIGN, said=0.1, y=np.zeros(1000, dtype=np.int64))
    assert list(campaign_lines(losing))[4].split()[-3:] == ["nobody", "0", "0.00"]
