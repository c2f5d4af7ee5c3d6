"""All ways in against a second implementation of the rules: JSON singly and as a list, CSV over HTTP, and files of
CSV, Parquet and workbooks. A customer is accepted by all of them, with scikit-learn's probability, or refused by all
of them for the same fields. test_spark.py checks Spark on the same fifty customers.
"""

import random
from datetime import date, datetime, time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.model.answerer import Answerer
from churn.training.choices import Choices
from churn.training.split import split_table
from churn.training.table import read_table
from tests import shaped, ways_in
from tests.customers import CSV, read_cases, sklearn_probabilities
from tests.drawn_tables import FIFTY, WITH_BLANKS, WITH_MARKS, as_typed, draw_customers, draw_table, scatter
from tests.second_reading import Outcome, Rule, Rules, fold, learn_rules, read_outcomes
from tests.ways_in import Customers, Service, as_texts, assert_equal, fit_pair, json_list, json_one, serve

pytestmark = pytest.mark.slow

Fitted = tuple[Service, pd.DataFrame, Rules]


def fit(table: pd.DataFrame, folder: Path) -> Fitted:
    """A model of a table as it is served, the table without its target, and the rules that the table gives."""
    table.to_csv(folder / "table.csv", index=False)
    customers = table.drop(columns="churn")
    return serve(fit_pair(folder / "table.csv", folder / "model.bin"), folder), customers, learn_rules(customers)


def check_all_ways(service: Service, customers: Customers, rules: Rules) -> list[Outcome]:
    """Compare each way in with the second implementation, on the customers as it got them.

    Returns the second implementation's outcomes for the customers as they are.
    """
    expected = read_outcomes(customers, rules, service.pair)
    in_csv = read_outcomes(as_texts(customers), rules, service.pair)
    for way in ways_in.ALL:
        of_a_csv = way in (ways_in.csv_body, ways_in.csv_in_json, ways_in.csv_file, ways_in.workbook_file)
        assert_equal(way(service, customers), in_csv if of_a_csv else expected, way.__name__)
    return expected


def test_a_date_is_the_same_category_in_each_form_of_file_in_training_and_in_scoring(tmp_path):
    plans = ["basic", "pro"]
    table = pd.DataFrame(
        {
            "day": [date(2024, 1, 1 + row % 3) for row in range(120)],
            "midnight": [datetime(2024, 2, 1 + row % 4) for row in range(120)],
            "seen": [datetime(2024, 1, 1, 10 + row % 5, 30) for row in range(120)],
            "clock": [time(8 + row % 3, 15) for row in range(120)],
            "plan": [plans[row % 7 % 2] for row in range(120)],
            "churn": ["yes" if row % 11 < 4 else "no" for row in range(120)],
        }
    )
    table.to_csv(tmp_path / "table.csv", index=False)
    table.to_parquet(tmp_path / "table.parquet", index=False)
    table.to_excel(tmp_path / "table.xlsx", index=False)
    as_categories = Choices(category=frozenset(["day", "midnight", "seen", "clock"]))
    contracts, probabilities = [], []
    for form in ("csv", "parquet", "xlsx"):
        pair = fit_pair(tmp_path / f"table.{form}", tmp_path / f"{form}.bin", as_categories)
        service = serve(pair, tmp_path)
        contracts.append(service.model.scorer.contract)
        scorer = TableScorer(Answerer(service.model, threshold=0.5))
        for ending in ("csv", "parquet", "xlsx"):
            target = tmp_path / f"scored.{ending}"
            assert score_file(tmp_path / f"table.{ending}", target, scorer).refused == 0, (form, ending)
            probabilities.append(read_probabilities(target))
    assert contracts == contracts[:1] * 3
    categories = {field.name: field.categories for field in contracts[0].fields}
    assert categories["day"] == ("2024-01-01", "2024-01-02", "2024-01-03")
    assert categories["midnight"][0] == "2024-02-01"
    assert (categories["seen"][0], categories["clock"][0]) == ("2024-01-01_10:30:00", "08:15:00")
    np.testing.assert_allclose(probabilities, [probabilities[0]] * 9, rtol=0, atol=1e-12)


def read_probabilities(path: Path) -> np.ndarray:
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".xlsx": pd.read_excel}[path.suffix]
    return read(path)["churn_probability"].to_numpy()


@pytest.fixture(scope="module")
def with_blanks(tmp_path_factory) -> Fitted:
    return fit(WITH_BLANKS, tmp_path_factory.mktemp("with_blanks"))


@pytest.fixture(scope="module")
def with_marks(tmp_path_factory) -> Fitted:
    return fit(WITH_MARKS, tmp_path_factory.mktemp("with_marks"))


@pytest.fixture(scope="module")
def telco(shipped, tmp_path_factory) -> Fitted:
    customers = pd.read_csv(CSV, dtype=str, keep_default_na=False).drop(columns="Churn")
    fitted_on = customers.iloc[split_table(read_table(CSV), folds=5).train]
    return serve(shipped.path, tmp_path_factory.mktemp("telco")), customers, learn_rules(fitted_on)


