"""What each customer of a table is worth: the same for all, or months times the number in a column.

Owns how the cells of such a column are read: a field of the model as the model reads it, and any other column by the
marks that its first texts have. What a customer's value brings is gain's.
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
"""The most that a customer may be worth: the square of a larger value may be no number."""


class NoValue(Enum):
    """Why a cell gives its customer no value, in words."""

    BLANK = "blank"
    NOT_A_NUMBER = "not a number"


class ValueColumn(NamedTuple):
    """A column, by its name in clean spelling, whose number times `months` is what a customer is worth."""

    name: str
    months: float = 1.0

    def place(self, columns: Sequence[str]) -> int:
        """Where the column stands among a table's. Raises ValueError, in words, where there is none, or are two."""
        spelled = [clean(column) for column in columns]
        if spelled.count(self.name) == 1:
            return spelled.index(self.name)
        if self.name in spelled:
            raise ValueError(f"has two columns {self.name!r}, which --value-field names")
        nearest = describe_nearest(self.name, spelled)
        raise ValueError(f"has no column {self.name!r}, which --value-field names{nearest}")


class GainPlan(NamedTuple):
    """A campaign whose customers are worth one amount, `value`, or what a column says."""

    terms: Terms
    value: float | ValueColumn

    def place_column(self, columns: Sequence[str]) -> int | None:
        """Where the column with values stands, None without one. Raises ValueError as ValueColumn.place does."""
        return self.value.place(columns) if isinstance(self.value, ValueColumn) else None

    def find_field(self, contract: Contract) -> Number | None:
        """The number of the contract that the column is; None where it is another column, or there is none."""
        if not isinstance(self.value, ValueColumn):
            return None
        name = self.value.name
        return next((field for field in contract.numbers if field.name == name), None)

    def read(self, cell: object, reader: "ValueReader | None") -> float | NoValue:
        """What the customer with this cell is worth; without a reader of a column, what all are worth."""
        if reader is not None:
            return reader.read(cell)
        return NoValue.BLANK if isinstance(self.value, ValueColumn) else self.value

    def find_gain(self, probability: float, value: float | NoValue) -> float | None:
        """What contacting a customer is expected to bring, None for one without a value."""
        if isinstance(value, NoValue):
            return None
        return float(self.terms.find_gain(probability, value))


class ColumnMarks(NamedTuple):
    """How the first texts of a column are written: their sign, "" for none, whether some have marks of thousands, and
    their decimal mark, "" where none says it.
    """

    sign: str = ""
    has_thousands: bool = False
    decimal_mark: str = ""

    @classmethod
    def learn(cls, cells: Iterable[object], *, table_mark: str = "") -> "ColumnMarks":
        """Those of some cells, of which only texts say something; `table_mark` is their table's decimal mark.

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
        """What reads the column's texts as number_reader does; `usual_mark` is the mark where nothing says it."""
        mark = table_mark or self.decimal_mark
        marks = Marks(self.sign, thousands=bool(mark) or self.has_thousands)
        return number_reader(mark or usual_mark, None if marks == NO_MARKS else marks, is_known=bool(mark))

    def reads_points(self, *, table_mark: str = "", usual_mark: str = ".") -> bool:
        """Whether every plain number with a decimal point is read as it stands."""
        mark = table_mark or self.decimal_mark
        return mark == "." or (not mark and usual_mark == "." and not self.has_thousands)


class ValueReader:
    """Reads the cells of a column as what a customer is worth.

    `read_text` gives a float for a text that is a number. `field` is the model's number that the column is, if it is
    one, whose blanks give no value. `reads_points` says that every plain number with a point is read as it stands.
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
        """What the customer with this cell is worth."""
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
    """What reads the column with values of a table whose numbers have types; None where all are worth the same.

    Its texts have decimal points, unless they say otherwise. `first_cells` are the column's, from the first row on.
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
