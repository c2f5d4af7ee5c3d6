"""What the fast lane answers: the body of one good customer, as Flask would answer it."""

import msgspec
from werkzeug.exceptions import HTTPException

from churn.errors import CustomerError
from churn.model.scoring import probability
from churn.server.fast_lane import AnswerBody, Scored
from churn.server.served_model import ServedModel
from churn.web.bodies import decode_customer, is_list


def make_lane_answer(served: ServedModel) -> AnswerBody:
    """The function that answers bodies by the model that is served, and counts their customers."""

    def answer(body: bytes, is_counted: bool) -> Scored | None:
        if is_list(body):
            return None
        counted = served.now
        model = counted.model
        try:
            placed = model.scorer.place(decode_customer(body), suggest=False)
        except (CustomerError, HTTPException):  # Flask finds out what is wrong
            return None
        churn_probability = probability(placed[0])
        churn = churn_probability >= model.threshold
        content = msgspec.json.encode({"churn_probability": churn_probability, "churn": churn})
        if is_counted and counted.lane_tally:
            counted.lane_tally.count(placed, churn_probability)
        return Scored(content, model.version, churn_probability, churn)

    return answer
