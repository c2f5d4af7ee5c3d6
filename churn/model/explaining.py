"""Why a customer scores as it does: each field's contribution to the log-odds, against the average customer.

Exact and additive, because the model is linear: nothing is sampled and nothing is fitted here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from churn.model.fields import Value, show_value
from churn.model.scoring import Scorer


@dataclass(frozen=True, slots=True)
class Reason:
    """What one field does to one customer's log-odds.

    `value` is the field's value as the model understood it; `contribution` is in log-odds, above 0 where it makes
    the customer likelier to leave than the average customer's field does. `partners` are the fields together with
    which this one does a good part of that, the strongest first.
    """

    field: str
    value: Value
    contribution: float
    partners: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The reason as the HTTP answer shows it."""
        members: dict[str, object] = {"field": self.field, "value": self.value, "contribution": self.contribution}
        return members | {"together_with": self.partners} if self.partners else members

    def __str__(self) -> str:
        """In words, for a cell of a table.

        >>> print(Reason("tenure", 2.0, 1.25), Reason("contract", "two_year", -1.0), sep=", ")
        tenure is 2 (+1.25), contract is two_year (-1.00)
        >>> print(Reason("contract", "two_year", -1.0, partners=("tenure", "plan")))
        contract is two_year, together with tenure and plan (-1.00)
        """
        together = f", together with {' and '.join(self.partners)}" if self.partners else ""
        return f"{self.field} is {show_value(self.value)}{together} ({self.contribution:+.2f})"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A customer's log-odds, taken apart: with a reason for every field, baseline + contributions are log_odds.

    `baseline` is the log-odds of the average customer; `reasons` are the strongest first.
    """

    log_odds: float
    baseline: float
    reasons: tuple[Reason, ...]


class Explainer:
    """Explains a scorer's customers against the average customer of the training table.

    `average` has the mean of every column of the model over that table; None explains against zero, where each
    field's contribution is its whole term and the baseline is the intercept. `average_terms` is what it is compared
    with, by field, 0.0 where a field has none; not to be changed. `baseline` is the log-odds of the average customer.
    Raises ValueError as Scorer.average_terms does.
    """

    def __init__(self, scorer: Scorer, average: Mapping[str, float] | None) -> None:
        self.against_average = average is not None
        self._scorer = scorer
        terms = {} if average is None else scorer.average_terms(average)
        self.average_terms = {field.name: terms.get(field.name, 0.0) for field in scorer.contract.fields}
        self.baseline = scorer.intercept + sum(self.average_terms.values())

    def explain(self, customer: object, *, n_reasons: int | None = None, suggest: bool = True) -> Explanation:
        """The customer's log-odds with the `n_reasons` strongest reasons, or those of all fields.

        Equal contributions stay in the contract's order. Raises CustomerError as Scorer.log_odds does.
        """
        values = self._scorer.contract.read_customer(customer, suggest=suggest)
        log_odds = self._scorer.add_up(values)
        reasons = [
            Reason(field, values[field], term - self.average_terms[field])
            for field, term in self._scorer.terms(values).items()
        ]
        reasons.sort(key=lambda reason: -abs(reason.contribution))
        return Explanation(log_odds, self.baseline, tuple(reasons[:n_reasons]))
