"""The kinds of fields: the values that each takes, how it reads them, and the problems that it reports.

Works on one value of one field; `contract` checks a whole customer. msgspec reads and writes these types in the card.
"""

import difflib
import math
from functools import cached_property

from msgspec import Struct

from churn.errors import Problem
from churn.model.known_words import KnownWords, check_words, find_blank
from churn.model.mark_words import describe_other_marks
from churn.model.marks import Marks, read_marked_number
from churn.model.ranges import describe_range
from churn.model.spelling import clean, is_blank, read_number

Value = str | float
"""A field's value as the model understands it: a clean category, or a number."""


def show_value(value: Value) -> str:
    """A field's value in words.

    >>> show_value("two_year"), show_value(""), show_value(-0.0)
    ('two_year', 'blank', '0')
    """
    return (value or "blank") if isinstance(value, str) else f"{value + 0.0:g}"  # + 0.0: no negative zero


_TRUTHS = {"true": True, "false": False}
_LONGEST_SUGGESTED = 64  # characters; difflib is quadratic, so a longer text gets no suggestion
_MOST_TOLD = 50  # categories; more would make an answer of megabytes


class Category(
    Struct, frozen=True, tag_field="kind", tag="category", omit_defaults=True, forbid_unknown_fields=True, dict=True
):
    """A field that takes one of the categories known from training, in clean spelling.

    Where training had blanks, "" is one of them. `missing` has the words that mean a blank in this field, in clean
    spelling.
    """

    name: str
    categories: tuple[str, ...]
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_words(self.name, self.missing)
        if both := {*self.missing} & {*self.categories}:
            raise ValueError(f"{self.name} has {min(both)!r} as a category and as a word for a blank")

    @property
    def expected(self) -> tuple[str, ...] | str:
        """The accepted categories, or a text with their number where there are too many to list."""
        if len(self.categories) <= _MOST_TOLD:
            return self.categories
        return f"one of {len(self.categories)} known categories"

    @cached_property
    def blank(self) -> str | None:
        """The category of a blank, as find_blank chooses it; None where a blank is refused."""
        return find_blank(self.categories)

    @property
    def takes_blank(self) -> bool:
        """True where a blank is a category."""
        return self.blank is not None

    @property
    def takes_booleans(self) -> bool:
        """True where the categories, except a blank, are `true` and `false`: JSON's booleans are read as these."""
        return {*self.categories} - {""} == _TRUTHS.keys()

    @property
    def takes_numbers(self) -> bool:
        """True where some categories spell a number: then the number is read as this category."""
        return not self._known.numbers.isdisjoint(self.categories)

    @cached_property
    def _known(self) -> KnownWords:
        return KnownWords([*self.categories, *self.missing])

    def read(self, value: object, *, suggest: bool = True) -> Value | Problem:
        """The clean category, or the problem with the value; with `suggest` it names the nearest category."""
        if isinstance(value, bool) and self.takes_booleans:
            value = str(value)
        word = self._known.find(value)
        if is_blank(value) or word in self.missing:
            return Problem(self.name, "blank", self.expected) if self.blank is None else self.blank
        if word is not None:
            return word
        if not isinstance(value, str):
            is_number = isinstance(value, int | float) and not isinstance(value, bool) and self.takes_numbers
            return Problem(self.name, "unknown category" if is_number else "not a text", self.expected)
        category, nearest = clean(value), None
        if suggest and len(category) <= _LONGEST_SUGGESTED and len(self.categories) <= _MOST_TOLD:
            nearest = next(iter(difflib.get_close_matches(category, self.categories, n=1)), None)
        return Problem(self.name, "unknown category", self.expected, did_you_mean=nearest)


class Where(Struct, frozen=True, forbid_unknown_fields=True):
    """A condition on a customer: this field has this value."""

    field: str
    equals: str | float

    def __str__(self) -> str:
        return f"{self.field} {show_value(self.equals)}"


