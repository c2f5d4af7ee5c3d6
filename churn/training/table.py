"""The table that a model is trained on: reads a CSV strictly, learns which columns are categories, numbers or ids.

Owns every refusal of a bad table, with its row as a spreadsheet counts. Learns nothing that depends on which rows are
trained on: the contract, from training rows only, is fit's.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from churn.errors import TableError
from churn.model.columns import log_column
from churn.model.marks import Marks
from churn.model.spelling import clean, is_blank
from churn.training.choices import NO_CHOICES, Choices
from churn.training.columns import LeftOut, Numbers, Texts
from churn.training.labels import YES_OR_NO, FoundLabels, Labels
from churn.training.numbers import read_numbers
from churn.training.source import AS_IT_SAYS, Reading, Source, read_source
from churn.training.target import read_labels

ID_SHARE = 0.9
"""A text column with more distinct values than this share of its rows is an id."""


@dataclass(frozen=True)
class Table:
    """A table ready for training.

    `customers` has a row per customer and a column per field, in clean spelling: categories as text, numbers as
    float64 with NaN for a blank. `y` is int64, shape (n_customers,), 1 for churned, read from the column `target`.
    `left_out` are the other columns of the file, in its order. `marks` are those that numbers are read without, by
    field. `path` is where the file was, `sha256` its content's,
    and `form` says in words what was detected of it. `found` is what the target's values were taken for; rows without
    a label are no customers.
    """

    path: Path
    target: str
    customers: pd.DataFrame
    y: np.ndarray
    left_out: tuple[LeftOut, ...]
    sha256: str
    form: str
    marks: Mapping[str, Marks] = field(default_factory=dict)
    found: FoundLabels = YES_OR_NO


def read_table(
    path: Path, *, target: str = "churn", reading: Reading = AS_IT_SAYS, choices: Choices = NO_CHOICES
) -> Table:
    """The customers and labels of a file in any form that is scored, too; see read_source.

    Raises TableError as read_source and read_labels do, and for a table without the target column.
    """
    source = read_source(path, target=target, reading=reading)
    if not len(source.rows):
        raise TableError(path, "has no rows under its header")
    names = _read_header(path, source.header, source.header_row)
    if clean(target) not in names:
        raise TableError(path, f"has no column {target!r}; its columns are {', '.join(map(repr, source.header))}")
    texts_of = dict(zip(names, source.columns, strict=True))
    labels = read_labels(path, texts_of.pop(clean(target)), source, target=target, choices=choices)
    source, texts_of = _take_labelled(source, texts_of, labels)
    fields: dict[str, pd.Series] = {}
    marks: dict[str, Marks] = {}
    left_out = [LeftOut(clean(column.name), column.reason) for column in source.left_out]
    for name, texts in texts_of.items():
        column = _read_column(path, name, texts, source)
        if isinstance(column, LeftOut):
            left_out.append(column)
        elif isinstance(column, Numbers):
            fields[name] = pd.Series(column.values)
            marks |= {name: column.marks} if column.marks else {}
        else:
            fields[name] = column
    if not fields:
        raise TableError(path, "has no column to learn from beside the target")
    customers, (sha256, form) = pd.DataFrame(fields), (source.sha256, source.form)
    return Table(path, target, customers, labels.y, tuple(left_out), sha256, form, marks, labels.found)


def _take_labelled(source: Source, texts_of: dict[str, Texts], labels: Labels) -> tuple[Source, dict[str, Texts]]:
    """The source and its columns without the rows that have no label; the others keep their numbers."""
    if not labels.found.unlabelled:
        return source, texts_of
    rows = source.rows[labels.labelled]
    return source._replace(rows=rows), {name: texts.take(labels.labelled) for name, texts in texts_of.items()}


def _read_header(path: Path, header: list[str], row: int) -> list[str]:
    """The clean names of the columns, all different and none that a model's column could be taken for."""
    names = [clean(name) for name in header]
    for name, count in Counter(names).items():
        if not name:
            raise TableError(path, "has a column without a name", row=row)
        if count > 1:
            raise TableError(path, f"has {count} columns that spell {name!r}", row=row)
        if "=" in name or name in map(log_column, names):
            raise TableError(path, f"has a column {name!r}, which is how a model names its own; rename it", row=row)
    return names


def _read_column(path: Path, name: str, texts: Texts, source: Source) -> Numbers | pd.Series | LeftOut:
    """A column as numbers or as categories, or left out because it is neither. Raises TableError as read_numbers."""
    distinct, codes = texts
    if all(map(is_blank, distinct)):
        return LeftOut(name, "it is blank in every row")
    numbers = read_numbers(path, name, texts, source)
    if numbers is not None:
        return numbers
    if len(distinct) > max(ID_SHARE * len(codes), 2):
        return LeftOut(name, f"it is an id: {len(distinct)} different texts in {len(codes)} rows")
    return pd.Series([clean(text) for text in distinct], dtype="str").take(codes).reset_index(drop=True)
