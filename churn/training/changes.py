"""The differences between the contracts of two models, in words for the people who write clients.

A change breaks clients when the new model refuses customers that the old one accepted.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from churn.errors import Problem
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Field, Flag, Number, Where, show_value
from churn.model.groups import Group
from churn.model.marks import NO_MARKS


@dataclass(frozen=True)
class Change:
    """One difference, in words; `breaks` is True if customers that were accepted will be refused."""

    field: str
    what: str
    breaks: bool

    def __str__(self) -> str:
        return f"{self.field}: {self.what}" + (" (breaks clients)" if self.breaks else "")


def contract_changes(old: Contract, new: Contract) -> list[Change]:
    """Every difference between `new` and `old`, the ones that break clients first.

    >>> old = Contract((Category("plan", ("basic", "gold")), Number("tenure", 0.0, 72.0, True)))
    >>> new = Contract((Category("plan", ("basic", "blue")), Number("tenure", 0.0, 80.0, True), Flag("member")))
    >>> for change in contract_changes(old, new): print(change)
    plan: lost the category gold (breaks clients)
    member: new, and has to be sent (breaks clients)
    plan: new category blue
    tenure: 0 to 80 in training, was 0 to 72
    """
    before, after = ({field.name: field for field in contract.fields} for contract in (old, new))
    changes = [Change(name, "gone, and ignored when sent", False) for name in before if name not in after]
    for name, field in after.items():
        if name not in before:
            changes.append(Change(name, "new, and has to be sent", True))
        else:
            changes += _field_changes(before[name], field)
    changes += _group_changes(old.groups, new.groups, after)
    return sorted(changes, key=lambda change: not change.breaks)


def _group_changes(old: Sequence[Group], new: Sequence[Group], fields: Mapping[str, Field]) -> Iterator[Change]:
    """The new groups that are not part of an old one, and the groups that are gone.

    Of a group that is gone only the values count that the new `fields`, by their names, still accept.
    """
    for group in new:
        if not any({*group.values} <= {*other.values} for other in old):
            yield Change(group.values[0].field, f"{_describe(group.values)} are accepted only together now", True)
    for group in old:
        values = [value for value in group.values if value.field in fields]
        values = [value for value in values if _takes(fields[value.field], value.equals)]
        if len(values) > 1 and not any({*values} <= {*other.values} for other in new):
            yield Change(values[0].field, f"{_describe(values)} are now also accepted apart", False)


def _field_changes(old: Field, new: Field) -> Iterator[Change]:
    if isinstance(old, Category) and isinstance(new, Category):
        lost, found = set(old.categories) - set(new.categories), set(new.categories) - set(old.categories)
        lost = {category for category in lost if not _takes(new, category)}
        yield from _word_changes(old, new)
        if lost:
            yield Change(new.name, f"lost the {_plural(lost)}", True)
        if found:
            yield Change(new.name, f"new {_plural(found)}", False)
        if old.blank and not new.takes_blank:
            yield Change(new.name, "a blank is refused now", True)
        if lost <= {""} and old.takes_booleans and not new.takes_booleans:
            yield Change(new.name, "JSON's true and false are refused now, and have to be sent as texts", True)
    elif isinstance(old, Number) and isinstance(new, Number):
        yield from _number_changes(old, new)
    elif type(old) is not type(new):
        refused = "; true and false are refused now" if isinstance(old, Flag) and isinstance(new, Number) else ""
        breaks = not all(_takes(new, value) for value in _list_values(old))
        yield Change(new.name, f"a {_kind(new)}, was a {_kind(old)}{refused}", breaks)


def _list_values(field: Field) -> Iterator[object]:
    """Sample values of each kind that a field accepts: all of a category or a flag, some of a number."""
    if isinstance(field, Category):
        yield from field.categories
    else:
        yield from (0, 1) if isinstance(field, Flag) else (0.5, 2)
    if isinstance(field, Flag) or (isinstance(field, Category) and field.takes_booleans):
        yield from (True, False, "true", "false")


def _takes(field: Field, value: object) -> bool:
    """True if a field accepts a value, whatever the customer's other values are."""
    found = field.read(value, suggest=False)
    return found.where is None if isinstance(found, Blank) else not isinstance(found, Problem)


