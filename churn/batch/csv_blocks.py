"""A CSV of any size in blocks of whole rows, each with the line on which it begins.

Owns finding the ends of rows, and refuses a file that ends within a row; `csv_form` interprets rows. Needs NumPy.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from itertools import chain, islice
from typing import NamedTuple

import numpy as np

from churn.errors import CsvError, CsvTooLargeError
from churn.model.contract import Contract
from churn.tables.csv_form import CsvForm, CsvRow, CsvRows, find_fields_header
from churn.tables.csv_lines import CUT_ROW, LONG_ROW
from churn.tables.detection import describe_csv, noting_form
from churn.tables.encoding import UTF_8, ByteSource
from churn.tables.renaming import NO_RENAMING, Renaming

BLOCK_BYTES = 4 * 2**20
_QUOTE = ord('"')
_MAY_SAY_MARK = re.compile(rb"[.,][0-9]")
_MAY_SAY_MARK_BETWEEN_COMMAS = re.compile(rb'[.][0-9]|"[^",\n]*,[0-9]')


class Block(NamedTuple):
    """Whole rows. `line` is the line of the first, from 1, and `form` the form of the CSV at that line.

    `plain` is True if they can be read by column: rows end at line ends, and all have the same form.
    """

    content: bytes
    line: int
    plain: bool
    form: CsvForm


class CsvBlocks:
    """The blocks of a CSV, without its header.

    `form` is the form found in the header and the first block, with the delimiter and the header's cells. `header` is
    the bytes up to the end of the header, and `encoding` the name of the file's encoding. Raises CsvError and
    CustomerError as CsvForm does.
    """

    def __init__(
        self,
        file: ByteSource,
        contract: Contract,
        renaming: Renaming = NO_RENAMING,
        *,
        encoding: str = UTF_8.name,
        decimal_mark: str | None = None,
    ) -> None:
        self._file = file
        first = _read_block(file)
        header = find_fields_header(first, contract, renaming)
        form = describe_csv(
            encoding,
            delimiter=header.delimiter,
            decimal_mark="",
            header_row=header.row,
            title_rows=header.title_rows,
        )
        with noting_form(form):
            self.form = CsvForm(first, contract, renaming, header=header, decimal_mark=decimal_mark)
            self.header = first[: self.form.header_end]
            self._rest = first[self.form.header_end :]
            self._line = self.form.header_line + 1
            self._blocks = self._cut()
            self._ahead = deque(islice(self._blocks, 1))  # blocks read before their turn
            self.form = self.form.find_mark(self.first_rows())

    def __iter__(self) -> Iterator[Block]:
        """The blocks; can be iterated once. Raises CsvError for a row that does not end."""
        form = self.form
        may_say_mark = _MAY_SAY_MARK_BETWEEN_COMMAS if form.delimiter == "," else _MAY_SAY_MARK
        for block in chain(_take(self._ahead), self._blocks):
            settled = form
            if not form.decimal_mark and may_say_mark.search(block.content):
                settled = form.settle_mark(CsvRows(block.content, form, first_line=block.line))
            yield block._replace(plain=block.plain and settled is form, form=form)
            form = settled

    def first_rows(self) -> Iterator[CsvRow]:
        """The rows from the first one on; must be read before the blocks are iterated. Raises CsvError."""
        looked_at = 0
        while looked_at < len(self._ahead):
            block = self._ahead[looked_at]
            yield from CsvRows(block.content, self.form, first_line=block.line)
            looked_at += 1
            if looked_at == len(self._ahead):
                self._ahead.extend(islice(self._blocks, 1))

    def _cut(self) -> Iterator[Block]:
        content, line, at_end = self._rest, self._line, False
        while not at_end:
            read = _read_block(self._file)
            at_end = not read
            if read and b'"' not in read and b'"' not in content and b"\r" not in read and b"\r" not in content:
                end = read.rfind(b"\n") + 1
                if end:
                    content = b"".join((content, memoryview(read)[:end]))
                    yield Block(content, line, True, self.form)
                    line, content = line + content.count(b"\n"), read[end:]
                    continue
            content += read
            whole = content if at_end else content.removesuffix(b"\r")  # its line feed may be in the next block
            end, plain = _end_of_rows(whole, self.form.delimiter, line=line)
            if not end and len(content) > 2 * BLOCK_BYTES:
                raise CsvTooLargeError(LONG_ROW, line=line)
            if at_end and b'"' in content[end:]:  # a quote inside a cell does not open one
                end, plain = _end_by_reader(content, self.form.delimiter, line=line), False
            if at_end and end < len(content):
                self._check_last(content[end:], line + _count_lines(content[:end]))
                end = len(content)
            if end:
                yield Block(content[:end], line, plain, self.form)
            line += _count_lines(content[:end])
            content = content[end:]

    def _check_last(self, row: bytes, line: int) -> None:
        """Raises CsvError if the last row, which has no line end, is incomplete."""
        try:
            cells = next(csv.reader([row.decode("latin-1")], delimiter=self.form.delimiter, strict=True))
            cut = len(cells) < len(self.form.header) and any(cell.strip() for cell in cells)
        except csv.Error:
            cut = True
        if cut:
            raise CsvError(CUT_ROW, line=line)


class RowSpans(NamedTuple):
    """The start and end of each row that is not empty, line ends included: int32, shape (n_rows,) each.

    `numbers` are the rows' numbers, from 0, counting empty rows, and `total` is the number of all rows.
    """

    starts: np.ndarray
    ends: np.ndarray
    numbers: np.ndarray
    total: int


def split_rows(content: bytes, *, line_end: str = "\n") -> RowSpans:
    """The rows of plain content that are not empty."""
    letters = np.frombuffer(content, dtype=np.uint8)
    if not len(letters):
        nothing = np.zeros(0, dtype=np.int32)
        return RowSpans(nothing, nothing, nothing, 0)
    ends = np.flatnonzero(letters == ord(line_end[-1]))
    if b'"' in content:
        quotes = np.flatnonzero(letters == _QUOTE)
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
    if not len(ends) or ends[-1] != len(letters) - 1:
        ends = np.append(ends, len(letters) - 1)
    ends = ends.astype(np.int32) + np.int32(1)
    starts = np.concatenate([[np.int32(0)], ends[:-1]]).astype(np.int32)
    empty = (letters[starts] == ord("\n")) | (letters[starts] == ord("\r"))
    if not empty.any():
        return RowSpans(starts, ends, np.arange(len(starts), dtype=np.int32), len(starts))
    numbers = np.flatnonzero(~empty).astype(np.int32)
    return RowSpans(starts[numbers], ends[numbers], numbers, len(starts))


def _take(blocks: deque[Block]) -> Iterator[Block]:
    while blocks:
        yield blocks.popleft()


def _read_block(file: ByteSource) -> bytes:
    """The next BLOCK_BYTES, fewer only at the end; a single read of a pipe may return fewer."""
    pieces = []
    missing = BLOCK_BYTES
    while missing and (piece := file.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _end_of_rows(content: bytes, delimiter: str, *, line: int) -> tuple[int, bool]:
    """The end of the last row that has a line end, and True if the content up to there can be split at line ends."""
    if b"\r" in content and content.count(b"\r") != content.count(b"\r\n") + content.endswith(b"\r"):
        return _end_by_reader(content, delimiter, line=line), False
    end = content.rfind(b"\n") + 1
    if b'"' not in content:
        return end, True
    letters = np.frombuffer(content, dtype=np.uint8)
    quotes = np.flatnonzero(letters == _QUOTE)
    while end and np.searchsorted(quotes, end) % 2:
        end = content.rfind(b"\n", 0, end - 1) + 1
    if _are_plain(letters[:end], quotes[: np.searchsorted(quotes, end)], delimiter) and end:
        return end, True
    return _end_by_reader(content, delimiter, line=line), False


def _are_plain(letters: np.ndarray, quotes: np.ndarray, delimiter: str) -> bool:
    """True if every quote opens a cell, closes it or is doubled; then counting quotes shows what is inside a cell."""
    edges = np.frombuffer(f'{delimiter}"\r\n'.encode(), dtype=np.uint8)
    padded = np.concatenate([[ord("\n")], letters, [ord("\n")]])
    return bool(np.isin(padded[quotes[::2]], edges).all() and np.isin(padded[quotes[1::2] + 2], edges).all())


def _end_by_reader(content: bytes, delimiter: str, *, line: int) -> int:
    """The end of the last row that has a line end, by Python's reader, which is slow but accepts quotes inside cells
    and old line ends.
    """
    ends = [0]

    def lines() -> Iterator[str]:
        for line_bytes in content.splitlines(keepends=True):
            ends[0] += len(line_bytes)
            yield line_bytes.decode("latin-1")

    end = 0
    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    try:
        for _ in reader:
            if content[ends[0] - 1 : ends[0]] in (b"\n", b"\r"):
                end = ends[0]
    except csv.Error as error:
        if ends[0] < len(content) or "end of data" not in str(error):
            raise CsvError(f"it is not CSV: {error}", line=line + reader.line_num - 1) from None
    return end


def _count_lines(content: bytes) -> int:
    newlines = content.count(b"\n")
    return newlines + content.count(b"\r") - content.count(b"\r\n") if b"\r" in content else newlines
