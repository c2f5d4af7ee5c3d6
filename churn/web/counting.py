"""Whom a request counts: each customer that it answers, once all of it was answered, or nobody.

How they are counted is watch's.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from churn.model.refusals import score_each
from churn.model.scoring import Placed, Scorer, probability
from churn.watch.tally import Tally

Add = Callable[[Placed, float], None]
"""Called with each customer that is scored, and its probability."""
Count = Callable[[], None]
"""Counts all customers of an answer, at once: called when it is about to be sent."""


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


def score_list(scorer: Scorer, customers: Iterable[object], add: Add | None) -> list[float]:
    """The churn probability, 0 to 1, of each customer, in order. Raises CustomerError as score_each does."""
    if add is None:
        return scorer.score_customers(customers)
    place = scorer.place

    def score(customer: object, suggest: bool) -> float:
        placed = place(customer, suggest=suggest)
        churn_probability = probability(placed[0])
        add(placed, churn_probability)
        return churn_probability

    return score_each(customers, score)
