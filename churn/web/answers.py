"""From a request body to the body of its answer: a customer, a list or a CSV, with reasons if they are requested.

A CSV is answered by a CSV or, if the request prefers it, by a JSON array with a member for each row. All customers go
through the model's one scorer. Owns the shape of the answers, their limits, and which customers each one counts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import quote

import msgspec
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from churn.errors import Problem, ProblemCounts
from churn.model.answerer import Answerer, CustomerAnswer
from churn.model.file import Model
from churn.model.outside import OutsideCounts
from churn.model.refusals import MAX_PROBLEMS, score_each
from churn.model.scoring import probability
from churn.tables.answer import AnswerColumns
from churn.tables.answer_cells import MAX_ROW_PROBLEMS, AnswerCells
from churn.tables.csv_form import CsvForm, CsvRow
from churn.tables.csv_rows import NewOutput, score_csv
from churn.watch.tally import Tally
from churn.web.bodies import CSV, JSON, MAX_CUSTOMERS, decode_customer, decode_customers, is_list
from churn.web.counting import Count, begin_list, count_nobody, score_list
from churn.web.queries import MARKS, Query

MAX_REASONS = 100_000
"""The most reasons in one answer: all for 5,263 customers of the telco table, or the five strongest for 20,000."""

_PIECE_BYTES = 64 * 1024
_MOST_FIELDS = 20  # in a header, since proxies accept only a few kilobytes
_encode = msgspec.json.Encoder().encode
_WRONG_CELLS = "cells=true is for text/csv, with Accept: application/json"


@dataclass(frozen=True)
class Answer:
    """An answer's body, whole or in pieces, and the numbers that are counted.

    `probabilities` are those of the scored customers, `refused` counts the problems of unscored rows. `columns` are
    those added to a table, `decimal_mark` is the table's, and `outside` counts its customers outside the training
    range, by field. `count` counts all customers of the answer at once, and must be called when the answer is sent.
    """

    content: bytes | list[bytes]
    mimetype: str
    probabilities: list[float]
    refused: ProblemCounts = field(default_factory=Counter)
    columns: AnswerColumns | None = None
    outside: OutsideCounts = field(default_factory=OutsideCounts)
    decimal_mark: str = ""
    count: Count = count_nobody

    @property
    def headers(self) -> dict[str, str]:
        """The headers that the further pieces of a table need: the added columns, the numbers (from 1) of the
        replaced columns, and the decimal mark.

        X-Out-Of-Range has the fields in which customers are outside the training range, with their number.
        """
        if self.columns is None:
            return {}
        headers = {"X-Answer-Columns": ", ".join(self.columns.names)}
        if self.columns.replaced:
            headers["X-Replaced-Columns"] = f"{self.columns.replaced.start + 1}-{self.columns.replaced.stop}"
        headers["X-Decimal-Mark"] = next(name for name, mark in MARKS.items() if mark == self.decimal_mark)
        if self.outside:
            counted = self.outside.most_common(_MOST_FIELDS)
            headers["X-Out-Of-Range"] = ", ".join(f"{quote(field, safe='')}={count}" for field, count in counted)
        return headers


class _Members(msgspec.Struct, gc=False):
    """The members of a customer's object in an answer."""

    churn_probability: float
    churn: bool


def encode_answer(churn_probability: float, churn: bool) -> bytes:
    """The JSON object that answers one customer, without reasons."""
    return _encode(_Members(churn_probability, churn))


def answer_json(model: Model, body: bytes, query: Query, *, tally: Tally | None = None) -> Answer:
    """The answer to a customer or to an array of customers. `Answer.count` counts them if there is a tally.

    Raises as decode_customer and decode_customers do; CustomerError for bad customers; BadRequest and
    RequestEntityTooLarge for a query that can't be answered.
    """
    if query.with_cells:
        raise BadRequest(_WRONG_CELLS)
    if query.report_errors:
        raise BadRequest("errors=report is for text/csv; a bad customer refuses its JSON request")
    if query.n_reasons:
        return _explain_json(model, body, query, tally)
    # The scorer is called directly: through an Answerer, a customer without reasons would take 3 % longer.
    if is_list(body):
        probabilities, count = score_list(model.scorer, body, tally)
    else:
        placed = model.scorer.place(decode_customer(body))
        probabilities = [probability(placed[0])]
        count = partial(tally.count, placed, probabilities[0]) if tally else count_nobody
    answers = [_Members(number, number >= model.threshold) for number in probabilities]
    return Answer(_encode(answers if is_list(body) else answers[0]), JSON, probabilities, count=count)


def answer_csv(model: Model, body: bytes, query: Query, *, tally: Tally | None = None) -> Answer:
    """The CSV with its answers in added columns. `Answer.count` counts the scored customers if there is a tally.

    Raises as score_csv does, and BadRequest for `cells`.
    """
    if query.with_cells:
        raise BadRequest(_WRONG_CELLS)
    add, count = begin_list(tally)
    answerer = Answerer(model, n_reasons=query.n_reasons, count=add)
    return _answer_rows(answerer, body, query, CSV, count=count)


