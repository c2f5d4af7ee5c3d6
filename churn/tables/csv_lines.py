"""The rows of a CSV as lists of cells; its lines are decoded as they are read, in little memory for any content.

Owns the longest row and the most blank rows; `csv_form` reads the cells.
"""

import csv
import io
from collections.abc import Iterator

from churn.errors import CsvError, CsvTooLargeError
from churn.model.spelling import is_blank

MAX_ROW_CHARACTERS = 64 * 1024
"""The longest row of a CSV, line ends included; an unclosed quote makes one row of everything after it."""

LONG_ROW = f"a row is longer than {MAX_ROW_CHARACTERS:,} characters; is there an unclosed quote?"
CUT_ROW = "the file ends in the middle of this row"
"""Reasons of errors, which are reported for the line where the row begins."""

MAX_BLANK_ROWS = 20_000
"""The most rows without a customer that are skipped in one request; a spreadsheet leaves some."""


def read_rows(
    lines: "BoundedLines", delimiter: str, *, strict: bool = True, max_blank_rows: int | None = MAX_BLANK_ROWS
) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, the header first, with the line that it begins on, from 1."""
    blank_rows, before = 0, lines.lines_before
    reader = csv.reader(lines, delimiter=delimiter, strict=strict)
    try:
        while (begins := before + reader.line_num + 1) and (cells := next(reader, None)) is not None:
            lines.end_row()
            if all(is_blank(cell) for cell in cells):
                blank_rows += 1
                if max_blank_rows is not None and blank_rows > max_blank_rows:
                    raise CsvTooLargeError(f"it has more than {max_blank_rows:,} blank rows", line=begins)
            else:
                yield begins, cells
    except csv.Error as error:
        if "end of data" in str(error):
            raise CsvError(CUT_ROW, line=begins) from None
        raise CsvError(f"it is not CSV: {error}", line=before + reader.line_num) from None
    except UnicodeDecodeError:
        raise _not_utf_8(lines) from None


def drop_surplus(cells: list[str], width: int) -> list[str]:
    """A row's cells without those beyond the header's `width`, if these are all blank, as spreadsheets leave them.

    >>> drop_surplus(["basic", "1", "", " "], 2), drop_surplus(["basic", "1", "", "x"], 2)
    (['basic', '1'], ['basic', '1', '', 'x'])
    """
    return cells[:width] if len(cells) > width and all(map(is_blank, cells[width:])) else cells


class BoundedLines:
    """The lines of a text, decoded as they are read; a row may have MAX_ROW_CHARACTERS.

    The text begins at the byte `start`; `lines_before` are the lines above it. `lines_read` are the lines so far,
    these included, and `rows` the rows, blank ones included. A NUL character is refused.
    """

    def __init__(self, content: bytes, *, start: int = 0, lines_before: int = 0) -> None:
        self.content = content
        self.start = start
        self.lines_before = lines_before
        self.lines_read = lines_before
        self.rows = 0
        source = io.BytesIO(content)
        source.seek(start)
        self._text = io.TextIOWrapper(source, encoding="utf-8", newline="")
        self._row_characters = 0
        self._row_line = 0

    def __iter__(self) -> "BoundedLines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_ROW_CHARACTERS + 1)
        if not line:
            raise StopIteration
        self.lines_read += 1
        if not self._row_characters:
            self._row_line = self.lines_read
        self._row_characters += len(line)
        if self._row_characters > MAX_ROW_CHARACTERS:
            raise CsvTooLargeError(LONG_ROW, line=self._row_line)
        if "\0" in line:
            raise CsvError("it has a NUL character, which no text has; remove it", line=self.lines_read)
        return line

    def end_row(self) -> None:
        """Ends a row: the next line begins another one."""
        self.rows += 1
        self._row_characters = 0


def _not_utf_8(lines: BoundedLines) -> CsvError:
    try:
        lines.content[lines.start :].decode()
    except UnicodeDecodeError as error:
        line = lines.lines_before + error.object.count(b"\n", 0, error.start) + 1
        reason = "it is not UTF-8; save it as 'CSV UTF-8', or give its encoding (charset=, --encoding)"
        return CsvError(reason, line=line)
    raise AssertionError("it is UTF-8")
