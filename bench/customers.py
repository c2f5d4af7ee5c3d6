"""The customers of the benchmarks, and the logarithms that scikit-learn needs in addition to a customer's fields.

Does not import NumPy or pyarrow, since measured servers import this module and must not pay for them.
"""

import csv
import json
import math
from pathlib import Path

from churn.model.spelling import clean

PROJECT = Path(__file__).parent.parent
MODEL = PROJECT / "model_C=1.0.bin"
TABLE = PROJECT / "data" / "telco-churn.csv"
NUMBERS = ("seniorcitizen", "tenure", "monthlycharges", "totalcharges")
LOGARITHMS = NUMBERS[1:]

CUSTOMER: dict[str, str | float] = json.loads((PROJECT / "examples" / "customer.json").read_text(encoding="utf-8"))
"""The customer in README."""

WRONG: tuple[dict[str, object], ...] = (
    CUSTOMER | {"contract": "two_yeer"},
    CUSTOMER | {"contract": None},
    CUSTOMER | {"seniorcitizen": 2},
    CUSTOMER | {"tenure": -1},
    CUSTOMER | {"tenure": True},
    CUSTOMER | {"monthlycharges": math.inf},
    CUSTOMER | {"totalcharges": "much"},
    {name: value for name, value in CUSTOMER.items() if name != "tenure"},
    {},
)
"""Customers that a server with checks must refuse."""


def add_logarithms(customer: dict) -> dict:
    """A clean customer with the shipped model's logarithms of its numbers added."""
    return customer | {f"log1p({name})": math.log1p(customer[name]) for name in LOGARITHMS}


def clean_customer(row: dict[str, str]) -> dict[str, str | float]:
    """A row of the table as the course's clean record: numbers as floats, a blank TotalCharges as 0."""
    customer: dict[str, str | float] = {clean(name): clean(value) for name, value in row.items()}
    return customer | {name: float(customer[name] or 0) for name in NUMBERS}


def clean_customers(count: int) -> list[dict[str, str | float]]:
    """`count` customers from the table, repeated as needed, without columns that a request lacks: id and answer."""
    with TABLE.open(newline="") as file:
        rows = [clean_customer(row) for row in csv.DictReader(file)]
    fields = [{name: row[name] for name in CUSTOMER} for row in rows]
    return [fields[number % len(fields)] for number in range(count)]
