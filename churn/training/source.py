"""Reads the file of a table for training: its columns as texts, whatever the form of the file.

Owns the requirements for a table: a header, and rows as wide as the header. The forms are the same as in scoring, and
`tables` reads them; `table` interprets the texts.
"""

import gzip
import hashlib
import zlib
from array import array
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from churn.errors import CsvError, TableError
from churn.model.spelling import clean, is_blank
from churn.tables.csv_form import MARK_ROWS
from churn.tables.csv_header import Header, find_header
from churn.tables.csv_lines import BoundedLines, drop_surplus, read_rows
from churn.tables.decimals import find_decimal_mark, is_like_numbers
from churn.tables.detection import describe_csv, noting_form
from churn.tables.encoding import as_utf_8, find_encoding, named_encoding
from churn.tables.file_form import Form, check_options, check_text, form_of_kind
from churn.tables.file_kind import LOOKED_AT_BYTES, describe_kind, find_kind
from churn.tables.renaming import NO_RENAMING, Renaming
from churn.training.columns import LeftOut, Texts, gather_columns
from churn.training.compressed import inflate
from churn.training.parquet import read_parquet
from churn.training.size import check_file
from churn.training.worksheet import read_worksheet

_TARGET_COUNTS = 1_000_000  # more than any row is wide


class Source(NamedTuple):
    """The content of a file: the names in its header and a column for each.

    `rows` are the rows' numbers as a spreadsheet counts, int64, shape (n_rows,), and `header_row` is the header's
    number. `left_out` are columns whose values have no texts. `decimal_mark` is the mark of the numbers, "" where
    several readings are possible. `mark_is_known` is True if numbers in the file or an option show the mark, so that
    it is not just the usual one. `form` describes the detected form, and `sha256` is the file's. `has_numbers` is
    True if the form has numbers as well as texts, as Parquet and workbooks do; in scoring, each text there is read by
    itself.
    """

    header: list[str]
    header_row: int
    columns: list[Texts]
    rows: np.ndarray
    left_out: list[LeftOut]
    decimal_mark: str
    mark_is_known: bool
    form: str
    sha256: str
    has_numbers: bool = False


class Reading(NamedTuple):
    """The options for facts that a file may not show itself: its encoding, decimal mark ("," or ".") and columns.

    `worksheet` is the worksheet of a workbook to read; None is the first visible one.
    """

    encoding: str | None = None
    decimal_mark: str | None = None
    renaming: Renaming = NO_RENAMING
    worksheet: str | None = None


AS_IT_SAYS = Reading()


def read_source(path: Path, *, target: str, reading: Reading = AS_IT_SAYS) -> Source:
    """The columns of a CSV, a Parquet file or an Excel workbook; the content decides which it is.

    The header of a CSV is the first of the widest rows, but a row with the target precedes all others. Raises
    TableError for a file that can't be read, is empty, ragged, not a CSV or not in the encoding, or lacks a column to
    rename. Columns that are blank including their names are left out: spreadsheets often have some.
    """
    source = _drop_blank_columns(_read_file(path, target, reading))
    if missing := reading.renaming.find_missing(source.header):
        raise TableError(path, missing)
    return source._replace(header=reading.renaming.rename(source.header))


def _drop_blank_columns(source: Source) -> Source:
    columns = zip(source.header, source.columns, strict=True)
    kept = [(name, texts) for name, texts in columns if not (is_blank(name) and all(map(is_blank, texts.distinct)))]
    return source._replace(header=[name for name, _ in kept], columns=[texts for _, texts in kept])


