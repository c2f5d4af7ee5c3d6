"""How the weights of a customer's categories and flags are looked up, so that the lookup is the check.

A value that no customer may have beside the others has no weight where it is looked up. Knows no arithmetic.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from churn.model.fields import Category, Field, Value
from churn.model.groups import Group

_Found = TypeVar("_Found")

Lookups = tuple[tuple[str, dict[Value, float]], ...]
"""Fields, each with the weights of those of its values that a customer may have."""
Leaders = tuple[tuple[str, dict[Value, tuple[float, Lookups]]], ...]
"""Fields, each with the weight of each of its values and the lookups of its followers beside that value."""


class Plan(NamedTuple):
    """How categories and flags are looked up so that the lookup finds what contradicts, too.

    The first field of a group is its leader: by its value it is known which values the others, its followers, may
    have. `free` are fields that neither lead nor follow. `leaders` have for each of their values its weight and the
    followers' lookups. A field's weight is in one place, and 0.0 in the others. `places` are numbers of
    the fields, from 0, in the order in which their weights are added.
    """

    free: Lookups
    leaders: Leaders
    places: dict[str, int]

    def reading_with(self, fields: Iterable[Field]) -> tuple[Lookups, Leaders]:
        """The free fields and the leaders, where the lookup of a field that takes numbers, or a blank for a word,
        reads these, too.
        """
        readers = {field.name: field for field in fields}
        leaders = tuple(
            (
                name,
                reading(
                    readers[name],
                    {
                        value: (weight, _all_reading(readers, followers))
                        for value, (weight, followers) in choices.items()
                    },
                ),
            )
            for name, choices in self.leaders
        )
        return _all_reading(readers, self.free), leaders


class _ReadingLookup(dict[Value, _Found]):
    """What is found for each value of a field, and for whatever else the field reads as that value."""

    __slots__ = ("_field",)

    def __init__(self, field: Category, found: Mapping[Value, _Found]) -> None:
        super().__init__(found)
        self._field = field

    def __missing__(self, value: Value) -> _Found:
        category = self._field.read(value, suggest=False)
        if isinstance(category, str) and category in self:
            return self[category]
        raise KeyError(value)


def reading(field: Field, found: dict[Value, _Found]) -> dict[Value, _Found]:
    """What is found for a field's values, also for whatever else the field reads as one of them."""
    if isinstance(field, Category) and (field.takes_numbers or field.blank):
        return _ReadingLookup(field, found)
    return found


def _all_reading(readers: Mapping[str, Field], lookups: Lookups) -> Lookups:
    return tuple((name, reading(readers[name], weights)) for name, weights in lookups)


def plan_lookups(lookups: Mapping[str, dict[Value, float]], groups: Sequence[Group]) -> Plan:
    """The plan for a contract's groups; without any it is the lookups in their order."""
    led: dict[str, list[Group]] = {}
    for group in groups:
        led.setdefault(group.values[0].field, []).append(group)
    grouped = {value.field for group in groups for value in group.values}
    free = [name for name in lookups if name not in grouped]
    places, leaders = {name: place for place, name in enumerate(free)}, []
    for leader, its_groups in led.items():
        followers = dict.fromkeys(value.field for group in its_groups for value in group.values[1:])
        added = {
            name: dict.fromkeys(lookups[name], 0.0) if name in places else lookups[name]
            for name in (leader, *followers)
        }
        leader_weights = added.pop(leader)
        choices = {value: (weight, _follow(value, its_groups, added)) for value, weight in leader_weights.items()}
        leaders.append((leader, choices))
        for name in (leader, *followers):
            places.setdefault(name, len(places))
    return Plan(tuple((name, lookups[name]) for name in free), tuple(leaders), places)


def _follow(value: Value, groups: Sequence[Group], followers: Mapping[str, dict[Value, float]]) -> Lookups:
    """The lookups of the followers of a leader that has this value, with only those values that go with it."""
    on = [group for group in groups if group.values[0].equals == value]
    together = {other.field: other.equals for group in on for other in group.values}
    apart = {(other.field, other.equals) for group in groups for other in group.values}
    return tuple(
        (name, {together[name]: weights[together[name]]})
        if name in together
        else (name, {known: weight for known, weight in weights.items() if (name, known) not in apart})
        for name, weights in followers.items()
    )
