"""Scores a file of customers into another: in pieces, in order, written to a side file and renamed.

Owns the steps from one file to the other; `files` reads and writes their contents. Needs pyarrow and NumPy.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from churn.batch.files import TableFile, find_form, open_table
from churn.batch.outcome import GainOutcome, Outcome, sum_gains
from churn.batch.ranking import Ranking
from churn.batch.scorer import ScoredRows, TableScorer
from churn.batch.targets import CountsFile, name_target, open_target, wording_write_failures
from churn.errors import TableError
from churn.model.gain import ExpectedGain
from churn.tables.detection import noting_form
from churn.tables.file_ending import ENDINGS, read_ending
from churn.tables.file_form import Form
from churn.workbooks.reader import read_workbook

_MOST_THREADS = 4


ReportProgress = Callable[[int, int | None, int], None]
"""A function that is called with the work done since the last call, all the work (None if unknown), and the customers
so far."""


def score_file(
    source: Path | BinaryIO,
    target: Path | BinaryIO,
    scorer: TableScorer,
    *,
    top: int | None = None,
    calls: int | None = None,
    encoding: str | None = None,
    worksheet: str | None = None,
    decimal_mark: str | None = None,
    counts: Path | None = None,
    report_progress: ReportProgress = lambda done, total, customers: None,
    uninterrupted: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Outcome:
    """Write the file with its answers. See open_table for the source and its options.

    With `top`, only that many of the riskiest customers are written. With `calls`, which needs a scorer with a plan,
    the call list is written: at most that many customers whose expected gain is above 0, the best gain first.
    `counts` is a file for the report of the scored customers' counts; the scorer must count them. A path as target,
    and `counts`, is written whole or not changed; it is put in place in an `uninterrupted` block.
    Raises as open_table does for a source that can't be used, and WriteError for a target that can't be written.
    """
    form = _find_form(source, target)
    opening = open_table(source, form, scorer, encoding=encoding, worksheet=worksheet, decimal_mark=decimal_mark)
    counted = scorer.counter
    with opening as table, noting_form(table.form), CountsFile(counts, source) as counts_file, ExitStack() as opened:
        outcome = _begin_outcome(table, scorer)
        with wording_write_failures(target):
            file = opened.enter_context(_begin(table, target, source))
        pieces = _score_pieces(table, source, outcome, report_progress)
        _write_pieces(table, target, pieces, outcome, top=top, calls=calls)
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
    """The form of both files. Raises TableError if the target's name is of another form than the source."""
    written = read_ending(target) if isinstance(target, Path) else Form.CSV
    form = find_form(source)
    if form is written:
        return form
    if form is Form.WORKBOOK and isinstance(source, Path):
        with read_workbook(source):  # raises a better error if the zip archive is not a workbook
            pass
    ending = next(ending for ending, other in ENDINGS.items() if other is form)
    is_file = isinstance(source, Path) and source.is_file()
    is_read, ways = ("the input is", "") if is_file else ("a pipe is", "the name of a file, or ")
    reason = f"would be {written}, but {is_read} {form}; give {ways}an output whose name ends with {ending}"
    raise TableError(name_target(target), reason)


def _score_pieces(
    table: TableFile, source: Path | BinaryIO, outcome: Outcome, report_progress: ReportProgress
) -> Iterator[ScoredRows]:
    """The scored pieces, in order; each is added to the outcome."""
    for scored, size in _score_in_order(partial(_score_piece, table, source), table.pieces()):
        outcome.add(scored)
        yield scored
        report_progress(size, table.total, outcome.customers)


def _begin_outcome(table: TableFile, scorer: TableScorer) -> Outcome:
    """The outcome before the first piece."""
    return Outcome(
        table.form,
        table.columns,
        table.header_row + 1,
        counts=scorer.counter.none if scorer.counter else None,
        gains=GainOutcome(scorer.plan) if scorer.plan else None,
    )


def _write_pieces(
    table: TableFile,
    target: Path | BinaryIO,
    pieces: Iterable[ScoredRows],
    outcome: Outcome,
    *,
    top: int | None,
    calls: int | None,
) -> None:
    """Writes the scored rows, the riskiest of them, or the call list, whose gain goes to the outcome.

    Raises WriteError.
    """
    if calls is not None and outcome.gains is not None:
        outcome.gains.chosen = _write_call_list(table, target, pieces, calls)
    elif top is not None:
        _write_riskiest(table, target, pieces, top)
    else:
        _write_rows(table, target, pieces)


def _write_rows(table: TableFile, target: Path | BinaryIO, pieces: Iterable[ScoredRows]) -> None:
    """Writes the scored rows. Raises WriteError."""
    for scored in pieces:
        with wording_write_failures(target):
            table.write(scored.rows)
    with wording_write_failures(target):
        table.close()


def _write_riskiest(table: TableFile, target: Path | BinaryIO, pieces: Iterable[ScoredRows], top: int) -> None:
    """Writes the `top` riskiest of the scored rows. Raises WriteError."""
    riskiest = Ranking(top, table.pick)
    for scored in pieces:
        riskiest.add(scored.rows, scored.probabilities)
    _write_ranked(table, target, riskiest)


def _write_call_list(
    table: TableFile, target: Path | BinaryIO, pieces: Iterable[ScoredRows], calls: int
) -> ExpectedGain:
    """Writes the rows with the best gains above 0: the expected gain of calling them. Raises WriteError."""
    best = Ranking(calls, table.pick, above=0.0, n_figures=1)
    for scored in pieces:
        if scored.gains is not None:
            best.add(scored.rows, scored.gains.gains, scored.gains.variances)
    _write_ranked(table, target, best)
    gains, variances = best.ranked_numbers().T
    return sum_gains(gains, variances)


def _write_ranked(table: TableFile, target: Path | BinaryIO, ranking: Ranking) -> None:
    with wording_write_failures(target):
        for rows in ranking.ranked():
            table.write(rows)
        table.close()


def _score_piece(table: TableFile, source: Path | BinaryIO, piece: Any) -> ScoredRows:
    try:
        return table.score(piece)
    except (pa.ArrowException, UnicodeDecodeError, OverflowError) as error:  # invalid texts, dates out of range
        name = source if isinstance(source, Path) else Path("the input")
        raise TableError(name, f"can't be scored: {str(error).splitlines()[0]}") from None


def _score_in_order(
    score: Callable[[Any], ScoredRows], pieces: Iterable[tuple[Any, int]]
) -> Iterator[tuple[ScoredRows, int]]:
    """Each scored piece, in order, with its size; threads score the next pieces meanwhile."""
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
    """The file of open_target, with the beginning of the table written."""
    with open_target(target, source) as file:
        table.open(file, name_target(target))
        yield file
