"""Scores a CSV's blocks by column; every plain row keeps its own bytes, with the answers behind them.

What is not plain (a row of another width, quotes inside of cells, columns to be replaced) goes row by row through
csv_rows, as in the service, so that both give the same answers. Needs pyarrow and NumPy.
"""

import contextlib
import csv
import math
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from churn.batch.columns import Readings
from churn.batch.csv_blocks import Block, CsvBlocks, RowSpans, split_rows
from churn.batch.scorer import ScoredRows, TableScorer, count_outside
from churn.errors import CsvError, CustomerError
from churn.model.contract import Contract
from churn.model.fields import Category, Flag
from churn.model.outside import OutsideCounts
from churn.model.refusals import Refusals
from churn.model.spelling import is_blank
from churn.tables.csv_form import CsvForm, CsvRows
from churn.tables.csv_lines import MAX_ROW_CHARACTERS
from churn.tables.csv_rows import ScoredCsv, arrange_csv, score_rows, write_header
from churn.watch.counts import Counts

_MANY = 2**31 - 1
_LONGEST_NUMBER_ROW = 400  # bytes; in a shorter row no number is too long for the contract
_PYTHON_SPELLS = 1e-3  # smaller probabilities are spelled otherwise by Arrow
_SPACES = "".join(filter(str.isspace, map(chr, range(0x3001))))  # what is_blank takes for blank; none is higher


