"""The mixed load of bench/soak.py: the requests, the number of clients, and the check of the answers."""

import csv
import json
import math
import pickle
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.customers import CUSTOMER, TABLE, add_logarithms, clean_customers
from tests.load import Load

JSON, CSV = "application/json", "text/csv"
TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Kind:
    """A request, its expected status, and the customers in it if it is to be scored."""

    name: str
    body: bytes
    customers: Sequence[Mapping[str, Any]] = ()
    path: str = "/predict"
    content_type: str = JSON
    status: int = 200
    clients: int = 1


def make_kinds() -> list[Kind]:
    """The kinds of requests: single customers, lists, a CSV, and requests to refuse."""
    many = clean_customers(2_000)
    spelled = {
        name.upper(): f" {value} ".title() if isinstance(value, str) else value for name, value in CUSTOMER.items()
    }
    lines = TABLE.read_bytes().splitlines(keepends=True)
    return [
        Kind("a customer", _json(CUSTOMER), [CUSTOMER], clients=4),
        Kind("a customer in another spelling", _json(spelled), [CUSTOMER]),
        Kind("a customer with reasons", _json(CUSTOMER), [CUSTOMER], path="/predict?explain=true"),
        Kind("a list of 100", _json(many[:100]), many[:100]),
        Kind("a list of 2,000", _json(many), many),
        Kind("a CSV of 1,000", b"".join(lines[:1001]), many[:1000], content_type=CSV),
        Kind("a wrong customer", _json(CUSTOMER | {"contract": "two_yeer"}), status=422),
        Kind("another path", _json(CUSTOMER), path="/nowhere", status=404),
        Kind("another content type", _json(CUSTOMER), content_type="text/plain", status=415),
    ]


def make_loads(kind: Kind, url: str, **shared: Any) -> list[Load]:
    """The clients of a kind, each as a separate load with exact counts."""
    return [
        Load(url, kind.body, clients=1, path=kind.path, content_type=kind.content_type, **shared)
        for _ in range(kind.clients)
    ]


class Tally(NamedTuple):
    """The outcomes of the requests of a kind; `wrong` answers have another status or another probability."""

    kind: Kind
    sent: int
    statuses: Counter[int]
    killed: int
    reopened: int
    lost: int
    wrong: int
    longest_s: float

    @property
    def answered(self) -> int:
        return self.statuses.total()


def tally(kind: Kind, loads: Sequence[Load], models: Mapping[str, Path]) -> Tally:
    """The total counts of a kind's clients; `models` are the served model files, by version."""
    answers: Counter[tuple[str, bytes]] = sum((load.answers for load in loads), Counter())
    statuses: Counter[int] = sum((load.statuses for load in loads), Counter())
    expected = {version: weigh(path, kind.customers) for version, path in models.items()} if kind.customers else {}
    wrong = statuses.total() - statuses[kind.status]
    for (version, content), count in answers.items():
        given = read_probabilities(content)
        right = version in expected and len(given) == len(expected[version])
        if not right or not np.allclose(given, expected[version], rtol=0, atol=TOLERANCE):
            wrong += count
    return Tally(
        kind,
        sum(load.sent for load in loads),
        statuses,
        sum(load.killed for load in loads),
        sum(load.reopened for load in loads),
        sum(len(load.lost) for load in loads),
        wrong,
        max(load.longest_s for load in loads),
    )


def weigh(path: Path, customers: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """scikit-learn's churn probabilities of customers, shape (n_customers,), by one of our model files."""
    dv, model = pickle.loads(path.read_bytes())
    return model.predict_proba(dv.transform([add_logarithms(dict(customer)) for customer in customers]))[:, 1]


def read_probabilities(content: bytes) -> list[float]:
    """The probabilities in an answer: for one customer, for a list, or in the column of a CSV."""
    try:
        answers = json.loads(content)
    except ValueError:
        rows = csv.DictReader(content.decode().splitlines())
        return [float(row.get("churn_probability") or math.nan) for row in rows]
    return [answer["churn_probability"] for answer in (answers if isinstance(answers, list) else [answers])]


def _json(content: object) -> bytes:
    return json.dumps(content).encode()