def _read_file(path: Path, target: str, reading: Reading) -> Source:
    try:
        check_file(path)
        content = path.read_bytes()
    except OSError as error:
        raise TableError(path, f"can't be read: {error.strerror}") from None
    sha256 = hashlib.sha256(content).hexdigest()
    kind = find_kind(content[:LOOKED_AT_BYTES], content[-LOOKED_AT_BYTES:])
    form = form_of_kind(path, kind)
    if form is not Form.CSV and not path.is_file():
        check_text(path, kind, is_unpacked=False)
    check_options(path, form, encoding=reading.encoding, worksheet=reading.worksheet)
    mark, is_known = reading.decimal_mark or ".", reading.decimal_mark is not None  # of texts among numbers
    if form is Form.PARQUET:
        names, columns, left_out, count = read_parquet(path, decimal_mark=mark)
        return Source(names, 1, columns, np.arange(2, count + 2), left_out, mark, is_known, "Parquet", sha256, True)
    if form is Form.WORKBOOK:
        rate = _header_rate(target, reading.renaming)
        sheet = read_worksheet(path, worksheet=reading.worksheet, rate=rate, decimal_mark=mark)
        rows = np.array(sheet.rows)
        return Source(
            sheet.header, sheet.header_row, sheet.columns, rows, [], mark, is_known, sheet.form, sha256, True
        )
    try:
        if kind == "gzip":
            content = inflate(path, content)
            check_text(path, find_kind(content[:LOOKED_AT_BYTES]), is_unpacked=True)
        return _read_csv(path, content, target, reading)._replace(sha256=sha256)
    except CsvError as error:
        with noting_form(error.form or ""):
            raise TableError(path, error.reason.removeprefix("it "), line=error.line) from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise TableError(path, describe_kind("damaged-gzip")) from None


def _read_csv(path: Path, content: bytes, target: str, reading: Reading) -> Source:
    known = named_encoding(reading.encoding, content[:4]) if reading.encoding else find_encoding([content])
    content = as_utf_8(content, known)
    header = find_header(content, _header_rate(target, reading.renaming))
    describe = partial(
        describe_csv,
        known.name,
        delimiter=header.delimiter,
        header_row=header.row,
        title_rows=header.title_rows,
    )
    usual = "." if header.delimiter == "," else ""
    with noting_form(describe(decimal_mark=reading.decimal_mark or usual)):
        columns, rows = _read_columns(path, content, header)
    mark = reading.decimal_mark or _find_mark(columns) or usual
    form = describe(decimal_mark=mark)
    is_known = bool(reading.decimal_mark) or mark != usual
    return Source(header.cells, header.row, columns, rows, [], mark, is_known, form, "")


def _header_rate(target: str, renaming: Renaming) -> Callable[[list[str]], int]:
    """The function that rates a row as a header, by its width and the target. The target's name alone is a title."""
    name = clean(target)

    def rate(cells: list[str]) -> int:
        width = max((number for number, cell in enumerate(cells, start=1) if cell.strip()), default=0)
        return width + _TARGET_COUNTS * (width > 1 and name in map(clean, renaming.rename(cells)))

    return rate


def _read_columns(path: Path, content: bytes, header: Header) -> tuple[list[Texts], np.ndarray]:
    """The columns under a header, and each row's number. Raises CsvError, or TableError for a ragged row."""
    numbers = array("q")
    rows = _read_rows(path, content, header, numbers)
    return gather_columns(rows, width=len(header.cells)), np.array(numbers)


def _read_rows(path: Path, content: bytes, header: Header, numbers: "array[int]") -> Iterator[list[str]]:
    """The cells of each row, as many as the header has; appends the rows' numbers to `numbers`."""
    lines = BoundedLines(content, start=header.end, lines_before=header.last_line)
    lines.rows = header.row
    for _, row in read_rows(lines, header.delimiter, max_blank_rows=None):
        cells = drop_surplus(row, len(header.cells))
        if len(cells) != len(header.cells):
            reason = f"has {len(cells)} cells where the header has {len(header.cells)}"
            raise TableError(path, reason, row=lines.rows)
        numbers.append(lines.rows)
        yield cells


def _find_mark(columns: list[Texts]) -> str:
    """The decimal mark in the first numbers of each column; if these do not show it, in all numbers."""
    firsts = [column.distinct[:MARK_ROWS] for column in columns]
    for texts in (firsts, [column.distinct for column in columns]):
        if mark := find_decimal_mark([], chain.from_iterable(filter(is_like_numbers, texts))):
            return mark
    return ""
