"""The page's form, made from the contract: a control for each field, in groups, filled with the example customer.

Owns the content of the form; the template owns its look, and the contract what a field accepts.
"""

from dataclasses import dataclass, replace

from churn.model.contract import Contract
from churn.model.fields import Category, Field, Flag, Number, Value
from churn.model.file import Model
from churn.model.marks import NO_MARKS, Marks
from churn.web.pages.curves import DrawnCurve, draw_curves
from churn.web.pages.example import example_customer
from churn.web.pages.labels import GROUPS, OTHER_GROUP, label_category, label_field, label_number, unit_of

_WIDE = 10.0  # from this width of the training range on, a slider moves by whole numbers


@dataclass(frozen=True)
class Option:
    """A value that a control offers: the value that is sent, and the label that people read."""

    value: str
    label: str


@dataclass(frozen=True)
class Control:
    """One field of the form. `options` is empty for a number, which has a `hint` and perhaps a training range.

    `seen` is the training range in words, `lowest_seen` and `highest_seen` are its exact ends. `taken`, `lowest` and
    `highest` are the same for the limits, beyond which a number is refused. `missing` are the words for a blank,
    separated by spaces. `marks` are those of the field's numbers. `is_percent` is True for a number with a percent
    sign. `curve` is None for a field without a curve.
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
    seen: str = ""
    lowest_seen: str = ""
    highest_seen: str = ""
    taken: str = ""
    lowest: str = ""
    highest: str = ""
    missing: str = ""
    marks: Marks = NO_MARKS
    is_percent: bool = False
    curve: DrawnCurve | None = None


@dataclass(frozen=True)
class Group:
    """Controls that are shown together."""

    label: str
    controls: tuple[Control, ...]


def make_form(model: Model) -> tuple[Group, ...]:
    """The form for a model's customers, with every field once, filled with the example customer."""
    contract = model.scorer.contract
    example = example_customer(contract, model.card.average if model.card else None)
    curves = draw_curves(model)
    controls = {
        field.name: _make_control(field, f"field-{place}", example[field.name], curves.get(field.name))
        for place, field in enumerate(contract.fields)
    }
    groups = [
        Group(label, tuple(controls.pop(name) for name in names if name in controls))
        for label, names in _group_fields(contract).items()
    ]
    return tuple(group for group in groups if group.controls)


def list_groups(contract: Contract) -> list[list[tuple[str, str]]]:
    """The contract's groups, each value as the form's controls have it."""
    return [
        [
            (value.field, value.equals if isinstance(value.equals, str) else spell_number(value.equals))
            for value in group.values
        ]
        for group in contract.groups
    ]


def _group_fields(contract: Contract) -> dict[str, list[str]]:
    """The names of a contract's fields by group; the last group has the fields that no other group names."""
    grouped = {label: list(names) for label, names in GROUPS.items()}
    known = {name for names in grouped.values() for name in names}
    grouped[OTHER_GROUP] = [field.name for field in contract.fields if field.name not in known]
    return grouped


def _make_control(field: Field, id: str, start: Value, curve: DrawnCurve | None) -> Control:
    label = label_field(field.name)
    text = start if isinstance(start, str) else spell_number(start)
    if isinstance(field, Category):
        options = tuple(Option(category, label_category(category)) for category in field.categories)
        return Control(id, field.name, label, text, options, missing=" ".join(field.missing))
    if isinstance(field, Flag):
        return Control(id, field.name, label, text, (Option("0", "No"), Option("1", "Yes")))
    return replace(_make_number(field, id, label, text), curve=curve)


def _make_number(field: Number, id: str, label: str, start: str) -> Control:
    before, behind = unit_of(field)
    limits = _describe_range(field, field.lowest, field.highest)
    control = Control(
        id,
        field.name,
        label,
        start,
        unit=before,
        hint=f"{limits} accepted" if limits else "0 or more" if field.non_negative else "",
        taken=limits,
        lowest=_spell_end(field.lowest),
        highest=_spell_end(field.highest),
        missing=" ".join(field.missing),
        marks=field.marks or NO_MARKS,
        is_percent=behind == "%",
    )
    if field.minimum is None or field.maximum is None:
        return control
    seen = _describe_range(field, field.minimum, field.maximum)
    return replace(
        control,
        hint=f"{seen} seen, {limits} accepted" if limits else f"{seen} seen",
        minimum=spell_number(field.minimum),
        maximum=spell_number(field.maximum),
        step="1" if field.maximum - field.minimum >= _WIDE else "any",
        seen=seen,
        lowest_seen=_spell_end(field.minimum),
        highest_seen=_spell_end(field.maximum),
    )


def _spell_end(end: float | None) -> str:
    """The exact end of a range; "" if it has none."""
    return "" if end is None else repr(end)


def _describe_range(field: Number, lowest: float | None, highest: float | None) -> str:
    """A range of a field's numbers in words; "" if it has no end on either side.

    >>> _describe_range(Number("totalcharges"), 0, 1900), _describe_range(Number("share"), None, 5.5)
    ('$0 to $1,900', '5.5 or less')
    """
    low, high = (end if end is None else label_number(field, end) for end in (lowest, highest))
    if low and high:
        return f"{low} to {high}"
    return f"{high} or less" if high else f"{low} or more" if low else ""


def spell_number(number: float) -> str:
    """A number with at most three decimals, or three significant digits below 1.

    >>> spell_number(0.0), spell_number(18.25), spell_number(2 / 3), spell_number(1e22)
    ('0', '18.25', '0.667', '1e+22')
    """
    return f"{round(number, 3):.15g}" if abs(number) >= 1 else f"{number:.3g}"
