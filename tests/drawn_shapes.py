"""Generated models with curves and pairs of fields under odd names, and the value of each column for a customer."""

import random
from itertools import combinations, pairwise
from typing import NamedTuple

from churn.model.fields import Value
from tests.shaped import Customer, Part, at_least, blank, both, category, held, itself, logarithm, other, ramp

ODD_NAMES = (
    "tenure",
    "x,0.0,1.0)",
    'a,"b"',
    "within",
    "log1p",
    "back\\slash",
    "größe",
    "a>b",
    "(",
    "both",
    "ramp)",
    "1",
)
ODD_CATEGORIES = (
    "*",
    "=",
    "a=b",
    "",
    '"',
    "\\",
    ",",
    ">=1.0",
    '","',
    "two_year",
    "ß",
    "1.0",
    ")",
    "x\u2028y",
    "\U0001f600",
)


class DrawnNumber(NamedTuple):
    """A number with a curve. `stand_in` is the number that a blank counts as; None where blanks are refused."""

    field: str
    low: float
    high: float
    knots: list[float]
    stand_in: float | None

    def columns(self, chance: random.Random) -> list[tuple[Part, float]]:
        """Its columns, with weights that add up to no more than a few log-odds over its range."""
        stand_in = float("nan") if self.stand_in is None else self.stand_in
        line = held(self.field, self.low, self.high, stand_in)
        columns = [(line, chance.gauss(0, 1) / max(abs(self.low), abs(self.high), 1.0))]
        if self.low >= 0 and chance.random() < 0.6:
            columns.append((logarithm(line), chance.gauss(0, 0.3)))
        for start, end in pairwise(self.knots):
            if chance.random() < 0.8:
                columns.append((ramp(self.field, start, end, stand_in), chance.gauss(0, 1)))
        if self.stand_in is not None:
            columns.append((blank(self.field, self.stand_in), chance.gauss(0, 1)))
        return columns

    def draw_conditions(self, chance: random.Random) -> list[Part]:
        cuts = {
            chance.choice([*self.knots, chance.uniform(self.low, self.high)]) for _ in range(chance.randint(1, 5))
        }
        return [at_least(self.field, cut, self.stand_in or 0.0) for cut in cuts]

    def draw_value(self, chance: random.Random) -> Value:
        """A number at a knot, within the range, far outside or at its end, sometimes as an int; or a blank."""
        if self.stand_in is not None and chance.random() < 0.2:
            return ""
        width = max(self.high - self.low, 1.0)
        lowest = 0.0 if self.low >= 0 else self.low - 10 * width
        drawn = [chance.uniform(self.low, self.high), chance.uniform(lowest, self.high + 10 * width), lowest, 1e300]
        number = chance.choice([*drawn, *self.knots])
        return int(number) if chance.random() < 0.2 else number


class DrawnCategory(NamedTuple):
    """A category with its known values."""

    field: str
    categories: list[str]

    def columns(self, chance: random.Random) -> list[tuple[Part, float]]:
        return [(category(self.field, known), chance.gauss(0, 1)) for known in self.categories]

    def draw_conditions(self, chance: random.Random) -> list[Part]:
        known = [known for known in self.categories if known != "*"]
        named = chance.sample(known, chance.randint(min(1, len(known)), len(known)))
        rest = [other(self.field, *named)] if chance.random() < 0.6 or not named else []
        return [*(category(self.field, known) for known in named), *rest]

    def draw_value(self, chance: random.Random) -> Value:
        return chance.choice(self.categories)


class DrawnLine(NamedTuple):
    """A number without a curve."""

    field: str

    def columns(self, chance: random.Random) -> list[tuple[Part, float]]:
        columns = [(itself(self.field), chance.gauss(0, 0.1))]
        return columns + [(logarithm(itself(self.field)), chance.gauss(0, 0.3))] * chance.randint(0, 1)

    def draw_conditions(self, chance: random.Random) -> list[Part]:
        return [at_least(self.field, cut) for cut in chance.sample([0.0, 1.0, 2.5, 7.0], chance.randint(1, 4))]

    def draw_value(self, chance: random.Random) -> Value:
        return chance.choice([0.0, 1.0, 2, 2.5, 6.999, 30.0])


class DrawnModel(NamedTuple):
    """The columns of a model with their weights, and customers to score."""

    columns: list[tuple[Part, float]]
    customers: list[Customer]


def draw_model(seed: int, *, n_customers: int = 60) -> DrawnModel:
    chance = random.Random(seed)
    fields = []
    for field in chance.sample(ODD_NAMES, chance.randint(2, 6)):
        kind = chance.randint(0, 5)
        if kind == 0:
            fields.append(DrawnLine(field))
        elif kind < 3:
            fields.append(DrawnCategory(field, chance.sample(ODD_CATEGORIES, chance.randint(1, 5))))
        else:
            fields.append(_draw_number(field, chance))
    columns = [column for field in fields for column in field.columns(chance)]
    for first, second in combinations(chance.sample(fields, len(fields)), 2):
        if chance.random() < 0.5:
            sides = first.draw_conditions(chance), second.draw_conditions(chance)
            columns += [(both(one, two), chance.gauss(0, 0.5)) for one in sides[0] for two in sides[1]]
    customers = [{field.field: field.draw_value(chance) for field in fields} for _ in range(n_customers)]
    return DrawnModel(chance.sample(columns, len(columns)), customers)


def _draw_number(field: str, chance: random.Random) -> DrawnNumber:
    low = chance.choice([0.0, 0.0, 18.25, -50.0, -1e-5, 1e6])
    high = low + chance.choice([0.0, 1.0, 72.0, 1e-3, 123456.789])
    inner = [chance.uniform(low, high) for _ in range(chance.randint(0, 6))]
    if chance.random() < 0.4:
        inner = [whole for whole in map(float, map(round, inner)) if low <= whole <= high]
    knots = sorted({low, high, *inner})
    return DrawnNumber(field, low, high, knots, chance.choice([None, None, chance.choice(knots)]))
