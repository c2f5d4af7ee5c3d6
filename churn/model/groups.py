"""Groups of values that go together: a customer has all values of a group, or none of them.

Owns the rule for contradictions, and the choice of values without any. Training learns which values form a group.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from churn.errors import Partner, Problem
from churn.model.fields import Value, Where, show_value


class Group(Struct, frozen=True, forbid_unknown_fields=True):
    """Two or more values of different fields that always occur together, in the contract's order."""

    values: tuple[Where, ...]

    def __post_init__(self) -> None:
        if len(self.values) < 2 or len({value.field for value in self.values}) != len(self.values):
            raise ValueError("a group has values of two or more different fields")

    def find_problem(self, customer: Mapping[str, Value]) -> Problem | None:
        """The problem of a customer that has some but not all of the values; None where nothing contradicts.

        Fields that the customer does not have are ignored. The others form two sides: fields with the group's value,
        and fields with another value. The problem is that of the first field of the smaller side; its partner is the
        first field of the larger side. Of two equal sides, the side with the group's first field gives the partner.

        >>> group = Group((Where("phone", "no"), Where("lines", "no_phone"), Where("minutes", 0.0)))
        >>> print(group.find_problem({"phone": "no", "lines": "two", "minutes": 0.0}))
        lines: contradicts phone no (expected no_phone)
        >>> print(group.find_problem({"phone": "no", "lines": "two", "minutes": 9.0}))
        phone: contradicts lines no_phone (expected another value than no)
        """
        known = [value for value in self.values if value.field in customer]
        holding = [value for value in known if customer[value.field] == value.equals]
        lacking = [value for value in known if customer[value.field] != value.equals]
        if not holding or not lacking:
            return None
        fewer, more = sorted((holding, lacking), key=lambda side: (len(side), side[0] is known[0]))
        wrong, partner = fewer[0], more[0]
        expected = show_value(wrong.equals) if fewer is lacking else f"another value than {show_value(wrong.equals)}"
        return Problem(wrong.field, "contradicts", expected, partner=Partner(partner.field, partner.equals))


def find_problems(customer: Mapping[str, Value], groups: Sequence[Group]) -> list[Problem]:
    """The problems of a customer with these groups, at most one for each field.

    If several groups give a field a problem, the one whose partner the customer has is kept.

    >>> groups = [Group((Where("code", code), Where("name", name))) for code, name in (("1", "one"), ("2", "two"))]
    >>> for problem in find_problems({"code": "2", "name": "one"}, groups): print(problem)
    name: contradicts code 2 (expected two)
    """
    found: dict[str | None, Problem] = {}
    for group in groups:
        problem = group.find_problem(customer)
        if problem and (problem.field not in found or _has_partner(customer, problem)):
            found[problem.field] = problem
    return list(found.values())


def _has_partner(customer: Mapping[str, Value], problem: Problem) -> bool:
    partner = problem.partner
    return partner is not None and customer[partner.field] == partner.value


def choose_values(wanted: Mapping[str, Sequence[Value]], groups: Sequence[Group]) -> dict[str, Value] | None:
    """A value for each field such that no group is contradicted; None if there are no such values.

    `wanted` has the values that each field may have, the preferred ones first. Earlier fields choose before later
    ones.

    >>> groups = [Group((Where("phone", "no"), Where("lines", "no_phone")))]
    >>> choose_values({"phone": ["yes", "no"], "lines": ["no_phone", "two"]}, groups)
    {'phone': 'yes', 'lines': 'two'}
    >>> choose_values({"lines": ["no_phone"], "phone": ["yes", "no"]}, groups)
    {'lines': 'no_phone', 'phone': 'no'}
    """
    grouped = {(value.field, value.equals) for group in groups for value in group.values}
    tries: list[Mapping[str, Sequence[Value]]] = [wanted]
    while tries:
        left = _keep_consistent(tries.pop(), groups)
        if left is None:
            continue
        several = (name for name, values in left.items() if len(values) > 1)
        undecided = next((name for name in several if any((name, value) in grouped for value in left[name])), None)
        if undecided is None:
            return {name: values[0] for name, values in left.items()}
        values = left[undecided]
        tries += [{**left, undecided: values[1:]}, {**left, undecided: values[:1]}]  # the last one is tried first
    return None


def _keep_consistent(
    wanted: Mapping[str, Sequence[Value]], groups: Sequence[Group]
) -> dict[str, Sequence[Value]] | None:
    """The values that are left once groups that are certain or impossible for one field are so for all their fields.

    None if a field has no value left.
    """
    left, is_changed = dict(wanted), True
    while is_changed:
        is_changed = False
        for group in groups:
            may_have = [value.equals in left[value.field] for value in group.values]
            must_have = [list(left[value.field]) == [value.equals] for value in group.values]
            if not any(may_have) or all(must_have) or (all(may_have) and not any(must_have)):
                continue
            is_changed = True
            for value in group.values:
                kept = [other for other in left[value.field] if (other == value.equals) == any(must_have)]
                if not kept:
                    return None
                left[value.field] = kept
    return left