class Blank(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The number that a blank stands for, and the condition that all blanks in training shared.

    `where` is None when they shared none: then a blank is accepted anywhere. With `apart` a blank has a weight of its
    own: it is "" in a customer as read, and counts as `value` in the field's other columns.
    """

    value: float
    where: Where | None = None
    apart: bool = False

    def __post_init__(self) -> None:
        if self.apart and self.where:
            raise ValueError("a blank with a weight of its own has no condition, and this one has")


class Number(Struct, frozen=True, tag_field="kind", tag="number", omit_defaults=True, forbid_unknown_fields=True):
    """A field that takes a finite number.

    `minimum` and `maximum` are the range that training saw; `lowest` and `highest` are the limits, beyond which a
    number is refused, None for no limit. `marks` are the marks that a text may have, those that training saw in this
    column. `missing` has the words that mean a blank in this field, in clean spelling; one that spells a number makes
    this number a blank. The value of a blank may be beyond the limits.
    """

    name: str
    minimum: float | None = None
    maximum: float | None = None
    non_negative: bool = False
    blank: Blank | None = None
    marks: Marks | None = None
    missing: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None

    def __post_init__(self) -> None:
        check_words(self.name, self.missing)
        for limit, seen in ((self.lowest, self.minimum), (self.maximum, self.highest)):
            if limit is not None and seen is not None and limit > seen:
                raise ValueError(f"{self.name} has limits inside the range that training saw")

    @property
    def takes_blank(self) -> bool:
        """True where a blank is accepted, anywhere or under a condition."""
        return self.blank is not None

    @property
    def missing_numbers(self) -> frozenset[float]:
        """The numbers that mean a blank in this field."""
        return frozenset(number for number in map(read_number, self.missing) if number is not None)

    @property
    def expected(self) -> str:
        """The accepted values, in words."""
        return self._expect()

    def _expect(self, without: str = "") -> str:
        words = "a finite number, 0 or more" if self.non_negative else "a finite number"
        words += f", with or without {own}" if self.marks and (own := self.marks.describe()) else ""
        words += ", with a decimal comma in texts" if self.marks and self.marks.decimal_comma else ""
        words += f", without {without}" if without else ""
        if self.blank is None:
            return words
        if self.blank.where is None:
            return f"{words}, or blank"
        return f"{words}; blank only where {self.blank.where.field} is {show_value(self.blank.where.equals)}"

    def is_blank(self, value: object) -> bool:
        """True for a value that means a blank in this field."""
        if is_blank(value) or not self.missing:
            return is_blank(value)
        if isinstance(value, str):
            if clean(value) in self.missing:
                return True
            value = read_marked_number(value, self.marks)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and (value in self.missing_numbers or (value != value and "nan" in self.missing))

    def is_outside(self, number: float) -> bool:
        """True for a number outside the range that training saw."""
        return (self.minimum is not None and number < self.minimum) or (
            self.maximum is not None and number > self.maximum
        )

    def read(self, value: object, *, suggest: bool = True) -> Value | Blank | Problem:
        """The number, or the Blank where a blank is accepted, or the problem with the value."""
        if self.is_blank(value):
            return self.blank or Problem(self.name, "blank", self.expected)
        if isinstance(text := value, str):
            value = read_marked_number(text, self.marks)
            if value is None:
                return Problem(self.name, "not a number", self._expect(describe_other_marks(text, self.marks)))
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Problem(self.name, "not a number", self.expected)
        try:
            number = float(value)
        except OverflowError:  # an integer of 400 digits
            number = math.inf
        if not math.isfinite(number):
            return Problem(self.name, "not finite", self.expected)
        if self.non_negative and number < 0:
            return Problem(self.name, "negative", self.expected)
        if number < _or(self.lowest, -math.inf) or number > _or(self.highest, math.inf):
            return Problem(self.name, "out of range", self._describe_limits())
        return number

    def _describe_limits(self) -> str:
        """The limits and the range that training saw, in words."""
        limits = describe_range(self.lowest, self.highest)
        return f"{limits}; training saw {seen}" if (seen := describe_range(self.minimum, self.maximum)) else limits


class Flag(Struct, frozen=True, tag_field="kind", tag="flag", forbid_unknown_fields=True):
    """A field that is 0 or 1; true and false are accepted, too."""

    name: str

    @property
    def expected(self) -> str:
        """The accepted values, in words."""
        return "0 or 1, true or false"

    def read(self, value: object, *, suggest: bool = True) -> Value | Problem:
        """0.0 or 1.0, or the problem with the value. A blank is a problem: a column with blanks is no flag."""
        if is_blank(value):
            return Problem(self.name, "blank", self.expected)
        number = _TRUTHS.get(clean(value), read_number(value)) if isinstance(value, str) else value
        if isinstance(number, int | float) and number in (0, 1):
            return float(number)
        return Problem(self.name, "not 0 or 1", self.expected)


def _or(limit: float | None, default: float) -> float:
    return default if limit is None else limit


Field = Category | Number | Flag
