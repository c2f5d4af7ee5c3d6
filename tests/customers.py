"""The real table, its customers in the spelling of the file and of the course, and scikit-learn's own answers."""

import csv
import json
import math
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

from churn.model.spelling import clean

if TYPE_CHECKING:
    import numpy as np

PROJECT = Path(__file__).parent.parent
CASES = Path(__file__).parent / "cases"
CSV = PROJECT / "data" / "telco-churn.csv"
NUMBERS = ("seniorcitizen", "tenure", "monthlycharges", "totalcharges")

with CSV.open(encoding="utf-8", newline="") as _file:
    RAW_CUSTOMERS = [{name: text for name, text in row.items() if name != "Churn"} for row in csv.DictReader(_file)]
"""The table's 7,043 customers in the file's spelling; every value is a string."""


def spell_clean(raw: dict[str, str]) -> dict[str, str | float]:
    """A raw customer as the course's clean record: numbers as numbers, a blank TotalCharges as 0."""
    record = {clean(name): clean(text) for name, text in raw.items()}
    return record | {name: float(record[name] or 0) for name in NUMBERS}


CLEAN_CUSTOMERS = [spell_clean(raw) for raw in RAW_CUSTOMERS]


GOOD = json.loads((PROJECT / "examples" / "customer.json").read_text(encoding="utf-8"))
"""The published course's customer."""


def sklearn_probabilities(path: Path, customers: list[dict]) -> "np.ndarray":
    """scikit-learn's own probabilities of clean customers: dv.transform and predict_proba of the unpickled pair."""
    dv, model = pickle.loads(path.read_bytes())
    records = [
        customer | {f"log1p({name})": math.log1p(customer[name]) for name in NUMBERS[1:] if name in customer}
        for customer in customers
    ]
    return model.predict_proba(dv.transform(records))[:, 1]


def read_cases(name: str) -> list[dict]:
    return json.loads((CASES / name).read_text(encoding="utf-8"))


def change(case: dict) -> dict:
    """The published course's customer with a case's changes."""
    kept = {name: value for name, value in GOOD.items() if name not in case.get("remove", ())}
    return kept | case.get("set", {})


def write_list(path: Path, customers: list[dict], **form) -> Path:
    """Write a CSV of customers; `form` goes to csv.DictWriter."""
    with path.open("w", encoding=form.pop("encoding", "utf-8"), newline="") as file:
        writer = csv.DictWriter(file, list(customers[0]), **form)
        writer.writeheader()
        writer.writerows(customers)
    return path
