"""The wordings for what customers do: those for leaving, and those for a user's own verb."""

import dataclasses
import re

import pytest

from churn.model.event import LEAVING, words_for

VERB = "buy again"


def test_without_a_verb_the_wordings_are_about_leaving():
    assert words_for(None) is LEAVING


def test_with_a_verb_no_word_of_leaving_is_left():
    for name, wording in dataclasses.asdict(words_for(VERB)).items():
        assert wording, name
        for word in ("leav", "left", "stay", "churn", "risk"):
            assert word not in wording.lower(), name


def test_a_verb_is_never_inflected():
    for name, wording in dataclasses.asdict(words_for("QQ")).items():
        assert "qq" not in re.sub(r"(^|(?<= ))qq(?=$|[ ,])", "", wording.lower()), name


@pytest.mark.parametrize(
    "name", ["recall", "false_alarms", "precision_axis", "of_leavers", "riskiest", "order", "rate"]
)
def test_the_words_in_a_plot_do_not_contain_the_verb(name):
    assert "$" not in getattr(words_for("$x$"), name)
