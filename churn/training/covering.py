"""Customers who together touch all of a model with curves and pairs of fields.

Owns the choice of a small set of them. Scores nobody; what a value touches is touching's.

One customer is drawn after the other, field by field, with the value that touches the most of what is left: the
greedy algorithm of Cohen, Dalal, Fredman and Patton, "The AETG system" (IEEE Transactions on Software Engineering 23,
1997).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from churn.model.fields import Value
from churn.model.groups import Group, choose_values
from churn.model.interactions import Interaction
from churn.model.scoring import Scorer
from churn.training.touching import Option, Part, list_options

Options = Mapping[str, Sequence[Option]]
"""The values that each field may have."""


class Cell(NamedTuple):
    """A cell of a table of two fields."""

    table: int
    row: int
    column: int


def cover_model(scorer: Scorer) -> list[dict[str, Value]]:
    """Customers as Contract.read_customer gives them, who touch all that a customer of the contract can touch.

    That is each part of each field, and each cell of a pair of fields that adds anything. A field has the first
    customer's value where no other one would touch more.
    """
    options = list_options(scorer)
    left = _Left(options, scorer.interactions)
    order = sorted(options, key=left.count_cells, reverse=True)
    groups = _Groups(scorer.contract.groups)
    drawn: list[dict[str, Option]] = []
    while target := left.find_target():
        narrowed = _narrow(options, target, scorer.interactions)
        may_have = {**narrowed, **{field: options[field] for field in order if field not in narrowed}}
        customer = _draw(may_have, left, groups, like=drawn[0] if drawn else {})
        if customer is None:
            left.forget(target)  # no customer of the contract has it
        else:
            left.touch(customer.values())
            drawn.append(customer)
    return [{field: customer[field].value for field in options} for customer in drawn]


def _narrow(
    options: Options, target: Cell | Part, interactions: Sequence[Interaction]
) -> dict[str, Sequence[Option]]:
    """The fields that have to do with a target, with the options that touch it."""
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
    """A customer with one of these options for each field, chosen in their order; None where there is none."""
    if not groups.allow(may_have):
        return None
    chosen: dict[str, Option] = {}
    places: dict[int, int] = {}
    for field, options in may_have.items():
        scores = {option: (left.score(option, places), option == like.get(field)) for option in options}
        ranked = sorted(scores, key=scores.__getitem__, reverse=True)
        decided = {**may_have, **{known: [option] for known, option in chosen.items()}}
        chosen[field] = next(option for option in ranked if groups.allow({**decided, field: [option]}))
        places.update(chosen[field].places)
    return chosen


class _Groups:
    """Which options the groups of a contract allow together; each choice is looked at once."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = groups
        self._fields = dict.fromkeys(value.field for group in groups for value in group.values)
        self._known: dict[tuple[tuple[Value, ...], ...], bool] = {}

    def allow(self, options: Options) -> bool:
        """True where each field can have one of its options so that nothing contradicts a group."""
        if not all(options.values()):
            return False
        values = tuple(tuple(option.value for option in options[field]) for field in self._fields)
        if values not in self._known:
            wanted = dict(zip(self._fields, values, strict=True))
            self._known[values] = choose_values(wanted, self._groups) is not None
        return self._known[values]


class _Left:
    """What no customer touches yet: parts, and cells. `open` counts the cells by the place of each side."""

    def __init__(self, options: Options, interactions: Sequence[Interaction]) -> None:
        self._options = options
        self.parts = dict.fromkeys(part for its in options.values() for option in its for part in option.parts)
        self.cells = [dict.fromkeys(_list_cells(number, table)) for number, table in enumerate(interactions)]
        self.open: Counter[tuple[int, int]] = Counter()
        for cells in self.cells:
            for cell in cells:
                self._count(cell, 1)

    def count_cells(self, field: str) -> int:
        """How many cells of the field's tables are left."""
        return sum(len(self.cells[side // 2]) for side, _ in self._options[field][0].places)

    def find_target(self) -> Cell | Part | None:
        """What to touch next: a cell of the table with the most of them, which take a customer each; else a part."""
        cells = max(self.cells, key=len, default={})
        return next(iter(cells), None) or next(iter(self.parts), None)

    def forget(self, target: Cell | Part) -> None:
        """Leaves a cell or a part out of what is left."""
        if isinstance(target, Part):
            self.parts.pop(target, None)
        elif target in self.cells[target.table]:
            del self.cells[target.table][target]
            self._count(target, -1)

    def touch(self, chosen: Iterable[Option]) -> None:
        """Leaves out what a customer touches, which has these values."""
        places: dict[int, int] = {}
        for option in chosen:
            for part in option.parts:
                self.forget(part)
            places.update(option.places)
        for table in range(len(self.cells)):
            self.forget(Cell(table, places[2 * table], places[2 * table + 1]))

    def score(self, option: Option, places: Mapping[int, int]) -> tuple[int, int]:
        """How much an option touches beside the places that a customer has, and how much it could with others'."""
        touched, possible = sum(part in self.parts for part in option.parts), 0
        for side, place in option.places:
            other = places.get(side ^ 1)
            if other is None:
                possible += self.open[side, place]
            else:
                table, is_second = divmod(side, 2)
                touched += ((table, other, place) if is_second else (table, place, other)) in self.cells[table]
        return touched, possible

    def _count(self, cell: Cell, step: int) -> None:
        self.open[2 * cell.table, cell.row] += step
        self.open[2 * cell.table + 1, cell.column] += step


def _list_cells(number: int, table: Interaction) -> Iterator[Cell]:
    """The cells of a table in which there is anything."""
    for row, cells in enumerate(table.log_odds):
        yield from (Cell(number, row, column) for column, log_odds in enumerate(cells) if log_odds)
