"""Customers who together touch every piece of a model's curves and every cell of its pairs of fields.

Owns which values that takes, and how few customers have them all. Golden customers are golden's.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from churn.model.contract import Contract
from churn.model.curves import Curve
from churn.model.fields import Category, Field, Number, Value
from churn.model.groups import choose_values
from churn.model.interactions import Axis, Interaction

Wanted = Mapping[str, Value]
"""Values of one field or two that a customer is to have together."""


def cover_shapes(
    contract: Contract, curves: Sequence[Curve], interactions: Sequence[Interaction], *, like: Mapping[str, Value]
) -> list[dict[str, Value]]:
    """Customers in clean spelling who have all that is wanted, each as much of it as goes together.

    What else they have is `like` a customer where the groups of the contract let them. What the groups forbid is left
    out.
    """
    fields = {field.name: field for field in contract.fields}
    left = [wanted for curve in curves for wanted in _want_pieces(fields[curve.field], curve)]
    left += [wanted for interaction in interactions for wanted in _want_cells(fields, interaction)]
    customers = []
    while left:
        known: dict[str, Value] = {}
        customer, later = dict(like), []
        for wanted in left:
            found = None
            if all(known.get(name, value) == value for name, value in wanted.items()):
                found = _change(customer, {**known, **wanted}, contract)
            if found is not None:
                known, customer = {**known, **wanted}, found
            elif known:  # else the groups forbid it
                later.append(wanted)
        left = later
        if known:
            customers.append(customer)
    return customers


def _change(customer: Mapping[str, Value], known: Wanted, contract: Contract) -> dict[str, Value] | None:
    """The customer with these values, and others where the groups ask for it; None where the groups forbid it."""
    changed = {name for name, value in known.items() if customer[name] != value}
    if all(field.name not in changed or isinstance(field, Number) for field in contract.fields):
        return {**customer, **known}
    wanted = {
        field.name: [known[field.name]] if field.name in known else _list_values(field, customer[field.name])
        for field in contract.fields
        if not isinstance(field, Number)
    }
    chosen = choose_values(wanted, contract.groups)
    return None if chosen is None else {**customer, **known, **chosen}


def _list_values(field: Field, first: Value) -> list[Value]:
    """All values of a category or a flag, this one first."""
    values: Sequence[Value] = field.categories if isinstance(field, Category) else (0.0, 1.0)
    return [first, *(value for value in values if value != first)]


def _want_pieces(field: Field, curve: Curve) -> Iterator[Wanted]:
    """A value for each piece of a curve, and the blank that it weighs by itself."""
    if not isinstance(field, Number):
        raise ValueError(f"{field.name} is no number and has a curve")
    knots = curve.knots
    inside = [(start + end) / 2 for start, end in pairwise(knots)]
    lowest = 0.0 if field.non_negative else knots[0] - 1
    below = max(lowest, (field.lowest + knots[0]) / 2) if field.lowest is not None else lowest
    above = knots[-1] + 1 if field.highest is None else (knots[-1] + field.highest) / 2
    outside = [number for number in (below, above) if not knots[0] <= number <= knots[-1]]
    for number in (*inside, *outside):
        if not field.is_blank(number):
            yield {field.name: number}
    if curve.blank is not None:
        yield {field.name: ""}


def _want_cells(fields: Mapping[str, Field], interaction: Interaction) -> Iterator[Wanted]:
    """Two values for each cell of a pair of fields that has a weight."""
    first, second = (dict(_represent(fields[axis.field], axis)) for axis in interaction.axes)
    for row, cells in enumerate(interaction.log_odds):
        for column, log_odds in enumerate(cells):
            if log_odds and row in first and column in second:
                yield {interaction.first.field: first[row], interaction.second.field: second[column]}


def _represent(field: Field, axis: Axis) -> Iterator[tuple[int, Value]]:
    """The numbers of an axis, each with one value that has it."""
    values: Sequence[Value]
    if isinstance(field, Category):
        values = field.categories
    elif isinstance(field, Number):
        ends = [number for number in (field.minimum, field.maximum) if number is not None]
        values = [number for number in (*axis.cuts, *ends) if not field.is_blank(number)]
    else:
        values = (0.0, 1.0)
    for value in values:
        yield axis.place(value), value
