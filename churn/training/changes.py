"""What is different between the contracts of two models, in words for whoever writes their clients.

A change breaks clients when customers that the old model took are refused by the new one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from churn.errors import Problem
from churn.model.contract import Blank, Category, Contract, Field, Flag, Number
from churn.model.marks import NO_MARKS


@dataclass(frozen=True)
class Change:
    """One difference, in words; `breaks`: customers that were taken will be refused."""

    field: str
    what: str
    breaks: bool

    def __str__(self) -> str:
        return f"{self.field}: {self.what}" + (" (breaks clients)" if self.breaks else "")


def contract_changes(old: Contract, new: Contract) -> list[Change]:
    """Every difference of `new` to `old`, those that break clients first.

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
    return sorted(changes, key=lambda change: not change.breaks)


def _field_changes(old: Field, new: Field) -> Iterator[Change]:
    if isinstance(old, Category) and isinstance(new, Category):
        lost, found = set(old.categories) - set(new.categories), set(new.categories) - set(old.categories)
        if lost:
            yield Change(new.name, f"lost the {_plural(lost)}", True)
        if found:
            yield Change(new.name, f"new {_plural(found)}", False)
        if lost <= {""} and old.takes_booleans and not new.takes_booleans:
            yield Change(new.name, "JSON's true and false are refused now, and have to be sent as texts", True)
    elif isinstance(old, Number) and isinstance(new, Number):
        yield from _number_changes(old, new)
    elif type(old) is not type(new):
        refused = "; true and false are refused now" if isinstance(old, Flag) and isinstance(new, Number) else ""
        breaks = not all(_takes(new, value) for value in _list_values(old))
        yield Change(new.name, f"a {_kind(new)}, was a {_kind(old)}{refused}", breaks)


def _list_values(field: Field) -> Iterator[object]:
    """Values of each kind that a field takes: all of a category or a flag, some of a number."""
    if isinstance(field, Category):
        yield from field.categories
    else:
        yield from (0, 1) if isinstance(field, Flag) else (0.5, 2)
    if isinstance(field, Flag) or (isinstance(field, Category) and field.takes_booleans):
        yield from (True, False, "true", "false")


def _takes(field: Field, value: object) -> bool:
    """Whether a field takes a value, whatever else the customer has."""
    found = field.read(value, suggest=False)
    return found.where is None if isinstance(found, Blank) else not isinstance(found, Problem)


def _number_changes(old: Number, new: Number) -> Iterator[Change]:
    if old.non_negative != new.non_negative:
        what = "a negative is refused now" if new.non_negative else "a negative is taken now"
        yield Change(new.name, what, new.non_negative)
    lost, found = (old.marks or NO_MARKS).without(new.marks), (new.marks or NO_MARKS).without(old.marks)
    if lost != NO_MARKS:
        yield Change(new.name, f"texts with {lost.describe()} are refused now", True)
    if found != NO_MARKS:
        yield Change(new.name, f"texts with {found.describe()} are taken now", False)
    if bool(old.marks and old.marks.decimal_comma) != bool(new.marks and new.marks.decimal_comma):
        mark = "comma" if new.marks and new.marks.decimal_comma else "point"
        yield Change(new.name, f"texts are read with a decimal {mark} now", True)
    if old.blank != new.blank:
        was_wider = old.blank is not None and (new.blank is None or new.blank.where not in (None, old.blank.where))
        meaning = "" if new.blank is None else f", a blank stands for {new.blank.value:g}"
        yield Change(new.name, f"{new.expected}{meaning}; was {old.expected}", was_wider)
    if (old.minimum, old.maximum) != (new.minimum, new.maximum):
        yield Change(new.name, f"{_range(new)} in training, was {_range(old)}", False)


def _plural(categories: set[str]) -> str:
    words = ", ".join(category or "blank" for category in sorted(categories))
    return f"{'category' if len(categories) == 1 else 'categories'} {words}"


def _kind(field: Field) -> str:
    return type(field).__name__.lower()


def _range(number: Number) -> str:
    if number.minimum is None or number.maximum is None:
        return "of unknown range"
    return f"{number.minimum:g} to {number.maximum:g}"
