"""Which customers a request counts: all that it answers, once the whole request is answered, or none.

`watch` does the counting.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from churn.model.placing import Placed
from churn.model.refusals import score_each
from churn.model.scoring import Scorer, probability
from churn.watch.tally import Tally
from churn.web.bodies import MAX_CUSTOMERS, MAX_VALUES, decode_customers

Add = Callable[[Placed, float], None]
"""A function that is called with each scored customer and its probability."""
Count = Callable[[], None]
"""A function that counts all customers of an answer at once; called just before the answer is sent."""


AT_ONCE = 1_024
"""The customers of a list that are placed before they are counted. More would make Python's garbage collector scan
them."""


def count_nobody() -> None:
    """Counts none of an answer's customers."""


def is_what_if(environ: Mapping[str, object]) -> bool:
    """True if a request has `X-What-If: 1`: its customers are not real, and are not counted."""
    return environ.get("HTTP_X_WHAT_IF") == "1"


def begin_list(tally: Tally | None) -> tuple[Add | None, Count]:
    """The functions that add each customer of a list (None without a tally) and then count them all."""
    if tally is None:
        return None, count_nobody
    counted = tally.new_list()
    return counted.add, partial(tally.count_list, counted)


def score_list(scorer: Scorer, body: bytes, tally: Tally | None) -> tuple[list[float], Count]:
    """The churn probability, 0 to 1, of each customer of a JSON array, in order, and the function that counts them.

    Raises as decode_customers does, and CustomerError as score_each does.
    """
    scored = _score_clean(scorer, body, tally)
    return scored or _score_each(scorer, decode_customers(body), tally)


def _score_clean(scorer: Scorer, body: bytes, tally: Tally | None) -> tuple[list[float], Count] | None:
    """As score_list, for customers in clean spelling; None if one is not, or if there are too many."""
    most = min(MAX_CUSTOMERS, MAX_VALUES // max(1, len(scorer.contract.fields)))
    customers = scorer.json_customers.decode_list(body, most=most)
    if customers is None:
        return None
    counted = tally.new_list() if tally else None
    probabilities: list[float] = []
    for start in range(0, len(customers), AT_ONCE):
        placed = scorer.json_customers.place_decoded(customers[start : start + AT_ONCE])
        if placed is None:
            return None
        part = list(map(probability, placed.log_odds))
        probabilities += part
        if counted:
            counted.add_list(placed, part)
    return probabilities, partial(tally.count_list, counted) if tally and counted else count_nobody


def _score_each(scorer: Scorer, customers: Iterable[object], tally: Tally | None) -> tuple[list[float], Count]:
    """As score_list, for customers in any spelling, which are not kept in memory."""
    add, count = begin_list(tally)

    def score(customer: object, suggest: bool) -> float:
        placed = scorer.place(customer, suggest=suggest)
        churn_probability = probability(placed[0])
        if add:
            add(placed, churn_probability)
        return churn_probability

    return score_each(customers, score), count
