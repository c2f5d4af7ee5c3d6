"""A small model with curves and pairs of fields, with and without its card, made without training.

Its columns are implemented a second time here, each as a function of a customer. scikit-learn's answers come from
these.
"""

import hashlib
import json
import math
import pickle
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from churn.model.card import Card, Golden
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Flag, Number, Value, Where
from churn.model.file import write_pair
from churn.model.scoring import Scorer
from tests.customers import PROJECT

if TYPE_CHECKING:
    import numpy as np

Customer = dict[str, Value]


class Part(NamedTuple):
    """The name of a column, or the text of a condition, and its value for a customer in clean spelling."""

    name: str
    of: Callable[[Customer], float]


def number(field: str, customer: Customer, stand_in: float = math.nan) -> float:
    """A customer's number; for a blank its stand-in."""
    return stand_in if customer[field] == "" else float(customer[field])


def category(field: str, known: str) -> Part:
    return Part(f"{field}={known}", lambda customer: customer[field] == known)


def itself(field: str) -> Part:
    return Part(field, lambda customer: float(customer[field]))


def held(field: str, low: float, high: float, stand_in: float = math.nan) -> Part:
    return Part(
        f"within({field},{low},{high})", lambda customer: min(max(number(field, customer, stand_in), low), high)
    )


def logarithm(part: Part) -> Part:
    return Part(f"log1p({part.name})", lambda customer: math.log1p(part.of(customer)))


def ramp(field: str, start: float, end: float, stand_in: float = math.nan) -> Part:
    def rise(customer: Customer) -> float:
        return min(max((number(field, customer, stand_in) - start) / (end - start), 0.0), 1.0)

    return Part(f"ramp({field},{start},{end})", rise)


def blank(field: str, stand_in: float) -> Part:
    return Part(f"blank({field},{stand_in})", lambda customer: customer[field] == "")


def at_least(field: str, cut: float, stand_in: float = math.nan) -> Part:
    return Part(f"{field}>={cut}", lambda customer: number(field, customer, stand_in) >= cut)


def other(field: str, *named: str) -> Part:
    return Part(f"{field}=*", lambda customer: customer[field] not in named)


def both(first: Part, second: Part) -> Part:
    texts = f"{json.dumps(first.name, ensure_ascii=False)},{json.dumps(second.name, ensure_ascii=False)}"
    return Part(f"both({texts})", lambda customer: first.of(customer) * second.of(customer))


CONTRACT = Contract(
    (
        Category("contract", ("monthly", "one_year", "two_year")),
        Category("plan", ("", "basic", "plus", "pro")),
        Flag("senior"),
        Number("tenure", 0.0, 72.0, non_negative=True, lowest=0.0, highest=144.0),
        Number("charges", 18.5, 118.75, non_negative=True, lowest=0.0, highest=219.0, blank=Blank(65.0, apart=True)),
        Number("balance", -50.0, 250.0, blank=Blank(0.0, Where("tenure", 0.0)), lowest=-350.0, highest=550.0),
    )
)
"""Two categories, a flag, a number with a curve, one whose blanks have their own weight, and one whose blanks stand
for a number."""
_MONTHLY, _TENURES = category("contract", "monthly"), [at_least("tenure", cut) for cut in (6.0, 12.0, 24.0)]
_CHARGES = [at_least("charges", cut, 65.0) for cut in (50.0, 65.0, 80.0)]
_PLANS = [category("plan", "basic"), category("plan", "pro"), other("plan", "basic", "pro")]
COLUMNS: list[tuple[Part, float]] = [
    *zip(
        (category("contract", known) for known in ("monthly", "one_year", "two_year")), (0.5, -0.1, -0.9), strict=True
    ),
    *zip((category("plan", known) for known in ("", "basic", "plus", "pro")), (0.2, -0.3, 0.05, 0.4), strict=True),
    (itself("senior"), 0.3),
    (held("tenure", 0.0, 72.0), -0.01),
    (logarithm(held("tenure", 0.0, 72.0)), -0.35),
    *(
        (ramp("tenure", low, high), rise)
        for low, high, rise in ((0.0, 3.0, 0.4), (3.0, 12.0, -0.6), (12.0, 72.0, -0.2))
    ),
    (held("charges", 18.5, 118.75, 65.0), 0.004),
    (logarithm(held("charges", 18.5, 118.75, 65.0)), 0.15),
    (ramp("charges", 18.5, 50.25, 65.0), -0.25),
    (ramp("charges", 80.0, 118.75, 65.0), 0.7),
    (blank("charges", 65.0), 0.45),
    (held("balance", -50.0, 250.0), -0.002),
    (ramp("balance", -50.0, 0.0), 0.3),
    (ramp("balance", 0.0, 250.0), -0.1),
    *zip((both(_MONTHLY, tenure) for tenure in _TENURES), (0.25, -0.4, 0.15), strict=True),
    *zip((both(category("contract", "two_year"), tenure) for tenure in _TENURES), (-0.2, 0.1, -0.3), strict=True),
    *zip((both(at_least("senior", 1.0), charges) for charges in _CHARGES), (0.35, -0.15, 0.2), strict=True),
    *zip((both(plan, at_least("senior", 1.0)) for plan in _PLANS), (0.1, -0.45, 0.3), strict=True),
]
"""Each column with its weight in log-odds."""
INTERCEPT = -0.4
AXES = [
    ("contract", ("monthly", "two_year"), "tenure", (6.0, 12.0, 24.0)),
    ("senior", (1.0,), "charges", (50.0, 65.0, 80.0)),
    ("plan", ("basic", "pro"), "senior", (1.0,)),
]
"""The pairs of fields: each field with the categories or the cuts that number its values."""


