"""What the fast lane answers: the body of one good customer, as Flask would answer it."""

import msgspec
from werkzeug.exceptions import HTTPException

from churn.errors import CustomerError
from churn.model.scoring import probability
from churn.server.fast_lane import AnswerBody, Scored
from churn.server.served_model import ServedModel
from churn.web.bodies import decode_customer, is_list


def make_lane_answer(served: ServedModel) -> AnswerBody:
    """The function that answers bodies by the model that is served."""

    def answer(body: bytes, _is_counted: bool) -> Scored | None:
        if is_list(body):
            return None
        model = served.current
        try:
            log_odds = model.scorer.log_odds(decode_customer(body), suggest=False)
        except (CustomerError, HTTPException):  # Flask finds out what is wrong
            return None
        churn_probability = probability(log_odds)
        churn = churn_probability >= model.threshold
        content = msgspec.json.encode({"churn_probability": churn_probability, "churn": churn})
        return Scored(content, model.version, churn_probability, churn)

    return answer
