"""The page's form, made from the contract: a control for each field, in groups, filled with the example customer.

Owns what the form shows; how it looks is the template's, what a field takes the contract's.
"""

from dataclasses import dataclass

from churn.model.contract import Category, Contract, Field, Flag, Number, Value
from churn.model.file import Model
from churn.model.marks import WORDS
from churn.web.pages.example import example_customer
from churn.web.pages.labels import GROUPS, OTHER_GROUP, UNITS, label_category, label_field

_WIDE = 10.0  # an observed range in which a slider moves by whole numbers


@dataclass(frozen=True)
class Option:
    """A value that a control offers, as it is sent and as it is read."""

    value: str
    label: str


@dataclass(frozen=True)
class Control:
    """One field of the form. `options` is empty for a number, which has a `hint` and perhaps the observed range.

    `is_percent` is True for a number that has a percent sign.
    """

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
    is_percent: bool = False


@dataclass(frozen=True)
class Group:
    """Controls that belong together for a person."""

    label: str
    controls: tuple[Control, ...]


def make_form(model: Model) -> tuple[Group, ...]:
    """The form for a model's customers, every field in it once. It starts from the example customer."""
    contract = model.scorer.contract
    example = example_customer(contract, model.card.average if model.card else None)
    controls = {
        field.name: _make_control(field, f"field-{place}", example[field.name])
        for place, field in enumerate(contract.fields)
    }
    groups = [
        Group(label, tuple(controls.pop(name) for name in names if name in controls))
        for label, names in _group_fields(contract).items()
    ]
    return tuple(group for group in groups if group.controls)


def _group_fields(contract: Contract) -> dict[str, list[str]]:
    """The names of a contract's fields by group; the last group takes what no other names."""
    grouped = {label: list(names) for label, names in GROUPS.items()}
    known = {name for names in grouped.values() for name in names}
    grouped[OTHER_GROUP] = [field.name for field in contract.fields if field.name not in known]
    return grouped


def _make_control(field: Field, id: str, start: Value) -> Control:
    label = label_field(field.name)
    text = start if isinstance(start, str) else spell_number(start)
    if isinstance(field, Category):
        options = tuple(Option(category, label_category(category)) for category in field.categories)
        return Control(id, field.name, label, text, options)
    if isinstance(field, Flag):
        return Control(id, field.name, label, text, (Option("0", "No"), Option("1", "Yes")))
    return _make_number(field, id, label, text)


def _make_number(field: Number, id: str, label: str, start: str) -> Control:
    before, behind = _unit_of(field)
    if field.minimum is None or field.maximum is None:
        hint = "0 or more" if field.non_negative else ""
        return Control(id, field.name, label, start, unit=before, hint=hint, is_percent=behind == "%")
    return Control(
        id,
        field.name,
        label,
        start,
        unit=before,
        hint=f"{before}{field.minimum:,.10g}{behind} to {before}{field.maximum:,.10g}{behind} in training",
        minimum=spell_number(field.minimum),
        maximum=spell_number(field.maximum),
        step="1" if field.maximum - field.minimum >= _WIDE else "any",
        is_percent=behind == "%",
    )


def _unit_of(field: Number) -> tuple[str, str]:
    """What is shown before a field's numbers, and what behind them: its sign, or the unit of a field that we know."""
    sign = field.marks.sign if field.marks else ""
    if not sign:
        return UNITS.get(field.name, ""), ""
    return ("", sign) if sign == "%" else (f"{sign} " if sign in WORDS else sign, "")


def spell_number(number: float) -> str:
    """A number as short as three digits behind the point allow.

    >>> spell_number(0.0), spell_number(18.25), spell_number(2 / 3), spell_number(1e22)
    ('0', '18.25', '0.667', '1e+22')
    """
    return f"{round(number, 3):.15g}" if abs(number) >= 1 else f"{number:.3g}"
