"""Golden customers: synthetic ones whom the contract takes and who together touch every weight of a model.

scikit-learn scores them at training, and the service scores them again before it serves the model.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from churn.model.card import Golden
from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Number, Value
from churn.model.groups import choose_values


def golden_customers(
    contract: Contract, model: LogisticRegression, build_matrix: Callable[[pd.DataFrame], np.ndarray]
) -> tuple[Golden, ...]:
    """The customers, each with scikit-learn's probability; `build_matrix` gives the matrix of some records."""
    records = draw_customers(contract)
    probabilities = model.predict_proba(build_matrix(pd.DataFrame(records)))[:, 1].tolist()
    return tuple(Golden(*scored) for scored in zip(records, probabilities, strict=True))


def draw_customers(contract: Contract) -> list[dict[str, Value]]:
    """Customers in clean spelling that have, all together, every value that the groups let a customer have."""
    wanted = {field.name: _list_values(field) for field in contract.fields if not isinstance(field, Number)}
    drawn = [
        choose_values({name: _rotate(values, turn) for name, values in wanted.items()}, contract.groups)
        for turn in range(max([2, *(len(values) for values in wanted.values())]))
    ]
    reached = {value for values in drawn for value in (values or {}).items()}
    for name in dict.fromkeys(value.field for group in contract.groups for value in group.values):
        for value in wanted[name]:
            if (name, value) not in reached:
                drawn.append(choose_values({**wanted, name: [value]}, contract.groups))
                reached |= set((drawn[-1] or {}).items())
    customers = [values for values in drawn if values is not None]
    for turn, values in enumerate(customers):
        share = (turn + 1) / (len(customers) + 1)
        values |= {field.name: _draw_number(field, share) for field in contract.numbers}
    return [{field.name: values[field.name] for field in contract.fields} for values in customers]


def _list_values(field: Category | Flag) -> Sequence[Value]:
    return field.categories if isinstance(field, Category) else (0.0, 1.0)


def _rotate(values: Sequence[Value], turn: int) -> Sequence[Value]:
    first = turn % len(values)
    return [*values[first:], *values[:first]]


def _draw_number(field: Number, share: float) -> Value:
    """A number so far into what training saw; no blank, and not 0, at which it would not touch its weight."""
    low, high = field.minimum or 0.0, field.maximum or 0.0
    number = low + (high - low) * share
    candidates = [float(f"{number:.6g}"), number, high, low]
    good = (number for number in candidates if number and not field.is_outside(number) and not field.is_blank(number))
    return next(good, 1.0)
