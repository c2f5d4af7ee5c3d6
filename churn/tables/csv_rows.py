"""Answers a CSV of customers: the same columns, then the churn probability and whatever else was requested.

Owns what happens to a refused row. `csv_form` has the form of the CSV, `answer` the added columns, and `answer_cells`
their cells. The answers may be written in another form than CSV: see Output.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from churn.errors import CustomerError, Problem
from churn.model.answerer import Answerer, CustomerAnswer
from churn.model.outside import OutsideCounter, OutsideCounts
from churn.model.refusals import Refusals
from churn.tables.answer import AnswerColumns, arrange_answer
from churn.tables.answer_cells import AnswerCells
from churn.tables.csv_form import CsvForm, CsvRow, CsvRows, read_csv
from churn.tables.csv_values import CsvValues, ReadValue

_PIECE_CHARACTERS = 64 * 1024
_QUOTED_ENDS = "\r\n"


class Output(Protocol):
    """The output of the answers to a CSV, written in the order of its rows."""

    def add_header(self) -> None:
        """Adds the header; called first, unless the rows are a part of a CSV without its header."""

    def add_scored(self, row: CsvRow, answer: CustomerAnswer) -> None:
        """Adds a row with its answer."""

    def add_refused(self, row: CsvRow, problems: Sequence[Problem]) -> None:
        """Adds a row without an answer, with all of its problems."""

    def take_pieces(self) -> list[bytes]:
        """The whole output, in pieces."""


NewOutput = Callable[[CsvForm, AnswerColumns], Output]
"""Makes the output for a CSV of this form with these columns."""


class ScoredCsv(NamedTuple):
    """A scored CSV, or a part of one, in pieces.

    `content` is the output, `columns` are those that the answer adds. `probabilities` (0 to 1) are those of the
    customers `scored`, by number. `refusals` has the others, by row below the header, from 0, blank rows counted;
    `total` is the number of these rows. `outside` counts the scored customers outside the range that training saw, by
    field. `decimal_mark` is the mark at the end, "" if no number has shown it. `values` are the values of the scored
    customers, if gains were requested.
    """

    content: list[bytes]
    columns: AnswerColumns
    scored: list[int]
    probabilities: list[float]
    refusals: Refusals
    outside: OutsideCounts
    total: int
    decimal_mark: str
    values: list[ReadValue]


def score_csv(
    content: bytes,
    answerer: Answerer,
    *,
    report_errors: bool = False,
    earlier_answer: range | None = None,
    decimal_mark: str | None = None,
    max_rows: int,
    new_output: NewOutput | None = None,
) -> ScoredCsv:
    """The CSV with `churn_probability` and `churn` (true or false) added, in its own form and order.

    Reasons are columns `reason_1`, `reason_2`... in words. An earlier answer's columns are removed. For a part of a
    larger table, `earlier_answer` are their numbers, from 0 (range(0) for none), and `decimal_mark` is the mark of
    the rows before, as CsvForm takes it. `new_output` makes another output than a CSV. Raises CsvError for a CSV that
    can't be read or has more than `max_rows` customers, and CustomerError for refused rows. With `report_errors`
    these get empty cells and an `error` instead; a header that lacks a field is still refused.
    """
    rows = read_csv(content, answerer.model.scorer.contract, max_rows=max_rows, decimal_mark=decimal_mark)
    columns = arrange_csv(rows.form, rows, answerer, with_errors=report_errors, earlier_answer=earlier_answer)
    scored = score_rows(rows, columns, answerer, new_output=new_output)
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
    with_gain: bool = False,
) -> AnswerColumns:
    """The names of the answer's columns in a CSV of this form, and the columns that they replace; see arrange_answer.

    `rows` are the first ones; a row of another width than the header's is skipped. Raises CsvError.
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
        with_gain=with_gain,
    )


def score_rows(
    rows: CsvRows,
    columns: AnswerColumns,
    answerer: Answerer,
    *,
    new_output: NewOutput | None = None,
    values: CsvValues | None = None,
) -> ScoredCsv:
    """The rows with their answers, after a header if they have one. Raises CsvError for rows that can't be read.

    With `values`, which read the value of a customer, an answer has its expected gain. If the form has no decimal
    mark yet, the first row that shows it decides for this row and the later ones.
    """
    form, refusals, outside = rows.form, Refusals(), OutsideCounter(answerer.model.scorer.contract)
    output = (new_output or _CsvOutput)(form, columns)
    scored, probabilities, worth = list[int](), list[float](), list[ReadValue]()
    if rows.has_header:
        output.add_header()
    for row in rows:
        form = form.settle_mark([row])
        row_below = row.spreadsheet_row - form.header_row - 1
        try:
            customer = form.read_customer(row)
            answer = answerer.answer_customer(customer, suggest=refusals.lists_more)
        except CustomerError as error:
            refusals.add(row_below, error, customer=row.number, spreadsheet_row=row.spreadsheet_row)
            output.add_refused(row, error.problems)
        else:
            scored.append(row.number)
            probabilities.append(answer.churn_probability)
            outside.add(customer)
            if values:
                worth.append(ReadValue(row_below, values.read(row, form)))
                answer = values.add_gain(answer, worth[-1].value)
            output.add_scored(row, answer)
    content, mark = output.take_pieces(), form.decimal_mark
    return ScoredCsv(
        content, columns, scored, probabilities, refusals, outside.counts, rows.total, mark, values=worth
    )


def write_header(form: CsvForm, columns: AnswerColumns) -> bytes:
    """The header of a scored CSV."""
    output = _CsvOutput(form, columns)
    output.add_header()
    return b"".join(output.take_pieces())


class _CsvOutput:
    """The output of a scored CSV."""

    def __init__(self, form: CsvForm, columns: AnswerColumns) -> None:
        self._form = form
        self._columns = columns
        self._cells = AnswerCells(form, columns)
        self._width = len(form.header)
        self._pieces: list[bytes] = []
        self._text = ""
        self._written = _Rows()
        self._writer = csv.writer(self._written, delimiter=form.delimiter, lineterminator=_QUOTED_ENDS)

    def add_header(self) -> None:
        self._text += self._form.preamble
        self._write(self._form.header, self._columns.names)

    def add_scored(self, row: CsvRow, answer: CustomerAnswer) -> None:
        self._write(row.cells, self._cells.of_scored(answer))

    def add_refused(self, row: CsvRow, problems: Sequence[Problem]) -> None:
        """Adds a row without an answer, with its problems if there is a column. Surplus cells come last."""
        padded = [*row.cells, *[""] * (self._width - len(row.cells))]
        self._write(padded, self._cells.of_refused(problems))

    def take_pieces(self) -> list[bytes]:
        return [*self._pieces, self._text.encode()]

    def _write(self, cells: list[str], answer: Sequence[str]) -> None:
        answered = self._columns.put_in(cells[: self._width], answer)
        self._writer.writerow(answered + cells[self._width :])
        self._text += self._written.pop().removesuffix(_QUOTED_ENDS) + self._form.line_end
        if len(self._text) > _PIECE_CHARACTERS:  # a single buffer would be in memory twice while it grows
            self._pieces.append(self._text.encode())
            self._text = ""


class _Rows(list[str]):
    """The list that the csv writer writes to. The writer quotes only its own line ends, so it writes both kinds."""

    write = list.append
