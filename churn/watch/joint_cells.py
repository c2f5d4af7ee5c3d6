"""Categories and flags of a contract, counted a few fields at once: one count for each combination of their values.

Counting a field at a time takes three times as long. Combinations stay in the process: what others see are the
counts of each field, which are their sums.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from churn.model.contract import Contract, list_values
from churn.model.fields import Field, Number, Value

MOST_CELLS = 256
"""Combinations of the fields that are counted at once; a field with more values is alone."""


@dataclass(frozen=True)
class JointCells:
    """Some fields, and all combinations of their values that the contract's groups allow.

    `key` takes from a customer what `cells` numbers, from 0: the values in the order of `names`, of one field itself.
    """

    names: tuple[str, ...]
    combinations: tuple[tuple[Value, ...], ...]
    key: Callable[[Any], Any]
    cells: dict[Any, int]


def join_fields(contract: Contract) -> list[JointCells]:
    """The contract's categories and flags in as few parts as MOST_CELLS allows; fields of a group stand together."""
    parts: list[JointCells] = []
    names: tuple[str, ...] = ()
    combinations: list[tuple[Value, ...]] = [()]
    for field in _in_order(contract):
        longer = list(_combine(contract, names, combinations, field))
        if names and len(longer) > MOST_CELLS:
            parts.append(_make_cells(names, combinations))
            names, longer = (), list(_combine(contract, (), [()], field))
        names, combinations = (*names, field.name), longer
    return [*parts, _make_cells(names, combinations)] if names else parts


def _in_order(contract: Contract) -> list[Field]:
    """The fields that have values to list, those of groups first."""
    grouped = dict.fromkeys(value.field for group in contract.groups for value in group.values)
    fields = {field.name: field for field in contract.fields if not isinstance(field, Number)}
    return [fields[name] for name in {**grouped, **dict.fromkeys(fields)}]


def _combine(
    contract: Contract, names: Sequence[str], combinations: Sequence[tuple[Value, ...]], field: Field
) -> Iterator[tuple[Value, ...]]:
    """The combinations with each value of one more field that contradicts none of theirs."""
    groups = [group for group in contract.groups if any(value.field == field.name for value in group.values)]
    for combination in combinations:
        for value in list_values(field):
            customer = dict(zip((*names, field.name), (*combination, value), strict=True))
            if not any(group.find_problem(customer) for group in groups):
                yield (*combination, value)


def _make_cells(names: tuple[str, ...], combinations: Sequence[tuple[Value, ...]]) -> JointCells:
    keys = (values if len(names) > 1 else values[0] for values in combinations)
    return JointCells(names, tuple(combinations), itemgetter(*names), {key: cell for cell, key in enumerate(keys)})
