"""The page's form, made from the contract: one control for each field, in groups, each with a value to start from.

Owns what the form shows; how it looks is the template's, what a field takes the contract's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from churn.model.columns import category_column
from churn.model.contract import Category, Contract, Field, Flag, Number
from churn.model.file import Model
from churn.web.pages.labels import GROUPS, OTHER_GROUP, UNITS, label_category, label_field

_WIDE = 10.0  # an observed range from which a mean is shown as a whole number


@dataclass(frozen=True)
class Option:
    """A value that a control offers, as it is sent and as it is read."""

    value: str
    label: str


@dataclass(frozen=True)
class Control:
    """One field of the form. `options` is empty for a number, which has a `hint` and perhaps the observed range."""

    id: str
    name: str
    label: str
    start: str
    options: tuple[Option, ...] = ()
    unit: str = ""
    hint: str = ""
    minimum: str = ""
    maximum: str = ""
    step: str = ""


@dataclass(frozen=True)
class Group:
    """Controls that belong together for a person."""

    label: str
    controls: tuple[Control, ...]


def make_form(model: Model) -> tuple[Group, ...]:
    """The form for a model's customers, every field in it once. It starts from the average customer, if one is known:
    the most frequent categories and the mean numbers.
    """
    contract = model.scorer.contract
    average = (model.card.average if model.card else None) or {}
    places = {field.name: place for place, field in enumerate(contract.fields)}
    controls = {field.name: _make_control(field, f"field-{places[field.name]}", average) for field in contract.fields}
    groups = [
        Group(label, tuple(controls.pop(name) for name in names if name in controls))
        for label, names in _groups(contract).items()
    ]
    return tuple(group for group in groups if group.controls)


def _groups(contract: Contract) -> dict[str, list[str]]:
    """The names of a contract's fields by group; the last group takes what no other names."""
    grouped = {label: list(names) for label, names in GROUPS.items()}
    known = {name for names in grouped.values() for name in names}
    grouped[OTHER_GROUP] = [field.name for field in contract.fields if field.name not in known]
    return grouped


def _make_control(field: Field, id: str, average: Mapping[str, float]) -> Control:
    label = label_field(field.name)
    if isinstance(field, Category):
        options = tuple(Option(one, label_category(one)) for one in field.categories)
        start = max(field.categories, key=lambda one: average.get(category_column(field.name, one), 0.0), default="")
        return Control(id, field.name, label, start, options)
    if isinstance(field, Flag):
        start = "1" if average.get(field.name, 0.0) >= 0.5 else "0"
        return Control(id, field.name, label, start, (Option("0", "No"), Option("1", "Yes")))
    return _make_number(field, id, label, average)


def _make_number(field: Number, id: str, label: str, average: Mapping[str, float]) -> Control:
    unit = UNITS.get(field.name, "")
    start = average.get(field.name, field.minimum or 0.0)
    if field.minimum is None or field.maximum is None:
        hint = "0 or more" if field.non_negative else ""
        return Control(id, field.name, label, spell_number(start), unit=unit, hint=hint)
    wide = field.maximum - field.minimum >= _WIDE
    whole = wide and start == average.get(field.name)
    return Control(
        id,
        field.name,
        label,
        f"{start:.0f}" if whole else spell_number(start),
        unit=unit,
        hint=f"{unit}{field.minimum:,.10g} to {unit}{field.maximum:,.10g} in training",
        minimum=spell_number(field.minimum),
        maximum=spell_number(field.maximum),
        step="1" if wide else "any",
    )


def spell_number(number: float) -> str:
    """A number as short as three digits behind the point allow.

    >>> spell_number(0.0), spell_number(18.25), spell_number(2 / 3), spell_number(1e22)
    ('0', '18.25', '0.667', '1e+22')
    """
    return f"{round(number, 3):.15g}" if abs(number) >= 1 else f"{number:.3g}"
