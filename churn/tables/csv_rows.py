"""A CSV of customers back with its answers: the same columns, then the churn probability and what else was asked.

Owns the added cells and what becomes of a bad row; the CSV's form is csv_form's, the columns' names and places
answer's.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from churn.errors import CustomerError, Problem
from churn.model.contract import Contract
from churn.model.explaining import Explainer, Reason
from churn.model.scoring import MAX_PROBLEMS, Scorer, probability
from churn.tables.answer import AnswerColumns, added_columns, arrange_answer
from churn.tables.csv_form import CsvRow, CustomerCsv

_BYTE_ORDER_MARK = "\ufeff"
_MOST_IN_A_CELL = 5  # problems of one row
_PIECE_CHARACTERS = 64 * 1024
_QUOTED_ENDS = "\r\n"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class ScoredCsv:
    """A scored CSV in pieces, the probabilities in it (0 to 1, of the rows `scored`), and the others' problems.

    `columns` are those that the answer has added. `first_rows` says for each kind of problem in which row under the
    header it is first, from 0, of `total`, blank ones counted.
    """

    content: list[bytes]
    columns: AnswerColumns
    scored: list[int]
    probabilities: list[float]
    counts: Counter[tuple[str | None, str]]
    first_rows: dict[tuple[str | None, str], int]
    total: int


def score_csv(
    content: bytes,
    scorer: Scorer,
    explainer: Explainer,
    *,
    threshold: float,
    strongest: int = 0,
    report_errors: bool = False,
    earlier: range | None = None,
    max_rows: int,
    decimal_mark: str | None = None,
) -> ScoredCsv:
    """The CSV with `churn_probability` and `churn` (true or false) added, in its own form and order.

    `strongest` adds as many columns `reason_1`, `reason_2`... in words. An earlier answer's columns are taken out:
    `earlier` are their places (none: range(0)) where a larger table has decided it.
    Raises CsvError for what can't be read or has more than `max_rows` customers, and CustomerError for bad rows; with
    `report_errors` these have empty cells instead, and `error`, but a header without some field is refused as well.
    """
    customers = CustomerCsv(content, scorer.contract, max_rows=max_rows, decimal_mark=decimal_mark)
    columns = arrange_csv(customers, scorer.contract, added_columns(strongest, report_errors), earlier=earlier)
    output, refusals = _Output(customers, columns, threshold), _Refusals(customers.header_row)
    for row in customers.rows():
        try:
            customer, suggest = customers.read_customer(row), len(refusals.problems) < MAX_PROBLEMS
            log_odds, reasons = score_customer(customer, scorer, explainer, strongest=strongest, suggest=suggest)
        except CustomerError as error:
            refusals.add(row, error)
            output.add_refused(row, error.problems)
        else:
            output.add_scored(row, probability(log_odds), reasons)
    if refusals.counts and not report_errors:
        raise CustomerError(refusals.problems, refusals.counts)
    return output.finish(refusals, total=customers.last_row - customers.header_row)


def arrange_csv(
    customers: CustomerCsv,
    contract: Contract,
    added: Sequence[str],
    *,
    rows: Iterable[CsvRow] | None = None,
    earlier: range | None = None,
) -> AnswerColumns:
    """What the answer's columns are called in a CSV, and what they replace; see arrange_answer.

    `rows` are the first rows of the table that the CSV is a part of, else its own; one of another width than the
    header's says nothing. Raises CsvError.
    """

    def first_cells(run: range) -> Iterator[list[str]]:
        for row in customers.rows() if rows is None else rows:
            if len(row.cells) == len(customers.header):
                yield row.cells[run.start : run.stop]

    inputs = {field.name for field in contract.fields}
    places = first_cells if earlier is None else earlier
    return arrange_answer(customers.header, added, inputs=inputs, earlier=places)


def score_customer(
    customer: object, scorer: Scorer, explainer: Explainer, *, strongest: int, suggest: bool
) -> tuple[float, Sequence[Reason]]:
    """A customer's log-odds and strongest reasons. Raises CustomerError."""
    if not strongest:
        return scorer.log_odds(customer, suggest=suggest), ()
    explanation = explainer.explain(customer, strongest=strongest, suggest=suggest)
    return explanation.log_odds, explanation.reasons