@pytest.fixture(scope="module")
def with_shapes(tmp_path_factory) -> Fitted:
    """A model with curves, pairs of fields, and blanks that have their own weight."""
    folder = tmp_path_factory.mktemp("with_shapes")
    rules = Rules(
        {
            "contract": Rule("category", frozenset(["monthly", "one_year", "two_year"])),
            "plan": Rule("category", frozenset(["", "basic", "plus", "pro"])),
            "senior": Rule("flag"),
            "tenure": Rule("number", lowest=0.0, highest=144.0),
            "charges": Rule("number", lowest=0.0, highest=219.0, blank=""),
            "balance": Rule("number", lowest=-350.0, highest=550.0, blank=0.0, where=("tenure", 0.0)),
        }
    )
    rules.columns = {part.name: part.of for part, _ in shaped.COLUMNS}
    customers = pd.DataFrame(shaped.CUSTOMERS).astype(str)
    return serve(shaped.write_shaped(folder / "model.bin"), folder), customers, rules


def test_fifty_customers_with_nulls_and_booleans_get_one_answer_by_every_way_in(with_blanks):
    service, _, rules = with_blanks
    expected = check_all_ways(service, FIFTY, rules)
    scored = [one for one, outcome in zip(FIFTY, expected, strict=True) if not outcome.refused]
    assert 25 <= len(scored) <= 45
    nulls = {name for customer in scored for name, value in customer.items() if value is None}
    assert {name.lower() for name in nulls} == {"plan type", "member", "gift", "age", "paid", "note"}


def test_new_customers_as_pandas_writes_them_get_the_answers_of_the_same_csv(telco):
    service, _, rules = telco
    customers = read_cases("new_customers_from_pandas.json")
    assert [(one["tenure"], one["TotalCharges"]) for one in customers] == [(0, None)] * 3
    outcomes = check_all_ways(service, customers, rules)
    as_zero = [
        {fold(name): fold(value) if isinstance(value, str) else value or 0.0 for name, value in one.items()}
        for one in customers
    ]
    expected = sklearn_probabilities(service.model.path, as_zero)
    assert outcomes == [Outcome(pytest.approx(probability, abs=1e-12)) for probability in expected]


@pytest.mark.parametrize("seed", range(25))
def test_no_training_row_is_refused_as_texts_or_with_types_and_nulls(seed, tmp_path):
    chance = random.Random(seed)
    service, customers, rules = fit(draw_table(chance, 40), tmp_path)
    customers = customers.assign(id=[str(row) for row in range(len(customers))])  # else a row of a CSV could be blank
    for fitted in (customers.to_dict(orient="records"), as_typed(customers, rules, chance)):
        outcomes = check_all_ways(service, fitted, rules)
        assert [outcome.refused for outcome in outcomes] == [()] * len(fitted)


def test_no_row_of_a_table_with_marks_is_refused_in_a_csv_of_either_decimal_mark(with_marks):
    service, customers, rules = with_marks
    assert [(rule.sign, rule.grouped) for rule in rules.values()][4:] == [
        *(("$", True), ("kr", True), ("%", False), ("$", False), ("", True))
    ]
    customers = customers.to_dict(orient="records")
    expected = check_all_ways(service, customers, rules)
    assert not any(outcome.refused for outcome in expected)
    for way in (ways_in.csv_body, ways_in.csv_file):
        assert_equal(way(service, customers, decimal_commas=True), expected, way.__name__)


@pytest.mark.parametrize(
    ("model", "slips"), [("telco", 0.01), ("with_blanks", 0.01), ("with_marks", 0.01), ("with_shapes", 0.03)]
)
def test_drawn_customers_are_answered_or_refused_alike_by_every_way_in(model, slips, request):
    service, table, rules = request.getfixturevalue(model)
    chance, n_scored = random.Random(12), 0
    for _ in range(25):
        customers = draw_customers(chance, table, rules, 20, slips=slips)
        n_scored += sum(not outcome.refused for outcome in check_all_ways(service, customers, rules))
        scattered = scatter(customers, chance, missing=0.01)
        expected = read_outcomes(scattered, rules, service.pair)
        for way in (json_one, json_list):
            assert_equal(way(service, scattered), expected, way.__name__)
    assert 150 < n_scored < 450


def test_limits_and_groups_are_checked_alike_by_every_way_in(telco):
    service, table, rules = telco
    assert [len(group) for group in rules.groups] == [2, 7]
    chance, kinds = random.Random(3), set[tuple[str, ...]]()
    customers = table.sample(300, random_state=1).to_dict(orient="records")
    for customer in customers:
        customer["tenure"] = chance.choice([customer["tenure"], "72", "73", "144", "144.5", "500"])
        for name in ("PhoneService", "MultipleLines", "InternetService", "OnlineBackup", "StreamingTV"):
            if chance.random() < 0.15:
                customer[name] = chance.choice(list(table[name]))
    for outcome in check_all_ways(service, customers, rules):
        kinds.add(outcome.refused)
    refused_for_groups = {field for fields in kinds for field in fields}
    assert {"tenure", "multiplelines", "internetservice", "onlinebackup", "streamingtv"} <= refused_for_groups
    assert () in kinds
