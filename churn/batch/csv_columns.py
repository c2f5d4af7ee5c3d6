"""Scores a CSV's blocks by column; every plain row keeps its own bytes, followed by the answers.

Other rows (of another width, with quotes inside cells, or with columns to replace) go one by one through csv_rows, as
in the service, so that both give the same answers. Needs pyarrow and NumPy.
"""

import contextlib
import csv
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from churn.batch.columns import Readings
from churn.batch.csv_blocks import Block, CsvBlocks, RowSpans, split_rows
from churn.batch.csv_cells import quote_texts, spell_numbers
from churn.batch.csv_reading import BlockReader
from churn.batch.gains import RowGains, RowValues, find_gains
from churn.batch.scorer import ScoredRows, TableScorer, count_outside
from churn.errors import CsvError, CustomerError
from churn.model.contract import Contract
from churn.model.outside import OutsideCounts
from churn.model.refusals import Refusals
from churn.model.spelling import is_blank
from churn.tables.csv_form import CsvForm, CsvRows
from churn.tables.csv_lines import MAX_ROW_CHARACTERS
from churn.tables.csv_rows import ScoredCsv, arrange_csv, score_rows, write_header
from churn.tables.csv_values import CsvValues
from churn.tables.customer_values import NoValue
from churn.watch.counts import Counts

_SPACES = "".join(filter(str.isspace, map(chr, range(0x3001))))  # the characters that is_blank counts as blank


