"""The table that a foreign model is adopted with, reduced to the model's fields and read in their kinds.

Owns two rules: the model decides the kind of a field, and columns that the model does not know are left out. `table`
reads the rows; `adopting` learns the contract from them.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from churn.errors import TableError
from churn.model.contract import Contract
from churn.model.fields import Category, Number
from churn.model.positive_class import is_class
from churn.model.spelling import clean, is_blank
from churn.pickles.file_words import show_text
from churn.tables.detection import noting_form
from churn.training.choices import Choices
from churn.training.columns import LeftOut
from churn.training.fields import read_fields
from churn.training.foreign_model import ForeignModel
from churn.training.header import name_columns
from churn.training.labels import quote_value
from churn.training.missing import join_words
from churn.training.source import Reading, Source, read_source
from churn.training.table import Table, make_table

USUAL_TARGET = "churn"
"""The column with the labels, unless another one is named."""

_TRUTHS = {"true": 1.0, "false": 0.0, "": np.nan}
_MOST_SHOWN = 3  # of a column's texts
_MOST_ABSENT = 10  # fields


@dataclass(frozen=True)
class AdoptedTable:
    """The table in the model's fields; where `is_labelled` is False there is no target, and `y` has no meaning.

    Where the model has a number and the file has true and false, the table has 1 and 0.
    """

    table: Table
    is_labelled: bool


def read_adopted_table(
    path: Path, foreign: ForeignModel, *, target: str | None, reading: Reading, choices: Choices
) -> AdoptedTable:
    """The customers of a table in the fields of a model, and their labels if the table has any.

    `target` is the column of the labels; None is USUAL_TARGET if the table has that column, else no labels.

    Raises TableError as read_table does, for a field without a column, and for texts where the model has a number.
    """
    known, source = foreign.contract, read_source(path, target=target or USUAL_TARGET, reading=reading)
    with noting_form(source.form):
        names, fields = [clean(name) for name in source.header], {field.name for field in known.fields}
        name = clean(target or USUAL_TARGET)
        is_labelled = name not in fields and (target is not None or name in names)
        _check_fields(path, known, source, names)
        taken = fields | ({name} if is_labelled else set())
        source, left_out = _take_columns(source, names, taken)
        choices = _choose(choices, known)
        if is_labelled:
            choices = _choose_label(choices, foreign, source, name)
            table = make_table(path, target or USUAL_TARGET, source, choices)
        else:
            table = _make_unlabelled(path, name, source, choices)
        customers = _count_truths(path, table.customers, known)
        return AdoptedTable(replace(table, customers=customers, left_out=(*left_out, *table.left_out)), is_labelled)


def _check_fields(path: Path, known: Contract, source: Source, names: Collection[str]) -> None:
    """Raises TableError for fields without a column."""
    absent = [show_text(field.name) for field in known.fields if field.name not in names]
    if absent:
        columns, more = ", ".join(map(repr, source.header)), [f"{len(absent) - _MOST_ABSENT:,} more"]
        listed = join_words(absent if len(absent) <= _MOST_ABSENT else absent[:_MOST_ABSENT] + more)
        words = f"has no column for {listed}, which the model has weights for; its columns are {columns}"
        raise TableError(path, f"{words}; --map COLUMN=NAME renames one of them")


def _take_columns(source: Source, names: list[str], taken: Collection[str]) -> tuple[Source, list[LeftOut]]:
    """The file with only these columns, and the columns that are left out."""
    places = [place for place, name in enumerate(names) if name in taken]
    others = [name or f"column {place}" for place, name in enumerate(names, start=1) if name not in taken]
    source = source._replace(
        columns=[source.columns[place] for place in places], header=[source.header[place] for place in places]
    )
    return source, [LeftOut(name, "the model has no weight for it") for name in others]


def _choose(choices: Choices, known: Contract) -> Choices:
    """The choices, with the model's kind forced for each field."""
    categories = {field.name: field.categories for field in known.fields if isinstance(field, Category)}
    numbers = frozenset(field.name for field in known.numbers)
    return replace(choices, category=frozenset(categories), keep=numbers, known=categories)


def _choose_label(choices: Choices, foreign: ForeignModel, source: Source, target: str) -> Choices:
    """The choices, without --positive where it names a class of the model that is no value of the target."""
    columns = zip(source.header, source.columns, strict=True)
    words = (word for name, texts in columns if clean(name) == target for word in texts.distinct)
    positive = choices.positive
    if positive is None or choices.rest_negative or not is_class(positive, foreign.linear.classes):
        return choices
    is_said = any(is_class(word, (positive, "")) for word in words if not is_blank(word))
    return choices if is_said else replace(choices, positive=None)


def _make_unlabelled(path: Path, target: str, source: Source, choices: Choices) -> Table:
    """A table of customers without labels."""
    if not len(source.rows):
        raise TableError(path, "has no rows under its header")
    columns, unnamed = name_columns(path, source)
    fields = read_fields(path, columns, source, choices)
    return Table(
        path,
        target,
        fields.customers,
        np.zeros(len(fields.customers), dtype=np.int64),
        (*unnamed, *fields.left_out),
        source.sha256,
        source.form,
        fields.marks,
        fields.missing,
        fields.remarks,
    )


def _count_truths(path: Path, customers: pd.DataFrame, known: Contract) -> pd.DataFrame:
    """The customers with 1 and 0 for true and false where the model has a number.

    Raises TableError for other texts in such a column.
    """
    changed = {}
    for field in known.fields:
        column = customers[field.name]
        if isinstance(field, Number) and not pd.api.types.is_numeric_dtype(column):
            if strangers := [text for text in column.unique() if text not in _TRUTHS]:
                shown = ", ".join(map(quote_value, strangers[:_MOST_SHOWN]))
                words = f"the model has a number for {field.name!r}, and the table has texts, such as {shown}"
                raise TableError(path, f"{words}; write the numbers that it was trained on")
            changed[field.name] = column.map(_TRUTHS).astype(np.float64)
    return customers.assign(**changed) if changed else customers
