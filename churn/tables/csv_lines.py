"""The rows of a CSV as lists of cells: its lines decoded as they are read, in little memory, however it is built.

Owns how long a row may be and how many blank ones there may be; what the cells mean is csv_form's.
"""

import csv
import io
from collections.abc import Iterator

from churn.errors import CsvError, CsvTooLargeError
from churn.model.spelling import is_blank

MAX_ROW_CHARACTERS = 64 * 1024
"""One row of a CSV, its line ends included; an unclosed quote makes a row of all that follows."""

MAX_BLANK_ROWS = 20_000
"""Rows without a customer that are passed over; a spreadsheet leaves some behind."""


def read_rows(lines: "BoundedLines", delimiter: str, *, strict: bool = True) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, the header first, with the line that it begins on, from 1."""
    blank_rows, before = 0, lines.lines_before
    reader = csv.reader(lines, delimiter=delimiter, strict=strict)
    try:
        while (begins := before + reader.line_num + 1) and (cells := next(reader, None)) is not None:
            lines.end_row()
            if all(is_blank(cell) for cell in cells):
                blank_rows += 1
                if blank_rows > MAX_BLANK_ROWS:
                    raise CsvTooLargeError(f"it has more than {MAX_BLANK_ROWS:,} blank rows", line=begins)
            else:
                yield begins, cells
    except csv.Error as error:
        raise CsvError(f"it is not CSV: {error}", line=before + reader.line_num) from None
    except UnicodeDecodeError:
        raise _not_utf_8(lines) from None


class BoundedLines:
    """The lines of a text, decoded as they are read, of which one row may take MAX_ROW_CHARACTERS.

    The text begins at the byte `start`; `lines_before` are the lines above that. `lines_read` are the lines so far,
    these included, and `rows` the rows, blank ones too. A NUL character is refused.
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

    def __iter__(self) -> "BoundedLines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_ROW_CHARACTERS + 1)
        if not line:
            raise StopIteration
        self.lines_read += 1
        self._row_characters += len(line)
        if self._row_characters > MAX_ROW_CHARACTERS:
            reason = f"a row is longer than {MAX_ROW_CHARACTERS:,} characters; is there a quote that nothing closes?"
            raise CsvTooLargeError(reason, line=self.lines_read)
        if "\0" in line:
            raise CsvError("it has a NUL character, which no text has; remove it", line=self.lines_read)
        return line

    def end_row(self) -> None:
        """Says that a row is complete."""
        self.rows += 1
        self._row_characters = 0


def _not_utf_8(lines: BoundedLines) -> CsvError:
    try:
        lines.content[lines.start :].decode()
    except UnicodeDecodeError as error:
        line = lines.lines_before + error.object.count(b"\n", 0, error.start) + 1
        return CsvError("it is not UTF-8; a spreadsheet can save it as 'CSV UTF-8'", line=line)
    raise AssertionError("it is UTF-8")
