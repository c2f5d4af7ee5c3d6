"""Reasons by column are the Explainer's for each customer, word for word, with the partners of pairs of fields."""

import csv
import random

import openpyxl
import pyarrow as pa
import pytest

from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.model.answerer import Answerer
from churn.model.contract import Contract
from churn.model.fields import Flag, Number
from churn.model.file import Model, load_model
from churn.model.scoring import Scorer
from churn.tables.answer_cells import describe_reason
from tests.made_workbooks import writing_workbook
from tests.plans import model_of
from tests.shaped import draw_customers, write_shaped


def words_by_column(model: Model, customers: list[dict], n_reasons: int) -> list[list[str]]:
    answered = TableScorer(Answerer(model, n_reasons=n_reasons)).answer(pa.RecordBatch.from_pylist(customers)).rows
    assert answered.column("error").null_count == len(customers)
    return [
        list(row.values()) for row in answered.select([f"reason_{n}" for n in range(1, n_reasons + 1)]).to_pylist()
    ]


def words_one_by_one(model: Model, customers: list[dict], n_reasons: int) -> list[list[str]]:
    explained = (model.explainer.explain(customer, n_reasons=n_reasons) for customer in customers)
    return [[describe_reason(reason) for reason in explanation.reasons] for explanation in explained]


@pytest.mark.parametrize("n_reasons", [3, 6])
@pytest.mark.parametrize("card", [True, False])
def test_the_words_are_the_explainers_own_with_the_partners_that_it_names(card, n_reasons, tmp_path):
    model = load_model(write_shaped(tmp_path / "model.bin", card=card))
    customers = [row | {"charges": row["charges"] or None} for row in draw_customers(2_000, seed=3)]
    words = words_by_column(model, customers, n_reasons)
    assert words == words_one_by_one(model, customers, n_reasons)
    told = " ".join(reason for row in words for reason in row)
    assert ("together with" in told, "charges is blank" in told) == (True, True)


def test_a_field_with_a_hundred_partners_has_the_words_of_each_row():
    """There are more combinations of the partners' values than an integer can number."""
    names = [f"flag_{number}" for number in range(100)]
    weights = dict.fromkeys(names, 0.0) | {"days": 0.0}
    weights |= {f'both("days>=1.0","{name}>=1.0")': 0.5 + number / 64 for number, name in enumerate(names)}
    scorer = Scorer(Contract((Number("days"), *map(Flag, names))), weights, intercept=-1.0)
    chance = random.Random(4)
    customers = [
        {"days": float(chance.random() < 0.7)} | {name: float(chance.random() < 0.03) for name in names}
        for _ in range(500)
    ]
    words = words_by_column(model_of(scorer), customers, 2)
    assert words == words_one_by_one(model_of(scorer), customers, 2)
    assert len({row[0] for row in words}) > 200


@pytest.mark.parametrize(("ending", "delimiter"), [("csv", ","), ("csv", ";"), ("xlsx", ",")])
def test_a_scored_file_has_the_explainers_words(ending, delimiter, tmp_path):
    model = load_model(write_shaped(tmp_path / "model.bin"))
    customers = draw_customers(200, seed=3)
    source, target = tmp_path / f"customers.{ending}", tmp_path / f"scored.{ending}"
    if ending == "csv":
        with source.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(customers[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(customers)
    else:
        with writing_workbook(source, list(customers[0])) as book:
            book.write_rows([list(customer.values()) for customer in customers])
    assert score_file(source, target, TableScorer(Answerer(model, n_reasons=3))).refused == 0
    if ending == "csv":
        with target.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file, delimiter=delimiter)
    else:
        header, *rows = openpyxl.load_workbook(target).active.iter_rows(values_only=True)
    first = header.index("reason_1")
    assert [list(row[first : first + 3]) for row in rows] == words_one_by_one(model, customers, 3)
