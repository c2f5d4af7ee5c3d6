"""A CSV of customers back with its answers: the same columns, then the churn probability and what else was asked.

Owns the added cells and what becomes of a bad row; the CSV's form is csv_form's, which columns are added is answer's.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from churn.errors import CustomerError, Problem
from churn.model.answerer import Answerer, CustomerAnswer
from churn.model.explaining import Reason
from churn.model.refusals import Refusals
from churn.tables.answer import AnswerColumns, arrange_answer
from churn.tables.csv_form import CsvForm, CsvRow, CsvRows, read_csv

_BYTE_ORDER_MARK = "\ufeff"
_MOST_IN_A_CELL = 5  # problems of one row
_PIECE_CHARACTERS = 64 * 1024
_QUOTED_ENDS = "\r\n"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ScoredCsv(NamedTuple):
    """A scored CSV, or a part of one, in pieces.

    `columns` are those that the answer has added. `probabilities` (0 to 1) are those of the customers `scored`;
    `refusals` has the others, by their row under the header, from 0, of `total`, blank ones counted.
    """

    content: list[bytes]
    columns: AnswerColumns
    scored: list[int]
    probabilities: list[float]
    refusals: Refusals
    total: int


def score_csv(
    content: bytes,
    answerer: Answerer,
    *,
    report_errors: bool = False,
    earlier_answer: range | None = None,
    max_rows: int,
) -> ScoredCsv:
    """The CSV with `churn_probability` and `churn` (true or false) added, in its own form and order.

    Reasons are columns `reason_1`, `reason_2`... in words. An earlier answer's columns are taken out:
    `earlier_answer` are their numbers, from 0 (none: range(0)), where a larger table has decided it.
    Raises CsvError for what can't be read or has more than `max_rows` customers, and CustomerError for bad rows; with
    `report_errors` these have empty cells instead, and `error`, but a header without some field is refused as well.
    """
    rows = read_csv(content, answerer.model.scorer.contract, max_rows=max_rows)
    columns = arrange_csv(rows.form, rows, answerer, with_errors=report_errors, earlier_answer=earlier_answer)
    scored = score_rows(rows, columns, answerer)
    if scored.refusals.counts and not report_errors:
        raise CustomerError(scored.refusals.problems, scored.refusals.counts)
    return scored


def arrange_csv(
    form: CsvForm,
    rows: Iterable[CsvRow],
    answerer: Answerer,
    *,
    with_errors: bool,
    earlier_answer: range | None = None,
) -> AnswerColumns:
    """What the answer's columns are called in a CSV of this form, and what they replace; see arrange_answer.

    `rows` are its first ones; one of another width than the header's says nothing. Raises CsvError.
    """

    def first_cells(run: range) -> Iterator[list[str]]:
        for row in rows:
            if len(row.cells) == len(form.header):
                yield row.cells[run.start : run.stop]

    return arrange_answer(
        form.header,
        answerer.model.scorer.contract,
        n_reasons=answerer.n_reasons,
        with_errors=with_errors,
        earlier_answer=first_cells if earlier_answer is None else earlier_answer,
    )


def score_rows(rows: CsvRows, columns: AnswerColumns, answerer: Answerer) -> ScoredCsv:
    """The rows with their answers, after a header if they have one. Raises CsvError for what can't be read."""
    form, refusals = rows.form, Refusals()
    output = _Output(form, columns)
    if rows.has_header:
        output.add_header()
    for row in rows:
        try:
            answer = answerer.answer_customer(form.read_customer(row), suggest=refusals.lists_more)
        except CustomerError as error:
            row_below = row.spreadsheet_row - form.header_row - 1
            refusals.add(row_below, error, customer=row.number, spreadsheet_row=row.spreadsheet_row)
            output.add_refused(row, error.problems)
        else:
            output.add_scored(row, answer)
    return ScoredCsv(output.take_pieces(), columns, output.scored, output.probabilities, refusals, rows.total)


def write_header(form: CsvForm, columns: AnswerColumns) -> bytes:
    """The header of a scored CSV."""
    output = _Output(form, columns)
    output.add_header()
    return b"".join(output.take_pieces())


def describe_problems(problems: Sequence[Problem]) -> str:
    """A refused customer's problems, the first five of them, in words for a cell of a table."""
    words = [str(problem) for problem in problems[:_MOST_IN_A_CELL]]
    if len(problems) > _MOST_IN_A_CELL:
        words.append(f"and {len(problems) - _MOST_IN_A_CELL} more")
    return _disarm_cell("; ".join(words))


def describe_reason(reason: Reason) -> str:
    """A reason in words for a cell of a table."""
    return _disarm_cell(str(reason))


class _Output:
    """A scored CSV as it grows, and the probabilities in it, of the customers `scored`."""

    def __init__(self, form: CsvForm, columns: AnswerColumns) -> None:
        self.scored: list[int] = []
        self.probabilities: list[float] = []
        self._form = form
        self._columns = columns
        self._width = len(form.header)
        self._decimal_mark = form.written_mark
        self._pieces: list[bytes] = []
        self._text = ""
        self._written = _Rows()
        self._writer = csv.writer(self._written, delimiter=form.delimiter, lineterminator=_QUOTED_ENDS)

    def add_header(self) -> None:
        self._text += _BYTE_ORDER_MARK if self._form.has_byte_order_mark else ""
        self._write(self._form.header, self._columns.names)

    def add_scored(self, row: CsvRow, answer: CustomerAnswer) -> None:
        self.scored.append(row.number)
        self.probabilities.append(answer.churn_probability)
        number = repr(answer.churn_probability).replace(".", self._decimal_mark)
        self._write(row.cells, [number, "true" if answer.churn else "false", *map(describe_reason, answer.reasons)])

    def add_refused(self, row: CsvRow, problems: Sequence[Problem]) -> None:
        """A row without an answer, with its problems where there is a column. Cells past the header's come last."""
        padded = [*row.cells, *[""] * (self._width - len(row.cells))]
        self._write(padded, [*[""] * (len(self._columns.names) - 1), describe_problems(problems)])

    def take_pieces(self) -> list[bytes]:
        return [*self._pieces, self._text.encode()]

    def _write(self, cells: list[str], answer: Sequence[str]) -> None:
        padding = [""] * (len(self._columns.names) - len(answer))
        answered = self._columns.put_in(cells[: self._width], [*answer, *padding] if padding else answer)
        self._writer.writerow(answered + cells[self._width :])
        self._text += self._written.pop().removesuffix(_QUOTED_ENDS) + self._form.line_end
        if len(self._text) > _PIECE_CHARACTERS:  # one buffer for all would be held twice as it grows
            self._pieces.append(self._text.encode())
            self._text = ""


class _Rows(list[str]):
    """What the csv writer writes to. It quotes only those line ends that it writes itself, so it writes both."""

    write = list.append


def _disarm_cell(cell: str) -> str:
    """The text as a cell that no spreadsheet runs as a formula, whatever a model's fields are called."""
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
