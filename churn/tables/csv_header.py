"""The header of a CSV: its delimiter, its row, and its position in the bytes.

Above it there may be Excel's `sep=` line, which gives the delimiter, and a title of some rows. Owns where the header
of a table may be, in any form of table; the caller rates how well a row fits a header.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

from churn.errors import CsvError
from churn.tables.csv_lines import BoundedLines, read_rows
from churn.tables.encoding import UTF_8_MARK
from churn.tables.file_kind import describe_kind

DELIMITERS = (",", ";", "\t")
MAX_TITLE_ROWS = 10
"""The most rows above the header, blank ones not counted."""

_SEPARATOR_LINE = re.compile(rb"(?:\xef\xbb\xbf)?\"?sep=([,;\t|:])\"?(?:\r\n|\r|\n)", re.IGNORECASE)

RateHeader = Callable[[list[str]], int]
"""Rates how well a row's cells fit a header, 0 for not at all; the first row with the highest rating is taken."""

_Row = TypeVar("_Row")


def rate_rows(
    rows: Iterable[_Row], rate: Callable[[_Row], int], *, perfect: int | None = None
) -> Iterator[tuple[int, _Row]]:
    """The first rows of a table, each with its rating as a header.

    The last one is a row with the rating `perfect`, if there is one. The header is the first with the highest rating.
    """
    for row in islice(rows, MAX_TITLE_ROWS + 1):
        rating = rate(row)
        yield rating, row
        if rating == perfect:
            return


class Header(NamedTuple):
    """The header of a CSV.

    `cells` are its names and `row` is its row as a spreadsheet counts, which hides a `sep=` line. `end` is the byte
    after its line end, and `last_line` the last of its lines, from 1. `preamble` is the text above it, without the
    rows there if all of them are blank; `title_rows` is the number of rows there that are not blank.
    """

    delimiter: str
    cells: list[str]
    row: int
    end: int
    last_line: int
    preamble: str
    title_rows: int


def find_header(content: bytes, rate: RateHeader, *, perfect: int | None = None) -> Header:
    """The header in the first bytes of a CSV in UTF-8; the search ends at a row with the rating `perfect`.

    Raises CsvError for a CSV without any rows, and for one whose first row can't be read.
    """
    separator = _SEPARATOR_LINE.match(content)
    start = separator.end() if separator else len(UTF_8_MARK) * content.startswith(UTF_8_MARK)
    best: tuple[int, Header] | None = None
    failures: list[CsvError] = []  # without tracebacks, which keep this frame and the whole body alive
    for delimiter in (separator[1].decode(),) if separator else DELIMITERS:
        rows = _first_rows(content, delimiter, start=start, lines_before=int(separator is not None))
        try:
            for rating, header in rate_rows(rows, lambda row: rate(row.cells), perfect=perfect):
                if best is None or rating > best[0]:
                    best = rating, header
        except CsvError as error:  # perhaps in a row below the header, which is refused later
            failures.append(error.with_traceback(None))
    if best is None or (failures and best[0] == 0):
        raise failures.pop(0) if failures else CsvError(describe_kind("empty"))
    return best[1]


def _first_rows(content: bytes, delimiter: str, *, start: int, lines_before: int) -> Iterator[Header]:
    """The rows from the first one on, each as if it were the header. Raises CsvError for one that can't be read."""
    lines = _MeasuredLines(content, start=start, lines_before=lines_before)
    for title_rows, (_, cells) in enumerate(read_rows(lines, delimiter, strict=False)):  # the delimiter may be wrong
        preamble = content[: lines.row_start if title_rows else start].decode()
        yield Header(delimiter, cells, lines.rows, lines.position, lines.lines_read, preamble, title_rows)


class _MeasuredLines(BoundedLines):
    """Lines with their bytes: `position` is where the next line begins, `row_start` where the current row does."""

    def __init__(self, content: bytes, *, start: int, lines_before: int) -> None:
        super().__init__(content, start=start, lines_before=lines_before)
        self.position = start
        self.row_start = start
        self._begins_row = True

    def __next__(self) -> str:
        line = super().__next__()
        if self._begins_row:
            self.row_start, self._begins_row = self.position, False
        self.position += len(line.encode())
        return line

    def end_row(self) -> None:
        super().end_row()
        self._begins_row = True
