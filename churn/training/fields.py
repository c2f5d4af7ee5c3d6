"""The fields of a table: its columns read one by one, and what only all of them together show.

Owns what is gathered of the columns, and the refusals of a table that name several of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from churn.errors import TableError
from churn.model.marks import Marks
from churn.training.categories import describe_blank_values
from churn.training.choices import Choices
from churn.training.columns import LeftOut
from churn.training.ids import is_like_an_id
from churn.training.kinds import Column, FieldValues, read_column
from churn.training.missing import ONLY_AMONG_NUMBERS, in_rows, join_words, missing_option
from churn.training.source import Source
from churn.training.stand_ins import find_far_stand_ins, find_negative_stand_in
from churn.training.unknown import describe_together


@dataclass(frozen=True)
class Fields:
    """The columns of a table that are fields, a row per customer, and those that are left out.

    `marks` and `missing` are by field: the marks that numbers are read without, the words for missing that occurred.
    `remarks` are lines about the fields for whoever trains.
    """

    customers: pd.DataFrame
    left_out: tuple[LeftOut, ...]
    marks: Mapping[str, Marks]
    missing: Mapping[str, tuple[str, ...]]
    remarks: tuple[str, ...]


def read_fields(path: Path, columns: Sequence[Column], source: Source, choices: Choices) -> Fields:
    """The fields among these columns.

    Raises TableError as read_column, for numbers that stand for a missing value, and for a table of which too many
    new customers would have an unknown category.
    """
    found: dict[str, FieldValues] = {}
    left_out: list[LeftOut] = []
    for column in columns:
        read = read_column(path, column, source, choices)
        if isinstance(read, LeftOut):
            left_out.append(read)
        else:
            found[column.name] = read
    if not found:
        raise TableError(path, "has no column to learn from beside the target")
    numbers = {name: read.values.to_numpy() for name, read in found.items() if read.lone_rows is None}
    judged = {name: values for name, values in numbers.items() if name not in choices.keep}
    _refuse_stand_ins(path, judged)
    remarks = [*_describe_missing(found), *_describe_negative_stand_ins(judged)]
    remarks += describe_blank_values(
        {name: read.values for name, read in found.items() if read.lone_rows is not None}
    )
    occurred = {word for read in found.values() for word in read.missing}
    remarks += [f"--missing names {word!r}, which no field has" for word in choices.missing if word not in occurred]
    headers = {column.name: column.header for column in columns if column.name not in choices.number}
    remarks += _describe_ids(headers, judged)
    lone_rows = {name: read.lone_rows for name, read in found.items() if read.lone_rows is not None}
    if lone_rows:
        remarks.append(describe_together(path, lone_rows, len(source.rows), choices.category | choices.keep))
    return Fields(
        pd.DataFrame({name: read.values for name, read in found.items()}),
        tuple(left_out),
        {name: read.marks for name, read in found.items() if read.marks},
        {name: tuple(sorted(read.missing)) for name, read in found.items() if read.missing},
        tuple(remarks),
    )


def _refuse_stand_ins(path: Path, numbers: Mapping[str, np.ndarray]) -> None:
    """Raises TableError for numbers that lie far from all others and repeat, with their columns and the ways out."""
    found = {name: stand_ins for name, values in numbers.items() if (stand_ins := find_far_stand_ins(values))}
    if not found:
        return
    described = [
        f"{name}: {join_words([f'{stand_in.word} in {in_rows(stand_in.rows)}' for stand_in in stand_ins])}"
        for name, stand_ins in found.items()
    ]
    words = dict.fromkeys(stand_in.word for stand_ins in found.values() for stand_in in stand_ins)
    raise TableError(path, f"{', '.join(described)}; {missing_option(words)}, or --keep {','.join(found)}")


def _describe_missing(found: Mapping[str, FieldValues]) -> list[str]:
    lines = []
    for name, read in found.items():
        words = join_words([f"{word} in {in_rows(count)}" for word, count in sorted(read.missing.items())])
        if ONLY_AMONG_NUMBERS & read.missing.keys():
            words += f", taken for blanks; --category {name} takes them for values"
        elif words:
            words += ", taken for blanks"
        lines += [f"{name}: {words}"] if words else []
    return lines


def _describe_negative_stand_ins(numbers: Mapping[str, np.ndarray]) -> list[str]:
    return [
        f"{name}: {stand_in.word} in {in_rows(stand_in.rows)}, and nothing else below 0; "
        f"if it stands for missing: {missing_option([stand_in.word])}"
        for name, values in numbers.items()
        if (stand_in := find_negative_stand_in(values))
    ]


def _describe_ids(headers: Mapping[str, str], numbers: Mapping[str, np.ndarray]) -> list[str]:
    return [
        f"{name} is a number, though its name says id: --category {name} or --drop {name}, if it counts nothing"
        for name, values in numbers.items()
        if name in headers and is_like_an_id(headers[name], values)
    ]
