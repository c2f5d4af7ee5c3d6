"""The example customer of a model, for the page's form and the API's documentation."""

from collections.abc import Mapping, Sequence

from churn.model.columns import Within, category_column
from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Number, Value
from churn.model.groups import choose_values


def example_customer(contract: Contract, average: Mapping[str, float] | None = None) -> dict[str, Value]:
    """A customer that the contract accepts, its groups included, near the average customer if it is known.

    `average` has the mean of every column of the model over the training table. Without it, the customer has the
    first categories and the middle of each training range.

    >>> from churn.model.fields import Number
    >>> fields = Contract((Category("contract", ("one_year", "two_year")), Number("tenure", 0, 72)))
    >>> example_customer(fields, {"contract=one_year": 0.2, "contract=two_year": 0.8, "tenure": 32.4})
    {'contract': 'two_year', 'tenure': 32}
    """
    wanted = {
        field.name: _order_values(field, average or {}) for field in contract.fields if not isinstance(field, Number)
    }
    values = choose_values(wanted, contract.groups) or {name: ordered[0] for name, ordered in wanted.items()}
    return {
        field.name: _example_number(field, average or {}) if isinstance(field, Number) else values[field.name]
        for field in contract.fields
    }


def _order_values(field: Category | Flag, average: Mapping[str, float]) -> Sequence[Value]:
    """The values of a field, the most frequent first."""
    if isinstance(field, Flag):
        return (1, 0) if average.get(field.name, 0.0) > 0.5 else (0, 1)
    shares = {category: average.get(category_column(field.name, category), 0.0) for category in field.categories}
    return sorted(shares, key=lambda category: -shares[category]) or [""]


def _example_number(field: Number, average: Mapping[str, float]) -> Value:
    """The mean in three digits, within the training range; a whole number if both ends of the range are whole."""
    lowest, highest = field.minimum, field.maximum
    if lowest is None or highest is None:
        return float(f"{average.get(field.name, 1.0):.3g}")
    middle, held = lowest / 2 + highest / 2, str(Within(field.name, float(lowest), float(highest)))
    number = float(f"{average.get(field.name, average.get(held, middle)):.3g}")
    number = min(max(number, lowest), highest)  # 1,996 in three digits is 2,000
    return round(number) if float(lowest).is_integer() and float(highest).is_integer() else number
