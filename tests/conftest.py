"""What the tests share: the real table, scikit-learn's own answers, small fitted models, apps on them."""

import csv
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from browser import need_browser, open_browser

import train
from churn.model.file import Model, card_path, load_model
from churn.model.spelling import clean
from churn.server.served_model import ServedModel
from predict import create_app

PROJECT = Path(__file__).parent.parent
CASES = Path(__file__).parent / "cases"
CSV = PROJECT / "data" / "telco-churn.csv"
NUMBERS = ("seniorcitizen", "tenure", "monthlycharges", "totalcharges")

with CSV.open(encoding="utf-8", newline="") as _file:
    RAW_CUSTOMERS = [{name: text for name, text in row.items() if name != "Churn"} for row in csv.DictReader(_file)]
"""The table's 7,043 customers as the file spells them, every value a string."""


def spell_clean(raw: dict[str, str]) -> dict[str, str | float]:
    """A raw customer as the course's clean record: numbers as numbers, a blank TotalCharges as 0."""
    record = {clean(name): clean(text) for name, text in raw.items()}
    return record | {name: float(record[name] or 0) for name in NUMBERS}


CLEAN_CUSTOMERS = [spell_clean(raw) for raw in RAW_CUSTOMERS]

GOOD = {
    "gender": "female",
    "seniorcitizen": 0,
    "partner": "yes",
    "dependents": "no",
    "phoneservice": "no",
    "multiplelines": "no_phone_service",
    "internetservice": "dsl",
    "onlinesecurity": "no",
    "onlinebackup": "yes",
    "deviceprotection": "no",
    "techsupport": "no",
    "streamingtv": "no",
    "streamingmovies": "no",
    "contract": "month-to-month",
    "paperlessbilling": "yes",
    "paymentmethod": "electronic_check",
    "tenure": 24,
    "monthlycharges": 29.85,
    "totalcharges": 716.4,
}
"""The published course's customer."""


def sklearn_probabilities(path: Path, customers: list[dict]) -> np.ndarray:
    """What scikit-learn itself says of clean customers: dv.transform and predict_proba of the unpickled pair."""
    dv, model = pickle.loads(path.read_bytes())
    records = [
        customer | {f"log1p({name})": np.log1p(customer[name]) for name in NUMBERS[1:] if name in customer}
        for customer in customers
    ]
    return model.predict_proba(dv.transform(records))[:, 1]


def read_cases(name: str) -> list[dict]:
    return json.loads((CASES / name).read_text(encoding="utf-8"))


def edit_card(path: Path, **changes: object) -> None:
    """Changes members of a model file's card and drops its seal: it becomes a card of before there were seals."""
    card = json.loads(card_path(path).read_text(encoding="utf-8")) | changes
    card.pop("card_sha256", None)
    card_path(path).write_text(json.dumps(card), encoding="utf-8")


@pytest.fixture(scope="session")
def shipped() -> Model:
    """The model that the project ships."""
    return load_model(PROJECT / "model_C=1.0.bin")


@pytest.fixture(scope="session")
def small_csv(tmp_path_factory) -> Path:
    """The first 400 customers, with their labels."""
    path = tmp_path_factory.mktemp("table") / "small.csv"
    path.write_text("".join(CSV.read_text(encoding="utf-8").splitlines(keepends=True)[:401]), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def small_pair(small_csv, tmp_path_factory) -> Path:
    """A model file with its card, trained on the small table. Not to be changed: see `pair`."""
    path = tmp_path_factory.mktemp("model") / "small.bin"
    train.main([str(small_csv), "--output", str(path)])
    return path


@pytest.fixture
def pair(small_pair, tmp_path) -> Path:
    """The small model file and card, in a folder of the test's own."""
    path = tmp_path / "model.bin"
    path.write_bytes(small_pair.read_bytes())
    card_path(path).write_bytes(card_path(small_pair).read_bytes())
    return path


@pytest.fixture(scope="session")
def served(shipped) -> ServedModel:
    """The shipped model as an app takes it; nothing swaps it."""
    return ServedModel(shipped.path)


@pytest.fixture
def app(served):
    return create_app(served)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    need_browser()
    with open_browser(tmp_path_factory.mktemp("chromium")) as one:
        yield one


@pytest.fixture
def browser(chromium, tmp_path):
    """Chromium as a test finds it; its console must have stayed silent when the test is over."""
    chromium.begin(tmp_path)
    yield chromium
    assert chromium.console() == []


_MEASURED = pytest.StashKey[list[str]]()


@pytest.fixture
def measured(pytestconfig) -> list[str]:
    """Figures to show at the end of the run; what must hold of them is asserted where they are taken."""
    return pytestconfig.stash.setdefault(_MEASURED, [])


def pytest_addoption(parser):
    parser.addoption("--screenshot", metavar="FILE", help="where to write a screenshot of the page")


def pytest_terminal_summary(terminalreporter, config):
    skipped = {str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])}
    for reason in sorted(one for one in skipped if "tests were left out" in one):
        terminalreporter.write_line(reason.removeprefix("Skipped: "))
    for figure in config.stash.get(_MEASURED, []):
        terminalreporter.write_line(f"measured: {figure}")
