"""Generated contracts with limits, groups and words for a blank, and customers near to them, for hypothesis."""

import math
from itertools import combinations, pairwise

from hypothesis import strategies as st
from msgspec.structs import replace

from churn.model.columns import (
    AtLeast,
    Both,
    Column,
    Condition,
    Equals,
    IsBlank,
    Ramp,
    Within,
    category_column,
)
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Field, Flag, Number, Where
from churn.model.groups import Group
from churn.model.scoring import Scorer

WORDS = ("na", "?", "n.a.", "-1", "20", "nan")
_STRANGE = ["", " ", None, "NA", " ? ", "N.A.", "-1", "20", "20.0", "nan", "x", "0", "1", "1.0", "None", "-", "7"]
_STRANGE += [0, 1, 1.0, 3, 7, 20, 0.5, -0.0, math.nan, math.inf, True, False]
_ODD = [
    ("0", "1", "3+"),
    ("", "1", "1.0", "7"),
    ("0.50", "007", "12"),
    ("007", "7", "b"),
    ("a", "none"),
    ("-", "none"),
]
"""Categories that look like numbers, blanks and other spellings."""


def categories(name: str) -> st.SearchStrategy[Category]:
    known = st.sampled_from([("a",), ("a", "b"), ("", "a", "b"), ("a", "b", "c", "d"), ("false", "true"), *_ODD])
    return st.builds(Category, st.just(name), known, st.sampled_from([(), ("na",), ("?", "n.a."), ("20", "nan")]))


@st.composite
def numbers(draw, name: str, others: list[str]) -> Number:
    low, width = draw(st.sampled_from([0.0, -5.0, 10.0])), draw(st.sampled_from([0.0, 1.0, 15.0]))
    limits = draw(st.booleans()) and width > 0  # a number with a single value in training has no limits
    conditions = st.none() | st.sampled_from([Where(other, equals) for other in others for equals in ("a", 0.0, 1.0)])
    blanks = st.builds(Blank, st.sampled_from([0.0, 12.0, 99.0]), conditions if others else st.none())
    return Number(
        name,
        low,
        low + width,
        non_negative=low >= 0,
        blank=draw(st.none() | blanks),
        missing=tuple(draw(st.lists(st.sampled_from(WORDS), unique=True, max_size=3))),
        lowest=(max(low - width, 0.0) if low >= 0 else low - width) if limits else None,
        highest=low + 2 * width if limits else None,
    )


@st.composite
def contracts(draw) -> Contract:
    fields = [draw(categories(f"c{number}")) for number in range(draw(st.integers(1, 4)))]
    fields += [Flag(f"f{number}") for number in range(draw(st.integers(0, 2)))]
    names = [field.name for field in fields]
    fields += [draw(numbers(f"n{number}", names)) for number in range(draw(st.integers(0, 2)))]
    return Contract(tuple(fields), tuple(draw(groups(fields))))


@st.composite
def groups(draw, fields: list) -> list[Group]:
    """Groups of two or more values of different fields; no value is in two groups."""
    values = [
        Where(field.name, value)
        for field in fields
        if not isinstance(field, Number)
        for value in (field.categories if isinstance(field, Category) else (0.0, 1.0))
        if value != ""
    ]
    drawn: dict[int, dict[str, Where]] = {}
    for value in values:
        number = draw(st.integers(0, 3))
        if number:
            drawn.setdefault(number, {}).setdefault(value.field, value)
    return [Group(tuple(group.values())) for group in drawn.values() if len(group) > 1]


@st.composite
def customers_of(draw, contract: Contract) -> dict[str, object]:
    """A customer most of whose values are close to what the contract accepts."""
    customer: dict[str, object] = {}
    for field in contract.fields:
        if isinstance(field, Category):
            likely = st.sampled_from(field.categories)
        elif isinstance(field, Flag):
            likely = st.sampled_from([0, 1, 0.0, 1.0, True, False])
        else:
            likely = st.sampled_from([field.minimum, field.maximum]) | st.integers(-25, 45) | st.floats(-25, 45)
        customer[field.name] = draw(st.one_of(*[likely] * 5, st.sampled_from(_STRANGE)))
    return customer


def scorer_of(contract: Contract) -> Scorer:
    """A scorer whose weights, and sums of weights, are all different."""
    columns: list[str] = []
    for field in contract.fields:
        if isinstance(field, Category):
            columns += [category_column(field.name, category) for category in field.categories]
        else:
            columns.append(field.name)
    return Scorer(contract, {column: 0.5**place for place, column in enumerate(columns, start=1)}, intercept=-0.25)


@st.composite
def shaped_scorers(draw) -> Scorer:
    """A scorer of a generated contract with curves, blanks that have their own weight, and pairs of fields."""
    contract = draw(contracts())
    curved = [field for field in contract.numbers if draw(st.booleans())]
    apart = [field for field in curved if field.blank and not field.blank.where and draw(st.booleans())]
    fields = tuple(
        replace(field, blank=replace(field.blank, apart=True)) if field in apart else field
        for field in contract.fields
    )
    columns: list[str] = []
    for field in fields:
        if isinstance(field, Category):
            columns += [category_column(field.name, category) for category in field.categories]
        elif any(field.name == number.name for number in curved):
            columns += map(str, draw(_columns_of_curve(field)))
        else:
            columns.append(field.name)
    for first, second in combinations(fields, 2):
        if draw(st.integers(0, 2)) == 0:
            sides = draw(_conditions(first)), draw(_conditions(second))
            columns += [str(Both(one, other)) for one in sides[0] for other in sides[1]]
    weights = draw(st.lists(st.integers(-99, 99), min_size=len(columns), max_size=len(columns)))
    scaled = {column: weight / 64 for column, weight in zip(columns, weights, strict=True)}
    return Scorer(replace(contract, fields=fields), scaled, intercept=-0.25)


@st.composite
def _columns_of_curve(draw, field: Number) -> list[Column]:
    low, high = field.minimum, field.maximum
    columns: list[Column] = [Within(field.name, low, high)]
    if low >= 0 and draw(st.booleans()):
        columns.append(Within(field.name, low, high, logarithm=True))
    knots = sorted(draw(st.sets(st.sampled_from([low + (high - low) * part / 8 for part in range(9)]))))
    columns += [Ramp(field.name, start, end) for start, end in pairwise(knots) if draw(st.booleans())]
    if field.blank and field.blank.apart:
        columns.append(IsBlank(field.name, field.blank.value))
    return columns


def _conditions(field: Field) -> st.SearchStrategy[list[Condition]]:
    if isinstance(field, Flag):
        return st.just([AtLeast(field.name, 1.0)])
    if isinstance(field, Number):
        cuts = st.sampled_from([field.minimum, 0.0, 7.0, 12.0, field.maximum])
        return st.lists(cuts.map(lambda cut: AtLeast(field.name, cut)), min_size=1, max_size=3, unique=True)
    named = st.sampled_from([*field.categories, None])
    return st.lists(named.map(lambda category: Equals(field.name, category)), min_size=1, max_size=3, unique=True)
