"""An answered file that is dropped again is read back without the service, and scored again on demand."""

import random

import pytest
import requests

from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.model.answerer import Answerer
from churn.model.contract import Contract
from churn.model.fields import Number
from churn.tables.answer import arrange_answer
from tests.amounts import draws
from tests.customers import RAW_CUSTOMERS
from tests.web.pages.test_bad_rows import as_csv
from tests.web.pages.test_workbooks import write_customers

pytestmark = pytest.mark.browser

WATCH = "(window.asked ??= []).push(path); return ask(path, options);"


@pytest.fixture
def customers():
    rows = [{"Kunde": f"K{row}", **raw} for row, raw in enumerate(RAW_CUSTOMERS[:60], start=1)]
    rows[6]["Contract"] = "Two yeer"
    rows[9] |= {"tenure": "long", "Partner": "?"}
    return rows


def take_back(page, path) -> list[str]:
    """The totals that the page shows of an answered file, after a check that nothing of the file was sent."""
    page.intercept(WATCH)
    page.upload(path)
    assert page.text("#read-back h3") == "Answers from this file, model unknown"
    assert not page.find("#download").is_displayed()
    assert page.run("return window.asked ?? []") == []
    return page.text("#totals").splitlines()[1::3]


def check_same_bad_rows(page) -> None:
    contract, partner, tenure = sorted(page.bad_groups())
    assert contract[0] == "1 row: Contract is not one of the known values"
    assert contract[3] == ["8", "K7", "Two yeer", "Two year"]
    assert partner[:2] == ["1 row: Has a partner is not one of the known values", "Expected: No, Yes."]
    assert tenure[0] == "1 row: Months with us is not a number"
    assert tenure[3] == ["11", "K10", "long"]


def test_the_pages_own_scored_file_is_read_back_with_its_bad_rows_and_scored_again_on_demand(
    page, customers, tmp_path
):
    (tmp_path / "list.csv").write_bytes(as_csv(customers))
    scored = page.score(tmp_path / "list.csv")
    totals = page.text("#totals").splitlines()[1::3]
    check_same_bad_rows(page)
    assert take_back(page, tmp_path / "list-scored.csv") == totals
    check_same_bad_rows(page)
    status = page.find("#list-status").get_property("textContent")
    assert status.startswith("Read back, not scored again: 58 answers")
    page.score_anew()
    assert any("errors=report" in path for path in page.run("return window.asked"))
    assert not page.find("#read-back").is_displayed()
    assert page.run("return document.activeElement.id") == "file"
    page.find("#download").click()
    again = tmp_path / "list-scored-scored.csv"
    page.wait(lambda: again.exists() and again.stat().st_size)
    assert again.read_bytes() == scored


@pytest.mark.parametrize("kind", ["score", "score with commas", "workbook", "POST", "POST without reasons"])
def test_every_scored_file_is_read_back(page, service, shipped, customers, tmp_path, kind):
    source, path = tmp_path / "list.csv", tmp_path / "scored.csv"
    content = as_csv(customers)
    if kind == "score with commas":
        content = content.replace(b",", b";").replace(b".", b",")
    source.write_bytes(content)
    if kind == "workbook":
        path, source = tmp_path / "scored.xlsx", write_customers(tmp_path / "list.xlsx", customers)
    if kind.startswith("POST"):
        url = f"{service.url}/predict?errors=report" + ("" if "without" in kind else "&explain=2")
        headers = {"Content-Type": "text/csv"}
        path.write_bytes(requests.post(url, data=content, headers=headers, timeout=30).content)
    else:
        score_file(source, path, TableScorer(Answerer(shipped, n_reasons=4)))
    totals = take_back(page, path)
    assert (totals[0], totals[2]) == ("58 rows", "2 rows")
    check_same_bad_rows(page)


