"""A CSV of any size, in blocks of whole rows that are scored by column; every row keeps its own bytes.

What is not plain (a row of another width, a number in quotes and spaces, columns to be replaced) goes row by row
through scored_csv, as in the service, so that both give the same answers. Needs pyarrow and NumPy.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from churn.customer_csv import MAX_ROW_CHARACTERS, CustomerCsv
from churn.errors import CsvError, CsvTooLargeError
from churn.explaining import Explainer
from churn.scored_csv import ScoredCsv, score_csv
from churn.table_scoring import TableScorer

BLOCK_BYTES = 4 * 2**20


@dataclass(frozen=True)
class ScoredBlock:
    """Some scored rows: `lines` as they are to be written, `probabilities` NaN where a row is refused."""

    lines: pa.Array
    probabilities: np.ndarray
    counts: Counter[tuple[str | None, str]]


def read_blocks(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The rows of a CSV, some 4 MiB at a time, each block with the line that it begins on, from 1.

    Raises CsvTooLargeError for a row that does not come to an end.
    """
    rest, line = b"", 1
    while read := file.read(BLOCK_BYTES):
        content = rest + read
        end = _end_of_rows(content)
        if not end and len(content) > BLOCK_BYTES:
            reason = f"a row is longer than {MAX_ROW_CHARACTERS:,} characters; is there a quote that nothing closes?"
            raise CsvTooLargeError(reason, line=line)
        if end:
            yield line, content[:end]
        rest, line = content[end:], line + content.count(b"\n", 0, end)
    if rest:
        yield line, rest


def _end_of_rows(content: bytes) -> int:
    """Where the last whole row ends: behind the last line end that no quote is open around; 0 without one."""
    end, quotes = len(content), content.count(b'"')
    while (newline := content.rfind(b"\n", 0, end)) >= 0:
        quotes -= content.count(b'"', newline, end)
        if quotes % 2 == 0:
            return newline + 1
        end = newline
    return 0


