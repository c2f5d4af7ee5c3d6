"""What a model expects of a customer: fields, known categories, ranges, blanks. Checks a customer and words
every problem; knows no weights, no files and no HTTP.

Learned in training, kept in the card (msgspec reads and writes these types), used by all that reads a customer.
"""

import difflib
import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from churn.errors import CustomerError, Problem
from churn.model.mark_words import describe_other_marks
from churn.model.marks import Marks, read_marked_number
from churn.model.spelling import clean, fold_names, is_blank, read_number

Value = str | float
"""A field's value as the model understands it: a clean category, or a number."""

_TRUTHS = {"true": True, "false": False}
_LONGEST_SUGGESTED = 64  # characters; difflib is quadratic, and no category is longer
_MOST_TOLD = 50  # categories; more would make an answer of megabytes


class Category(Struct, frozen=True, tag_field="kind", tag="category", forbid_unknown_fields=True):
    """A field that takes one of the categories known from training, in clean spelling.

    Where training had blanks, "" is one of them.
    """

    name: str
    categories: tuple[str, ...]

    @property
    def expected(self) -> tuple[str, ...] | str:
        """What a value must be: one of these, or how many there are when that is too many to tell."""
        if len(self.categories) <= _MOST_TOLD:
            return self.categories
        return f"one of {len(self.categories)} known categories"

    @property
    def takes_blank(self) -> bool:
        """True where training had blanks."""
        return "" in self.categories

    @property
    def takes_booleans(self) -> bool:
        """True where the known values are `true` and `false`, blanks apart: then JSON's booleans are these."""
        return {*self.categories} - {""} == _TRUTHS.keys()

    def read(self, value: object, *, suggest: bool = True) -> Value | Problem:
        """The clean category, or the problem with it; `suggest` looks for the nearest known one."""
        if is_blank(value):
            return "" if self.takes_blank else Problem(self.name, "blank", self.expected)
        if isinstance(value, bool) and self.takes_booleans:
            value = str(value)
        if not isinstance(value, str):
            return Problem(self.name, "not a text", self.expected)
        category = clean(value)
        if category in self.categories:
            return category
        nearest = None
        if suggest and len(category) <= _LONGEST_SUGGESTED and len(self.categories) <= _MOST_TOLD:
            nearest = next(iter(difflib.get_close_matches(category, self.categories, n=1)), None)
        return Problem(self.name, "unknown category", self.expected, did_you_mean=nearest)


class Where(Struct, frozen=True, forbid_unknown_fields=True):
    """A condition on a customer: this field has this value."""

    field: str
    equals: str | float


