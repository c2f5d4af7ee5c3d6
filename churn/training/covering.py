"""Customers that together use every part of a model with curves and pairs of fields.

Owns the choice of a small set of them. Scores no customer; `touching` lists the parts that a value uses.

Customers are drawn one after another, field by field, each field with the value that uses the most parts that are
still unused: the greedy algorithm of Cohen, Dalal, Fredman and Patton, "The AETG system" (IEEE Transactions on
Software Engineering 23, 1997).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from churn.model.fields import Value
from churn.model.groups import Group, choose_values
from churn.model.interactions import Interaction
from churn.model.scoring import Scorer
from churn.training.touching import Option, Part, list_options

Options = Mapping[str, Sequence[Option]]
"""The values that each field can have."""


class Cell(NamedTuple):
    """A cell of a table of two fields."""

    table: int
    row: int
    column: int


def cover_model(scorer: Scorer) -> list[dict[str, Value]]:
    """Customers as Contract.read_customer returns them that use all that a customer of the contract can use.

    That is each part of each field, and each cell of a pair of fields whose log-odds are not 0. A field has the value
    of the first customer where no other value would use more.
    """
    options = list_options(scorer)
    left = _Left(options, scorer.interactions)
    order = sorted(options, key=lambda field: len(options[field][0].places), reverse=True)
    groups = _Groups(scorer.contract.groups)
    drawn: list[dict[str, Option]] = []
    while target := left.find_target():
        narrowed = _narrow(options, target, scorer.interactions)
        may_have = {**narrowed, **{field: options[field] for field in order if field not in narrowed}}
        customer = _draw(may_have, left, groups, like=drawn[0] if drawn else {})
        if customer is None:
            left.forget(target)  # no customer of the contract can have it
        else:
            left.touch(customer.values())
            drawn.append(customer)
    return [{field: customer[field].value for field in options} for customer in drawn]


def _narrow(
    options: Options, target: Cell | Part, interactions: Sequence[Interaction]
) -> dict[str, Sequence[Option]]:
    """The options that use a target, for each field that it depends on."""
    if isinstance(target, Part):
        return {target.field: [option for option in options[target.field] if target in option.parts]}
    places = (2 * target.table, target.row), (2 * target.table + 1, target.column)
    return {
        axis.field: [option for option in options[axis.field] if place in option.places]
        for axis, place in zip(interactions[target.table].axes, places, strict=True)
    }


def _draw(
    may_have: Options, left: "_Left", groups: "_Groups", *, like: Mapping[str, Option]
) -> dict[str, Option] | None:
    """A customer with one of these options for each field, chosen field by field; None if no customer is possible."""
    decided = dict(may_have)
    if not all(decided.values()) or not groups.allow(decided):
        return None
    chosen: dict[str, Option] = {}
    places: dict[int, int] = {}
    for field, options in may_have.items():
        scores = {option: (left.count(option, places), option == like.get(field)) for option in options}
        for option in sorted(scores, key=scores.__getitem__, reverse=True):
            decided[field] = [option]
            if groups.allow(decided):  # at least one option is allowed, since the earlier choices left one
                break
        chosen[field] = option
        places.update(option.places)
    return chosen


class _Groups:
    """The options that the groups of a contract allow together; each combination is checked once."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = groups
        self._fields = dict.fromkeys(value.field for group in groups for value in group.values)
        self._known: dict[tuple[tuple[Value, ...], ...], bool] = {}

    def allow(self, options: Options) -> bool:
        """True if each field can have one of its options without a contradiction to a group."""
        values = tuple(tuple(option.value for option in options[field]) for field in self._fields)
        if values not in self._known:
            wanted = dict(zip(self._fields, values, strict=True))
            self._known[values] = choose_values(wanted, self._groups) is not None
        return self._known[values]


class _Left:
    """The parts and cells that no customer uses yet."""

    def __init__(self, options: Options, interactions: Sequence[Interaction]) -> None:
        self.parts = dict.fromkeys(part for its in options.values() for option in its for part in option.parts)
        self.cells = [dict.fromkeys(_list_cells(number, table)) for number, table in enumerate(interactions)]

    def find_target(self) -> Cell | Part | None:
        """The next cell or part to use: first a cell of the table with the most unused ones, since each needs its own
        customer; else a part.
        """
        cells = max(self.cells, key=len, default={})
        return next(iter(cells), None) or next(iter(self.parts), None)

    def forget(self, target: Cell | Part) -> None:
        """Removes a cell or a part."""
        if isinstance(target, Part):
            self.parts.pop(target, None)
        else:
            self.cells[target.table].pop(target, None)

    def touch(self, chosen: Iterable[Option]) -> None:
        """Removes the parts and cells that a customer with these values uses."""
        places: dict[int, int] = {}
        for option in chosen:
            for part in option.parts:
                self.forget(part)
            places.update(option.places)
        for table in range(len(self.cells)):
            self.forget(Cell(table, places[2 * table], places[2 * table + 1]))

    def count(self, option: Option, places: Mapping[int, int]) -> int:
        """The number of unused parts and cells that an option would use, given the customer's `places` so far."""
        touched = sum(part in self.parts for part in option.parts)
        for side, place in option.places:
            other = places.get(side ^ 1)
            if other is not None:
                table, is_second = divmod(side, 2)
                cell = (table, other, place) if is_second else (table, place, other)
                touched += cell in self.cells[table]
        return touched


def _list_cells(number: int, table: Interaction) -> Iterator[Cell]:
    """The cells of a table whose log-odds are not 0."""
    for row, cells in enumerate(table.log_odds):
        yield from (Cell(number, row, column) for column, log_odds in enumerate(cells) if log_odds)
