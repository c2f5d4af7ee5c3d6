"""The answer to one customer, in whatever form the customer comes: a probability, a decision and the reasons.

Owns the use of the threshold and the number of reasons; `scoring` and `explaining` have the arithmetic.
"""

from collections.abc import Callable
from typing import NamedTuple

from churn.model.explaining import Reason
from churn.model.file import Model
from churn.model.placing import Placed
from churn.model.scoring import probability


class CustomerAnswer(NamedTuple):
    """The answer to one customer.

    `churn_probability` is 0 to 1; `churn` is true if it reaches the threshold. `baseline` is the log-odds of the
    average customer. `reasons` has the requested number of reasons, the strongest first. `expected_gain` is the
    expected gain of contacting the customer, None if it was not requested or the customer's value is not known.
    """

    churn_probability: float
    churn: bool
    baseline: float
    reasons: tuple[Reason, ...]
    expected_gain: float | None = None


class Answerer:
    """Answers customers with one model, one threshold and one number of reasons.

    `threshold` (0 to 1, else ValueError) is the probability from which a customer counts as leaving; None stands for
    the model's. `n_reasons` is the number of reasons for a customer, at most one for each field. `count` is called
    with each answered customer and its probability.
    """

    def __init__(
        self,
        model: Model,
        *,
        threshold: float | None = None,
        n_reasons: int = 0,
        count: Callable[[Placed, float], None] | None = None,
    ) -> None:
        if threshold is not None and not 0 <= threshold <= 1:
            raise ValueError("the threshold must be a probability, 0 to 1")
        self.model = model
        self._scorer, self._explainer = model.scorer, model.explainer
        self.threshold = model.threshold if threshold is None else threshold
        self._count = count
        self.n_reasons = min(n_reasons, len(model.scorer.contract.fields))

    def answer_customer(self, customer: object, *, suggest: bool = True) -> CustomerAnswer:
        """The answer to a customer (a dict, in any spelling). Raises CustomerError as Scorer.log_odds does."""
        reasons: tuple[Reason, ...] = ()
        if self.n_reasons:
            explanation = self._explainer.explain(customer, n_reasons=self.n_reasons, suggest=suggest)
            placed, reasons = explanation.placed, explanation.reasons
        else:
            placed = self._scorer.place(customer, suggest=suggest)
        churn_probability = probability(placed[0])
        if self._count:
            self._count(placed, churn_probability)
        return CustomerAnswer(
            churn_probability, churn_probability >= self.threshold, self._explainer.baseline, reasons
        )
