"""Joint cells of a customer's categories and flags: some fields together, with a cell for each combination of values.

Looking up the cells checks a customer: a value that a field can't have, or a combination that the contract's groups
forbid, has no cell. It takes less time than looking up each field, and customers are counted in these cells. Knows no
weights.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from churn.model.contract import Contract, list_values
from churn.model.fields import Category, Field, Number, Value
from churn.model.groups import Group

MOST_CELLS = 256
"""The most cells of a part, unless one of its fields has more values by itself."""
_TRIED = 4  # the latest parts that are tried for more fields: a model can have thousands of parts

_Found = TypeVar("_Found")


class JointCells(NamedTuple):
    """A part: some fields, with a cell for each combination of their values that the contract's groups allow."""

    fields: tuple[Field, ...]
    combinations: Sequence[tuple[Value, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        """The fields' names."""
        return tuple(field.name for field in self.fields)

    def find(self, found: Iterable[_Found]) -> dict[Any, _Found]:
        """A mapping from the fields' values to `found`, which has an entry for each cell, in the cells' order.

        The key is a tuple of the values, or the value itself for one field. Other forms that the fields read as their
        values are found, too.
        """
        keys = self.combinations if len(self.fields) > 1 else (value for (value,) in self.combinations)
        return reading(self.fields, dict(zip(keys, found, strict=True)))


class Across(NamedTuple):
    """Groups whose fields are in several parts, so that the cells can't show a contradiction.

    `contradicts` takes the values of `fields` in their order, and is true for a customer with some but not all values
    of a group. It raises KeyError for an unknown value.
    """

    fields: tuple[str, ...]
    contradicts: Callable[[Sequence[Value]], bool]


class _Reading(dict[Any, _Found]):
    """A mapping by values of some fields, which also finds the other forms that these fields read as their values."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Sequence[Field], found: Mapping[Any, _Found]) -> None:
        super().__init__(found)
        self._fields = fields

    def __missing__(self, key: Any) -> _Found:
        values = key if len(self._fields) > 1 else (key,)
        read = tuple(field.read(value, suggest=False) for field, value in zip(self._fields, values, strict=True))
        if all(isinstance(value, str | float) for value in read):  # else a blank, or a problem
            known = read if len(read) > 1 else read[0]
            if known in self:
                return self[known]
        raise KeyError(key)


def reading(fields: Sequence[Field], found: dict[Any, _Found]) -> dict[Any, _Found]:
    """The mapping `found`, which also finds the other forms that the fields read as their values.

    Its keys are tuples of values, or the values themselves for one field. A category may read numbers, or a blank.
    """
    return _Reading(fields, found) if any(map(_reads_others, fields)) else found


def join_fields(contract: Contract) -> list[JointCells]:
    """The contract's categories and flags in few parts; fields of one group share a part if MOST_CELLS allows it."""
    parts: list[JointCells] = []
    for fields in _list_together(contract):
        unit = _join(contract, _EMPTY, fields)
        if unit is None:
            parts += _split(contract, fields)
            continue
        n_cells = len(unit.combinations)
        for place in range(max(0, len(parts) - _TRIED), len(parts)):
            part = parts[place]
            if len(part.combinations) * n_cells <= MOST_CELLS and (grown := _join(contract, part, fields)):
                parts[place] = grown
                break
        else:
            parts.append(unit)
    return parts


def groups_across(contract: Contract, parts: Sequence[JointCells]) -> Across | None:
    """The groups whose fields are in several parts; None if there are none."""
    groups = [_members(group) for group in contract.groups]
    groups = [members for members in groups if not any(members.keys() <= {*part.names} for part in parts)]
    if not groups:
        return None
    numbers: dict[str, dict[Value, int | None]] = {}
    for field in contract.fields:
        by_value = {members[field.name]: number for number, members in enumerate(groups) if field.name in members}
        if by_value:
            numbers[field.name] = reading([field], {value: by_value.get(value) for value in list_values(field)})

    def contradicts(values: Sequence[Value]) -> bool:
        found = {name: by_value[value] for (name, by_value), value in zip(numbers.items(), values, strict=True)}
        held = {number for number in found.values() if number is not None}
        return any(found[member] != number for number in held for member in groups[number])

    return Across(tuple(numbers), contradicts)


_EMPTY = JointCells((), [()])


def _list_together(contract: Contract) -> list[list[Field]]:
    """The categories and flags in units: fields whose groups share fields are one unit.

    Units with more values come first. Units with a field that reads other forms of its values come last: if one field
    of a part has to be read, all are.
    """
    together: list[set[str]] = []
    for group in contract.groups:
        names = {*_members(group)}
        joined = [others for others in together if others & names]
        together = [others for others in together if not others & names] + [names.union(*joined)]
    first = {name: min(names) for names in together for name in names}
    units: dict[str, list[Field]] = {}
    for field in contract.fields:
        if not isinstance(field, Number):
            units.setdefault(first.get(field.name, field.name), []).append(field)
    return sorted(
        units.values(), key=lambda unit: (any(map(_reads_others, unit)), -sum(len(list_values(f)) for f in unit))
    )


def _split(contract: Contract, fields: Sequence[Field]) -> list[JointCells]:
    """Parts of fields that do not fit into one part, in the order of the fields."""
    parts = [_EMPTY]
    for field in fields:
        if grown := _join(contract, parts[-1], [field]):
            parts[-1] = grown
        elif alone := _join(contract, _EMPTY, [field]):  # one field always fits
            parts.append(alone)
    return parts


def _join(contract: Contract, part: JointCells, fields: Iterable[Field]) -> JointCells | None:
    """The part with more fields, and the combinations that contradict no group; None if there are too many."""
    for field in fields:
        names, values = part.names, list_values(field)
        most = max(MOST_CELLS, len(values), *(len(list_values(known)) for known in part.fields))
        required: dict[tuple[str, Value], Value] = {}
        bound = set()
        for members in map(_members, contract.groups):
            if field.name in members and not members.keys().isdisjoint(names):
                bound.add(members[field.name])
                required |= {(name, members[name]): members[field.name] for name in names if name in members}
        free = [value for value in values if value not in bound]
        combinations = []
        for combination in part.combinations:
            needed = {required[pair] for pair in zip(names, combination, strict=True) if pair in required}
            if len(needed) < 2:
                combinations += [(*combination, value) for value in needed or free]
            if len(combinations) > most:
                return None
        part = JointCells((*part.fields, field), combinations)
    return part


def _members(group: Group) -> dict[str, Value]:
    return {value.field: value.equals for value in group.values}


def _reads_others(field: Field) -> bool:
    return isinstance(field, Category) and (field.takes_numbers or bool(field.blank))
