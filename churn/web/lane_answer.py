"""The fast lane's answer to the body of one good customer, equal to Flask's."""

from werkzeug.exceptions import HTTPException

from churn.errors import CustomerError
from churn.model.scoring import probability
from churn.server.fast_lane import AnswerBody, Scored
from churn.server.served_model import ServedModel
from churn.web.answers import encode_answer
from churn.web.bodies import decode_customer, is_list


def make_lane_answer(served: ServedModel) -> AnswerBody:
    """The function that answers bodies with the served model, and counts their customers."""

    def answer(body: bytes, is_counted: bool) -> Scored | None:
        counted = served.now
        model = counted.model
        placed = model.scorer.json_customers.place(body)
        if placed is None:
            if is_list(body):
                return None
            try:
                placed = model.scorer.place(decode_customer(body), suggest=False)
            except (CustomerError, HTTPException):  # Flask answers with the problems
                return None
        churn_probability = probability(placed[0])
        churn = churn_probability >= model.threshold
        if is_counted and counted.lane_tally:
            counted.lane_tally.count(placed, churn_probability)
        return Scored(encode_answer(churn_probability, churn), model.version, churn_probability, churn)

    return answer
