"""Assigns each of a model's columns to a field of the contract, or to two fields that share it.

Refuses a model with surplus or missing weights. `columns` has the grammar of the names.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from churn.model.columns import Both, Column, category_column, is_reserved, log_column, read_column
from churn.model.contract import Contract
from churn.model.curves import Curve, make_curve
from churn.model.fields import Category, Field, Flag, Number
from churn.model.interactions import Axis, Interaction, make_interactions

_Known = TypeVar("_Known", bound=Column)


class FieldColumns(NamedTuple):
    """A model's weights: those of each field's own columns, and in `together` those of columns that two fields share.

    `curves` are those of the numbers that have one, by field. `interactions` are the tables that `together` adds up
    to.
    """

    by_field: dict[str, dict[str, float]]
    curves: dict[str, Curve]
    together: dict[str, float]
    interactions: list[Interaction]

    @property
    def names(self) -> set[str]:
        """The names of all columns."""
        return {column for columns in (*self.by_field.values(), self.together) for column in columns}


def assign_columns(contract: Contract, weights: Mapping[str, float], *, separator: str = "=") -> FieldColumns:
    """The weights of the contract's fields; `weights` maps the DictVectorizer's names to log-odds per unit.

    Raises ValueError for a field without its weight, for a weight that no field reaches, and as make_curve and
    make_interactions do.
    """
    left = dict(weights)
    by_field = {field.name: _take_columns(left, field, separator) for field in contract.fields}
    shapes: dict[str, dict[str, Column]] = {}
    pairs: dict[str, Both] = {}
    for name in filter(is_reserved, left):
        column = read_column(name, separator=separator)
        if isinstance(column, Both):
            pairs[name] = column
        else:
            shapes.setdefault(column.field, {})[name] = column
    curves = {}
    for field in contract.numbers:
        if not by_field[field.name]:
            own = shapes.get(field.name, {})
            by_field[field.name] = {name: left.pop(name) for name in own}
            curves[field.name] = _make_curve(field, own, by_field[field.name])
        elif field.blank and field.blank.apart:
            raise ValueError(f"{field.name!r} has no curve, so its blanks can't have a weight of their own")
    together = {name: left.pop(name) for name in pairs}
    interactions = make_interactions(_weigh(pairs, together))
    _check_axes(interactions, contract)
    if left:
        raise ValueError(f"no field of the contract reaches the weight of {min(left)!r}")
    return FieldColumns(by_field, curves, together, interactions)


def _weigh(columns: Mapping[str, _Known], weights: Mapping[str, float]) -> dict[_Known, float]:
    """The weights by parsed column. Raises ValueError where two names mean the same column."""
    by_column = {column: weights[name] for name, column in columns.items()}
    if len(by_column) < len(columns):
        raise ValueError("a column has two names")
    return by_column


def _take_columns(weights: dict[str, float], field: Field, separator: str) -> dict[str, float]:
    """The weights of a field's columns, removed from `weights`: one for each category, or a number's one or two.

    Empty for a number that has none of these: it may have a curve.
    """
    if isinstance(field, Category):
        columns = [category_column(field.name, category, separator=separator) for category in field.categories]
    elif isinstance(field, Number) and field.name not in weights:
        return {}
    else:
        columns = [field.name]
        if not isinstance(field, Flag) and log_column(field.name) in weights:
            if not field.non_negative:
                raise ValueError(f"{field.name} has a logarithm, so it must be non-negative")
            columns.append(log_column(field.name))
    try:
        return {column: weights.pop(column) for column in columns}
    except KeyError as error:
        raise ValueError(f"the model has no weight for {error.args[0]!r}") from None


def _make_curve(field: Number, columns: Mapping[str, Column], weights: Mapping[str, float]) -> Curve:
    if not columns:
        raise ValueError(f"the model has no weight for {field.name!r}")
    curve = make_curve(field.name, _weigh(columns, weights))
    apart = field.blank is not None and field.blank.apart
    if apart != (curve.blank is not None):
        words = "no weight for its blanks" if apart else "a weight for its blanks, which the contract does not have"
        raise ValueError(f"{field.name!r} has {words}")
    return curve


def _check_axes(interactions: Iterable[Interaction], contract: Contract) -> None:
    """Raises ValueError where the field of a table is not in the contract, or is of another kind there."""
    fields = {field.name: field for field in contract.fields}
    for axis in (axis for interaction in interactions for axis in (interaction.first, interaction.second)):
        field = fields.get(axis.field)
        if field is None or not _suits(axis, field):
            raise ValueError(f"{axis.field!r} is not a field of the contract that fits the weights of two fields")


def _suits(axis: Axis, field: Field) -> bool:
    if isinstance(field, Category):
        return not axis.cuts and {*axis.categories} <= {*field.categories}
    return not axis.categories and bool(axis.cuts)