def _number_changes(old: Number, new: Number) -> Iterator[Change]:
    if old.non_negative != new.non_negative:
        what = "a negative is refused now" if new.non_negative else "a negative is accepted now"
        yield Change(new.name, what, new.non_negative)
    lost, found = (old.marks or NO_MARKS).without(new.marks), (new.marks or NO_MARKS).without(old.marks)
    if lost != NO_MARKS:
        yield Change(new.name, f"texts with {lost.describe()} are refused now", True)
    if found != NO_MARKS:
        yield Change(new.name, f"texts with {found.describe()} are accepted now", False)
    if bool(old.marks and old.marks.decimal_comma) != bool(new.marks and new.marks.decimal_comma):
        mark = "comma" if new.marks and new.marks.decimal_comma else "point"
        yield Change(new.name, f"texts are read with a decimal {mark} now", True)
    yield from _word_changes(old, new)
    yield from _limit_changes(old, new)
    if old.blank != new.blank:
        was_wider = old.blank is not None and (new.blank is None or new.blank.where not in (None, old.blank.where))
        yield Change(
            new.name, f"{new.expected}{_describe_blank(new)}; was {old.expected}{_describe_blank(old)}", was_wider
        )
    if (old.minimum, old.maximum) != (new.minimum, new.maximum):
        yield Change(new.name, f"{_range(new)} in training, was {_range(old)}", False)


def _describe_blank(number: Number) -> str:
    """The meaning of a blank, to be appended to what the number accepts; "" where a blank is refused."""
    if number.blank is None:
        return ""
    return ", a blank is weighed by itself" if number.blank.apart else f", a blank stands for {number.blank.value:g}"


def _word_changes(old: Category | Number, new: Category | Number) -> Iterator[Change]:
    """The changes of the words for a blank."""
    lost, found = sorted({*old.missing} - {*new.missing}), sorted({*new.missing} - {*old.missing})
    if lost:
        breaks = old.takes_blank and not all(_takes(new, word) for word in lost)
        yield Change(new.name, f"{', '.join(lost)} {_is(lost)} not a blank any more", breaks)
    if found:
        breaks = any(_takes(old, word) and not _takes(new, word) for word in found)
        yield Change(new.name, f"{', '.join(found)} {_is(found)} a blank now", breaks)


def _limit_changes(old: Number, new: Number) -> Iterator[Change]:
    """The changes of the limits, narrower and wider."""
    floor = 0.0 if old.non_negative or new.non_negative else -math.inf  # negatives have a change of their own
    lows = [max(floor, -math.inf if number.lowest is None else number.lowest) for number in (old, new)]
    highs = [math.inf if number.highest is None else number.highest for number in (old, new)]
    refused: list[str] = []
    taken: list[str] = []
    if lows[0] != lows[1]:
        (refused if lows[1] > lows[0] else taken).append(f"less than {max(lows):.12g}")
    if highs[0] != highs[1]:
        (refused if highs[1] < highs[0] else taken).append(f"more than {min(highs):.12g}")
    if refused:
        yield Change(new.name, f"{' and '.join(refused)} is refused now", True)
    if taken:
        yield Change(new.name, f"{' and '.join(taken)} is accepted now", False)


def _describe(values: Sequence[Where]) -> str:
    """The values of a group in words: the first alone, the others with their fields."""
    first, *others = values
    return f"{show_value(first.equals)} and {', '.join(map(str, others))}"


def _is(words: Sequence[str]) -> str:
    return "is" if len(words) == 1 else "are"


def _plural(categories: set[str]) -> str:
    words = ", ".join(category or "blank" for category in sorted(categories))
    return f"{'category' if len(categories) == 1 else 'categories'} {words}"


def _kind(field: Field) -> str:
    return type(field).__name__.lower()


def _range(number: Number) -> str:
    if number.minimum is None or number.maximum is None:
        return "of unknown range"
    return f"{number.minimum:g} to {number.maximum:g}"