class CsvScorer:
    """Scores the blocks of one CSV, whose first block tells its form.

    `header` is the scored CSV's own, and `header_bytes` how many bytes of the first block are the old one. Raises
    CsvError and CustomerError as CustomerCsv does.
    """

    def __init__(
        self, first: bytes, scorer: TableScorer, explainer: Explainer, *, threshold: float, strongest: int = 0
    ) -> None:
        self._form = form = CustomerCsv(first, scorer.scorer.contract)
        self._scorer, self._explainer = scorer, explainer
        self._threshold, self._strongest = threshold, strongest
        self._places = scorer.place_fields(form.header)
        self.header_bytes = _end_of_header(first, form.header_line)
        self._header = first[: self.header_bytes].rstrip(b"\r\n") + form.line_end.encode()
        self.header = b"".join(self._score_singly([]).content)
        scored = CustomerCsv(self.header, scorer.scorer.contract)
        self._replaces = len(scored.header) != len(form.header) + 3 + strongest

    def score(self, content: bytes, *, line: int) -> ScoredBlock:
        """A block's rows with their answers; `line` is that of its first row, from 1. Raises CsvError."""
        lines = _split_rows(content)
        try:
            lines.validate(full=True)
        except pa.ArrowInvalid:
            raise CsvError("it is not UTF-8; a spreadsheet can save it as 'CSV UTF-8'", line=line) from None
        columns = None if self._replaces else self._read_columns(content, len(lines))
        if columns is None:
            scored = ScoredBlock(lines, np.full(len(lines), np.nan), Counter())
        else:
            probabilities = self._scorer.score_plain(columns)
            scored = ScoredBlock(self._answer(lines, columns, probabilities), probabilities, Counter())
        return self._answer_singly(scored, lines, line=line)

    def _answer(self, lines: pa.Array, columns: Mapping[str, pa.Array], probabilities: np.ndarray) -> pa.Array:
        """The rows with their answers behind them, as text; those without a probability are not to be used."""
        numbers = pc.cast(pa.array(probabilities), pa.string())
        if self._form.decimal_mark == ",":
            numbers = pc.replace_substring(numbers, ".", ",")
        churn = pa.array(["false", "true"]).take(pa.array((probabilities >= self._threshold).astype(np.int8)))
        cells = [lines, numbers, churn]
        if self._strongest:
            reasons = self._scorer.explain(columns, self._explainer, strongest=self._strongest)
            cells += [_quote(one, self._form.delimiter) for one in reasons]
        return pc.binary_join_element_wise(*cells, self._form.line_end, self._form.delimiter)  # an empty error

    def _answer_singly(self, scored: ScoredBlock, lines: pa.Array, *, line: int) -> ScoredBlock:
        """The same with the rows that have no probability yet scored one by one, and blank ones left out."""
        left = np.flatnonzero(np.isnan(scored.probabilities))
        if not len(left):
            return scored
        blanks = f'{self._form.delimiter}" \t'
        texts = {row: text for row in left.tolist() if (text := lines[row].as_py()).strip(blanks)}
        try:
            singly = self._score_singly(list(texts.values()))
        except CsvError as error:
            raise CsvError(error.reason, line=line) from None
        answers = _split_rows(b"".join(singly.content))[1:]
        probabilities = scored.probabilities.copy()
        rows = list(texts)
        probabilities[[rows[number] for number in singly.scored]] = singly.probabilities
        replaced = np.isin(np.arange(len(lines)), rows)
        ended = pc.binary_join_element_wise(answers, self._form.line_end, "")
        answered = pc.replace_with_mask(scored.lines, pa.array(replaced), ended)
        kept = ~np.isnan(scored.probabilities) | replaced
        return ScoredBlock(answered.filter(pa.array(kept)), probabilities[kept], singly.counts)

    def _read_columns(self, content: bytes, n_rows: int) -> dict[str, pa.Array] | None:
        """The contract's fields as texts, or None when the rows are not all as wide as the header."""
        names = [str(place) for place in range(len(self._form.header))]
        kept = [names[place] for place in self._places.values()]
        try:
            table = pcsv.read_csv(
                pa.BufferReader(content),
                read_options=pcsv.ReadOptions(column_names=names, use_threads=False, block_size=2**30),
                parse_options=pcsv.ParseOptions(delimiter=self._form.delimiter, newlines_in_values=b'"' in content),
                convert_options=pcsv.ConvertOptions(
                    include_columns=kept, column_types=dict.fromkeys(kept, pa.string()), strings_can_be_null=False
                ),
            )
        except pa.ArrowInvalid:
            return None
        if len(table) != n_rows:
            return None
        columns = {name: table[str(place)].combine_chunks() for name, place in self._places.items()}
        if self._form.decimal_mark == ",":
            for name, _, _, _ in self._scorer.scorer.numbers:
                point = pc.match_substring(columns[name], ".")
                columns[name] = pc.if_else(point, "?", pc.replace_substring(columns[name], ",", "."))
        return columns

    def _score_singly(self, rows: list[str]) -> ScoredCsv:
        end = self._form.line_end
        return score_csv(
            self._header + "".join(f"{row}{end}" for row in rows).encode(),
            self._scorer.scorer,
            self._explainer,
            threshold=self._threshold,
            strongest=self._strongest,
            report_errors=True,
            max_rows=len(rows),
            decimal_mark=self._form.decimal_mark,
        )


def _split_rows(content: bytes) -> pa.Array:
    """The rows of a block as text, without their line ends and without empty ones."""
    letters = np.frombuffer(content, dtype=np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    if b'"' in content:
        open_quotes = np.bitwise_and(np.add.accumulate(letters == ord('"'), dtype=np.uint8), 1)
        ends = ends[open_quotes[ends] == 0]
    starts = np.concatenate([[0], ends + 1]).astype(np.int32)
    starts = starts[starts < len(letters)]
    starts = starts[(letters[starts] != ord("\n")) & (letters[starts] != ord("\r"))]
    offsets = np.append(starts, len(letters)).astype(np.int32)
    rows = pa.StringArray.from_buffers(len(starts), pa.py_buffer(offsets), pa.py_buffer(content))
    return pc.ascii_rtrim(rows, characters="\r\n")


def _end_of_header(content: bytes, line: int) -> int:
    """Where the row that begins on a line ends, its line end included."""
    end = 0
    for _ in range(line - 1):
        end = content.index(b"\n", end) + 1
    begin = end
    while True:
        newline = content.find(b"\n", end)
        if newline < 0:
            return len(content)
        end = newline + 1
        if content.count(b'"', begin, end) % 2 == 0:
            return end


def _quote(cells: pa.Array, delimiter: str) -> pa.Array:
    """Texts as cells of a CSV."""
    special = pc.match_substring_regex(cells, f'[{delimiter}"\r\n]')
    if not pc.any(special).as_py():
        return cells
    quoted = pc.binary_join_element_wise("", pc.replace_substring(cells, '"', '""'), "", '"')
    return pc.if_else(special, quoted, cells)