def answer_csv_in_json(model: Model, body: bytes, query: Query, *, tally: Tally | None = None) -> Answer:
    """A JSON array with a member for each row of a CSV: the same as for a customer of a JSON list, or the problems.

    `Answer.count` counts the scored customers if there is a tally. Raises as score_csv does.
    """
    add, count = begin_list(tally)
    answerer = Answerer(model, n_reasons=query.n_reasons, count=add)
    new_output = partial(_JsonOutput, answerer=answerer, with_cells=query.with_cells)
    return _answer_rows(answerer, body, query, JSON, new_output, count=count)


def _answer_rows(
    answerer: Answerer,
    body: bytes,
    query: Query,
    mimetype: str,
    new_output: NewOutput | None = None,
    *,
    count: Count,
) -> Answer:
    scored = score_csv(
        body,
        answerer,
        report_errors=query.report_errors,
        earlier_answer=query.earlier_answer,
        decimal_mark=query.decimal_mark,
        max_rows=min(MAX_CUSTOMERS, MAX_REASONS // max(query.n_reasons, 1)),
        new_output=new_output,
    )
    return Answer(
        scored.content,
        mimetype,
        scored.probabilities,
        scored.refusals.counts,
        scored.columns,
        scored.outside,
        scored.decimal_mark,
        count,
    )


def _explain_json(model: Model, body: bytes, query: Query, tally: Tally | None) -> Answer:
    """Answers with reasons, each encoded at once: a list of answers as objects would take ten times the memory."""
    add, count = begin_list(tally)
    answerer = Answerer(model, n_reasons=query.n_reasons, count=add)
    probabilities: list[float] = []

    def explain(customer: object, suggest: bool = True) -> bytes:
        if len(probabilities) >= MAX_REASONS // answerer.n_reasons:
            reason = f"an answer takes at most {MAX_REASONS:,} reasons: ask for fewer, or send fewer customers"
            raise RequestEntityTooLarge(reason)
        answer = answerer.answer_customer(customer, suggest=suggest)
        probabilities.append(answer.churn_probability)
        return msgspec.json.encode(_as_members(answer, answerer))

    if is_list(body):
        content = b"[" + b",".join(score_each(decode_customers(body), explain)) + b"]"
    else:
        content = explain(decode_customer(body))
    return Answer(content, JSON, probabilities, count=count)


class _JsonOutput:
    """A growing JSON array with a member for each row of a CSV, encoded at once.

    The member of a refused row lists at most MAX_ROW_PROBLEMS problems. Only the first MAX_PROBLEMS refused rows list
    them in full: otherwise the answer to a bad row could be a hundred times as large as the row.
    """

    def __init__(self, form: CsvForm, columns: AnswerColumns, *, answerer: Answerer, with_cells: bool) -> None:
        self._answerer = answerer
        self._cells = AnswerCells(form, columns) if with_cells else None
        self._full_rows_left = MAX_PROBLEMS
        self._pieces: list[bytes] = []
        self._last = bytearray(b"[")
        self._is_first = True

    def add_header(self) -> None:
        """Writes nothing: X-Answer-Columns has the names."""

    def add_scored(self, row: CsvRow, answer: CustomerAnswer) -> None:
        members = _as_members(answer, self._answerer)
        if self._cells:
            members["cells"] = self._cells.of_scored(answer)
        self._add(members)

    def add_refused(self, row: CsvRow, problems: Sequence[Problem]) -> None:
        placed = [
            problem.in_row(row.number, spreadsheet_row=row.spreadsheet_row) for problem in problems[:MAX_ROW_PROBLEMS]
        ]
        listed = [problem.to_json(in_full=self._full_rows_left > 0) for problem in placed]
        members: dict[str, object] = {"problems": listed}
        if len(problems) > len(listed):
            members["problem_count"] = len(problems)
        if self._cells:
            members["cells"] = self._cells.of_refused(problems)
        self._full_rows_left -= 1
        self._add(members)

    def take_pieces(self) -> list[bytes]:
        return [*self._pieces, bytes(self._last) + b"]"]

    def _add(self, members: dict[str, object]) -> None:
        if not self._is_first:
            self._last += b","
        self._is_first = False
        self._last += msgspec.json.encode(members)
        if len(self._last) > _PIECE_BYTES:  # a single buffer would be in memory twice each time it grows
            self._pieces.append(bytes(self._last))
            self._last.clear()


def _as_members(answer: CustomerAnswer, answerer: Answerer) -> dict[str, object]:
    """The members of an answer's JSON object, with reasons if the answerer gives any."""
    members: dict[str, object] = {"churn_probability": answer.churn_probability, "churn": answer.churn}
    if answerer.n_reasons:
        members["baseline"] = answer.baseline
        members["reasons"] = [reason.to_json() for reason in answer.reasons]
        if not answerer.model.explainer.against_average:
            members["explained_against"] = "zero"
    return members
