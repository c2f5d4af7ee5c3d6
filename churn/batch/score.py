"""Scores a file of customers into another: in pieces and in order, to the side and renamed, or only the riskiest.

Owns the way from the one file to the other; what is in them is files'. Needs pyarrow and NumPy.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from churn.batch.files import TableFile, find_form, open_table
from churn.batch.scorer import ScoredRows, TableScorer
from churn.batch.targets import CountsFile, name_target, open_target, wording_write_failures
from churn.errors import TableError
from churn.model.outside import OutsideCounts
from churn.model.refusals import Refusals
from churn.tables.answer import AnswerColumns
from churn.tables.detection import noting_form
from churn.tables.file_ending import ENDINGS, read_ending
from churn.tables.file_form import Form
from churn.watch.counts import Counts
from churn.workbooks.reader import read_workbook

_MOST_THREADS = 4
_FEWEST_HELD = 8 * 1024  # rows, before the riskiest of them are picked


@dataclass
class Outcome:
    """What became of a file: how many customers it has, and how many of them are refused.

    `form` says in words what was detected of it. `columns` are the answer's. `refusals` has the refused by their row
    as a spreadsheet counts: `next_row` is that of the next piece. `hidden_rows` are those of the customers' rows that
    a user of the workbook does not see. `outside` counts the scored customers outside of what training saw, by field;
    `counts` are those of all scored customers, None where nobody counts them.
    """

    form: str
    columns: AnswerColumns
    next_row: int
    counts: Counts | None = None
    customers: int = 0
    hidden_rows: int = 0
    refused: int = 0
    refusals: Refusals = field(default_factory=Refusals)
    outside: OutsideCounts = field(default_factory=OutsideCounts)

    def add(self, scored: ScoredRows) -> None:
        """Adds the next piece."""
        self.customers += len(scored.probabilities)
        self.refused += int(np.isnan(scored.probabilities).sum())
        self.outside += scored.outside
        if self.counts is not None and scored.counts is not None:
            self.counts += scored.counts
        self.refusals.add_part(scored.refusals, self.next_row)
        self.next_row += scored.total


ReportProgress = Callable[[int, int | None, int], None]
"""Gets how much is done since last time, how much there is in all (None: not known), and the customers so far."""


def score_file(
    source: Path | BinaryIO,
    target: Path | BinaryIO,
    scorer: TableScorer,
    *,
    top: int | None = None,
    encoding: str | None = None,
    worksheet: str | None = None,
    decimal_mark: str | None = None,
    counts: Path | None = None,
    report_progress: ReportProgress = lambda done, total, customers: None,
    uninterrupted: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Outcome:
    """Writes the file with its answers, of the `top` riskiest only where it is given; see open_table for the source.

    Raises what open_table does for a source that can't be used, and WriteError for a target that can't be written. A
    target that is a path is whole or as it was; it is put in place in an `uninterrupted` block.
    `counts` is where to write, likewise, what the counts of the scored customers say; the scorer has to count them.
    """
    form = _find_form(source, target)
    opening = open_table(source, form, scorer, encoding=encoding, worksheet=worksheet, decimal_mark=decimal_mark)
    counted = scorer.counter
    with opening as table, noting_form(table.form), CountsFile(counts, source) as counts_file, ExitStack() as opened:
        outcome = Outcome(table.form, table.columns, table.header_row + 1, counts=counted.none if counted else None)
        with wording_write_failures(target):
            file = opened.enter_context(_begin(table, target, source))
        _write_rows(table, target, _score_pieces(table, source, outcome, report_progress), top=top)
        with wording_write_failures(target):
            file.flush()
        if counted and outcome.counts is not None:
            counts_file.write(counted.report(outcome.counts))
        with uninterrupted():
            with wording_write_failures(target):
                opened.close()
            counts_file.put()
    return replace(outcome, hidden_rows=table.hidden_rows)


def _find_form(source: Path | BinaryIO, target: Path | BinaryIO) -> Form:
    """The form of both. Raises TableError for a file that would become one of another form."""
    written = read_ending(target) if isinstance(target, Path) else Form.CSV
    form = find_form(source)
    if form is written:
        return form
    if form is Form.WORKBOOK and isinstance(source, Path):
        with read_workbook(source):  # which is more sure of what a zip archive is
            pass
    ending = next(ending for ending, other in ENDINGS.items() if other is form)
    is_file = isinstance(source, Path) and source.is_file()
    is_read, ways = ("the input is", "") if is_file else ("a pipe is", "the name of a file, or ")
    reason = f"is to be {written}, but {is_read} {form}; give {ways}an output whose name ends with {ending}"
    raise TableError(name_target(target), reason)


def _score_pieces(
    table: TableFile, source: Path | BinaryIO, outcome: Outcome, report_progress: ReportProgress
) -> Iterator[ScoredRows]:
    """The scored pieces, in order, each of which is in the outcome."""
    for scored, size in _score_in_order(partial(_score_piece, table, source), table.pieces()):
        outcome.add(scored)
        yield scored
        report_progress(size, table.total, outcome.customers)


def _write_rows(table: TableFile, target: Path | BinaryIO, pieces: Iterable[ScoredRows], *, top: int | None) -> None:
    """Writes the scored rows, or the `top` riskiest of them. Raises WriteError."""
    riskiest = None if top is None else Riskiest(top, table.pick)
    for scored in pieces:
        if riskiest:
            riskiest.add(scored.rows, scored.probabilities)
        else:
            with wording_write_failures(target):
                table.write(scored.rows)
    with wording_write_failures(target):
        for rows in riskiest.ranked() if riskiest else ():
            table.write(rows)
        table.close()


def _score_piece(table: TableFile, source: Path | BinaryIO, piece: Any) -> ScoredRows:
    try:
        return table.score(piece)
    except (pa.ArrowException, UnicodeDecodeError, OverflowError) as error:  # texts that are none, dates out of range
        name = source if isinstance(source, Path) else Path("the input")
        raise TableError(name, f"can't be scored: {str(error).splitlines()[0]}") from None


PickRows = Callable[[list[Any], np.ndarray], list[Any]]
"""The rows at some places of several parts of rows; see TableFile.pick."""


class Riskiest:
    """The `most` rows of highest probability, in the memory of twice as many; equal ones in the order they came."""

    def __init__(self, most: int, pick: PickRows) -> None:
        self._most, self._pick_rows = most, pick
        self._rows: list[Any] = []
        self._probabilities = np.zeros(0)
        self._lowest = -1.0

    def add(self, rows: Any, probabilities: np.ndarray) -> None:
        """Takes scored rows into account; those that are refused have no rank."""
        candidates = probabilities > self._lowest  # False for NaN
        self._rows += self._pick_rows([rows], np.flatnonzero(candidates))
        self._probabilities = np.concatenate([self._probabilities, probabilities[candidates]])
        if len(self._probabilities) > max(2 * self._most, _FEWEST_HELD):
            self._pick()

    def ranked(self) -> list[Any]:
        """The riskiest rows, the riskiest first, in parts."""
        self._pick()
        return self._rows

    def _pick(self) -> None:
        if not self._rows:
            return
        order = np.argsort(-self._probabilities, kind="stable")[: self._most]
        self._rows = self._pick_rows(self._rows, order)
        self._probabilities = self._probabilities[order]
        if len(order) == self._most:
            self._lowest = float(self._probabilities[-1])


def _score_in_order(
    score: Callable[[Any], ScoredRows], pieces: Iterable[tuple[Any, int]]
) -> Iterator[tuple[ScoredRows, int]]:
    """Each piece scored, in order, with its size; the next ones are read and scored meanwhile."""
    threads = min(os.cpu_count() or 1, _MOST_THREADS)
    waiting: deque[tuple[Future[ScoredRows], int]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for piece, size in pieces:
                waiting.append((pool.submit(score, piece), size))
                if len(waiting) > threads:
                    future, done = waiting.popleft()
                    yield future.result(), done
            while waiting:
                future, done = waiting.popleft()
                yield future.result(), done
        finally:
            for future, _ in waiting:
                future.cancel()


@contextmanager
def _begin(table: TableFile, target: Path | BinaryIO, source: Path | BinaryIO) -> Iterator[BinaryIO]:
    """The file of open_target, to which the table has begun to write."""
    with open_target(target, source) as file:
        table.open(file, name_target(target))
        yield file