class CsvScorer:
    """Scores the blocks of one CSV, in several threads if need be. `header` is the scored CSV's own, as bytes, and
    `columns` are the answer's in it.
    """

    def __init__(self, blocks: CsvBlocks, scorer: TableScorer) -> None:
        self._form, self._scorer = blocks.form, scorer
        self.columns = arrange_csv(self._form, blocks.first_rows(), scorer.answerer, with_errors=True)
        self.header = write_header(self._form, self.columns)
        self._column_names = [str(number) for number in range(len(self._form.header))]
        self._takes_blanks = _takes_blanks(scorer.contract)

    def score(self, block: Block) -> ScoredRows:
        """A block's rows with their answers. Raises CsvError."""
        if block.plain and not self.columns.replaced and b"\0" not in block.content:
            spans = split_rows(block.content)
            if (spans.ends - spans.starts).max(initial=0) <= MAX_ROW_CHARACTERS:
                lines = _as_texts(block.content, spans)
                if _is_utf_8(lines) and (readings := self._read(block, spans)) is not None:
                    with contextlib.suppress(CsvError):
                        lines = pc.ascii_rtrim(lines, characters="\r\n")
                        return self._score_columns(lines, readings, spans, block.form)
        return self._score_rows(block)  # which tells the line of what is wrong

    def _score_columns(self, lines: pa.Array, readings: Readings, spans: RowSpans, form: CsvForm) -> ScoredRows:
        probabilities = self._scorer.score(readings)
        if self._takes_blanks:  # a row of nothing but blanks is no customer, but here it has got a probability
            letters = pc.utf8_trim(lines, characters=f'{_SPACES}{self._form.delimiter}"')
            probabilities[pc.equal(letters, "").to_numpy(zero_copy_only=False)] = np.nan
        outside, counted = count_outside(readings, probabilities), self._scorer.begin_piece()
        counted.add_columns(readings, probabilities)
        cells = [lines, *self._answer(probabilities), *map(self._quote, self._scorer.explain(readings))]
        answered = pc.binary_join_element_wise(*cells, self._form.line_end, self._form.delimiter)  # an empty error
        left = np.flatnonzero(np.isnan(probabilities))
        if not len(left):
            return _join_rows(answered, probabilities, Refusals(), outside, spans.total, counted.finish())
        texts = lines.take(pa.array(left)).to_pylist()
        blank = np.array([self._is_blank(text) for text in texts])
        filled = (text + self._form.line_end for text, is_empty in zip(texts, blank, strict=True) if not is_empty)
        rows_left = CsvRows("".join(filled).encode(), form, first_line=1)
        singly = score_rows(rows_left, self.columns, counted.answerer)
        rows = left[~blank]
        probabilities[rows[singly.scored]] = singly.probabilities
        mask = np.zeros(len(lines), dtype=bool)
        mask[rows] = True
        answered = pc.replace_with_mask(answered, pa.array(mask), self._split(singly))
        if blank.any():
            filled_lines = np.ones(len(lines), dtype=bool)
            filled_lines[left[blank]] = False
            answered, probabilities = answered.filter(pa.array(filled_lines)), probabilities[filled_lines]
        first_rows = {kind: int(spans.numbers[rows[row]]) for kind, row in singly.refusals.first_rows.items()}
        refusals = replace(singly.refusals, first_rows=first_rows)
        outside += singly.outside
        return _join_rows(answered, probabilities, refusals, outside, spans.total, counted.finish())

    def _score_rows(self, block: Block) -> ScoredRows:
        """A block's rows one by one, as the service does it. Raises CsvError."""
        block_rows = CsvRows(block.content, block.form, first_line=block.line)
        counted = self._scorer.begin_piece()
        scored = score_rows(block_rows, self.columns, counted.answerer)
        rows = self._split(scored)
        probabilities = np.full(len(rows), np.nan)
        probabilities[scored.scored] = scored.probabilities
        return _join_rows(rows, probabilities, scored.refusals, scored.outside, scored.total, counted.finish())

    def _answer(self, probabilities: np.ndarray) -> list[pa.Array]:
        """The cells of churn_probability and churn; those without a probability are not to be used."""
        numbers = pc.cast(pa.array(probabilities), pa.string())
        odd = (probabilities < _PYTHON_SPELLS) | (probabilities == 1)
        if odd.any():
            spelled = pa.array([repr(number) for number in probabilities[odd].tolist()], type=pa.string())
            numbers = pc.replace_with_mask(numbers, pa.array(odd), spelled)
        if self._form.written_mark == ",":
            numbers = pc.replace_substring(numbers, ".", ",")
        churn = (probabilities >= self._scorer.answerer.threshold).astype(np.int8)
        return [numbers, pa.array(["false", "true"]).take(pa.array(churn))]

    def _read(self, block: Block, spans: RowSpans) -> Readings | None:
        """What the contract's fields are in each row, or None when the rows are not all as wide as the header."""
        short = (spans.ends - spans.starts).max(initial=0) <= _LONGEST_NUMBER_ROW
        numbers = pa.float64() if short and block.form.plain_mark else pa.string()
        table = self._parse(block, numbers)
        if table is None and numbers != pa.string():
            table = self._parse(block, pa.string())
        if table is None or len(table) != len(spans.starts):
            return None
        fields = self._form.field_columns.items()
        columns = {
            name: self._read_with_mark(name, table[str(number)].combine_chunks(), block.form)
            for name, number in fields
        }
        return self._scorer.read(columns)

    def _parse(self, block: Block, numbers: pa.DataType) -> pa.Table | None:
        coded = pa.dictionary(pa.int32(), pa.string())
        fields = self._form.field_columns.items()
        types = {str(number): coded if self._is_text(name) else numbers for name, number in fields}
        types |= {str(number): pa.string() for name, number in fields if self._has_words(name)}
        try:
            return pcsv.read_csv(
                pa.BufferReader(block.content),
                read_options=pcsv.ReadOptions(column_names=self._column_names, use_threads=False, block_size=_MANY),
                parse_options=pcsv.ParseOptions(
                    delimiter=self._form.delimiter, newlines_in_values=b'"' in block.content
                ),
                convert_options=pcsv.ConvertOptions(
                    include_columns=list(types),
                    column_types=types,
                    null_values=["", " "],
                    strings_can_be_null=False,
                    check_utf8=False,  # the block is
                    decimal_point=block.form.plain_mark or ".",
                ),
            )
        except pa.ArrowInvalid:
            return None

    def _read_with_mark(self, name: str, column: pa.Array, form: CsvForm) -> pa.Array:
        """A field's column with decimal points, or as numbers; where the mark is unknown, no number has one."""
        if self._is_category(name):
            return column
        if name in self._scorer.marks:
            read = map(form.make_reader(name), column.dictionary.to_pylist())
            numbers = [number if isinstance(number, float) else math.nan for number in read]
            return pa.DictionaryArray.from_arrays(
                column.indices, pa.array(numbers, type=pa.float64())
            ).dictionary_decode()
        mark = form.plain_mark
        if mark == ".":
            return column
        spelled = _with_points(column, "." if mark else "?")
        if self._has_words(name):
            return pc.if_else(pc.match_substring_regex(column, "[0-9]"), spelled, column)
        return spelled

    def _has_words(self, name: str) -> bool:
        """True for a number without marks that has words for a blank, such as NA or N.A."""
        field = self._scorer.numbers.get(name)
        return field is not None and bool(field.missing) and name not in self._scorer.marks

    def _is_category(self, name: str) -> bool:
        return any(field.name == name and isinstance(field, Category) for field in self._scorer.contract.fields)

    def _is_text(self, name: str) -> bool:
        """True for a column whose different texts are looked at one by one."""
        return name in self._scorer.marks or any(
            field.name == name and isinstance(field, Category | Flag) for field in self._scorer.contract.fields
        )

    def _is_blank(self, text: str) -> bool:
        if not is_blank(text.replace(self._form.delimiter, "").replace('"', "")):
            return False
        return all(is_blank(cell) for row in csv.reader([text], delimiter=self._form.delimiter) for cell in row)

    def _quote(self, cells: pa.Array) -> pa.Array:
        """Texts as cells of a CSV."""
        special = pc.match_substring_regex(cells, f'[{self._form.delimiter}"\r\n]')
        if not pc.any(special).as_py():
            return cells
        quoted = pc.binary_join_element_wise('"', pc.replace_substring(cells, '"', '""'), '"', "")
        return pc.if_else(special, quoted, cells)

    def _split(self, scored: ScoredCsv) -> pa.Array:
        """The rows of a part of a scored CSV."""
        content = b"".join(scored.content)
        return _as_texts(content, split_rows(content, line_end=self._form.line_end))


def _takes_blanks(contract: Contract) -> bool:
    """True where a customer of nothing but blanks is one."""
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
) -> ScoredRows:
    """Rows as texts, with what is known of them."""
    texts = pa.RecordBatch.from_arrays([rows], names=["row"])
    return ScoredRows(texts, probabilities, refusals, outside, total, counts)


def _as_texts(content: bytes, spans: RowSpans) -> pa.Array:
    """Rows as an array of texts on the same memory; what is between them is nothing but line ends."""
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


def _with_points(column: pa.Array, comma: str) -> pa.Array:
    """Texts with decimal commas as texts with points; then a point is no mark: 1.234 may be meant as a thousand."""
    if pa.types.is_floating(column.type):
        return column
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices, _with_points(column.dictionary, comma))
    return pc.replace_substring(pc.replace_substring(column, ".", "?"), ",", comma)
