"""Reads the columns of a table for a contract: codes and their values for categories, float64 for numbers.

Leaves out values that are not clearly good, without refusing them. Needs pyarrow and NumPy, which the service does
not have.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from churn.model.fields import Field, Number, Value, Where
from churn.model.groups import Group
from churn.model.marks import Marks, read_marked_number
from churn.workbooks.cells import spell_moment

_PLAIN_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,17})?$"
_MOST_WHOLE_DIGITS = 18  # a whole decimal with at most this many digits fits into an int64
_LONGEST_PLAIN = 32  # characters of a number; a longer text is read singly, as one customer


class Readings(NamedTuple):
    """The rows of a table as the model reads them, by field.

    `codes` are each row's index into the field's `values` (None for a value that is not plain), int, shape (n_rows,).
    `numbers` are float64, shape (n_rows,), NaN in rows without a plain number. `outside` marks the rows outside the
    training range, only for numbers that have such rows: bool, shape (n_rows,). `blanks` marks the blanks that have a
    weight of their own; there, `numbers` has the number that the blank stands for.
    """

    codes: dict[str, np.ndarray]
    values: dict[str, list[Value | None]]
    numbers: dict[str, np.ndarray]
    outside: dict[str, np.ndarray]
    blanks: dict[str, np.ndarray]


def in_json_types(column: pa.Array) -> pa.Array:
    """The column in types that Python reads like JSON: a decimal as a number, a date as the text of a CSV."""
    if pa.types.is_dictionary(column.type) and not pa.types.is_string(column.type.value_type):
        column = column.dictionary_decode()
    if pa.types.is_decimal(column.type):
        is_whole = column.type.scale == 0 and column.type.precision <= _MOST_WHOLE_DIGITS
        return pc.cast(column, pa.int64() if is_whole else pa.float64())
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type) or pa.types.is_time(column.type):
        return _spell_moments(column)
    if pa.types.is_string_view(column.type) or pa.types.is_large_string(column.type):
        return pc.cast(column, pa.string())
    return column


def _spell_moments(column: pa.Array) -> pa.Array:
    """Dates or times as texts; each different one is converted once."""
    coded = column.dictionary_encode()
    values = coded.dictionary
    if pa.types.is_timestamp(values.type) or pa.types.is_time64(values.type):  # Python has no nanoseconds
        kind = pa.timestamp("us", values.type.tz) if pa.types.is_timestamp(values.type) else pa.time64("us")
        values = pc.cast(values, kind, safe=False)
    texts = pa.array(map(spell_moment, values.to_pylist()), type=pa.string())
    return pa.DictionaryArray.from_arrays(coded.indices, texts)


def look_up_values(column: pa.Array, field: Field) -> tuple[np.ndarray, list[Value | None]]:
    """Each row's code, an index into the different values of a category or flag (null's is last), and the values."""
    codes, values = code_values(column)
    return codes, [_read_value(field, value) for value in values]


def code_values(column: pa.Array) -> tuple[np.ndarray, list[object]]:
    """Each row's code, an index into the different values (null's is last), and the values.

    For a type that has no codes, such as lists, the only value is an empty list.
    """
    try:
        coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    except (pa.ArrowNotImplementedError, pa.ArrowTypeError):
        return np.zeros(len(column), dtype=np.int32), [[]]
    values = [*coded.dictionary.to_pylist(), None]
    codes = pc.cast(coded.indices, pa.int32())
    return codes.fill_null(len(values) - 1).to_numpy(zero_copy_only=False), values


def _read_value(field: Field, value: object) -> Value | None:
    reading = field.read(value, suggest=False)
    return reading if isinstance(reading, str | float) else None


def read_numbers(column: pa.Array) -> np.ndarray:
    """A column as a new float64 array, shape (n_rows,), NaN for values that are not clearly numbers."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type):
        if (pc.max(pc.binary_length(column)).as_py() or 0) > _LONGEST_PLAIN:
            column = pc.if_else(pc.greater(pc.binary_length(column), _LONGEST_PLAIN), None, column)
        try:
            numbers = pc.cast(column, pa.float64())
        except pa.ArrowInvalid:  # some text is not a number; Arrow does not say which
            plain = pc.match_substring_regex(column, _PLAIN_NUMBER)
            numbers = pc.cast(pc.if_else(plain, column, None), pa.float64())
    elif pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        numbers = pc.cast(column, pa.float64(), safe=False)
    else:  # a bool, a date, a list
        return np.full(len(column), np.nan)
    return np.array(pc.fill_null(numbers, np.nan))


def read_marked_numbers(column: pa.Array, marks: Marks) -> np.ndarray:
    """As read_numbers, for a column whose texts may have marks; each different text is read once."""
    if not pa.types.is_dictionary(column.type) and not pa.types.is_string(column.type):
        return read_numbers(column)
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    texts = [*coded.dictionary.to_pylist(), None]
    read = [read_marked_number(text, marks) if isinstance(text, str) else None for text in texts]
    numbers = np.array([np.nan if number is None else number for number in read])
    codes = pc.cast(coded.indices, pa.int32()).fill_null(len(texts) - 1)
    of_rows: np.ndarray = numbers[codes.to_numpy(zero_copy_only=False)]
    return of_rows


def fill_blanks(readings: Readings, columns: Mapping[str, pa.Array], fields: Iterable[Field]) -> Readings:
    """The readings with the numbers that blanks stand for, in fields whose contract has such a number.

    `readings` have no number where `columns` have a blank, which is null, a blank text, or a field's word for a
    blank.
    """
    numbers, blanks = dict(readings.numbers), dict(readings.blanks)
    for field in fields:
        if isinstance(field, Number) and field.blank and np.isnan(numbers[field.name]).any():
            blank = _find_blanks(columns[field.name], field, numbers[field.name])
            if field.blank.where:
                blank = blank & _find_rows(field.blank.where, readings)
            if field.blank.apart and blank.any():
                blanks[field.name] = blank
            numbers[field.name] = np.where(blank, field.blank.value, numbers[field.name])
    return readings._replace(numbers=numbers, blanks=blanks)


def find_contradictions(readings: Readings, groups: Iterable[Group]) -> np.ndarray:
    """True for rows with some but not all values of a group: bool, shape (n_rows,), or () without groups."""
    contradict = np.array(False)
    for group in groups:
        first, *others = (_find_rows(value, readings) for value in group.values)
        for other in others:
            contradict = contradict | (first != other)
    return contradict


def _find_blanks(column: pa.Array, field: Number, numbers: np.ndarray) -> np.ndarray:
    """True for rows with a blank, among those without a number: bool, shape (n_rows,)."""
    blank: np.ndarray = column.is_null().to_numpy(zero_copy_only=False)
    left = np.flatnonzero(np.isnan(numbers) & ~blank)
    if len(left):
        codes, values = code_values(column.take(pa.array(left)))
        blank[left] = np.array([field.is_blank(value) for value in values])[codes]
    return blank


def _find_rows(where: Where, readings: Readings) -> np.ndarray:
    """True for rows in which a condition holds: bool, shape (n_rows,)."""
    holds: np.ndarray
    if where.field in readings.numbers:
        holds = readings.numbers[where.field] == where.equals
    else:
        holds = np.array([value == where.equals for value in readings.values[where.field]])
        holds = holds[readings.codes[where.field]]
    return holds
