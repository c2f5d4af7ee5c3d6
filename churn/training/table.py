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
from churn.tables.detection import noting_form
from churn.training.choices import NO_CHOICES, Choices
from churn.training.columns import LeftOut, Numbers, Texts
from churn.training.numbers import read_numbers
from churn.training.source import AS_IT_SAYS, Reading, Source, read_source
from churn.training.target import read_labels


@dataclass(frozen=True)
class Table:
    """A table ready for training.

    `customers` has a row per customer and a column per field, in clean spelling: categories as text, numbers as
    float64 with NaN for a blank. `y` is int64, shape (n_customers,), 1 for churned, read from the column `target`.
    `left_out` are the other columns of the file, in its order. `marks` are those that numbers are read without, by
    field. `path` is where the file was, `sha256` its content's,
    and `form` says in words what was detected of it.
    """

    path: Path
    target: str
    customers: pd.DataFrame
    y: np.ndarray
    left_out: tuple[LeftOut, ...]
    sha256: str
    form: str
    marks: Mapping[str, Marks] = field(default_factory=dict)


def read_table(
    path: Path, *, target: str = "churn", reading: Reading = AS_IT_SAYS, choices: Choices = NO_CHOICES
) -> Table:
    """The customers and labels of a file in any form that is scored, too; see read_source.

    Raises TableError as read_source does, and for a table without the target column, with a target that is not
    yes/no (or 1/0), or with one class only.
    """
    source = read_source(path, target=target, reading=reading)
    with noting_form(source.form):
        return _learn_columns(path, target, source)


def _learn_columns(path: Path, target: str, source: Source) -> Table:
    if not len(source.rows):
        raise TableError(path, "has no rows under its header")
    names = _read_header(path, source.header, source.header_row)
    if clean(target) not in names:
        raise TableError(path, f"has no column {target!r}; its columns are {', '.join(map(repr, source.header))}")
    texts_of = dict(zip(names, source.columns, strict=True))
    y = read_labels(path, texts_of.pop(clean(target)), source.rows)
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
    return Table(path, target, pd.DataFrame(fields), y, tuple(left_out), source.sha256, source.form, marks)


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
    if texts.are_ids():
        return LeftOut(name, f"it is an id: {len(distinct)} different texts in {len(codes)} rows")
    return pd.Series([clean(text) for text in distinct], dtype="str").take(codes).reset_index(drop=True)
