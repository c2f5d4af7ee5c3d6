"""How the weights of a customer's categories and flags are looked up, so that the lookup is the check.

A value that no customer may have beside the others has no weight where it is looked up. Knows no arithmetic.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from churn.model.fields import Value
from churn.model.groups import Group

Lookups = tuple[tuple[str, dict[Value, float]], ...]
"""Fields, each with the weights of those of its values that a customer may have."""


class Plan(NamedTuple):
    """How categories and flags are looked up so that the lookup finds what contradicts, too.

    The first field of a group is its leader: by its value it is known which values the others, its followers, may
    have. `free` are fields that neither lead nor follow. `leaders` have for each of their values its weight and the
    followers' lookups. A field's weight is in one place, and 0.0 in the others. `places` are numbers of
    the fields, from 0, in the order in which their weights are added.
    """

    free: Lookups
    leaders: tuple[tuple[str, dict[Value, tuple[float, Lookups]]], ...]
    places: dict[str, int]


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
