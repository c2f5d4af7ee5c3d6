"""Why a customer scores as it does: each field's contribution to the log-odds, against the average customer.

Exact and additive, because the model is linear: nothing is sampled and nothing is fitted here. What two fields add
only together is halved between them, which is their Shapley value of it (Lundberg and Lee, 2017).
"""

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from churn.model.fields import Value, show_value
from churn.model.placing import Placed
from churn.model.purified import Rows, keep_whole, purify
from churn.model.scoring import Scorer

PARTNERS_PART = 0.25
"""A reason names a partner together with which its field does at least this part of all that it does, up or down."""
LEAST_TOGETHER = 0.01
"""It does at least this with a partner that is named, in log-odds: words show a contribution with two decimals."""


class Reason(Struct, frozen=True):  # a frozen dataclass takes eight times as long to make
    """What one field does to one customer's log-odds.

    `value` is the field's value as the model understood it; `contribution` is in log-odds, above 0 where it makes
    the customer likelier to leave than the average customer's field does. `partners` are the fields together with
    which this one does a good part of that, as name_partners finds them.
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
        together = describe_partners(self.partners)
        return f"{describe_value(self.field, self.value)}{together} {describe_contribution(self.contribution)}"


def describe_value(field: str, value: Value) -> str:
    """The beginning of a reason's words: which value the field has.

    >>> describe_value("contract", "two_year")
    'contract is two_year'
    """
    return f"{field} is {show_value(value)}"


def describe_partners(partners: Sequence[str]) -> str:
    """What follows in a reason's words: the fields together with which its field does what it does.

    >>> describe_partners(["tenure", "plan"]), describe_partners([])
    (', together with tenure and plan', '')
    """
    return f", together with {' and '.join(partners)}" if partners else ""


def describe_contribution(contribution: float) -> str:
    """The end of a reason's words: log-odds with two decimals.

    >>> describe_contribution(-1.0), describe_contribution(-0.0)
    ('(-1.00)', '(+0.00)')
    """
    return f"({contribution + 0.0:+.2f})"  # a negative zero is none


class Explanation(Struct, frozen=True):
    """A customer's log-odds, taken apart: with a reason for every field, baseline + contributions are log_odds.

    `baseline` is the log-odds of the average customer; `reasons` are the strongest first.
    """

    placed: Placed
    baseline: float
    reasons: tuple[Reason, ...]

    @property
    def log_odds(self) -> float:
        """The customer's log-odds."""
        return self.placed[0]


class Explainer:
    """Explains a scorer's customers against the average customer of the training table.

    `average` has the mean of every column of the model over that table; None explains against zero, where each
    field's contribution is its whole term and the baseline is the intercept. `shares` has, for each of the scorer's
    interactions, the share of that table's rows in each of its cells; without them an interaction is halved as it is,
    against zero.

    `average_terms` is what a field's own part is compared with, by field, 0.0 where a field has none, and `purified`
    are the scorer's interactions, taken apart; not to be changed. `baseline` is the log-odds of the average customer.
    Raises ValueError as Scorer.average_terms and purify do.
    """

    def __init__(self, scorer: Scorer, average: Mapping[str, float] | None, shares: Sequence[Rows] = ()) -> None:
        self.against_average = average is not None
        self._scorer = scorer
        terms = {} if average is None else scorer.average_terms(average)
        self.average_terms = {field.name: terms.get(field.name, 0.0) for field in scorer.contract.fields}
        self.purified = tuple(
            map(purify, scorer.interactions, shares) if shares else map(keep_whole, scorer.interactions)
        )
        means = (pure.mean for pure in self.purified)
        self.baseline = math.fsum((scorer.intercept, *self.average_terms.values(), *means))

    def explain(self, customer: object, *, n_reasons: int | None = None, suggest: bool = True) -> Explanation:
        """The customer's log-odds with the `n_reasons` strongest reasons, or those of all fields.

        Equal contributions stay in the contract's order. Raises CustomerError as Scorer.log_odds does.
        """
        values = self._scorer.contract.read_customer(customer, suggest=suggest)
        placed = self._scorer.place_known(values)
        terms = self._scorer.terms(values)
        if self.purified:
            reasons = self._explain_with_partners(values, terms)
        else:
            reasons = [
                Reason(field, values[field], term - self.average_terms[field]) for field, term in terms.items()
            ]
        reasons.sort(key=lambda reason: -abs(reason.contribution))
        return Explanation(placed, self.baseline, tuple(reasons[:n_reasons]))

    def _explain_with_partners(self, values: Mapping[str, Value], terms: Mapping[str, float]) -> list[Reason]:
        """A reason for each field: what it adds by itself, and its halves of what it adds together with others."""
        parts = {field: term - self.average_terms[field] for field, term in terms.items()}
        halves: dict[str, dict[str, float]] = {field: {} for field in parts}
        cells = self._scorer.find_cells(values)
        for interaction, pure, (row, column) in zip(self._scorer.interactions, self.purified, cells, strict=True):
            first, second = interaction.first.field, interaction.second.field
            parts[first] += pure.first[row]
            parts[second] += pure.second[column]
            halves[first][second] = halves[second][first] = pure.log_odds[row][column] / 2
        sums = {field: math.fsum((part, *halves[field].values())) for field, part in parts.items()}
        return [
            Reason(field, values[field], sums[field], name_partners(part, halves[field]))
            for field, part in parts.items()
        ]


def name_partners(own: float, halves: Mapping[str, float]) -> tuple[str, ...]:
    """The partners of a field whose own part is `own`, and whose halves with others are `halves`: log-odds.

    These are the ones together with which it does a quarter or more of all that it does, up or down; the strongest
    first, equal ones in their order.

    >>> name_partners(0.5, {"plan": -0.25, "age": 0.3, "city": 0.1})
    ('age',)
    """
    least = max(LEAST_TOGETHER, PARTNERS_PART * (abs(own) + sum(map(abs, halves.values()))))
    named = [partner for partner, half in halves.items() if abs(half) >= least]
    return tuple(sorted(named, key=lambda partner: -abs(halves[partner])))
