"""The value of each customer in a table: the same for all, or the number in a column times a number of months.

Owns how the cells of such a column are read: a field of the model as the model reads it, any other column by the
marks of its first texts. `gain` calculates with the values.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import partial
from typing import NamedTuple

from churn.model.contract import Contract
from churn.model.fields import Number
from churn.model.gain import Terms
from churn.model.marks import NO_MARKS, Marks, find_marked_number, read_marked_number
from churn.model.spelling import clean, is_blank
from churn.tables.decimals import find_decimal_mark, number_reader, spell_with_point
from churn.tables.renaming import describe_nearest

LARGEST_VALUE = 1e100
"""The largest value of a customer: sums of squares of values stay finite far below the largest float."""


class NoValue(Enum):
    """The reason why a cell gives its customer no value, in words."""

    BLANK = "blank"
    NOT_A_NUMBER = "not a number"


class ValueColumn(NamedTuple):
    """A column, by its name in clean spelling, whose number times `months` is a customer's value."""

    name: str
    months: float = 1.0

    def place(self, columns: Sequence[str]) -> int:
        """The position of the column among a table's. Raises ValueError, in words, if there is none, or two."""
        spelled = [clean(column) for column in columns]
        if spelled.count(self.name) == 1:
            return spelled.index(self.name)
        if self.name in spelled:
            raise ValueError(f"has two columns {self.name!r}, which --value-field names")
        nearest = describe_nearest(self.name, spelled)
        raise ValueError(f"has no column {self.name!r}, which --value-field names{nearest}")


class GainPlan(NamedTuple):
    """A campaign whose customers all have one `value`, or the values in a column."""

    terms: Terms
    value: float | ValueColumn

    def place_column(self, columns: Sequence[str]) -> int | None:
        """The position of the column with values, None without one. Raises ValueError as ValueColumn.place does."""
        return self.value.place(columns) if isinstance(self.value, ValueColumn) else None

    def find_field(self, contract: Contract) -> Number | None:
        """The contract's number that the column is; None for another column, or without a column."""
        if not isinstance(self.value, ValueColumn):
            return None
        name = self.value.name
        return next((field for field in contract.numbers if field.name == name), None)

    def read(self, cell: object, reader: "ValueReader | None") -> float | NoValue:
        """The value of the customer with this cell; without a reader of a column, the value of all."""
        if reader is not None:
            return reader.read(cell)
        return NoValue.BLANK if isinstance(self.value, ValueColumn) else self.value

    def find_gain(self, probability: float, value: float | NoValue) -> float | None:
        """The expected gain of contacting a customer, None for one without a value."""
        if isinstance(value, NoValue):
            return None
        return float(self.terms.find_gain(probability, value))


class ColumnMarks(NamedTuple):
    """The marks in the first texts of a column.

    `sign` is "" for none. `has_thousands` is true if some texts have thousands marks. `decimal_mark` is "" if no text
    shows it.
    """

    sign: str = ""
    has_thousands: bool = False
    decimal_mark: str = ""

    @classmethod
    def learn(cls, cells: Iterable[object], *, table_mark: str = "") -> "ColumnMarks":
        """The marks of some cells, of which only texts count; `table_mark` is their table's decimal mark.

        >>> ColumnMarks.learn(["1.234,50 €", "", "17 €"])
        ColumnMarks(sign='€', has_thousands=True, decimal_mark=',')
        """
        texts = [cell for cell in cells if isinstance(cell, str)]
        mark = table_mark or find_decimal_mark((), texts)
        numbers = [find_marked_number(spell_with_point(text, mark or ".")) for text in texts]
        marks = [number.marks for number in numbers if number]
        sign = next((found.sign for found in marks if found.sign), "")
        return cls(sign, any(found.thousands for found in marks), mark)

    def make_reader(self, *, table_mark: str = "", usual_mark: str = ".") -> Callable[[str], object]:
        """A function that reads the column's texts as number_reader does; `usual_mark` is for an unknown mark."""
        mark = table_mark or self.decimal_mark
        marks = Marks(self.sign, thousands=bool(mark) or self.has_thousands)
        return number_reader(mark or usual_mark, None if marks == NO_MARKS else marks, is_known=bool(mark))

    def reads_points(self, *, table_mark: str = "", usual_mark: str = ".") -> bool:
        """True if every plain number with a decimal point is read unchanged."""
        mark = table_mark or self.decimal_mark
        return mark == "." or (not mark and usual_mark == "." and not self.has_thousands)


class ValueReader:
    """Reads the cells of a column as values of customers.

    `read_text` returns a float for a text that is a number. `field` is the model's number if the column is one; its
    blanks give no value. `reads_points` is true if every plain number with a decimal point is read unchanged.
    """

    def __init__(
        self, months: float, read_text: Callable[[str], object], field: Number | None, *, reads_points: bool
    ) -> None:
        self.months = months
        self.reads_points = reads_points
        self.blank_numbers = sorted(field.missing_numbers) if field else []
        self._read_text = read_text
        self._is_blank = field.is_blank if field else is_blank

    def read(self, cell: object) -> float | NoValue:
        """The value of the customer with this cell."""
        value = self._read_text(cell) if isinstance(cell, str) else cell
        if self._is_blank(value):
            return NoValue.BLANK
        if isinstance(value, bool) or not isinstance(value, int | float):
            return NoValue.NOT_A_NUMBER
        try:
            worth = float(value) * self.months
        except OverflowError:  # an integer of 400 digits
            worth = math.inf
        return worth if abs(worth) <= LARGEST_VALUE else NoValue.NOT_A_NUMBER


def make_value_reader(plan: GainPlan, contract: Contract, first_cells: Iterable[object]) -> ValueReader | None:
    """The reader of the column with values in a table of typed cells; None if all customers have one value.

    Texts have decimal points, unless they show another mark. `first_cells` are the column's, from the first row on.
    """
    if not isinstance(plan.value, ValueColumn):
        return None
    months = plan.value.months
    if field := plan.find_field(contract):
        return ValueReader(months, partial(_read_text, marks=field.marks), field, reads_points=field.marks is None)
    learned = ColumnMarks.learn(first_cells)
    return ValueReader(months, learned.make_reader(), None, reads_points=learned.reads_points())


def _read_text(text: str, *, marks: Marks | None) -> float | str:
    """The number that a text spells with a field's marks, else the text, which may be a word for a blank."""
    number = read_marked_number(text, marks)
    return text if number is None else number
