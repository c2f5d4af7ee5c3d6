"""The contract: the fields that a model expects of a customer, and the groups of their values.

It checks a customer and words every problem. Training learns it, the card keeps it (msgspec reads and writes these
types), and everything that reads a customer uses it. Knows no weights, no files and no HTTP.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from churn.errors import CustomerError, Problem
from churn.model.fields import Blank, Category, Field, Flag, Number, Value
from churn.model.groups import Group, find_problems
from churn.model.marks import Marks
from churn.model.spelling import clean, fold_names
from churn.model.wrapped import EXPECTED, find_encoded, find_wrapped


class Contract(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The fields of a customer, in the order of the training table, and the groups of their values.

    Names are unique and clean.
    """

    fields: tuple[Field, ...]
    groups: tuple[Group, ...] = ()

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
                raise ValueError(f"the blank of {field.name} depends on {where.field}, which is not a field")
        self._check_groups()

    def _check_groups(self) -> None:
        """Raises ValueError for a group with a value that no field has, or that is also in another group."""
        left = {(field.name, value) for field in self.fields for value in list_values(field) if value != ""}
        for value in (value for group in self.groups for value in group.values):
            if (value.field, value.equals) not in left:
                raise ValueError(f"{value.equals!r} of {value.field} can't be in a group, or is in two")
            left.remove((value.field, value.equals))

    @property
    def numbers(self) -> list[Number]:
        """The fields that are numbers."""
        return [field for field in self.fields if isinstance(field, Number)]

    @property
    def marks(self) -> dict[str, Marks]:
        """The marks of each number that has some, by field."""
        return {field.name: field.marks for field in self.numbers if field.marks}

    def read_customer(self, customer: object, *, suggest: bool = True) -> dict[str, Value]:
        """The customer in clean spelling: exactly the contract's fields, each blank replaced by its meaning.

        A number's blank with a weight of its own becomes "". Fields that the contract does not know are ignored.
        Raises CustomerError with every problem of this customer; with `suggest` a problem names the nearest category.

        >>> Contract((Number("tenure", non_negative=True),)).read_customer({"Tenure": " 24", "id": 7})
        {'tenure': 24.0}
        """
        if not isinstance(customer, dict):
            raise CustomerError([find_encoded(customer) or Problem(None, "not an object", EXPECTED)])
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
        problems += find_problems(values, self.groups)
        if problems:
            if wrapped := find_wrapped(given, {field.name for field in self.fields}):
                raise CustomerError([wrapped])
            places = {field.name: place for place, field in enumerate(self.fields)}
            raise CustomerError(sorted(problems, key=lambda problem: places[problem.field or ""]))
        return values

    def place_fields(self, columns: Sequence[str], *, expected: str = "a column of this name") -> dict[str, int]:
        """The position of each field among a table's columns, whose names may be in any spelling.

        Raises CustomerError when a field has no column or two; `expected` describes a missing column.

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


def list_values(field: Field) -> tuple[Value, ...]:
    """All values of a category or a flag; empty for a number."""
    if isinstance(field, Category):
        return field.categories
    return (0.0, 1.0) if isinstance(field, Flag) else ()


def _fill_blank(field: Field, readings: Mapping[str, Value | Blank | Problem]) -> Value | Problem:
    """A field's reading. A blank whose condition holds becomes its value, or "" if it has a weight of its own."""
    reading = readings[field.name]
    if not isinstance(reading, Blank):
        return reading
    if reading.where is None or readings[reading.where.field] == reading.where.equals:
        return "" if reading.apart else reading.value
    return Problem(field.name, "blank", field.expected)
