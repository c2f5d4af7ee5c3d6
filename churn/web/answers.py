"""From a request body to the body of its answer: a customer, a list or a CSV, with reasons where they are asked for.

Everything goes through the model's one scorer. Owns the shape of the answers and how large they may become.
"""

from collections import Counter
from dataclasses import dataclass, field

import msgspec
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from churn.errors import ProblemCounts
from churn.model.answerer import Answerer, CustomerAnswer
from churn.model.file import Model
from churn.model.scoring import probability, score_each
from churn.tables.answer import AnswerColumns
from churn.tables.csv_rows import score_csv
from churn.web.bodies import CSV, JSON, MAX_CUSTOMERS, decode_customer, decode_customers, is_list
from churn.web.queries import Query

MAX_REASONS = 100_000
"""Reasons in one answer: all of 5,263 customers of the telco table, or the five strongest of 20,000."""


@dataclass(frozen=True)
class Answer:
    """An answer's body, whole or in pieces, and what is counted: probabilities given, problems of unscored rows.

    `columns` are those that were added to a table.
    """

    content: bytes | list[bytes]
    mimetype: str
    probabilities: list[float]
    refused: ProblemCounts = field(default_factory=Counter)
    columns: AnswerColumns | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers that say which columns were added, and the numbers, from 1, of those that were replaced."""
        if self.columns is None:
            return {}
        headers = {"X-Answer-Columns": ", ".join(self.columns.names)}
        if self.columns.replaced:
            headers["X-Replaced-Columns"] = f"{self.columns.replaced.start + 1}-{self.columns.replaced.stop}"
        return headers


def answer_json(model: Model, body: bytes, query: Query) -> Answer:
    """The answer to a customer, or to an array of them.

    Raises what decode_customer and decode_customers do, CustomerError for bad customers, BadRequest and
    RequestEntityTooLarge for a query that can't be answered.
    """
    if query.report_errors:
        raise BadRequest("errors=report is for text/csv; a bad customer refuses its JSON request")
    if query.n_reasons:
        return _explain_json(Answerer(model, n_reasons=query.n_reasons), body)
    # The scorer itself, and not an Answerer, with which a customer without reasons would take 3 % longer.
    if is_list(body):
        probabilities = model.scorer.score_customers(decode_customers(body))
    else:
        probabilities = [probability(model.scorer.log_odds(decode_customer(body)))]
    threshold = model.threshold
    answers = [{"churn_probability": number, "churn": number >= threshold} for number in probabilities]
    return Answer(msgspec.json.encode(answers if is_list(body) else answers[0]), JSON, probabilities)


def answer_csv(model: Model, body: bytes, query: Query) -> Answer:
    """The CSV with its answers in columns of their own. Raises what score_csv does."""
    scored = score_csv(
        body,
        Answerer(model, n_reasons=query.n_reasons),
        report_errors=query.report_errors,
        earlier_answer=query.earlier_answer,
        max_rows=min(MAX_CUSTOMERS, MAX_REASONS // max(query.n_reasons, 1)),
    )
    return Answer(scored.content, CSV, scored.probabilities, scored.refusals.counts, scored.columns)


def _explain_json(answerer: Answerer, body: bytes) -> Answer:
    """Answers with reasons, each encoded at once: as objects a long list of them would take ten times the room."""
    probabilities: list[float] = []
    against: dict[str, object] = {} if answerer.model.explainer.against_average else {"explained_against": "zero"}

    def explain(customer: object, suggest: bool = True) -> bytes:
        if len(probabilities) >= MAX_REASONS // answerer.n_reasons:
            reason = f"an answer takes {MAX_REASONS:,} reasons: ask for fewer of them, or send fewer customers"
            raise RequestEntityTooLarge(reason)
        answer = answerer.answer_customer(customer, suggest=suggest)
        probabilities.append(answer.churn_probability)
        return msgspec.json.encode(_as_members(answer) | against)

    if is_list(body):
        return Answer(b"[" + b",".join(score_each(decode_customers(body), explain)) + b"]", JSON, probabilities)
    return Answer(explain(decode_customer(body)), JSON, probabilities)


def _as_members(answer: CustomerAnswer) -> dict[str, object]:
    return {
        "churn_probability": answer.churn_probability,
        "churn": answer.churn,
        "baseline": answer.baseline,
        "reasons": [reason.to_json() for reason in answer.reasons],
    }