def tell_problems(problems: Sequence[Problem]) -> str:
    """A refused customer's problems, the first five of them, in words for a cell of a table."""
    words = [str(problem) for problem in problems[:_MOST_IN_A_CELL]]
    if len(problems) > _MOST_IN_A_CELL:
        words.append(f"and {len(problems) - _MOST_IN_A_CELL} more")
    return _harmless("; ".join(words))


def tell_reason(reason: Reason) -> str:
    """A reason in words for a cell of a table."""
    return _harmless(str(reason))


class _Refusals:
    """What is wrong with the refused rows: the first MAX_PROBLEMS problems, all counted, and where each is first."""

    def __init__(self, header_row: int) -> None:
        self._header_row = header_row
        self.problems: list[Problem] = []
        self.counts: Counter[tuple[str | None, str]] = Counter()
        self.first_rows: dict[tuple[str | None, str], int] = {}

    def add(self, row: CsvRow, error: CustomerError) -> None:
        self.counts.update(error.counts)
        for kind in error.counts:
            self.first_rows.setdefault(kind, row.spreadsheet_row - self._header_row - 1)
        self.problems += [one.in_row(row.number, spreadsheet_row=row.spreadsheet_row) for one in error.problems]
        del self.problems[MAX_PROBLEMS:]


class _Output:
    """The scored CSV as it grows, and the probabilities in it, of the rows `scored`."""

    def __init__(self, customers: CustomerCsv, columns: AnswerColumns, threshold: float) -> None:
        self.scored: list[int] = []
        self.probabilities: list[float] = []
        self._threshold = threshold
        self._columns = columns
        self._width = len(customers.header)
        self._decimal_mark = customers.written_mark
        self._pieces: list[bytes] = []
        self._text = _BYTE_ORDER_MARK if customers.has_byte_order_mark else ""
        self._line_end = customers.line_end
        self._written = _Rows()
        self._writer = csv.writer(self._written, delimiter=customers.delimiter, lineterminator=_QUOTED_ENDS)
        self._write(customers.header, columns.names)

    def add_scored(self, row: CsvRow, churn_probability: float, reasons: Sequence[Reason]) -> None:
        self.scored.append(row.number)
        self.probabilities.append(churn_probability)
        number = repr(churn_probability).replace(".", self._decimal_mark)
        churn = "true" if churn_probability >= self._threshold else "false"
        self._write(row.cells, [number, churn, *(tell_reason(one) for one in reasons)])

    def add_refused(self, row: CsvRow, problems: Sequence[Problem]) -> None:
        """A row without an answer; its problems where there is a column for them, cells past the header's behind."""
        padded = [*row.cells, *[""] * (self._width - len(row.cells))]
        self._write(padded, [*[""] * (len(self._columns.names) - 1), tell_problems(problems)])

    def finish(self, refusals: _Refusals, *, total: int) -> ScoredCsv:
        content, told = [*self._pieces, self._text.encode()], (refusals.counts, refusals.first_rows)
        return ScoredCsv(content, self._columns, self.scored, self.probabilities, *told, total)

    def _write(self, cells: Sequence[str], added: Sequence[str]) -> None:
        padding = [""] * (len(self._columns.names) - len(added))
        own = self._columns.take_out(cells[: self._width])
        self._writer.writerow([*own, *added, *padding, *cells[self._width :]])
        self._text += self._written.pop().removesuffix(_QUOTED_ENDS) + self._line_end
        if len(self._text) > _PIECE_CHARACTERS:  # one buffer for all would be held twice as it grows
            self._pieces.append(self._text.encode())
            self._text = ""


class _Rows(list[str]):
    """What the csv writer writes to. It quotes only those line ends that it writes itself, so it writes both."""

    write = list.append


def _harmless(cell: str) -> str:
    """The text as a cell that no spreadsheet runs as a formula, whatever a model's fields are called."""
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