def draw_customers(count: int, *, seed: int = 17) -> list[Customer]:
    """Customers in clean spelling, one in eight with a blank. Their numbers are at knots, between and outside of
    them.
    """
    chance = random.Random(seed)

    def draw(low: float, high: float, *knots: float) -> float:
        return chance.choice(knots) if chance.random() < 0.3 else round(chance.uniform(low, high), 2)

    drawn = []
    for _ in range(count):
        tenure = draw(0.0, 100.0, 0.0, 3.0, 6.0, 12.0, 24.0, 72.0)
        drawn.append(
            {
                "contract": chance.choice(["monthly", "monthly", "one_year", "two_year"]),
                "plan": chance.choice(["", "basic", "plus", "pro"]),
                "senior": float(chance.random() < 0.3),
                "tenure": tenure,
                "charges": "" if chance.random() < 0.125 else draw(10.0, 130.0, 18.5, 50.25, 65.0, 80.0, 118.75),
                "balance": draw(-80.0, 300.0, -50.0, 0.0, 250.0),
            }
        )
    return drawn


CUSTOMERS = draw_customers(300)
"""The customers that stand for the model's training rows."""


def make_matrix(customers: Sequence[Customer], parts: Sequence[Part]) -> "np.ndarray":
    """The value of each column for each customer: float64, shape (n_customers, n_columns)."""
    import numpy as np

    return np.array([[float(part.of(customer)) for part in parts] for customer in customers])


def make_sklearn(weights: dict[str, float], intercept: float) -> tuple:
    """A DictVectorizer of these columns, in this order, and a LogisticRegression with these weights."""
    import numpy as np
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    dv = DictVectorizer(sparse=False, sort=False).fit([dict.fromkeys(weights, 1.0)])
    model = LogisticRegression()
    model.classes_, model.n_features_in_, model.n_iter_ = np.array([0, 1]), len(weights), np.array([1])
    model.coef_, model.intercept_ = np.array([list(weights.values())]), np.array([intercept])
    return dv, model


def sklearn_of_shaped(customers: Sequence[Customer]) -> list[float]:
    """scikit-learn's probabilities of customers in clean spelling."""
    _, model = make_sklearn({part.name: weight for part, weight in COLUMNS}, INTERCEPT)
    return model.predict_proba(make_matrix(customers, [part for part, _ in COLUMNS]))[:, 1].tolist()


def shaped_scorer() -> Scorer:
    """The service's scorer of the model."""
    return Scorer(CONTRACT, {part.name: weight for part, weight in COLUMNS}, intercept=INTERCEPT)


def write_shaped(path: Path, *, card: bool = True) -> Path:
    """The model file at `path`, with or without its card."""
    weights = {part.name: weight for part, weight in COLUMNS}
    pickled = pickle.dumps(make_sklearn(weights, INTERCEPT), protocol=4)
    if not card:
        path.write_bytes(pickled)
        return path
    shipped = json.loads((PROJECT / "model_C=1.0.json").read_text(encoding="utf-8"))
    scorer = shaped_scorer()
    means = make_matrix(CUSTOMERS, [part for part, _ in COLUMNS]).mean(axis=0)
    golden = CUSTOMERS[:40]
    write_pair(
        path,
        pickled,
        Card(
            model_sha256=hashlib.sha256(pickled).hexdigest(),
            target="churn",
            threshold=0.5,
            contract=CONTRACT,
            training=shipped["training"],
            table=shipped["table"],
            figures=shipped["figures"],
            average=dict(zip(weights, means.tolist(), strict=True)),
            curves=tuple(scorer.curves),
            interactions=tuple(scorer.interactions),
            shares=tuple(count_shares(*axes) for axes in AXES),
            golden=tuple(Golden(*scored) for scored in zip(golden, sklearn_of_shaped(golden), strict=True)),
        ),
    )
    return path


def count_shares(first: str, first_marks: tuple, second: str, second_marks: tuple) -> tuple[tuple[float, ...], ...]:
    """The share of CUSTOMERS in each cell of a pair of fields."""

    def place(field: str, marks: tuple, value: Value) -> int:
        if isinstance(marks[0], str):
            return marks.index(value) if value in marks else len(marks)
        return sum(cut <= number(field, {field: value}, 65.0) for cut in marks)

    counts = [[0] * (len(second_marks) + 1) for _ in range(len(first_marks) + 1)]
    for customer in CUSTOMERS:
        counts[place(first, first_marks, customer[first])][place(second, second_marks, customer[second])] += 1
    return tuple(tuple(count / len(CUSTOMERS) for count in row) for row in counts)
