"""The grammar of the names of a model's columns, as the DictVectorizer has them.

A name alone defines the value that a customer has in the column, so a model file without a card can be read.
`curves` and `interactions` add the columns up.

| column | what it holds |
|---|---|
| `contract=two_year` | 1 where the category is this one |
| `tenure` | the number, or the flag's 0 or 1 |
| `log1p(tenure)` | log(1 + number) |
| `within(tenure,0.0,72.0)` | the number, clipped to this range; `log1p(within(tenure,0.0,72.0))` its logarithm |
| `ramp(tenure,12.0,24.0)` | 0 up to the first number, 1 from the second one on, linear between |
| `blank(tenure,29.0)` | 1 where the number is blank; it then counts as 29 in the field's other columns |
| `both("contract=two_year","tenure>=12.0")` | 1 where both hold; `*` is any category that no column names |
"""

import json
import math
import re
from typing import NamedTuple

_NUMBER = r"(-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)"
_FLOAT = re.compile(_NUMBER)
_LOG1P = re.compile(r"log1p\((.+)\)", re.DOTALL)
_WITHIN = re.compile(rf"within\((.+),{_NUMBER},{_NUMBER}\)", re.DOTALL)
_RAMP = re.compile(rf"ramp\((.+),{_NUMBER},{_NUMBER}\)", re.DOTALL)
_BLANK = re.compile(rf"blank\((.+),{_NUMBER}\)", re.DOTALL)
_RESERVED = ("within(", "ramp(", "blank(", "both(", "log1p(within(")
_OTHER = "*"
_JSON = json.JSONDecoder()


class OneCategory(NamedTuple):
    """1 where the field has this category."""

    field: str
    category: str


class Itself(NamedTuple):
    """The number or the flag, or its logarithm log(1 + number)."""

    field: str
    logarithm: bool = False


class Within(NamedTuple):
    """The number clipped to `low` and `high`, which may be equal, or the logarithm of that."""

    field: str
    low: float
    high: float
    logarithm: bool = False

    def __str__(self) -> str:
        column = f"within({self.field},{self.low!r},{self.high!r})"
        return log_column(column) if self.logarithm else column


class Ramp(NamedTuple):
    """0 up to `start`, 1 from `end` on, linear between."""

    field: str
    start: float
    end: float

    def __str__(self) -> str:
        return f"ramp({self.field},{self.start!r},{self.end!r})"


class IsBlank(NamedTuple):
    """1 where the number is blank. The blank counts as `value` in the other columns of the field."""

    field: str
    value: float

    def __str__(self) -> str:
        return f"blank({self.field},{self.value!r})"


class AtLeast(NamedTuple):
    """A condition: the number, or the flag, is `cut` or more."""

    field: str
    cut: float

    def __str__(self) -> str:
        return f"{self.field}>={self.cut!r}"


class Equals(NamedTuple):
    """A condition: the field has this category; None is any category that the two fields' columns do not name."""

    field: str
    category: str | None

    def __str__(self) -> str:
        return f"{self.field}={_OTHER if self.category is None else self.category}"


Condition = AtLeast | Equals


class Both(NamedTuple):
    """1 where both conditions hold; they are on two fields."""

    first: Condition
    second: Condition

    def __str__(self) -> str:
        texts = (json.dumps(str(condition), ensure_ascii=False) for condition in self)
        return f"both({','.join(texts)})"


Column = OneCategory | Itself | Within | Ramp | IsBlank | Both


def category_column(field: str, category: str, *, separator: str = "=") -> str:
    """The DictVectorizer's name for a category: `contract=two_year`."""
    return f"{field}{separator}{category}"


def log_column(field: str) -> str:
    """The name of the column that holds log(1 + number): `log1p(tenure)`."""
    return f"log1p({field})"


def can_name_condition(field: str, category: str | None = None) -> bool:
    """True if a condition on the field, or on this category of it, can be read back from its text.

    >>> can_name_condition("tenure"), can_name_condition("tenure>"), can_name_condition("plan", "*")
    (True, False, False)
    """
    return not field.endswith(">") and category != _OTHER


def is_reserved(field: str) -> bool:
    """True for a field whose name begins as the columns of curves and pairs do.

    >>> is_reserved("ramp(tenure"), is_reserved("ramps")
    (True, False)
    """
    return field.startswith(_RESERVED)


def read_column(name: str, *, separator: str = "=") -> Column:
    """The column that a name stands for.

    >>> read_column("ramp(tenure,12.0,24.0)")
    Ramp(field='tenure', start=12.0, end=24.0)
    >>> read_column('both("contract=*","tenure>=12.0")')
    Both(first=Equals(field='contract', category=None), second=AtLeast(field='tenure', cut=12.0))
    >>> read_column("contract=two_year"), read_column("log1p(tenure)")
    (OneCategory(field='contract', category='two_year'), Itself(field='tenure', logarithm=True))
    """
    if (both := _read_both(name)) is not None:
        return both
    logarithm = _LOG1P.fullmatch(name)
    inside = logarithm[1] if logarithm else name
    if held := _WITHIN.fullmatch(inside):
        return Within(held[1], _read(held[2]), _read(held[3]), logarithm=bool(logarithm))
    if logarithm and separator not in inside:  # else it is a category of a field with this name
        return Itself(inside, logarithm=True)
    if ramp := _RAMP.fullmatch(name):
        return Ramp(ramp[1], _read(ramp[2]), _read(ramp[3]))
    if blank := _BLANK.fullmatch(name):
        return IsBlank(blank[1], _read(blank[2]))
    field, found, category = name.partition(separator)
    return OneCategory(field, category) if found else Itself(name)


def _read_both(name: str) -> Both | None:
    if not name.startswith('both("'):
        return None
    try:
        first, between = _JSON.raw_decode(name, len("both("))
        if name[between : between + 2] != ',"':
            return None
        second, end = _JSON.raw_decode(name, between + 1)
        return Both(_read_condition(first), _read_condition(second)) if name[end:] == ")" else None
    except ValueError:  # not a JSON text, or not a condition
        return None


def _read_condition(text: str) -> Condition:
    field, found, category = text.partition("=")
    if not found:
        raise ValueError("no condition")
    if field.endswith(">"):
        return AtLeast(field[:-1], _read(category))
    return Equals(field, None if category == _OTHER else category)


def _read(text: str) -> float:
    """The number in a column's name, as Python writes it. Raises ValueError if it is not one, or is not finite."""
    if not _FLOAT.fullmatch(text):
        raise ValueError("the column does not name a number")
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the column names a number that is not finite: {text[:40]}")
    return number
