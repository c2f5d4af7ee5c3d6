"""Record batches of Arrow with an answer: their schema, their rows, and some of them. Needs pyarrow and NumPy."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from churn.tables.answer import AnswerColumns


def answer_fields(columns: AnswerColumns) -> list[pa.Field]:
    """The answer's columns with their types: a number, a boolean, the number of a gain if asked for, and texts."""
    types = [pa.float64(), pa.bool_(), *([pa.float64()] if columns.has_gain else [])]
    types += [pa.string()] * (len(columns.names) - len(types))
    return [pa.field(name, kind) for name, kind in zip(columns.names, types, strict=True)]


def output_schema(schema: pa.Schema, columns: AnswerColumns) -> pa.Schema:
    """The schema of an answered table: its own columns without an earlier answer's, then the answer's."""
    return pa.schema(columns.put_in(list(schema), answer_fields(columns)), metadata=schema.metadata)


def pick_rows(parts: Sequence[pa.RecordBatch], places: np.ndarray) -> list[pa.RecordBatch]:
    """The rows at these places, from 0, of several record batches taken together."""
    rows = pa.Table.from_batches(parts).unify_dictionaries().take(pa.array(places))
    picked: list[pa.RecordBatch] = rows.combine_chunks().to_batches()
    return picked


def cells_of(batch: pa.RecordBatch, run: range) -> Iterator[tuple[object, ...]]:
    """A batch's rows, each with its cells in some columns as Python values. Raises ArrowException."""
    return zip(*(batch.column(number).to_pylist() for number in run), strict=True)
