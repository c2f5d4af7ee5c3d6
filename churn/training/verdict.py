"""Judges from the findings of a training whether to ship the new model.

Owns the judgement: the checks that are good, that need a look, and that stop a model. Measures nothing.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal, NamedTuple

from churn.model.event import words_for
from churn.nouns import count_noun
from churn.training.changes import Change
from churn.training.evaluation import Gap, Interval, base_rate_threshold, calibration_gap
from churn.training.findings import Findings, InPlace, Tested
from churn.training.gate import Comparison, FittedOn, NotCompared
from churn.training.wording import (
    compared_words,
    comparison_sentences,
    not_compared_words,
    telling_words,
    tested_words,
    threshold_words,
)

Mark = Literal["good", "look", "stop"]
_CHANCE = 0.5  # the AUC of a ranking by chance
_MUCH = 0.02  # of AUC: a model that may be worse by more than this needs a look
_MANY_REFUSED = 0.05  # of the test customers, by the old model: with more, the comparison needs a look
_MANY_COPIES = 0.05  # of the test customers, equal to a training customer in every field
_FEW = 100  # customers of a class in the table
_FEW_TESTED = 20  # customers of a class in the test part
_MOST_TELLING = 5  # fields that a check names


class Subject(StrEnum):
    """The checks of a verdict, by the name that the report shows."""

    RANKING = "Ranking"
    IN_PLACE = "Model in place"
    CALIBRATION = "Mean calibration"
    CLIENTS = "Clients"
    THRESHOLD = "Threshold"
    FLAGGED = "Flagged"
    TELLING = "Telling fields"
    FEW = "Few customers"
    REFUSED = "Refused"
    COPIES = "Copies"


_SAID_BEFORE = {Subject.IN_PLACE, Subject.CLIENTS, Subject.THRESHOLD, Subject.REFUSED}


class Check(NamedTuple):
    """One check, its mark, and its finding in words."""

    mark: Mark
    what: Subject
    found: str


class Verdict(NamedTuple):
    """The headline, the checks that lead to it, and the calibration `gap`.

    `objection` is the reason not to replace the model in place; None if there is no such reason or no such model.
    """

    mark: Mark
    headline: str
    checks: list[Check]
    objection: str | None
    gap: Gap

    @property
    def looks(self) -> list[str]:
        """A line for each check that needs a look and is in no other line of a training."""
        alone = [check for check in self.checks if check.mark == "look" and check.what not in _SAID_BEFORE]
        return [f"look at {check.what.lower()}: {check.found}" for check in alone]


def judge(findings: Findings) -> Verdict:
    """The verdict on a model, from the findings of its training."""
    tested, in_place = findings.tested, findings.in_place
    gap = calibration_gap(tested.y, tested.probabilities, fitted_on=len(findings.split.train))
    checks = [_ranking(tested.auc_interval), _place(in_place, findings.model_name), _calibration(gap)]
    if in_place and in_place.version:  # the contract of a model that can't be served is unknown
        checks.append(_clients(in_place.changes))
    threshold, words = threshold_words(findings), words_for(findings.event)
    if threshold:
        checks.append(
            Check("look", Subject.THRESHOLD, f"{threshold}: other customers will count as {words.counting}")
        )
    checks += [*_telling(findings), *_flagged(findings), *_few(findings), *_test_part(tested)]
    marks = [check.mark for check in checks]
    mark: Mark = "stop" if "stop" in marks else "look" if "look" in marks else "good"
    return Verdict(mark, _headline(checks, findings), checks, _objection(checks, findings), gap)


def _headline(checks: Sequence[Check], findings: Findings) -> str:
    in_place = findings.in_place
    stops = [check.what for check in checks if check.mark == "stop"]
    looks = [check.what.lower() for check in checks if check.mark == "look"]
    if stops:
        return _stop_headline(stops, findings)
    if in_place is None:
        words = "Nothing speaks against shipping it: there is no model in its place"
    elif isinstance(in_place.comparison, Comparison) and in_place.comparison.gain.low > 0:
        words = "Ship it: it ranks customers better than the model in place"
    else:
        words = "It can be shipped: it is not shown to be worse than the model in place"
    return f"{words}; but first look at: {', '.join(looks)}." if looks else f"{words}."


def _stop_headline(stops: Sequence[Subject], findings: Findings) -> str:
    """The headline for a model that a check stops, with the most important reason."""
    comparison = findings.in_place.comparison if findings.in_place else None
    if Subject.REFUSED in stops:
        return f"Do not ship it: only {tested_words(findings)} could be tested."
    if Subject.RANKING in stops:
        return "Do not ship it: it is not shown to rank customers better than chance does."
    if isinstance(comparison, NotCompared) and isinstance(comparison.reason, FittedOn):
        return "Do not ship it without a look: the model in place was, or may have been, fitted on these customers."
    if isinstance(comparison, NotCompared):
        return "Do not ship it without a look: it can't be compared with the model in place."
    if comparison and not comparison.on_enough:
        few = compared_words(comparison)
        return f"Do not ship it without a look: only {few} could be compared with the model in place."
    return "Do not ship it: the model in place ranks customers better."


def _objection(checks: Sequence[Check], findings: Findings) -> str | None:
    """The reason to keep the model in place; None if there is no reason or no such model."""
    if findings.in_place is None:
        return None
    comparison, stops = findings.in_place.comparison, [check.what for check in checks if check.mark == "stop"]
    if Subject.REFUSED in stops:
        refused = findings.tested.refused.describe()
        return f"the new model could be tested on only {tested_words(findings)} ({refused})"
    if isinstance(comparison, NotCompared):
        return f"it can't be compared with the new model: {not_compared_words(comparison)}"
    if not comparison.on_enough:
        return f"it can score only {compared_words(comparison)} ({comparison.refused.describe()})"
    if comparison.worse:
        return "the new model is worse, and by more than chance explains"
    if stops:
        return "the new model is not shown to rank customers better than chance does"
    return None


def _ranking(interval: Interval) -> Check:
    where = f"95 % interval of the AUC: {interval.low:.3f} to {interval.high:.3f}"
    if interval.low <= _CHANCE:
        return Check("stop", Subject.RANKING, f"not distinguishable from chance, whose AUC is 0.5 ({where})")
    return Check("good", Subject.RANKING, f"better than chance ({where})")


def _place(in_place: InPlace | None, model_name: str) -> Check:
    name = Subject.IN_PLACE
    if in_place is None:
        return Check("good", name, f"there was none at {model_name}")
    comparison = in_place.comparison
    if isinstance(comparison, NotCompared):
        return Check("stop", name, f"not compared: {not_compared_words(comparison)}")
    words, refused = comparison_sentences(comparison), comparison.refused.customers
    if not comparison.on_enough:
        return Check("stop", name, f"only {compared_words(comparison)} could be compared. {words}")
    if comparison.worse:
        return Check("stop", name, f"worse, by more than chance explains. {words}")
    if refused > _MANY_REFUSED * (refused + comparison.compared):
        return Check("look", name, f"it can score only a part of the test customers. {words}")
    if comparison.gain.low > 0:
        return Check("good", name, f"better, by more than chance explains. {words}")
    if comparison.gain.low < -_MUCH:
        lost = f"{-comparison.gain.low:.3f}"
        return Check("look", name, f"it may be worse by up to {lost}: this test is too small to tell. {words}")
    return Check("good", name, f"no difference beyond chance. {words}")


def _calibration(gap: Gap) -> Check:
    words = f"{100 * abs(gap.value):.1f} points too {'high' if gap.value > 0 else 'low'} on average"
    if gap.explained:
        return Check("good", Subject.CALIBRATION, f"probabilities are {words}, which chance explains")
    return Check("look", Subject.CALIBRATION, f"probabilities are {words}, by more than chance explains")


def _clients(changes: Sequence[Change]) -> Check:
    breaking = sum(change.breaks for change in changes)
    if breaking:
        return Check("look", Subject.CLIENTS, f"{count_noun(breaking, 'change')} of the contract would break them")
    if changes:
        return Check(
            "good", Subject.CLIENTS, f"{count_noun(len(changes), 'change')} of the contract, none breaks them"
        )
    return Check("good", Subject.CLIENTS, "the contract is unchanged")


def _telling(findings: Findings) -> list[Check]:
    """A look at fields that nearly predict the target alone: they may be known only after the event."""
    words, telling = words_for(findings.event), findings.telling
    if not telling:
        return []
    named = [telling_words(field, words) for field in telling[:_MOST_TELLING]]
    more = [f"{len(telling) - _MOST_TELLING} more"] if len(telling) > _MOST_TELLING else []
    asked = "is it" if len(telling) == 1 else "are they"
    return [Check("look", Subject.TELLING, f"{'; '.join(named + more)}: {asked} known {words.before}?")]


def _flagged(findings: Findings) -> list[Check]:
    """A look at a threshold that no customer reaches."""
    y, probabilities, threshold = findings.tested.y, findings.tested.probabilities, findings.threshold
    highest = float(probabilities.max())
    if highest >= threshold:
        return []
    usual = base_rate_threshold(y, probabilities)
    flagged = int((probabilities >= usual).sum())
    words = (
        f"no customer reaches the threshold, {threshold:.4g}: the highest probability on the test part is "
        f"{highest:.4g}; from {usual:.4g} on, {flagged:,} of {len(y):,} are flagged, and {int(y.sum()):,} "
        f"{words_for(findings.event).did}"
    )
    return [Check("look", Subject.FLAGGED, words)]


def _few(findings: Findings) -> list[Check]:
    """A look at a class with so few customers, in the table or its test part, that every figure is uncertain."""
    words, table, tested = words_for(findings.event), findings.split.table.y, findings.tested.y
    for y, fewest, part in ((table, _FEW, ""), (tested, _FEW_TESTED, " in the test part")):
        counts = {words.did: int((y == 1).sum()), words.did_not: int((y == 0).sum())}
        few = [f"{count_noun(count, 'customer')} who {did}" for did, count in counts.items() if count < fewest]
        if few:
            found = f"only {' and '.join(few)}{part}, fewer than {fewest}: every figure is uncertain"
            return [Check("look", Subject.FEW, found)]
    return []


def _test_part(tested: Tested) -> list[Check]:
    """The checks of the test part itself: its refused customers, and its copies of training customers."""
    checks, refused, customers = [], tested.refused, len(tested.rows)
    if refused.customers:
        words = f"{count_noun(refused.customers, 'test customer')} could not be tested ({refused.describe()})"
        checks.append(Check("look" if refused.leaves_enough(customers) else "stop", Subject.REFUSED, words))
    if tested.copies > _MANY_COPIES * customers:
        words = f"{tested.copies:,} of {customers:,} test customers equal a training customer in every field"
        words += ": if they are the same customers, every figure is too good"
        checks.append(Check("look", Subject.COPIES, words))
    return checks
