"""The table that a model is trained on: its customers by field, their labels, and the columns that are not fields.

Joins the work of other modules: `source` reads the file, `header` the names, `target` the labels, `fields` the
columns. Learns nothing that depends on the split: `fit` learns the contract from the training rows only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from churn.errors import TableError
from churn.model.marks import Marks
from churn.model.spelling import clean
from churn.tables.detection import noting_form
from churn.training.choices import NO_CHOICES, Choices
from churn.training.columns import LeftOut
from churn.training.fields import find_met, read_fields
from churn.training.header import check_choices, name_columns
from churn.training.kinds import Column
from churn.training.labels import YES_OR_NO, FoundLabels
from churn.training.missing import MissingWords
from churn.training.source import AS_IT_SAYS, Reading, Source, read_source
from churn.training.target import read_labels
from churn.training.times import Times, find_times


@dataclass(frozen=True)
class Table:
    """A table ready for training.

    `customers` has a row per customer and a column per field, in clean spelling: categories as text, numbers as
    float64 with NaN for a blank. `y` is int64, shape (n_customers,), 1 for churned, read from the column `target`.
    `left_out` are the other columns of the file, in its order. By field, `marks` are the marks that are removed from
    numbers, and `missing` the words for missing that occurred, in clean spelling. `path` is the path of the file,
    `sha256` that of its content, and `form` describes its detected form. `remarks` are lines about the fields for the
    data scientist. `times` are the times of the rows, if a column orders them. `found` is the meaning that the
    target's values were given; rows without a label are left out.
    """

    path: Path
    target: str
    customers: pd.DataFrame
    y: np.ndarray
    left_out: tuple[LeftOut, ...]
    sha256: str
    form: str
    marks: Mapping[str, Marks] = field(default_factory=dict)
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    times: Times | None = None
    found: FoundLabels = YES_OR_NO


def read_table(
    path: Path, *, target: str = "churn", reading: Reading = AS_IT_SAYS, choices: Choices = NO_CHOICES
) -> Table:
    """The customers and labels of a file, in any form that can be scored; see read_source.

    Raises TableError as read_source, name_columns, check_choices, read_labels, find_times and read_fields do, and for
    a table without the target column.
    """
    source = read_source(path, target=target, reading=reading)
    with noting_form(source.form):
        return make_table(path, target, source, choices)


def make_table(path: Path, target: str, source: Source, choices: Choices) -> Table:
    """The customers and labels of a file whose columns have been read. Raises TableError as read_table does."""
    if not len(source.rows):
        raise TableError(path, "has no rows under its header")
    columns, unnamed = name_columns(path, source)
    names, name = [column.name for column in columns], clean(target)
    if name not in names:
        raise TableError(
            path,
            f"has no column {target!r}; --target names one of its columns: {', '.join(map(repr, source.header))}",
        )
    unread = [LeftOut(clean(column.name), column.reason) for column in source.left_out]
    skipped = [column.name for column in unread]
    check_choices(path, choices, [*names, *skipped], target=name, unread=skipped)
    no_fields = [column for column in columns if column.name in (name, clean(choices.time or target))]
    met = {word for column in no_fields for word in _find_met(column, source, choices)}
    labels = read_labels(path, columns.pop(names.index(name)).texts, source, target=target, choices=choices)
    source, columns, y = *_take_rows(source, columns, labels.labelled), labels.y
    times = find_times(path, {column.name: column.texts for column in columns}, source, choices)
    ordering = []
    if times:
        source, columns, y = *_take_rows(source, columns, times.known), y[times.known]
        if times.left_out:
            ordering = [times.left_out]
            columns = [column for column in columns if column.name != times.column]
    fields = read_fields(path, columns, source, choices, met=met)
    return Table(
        path,
        target,
        fields.customers,
        y,
        (*unread, *unnamed, *ordering, *fields.left_out),
        source.sha256,
        source.form,
        fields.marks,
        fields.missing,
        fields.remarks,
        times,
        labels.found,
    )


def _find_met(column: Column, source: Source, choices: Choices) -> set[str]:
    """The entries of --missing whose word occurs in a column."""
    spelled = [clean(text) for text in column.texts.distinct]
    words = MissingWords.among_numbers(choices.words_of(column.name))
    return find_met(choices, column.name, words.take_out(column.texts, spelled, source.decimal_mark).words)


def _take_rows(source: Source, columns: list[Column], rows: np.ndarray) -> tuple[Source, list[Column]]:
    """The source and its columns in these rows only (bool, shape (n_rows,)); the rows keep their numbers."""
    if rows.all():
        return source, columns
    taken = [replace(column, texts=column.texts.take(rows)) for column in columns]
    return source._replace(rows=source.rows[rows]), taken