class CsvScorer:
    """Scores the blocks of one CSV; several threads may call `score`. `header` is the header of the scored CSV, as
    bytes, and `columns` are the answer's columns.
    """

    def __init__(self, blocks: CsvBlocks, scorer: TableScorer) -> None:
        self._form, self._scorer = blocks.form, scorer
        first_rows, plan = blocks.first_rows, scorer.plan
        self._values = plan and CsvValues(plan, self._form, first_rows(), scorer.contract, scorer.renaming)
        self.columns = arrange_csv(
            self._form, first_rows(), scorer.answerer, with_errors=True, with_gain=plan is not None
        )
        self.header = write_header(self._form, self.columns)
        self._reader = BlockReader(self._form, scorer, self._values)
        self._takes_blanks = _takes_blanks(scorer.contract)

    def score(self, block: Block) -> ScoredRows:
        """A block's rows with their answers. Raises CsvError."""
        if block.plain and not self.columns.replaced and b"\0" not in block.content:
            spans = split_rows(block.content)
            if (spans.ends - spans.starts).max(initial=0) <= MAX_ROW_CHARACTERS:
                lines = _as_texts(block.content, spans)
                if _is_utf_8(lines) and (read := self._reader.read(block, spans)) is not None:
                    with contextlib.suppress(CsvError):
                        lines = pc.ascii_rtrim(lines, characters="\r\n")
                        return self._score_columns(lines, *read, spans, block.form)
        return self._score_rows(block)  # its errors name the line

    def _score_columns(
        self, lines: pa.Array, readings: Readings, values: RowValues | None, spans: RowSpans, form: CsvForm
    ) -> ScoredRows:
        probabilities = self._scorer.score(readings)
        if self._takes_blanks:  # a row with only blanks is not a customer, but has a probability here
            letters = pc.utf8_trim(lines, characters=f'{_SPACES}{self._form.delimiter}"')
            probabilities[pc.equal(letters, "").to_numpy(zero_copy_only=False)] = np.nan
        outside, counted = count_outside(readings, probabilities), self._scorer.begin_piece()
        counted.add_columns(readings, probabilities)
        gains = self._find_gains(values, probabilities, spans.numbers)
        reasons = (quote_texts(texts, self._form.delimiter) for texts in self._scorer.explain(readings))
        cells = [lines, *self._answer(probabilities, gains), *reasons]
        answered = pc.binary_join_element_wise(*cells, self._form.line_end, self._form.delimiter)  # an empty error
        left = np.flatnonzero(np.isnan(probabilities))
        if not len(left):
            return _join_rows(answered, probabilities, Refusals(), outside, spans.total, counted.finish(), gains)
        texts = lines.take(pa.array(left)).to_pylist()
        blank = np.array([self._is_blank(text) for text in texts])
        filled = (text + self._form.line_end for text, is_empty in zip(texts, blank, strict=True) if not is_empty)
        rows_left = CsvRows("".join(filled).encode(), form, first_line=1)
        singly = score_rows(rows_left, self.columns, counted.answerer, values=self._values)
        rows = left[~blank]
        probabilities[rows[singly.scored]] = singly.probabilities
        mask = np.zeros(len(lines), dtype=bool)
        mask[rows] = True
        answered = pc.replace_with_mask(answered, pa.array(mask), self._split(singly))
        gains = self._find_gains(values, probabilities, spans.numbers)
        if blank.any():
            filled_lines = np.ones(len(lines), dtype=bool)
            filled_lines[left[blank]] = False
            answered, probabilities = answered.filter(pa.array(filled_lines)), probabilities[filled_lines]
            gains = gains and gains.take(filled_lines)
        first_rows = {kind: int(spans.numbers[rows[row]]) for kind, row in singly.refusals.first_rows.items()}
        refusals = replace(singly.refusals, first_rows=first_rows)
        outside += singly.outside
        return _join_rows(answered, probabilities, refusals, outside, spans.total, counted.finish(), gains)

    def _score_rows(self, block: Block) -> ScoredRows:
        """A block's rows with their answers, scored one by one as in the service. Raises CsvError."""
        block_rows = CsvRows(block.content, block.form, first_line=block.line)
        counted = self._scorer.begin_piece()
        scored = score_rows(block_rows, self.columns, counted.answerer, values=self._values)
        rows = self._split(scored)
        probabilities = np.full(len(rows), np.nan)
        probabilities[scored.scored] = scored.probabilities
        gains = None
        if self._values:
            values, numbers = RowValues.make([NoValue.BLANK] * len(rows)), np.zeros(len(rows), dtype=int)
            values.put(scored.scored, RowValues.make(read.value for read in scored.values))
            numbers[scored.scored] = [read.row for read in scored.values]
            gains = find_gains(self._values.plan, values, probabilities, numbers)
        return _join_rows(rows, probabilities, scored.refusals, scored.outside, scored.total, counted.finish(), gains)

    def _find_gains(self, values: RowValues | None, probabilities: np.ndarray, rows: np.ndarray) -> RowGains | None:
        return find_gains(self._values.plan, values, probabilities, rows) if self._values else None

    def _answer(self, probabilities: np.ndarray, gains: RowGains | None) -> list[pa.Array]:
        """The cells of churn_probability, churn and expected_gain; meaningless in rows without a probability."""
        churn = (probabilities >= self._scorer.answerer.threshold).astype(np.int8)
        numbers = [probabilities] if gains is None else [probabilities, gains.gains]
        spelled = [spell_numbers(column, self._form.written_mark) for column in numbers]
        return [spelled[0], pa.array(["false", "true"]).take(pa.array(churn)), *spelled[1:]]

    def _is_blank(self, text: str) -> bool:
        if not is_blank(text.replace(self._form.delimiter, "").replace('"', "")):
            return False
        return all(is_blank(cell) for row in csv.reader([text], delimiter=self._form.delimiter) for cell in row)

    def _split(self, scored: ScoredCsv) -> pa.Array:
        """The rows of a part of a scored CSV."""
        content = b"".join(scored.content)
        return _as_texts(content, split_rows(content, line_end=self._form.line_end))


def _takes_blanks(contract: Contract) -> bool:
    """True if the contract accepts a customer with only blanks."""
    try:
        contract.read_customer({field.name: None for field in contract.fields}, suggest=False)
    except CustomerError:
        return False
    return True


def _join_rows(
    rows: pa.Array,
    probabilities: np.ndarray,
    refusals: Refusals,
    outside: OutsideCounts,
    total: int,
    counts: Counts | None,
    gains: RowGains | None,
) -> ScoredRows:
    """ScoredRows of rows as texts."""
    texts = pa.RecordBatch.from_arrays([rows], names=["row"])
    return ScoredRows(texts, probabilities, refusals, outside, total, counts, gains)


def _as_texts(content: bytes, spans: RowSpans) -> pa.Array:
    """Rows as an array of texts that shares the memory of `content`; only line ends may be between the rows."""
    if not len(spans.starts):
        return pa.array([], type=pa.string())
    offsets = np.append(spans.starts, spans.ends[-1:]).astype(np.int32)
    return pa.StringArray.from_buffers(len(spans.starts), pa.py_buffer(offsets), pa.py_buffer(content))


def _is_utf_8(lines: pa.Array) -> bool:
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
