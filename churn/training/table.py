"""The table that a model is trained on: reads a CSV strictly, learns which columns are categories, numbers or ids.

Owns every refusal of a bad table, with its row as a spreadsheet counts. Learns nothing that depends on which rows are
trained on: the contract, from training rows only, is fit's.
"""

import csv
import hashlib
import io
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from churn.errors import TableError
from churn.model.columns import log_column
from churn.model.spelling import clean, is_blank, read_number

ID_SHARE = 0.9
"""A text column with more distinct values than this share of its rows is an id."""
NUMBER_SHARE = 0.95
"""A column with numbers in at least this share of its rows is meant as numbers."""

_TARGETS = {"yes": 1, "no": 0, "1": 1, "0": 0}
_CHUNK_ROWS = 10_000  # turned into columns at a time: a list for each of a million rows keeps the collector busy


class _Texts(NamedTuple):
    """A column as it is read: the texts that occur, and for each row which of them it has."""

    distinct: list[str]
    codes: np.ndarray


class _Numbering(dict[str, int]):
    """Numbers texts in the order in which they are first asked for."""

    def __missing__(self, text: str) -> int:
        self[text] = number = len(self)
        return number


@dataclass(frozen=True)
class LeftOut:
    """A column of the file, in clean spelling, that is not a field, and the reason for it."""

    name: str
    reason: str


@dataclass(frozen=True)
class Table:
    """A table ready for training.

    `customers` has a row per customer and a column per field, in clean spelling: categories as text, numbers as
    float64 with NaN for a blank. `y` is int64, shape (n_customers,), 1 for churned, read from the column `target`.
    `left_out` are the other columns of the file, in its order. `path` is where the file was, `sha256` its content's.
    """

    path: Path
    target: str
    customers: pd.DataFrame
    y: np.ndarray
    left_out: tuple[LeftOut, ...]
    sha256: str


def read_table(path: Path, *, target: str = "churn") -> Table:
    """The customers and labels of a CSV file, UTF-8 with a header line.

    Raises TableError for a file that can't be read, is not UTF-8, empty, ragged, without the target column, with
    a target that is not yes/no (or 1/0), or with one class only.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TableError(path, f"can't be read: {error.strerror}") from None
    header_row, header, columns, rows = _read_columns(path, content)
    if not len(rows):
        raise TableError(path, "has no rows under its header")
    names = _read_header(path, header, header_row)
    if clean(target) not in names:
        raise TableError(path, f"has no column {target!r}; its columns are {', '.join(map(repr, header))}")
    texts_of = dict(zip(names, columns, strict=True))
    y = _read_target(path, texts_of.pop(clean(target)), rows)
    fields: dict[str, pd.Series] = {}
    left_out: list[LeftOut] = []
    for name, texts in texts_of.items():
        column = _read_column(path, name, texts, rows)
        if isinstance(column, LeftOut):
            left_out.append(column)
        else:
            fields[name] = column
    if not fields:
        raise TableError(path, "has no column to learn from beside the target")
    sha256 = hashlib.sha256(content).hexdigest()
    return Table(path, target, pd.DataFrame(fields), y, tuple(left_out), sha256)


def _read_columns(path: Path, content: bytes) -> tuple[int, list[str], list[_Texts], np.ndarray]:
    """The header's row, its names, the columns, and each customer's row, as a spreadsheet counts."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TableError(path, "is not UTF-8", line=line) from None
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline=""), strict=True)
    try:
        records = enumerate(reader, start=1)
        header_row, header = next(((row, cells) for row, cells in records if cells), (0, []))
        if not header:
            raise TableError(path, "is empty")
        numbers = array("q")
        rows = _read_rows(path, records, len(header), numbers)
        known = [_Numbering() for _ in header]
        codes = [array("i") for _ in header]
        while chunk := list(islice(rows, _CHUNK_ROWS)):
            for texts, numbered, column in zip(zip(*chunk, strict=True), known, codes, strict=True):
                column.extend(map(numbered.__getitem__, texts))
    except csv.Error as error:
        raise TableError(path, f"is not CSV: {error}", line=reader.line_num) from None
    columns = [_Texts(list(texts), np.array(column)) for texts, column in zip(known, codes, strict=True)]
    return header_row, header, columns, np.array(numbers)


def _read_rows(
    path: Path, records: Iterator[tuple[int, list[str]]], width: int, numbers: "array[int]"
) -> Iterator[list[str]]:
    """The cells of each row, `width` of them; puts the rows' numbers into `numbers`. Empty rows are skipped."""
    for number, cells in records:
        if not cells:
            continue
        if len(cells) != width:
            raise TableError(path, f"has {len(cells)} cells where the header has {width}", row=number)
        numbers.append(number)
        yield cells


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


def _read_target(path: Path, texts: _Texts, rows: np.ndarray) -> np.ndarray:
    labels = [_TARGETS.get(clean(text)) for text in texts.distinct]
    if None in labels:
        row = int(np.array([label is None for label in labels])[texts.codes].argmax())
        reason = f"the target is {texts.distinct[texts.codes[row]]!r}, which is neither yes nor no"
        raise TableError(path, reason, row=int(rows[row]))
    if len(set(labels)) < 2:
        raise TableError(path, f"has one class only: every customer's target is {texts.distinct[0]!r}")
    y: np.ndarray = np.array(labels, dtype=np.int64)[texts.codes]
    return y


def _read_column(path: Path, name: str, texts: _Texts, rows: np.ndarray) -> pd.Series | LeftOut:
    """A column as numbers or as categories, or left out because it is neither.

    A column is numbers when all its texts that are not blank spell one. Raises TableError when nearly all do: an
    "NA" among a thousand numbers is a mistake, and would make a category of each.
    """
    distinct, codes = texts
    blank = [is_blank(text) for text in distinct]
    if all(blank):
        return LeftOut(name, "it is blank in every row")
    numbers = [np.nan if empty else read_number(text) for text, empty in zip(distinct, blank, strict=True)]
    if None not in numbers:
        return pd.Series(np.array(numbers, dtype=np.float64)[codes])
    strange = np.array([number is None for number in numbers])[codes]
    if 1 - strange.mean() >= NUMBER_SHARE:
        row = int(strange.argmax())
        here = f"{name!r} is {distinct[codes[row]]!r} here and a number in nearly all rows"
        reason = f"{here}; leave the cell empty, or mend it"
        raise TableError(path, reason, row=int(rows[row]))
    if len(distinct) > max(ID_SHARE * len(codes), 2):
        return LeftOut(name, f"it is an id: {len(distinct)} different texts in {len(codes)} rows")
    return pd.Series([clean(text) for text in distinct], dtype="str").take(codes).reset_index(drop=True)
