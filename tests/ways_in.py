"""Every way to get customers scored, as functions: the outcome of each customer from the service or a scored file.

Customers are dicts with the same names. In each column the values have one type, or are None, as in a table.
"""

import csv
import io
import json
import math
import pickle
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from flask.testing import FlaskClient

from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.model.answerer import Answerer
from churn.model.file import Model, load_model, write_pair
from churn.server.served_model import ServedModel
from churn.training.choices import NO_CHOICES, Choices
from churn.training.fit import average_customer, build_card, build_matrix, fit_model, fit_vectorizer, learn_contract
from churn.training.groups import find_groups
from churn.training.limits import set_limits
from churn.training.table import read_table
from tests.apps import make_client
from tests.made_workbooks import writing_workbook
from tests.second_reading import Outcome, refused_for

Customers = list[dict[str, object]]

_AT_ONCE = 5  # customers in one JSON list: a problem document shows at most 100 problems, and all must be shown


class Service(NamedTuple):
    """A model as it is served, and a folder for files."""

    model: Model
    client: FlaskClient
    folder: Path

    @property
    def fields(self) -> list[str]:
        return [field.name for field in self.model.scorer.contract.fields]

    @property
    def pair(self) -> tuple:
        """The DictVectorizer and the model as scikit-learn unpickles them."""
        return pickle.loads(self.model.path.read_bytes())


def serve(path: Path, folder: Path) -> Service:
    return Service(load_model(path), make_client(ServedModel(path)), folder)


def fit_pair(table: Path, output: Path, choices: Choices = NO_CHOICES) -> Path:
    """A model file with its card, fitted to all rows of a table; nothing is measured."""
    read = read_table(table, choices=choices)
    contract = set_limits(learn_contract(read.customers, read.marks, read.missing))
    contract = find_groups(contract, read.customers, read.customers)
    dv = fit_vectorizer(contract, logarithms=True)
    X = build_matrix(read.customers, contract, dv)
    model = fit_model(X, read.y, C=1.0)
    pickled = pickle.dumps((dv, model), protocol=4)
    known = {"target": "churn", "table": {"sha256": read.sha256}, "figures": {}, "average": average_customer(X, dv)}
    write_pair(output, pickled, build_card(pickled, contract, dv, model, threshold=0.5, **known))
    return output


def as_texts(customers: Customers) -> list[dict[str, str]]:
    """The customers as the cells of a CSV."""
    return [{name: "" if value is None else str(value) for name, value in one.items()} for one in customers]


def as_csv(customers: Customers, *, decimal_commas: bool = False) -> str:
    """The customers as a CSV; with `decimal_commas` semicolons separate, and commas are decimal marks."""
    table = io.StringIO()
    writer = csv.DictWriter(table, list(customers[0]), delimiter=";" if decimal_commas else ",", lineterminator="\n")
    writer.writeheader()
    writer.writerows(as_texts(customers))
    return _exchange_marks(table.getvalue()) if decimal_commas else table.getvalue()


def _exchange_marks(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))


def as_json(customers: Customers) -> Customers:
    """The customers in JSON. It has no numbers that are not finite, so such a number becomes a text."""
    return [
        {
            name: str(value) if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in one.items()
        }
        for one in customers
    ]


def json_one(service: Service, customers: Customers) -> list[Outcome]:
    return [_post(service, customer)[0] for customer in as_json(customers)]


def json_list(service: Service, customers: Customers) -> list[Outcome]:
    """A few customers in each list; where some are refused, the others are sent again without them."""
    outcomes = []
    for start in range(0, len(customers), _AT_ONCE):
        chunk = as_json(customers[start : start + _AT_ONCE])
        answers = _post(service, chunk)
        good = iter(_post(service, [one for one, answer in zip(chunk, answers, strict=True) if not answer.refused]))
        outcomes += [answer if answer.refused else next(good) for answer in answers]
    return outcomes


def _post(service: Service, content: object) -> list[Outcome]:
    response = service.client.post("/predict", data=json.dumps(content), content_type="application/json")
    rows = len(content) if isinstance(content, list) else 1
    if response.status_code == 200:
        answers = response.json if isinstance(content, list) else [response.json]
        return [Outcome(one["churn_probability"]) for one in answers]
    assert response.status_code == 422, response.text
    assert response.json["problem_count"] == len(response.json["problems"])
    fields = [[] for _ in range(rows)]
    for problem in response.json["problems"]:
        fields[problem.get("row", 0)].append(problem["field"])
    return [refused_for(one) if one else Outcome(None) for one in fields]


