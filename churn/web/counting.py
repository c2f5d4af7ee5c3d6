"""Whom a request counts: each customer that it answers, once all of it was answered, or nobody.

How they are counted is watch's.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from churn.model.placing import Placed
from churn.model.refusals import score_each
from churn.model.scoring import Scorer, probability
from churn.watch.tally import Tally
from churn.web.bodies import MAX_CUSTOMERS, MAX_VALUES, decode_customers

Add = Callable[[Placed, float], None]
"""Called with each customer that is scored, and its probability."""
Count = Callable[[], None]
"""Counts all customers of an answer, at once: called when it is about to be sent."""


AT_ONCE = 1_024
"""Customers of a list that are placed before they are counted: of more, Python's garbage collector looks at each."""


def count_nobody() -> None:
    """Counts none of an answer's customers."""


def is_what_if(environ: Mapping[str, object]) -> bool:
    """True when a request says, by `X-What-If: 1`, that its customers are tried and not real: nobody is counted."""
    return environ.get("HTTP_X_WHAT_IF") == "1"


def begin_list(tally: Tally | None) -> tuple[Add | None, Count]:
    """What customers are added to, None where nobody is counted, and what then counts them."""
    if tally is None:
        return None, count_nobody
    counted = tally.new_list()
    return counted.add, partial(tally.count_list, counted)


def score_list(scorer: Scorer, body: bytes, tally: Tally | None) -> tuple[list[float], Count]:
    """The churn probability, 0 to 1, of each customer of a JSON array, in order, and what counts them.

    Raises what decode_customers does, and CustomerError as score_each does.
    """
    scored = _score_clean(scorer, body, tally)
    return scored or _score_each(scorer, decode_customers(body), tally)


def _score_clean(scorer: Scorer, body: bytes, tally: Tally | None) -> tuple[list[float], Count] | None:
    """As score_list, for customers in clean spelling; None where one of them, or their number, is otherwise."""
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
    """As score_list, for customers in any spelling, none of whom is held."""
    add, count = begin_list(tally)

    def score(customer: object, suggest: bool) -> float:
        placed = scorer.place(customer, suggest=suggest)
        churn_probability = probability(placed[0])
        if add:
            add(placed, churn_probability)
        return churn_probability

    return score_each(customers, score), count
