"""Reads the column of a table that orders its rows in time: dates, or numbers that order.

Owns the reading of texts as times, and every refusal of texts that are not times. `split` uses the order.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from churn.errors import TableError
from churn.model.spelling import clean, is_blank
from churn.tables.decimals import number_reader
from churn.training.choices import Choices
from churn.training.columns import LeftOut, Texts
from churn.training.dates import read_dates
from churn.training.missing import MISSING_WORDS
from churn.training.source import Source

_ENOUGH_PERCENT = 90  # of the rows: with fewer, the rows that have a time do not represent all


class Times(NamedTuple):
    """The time of each row of a table, from its cell in `column`.

    `values` are datetime64[us] or float64, shape (n_rows,). `known` is False for the rows of the file that have no
    time and are left out of the table. `left_out` is set if the column is not also a field.
    """

    column: str
    values: np.ndarray
    known: np.ndarray
    left_out: LeftOut | None = None

    @property
    def untimed(self) -> int:
        """The number of rows of the file without a time."""
        return int((~self.known).sum())

    def show(self, value: np.datetime64 | float) -> str:
        """One of the values in words, without the time of day if all values are midnight.

        >>> Times("signup", np.array(["2023-05-01"], "M8[us]"), np.array([True])).show(np.datetime64("2023-05-01"))
        '2023-05-01'
        >>> Times("week", np.array([202318.0]), np.array([True])).show(202318.0)
        '202318'
        """
        if not isinstance(value, np.datetime64):
            return f"{value:.15g}"
        are_days = (self.values == self.values.astype("datetime64[D]")).all()
        return str(value.astype("datetime64[D]" if are_days else "datetime64[m]")).replace("T", " ")


def find_times(path: Path, texts_of: Mapping[str, Texts], source: Source, choices: Choices) -> Times | None:
    """The time of each row, from the column that the choices name; None if they name no column.

    `texts_of` are the columns of the file by their clean names. With --keep, a column of numbers is a field, too.
    Raises TableError for a column that does not exist, for a text that is not a time, if more than one row in ten has
    no time, and for dates whose day can't be told from the month.
    """
    if choices.time is None:
        return None
    name = clean(choices.time)
    if name not in texts_of:
        columns = ", ".join(map(repr, texts_of))
        raise TableError(path, f"has no column {choices.time!r} to order its rows by; it has {columns}")
    values = _read_values(path, name, texts_of[name], source, choices)
    known = ~np.isnat(values) if values.dtype.kind == "M" else ~np.isnan(values)
    if 100 * known.sum() < _ENOUGH_PERCENT * len(known):
        untimed = f"{len(known) - known.sum():,} of {len(known):,} rows"
        raise TableError(path, f"has no time in {name!r} in {untimed}: fill them in, or leave these rows out")
    if name not in choices.keep:
        return Times(name, values[known], known, LeftOut(name, "it orders the rows in time"))
    if values.dtype.kind == "M":
        raise TableError(path, f"{name!r} is a date, which can't be a field: --keep can't keep it")
    return Times(name, values[known], known)


def _read_values(path: Path, name: str, texts: Texts, source: Source, choices: Choices) -> np.ndarray:
    """The time of each row of the file; NaT or NaN if the cell is blank or a word for missing."""
    missing = MISSING_WORDS | set(choices.words_of(name))
    filled = ["" if is_blank(text) or clean(text) in missing else text for text in texts.distinct]
    is_filled = np.array([bool(text) for text in filled])
    dates = read_dates(filled, day_first=choices.day_first)
    values: np.ndarray
    if dates and 2 * (~np.isnat(dates.times)).sum() >= is_filled.sum():
        values, is_time = dates.times, ~np.isnat(dates.times)
        words = "can be read with the day or the month first, like all dates here; --date-order says which"
        _refuse(path, name, texts, source, is_filled & dates.is_ambiguous, words)
    else:
        numbers = map(number_reader(source.decimal_mark), filled)
        values = np.array([number if isinstance(number, float) else np.nan for number in numbers])
        is_time = ~np.isnan(values)
    _refuse(path, name, texts, source, is_filled & ~is_time, "is neither a date nor a number that orders; correct it")
    of_rows: np.ndarray = values[texts.codes]
    return of_rows


def _refuse(path: Path, name: str, texts: Texts, source: Source, is_wrong: np.ndarray, words: str) -> None:
    """Raises TableError with the first row whose text is wrong; does nothing if all are right."""
    rows = is_wrong[texts.codes]
    if rows.any():
        row = int(rows.argmax())
        text = texts.distinct[texts.codes[row]]
        raise TableError(path, f"{name!r} is {text!r} here, which {words}", row=int(source.rows[row]))