class Blank(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The number that a blank stands for, and the condition that all blanks in training shared.

    `where` is None when they shared none: then a blank is taken anywhere.
    """

    value: float
    where: Where | None = None


class Number(Struct, frozen=True, tag_field="kind", tag="number", omit_defaults=True, forbid_unknown_fields=True):
    """A field that takes a finite number. `minimum` and `maximum` are what training saw, not limits.

    `marks` are those that a text may spell it with, the ones that training saw in this field's column.
    """

    name: str
    minimum: float | None = None
    maximum: float | None = None
    non_negative: bool = False
    blank: Blank | None = None
    marks: Marks | None = None

    @property
    def expected(self) -> str:
        """What a value must be, in words."""
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
        equals = self.blank.where.equals
        shown = equals or "blank" if isinstance(equals, str) else f"{equals:g}"
        return f"{words}; blank only where {self.blank.where.field} is {shown}"

    def read(self, value: object, *, suggest: bool = True) -> Value | Blank | Problem:
        """The number (or the Blank, where blanks have a meaning), or the problem with it."""
        if is_blank(value):
            return self.blank or Problem(self.name, "blank", self.expected)
        if isinstance(value, str):
            text, value = value, read_marked_number(value, self.marks)
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
        return number


class Flag(Struct, frozen=True, tag_field="kind", tag="flag", forbid_unknown_fields=True):
    """A field that is 0 or 1; true and false are taken too."""

    name: str

    @property
    def expected(self) -> str:
        """What a value must be, in words."""
        return "0 or 1, true or false"

    def read(self, value: object, *, suggest: bool = True) -> Value | Problem:
        """0.0 or 1.0, or the problem with the value; a column with blanks is learned as a number or a category."""
        if is_blank(value):
            return Problem(self.name, "blank", self.expected)
        number = _TRUTHS.get(clean(value), read_number(value)) if isinstance(value, str) else value
        if isinstance(number, int | float) and number in (0, 1):
            return float(number)
        return Problem(self.name, "not 0 or 1", self.expected)


Field = Category | Number | Flag


class Contract(Struct, frozen=True, forbid_unknown_fields=True):
    """The fields of a customer, in the order of the training table; names are unique and clean."""

    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        names = {field.name for field in self.fields}
        if len(names) != len(self.fields):
            raise ValueError("two fields have the same name")
        for field in self.fields:
            spelled = (field.name, *field.categories) if isinstance(field, Category) else (field.name,)
            for text in spelled:
                if clean(text) != text:
                    raise ValueError(f"{text!r} is not in clean spelling ({clean(text)!r})")
            where = field.blank and field.blank.where if isinstance(field, Number) else None
            if where and where.field not in names:
                raise ValueError(f"the blank of {field.name} depends on {where.field}, which is no field")

    @property
    def marks(self) -> dict[str, Marks]:
        """The marks of the numbers that have some, by field."""
        return {field.name: field.marks for field in self.fields if isinstance(field, Number) and field.marks}

    def read_customer(self, customer: object, *, suggest: bool = True) -> dict[str, Value]:
        """The customer in clean spelling: exactly the contract's fields, blanks replaced by their meaning.

        Fields that the contract does not know are ignored. Raises CustomerError with every problem of this
        customer; `suggest` looks for the nearest category.

        >>> Contract((Number("tenure", non_negative=True),)).read_customer({"Tenure": " 24", "id": 7})
        {'tenure': 24.0}
        """
        if not isinstance(customer, dict):
            raise CustomerError([Problem(None, "not an object", "an object of customer fields")])
        given, twice = fold_names(customer)
        readings: dict[str, Value | Blank | Problem] = {}
        for field in self.fields:
            if field.name in twice:
                reading: Value | Blank | Problem = Problem(
                    field.name, "given twice", "one value, under one spelling of the name"
                )
            elif field.name not in given:
                reading = Problem(field.name, "missing", field.expected)
            else:
                reading = field.read(given[field.name], suggest=suggest)
            readings[field.name] = reading
        values: dict[str, Value] = {}
        problems: list[Problem] = []
        for field in self.fields:
            value = _fill_blank(field, readings)
            if isinstance(value, Problem):
                problems.append(value)
            else:
                values[field.name] = value
        if problems:
            raise CustomerError(problems)
        return values

    def place_fields(self, columns: Sequence[str], *, expected: str = "a column of this name") -> dict[str, int]:
        """Where each field stands among a table's columns, whose names are in any spelling.

        Raises CustomerError when a field has no column, then `expected` says what it wants, or two.

        >>> Contract((Flag("seniorcitizen"), Number("tenure"))).place_fields(["id", "Tenure", "SeniorCitizen"])
        {'seniorcitizen': 2, 'tenure': 1}
        """
        spelled = [clean(column) for column in columns]
        problems = []
        for field in self.fields:
            if field.name not in spelled:
                problems.append(Problem(field.name, "missing", expected))
            elif spelled.count(field.name) > 1:
                problems.append(Problem(field.name, "given twice", "one column, under one spelling of the name"))
        if problems:
            raise CustomerError(problems)
        return {field.name: spelled.index(field.name) for field in self.fields}


def _fill_blank(field: Field, readings: Mapping[str, Value | Blank | Problem]) -> Value | Problem:
    """A field's reading, with a blank replaced by its meaning where the blank's condition holds."""
    reading = readings[field.name]
    if not isinstance(reading, Blank):
        return reading
    if reading.where is None or readings[reading.where.field] == reading.where.equals:
        return reading.value
    return Problem(field.name, "blank", field.expected)
