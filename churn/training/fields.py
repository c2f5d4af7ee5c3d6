"""The fields of a table: its columns read one by one, and the checks that need all of them together.

Owns the refusals of a table that name several columns.
"""

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from churn.errors import TableError
from churn.model.marks import Marks
from churn.training.categories import describe_blank_values
from churn.training.choices import Choices
from churn.training.columns import LeftOut
from churn.training.date_columns import describe_possible_date
from churn.training.ids import describe_possible_id
from churn.training.kinds import Column, FieldValues, read_column
from churn.training.missing import ONLY_AMONG_NUMBERS, in_rows, join_words, missing_option
from churn.training.source import Source
from churn.training.stand_ins import StandIn, find_far_stand_ins, find_negative_stand_ins, find_nines
from churn.training.unknown import describe_together


@dataclass(frozen=True)
class Fields:
    """The columns of a table that are fields, with a row per customer, and the columns that are left out.

    By field, `marks` are the marks that are removed from its numbers, and `missing` the words for missing that
    occurred. `remarks` are lines about the fields for the data scientist.
    """

    customers: pd.DataFrame
    left_out: tuple[LeftOut, ...]
    marks: Mapping[str, Marks]
    missing: Mapping[str, tuple[str, ...]]
    remarks: tuple[str, ...]


def read_fields(
    path: Path, columns: Sequence[Column], source: Source, choices: Choices, *, met: Collection[str] = ()
) -> Fields:
    """The fields among these columns; `met` are words of --missing that occurred in columns that are not fields.

    Raises TableError as read_column does, for numbers that stand for a missing value, and for a table of which too
    many new customers would have an unknown category.
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
        raise TableError(path, "has no column to learn from besides the target")
    numbers = {name: read.values.to_numpy() for name, read in found.items() if read.lone_rows is None}
    judged = {name: values for name, values in numbers.items() if name not in choices.keep}
    _refuse_stand_ins(path, judged, found)
    remarks = [*_describe_missing(found), *_describe_possible_stand_ins(judged, found)]
    remarks += describe_blank_values(
        {name: read.values for name, read in found.items() if read.lone_rows is not None}
    )
    occurred = set(met).union(*(find_met(choices, name, read.missing) for name, read in found.items()))
    remarks += [f"--missing names {word!r}, which no field has" for word in choices.missing if word not in occurred]
    headers = {column.name: column.header for column in columns if column.name not in choices.number}
    remarks += _describe_ids_and_dates(headers, judged)
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


def find_met(choices: Choices, column: str, occurred: Collection[str]) -> set[str]:
    """The entries of --missing whose word is among those that occurred in a column."""
    return {named for word, named in choices.words_of(column).items() if word in occurred}


def _refuse_stand_ins(path: Path, judged: Mapping[str, np.ndarray], found: Mapping[str, FieldValues]) -> None:
    """Raises TableError for numbers that lie far from all others and repeat, with their columns and the remedies."""
    far = {name: stand_ins for name, values in judged.items() if (stand_ins := find_far_stand_ins(values))}
    if not far:
        return
    described = [f"{name}: {_list_stand_ins(stand_ins)}" for name, stand_ins in far.items()]
    words = dict.fromkeys(
        word for name, stand_ins in far.items() for word in _name_words(name, stand_ins, far, found)
    )
    raise TableError(path, f"{', '.join(described)}; {missing_option(words)}, or --keep {','.join(far)}")


def _list_stand_ins(stand_ins: Sequence[StandIn]) -> str:
    return join_words([f"{stand_in.word} in {in_rows(stand_in.rows)}" for stand_in in stand_ins])


def _name_words(
    name: str, stand_ins: Sequence[StandIn], alike: Container[str], found: Mapping[str, FieldValues]
) -> list[str]:
    """Stand-ins as entries of --missing, limited to this column if a field not in `alike` has the number, too."""
    others = [read.values for other, read in found.items() if other != name and other not in alike]
    are_shared = [
        any((values == (stand_in.number if values.dtype.kind == "f" else stand_in.word)).any() for values in others)
        for stand_in in stand_ins
    ]
    pairs = zip(stand_ins, are_shared, strict=True)
    return [f"{name}={stand_in.word}" if is_shared else stand_in.word for stand_in, is_shared in pairs]


def _describe_missing(found: Mapping[str, FieldValues]) -> list[str]:
    lines = []
    for name, read in found.items():
        words = join_words([f"{word} in {in_rows(count)}" for word, count in sorted(read.missing.items())])
        if ONLY_AMONG_NUMBERS & read.missing.keys():
            words += f", read as blanks; --category {name} keeps them as values"
        elif words:
            words += ", read as blanks"
        lines += [f"{name}: {words}"] if words else []
    return lines


def _describe_possible_stand_ins(judged: Mapping[str, np.ndarray], found: Mapping[str, FieldValues]) -> list[str]:
    lines = []
    for name, values in judged.items():
        nines = find_nines(values)
        for stand_ins, where in (
            (find_negative_stand_ins(values), "and nothing else below 0"),
            ((nines,) if nines else (), "far above all other numbers"),
        ):
            if stand_ins:
                asked = "it stands" if len(stand_ins) == 1 else "they stand"
                option = missing_option(_name_words(name, stand_ins, (), found))
                lines.append(f"{name}: {_list_stand_ins(stand_ins)}, {where}; if {asked} for missing: {option}")
    return lines


def _describe_ids_and_dates(headers: Mapping[str, str], numbers: Mapping[str, np.ndarray]) -> list[str]:
    named = [(name, headers[name], values) for name, values in numbers.items() if name in headers]
    return [line for field in named if (line := describe_possible_date(*field) or describe_possible_id(*field))]
