"""Groups of values that go together: a customer has all values of a group, or none of them.

Owns what contradicts what, and how values are chosen so that nothing does. Which values form a group is learned in
training.
"""

from collections.abc import Mapping

from msgspec import Struct

from churn.errors import Partner, Problem
from churn.model.fields import Value, Where, show_value


class Group(Struct, frozen=True, forbid_unknown_fields=True):
    """Values of different fields, two or more, that occur together and never apart; in the contract's order."""

    values: tuple[Where, ...]

    def __post_init__(self) -> None:
        if len(self.values) < 2 or len({value.field for value in self.values}) != len(self.values):
            raise ValueError("a group has values of two or more different fields")

    def find_problem(self, customer: Mapping[str, Value]) -> Problem | None:
        """The problem of a customer that has some but not all of the values; None where nothing contradicts.

        Fields that the customer lacks say nothing. The problem is the first field's on the side of fewer fields, the
        partner is the first of the other side; of two sides alike the first is the one that has the first field.

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
