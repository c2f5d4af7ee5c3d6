"""The table that a model is trained on: reads a CSV strictly, learns which columns are categories, numbers or ids.

Owns every refusal of a bad table, with its line. Learns nothing that depends on which rows are trained on: the
contract, from training rows only, is training's.
"""

import csv
import hashlib
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from churn.errors import TableError
from churn.scoring import log_column
from churn.spelling import clean, is_blank, read_number

ID_SHARE = 0.9
"""A text column with more distinct values than this share of its rows is an id."""
NUMBER_SHARE = 0.95
"""A column with numbers in at least this share of its rows is meant as numbers."""

_TARGETS = {"yes": 1, "no": 0, "1": 1, "0": 0}


@dataclass(frozen=True)
class Table:
    """A table ready for training.

    `customers` has a row per customer and a column per field, in clean spelling: categories as text, numbers as
    float64 with NaN for a blank. `y` is int64, shape (n_customers,), 1 for churned. `left_out` says why a column
    of the file is not a field. `sha256` is the file's.
    """

    customers: pd.DataFrame
    y: np.ndarray
    left_out: dict[str, str]
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
    header, rows, lines = _read_rows(path, content)
    if not rows:
        raise TableError(path, "has no rows under its header")
    names = _read_header(path, header)
    if clean(target) not in names:
        raise TableError(path, f"has no column {target!r}; its columns are {', '.join(map(repr, header))}")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    y = _read_target(path, columns.pop(clean(target)), lines)
    fields: dict[str, pd.Series] = {}
    left_out: dict[str, str] = {}
    for name, texts in columns.items():
        column = _read_column(path, name, texts, lines)
        if isinstance(column, str):
            left_out[name] = column
        else:
            fields[name] = column
    if not fields:
        raise TableError(path, "has no column to learn from beside the target")
    return Table(pd.DataFrame(fields), y, left_out, hashlib.sha256(content).hexdigest())


def _read_rows(path: Path, content: bytes) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, rows and the line each row ends on. Blank lines are skipped; no row is padded or cut."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TableError(path, "is not UTF-8", line=line) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        header = next((row for row in reader if row), None)
        if header is None:
            raise TableError(path, "is empty")
        for row in reader:
            if not row:
                continue
            if len(row) != len(header):
                reason = f"has {len(row)} cells where the header has {len(header)}"
                raise TableError(path, reason, line=reader.line_num)
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise TableError(path, f"is not CSV: {error}", line=reader.line_num) from None
    return header, rows, lines


def _read_header(path: Path, header: list[str]) -> list[str]:
    """The clean names of the columns, all different and none that a model's column could be taken for."""
    names = [clean(name) for name in header]
    for name, count in Counter(names).items():
        if not name:
            raise TableError(path, "has a column without a name", line=1)
        if count > 1:
            raise TableError(path, f"has {count} columns that spell {name!r}", line=1)
        if "=" in name or name in map(log_column, names):
            raise TableError(path, f"has a column {name!r}, which is how a model names its own; rename it", line=1)
    return names


def _read_target(path: Path, texts: list[str], lines: list[int]) -> np.ndarray:
    labels = {text: _TARGETS.get(clean(text)) for text in set(texts)}
    for text, line in zip(texts, lines, strict=True):
        if labels[text] is None:
            raise TableError(path, f"the target is {text!r}, which is neither yes nor no", line=line)
    y = pd.Series(texts).map(labels).to_numpy(dtype=np.int64)
    if len(set(labels.values())) < 2:
        raise TableError(path, f"has one class only: every customer's target is {texts[0]!r}")
    return y


def _read_column(path: Path, name: str, texts: list[str], lines: list[int]) -> pd.Series | str:
    """A column as numbers or as categories, or, in words, why it is neither.

    A column is numbers when all its texts that are not blank spell one. Raises TableError when nearly all do: an
    "NA" among a thousand numbers is a mistake, and would make a category of each.
    """
    codes, distinct = pd.factorize(pd.Series(texts, dtype=object))
    blank = [is_blank(text) for text in distinct]
    if all(blank):
        return "it is blank in every row"
    numbers = [np.nan if empty else read_number(text) for text, empty in zip(distinct, blank, strict=True)]
    if None not in numbers:
        return pd.Series(np.array(numbers, dtype=np.float64)[codes])
    strange = np.array([number is None for number in numbers])[codes]
    if 1 - strange.mean() >= NUMBER_SHARE:
        row = int(strange.argmax())
        reason = f"{name!r} is {texts[row]!r} here and a number in nearly all rows; leave the cell empty, or mend it"
        raise TableError(path, reason, line=lines[row])
    if len(distinct) > max(ID_SHARE * len(texts), 2):
        return f"it is an id: {len(distinct)} different texts in {len(texts)} rows"
    categories = np.array([clean(text) for text in distinct], dtype=object)
    return pd.Series(categories[codes], dtype="str")
