"""train.py as the data scientist runs it, as a command: its figures, its files, its refusals."""

import contextlib
import hashlib
import json
import os
import pickle
import platform
import re
import shutil
import signal
import subprocess
import sys
from functools import cache
from typing import NamedTuple

import msgspec
import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import KFold, train_test_split

import train
from churn.errors import FitError, ModelError, TableError
from churn.model.fields import Number
from churn.model.file import load_model, write_pair
from churn.model.marks import Marks
from churn.model.pair import card_path
from churn.server.served_model import ServedModel
from tests.apps import make_client
from tests.customers import CLEAN_CUSTOMERS, CSV, GOOD, NUMBERS, PROJECT, sklearn_probabilities
from tests.serving import wait_until

pytestmark = pytest.mark.slow

CHEAP = ("--folds", "2", "--shapes", "none")
"""Options for tests that are not about the choice of a model."""

WAYS = "--force replaces it, and --output FILE keeps both"


class Finished(NamedTuple):
    """The terminal output and the status of a run of train.py."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def train_here(tmp_path, monkeypatch, capsys):
    """Runs train.py's main in this process, in `tmp_path`, with plain columns and two folds; errors are raised."""
    monkeypatch.chdir(tmp_path)

    def run_main(*arguments) -> Finished:
        capsys.readouterr()
        status = 0
        try:
            train.main([*map(str, arguments), *CHEAP])
        except SystemExit as stop:
            status = stop.code
        return Finished(status, *capsys.readouterr())

    return run_main


def run(*arguments, cwd, **environ) -> subprocess.CompletedProcess:
    """Run train.py as its own process, for effects that only a process shows."""
    command = [sys.executable, str(PROJECT / "train.py"), *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=os.environ | environ, capture_output=True, text=True, timeout=120, check=False
    )


@cache
def course_way(*, logarithms: bool) -> tuple[list[float], float]:
    """The published course's script: its split, its folds, a DictVectorizer on dicts; AUCs of folds and test."""
    df = pd.read_csv(CSV)
    df.columns = df.columns.str.lower().str.replace(" ", "_")
    for column in df.select_dtypes(include=["str", "object"]).columns.drop("totalcharges"):
        df[column] = df[column].str.lower().str.replace(" ", "_")
    df.totalcharges = pd.to_numeric(df.totalcharges, errors="coerce").fillna(0)
    df.churn = (df.churn == "yes").astype(int)
    if logarithms:
        for name in NUMBERS[1:]:
            df[f"log1p({name})"] = np.log1p(df[name])

    def auc(fitted_on: pd.DataFrame, held_out: pd.DataFrame) -> float:
        dv = DictVectorizer(sparse=False)
        X = dv.fit_transform(fitted_on.drop(columns="churn").to_dict(orient="records"))
        model = LogisticRegression(solver="newton-cholesky", tol=1e-10).fit(X, fitted_on.churn)
        X_held_out = dv.transform(held_out.drop(columns="churn").to_dict(orient="records"))
        return roc_auc_score(held_out.churn, model.predict_proba(X_held_out)[:, 1])

    full_train, test = train_test_split(df, test_size=0.2, random_state=1)
    folds = KFold(5, shuffle=True, random_state=1).split(full_train)
    scores = [auc(full_train.iloc[fitted_on], full_train.iloc[held_out]) for fitted_on, held_out in folds]
    return scores, auc(full_train, test)


@pytest.mark.parametrize(
    ("options", "summary", "final"),
    [([], "C=1.0 0.846 +- 0.007", "auc=0.861"), (["--plain"], "C=1.0 0.842 +- 0.007", "auc=0.858")],
)
def test_the_figures_are_the_published_ones_and_those_of_the_course_way(
    tmp_path, monkeypatch, capsys, options, summary, final
):
    monkeypatch.chdir(tmp_path)
    train.main(options)
    stdout, stderr = capsys.readouterr()
    assert stderr == ""
    lines = stdout.splitlines()
    assert summary in lines
    assert final in lines
    scores, _ = course_way(logarithms=not options)
    assert re.findall(r"auc on fold \d is (\S+)", stdout) == [f"{score:.3f}" for score in scores]
    card = load_model(tmp_path / "model_C=1.0.bin").card
    assert card.figures["folds"] == pytest.approx(scores, abs=1e-9)


def test_plain_weights_have_no_logarithms_and_give_the_courses_test_auc(tmp_path, capsys):
    train.main(["--plain", "--output", str(tmp_path / "plain.bin")])
    dv, _ = pickle.loads((tmp_path / "plain.bin").read_bytes())
    assert len(dv.feature_names_) == 45
    assert not any("log" in name for name in dv.feature_names_)
    assert load_model(tmp_path / "plain.bin").card.figures["auc"] == pytest.approx(course_way(logarithms=False)[1])


def test_two_runs_give_exactly_the_same_bytes_wherever_and_whenever(small_csv, tmp_path):
    pairs = []
    for number, seed in enumerate(("1", "2")):
        folder = tmp_path / f"run-{number}"
        folder.mkdir()
        shutil.copy(small_csv, folder / f"copy-{number}.csv")
        finished = run(f"copy-{number}.csv", "--folds", 2, cwd=folder, PYTHONHASHSEED=seed)
        assert (finished.returncode, finished.stderr) == (0, "")
        path = folder / "model_C=1.0.bin"
        pairs.append((path.read_bytes(), card_path(path).read_bytes()))
    assert pairs[0] == pairs[1]