def csv_body(service: Service, customers: Customers, *, decimal_commas: bool = False) -> list[Outcome]:
    content = as_csv(customers, decimal_commas=decimal_commas)
    response = service.client.post("/predict?errors=report", data=content.encode(), content_type="text/csv")
    assert response.status_code == 200, response.text
    return _of_csv(service, response.text, decimal_commas=decimal_commas)


def csv_in_json(service: Service, customers: Customers) -> list[Outcome]:
    """The same CSV, answered in JSON."""
    headers = {"Content-Type": "text/csv", "Accept": "application/json"}
    response = service.client.post("/predict?errors=report", data=as_csv(customers), headers=headers)
    assert response.status_code == 200, response.text
    return [_of_member(member) for member in response.json]


def _of_member(member: dict) -> Outcome:
    if "problems" not in member:
        return Outcome(member["churn_probability"])
    fields = [problem["field"] for problem in member["problems"]]
    return refused_for(fields + ["not listed"] * (member.get("problem_count", len(fields)) - len(fields)))


def csv_file(service: Service, customers: Customers, *, decimal_commas: bool = False) -> list[Outcome]:
    source, target = service.folder / "customers.csv", service.folder / "scored.csv"
    source.write_text(as_csv(customers, decimal_commas=decimal_commas), encoding="utf-8")
    score_file(source, target, _scorer(service))
    return _of_csv(service, target.read_text(encoding="utf-8"), decimal_commas=decimal_commas)


def parquet_file(service: Service, customers: Customers) -> list[Outcome]:
    source, target = service.folder / "customers.parquet", service.folder / "scored.parquet"
    pq.write_table(pa.Table.from_pylist(customers), source)
    score_file(source, target, _scorer(service))
    return of_rows(service.fields, pq.read_table(target).to_pylist())


def workbook_file(service: Service, customers: Customers) -> list[Outcome]:
    source, target = service.folder / "customers.xlsx", service.folder / "scored.xlsx"
    rows = [list(customer.values()) for customer in as_json(customers)]
    with writing_workbook(source, list(customers[0])) as book:
        book.write_rows(rows)
    score_file(source, target, _scorer(service))
    header, *rows = openpyxl.load_workbook(target).active.iter_rows(values_only=True)
    return of_rows(service.fields, (dict(zip(header, row, strict=True)) for row in rows))


ALL = (json_one, json_list, csv_body, csv_in_json, csv_file, parquet_file, workbook_file)
"""Every way in except Spark, which is in tests/batch/test_spark.py."""


def _scorer(service: Service) -> TableScorer:
    model = service.model
    return TableScorer(Answerer(model, threshold=model.threshold))


def _of_csv(service: Service, content: str, *, decimal_commas: bool) -> list[Outcome]:
    content = _exchange_marks(content) if decimal_commas else content
    rows = csv.DictReader(io.StringIO(content), delimiter=";" if decimal_commas else ",")
    return of_rows(service.fields, ({name: text or None for name, text in row.items()} for row in rows))


def of_rows(fields: list[str], rows: Iterable[dict]) -> list[Outcome]:
    """The outcome of each row of an answered table, from its churn_probability and error."""
    problem = re.compile(rf"(?:^|; )({'|'.join(map(re.escape, fields))}): |; (and \d+ more)$")
    outcomes = []
    for row in rows:
        told = tuple(field or more for field, more in problem.findall(row["error"] or ""))
        assert bool(told) == (row["churn_probability"] is None), row
        outcomes.append(Outcome(None, told) if told else Outcome(float(row["churn_probability"])))
    return outcomes


def assert_equal(outcomes: list[Outcome], expected: list[Outcome], way: str) -> None:
    """Check that the same customers are scored, to 1e-12, and the others refused for the same fields."""
    for row, (outcome, wanted) in enumerate(zip(outcomes, expected, strict=True)):
        assert outcome.refused == wanted.refused, f"{way}, row {row}"
        if not wanted.refused:
            assert abs(outcome.probability - wanted.probability) <= 1e-12, f"{way}, row {row}"
