"""The customers that are measured with, and what scikit-learn needs beside a customer's own fields.

Imports no NumPy and no pyarrow: a peer that is measured imports this, and must not pay for it.
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
"""README's customer."""

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
"""What a server that checks must refuse."""


def add_logarithms(customer: dict) -> dict:
    """A clean customer with the columns that the shipped model has beside each number."""
    return customer | {f"log1p({name})": math.log1p(customer[name]) for name in LOGARITHMS}


def clean_customer(row: dict[str, str]) -> dict[str, str | float]:
    """A row of the table as the course's clean record: numbers as floats, a blank TotalCharges as 0."""
    customer: dict[str, str | float] = {clean(name): clean(value) for name, value in row.items()}
    return customer | {name: float(customer[name] or 0) for name in NUMBERS}


def clean_customers(count: int) -> list[dict[str, str | float]]:
    """So many customers, the table again and again, without what a request doesn't have: the id and the answer."""
    with TABLE.open(newline="") as file:
        rows = [clean_customer(row) for row in csv.DictReader(file)]
    fields = [{name: row[name] for name in CUSTOMER} for row in rows]
    return [fields[number % len(fields)] for number in range(count)]
