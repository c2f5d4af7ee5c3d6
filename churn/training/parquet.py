"""Reads a Parquet file as the columns of a table for training: each value as its text in a CSV.

Owns this spelling, so that a table gives the same model from a CSV and from Parquet. `table` interprets the texts.
NaN, which is not null, becomes a word for missing, so that the contract learns to accept it.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from churn.errors import TableError
from churn.training.columns import LeftOut, NumberText, Texts
from churn.workbooks.cells import spell_moment

_INDEX = re.compile(r"__index_level_[0-9]+__")  # pandas' name for an index without a name


def read_parquet(path: Path, *, decimal_mark: str = ".") -> tuple[list[str], list[Texts], list[LeftOut], int]:
    """The names and columns of a Parquet file, the columns that have no texts, and the number of rows.

    Numbers are spelled with `decimal_mark`, the mark of the texts among them.
    Raises TableError for a file that can't be read.
    """
    try:
        with pq.ParquetFile(path) as file:
            return _read_columns(file.read(), decimal_mark)
    except (pa.ArrowException, OSError, OverflowError) as error:  # the last is a date out of range
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error).split("\n", 1)[0]
        raise TableError(path, f"can't be read: {reason}") from None


def _read_columns(table: pa.Table, decimal_mark: str) -> tuple[list[str], list[Texts], list[LeftOut], int]:
    names, columns, left_out = [], [], []
    for name, column in zip(table.schema.names, table.columns, strict=True):
        if _INDEX.fullmatch(name):
            left_out.append(LeftOut(name, "it is the index that pandas wrote"))
        elif spell := _find_spelling(column.type, decimal_mark):
            names.append(name)
            columns.append(_read_texts(column, spell))
        else:
            left_out.append(LeftOut(name, f"its values are {column.type}, neither texts nor numbers"))
    return names, columns, left_out, len(table)


def _find_spelling(kind: pa.DataType, decimal_mark: str) -> Callable[[Any], str] | None:
    """The function that spells a value of this type; None if the type has no text."""
    if pa.types.is_dictionary(kind):
        return _find_spelling(kind.value_type, decimal_mark)
    if pa.types.is_boolean(kind):
        return lambda value: "true" if value else "false"
    if pa.types.is_floating(kind):
        return lambda value: "NaN" if value != value else NumberText(repr(float(value)).replace(".", decimal_mark))
    if pa.types.is_decimal(kind):
        return lambda value: NumberText(str(value).replace(".", decimal_mark))
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_time(kind):
        return spell_moment
    plain = (pa.types.is_integer, pa.types.is_string, pa.types.is_large_string)
    if any(is_kind(kind) for is_kind in (*plain, pa.types.is_string_view, pa.types.is_null)):
        return str
    return None


def _read_texts(column: pa.ChunkedArray, spell: Callable[[Any], str]) -> Texts:
    """A column as texts; null is blank."""
    coded = column.combine_chunks()
    if pa.types.is_null(coded.type):
        return Texts([""], np.zeros(len(coded), dtype=np.int32))
    if not pa.types.is_dictionary(coded.type):
        coded = coded.dictionary_encode()
    values = coded.dictionary
    if pa.types.is_timestamp(values.type) or pa.types.is_time64(values.type):  # Python has no nanoseconds
        kind = pa.timestamp("us", values.type.tz) if pa.types.is_timestamp(values.type) else pa.time64("us")
        values = values.cast(kind, safe=False)
    distinct = ["" if value is None else spell(value) for value in values.to_pylist()]
    codes = coded.indices.cast(pa.int32()).fill_null(len(distinct)).to_numpy(zero_copy_only=False)
    return Texts([*distinct, ""], codes) if coded.null_count else Texts(distinct, codes)
