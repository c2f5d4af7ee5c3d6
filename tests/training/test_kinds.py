"""The kind of field that a column is, in every form of file; and no id gets into a model."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from churn.training.choices import Choices
from churn.training.fit import build_matrix, fit_model, fit_vectorizer, learn_contract
from churn.training.table import read_table

RANDOM = np.random.default_rng(2)
ROWS = 600


def make_bank():
    """A table in the shape of a bank's: churn grows with age, and customers with later ids were asked later."""
    ids = np.sort(RANDOM.choice(250_000, size=ROWS, replace=False)) + 15_565_700
    age = RANDOM.integers(18, 80, size=ROWS)
    later = np.arange(ROWS) / ROWS
    churned = RANDOM.random(ROWS) < 0.1 + 0.5 * later + 0.3 * (age > 50)
    return pd.DataFrame(
        {
            "RowNumber": range(1, ROWS + 1),
            "CustomerId": ids,
            "Surname": [
                f"{chr(65 + number % 26)}{number // 2 % 170}" for number in RANDOM.integers(0, 900, size=ROWS)
            ],
            "Age": age,
            "Balance": np.round(RANDOM.gamma(2.0, 40_000, size=ROWS) * (RANDOM.random(ROWS) < 0.6), 2),
            "Geography": RANDOM.choice(["France", "Spain", "Germany"], size=ROWS),
            "Since": [date(2020, 1, 1) + timedelta(days=int(day)) for day in RANDOM.integers(0, 900, size=ROWS)],
            "Churn": churned.astype(int),
        }
    )


@pytest.mark.parametrize("form", ["csv", "parquet", "shuffled csv"])
def test_answers_do_not_drift_with_a_customers_number(tmp_path, form):
    frame = make_bank()
    if form.startswith("shuffled"):
        frame = frame.sample(frac=1, random_state=1)
    path = tmp_path / f"bank.{form.split()[-1]}"
    frame.to_parquet(path) if form == "parquet" else frame.to_csv(path, index=False)
    table = read_table(path)
    assert [column.name for column in table.left_out if column.name != "__index_level_0__"] == [
        "rownumber",
        "customerid",
        "surname",
        "since",
    ]
    assert list(table.customers) == ["age", "balance", "geography"]


def test_an_id_that_is_kept_against_the_advice_makes_answers_drift(tmp_path):
    """The reason for the rule: the same customer under a later number gets another answer."""
    path = tmp_path / "bank.csv"
    make_bank().to_csv(path, index=False)
    for keep, drifts in ((frozenset(), False), (frozenset({"customerid"}), True)):
        table = read_table(path, choices=Choices(keep=keep))
        contract = learn_contract(table.customers, table.marks)
        dv = fit_vectorizer(contract, logarithms=False)
        model = fit_model(build_matrix(table.customers, contract, dv), table.y, C=1.0)
        two = table.customers.iloc[[0, 0]].reset_index(drop=True)
        if "customerid" in two:
            two["customerid"] = [15_600_300.0, 15_700_000.0]
        low, high = model.predict_proba(build_matrix(two, contract, dv))[:, 1]
        assert (abs(high - low) > 0.1) == drifts


def test_a_workbooks_dates_and_codes_are_treated_as_those_of_a_csv(tmp_path):
    from xlsxwriter import Workbook

    with Workbook(tmp_path / "table.xlsx", {"default_date_format": "dd.mm.yyyy"}) as book:
        sheet = book.add_worksheet()
        for column, name in enumerate(["since", "zip", "age", "churn"]):
            sheet.write(0, column, name)
        for row in range(1, 21):
            sheet.write_datetime(row, 0, date(2024, 1, row))
            sheet.write_string(row, 1, ["01001", "94105"][row % 2])
            sheet.write_number(row, 2, [31, 45, 60][row % 3])
            sheet.write_string(row, 3, ["yes", "no"][row % 2])
    table = read_table(tmp_path / "table.xlsx")
    assert [(column.name, column.reason) for column in table.left_out] == [("since", "it holds dates")]
    assert table.customers.dtypes.astype(str).to_dict() == {"zip": "str", "age": "float64"}


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["01001", "94105", "02139"] * 10, "str"),
        (["0.5", "0", "10"] * 10, "float64"),
        (["-1", "+07", "3"] * 10, "float64"),
        (["True", "False", ""] * 10, "str"),
        (["1", "0"] * 15, "float64"),
        (["26 %", "5 %", "NA"] * 10, "float64"),
    ],
)
def test_texts_with_leading_zeros_are_not_numbers_and_others_are(tmp_path, cells, kind):
    rows = [f"{cell},{('yes', 'no')[row // 3 % 2]}" for row, cell in enumerate(cells)]
    (tmp_path / "table.csv").write_text("\n".join(["x,churn", *rows]))
    assert read_table(tmp_path / "table.csv").customers["x"].dtype == kind


def test_codes_with_too_many_values_are_left_out_and_are_numbers_on_request(tmp_path):
    rows = [f"{RANDOM.integers(0, 400):05},{row % 3},{('yes', 'no')[row % 2]}" for row in range(300)]
    (tmp_path / "table.csv").write_text("\n".join(["zip,age,churn", *rows]))
    table = read_table(tmp_path / "table.csv")
    assert "new customers would have an unknown category" in table.left_out[0].reason
    insisted = read_table(tmp_path / "table.csv", choices=Choices(number=frozenset({"zip"})))
    assert insisted.customers["zip"].dtype == "float64"
