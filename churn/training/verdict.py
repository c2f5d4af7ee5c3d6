"""Whether to put a new model in place, in words: what a training has found, weighed.

Owns the words and their order, and what is never replaced unless somebody insists; measures nothing.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from churn.training.changes import Change
from churn.training.evaluation import Gap, Interval, calibration_gap
from churn.training.findings import Findings
from churn.training.gate import Comparison

Mark = Literal["good", "look", "stop"]
_CHANCE = 0.5  # the AUC of a ranking by chance
_MUCH = 0.02  # of AUC: a model that may be worse by more is not called as good
_MANY_REFUSED = 0.05  # of the test customers, by the old model: too many to compare the rest without a look
_MANY_COPIES = 0.05  # of the test customers, spelled as one that was fitted on


class Check(NamedTuple):
    """One thing that was looked at, and how it stands."""

    mark: Mark
    what: str
    found: str


class Verdict(NamedTuple):
    """The words at the top, the checks that they come from, and the calibration `gap` among these.

    `keeps`: a model is in place, and why it is not to be replaced; None where nothing stands against it.
    """

    mark: Mark
    headline: str
    checks: list[Check]
    keeps: str | None
    gap: Gap


def judge(findings: Findings) -> Verdict:
    """The verdict on a model, from all that its training has found."""
    comparison, untested, tested = findings.comparison, findings.untested, len(findings.test)
    gap = calibration_gap(findings.y, findings.probabilities, fitted_on=len(findings.train))
    checks = [_ranking(findings.auc_interval), _place(comparison, findings.model_name), _calibration(gap)]
    if comparison is not None:
        checks.append(_clients(findings.changes))
    if findings.old_threshold not in (None, findings.threshold):
        words = f"{findings.threshold:.4f}, was {findings.old_threshold:.4f}: other customers will count as leaving"
        checks.append(Check("look", "Threshold", words))
    if untested.customers:
        words = f"{_count(untested.customers, 'test customer')} could not be tested ({untested.describe()})"
        checks.append(Check("look" if untested.leaves_enough(tested) else "stop", "Refused", words))
    if findings.copies > _MANY_COPIES * tested:
        words = f"{findings.copies:,} of {tested:,} test customers are spelled just as one that was fitted on"
        checks.append(Check("look", "Copies", f"{words}: known ones, perhaps, which flatters every figure"))
    marks = [check.mark for check in checks]
    mark: Mark = "stop" if "stop" in marks else "look" if "look" in marks else "good"
    return Verdict(mark, _headline(checks, findings), checks, _keeps(checks, findings), gap)


def _headline(checks: Sequence[Check], findings: Findings) -> str:
    comparison = findings.comparison
    stops = [check.what for check in checks if check.mark == "stop"]
    looks = [check.what.lower() for check in checks if check.mark == "look"]
    if stops:
        return _objection(stops, findings)
    if not isinstance(comparison, Comparison):
        words = "Nothing speaks against shipping it: there is no model in its place"
    elif comparison.gain.low > 0:
        words = "Ship it: it ranks customers better than the model in place"
    else:
        words = "It can be shipped: it is not shown to be worse than the model in place"
    return f"{words}; but first look at: {', '.join(looks)}." if looks else f"{words}."


def _objection(stops: Sequence[str], findings: Findings) -> str:
    """The headline of a model that a check stops: the first reason of several."""
    comparison = findings.comparison
    if "Refused" in stops:
        return f"Do not ship it: only {_tested(findings)} could be tested."
    if "Ranking" in stops:
        return "Do not ship it: it is not shown to rank customers better than chance does."
    if isinstance(comparison, str):
        return "Do not ship it unseen: it can't be compared with the model in place."
    if comparison and not comparison.on_enough:
        return f"Do not ship it unseen: only {_compared(comparison)} could be compared with the model in place."
    return "Do not ship it: the model in place ranks customers better."


def _keeps(checks: Sequence[Check], findings: Findings) -> str | None:
    """Why the model in place is kept, for whoever has asked for another one."""
    comparison, stops = findings.comparison, [check.what for check in checks if check.mark == "stop"]
    if comparison is None:
        return None
    if "Refused" in stops:
        return f"the new model could be tested on only {_tested(findings)} ({findings.untested.describe()})"
    if isinstance(comparison, str):
        return f"it can't be compared with the new model: {comparison}"
    if not comparison.on_enough:
        return f"it can score only {_compared(comparison)} ({comparison.refused.describe()})"
    if comparison.worse:
        return "the new model is worse, and by more than chance explains"
    if stops:
        return "the new model is not shown to rank customers better than chance does"
    return None


def _tested(findings: Findings) -> str:
    tested = len(findings.test)
    return f"{tested:,} of {tested + findings.untested.customers:,} test customers"


def _compared(comparison: Comparison) -> str:
    return f"{comparison.compared:,} of {comparison.compared + comparison.refused.customers:,} test customers"


def _ranking(interval: Interval) -> Check:
    where = f"95 % interval of the AUC: {interval.low:.3f} to {interval.high:.3f}"
    if interval.low <= _CHANCE:
        return Check("stop", "Ranking", f"not told apart from chance, whose AUC is 0.5 ({where})")
    return Check("good", "Ranking", f"better than chance ({where})")


def _place(comparison: Comparison | str | None, model_name: str) -> Check:
    name = "Model in place"
    if comparison is None:
        return Check("good", name, f"there was none at {model_name}")
    if isinstance(comparison, str):
        return Check("stop", name, f"not compared: {comparison}")
    told = _told(comparison)
    if not comparison.on_enough:
        return Check("stop", name, f"only {_compared(comparison)} could be compared. {told}")
    if comparison.worse:
        return Check("stop", name, f"worse, by more than chance explains. {told}")
    if comparison.refused.customers > _MANY_REFUSED * (comparison.refused.customers + comparison.compared):
        return Check("look", name, f"it can score a part of the test customers only. {told}")
    if comparison.gain.low > 0:
        return Check("good", name, f"better, by more than chance explains. {told}")
    if comparison.gain.low < -_MUCH:
        lost = f"{-comparison.gain.low:.3f}"
        return Check("look", name, f"it may be worse by up to {lost}: this test is too small to tell. {told}")
    return Check("good", name, f"no difference that chance does not explain. {told}")


def _told(comparison: Comparison) -> str:
    words = ". ".join(line[0].upper() + line[1:] for line in comparison.describe())
    return words.replace("Auc", "AUC")


def _calibration(gap: Gap) -> Check:
    words = f"{100 * abs(gap.value):.1f} points too {'high' if gap.value > 0 else 'low'} on average"
    if gap.explained:
        return Check("good", "Mean calibration", f"probabilities are {words}, which chance explains")
    return Check("look", "Mean calibration", f"probabilities are {words}, by more than chance explains")


def _clients(changes: Sequence[Change]) -> Check:
    breaking = sum(change.breaks for change in changes)
    if breaking:
        return Check("look", "Clients", f"{_count(breaking, 'change')} of the contract would break them")
    if changes:
        return Check("good", "Clients", f"{_count(len(changes), 'change')} of the contract, none breaks them")
    return Check("good", "Clients", "the contract is as it was")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' if number != 1 else ''}"