def test_answers_without_an_error_column_and_with_a_label_in_the_file_are_read_back(page, tmp_path):
    rows = [
        {"Churn": "No", "churn_probability": f"{row / 10}", "predicted_churn": str(row > 4), "note": "x", **raw}
        for row, raw in enumerate(RAW_CUSTOMERS[:9])
    ]
    rows[2] |= {"churn_probability": "", "predicted_churn": ""}
    (tmp_path / "list.csv").write_bytes(as_csv(rows))
    assert take_back(page, tmp_path / "list.csv") == ["8 rows", "4 customers", "1 row"]
    assert page.bad_groups()[0][0] == "1 row: it has no answer in this file"


def test_a_file_whose_columns_only_look_like_an_answers_is_scored(page, tmp_path):
    rows = [{"churn_probability": "high", "churn": "yes", **raw} for raw in RAW_CUSTOMERS[:9]]
    (tmp_path / "list.csv").write_bytes(as_csv(rows))
    page.upload(tmp_path / "list.csv")
    assert not page.find("#read-back").is_displayed()
    assert page.find("#download").is_displayed()


FIND = """const [tables, fields] = arguments;
    return import("/static/earlier.js").then(({ findEarlier }) => tables.map(([names, rows]) =>
        findEarlier(names, rows, new Set(fields))));"""
REASON, ERROR = "contract is two_year (-1.00)", "plan: unknown category (expected basic, gold)"
CELLS = ["", " ", "0.5", "0,5", "1", "1.5", "-1", "high", "true", "FALSE ", "yes", REASON, "it is late", ERROR, "404"]
CELLS += [
    f"{ERROR}; and 3 more",
    "a: b (did you mean c?)",
    "x" * 50 + "\n is 3 (+1.00)",
    "\u2028 is (-0.10)",
    "1e400",
]
NAMES = ["churn_probability", "Churn", "churn", "reason_1", "Reason 2", "reason_2", "error", "ERROR", "plan", "id"]
NAMES += [
    "predicted_churn_probability",
    "predicted_churn",
    "predicted_predicted_churn",
    "predicted_error",
    "reason_0",
]
FITTING = {"churn_probability": ["0.5", "0,25", ""], "churn": ["true", "False", ""], "error": ["", ERROR]}


def draw_tables(amount: int) -> list[tuple[list[str], list[list[str]]]]:
    chance = random.Random(12)
    tables = []
    for _ in range(amount):
        names = chance.choices(NAMES, k=chance.randrange(9))
        if chance.random() < 0.7:
            run = ["churn_probability", chance.choice(["churn", "predicted_churn", "Churn"]), "reason_1", "reason_2"]
            at = chance.randrange(len(names) + 1)
            names[at:at] = [*run[: chance.randrange(2, 5)], *chance.choice([[], ["error"]])]
        rows = []
        for _ in range(chance.randrange(4)):
            plain = [
                chance.choice(FITTING.get(name.lower().removeprefix("predicted_"), ["", REASON])) for name in names
            ]
            rows.append([chance.choice(CELLS) if chance.random() < 0.06 else cell for cell in plain])
        tables.append((names, rows))
    return tables


@draws(few=3000, many=30_000)
def test_an_earlier_answer_is_found_where_arrange_answer_finds_it(modules, amount):
    tables, lengths = draw_tables(amount), set()
    contract = Contract((Number("plan"), Number("reason_2")))
    fields = [field.name for field in contract.fields]
    for (names, rows), found in zip(tables, modules.run(FIND, tables, fields), strict=True):
        columns = arrange_answer(
            names,
            contract,
            n_reasons=3,
            with_errors=True,
            earlier_answer=lambda run, rows=rows: [row[run.start : run.stop] for row in rows],
        )
        expected = [columns.replaced.start, columns.replaced.stop] if columns.replaced else None
        assert found == expected, (names, rows)
        lengths.add(len(columns.replaced))
    assert lengths >= {0, 2, 3, 4}


def test_the_expected_gain_of_a_call_list_belongs_to_its_answer(modules):
    names = ["id", "churn_probability", "churn", "expected_gain", "reason_1", "error"]
    good = ["7", "0.5", "true", "-12,5", REASON, ""]
    tables = [(names, [good]), (names, [[*good[:3], "much", *good[4:]]])]
    assert modules.run(FIND, tables, []) == [[1, 6], [1, 3]]
