"""Explanations: each field's contribution to a customer's log-odds, compared with the average customer.

They are exact and additive, because the model is linear: nothing is sampled or fitted. The part that two fields add
only together is halved between them, which is its Shapley value (Lundberg and Lee, 2017).
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from churn.model.addition import add_up
from churn.model.fields import Value, show_value
from churn.model.placing import Placed
from churn.model.purified import Rows, keep_whole, purify
from churn.model.scoring import Scorer

PARTNERS_PART = 0.25
"""A reason names another field as a partner if the half of their joint part is at least this share of all the field's
parts, in absolute values.
"""
LEAST_TOGETHER = 0.01
"""The smallest half of a joint part, in log-odds, that makes a partner: contributions are shown with two decimals."""


class Reason(Struct, frozen=True):  # a frozen dataclass takes eight times as long to make
    """The contribution of one field to one customer's log-odds.

    `value` is the field's value as the model understood it. `contribution` is in log-odds, above 0 where the value
    makes leaving more likely than the average customer's field does. `partners` are the fields with which this one
    has a large joint part, as name_partners finds them.
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
        """The reason in words, for a cell of a table.

        >>> print(Reason("tenure", 2.0, 1.25), Reason("contract", "two_year", -1.0), sep=", ")
        tenure is 2 (+1.25), contract is two_year (-1.00)
        >>> print(Reason("contract", "two_year", -1.0, partners=("tenure", "plan")))
        contract is two_year, together with tenure and plan (-1.00)
        """
        together = describe_partners(self.partners)
        return f"{describe_value(self.field, self.value)}{together} {describe_contribution(self.contribution)}"


def describe_value(field: str, value: Value) -> str:
    """The first part of a reason's words: the field and its value.

    >>> describe_value("contract", "two_year")
    'contract is two_year'
    """
    return f"{field} is {show_value(value)}"


def describe_partners(partners: Sequence[str]) -> str:
    """The second part of a reason's words: the field's partners.

    >>> describe_partners(["tenure", "plan"]), describe_partners([])
    (', together with tenure and plan', '')
    """
    return f", together with {' and '.join(partners)}" if partners else ""


def describe_contribution(contribution: float) -> str:
    """The last part of a reason's words: the contribution in log-odds, with two decimals.

    >>> describe_contribution(-1.0), describe_contribution(-0.0)
    ('(-1.00)', '(+0.00)')
    """
    return f"({contribution + 0.0:+.2f})"  # + 0.0 turns a negative zero into 0.0


class Explanation(Struct, frozen=True):
    """A customer's log-odds, split into reasons: the baseline plus the contributions of all fields is `log_odds`.

    `baseline` is the log-odds of the average customer. The strongest of the `reasons` come first.
    """

    placed: Placed
    baseline: float
    reasons: tuple[Reason, ...]

    @property
    def log_odds(self) -> float:
        """The customer's log-odds."""
        return self.placed[0]


class Explainer:
    """Explains a scorer's customers, compared with the average customer of the training table.

    `average` has the mean of every column of the model over that table. With None a customer is compared with zero:
    each field's contribution is its whole term, and the baseline is the intercept. `shares` has, for each of the
    scorer's interactions, the share of that table's rows in each cell; without shares an interaction is not purified,
    and its entry is halved as it is.

    `average_terms` has, by field, the number that the field's own part is compared with, 0.0 where there is none.
    `purified` are the scorer's interactions, purified. Do not change either. `baseline` is the log-odds of the
    average customer. Raises ValueError as Scorer.average_terms and purify do.
    """

    def __init__(self, scorer: Scorer, average: Mapping[str, float] | None, shares: Sequence[Rows] = ()) -> None:
        self.against_average = average is not None
        self._scorer = scorer
        terms = {} if average is None else scorer.average_terms(average)
        self.average_terms = {field.name: terms.get(field.name, 0.0) for field in scorer.contract.fields}
        self.purified = tuple(
            map(purify, scorer.interactions, shares) if shares else map(keep_whole, scorer.interactions)
        )
        own, joint = add_up(self.average_terms.values()), add_up(pure.mean for pure in self.purified)
        self.baseline = scorer.intercept + own + joint

    def explain(self, customer: object, *, n_reasons: int | None = None, suggest: bool = True) -> Explanation:
        """The customer's log-odds with the `n_reasons` strongest reasons, or with all if `n_reasons` is None.

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
        """A reason for each field: its own part, plus half of each joint part that it has with another field."""
        parts = {field: term - self.average_terms[field] for field, term in terms.items()}
        halves: dict[str, dict[str, float]] = {field: {} for field in parts}
        cells = self._scorer.find_cells(values)
        for interaction, pure, (row, column) in zip(self._scorer.interactions, self.purified, cells, strict=True):
            first, second = interaction.first.field, interaction.second.field
            parts[first] += pure.first[row]
            parts[second] += pure.second[column]
            halves[first][second] = halves[second][first] = pure.log_odds[row][column] / 2
        sums = {field: add_up((part, *halves[field].values())) for field, part in parts.items()}
        return [
            Reason(field, values[field], sums[field], name_partners(part, halves[field]))
            for field, part in parts.items()
        ]


def name_partners(own: float, halves: Mapping[str, float]) -> tuple[str, ...]:
    """The partners of a field with the own part `own` and the `halves` of its joint parts, all in log-odds.

    A partner's half is at least PARTNERS_PART of the sum of all these absolute values, and at least LEAST_TOGETHER.
    The strongest partners come first, equal ones in their given order.

    >>> name_partners(0.5, {"plan": -0.25, "age": 0.3, "city": 0.1})
    ('age',)
    """
    least = max(LEAST_TOGETHER, PARTNERS_PART * (add_up(map(abs, (own, *halves.values())))))
    named = [partner for partner, half in halves.items() if abs(half) >= least]
    return tuple(sorted(named, key=lambda partner: -abs(halves[partner])))
