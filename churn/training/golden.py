"""Golden customers: synthetic customers that the contract accepts and that together use every weight of a model.

scikit-learn scores them in training, and the service scores them again before it serves the model.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from churn.model.card import Golden
from churn.model.contract import Contract, list_values
from churn.model.fields import Number, Value
from churn.model.groups import choose_values
from churn.model.scoring import Scorer
from churn.training.covering import cover_model
from churn.training.newton import Matrix

_MOST_VALUES = 50_000  # written out in full: 2 MB of a card


def golden_customers(
    scorer: Scorer, model: LogisticRegression, build_matrix: Callable[[pd.DataFrame], Matrix]
) -> tuple[Golden, ...]:
    """The golden customers, each with scikit-learn's probability; `build_matrix` makes the matrix of a frame.

    Where they would be large, as with thousands of categories or with curves, all except the first have only the
    values that differ from the first one's.
    """
    contract, is_shaped = scorer.contract, bool(scorer.curves or scorer.interactions)
    records = cover_model(scorer) if is_shaped else draw_customers(contract)
    probabilities = model.predict_proba(build_matrix(frame_customers(records, contract)))[:, 1].tolist()
    if is_shaped or _are_large(contract):
        first = records[0]
        changed = ({name: value for name, value in record.items() if value != first[name]} for record in records[1:])
        records = [first, *changed]
    return tuple(Golden(*scored) for scored in zip(records, probabilities, strict=True))


def frame_customers(records: Sequence[Mapping[str, Value]], contract: Contract) -> pd.DataFrame:
    """Customers in clean spelling as a frame like read_table's: a number's blank is NaN."""
    customers = pd.DataFrame(records)
    numbers = customers[[field.name for field in contract.numbers]]
    return customers.assign(**numbers.mask(numbers == "").astype(np.float64))


def draw_customers(contract: Contract) -> list[dict[str, Value]]:
    """Customers in clean spelling that together have every value that the groups allow.

    Where they are large, a field has the first customer's value once all of its weights have been used.
    """
    wanted = {field.name: list_values(field) for field in contract.fields if not isinstance(field, Number)}
    is_large = _are_large(contract)
    drawn = []
    for turn in range(_count_turns(contract)):
        rotated = {name: _rotate(values, _skip(turn, len(values), is_large)) for name, values in wanted.items()}
        drawn.append(choose_values(rotated, contract.groups))
    reached = {value for values in drawn for value in (values or {}).items()}
    for name in dict.fromkeys(value.field for group in contract.groups for value in group.values):
        for value in wanted[name]:
            if (name, value) not in reached:
                drawn.append(choose_values({**wanted, name: [value]}, contract.groups))
                reached |= set((drawn[-1] or {}).items())
    customers = [values for values in drawn if values is not None]
    for turn, values in enumerate(customers):
        share = (_skip(turn, 2, is_large) + 1) / (len(customers) + 1)
        values |= {field.name: _draw_number(field, share) for field in contract.numbers}
    return [{field.name: values[field.name] for field in contract.fields} for values in customers]


def _skip(turn: int, count: int, is_large: bool) -> int:
    """The turn, or 0 where customers are large and `count` turns are over."""
    return 0 if is_large and turn >= count else turn


def _are_large(contract: Contract) -> bool:
    return _count_turns(contract) * len(contract.fields) > _MOST_VALUES


def _count_turns(contract: Contract) -> int:
    """The number of customers that are needed for each value of each field to occur."""
    return max([2, *(len(list_values(field)) for field in contract.fields if not isinstance(field, Number))])


def _rotate(values: Sequence[Value], turn: int) -> Sequence[Value]:
    first = turn % len(values)
    return [*values[first:], *values[:first]]


def _draw_number(field: Number, share: float) -> Value:
    """The number at this share of the training range; neither a blank nor 0, which would not use the weight."""
    low, high = field.minimum or 0.0, field.maximum or 0.0
    number = low + (high - low) * share
    candidates = [float(f"{number:.6g}"), number, high, low]
    good = (number for number in candidates if number and not field.is_outside(number) and not field.is_blank(number))
    return next(good, 1.0)
