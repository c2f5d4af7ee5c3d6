"""Whether to put a new model in place, in words: what a training has found, weighed.

Owns the words and their order; measures nothing. Who reads them decides.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from churn.contract_changes import Change
from churn.diagnostics import Gap
from churn.evaluation import Interval
from churn.gate import Comparison

Mark = Literal["good", "look", "stop"]
_CHANCE = 0.5  # the AUC of a ranking by chance


class Check(NamedTuple):
    """One thing that was looked at, and how it stands."""

    mark: Mark
    what: str
    found: str


class Verdict(NamedTuple):
    """The words at the top, and the checks that they come from."""

    mark: Mark
    headline: str
    checks: list[Check]


def judge(
    interval: Interval,
    gap: Gap,
    comparison: Comparison | str | None,
    *,
    changes: Sequence[Change],
    untested: int,
) -> Verdict:
    """The verdict on a model with this AUC (95 % `interval`) and calibration on its test part."""
    checks = [_ranking(interval), _place(comparison), _calibration(gap)]
    if comparison is not None:
        checks.append(_clients(changes))
    if untested:
        checks.append(Check("look", "Refused", f"{_count(untested, 'test customer')} could not be tested"))
    marks = [check.mark for check in checks]
    mark: Mark = "stop" if "stop" in marks else "look" if "look" in marks else "good"
    return Verdict(mark, _headline(checks, comparison), checks)


def _headline(checks: Sequence[Check], comparison: Comparison | str | None) -> str:
    stops = [check.what for check in checks if check.mark == "stop"]
    looks = [check.what.lower() for check in checks if check.mark == "look"]
    if "Ranking" in stops:
        return "Do not ship it: it may rank customers no better than chance does."
    if stops:
        return "Do not ship it: the model in place ranks customers better."
    if comparison is None:
        words = "Nothing speaks against shipping it: it is the first model"
    elif isinstance(comparison, str):
        words = "Decide by its own figures: it can't be compared with the model in place"
        looks.remove("model in place")
    elif comparison.gain.low > 0:
        words = "Ship it: it ranks customers better than the model in place"
    else:
        words = "It can be shipped: it is as good as the model in place, as far as this test can tell"
    return f"{words}; but first look at: {', '.join(looks)}." if looks else f"{words}."


def _ranking(interval: Interval) -> Check:
    where = f"95 % interval of the AUC: {interval.low:.3f} to {interval.high:.3f}"
    if interval.low <= _CHANCE:
        return Check("stop", "Ranking", f"not told apart from chance, whose AUC is 0.5 ({where})")
    return Check("good", "Ranking", f"better than chance ({where})")


def _place(comparison: Comparison | str | None) -> Check:
    name = "Model in place"
    if comparison is None:
        return Check("good", name, "there was none")
    if isinstance(comparison, str):
        return Check("look", name, f"not compared: {comparison}")
    if comparison.worse:
        return Check("stop", name, f"worse, by more than chance explains. {_told(comparison)}")
    if comparison.gain.low > 0:
        return Check("good", name, f"better, by more than chance explains. {_told(comparison)}")
    return Check("good", name, f"no difference that chance does not explain. {_told(comparison)}")


def _told(comparison: Comparison) -> str:
    words = ". ".join(line[0].upper() + line[1:] for line in comparison.describe())
    return words.replace("Auc", "AUC")


def _calibration(gap: Gap) -> Check:
    words = f"{100 * abs(gap.value):.1f} points too {'high' if gap.value > 0 else 'low'} on average"
    if gap.explained:
        return Check("good", "Calibration", f"probabilities are {words}, which chance explains")
    return Check("look", "Calibration", f"probabilities are {words}, by more than chance explains")


def _clients(changes: Sequence[Change]) -> Check:
    breaking = sum(change.breaks for change in changes)
    if breaking:
        return Check("look", "Clients", f"{_count(breaking, 'change')} of the contract would break them")
    if changes:
        return Check("good", "Clients", f"{_count(len(changes), 'change')} of the contract, none breaks them")
    return Check("good", "Clients", "the contract is as it was")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' if number != 1 else ''}"
