"""Arrow record batches with an answer: their schema, and picking rows and cells. Needs pyarrow and NumPy."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from churn.tables.answer import AnswerColumns


def answer_fields(columns: AnswerColumns) -> list[pa.Field]:
    """The answer's columns with their types: a number, a boolean, a number if there is a gain, and texts."""
    types = [pa.float64(), pa.bool_(), *([pa.float64()] if columns.has_gain else [])]
    types += [pa.string()] * (len(columns.names) - len(types))
    return [pa.field(name, kind) for name, kind in zip(columns.names, types, strict=True)]


def output_schema(schema: pa.Schema, columns: AnswerColumns) -> pa.Schema:
    """The schema of an answered table: its own columns, in which the answer's replace those of an earlier answer."""
    return pa.schema(columns.put_in(list(schema), answer_fields(columns)), metadata=schema.metadata)


def pick_rows(parts: Sequence[pa.RecordBatch], places: np.ndarray) -> list[pa.RecordBatch]:
    """The rows with these numbers, from 0, of several record batches together."""
    rows = pa.Table.from_batches(parts).unify_dictionaries().take(pa.array(places))
    picked: list[pa.RecordBatch] = rows.combine_chunks().to_batches()
    return picked


def cells_of(batch: pa.RecordBatch, run: range) -> Iterator[tuple[object, ...]]:
    """For each row of a batch, its cells in the columns of `run`, as Python values. Raises ArrowException."""
    return zip(*(batch.column(number).to_pylist() for number in run), strict=True)
