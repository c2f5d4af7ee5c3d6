"""A CSV of customers back with its answers: the same columns, then the churn probability and what else was asked.

Owns the added columns and what becomes of a bad row; the CSV's form is customer_csv's.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from churn.contract import Contract
from churn.customer_csv import CsvRow, CustomerCsv
from churn.errors import CustomerError, Problem
from churn.explaining import Explainer, Reason
from churn.scoring import MAX_PROBLEMS, Scorer, probability

_BYTE_ORDER_MARK = "\ufeff"
_MOST_IN_A_CELL = 5  # problems of one row
_PIECE_CHARACTERS = 64 * 1024
_QUOTED_ENDS = "\r\n"
_FURTHER = re.compile("churn|reason_[0-9]+|error")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class ScoredCsv:
    """A scored CSV in pieces, the probabilities in it (0 to 1, of the rows `scored`), and the others' problems."""

    content: list[bytes]
    scored: list[int]
    probabilities: list[float]
    counts: Counter[tuple[str | None, str]]


def score_csv(
    content: bytes,
    scorer: Scorer,
    explainer: Explainer,
    *,
    threshold: float,
    strongest: int = 0,
    report_errors: bool = False,
    max_rows: int,
    decimal_mark: str | None = None,
) -> ScoredCsv:
    """The CSV with `churn_probability` and `churn` (true or false) added, in its own form and order.

    `strongest` adds as many columns `reason_1`, `reason_2`... in words. The columns of an earlier answer are replaced
    where they stand, or left out; all others are carried through. The decimal mark is the CSV's own.
    Raises CsvError for what can't be read or has more than `max_rows` customers, and CustomerError for bad rows; with
    `report_errors` these have empty cells instead, and `error`, but a header without some field is refused as well.
    """
    customers = CustomerCsv(content, scorer.contract, max_rows=max_rows, decimal_mark=decimal_mark)
    output = _Output(customers, added_columns(strongest, report_errors), scorer)
    problems, counts = list[Problem](), Counter[tuple[str | None, str]]()
    scored, probabilities = list[int](), list[float]()
    for row in customers.rows():
        try:
            customer, suggest = customers.read_customer(row), len(problems) < MAX_PROBLEMS
            log_odds, reasons = score_customer(customer, scorer, explainer, strongest=strongest, suggest=suggest)
        except CustomerError as error:
            counts.update(error.counts)
            problems += [one.in_row(row.number, line=row.line) for one in error.problems]
            del problems[MAX_PROBLEMS:]
            output.add_refused(row, error.problems)
        else:
            scored.append(row.number)
            probabilities.append(probability(log_odds))
            output.add_scored(row, probabilities[-1], probabilities[-1] >= threshold, reasons)
    if counts and not report_errors:
        raise CustomerError(problems, counts)
    return ScoredCsv(output.content(), scored, probabilities, counts)


def score_customer(
    customer: object, scorer: Scorer, explainer: Explainer, *, strongest: int, suggest: bool
) -> tuple[float, Sequence[Reason]]:
    """A customer's log-odds and strongest reasons. Raises CustomerError."""
    if not strongest:
        return scorer.log_odds(customer, suggest=suggest), ()
    explanation = explainer.explain(customer, strongest=strongest, suggest=suggest)
    return explanation.log_odds, explanation.reasons


def added_columns(strongest: int, report_errors: bool) -> list[str]:
    """The names of the columns that an answer adds to a table, in their order."""
    reasons = [f"reason_{number}" for number in range(1, strongest + 1)]
    return ["churn_probability", "churn", *reasons, *(["error"] if report_errors else [])]


def tell_problems(problems: Sequence[Problem]) -> str:
    """A refused customer's problems, the first five of them, in words for a cell of a table."""
    words = [str(problem) for problem in problems[:_MOST_IN_A_CELL]]
    if len(problems) > _MOST_IN_A_CELL:
        words.append(f"and {len(problems) - _MOST_IN_A_CELL} more")
    return _harmless("; ".join(words))


def tell_reason(reason: Reason) -> str:
    """A reason in words for a cell of a table."""
    return _harmless(str(reason))


class _Output:
    """The scored CSV as it grows."""

    def __init__(self, customers: CustomerCsv, added: list[str], scorer: Scorer) -> None:
        earlier = places_of_earlier_answers(customers.header, scorer.contract)
        self._places = {name: earlier.pop(name, []) for name in added}
        self._left_out = sorted((place for places in earlier.values() for place in places), reverse=True)
        self._added = added
        self._width = len(customers.header)
        self._decimal_mark = customers.written_mark
        self._pieces: list[bytes] = []
        self._text = _BYTE_ORDER_MARK if customers.has_byte_order_mark else ""
        self._line_end = customers.line_end
        self._written = _Rows()
        self._writer = csv.writer(self._written, delimiter=customers.delimiter, lineterminator=_QUOTED_ENDS)
        self._write(customers.header, added)

    def add_scored(self, row: CsvRow, churn_probability: float, churn: bool, reasons: Sequence[Reason]) -> None:
        number = repr(churn_probability).replace(".", self._decimal_mark)
        self._write(row.cells, [number, "true" if churn else "false", *(tell_reason(one) for one in reasons)])

    def add_refused(self, row: CsvRow, problems: Sequence[Problem]) -> None:
        """A row without an answer; its problems where there is a column for them, cells past the header's behind."""
        padded = [*row.cells, *[""] * (self._width - len(row.cells))]
        self._write(padded, [*[""] * (len(self._added) - 1), tell_problems(problems)])

    def content(self) -> list[bytes]:
        return [*self._pieces, self._text.encode()]

    def _write(self, cells: Sequence[str], added: Sequence[str]) -> None:
        written = list(cells[: self._width])
        for name, cell in zip(self._added, [*added, *[""] * (len(self._added) - len(added))], strict=True):
            for place in self._places[name]:
                written[place] = cell
            if not self._places[name]:
                written.append(cell)
        for place in self._left_out:
            del written[place]
        self._writer.writerow([*written, *cells[self._width :]])
        self._text += self._written.pop().removesuffix(_QUOTED_ENDS) + self._line_end
        if len(self._text) > _PIECE_CHARACTERS:  # one buffer for all would be held twice as it grows
            self._pieces.append(self._text.encode())
            self._text = ""


def places_of_earlier_answers(header: Sequence[str], contract: Contract) -> dict[str, list[int]]:
    """Where a table has columns of an earlier answer: churn_probability, and behind it what an answer adds with it.

    A column of the same name anywhere else is somebody's own, as a label `churn` is, and so is an input.
    """
    inputs = {field.name for field in contract.fields}
    places: dict[str, list[int]] = {}
    for place, name in enumerate(header):
        if name in inputs:
            continue
        if name == "churn_probability":
            places.setdefault(name, []).append(place)
        elif _FURTHER.fullmatch(name) and "churn_probability" in places:
            places[name] = [place]
    return places


class _Rows(list[str]):
    """What the csv writer writes to. It quotes only those line ends that it writes itself, so it writes both."""

    write = list.append


def _harmless(cell: str) -> str:
    """The text as a cell that no spreadsheet runs as a formula, whatever a model's fields are called."""
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
