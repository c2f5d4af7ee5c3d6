"""A CSV of any size that is read, scored and written, in any known encoding, with or without gzip.

Owns reading and writing its bytes; `csv_columns` does the scoring.
"""

import gzip
import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pyarrow as pa

from churn.batch.answered_batches import pick_rows
from churn.batch.csv_blocks import CsvBlocks
from churn.batch.csv_columns import CsvScorer
from churn.batch.failures import wording_failures
from churn.batch.scorer import ScoredRows, TableScorer
from churn.tables.detection import describe_csv, noting_form
from churn.tables.encoding import UTF_8, ByteSource, Encoding, Utf8Source, find_encoding, named_encoding
from churn.tables.file_form import check_text
from churn.tables.file_kind import LOOKED_AT_BYTES, find_kind

_PIECE_BYTES = 2**20


class CsvFile:
    """A CSV. `form` describes the detected form in words.

    Raises CsvError, CustomerError for a header without the fields, and TableError for a file that can't be read.
    """

    hidden_rows = 0

    def __init__(
        self,
        source: ByteSource,
        scorer: TableScorer,
        *,
        name: Path,
        encoding: Encoding,
        total: int | None,
        decimal_mark: str | None = None,
    ) -> None:
        self._name = name
        self.total = total
        with wording_failures(self._name):
            text = source if encoding.is_utf_8 else Utf8Source(source, encoding)
            self._blocks = CsvBlocks(
                text, scorer.contract, scorer.renaming, encoding=encoding.name, decimal_mark=decimal_mark
            )
            form = self._blocks.form
            self.form = describe_csv(
                encoding.name,
                delimiter=form.delimiter,
                decimal_mark=form.decimal_mark,
                header_row=form.header_row,
                title_rows=form.title_rows,
            )
            with noting_form(self.form):
                self._scorer = CsvScorer(self._blocks, scorer)
        self.columns, self.header_row = self._scorer.columns, form.header_row

    def pieces(self) -> Iterator[tuple[Any, int]]:
        begun = len(self._blocks.header)
        with wording_failures(self._name):
            for block in self._blocks:
                yield block, begun + len(block.content)
                begun = 0

    def score(self, piece: Any) -> ScoredRows:
        return self._scorer.score(piece)

    def pick(self, parts: list[Any], places: np.ndarray) -> list[Any]:
        return pick_rows(parts, places)

    def open(self, target: BinaryIO, name: Path) -> None:
        self._target = target
        target.write(self._scorer.header)

    def write(self, rows: pa.RecordBatch) -> None:
        texts = rows.column(0)
        if len(texts):
            _, offsets, letters = texts.buffers()
            begin, end = np.frombuffer(offsets, dtype=np.int32)[[texts.offset, texts.offset + len(texts)]].tolist()
            self._target.write(memoryview(letters)[begin:end])

    def close(self) -> None:
        pass

    def abandon(self) -> None:
        pass


def open_csv(
    file: BinaryIO, scorer: TableScorer, *, name: Path, encoding: str | None, decimal_mark: str | None = None
) -> CsvFile:
    """The CSV in an open file, unpacked if it is gzip.

    The encoding of a file is detected by reading all of it; a pipe is UTF-8 unless `encoding` is given.
    `decimal_mark` is "," or "." if it is known. Raises as CsvFile does, and TableError for a file that is not text.
    """
    with wording_failures(name):
        status = os.fstat(file.fileno())
        is_file = stat.S_ISREG(status.st_mode)
        begins = file.tell() if is_file else 0
        source = peeked = _Peeked(file)
        kind = find_kind(peeked.first)
        if unpack := kind == "gzip":
            source = _Peeked(_unpack(peeked))
            kind = find_kind(source.first)
        check_text(name, kind, is_unpacked=unpack)
        known = named_encoding(encoding, source.first) if encoding else UTF_8
        if is_file and not encoding:
            known = find_encoding(iter(partial(source.read, _PIECE_BYTES), b""))
        text: ByteSource = source
        if is_file:
            file.seek(begins)
            text = _unpack(file) if unpack else file
        total = status.st_size if is_file and not unpack and known.is_utf_8 else None
        return CsvFile(text, scorer, name=name, encoding=known, total=total, decimal_mark=decimal_mark)


def _unpack(source: ByteSource) -> ByteSource:
    return cast(ByteSource, gzip.GzipFile(fileobj=cast(BinaryIO, source)))


class _Peeked:
    """A source whose `first` LOOKED_AT_BYTES bytes, which show the kind of file, are known before it is read."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self.first = self._rest = _read_exactly(source, LOOKED_AT_BYTES)

    def read(self, size: int, /) -> bytes:
        if self._rest:
            read, self._rest = self._rest[:size], self._rest[size:]
            return read
        return self._source.read(size)


def _read_exactly(source: ByteSource, size: int) -> bytes:
    """The next `size` bytes, fewer only at the end."""
    read = b""
    while len(read) < size and (piece := source.read(size - len(read))):
        read += piece
    return read