def test_the_shipped_model_is_what_train_py_writes(tmp_path, shipped):
    """Weights to 1e-9, as another machine's arithmetic may differ; contract, table and golden customers exactly."""
    train.main(["--output", str(tmp_path / "again.bin")])
    again = load_model(tmp_path / "again.bin")
    _, model = pickle.loads(again.path.read_bytes())
    _, shipped_model = pickle.loads(shipped.path.read_bytes())
    np.testing.assert_allclose(model.coef_, shipped_model.coef_, rtol=0, atol=1e-9)
    assert again.card.contract == shipped.card.contract
    assert again.card.table == shipped.card.table


def test_only_scikit_learns_own_classes_are_pickled(shipped):
    dv, model = pickle.loads(shipped.path.read_bytes())
    assert (type(dv), type(model)) == (DictVectorizer, LogisticRegression)
    assert b"churn." not in shipped.path.read_bytes()


def test_the_default_output_carries_c_and_another_c_trains_another_model(small_csv, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train.main([str(small_csv), "--C", "0.5", "--folds", "3", "--shapes", "none"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model_C=0.5.bin", "model_C=0.5.json"]
    card = load_model(tmp_path / "model_C=0.5.bin").card
    assert card.training["C"] == 0.5
    assert len(card.figures["folds"]) == 3


def test_a_column_of_amounts_of_money_is_a_number_and_that_is_reported(tmp_path, train_here):
    finished = train_here(PROJECT / "tests" / "cases" / "currency.csv", "--output", "money.bin")
    assert "charges is a number, read without the sign $ and thousands marks\n" in finished.stdout
    contract = load_model(tmp_path / "money.bin").scorer.contract
    limits = {"lowest": 0.0, "highest": 3652.73 + (3652.73 - 675.8)}
    assert contract.fields[-1] == Number("charges", 675.8, 3652.73, True, marks=Marks("$", thousands=True), **limits)
    client = make_client(ServedModel(tmp_path / "money.bin"))
    customer = {"plan": "basic", "tenure": 56}
    answers = {client.post("/predict", json=customer | {"charges": fee}).text for fee in (1696.26, "$1,696.26")}
    assert len(answers) == 1
    assert client.post("/predict", json=customer | {"charges": "€1,696.26"}).status_code == 422


def banking_table(path, *, labels=("Attrited Customer", "Existing Customer", "", "NA")):
    """A table in the shape of a public one: two phrases for a target, and rows without a label."""
    rng = np.random.default_rng(1)
    ages, leaves = rng.integers(18, 80, 400), rng.random(400) < 0.4
    targets = np.where(leaves, labels[0], labels[1]).astype(object)
    targets[5], targets[6] = labels[2:]
    reasons = np.where(leaves & (rng.random(400) < 0.5), "moved", "")
    rows = [f"{row}\n" for row in map(",".join, zip(map(str, ages), reasons, targets, strict=True))]
    path.write_text("age,close_reason,Attrition_Flag\n" + "".join(rows))
    return path


def test_a_target_of_two_phrases_is_taken_with_the_one_to_predict_and_its_verb(tmp_path, train_here):
    table = banking_table(tmp_path / "bank.csv")
    asked = ["--target", "attrition_flag", "--output", "m.bin"]
    with pytest.raises(TableError, match="--positive 'Attrited Customer' or --positive 'Existing Customer'"):
        train_here(table, *asked)
    chosen = ["--positive", "attrited customer", "--event", "close the account"]
    finished = train_here(table, *asked, *chosen, "--report", "r.html")
    assert finished.returncode == 0
    lines = finished.stdout.splitlines()
    assert "attrition_flag is 1 for 'Attrited Customer', and 0 for 'Existing Customer'" in lines
    assert "left out 2 rows without a label: attrition_flag is blank in 1 row, 'NA' in 1 row" in lines
    asks = "is it known before customers close the account?"
    told = next(line for line in lines if line.startswith("look at telling fields: close_reason is filled only for"))
    assert told.endswith(asks)
    assert asks in (tmp_path / "r.html").read_text()
    card = load_model(tmp_path / "m.bin").card
    assert (card.event, card.table["rows"], card.table["unlabelled"]) == ("close the account", 398, 2)
    assert (card.table["positive"], card.table["negative"]) == (["Attrited Customer"], ["Existing Customer"])
    assert "Who will close the account, and why?" in make_client(ServedModel(tmp_path / "m.bin")).get("/").text


def test_a_usual_target_adds_nothing_to_the_output_or_the_card(tmp_path, train_here):
    table = banking_table(tmp_path / "bank.csv", labels=("Yes", "No", "yes", "NO"))
    finished = train_here(table, "--target", "Attrition_Flag", "--output", "m.bin")
    assert "label" not in finished.stdout
    assert "attrition_flag is" not in finished.stdout.lower()
    assert b'"event"' not in (tmp_path / "m.json").read_bytes()
    assert not {"positive", "negative", "unlabelled"} & set(load_model(tmp_path / "m.bin").card.table)


def test_a_fit_that_fails_names_its_column(tmp_path, train_here):
    table = banking_table(tmp_path / "bank.csv", labels=("yes", "no", "yes", "no"))
    header, *rows = table.read_text().splitlines()
    numbers = 10 ** np.random.default_rng(2).uniform(-9, 200, len(rows))
    rows = [f"{number!r},{row}\n" for number, row in zip(numbers.tolist(), rows, strict=True)]
    table.write_text(f"total,{header}\n" + "".join(rows))
    with pytest.raises(FitError, match=r"; total goes from .* to .*: leave it out, --drop total"):
        train_here(table, "--target", "Attrition_Flag", "--output", "m.bin")
    assert not (tmp_path / "m.bin").exists()


def test_any_table_with_a_yes_no_target_is_learned_and_a_left_out_id_is_reported(tmp_path, train_here):
    rng = np.random.default_rng(1)
    rows = [
        f"id-{n},{rng.choice(['Gold', 'Blue '])},{rng.normal():.3f},{rng.integers(0, 2)},{rng.choice(['Yes', 'No'])}"
        for n in range(300)
    ]
    (tmp_path / "other.csv").write_text("Customer,Card,Balance,Mobile,Left\n" + "\n".join(rows) + "\n")
    finished = train_here("other.csv", "--target", "LEFT", "--output", "other.bin")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "left out customer: it is an id" in finished.stdout
    model = load_model(tmp_path / "other.bin")
    assert [(type(field).__name__, field.name) for field in model.card.contract.fields] == [
        ("Category", "card"),
        ("Number", "balance"),
        ("Flag", "mobile"),
    ]
    assert not model.card.contract.fields[1].non_negative
    assert model.card.table["left_out"] == {"customer": "it is an id: 300 different texts in 300 rows"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file"),
        ("", "is empty"),
        ("x,y\na,b\n", "no column 'churn'"),
        ("x,churn\n" + "a,yes\n" * 30, "one class only"),
        (
            "x,churn\n" + "a,yes\nb,perhaps\n" * 30,
            "row 3: the target 'churn' has the values 'yes' in 30 rows and 'perhaps'",
        ),
        ("x,churn\na,yes\nb,no\n", "too few"),
        ("x,churn\n" + "a,no\n" * 30 + "b,yes\n" * 2, "too few"),
        (b"x,churn\n\x81,yes\n", "line 2: is neither UTF-8 nor Windows-1252"),
        ("x,churn\na,yes\nb\n", "row 3: has 1 cells"),
        ("x,churn\na,yes\nb,no,1\n", "row 3: has 3 cells"),
    ],
)
def test_a_bad_table_is_refused_in_one_line_and_overwrites_nothing(pair, content, words):
    before = {path: path.read_bytes() for path in pair.parent.iterdir()}
    csv = pair.parent / "table.csv"
    if content is not None:
        csv.write_bytes(content if isinstance(content, bytes) else content.encode())
        before[csv] = csv.read_bytes()
    with pytest.raises(TableError) as error:
        train.main([str(csv), "--output", str(pair)])
    assert str(error.value).startswith(str(csv))
    assert words in str(error.value)
    assert "\n" not in str(error.value)
    assert {path: path.read_bytes() for path in pair.parent.iterdir()} == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("x,churn\na,yes\nb\n", "t.csv, row 3: has 1 cells where the header has 2"),
        (
            "amount,churn\n" + "".join(f"{n % 70 * 1e306},{'yes' if n % 3 else 'no'}\n" for n in range(1, 150)),
            "the fit does not reach its optimum with C=1.0; leave out columns of huge numbers, or take a smaller C",
        ),
    ],
)
def test_a_table_that_cant_be_trained_on_stops_the_command_with_status_2_and_one_line(tmp_path, content, words):
    (tmp_path / "t.csv").write_text(content)
    finished = run("t.csv", cwd=tmp_path)
    assert (finished.returncode, finished.stderr) == (2, f"train.py: {words}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_customers_that_the_service_would_refuse_are_left_out_of_the_test_figures(tmp_path, train_here):
    rows = [f"{'ab'[n % 2]},{n % 7},{'yes' if n % 3 else 'no'}" for n in range(200)]
    test_rows = train_test_split(np.arange(200), test_size=0.2, random_state=1)[1]
    rows[test_rows[0]] = "c,1,yes"
    rows[test_rows[1]] = "a,-1,yes"
    (tmp_path / "t.csv").write_text("plan,months,churn\n" + "\n".join(rows) + "\n")
    said = train_here("t.csv", "--output", "m.bin").stdout
    assert "2 test customers are left out of the figures: the contract refuses them (months: 1, plan: 1)" in said
    assert load_model(tmp_path / "m.bin").card.figures["tested_on"] == 38


@pytest.mark.parametrize(
    "options",
    [
        ["--C", "0"],
        ["--C", "nan"],
        ["--folds", "1"],
        ["--output", "model.json"],
        ["--output", "nowhere/model.bin"],
        ["--output", ".."],
        ["--value", "200"],
        ["--accept", "3", "--value", "200", "--offer", "10", "--contact", "1"],
        ["--report", "report.pdf"],
        ["--report", "nowhere/report.html"],
        ["--rest-negative"],
        ["--positive", " "],
        ["--event", " "],
        ["--event", "x" * 41],
        ["--event", "buy\nagain"],
        ["--event", "two words!"],
        ["--event", "<b>leave</b>"],
        ["--event", "-"],
    ],
)
def test_an_option_that_makes_no_sense_stops_with_status_2(options, capsys):
    with pytest.raises(SystemExit) as stop:
        train.main(options)
    assert stop.value.code == 2
    assert options[0] in capsys.readouterr().err


@pytest.mark.parametrize(
    ("table", "output"), [("t.csv", "t.csv"), ("t.json", "t.bin"), ("link.csv", "t.csv"), ("t.csv", "link.csv")]
)
def test_an_output_that_is_the_table_stops_with_status_2(tmp_path, capsys, table, output):
    (tmp_path / "link.csv").symlink_to("t.csv")
    (tmp_path / table.replace("link", "t")).write_text("kept")
    with pytest.raises(SystemExit) as stop:
        train.main([str(tmp_path / table), "--output", str(tmp_path / output), "--force"])
    assert stop.value.code == 2
    assert "would overwrite the table" in capsys.readouterr().err
    assert (tmp_path / table).read_text() == "kept"


@pytest.mark.parametrize("place", ["/dev/null", "link"])
def test_a_device_is_refused_as_an_output(tmp_path, capsys, place):
    (tmp_path / "link").symlink_to("/dev/null")
    with pytest.raises(SystemExit) as stop:
        train.main(["--output", str(tmp_path / place)])
    assert stop.value.code == 2
    assert "--output must be a file" in capsys.readouterr().err


def test_an_output_whose_card_is_another_models_stops_before_training(small_pair, tmp_path, monkeypatch, capsys):
    first, second = "model_C=0.1", "model_C=0.5"
    shutil.copy(small_pair, tmp_path / first)
    shutil.copy(card_path(small_pair), card_path(tmp_path / first))
    before = files(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError) as error:
        train.main(["nowhere.csv", "--output", second, "--force"])  # it ends before it looks for the table
    card = card_path(tmp_path / first)
    assert str(error.value) == f"{card}: is the card of {first}, and would be that of {second}: take another name"
    assert tuple(capsys.readouterr()) == ("", "")
    assert files(tmp_path) == before


KILLED = """
import os, pathlib, signal, sys
import train
replace = pathlib.Path.replace

def replace_and_die(source, target):
    replace(source, target)
    os.kill(os.getpid(), signal.SIGKILL)

pathlib.Path.replace = replace_and_die
train.main(sys.argv[1:])
"""


@pytest.mark.parametrize("again", ["model_C=0.5", "model_C=0.1"])
def test_a_first_training_killed_between_its_renames_is_not_served_and_can_be_repeated(small_csv, tmp_path, again):
    path = tmp_path / "model_C=0.5"
    command = [sys.executable, "-c", KILLED, str(small_csv), "--output", str(path), *CHEAP]
    assert subprocess.run(command, cwd=PROJECT, capture_output=True, check=False).returncode == -signal.SIGKILL
    assert card_path(path).exists()
    with pytest.raises(ModelError, match=r"No such file or directory; model_C=0\.json is there without it"):
        load_model(path, patience_s=0)
    left = [path for path in tmp_path.iterdir() if path.suffix == ".new"]
    assert len(left) == 1  # the model's, which the next writer sweeps when it is an hour old
    os.utime(left[0], (0, 0))
    train.main([str(small_csv), "--output", str(tmp_path / again), *CHEAP])
    assert load_model(tmp_path / again).card
    assert left[0].exists() == (again != path.name)


def test_a_linked_output_is_written_to_the_links_target_and_keeps_its_mode(small_pair, small_csv, tmp_path):
    (tmp_path / "releases").mkdir()
    real, link = tmp_path / "releases" / "real.bin", tmp_path / "link.bin"
    for path in (real, card_path(real)):
        shutil.copy(small_pair if path == real else card_path(small_pair), path)
        path.chmod(0o640)
    link.symlink_to("releases/real.bin")
    card_path(link).symlink_to("releases/real.json")
    before = load_model(real).sha256
    train.main([str(small_csv), "--output", str(link), "--C", "0.5", "--force", *CHEAP])
    assert link.is_symlink()
    assert card_path(link).is_symlink()
    assert load_model(link).pair == load_model(real).pair
    assert load_model(real).sha256 != before
    assert {path.stat().st_mode & 0o777 for path in (real, card_path(real))} == {0o640}
    assert sorted(path.name for path in real.parent.iterdir()) == ["real.bin", "real.json"]


def test_a_linked_report_is_written_to_the_links_target_and_keeps_its_mode(small_csv, tmp_path):
    real, link = tmp_path / "real.html", tmp_path / "link.html"
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to("real.html")
    train.main([str(small_csv), "--output", str(tmp_path / "m.bin"), "--report", str(link), *CHEAP])
    assert link.is_symlink()
    assert "<html" in real.read_text(encoding="utf-8")
    assert real.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", ["a FIFO", "400,000,000 bytes"])
def test_a_wrong_file_in_place_of_the_model_is_kept_unread_unless_forced(small_csv, tmp_path, capsys, kind):
    path = tmp_path / "m.bin"
    if kind == "a FIFO":
        os.mkfifo(path)
    else:
        with path.open("wb") as file:
            file.truncate(400_000_000)
    with pytest.raises(SystemExit) as stop:
        train.main([str(small_csv), "--output", str(path), *CHEAP])
    assert stop.value.code == 4
    said = capsys.readouterr().err
    assert f"{path} is kept: it can't be compared with the new model: it can't be served" in said
    assert kind in said
    train.main([str(small_csv), "--output", str(path), *CHEAP, "--force"])
    assert load_model(path).card


def test_a_model_that_the_service_would_refuse_is_not_written(small_csv, tmp_path, monkeypatch):
    monkeypatch.setattr("churn.pickles.pickle_reader.MOST_OPCODES", 300)
    with pytest.raises(ModelError, match="takes more than 300 opcodes"):
        train.main([str(small_csv), "--output", str(tmp_path / "m.bin"), *CHEAP])
    assert list(tmp_path.iterdir()) == []


def test_the_card_holds_no_time_and_no_path(shipped):
    text = card_path(shipped.path).read_text()
    json.loads(text)
    assert str(PROJECT) not in text
    assert ".csv" not in text
    assert not re.search(r"\b20\d\d-\d\d|\d\d:\d\d", text)


MONEY = ["--value", "200", "--offer", "10", "--contact", "1", "--accept", "0.3"]


def files(folder):
    return {path: path.read_bytes() for path in folder.iterdir()}


def test_a_campaigns_threshold_goes_into_the_card_and_the_service_takes_it(tmp_path, capsys):
    path = tmp_path / "model.bin"
    train.main(["--output", str(path), *MONEY])
    said = capsys.readouterr().out
    model = load_model(path)
    assert model.threshold == pytest.approx(11 / 67)
    assert model.card.figures["auc_interval"] == pytest.approx([0.841, 0.881], abs=0.003)
    customers = [GOOD, GOOD | {"contract": "two_year", "tenure": 70}]
    answers = make_client(ServedModel(path)).post("/predict", json=customers).json
    assert [answer["churn"] for answer in answers] == [True, False]
    assert 11 / 67 < answers[0]["churn_probability"] < 0.5
    stricter = make_client(ServedModel(path, threshold=0.5))  # as CHURN_THRESHOLD sets it
    assert stricter.post("/predict", json=GOOD).json["churn"] is False

    y, probabilities = course_test_part(path)
    for name, threshold in (("where it pays", 11 / 67), ("0.5", 0.5)):
        contacted = probabilities >= threshold
        earned = 57 * (contacted & (y == 1)).sum() - 10 * (contacted & (y == 0)).sum() - contacted.sum()
        line = rf"^  {re.escape(name)} +{threshold:.4f} +{contacted.sum():,} +{earned:,.0f}$"
        assert re.search(line, said, re.MULTILINE), said
    assert "best in hindsight" in said
    assert "would stay is assumed to accept the offer" in said


def course_test_part(path):
    """Labels and scikit-learn's own probabilities of the 20 % that the course's split keeps for the test."""
    rows = train_test_split(np.arange(len(CLEAN_CUSTOMERS)), test_size=0.2, random_state=1)[1]
    labels = pd.read_csv(CSV).Churn.eq("Yes").to_numpy().astype(int)
    return labels[rows], sklearn_probabilities(path, [CLEAN_CUSTOMERS[row] for row in rows])


def test_without_a_campaign_the_threshold_goes_back_and_that_is_reported(pair, small_csv, capsys):
    train.main([str(small_csv), "--output", str(pair), *MONEY, *CHEAP])
    assert "threshold: 0.1642, was 0.5000" in capsys.readouterr().out
    train.main([str(small_csv), "--output", str(pair), *CHEAP])
    assert "threshold: 0.5000, was 0.1642; --value" in capsys.readouterr().out
    assert load_model(pair).threshold == 0.5


@pytest.fixture
def shipped_in_place(shipped, tmp_path):
    """The shipped pair as m.bin and m.json."""
    path = tmp_path / "m.bin"
    shutil.copy(shipped.path, path)
    shutil.copy(card_path(shipped.path), card_path(path))
    return path


def test_a_worse_model_does_not_replace_a_better_one_unless_forced(shipped_in_place, tmp_path, train_here):
    before = files(tmp_path)
    worse = train_here("--output", "m.bin", "--C", "1e-6")
    assert worse.returncode == 4
    assert worse.stderr == (
        "train.py: m.bin is kept: the new model is worse, and by more than chance explains; --force replaces it, and "
        "--output FILE keeps both\n"
    )
    assert re.search(r"auc 0\.\d{3}, was 0\.861, on the same 1,409 test customers: -0\.0\d+ \(95 %: -", worse.stdout)
    assert "another table" not in worse.stdout
    assert files(tmp_path) == before
    assert train_here("--output", "m.bin", "--C", "1e-6", "--force").returncode == 0
    assert load_model(shipped_in_place).card.training["C"] == 1e-6


def test_a_new_table_replaces_the_old_one_and_the_differences_are_reported(pair, tmp_path, capsys):
    rows = CSV.read_text().splitlines(keepends=True)
    some = [row for number, row in enumerate(rows[400:]) if "Two year" not in row or number % 4 == 0]
    later = "".join(row.replace("Two year", "Three year") for row in some[:1000])
    (tmp_path / "later.csv").write_text(rows[0] + later)
    version = load_model(pair).version
    train.main([str(tmp_path / "later.csv"), "--output", str(pair), *CHEAP])
    said = capsys.readouterr().out
    assert f"compared with the model in place, {version}:" in said
    assert "the old model is from another table: it may have been fitted on some of these customers" in said
    assert re.search(
        r"\d+ test customers are left out of that: the old model can't score them \(contract: \d+\)", said
    )
    assert "contract: contract: lost the category two_year (breaks clients)" in said
    assert "contract: contract: new category three_year" in said
    assert re.search(r"contract: totalcharges: 1\d.* in training, was ", said)
    assert load_model(pair).version != version


def test_a_model_that_cant_be_compared_is_kept_unless_forced(pair, tmp_path, train_here):
    table = "plan,months,churn\n" + "".join(f"{'ab'[n % 2]},{n % 7},{'yes' if n % 3 else 'no'}\n" for n in range(200))
    (tmp_path / "other.csv").write_text(table)
    before = files(tmp_path)
    finished = train_here("other.csv", "--output", pair.name)
    assert finished.returncode == 4
    assert finished.stderr.startswith(f"train.py: {pair.name} is kept: it can't be compared with the new model: ")
    assert finished.stderr.count("\n") == 1
    assert "contract: plan: new, and has to be sent (breaks clients)" in finished.stdout
    assert files(tmp_path) == before
    assert train_here("other.csv", "--output", pair.name, "--force").returncode == 0


def test_a_model_in_place_that_cant_be_served_is_kept_unless_forced(pair, small_csv, train_here):
    pair.write_bytes(b"cut off")
    card_path(pair).unlink()
    before = files(pair.parent)
    finished = train_here(small_csv, "--output", pair)
    assert finished.returncode == 4
    assert "it can't be compared with the new model: it can't be served" in finished.stderr
    assert files(pair.parent) == before
    assert train_here(small_csv, "--output", pair, "--force").returncode == 0
    assert load_model(pair).card


PLANS_ROWS = 1465  # 293 of them are tested on
PLANS_TEST = train_test_split(np.arange(PLANS_ROWS), test_size=0.2, random_state=1)[1]


def plans_table(path, plans, cards):
    """A table in which nine of ten customers leave in the first of two years, and the others later."""
    rng = np.random.default_rng(1)
    months = rng.integers(0, 24, PLANS_ROWS)
    left = (months < 12) ^ (rng.random(PLANS_ROWS) < 0.1)
    left[PLANS_TEST[:3]] = [True, False, True]
    rows = zip(plans, cards, months, np.where(left, "yes", "no"), strict=True)
    path.write_text("plan,card,months,churn\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
    return path


def test_a_model_that_can_be_compared_on_3_of_293_test_customers_is_not_put_in_place(tmp_path, train_here):
    """The plans have new names except for a few customers, three of whom are tested on; four also have a new card."""
    plans, cards = np.array(["s", "m"] * PLANS_ROWS)[:PLANS_ROWS], np.array(["chip"] * PLANS_ROWS, dtype=object)
    cards[::9] = "none"
    plans_table(tmp_path / "old.csv", plans, cards)
    renamed = np.where(plans == "s", "small", "medium").astype(object)
    renamed[PLANS_TEST[:3]] = "s"
    renamed[np.setdiff1d(np.arange(PLANS_ROWS), PLANS_TEST)[:20]] = "s"  # so that the new model knows it too
    cards[PLANS_TEST[3:7]] = "phone"
    cards[np.setdiff1d(np.arange(PLANS_ROWS), PLANS_TEST)[20:40]] = "phone"
    cards[PLANS_TEST[:3]] = "chip"
    plans_table(tmp_path / "new.csv", renamed, cards)
    train_here("old.csv", "--output", "m.bin")
    before = files(tmp_path)
    finished = train_here("new.csv", "--output", "m.bin")
    assert finished.returncode == 4, finished.stdout
    why = "it can score only 3 of 293 test customers (plan: 290, card: 4)"
    assert finished.stderr == f"train.py: m.bin is kept: {why}; {WAYS}\n"
    lines = finished.stdout.splitlines()
    assert "  290 test customers are left out of that: the old model can't score them (plan: 290, card: 4)" in lines
    few = "only 3 of 293 test customers could be compared with the model in place."
    assert f"Do not ship it without a look: {few}" in lines
    assert files(tmp_path) == before


@pytest.mark.parametrize("refused", [29, 30])  # of 293: the first leaves 90.1 %, the second 89.8 %
def test_a_model_that_can_be_tested_on_less_than_90_percent_does_not_replace_another(tmp_path, capsys, refused):
    plans = np.array(["s", "m"] * PLANS_ROWS)[:PLANS_ROWS].astype(object)
    plans[PLANS_TEST[-refused:]] = "new"  # not seen in training
    csv = plans_table(tmp_path / "t.csv", plans, plans)
    output = tmp_path / "m.bin"
    fields = f"(card: {refused}, plan: {refused})"
    train.main([str(csv), "--output", str(output), *CHEAP])  # written, as no model is in place
    said = capsys.readouterr().out
    assert f"{refused} test customers are left out of the figures: the contract refuses them {fields}" in said
    stopped = f"Do not ship it: only {293 - refused} of 293 test customers could be tested." in said
    assert stopped == (refused == 30)
    if not stopped:
        train.main([str(csv), "--output", str(output), *CHEAP])
        return
    before = files(tmp_path)
    with pytest.raises(SystemExit) as stop:
        train.main([str(csv), "--output", str(output), *CHEAP])
    assert stop.value.code == 4
    why = f"the new model could be tested on only 263 of 293 test customers {fields}"
    assert capsys.readouterr().err == f"train.py: {output} is kept: {why}; {WAYS}\n"
    assert files(tmp_path) == before


@pytest.fixture
def train_with(small_csv, tmp_path, monkeypatch, capsys):
    """The output of train.py with POSITIVE_CLASS set, and with an invalid PORT, which only serving reads."""

    def run_with(positive_class):
        monkeypatch.setenv("POSITIVE_CLASS", positive_class)
        monkeypatch.setenv("PORT", "http")
        with contextlib.suppress(SystemExit):  # the gate ends the script
            train.main([str(small_csv), "--output", str(tmp_path / "m.bin"), *CHEAP])
        return "".join(capsys.readouterr())

    return run_with


@pytest.mark.parametrize(("positive_class", "sign"), [("b", 1), ("A", -1), ("c", 1)])
def test_the_model_in_place_is_read_with_the_class_that_is_set_as_positive(
    train_with, tmp_path, positive_class, sign
):
    dv, model = pickle.loads((PROJECT / "tests" / "models" / "sklearn-1.9.1.bin").read_bytes())
    model.coef_, model.intercept_, model.classes_ = sign * model.coef_, sign * model.intercept_, np.array(["a", "b"])
    (tmp_path / "m.bin").write_bytes(pickle.dumps((dv, model)))
    said = train_with(positive_class)
    if positive_class == "c":
        reason = "its classes are 'a' and 'b', and POSITIVE_CLASS='c' is neither: set it to the class that leaves"
        assert f"it can't be served: {tmp_path / 'm.bin'}: {reason}" in said
    else:
        assert float(re.search(r"auc 0\.\d+, was (0\.\d+)", said)[1]) > 0.7


@pytest.mark.parametrize(
    ("positive_class", "reason"),
    [
        ("1", None),
        ("1.0", None),
        ("Churned", "its classes are 0 and 1, and POSITIVE_CLASS='Churned' is neither"),
        ("0", "its card's model was trained for class 1"),
    ],
)
def test_a_setting_with_which_the_service_refuses_the_new_model_is_reported(train_with, positive_class, reason):
    lines = [line for line in train_with(positive_class).splitlines() if "the service will refuse" in line]
    assert len(lines) == (0 if reason is None else 1)
    assert all(f"this model while POSITIVE_CLASS={positive_class!r} is set: {reason}" in line for line in lines)


def test_a_training_that_replaces_nothing_is_reported_all_the_same(shipped_in_place, tmp_path, train_here):
    before = files(tmp_path)
    worse = train_here("--output", "m.bin", "--C", "1e-6", "--report", "r.html")
    headline = "Do not ship it: the model in place ranks customers better."
    assert worse.returncode == 4
    assert headline in worse.stdout.splitlines()
    assert headline in (tmp_path / "r.html").read_text(encoding="utf-8")
    (tmp_path / "r.html").unlink()
    assert files(tmp_path) == before


@pytest.mark.parametrize("name", ["m.html", "t.html"])
def test_a_report_never_overwrites_the_model_or_the_table(name, tmp_path, capsys):
    for path in ("m.html", "t.html"):
        (tmp_path / path).write_text("kept")
    with pytest.raises(SystemExit):
        train.main([str(tmp_path / "t.html"), "--output", str(tmp_path / "m.html"), "--report", str(tmp_path / name)])
    assert "--report would overwrite the model or the table" in capsys.readouterr().err
    assert (tmp_path / name).read_text() == "kept"


def test_a_closed_pipe_ends_it_without_a_traceback(small_csv, tmp_path):
    process = subprocess.Popen(
        [sys.executable, str(PROJECT / "train.py"), str(small_csv)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_test_part_that_the_contract_refuses_is_reported_with_its_fields(tmp_path, capsys):
    plans = np.array(["s", "m"] * PLANS_ROWS)[:PLANS_ROWS].astype(object)
    plans[PLANS_TEST] = "new"  # not seen in training
    csv = plans_table(tmp_path / "t.csv", plans, np.array(["chip", "none"] * PLANS_ROWS)[:PLANS_ROWS])
    with pytest.raises(TableError, match=r"only 0 of its 293 test customers \(plan: 293\)"):
        train.main([str(csv), "--output", str(tmp_path / "m.bin")])
    assert not (tmp_path / "m.bin").exists()


WAITS = """
import pathlib, runpy, signal, sys, time
from churn.training import fit as training
step, csv, output = sys.argv[1:]
cross_validate = training.cross_validate

def wait(*arguments, **options):
    pathlib.Path("at-work").touch()
    while True:
        time.sleep(0.01)

def hang_up(*arguments, **options):
    signal.raise_signal(signal.SIGHUP)
    return cross_validate(*arguments, **options)

if step == "while it validates":
    training.cross_validate = wait
elif step == "under nohup":
    training.cross_validate = hang_up
else:
    from churn.model import file as model_file
    replace = pathlib.Path.replace
    def signal_around(self, target):
        signal.raise_signal(signal.SIGTERM)
        replaced = replace(self, target)
        signal.raise_signal(signal.SIGINT)
        return replaced
    pathlib.Path.replace = signal_around
sys.argv = ["train.py", csv, "--shapes", "none", "--output", output]
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has background jobs ignore it
if step == "under nohup":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
runpy.run_path("PROJECT/train.py", run_name="__main__")
if step == "while it writes":
    for ending in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.raise_signal(ending)
""".replace("PROJECT", str(PROJECT))


def start_waiting(step: str, csv, folder) -> subprocess.Popen:
    command = [sys.executable, "-c", WAITS, step, str(csv), "m.bin"]
    environ = os.environ | {"PYTHONPATH": str(PROJECT)}
    return subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_it_with_nothing_written_and_nothing_left(small_csv, tmp_path, number, status):
    folder = tmp_path / "folder"
    folder.mkdir()
    with start_waiting("while it validates", small_csv, folder) as process:
        wait_until((folder / "at-work").exists)
        process.send_signal(number)
        said = process.communicate(timeout=30)[0].decode()
    assert process.returncode == status, said
    assert "Traceback" not in said
    assert [path.name for path in folder.iterdir()] == ["at-work"]


@pytest.mark.parametrize("step", ["while it writes", "under nohup"])
def test_a_signal_comes_too_late_once_it_writes_and_never_under_nohup(small_csv, tmp_path, step):
    folder = tmp_path / "folder"
    folder.mkdir()
    with start_waiting(step, small_csv, folder) as process:
        said = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 0, said
    assert sorted(path.name for path in folder.iterdir()) == ["m.bin", "m.json"]
    assert load_model(folder / "m.bin").card


def test_a_report_is_not_written_to_a_pipe_that_may_have_no_reader(small_csv, tmp_path, train_here):
    os.mkfifo(tmp_path / "fifo.html")
    finished = train_here(small_csv, "--report", "fifo.html")
    assert finished.returncode == 2
    assert "--report must be a file" in finished.stderr


THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")


def test_the_bytes_do_not_depend_on_how_many_threads_are_set(tmp_path):
    """One thread and two give other last digits on this table, whose fit is large enough for a second one."""
    pairs = []
    for threads in ("1", "2"):
        path = tmp_path / f"m{threads}.bin"
        finished = run("--output", path, "--folds", 2, cwd=tmp_path, **dict.fromkeys(THREADS, threads))
        assert finished.returncode == 0, finished.stderr
        pairs.append((path.read_bytes(), card_path(path).read_bytes()))
    assert pairs[0] == pairs[1]


def test_a_model_with_the_same_content_is_kept_and_another_is_written(small_csv, tmp_path, train_here):
    path = tmp_path / "m.bin"
    train_here(small_csv, "--output", path)
    dv, model = pickle.loads(path.read_bytes())
    model.coef_ = model.coef_ + 1e-13  # as another processor adds up
    pickled = pickle.dumps((dv, model), protocol=4)
    card = msgspec.structs.replace(load_model(path).card, model_sha256=hashlib.sha256(pickled).hexdigest())
    write_pair(path, pickled, msgspec.structs.replace(card, training=card.training | {"python": OTHER_PATCH}))
    before, stamps = files(tmp_path), {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    said = train_here(small_csv, "--output", path)
    assert (said.returncode, said.stderr) == (0, "")
    assert f"{path} and its card are kept: the new ones are the same, all numbers within 1e-09\n" in said.stdout
    assert files(tmp_path) == before
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == stamps
    assert "the model is saved to" in train_here(small_csv, "--output", path, *MONEY).stdout
    assert load_model(path).threshold == pytest.approx(11 / 67)
    assert "are kept" in train_here(small_csv, "--output", path, *MONEY).stdout
    assert "the model is saved to" in train_here(small_csv, "--output", path, *MONEY, "--force").stdout


OTHER_PATCH = ".".join([*platform.python_version_tuple()[:2], "99"])
USED_UP = """
import runpy, sys
from churn.training import table
def read_table(*arguments, **options):
    raise MemoryError
table.read_table = read_table
sys.argv = ["train.py"]
runpy.run_path("train.py", run_name="__main__")
"""


def test_running_out_of_memory_is_reported_in_one_line():
    done = subprocess.run([sys.executable, "-c", USED_UP], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "train.py: out of memory; leave out columns or rows\n")


def test_thousands_of_columns_are_trained_compared_and_served(tmp_path, train_here):
    """More than a dense fit takes: in the card, in the service, in the report, and against the model in place."""
    rng = np.random.default_rng(1)
    cities = rng.permutation(np.resize(np.arange(2100), 9000))
    effects = rng.normal(size=2100)
    plans, fees = rng.integers(0, 3, 9000), rng.gamma(1, 100, 9000).round(2)
    left = rng.random(9000) < 1 / (1 + np.exp(1 - effects[cities] - fees / 300))
    frame = pd.DataFrame(
        {"city": [f"c{city}" for city in cities], "plan": [f"p{plan}" for plan in plans], "fee": fees}
    )
    frame.assign(churn=np.where(left, "yes", "no")).to_csv(tmp_path / "wide.csv", index=False)
    for C, report in ((0.5, []), (1, ["--report", "r.html"])):
        said = train_here("wide.csv", "--output", "m.bin", "--C", C, *report)
        assert (said.returncode, said.stderr) == (0, "")
    assert "compared with the model in place" in said.stdout
    model = load_model(tmp_path / "m.bin")
    assert model.card.training["columns"] == 2105
    dv, fitted = pickle.loads(model.path.read_bytes())
    assert (type(dv), type(fitted)) == (DictVectorizer, LogisticRegression)
    customer = {"city": "c17", "plan": "p2", "fee": 123.4}
    record = customer | {"log1p(fee)": np.log1p(123.4)}
    answer = make_client(ServedModel(model.path)).post("/predict", json=customer).json["churn_probability"]
    assert answer == pytest.approx(fitted.predict_proba(dv.transform([record]))[0, 1], abs=1e-12)
    train_rows, test_rows = train_test_split(np.arange(9000), test_size=0.2, random_state=1)
    X = DictVectorizer().fit_transform(frame.assign(**{"log1p(fee)": np.log1p(fees)}).to_dict(orient="records"))
    dense = LogisticRegression(solver="newton-cholesky", tol=1e-10).fit(X[train_rows].toarray(), left[train_rows])
    expected = roc_auc_score(left[test_rows], dense.predict_proba(X[test_rows].toarray())[:, 1])
    assert model.card.figures["auc"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("rung", ["shapes", "pairs"])
def test_a_plain_model_cant_be_asked_for_shapes(capsys, rung):
    with pytest.raises(SystemExit) as stop:
        train.main(["--plain", "--shapes", rung])
    assert stop.value.code == 2
    assert f"--plain and --shapes {rung} can't be combined" in capsys.readouterr().err


def test_requested_shapes_are_in_the_file_and_a_second_run_gives_the_same_bytes(tmp_path, small_csv, capsys):
    files = [tmp_path / "a.bin", tmp_path / "b.bin"]
    for path in files:
        train.main([str(small_csv), "--shapes", "pairs", "--folds", "2", "--output", str(path)])
    assert files[0].read_bytes() == files[1].read_bytes()
    assert card_path(files[0]).read_bytes() == card_path(files[1]).read_bytes()
    assert load_model(files[0]).scorer.curves


def test_the_last_line_names_the_file_that_is_served(small_csv, tmp_path, train_here, monkeypatch):
    monkeypatch.delenv("MODEL_FILE", raising=False)
    for _ in range(2):  # the second model is kept, as it is the same
        said = train_here(small_csv).stdout.splitlines()
        assert said[-1] == "the service serves model_C=1.0.bin: this model"
    said = train_here(small_csv, "--C", "0.5").stdout.splitlines()
    served = "the service serves model_C=1.0.bin, not this model: "
    assert said[-1] == served + "MODEL_FILE='model_C=0.5.bin' make serve, or --output 'model_C=1.0.bin'"
    monkeypatch.setenv("MODEL_FILE", str(tmp_path / "model_C=0.5.bin"))
    said = train_here(small_csv, "--C", "0.5", "--force").stdout.splitlines()
    assert said[-1].endswith("model_C=0.5.bin: this model")
