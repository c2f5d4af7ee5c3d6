"""`python -m churn`: the output and the status of each command; anything missing is reported in one line."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import churn
from churn.__main__ import commands
from tests.customers import CSV, PROJECT
from tests.pairs import edit_card, write_model
from tests.score_command import score

MODEL = PROJECT / "model_C=1.0.bin"
MODELS = PROJECT / "tests" / "models"


def run(*arguments: str, **environ: str) -> Result:
    """The result of a command with these settings."""
    return CliRunner().invoke(commands, arguments, env=environ)


def check_refusal(result: Result, reason: str) -> None:
    """Check that the command ended with status 2 and with one line and nothing else."""
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert reason in result.stderr


def test_it_runs_as_a_module_and_the_version_is_the_packages():
    command = [sys.executable, "-m", "churn", "version"]
    finished = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, f"{churn.__version__}\n", "")


def test_the_help_lists_every_command_and_where_the_others_are():
    text = " ".join(run("--help").stdout.split())
    for name in commands.commands:
        assert name in text
    for elsewhere in ("flask --app predict score", "train.py", "gunicorn predict:app"):
        assert elsewhere in text


def test_a_command_imports_its_room_only_when_it_runs():
    code = "import sys, churn.__main__; print([name for name in sys.modules if name.startswith('churn.')])"
    finished = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert finished.stdout == "['churn.installed', 'churn.errors', 'churn.__main__']\n"


def test_a_room_that_is_not_there_is_reported_in_one_line(monkeypatch):
    @click.command()
    def drift() -> None:
        from churn.no_such_room import counts  # noqa: F401

    monkeypatch.setitem(commands.commands, "drift", drift)
    check_refusal(run("drift"), "drift: this installation has no churn.no_such_room\n")


def test_a_missing_package_is_not_taken_for_a_missing_room(monkeypatch):
    @click.command()
    def drift() -> None:
        import no_such_package  # noqa: F401

    monkeypatch.setitem(commands.commands, "drift", drift)
    assert isinstance(run("drift").exception, ModuleNotFoundError)


def test_check_model_reports_what_the_service_would_serve(shipped):
    result = run("check-model", str(MODEL))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        f"{MODEL}: the service would serve it",
        f"version: {shipped.version}",
        "fields: 19",
        "who leaves: 1 (who stays: 0)",
        "threshold: 0.5",
        f"golden customers: {len(shipped.card.golden)}, reproduced to 1e-09",
    ]


def test_check_model_obeys_the_settings_as_the_service_does(tmp_path):
    path = write_model(tmp_path / "theirs.bin", ["Stayed", "Churned"])
    result = run("check-model", MODEL_FILE=str(path), POSITIVE_CLASS="churned", CHURN_THRESHOLD="0.125")
    assert result.exit_code == 0
    for line in ("who leaves: 'Churned' (who stays: 'Stayed')", "threshold: 0.125", "golden customers: none: "):
        assert line in result.stdout
    check_refusal(run("check-model", str(path)), "set POSITIVE_CLASS")
    check_refusal(run("check-model", str(path), PORT="http"), "PORT must be a whole number")


@pytest.mark.parametrize("wrong", ["no file", "another model's card", "a golden customer of another probability"])
def test_check_model_refuses_what_the_service_would_refuse(pair, wrong, monkeypatch):
    monkeypatch.setattr("churn.model.file._PAIRING_S", 0.0)
    if wrong == "no file":
        pair.unlink()
    elif wrong == "another model's card":
        edit_card(pair, model_sha256="0" * 64)
    else:
        customer = json.loads(pair.with_suffix(".json").read_text())["golden"][0]["customer"]
        edit_card(pair, golden=[{"customer": customer, "probability": 0.999}])
    check_refusal(run("check-model", str(pair)), f"check-model: {pair.parent}{os.sep}")


def test_inspect_prints_what_is_in_a_file_that_the_service_would_serve():
    result = run("inspect", str(MODEL), MODEL_FILE="nowhere", PORT="http")  # inspect reads no settings
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == f"{MODEL}: the service would serve it"
    assert "who leaves:   1 (who stays: 0)" in lines
    assert "columns:      48, of 19 fields" in lines


def test_inspect_succeeds_for_a_file_that_adopt_can_read():
    result = run("inspect", str(MODELS / "sklearn-1.9.1-joblib.bin"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert "adopt:    python -m churn adopt FILE --table CUSTOMERS.csv --output model.bin\n" in result.stdout


def test_inspect_prints_what_is_known_of_a_refused_file_and_ends_with_the_reason():
    path = MODELS / "sklearn-1.9.1-forest.bin"
    result = run("inspect", str(path))
    assert result.exit_code == 2
    assert result.stdout.startswith(f"{path}: not served\n")
    assert "RandomForestClassifier" in result.stdout
    reason = "holds a RandomForestClassifier: this service serves logistic regression"
    assert result.stderr == f"inspect: {path}: {reason}\n"


def test_inspect_refuses_a_path_that_is_not_a_file_in_one_line(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path, reason in ((tmp_path / "fifo", "a FIFO"), (tmp_path, "a directory"), ("/dev/zero", "a device")):
        check_refusal(run("inspect", str(path)), f"it is {reason}, not a regular file")
    check_refusal(run("inspect", str(tmp_path / "missing")), "No such file or directory")


def test_inspect_prints_letters_that_the_terminal_lacks(tmp_path):
    path = write_model(tmp_path / "theirs.bin", ["gegangen", "geblieben \u0142"])
    finished = subprocess.run(
        [sys.executable, "-m", "churn", "inspect", str(path)],
        cwd=PROJECT,
        env=os.environ | {"PYTHONIOENCODING": "iso8859-1"},
        capture_output=True,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, b"")
    assert b"'geblieben \\u0142'" in finished.stdout


@pytest.mark.parametrize("command", [["version"], ["check-model", "model_C=1.0.bin"], ["inspect", "model_C=1.0.bin"]])
def test_a_full_disk_is_reported_in_one_line(command):
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        finished = subprocess.run(
            [sys.executable, "-m", "churn", *command],
            cwd=PROJECT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert finished.returncode == 1
    assert finished.stderr == f"{command[0]}: the output can't be written: No space left on device\n"


def test_adopt_needs_the_room_of_training_which_an_image_lacks(monkeypatch):
    monkeypatch.setitem(sys.modules, "churn.training.adoption_command", None)
    check_refusal(run("adopt", "model.bin"), "adopt: this installation has no churn.training.adoption_command\n")


@pytest.fixture(scope="module")
def counts(tmp_path_factory) -> Path:
    """The counts that score --counts writes for the shipped table, and for its month-to-month customers."""
    folder = tmp_path_factory.mktemp("counts")
    header, *rows = CSV.read_text().splitlines(keepends=True)
    (folder / "monthly.csv").write_text("".join([header, *(row for row in rows if "Month-to-month" in row)]))
    for source, name in ((CSV, "counts.json"), (folder / "monthly.csv", "monthly.json")):
        scored = score(source, folder / "scored.csv", "--counts", folder / name)
        assert scored.returncode == 0, scored.stderr
    return folder / "counts.json"


def test_drift_prints_the_report_on_counts_that_score_wrote_with_the_model_that_is_set(counts):
    result = run("drift", str(counts), MODEL_FILE=str(MODEL), CHURN_THRESHOLD="0.2")  # the document has its own
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[:2] == [
        f"The 7,043 answers of {counts}, compared with training.",
        "Model d17b47eb3aa6, threshold 0.5.",
    ]
    assert re.search(r"^churn rate +0\.2693 ", result.stdout, re.MULTILINE)  # the mean probability
    assert len(re.findall(r" no$", result.stdout, re.MULTILINE)) == 19
    assert "not customers that behave differently" in lines[-2]


def test_drift_of_changed_customers_is_detected_and_strict_ends_with_3(counts):
    monthly = counts.with_name("monthly.json")
    result = run("drift", str(monthly), str(counts), "--model", str(MODEL), MODEL_FILE="nowhere")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"The 3,875 answers of {monthly}, compared with the 7,043 answers of {counts}.\n")
    assert re.search(r"^contract +0\.450 +<0\.0001  yes$", result.stdout, re.MULTILINE)  # 1 - 3875 / 7043
    assert run("drift", str(monthly), "--strict", MODEL_FILE=str(MODEL)).exit_code == 3
    assert run("drift", str(counts), "--strict", MODEL_FILE=str(MODEL)).exit_code == 0


def test_drift_takes_a_pipe_and_prints_the_document(counts):
    command = [sys.executable, "-m", "churn", "drift", "-", "--json"]
    finished = subprocess.run(command, cwd=PROJECT, input=counts.read_bytes(), capture_output=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, b"")
    document, given = json.loads(finished.stdout), json.loads(counts.read_bytes())
    assert document == given | {"notes": ["The 7,043 answers of -, compared with training.", *given["notes"]]}


def test_drift_refuses_counts_that_it_cant_compare_in_one_line(counts, pair, tmp_path):
    check_refusal(run("drift", str(counts), "--model", str(pair)), "drift: ")
    check_refusal(run("drift", str(CSV), MODEL_FILE=str(MODEL)), "it is not what GET /drift or score --counts gave")
    check_refusal(run("drift", str(counts), str(tmp_path), MODEL_FILE=str(MODEL)), "it is a directory")
    check_refusal(run("drift", str(counts), MODEL_FILE="nowhere"), "nowhere")
