"""The command adopt: its exit status, the files that it overwrites, and those that it does not."""

import hashlib
import os
import pickle
import re
import signal
import subprocess
import sys
from pathlib import Path

import joblib
import pytest
from click.testing import CliRunner, Result
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from churn.__main__ import commands
from churn.model.file import load_model
from churn.training.adoption_command import run_adoption
from tests.customers import CLEAN_CUSTOMERS, PROJECT
from tests.documents import MODELS, read_commands
from tests.pairs import RECORDS, write_model


@pytest.fixture
def folder(tmp_path) -> Path:
    """A model file without a card, and the table of its customers."""
    write_model(tmp_path / "foreign.bin", (0, 1))
    rows = [
        f"{record['contract']},{record['tenure']},{label}"
        for record, label in zip(RECORDS, (1, 0, 1, 0), strict=True)
    ]
    (tmp_path / "table.csv").write_text("\n".join(["contract,tenure,churn", *rows]), encoding="utf-8")
    return tmp_path


def run(folder: Path, *options: str, files=("foreign.bin",), output="adopted.bin") -> Result:
    paths = [str(folder / name) for name in files]
    arguments = ["adopt", *paths, "--table", str(folder / "table.csv"), "--output", str(folder / output), *options]
    return CliRunner().invoke(commands, arguments)


def digest(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def check_refusal(result: Result, folder: Path, before: dict[str, str], reason: str) -> None:
    """Check that it ended with status 2 and the reason in its last line, and that the folder has not changed."""
    assert (result.exit_code, digest(folder)) == (2, before)
    assert reason in result.stderr.splitlines()[-1]


def test_a_pair_is_written_that_is_served(folder):
    result = run(folder)
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"the model is saved to {folder / 'adopted.bin'}, its card to {folder / 'adopted.json'}" in result.stdout
    assert load_model(folder / "adopted.bin").card.table["adopted_on"] == 4


def test_it_runs_no_code_of_the_file(folder):
    trace = folder / "trace"
    before = digest(folder)
    (folder / "foreign.bin").write_bytes(b"cos\nsystem\n(S'touch %b'\ntR." % str(trace).encode())
    before = digest(folder)
    check_refusal(run(folder), folder, before, "names 'os.system', which a model file may not; nothing of it was run")
    assert not trace.exists()


def test_a_file_at_the_output_is_replaced_only_with_force(folder):
    for output in ("foreign.bin", "other.bin"):
        if output == "other.bin":
            write_model(folder / output, ("no", "yes"))
        before = digest(folder)
        check_refusal(run(folder, output=output), folder, before, "exists already; --force replaces it")
        assert run(folder, "--force", output=output).exit_code == 0
        assert load_model(folder / output).card
        (folder / output).with_suffix(".json").unlink()


def test_the_card_does_not_replace_another_file(folder):
    (folder / "foreign.json").write_bytes((folder / "foreign.bin").read_bytes())
    before = digest(folder)
    reason = "the card of --output would overwrite a file of the model"
    check_refusal(run(folder, "--force", files=("foreign.json",), output="foreign.pkl"), folder, before, reason)
    check_refusal(run(folder, output="adopted.json"), folder, before, "not end in .json")
    check_refusal(run(folder, "--force", output="table.csv"), folder, before, "would overwrite the table")
    (folder / "foreign.json").unlink()
    assert run(folder, output="adopted.bin").exit_code == 0
    before = digest(folder)
    check_refusal(run(folder, output="adopted.v2"), folder, before, "is the card of adopted.bin")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--positive", ""), "--positive must be a value"),
        (("--event", "1"), "--event must be a verb"),
        (("--missing", ","), "--missing must name something"),
        (("--drop", "tenure"), "unrecognized arguments: --drop tenure"),
    ],
)
def test_a_bad_option_ends_with_status_2(options, reason, folder):
    check_refusal(run(folder, *options), folder, digest(folder), reason)


def test_a_missing_file_or_table_is_named(folder):
    before = digest(folder)
    check_refusal(run(folder, files=("none.bin",)), folder, before, "none.bin: can't be read: No such file")
    (folder / "table.csv").unlink()
    check_refusal(run(folder), folder, digest(folder), "table.csv: can't be read: No such file")


def test_parts_that_do_not_make_a_model_are_refused(folder):
    dv, model = pickle.loads((folder / "foreign.bin").read_bytes())
    (folder / "dv.bin").write_bytes(pickle.dumps(dv))
    (folder / "model.bin").write_bytes(pickle.dumps(model))
    assert run(folder, files=("model.bin", "dv.bin")).exit_code == 0
    before = digest(folder)
    refused = run(folder, "--force", files=("dv.bin", "foreign.bin"))
    check_refusal(refused, folder, before, "holds 2 of DictVectorizer")
    check_refusal(run(folder, "--force", files=("dv.bin",)), folder, before, "without its LogisticRegression")


def test_its_caller_keeps_its_signal_handlers_and_no_signal_ends_the_command_once_it_writes(folder):
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    assert run(folder).exit_code == 0
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == handlers
    code = (
        "import pathlib, runpy, signal, sys; from churn.training import adoption_command\n"
        "write = adoption_command.write_pair\n"
        "def raise_and_write(*arguments, uninterrupted):\n"
        "    with uninterrupted():\n"
        "        signal.raise_signal(signal.SIGTERM)\n"
        "    write(*arguments)\n"
        "adoption_command.write_pair = raise_and_write\n"
        "runpy.run_module('churn', run_name='__main__')"
    )
    arguments = ["adopt", "foreign.bin", "--table", "table.csv", "--output", "late.bin"]
    finished = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        check=False,
    )
    assert finished.returncode == 0
    assert load_model(folder / "late.bin").card


def test_a_full_disk_ends_with_status_1(folder, monkeypatch):
    def fail(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("churn.training.adoption_command.write_pair", fail)
    result = run(folder)
    assert result.exit_code == 1
    assert result.stderr == f"adopt: {folder / 'adopted.bin'} can't be written: No space left on device\n"


def test_its_help_names_every_option():
    told = CliRunner().invoke(commands, ["adopt", "--help"]).stdout
    for option in ("--table", "--output", "--force", "--target", "--positive", "--map", "--missing", "--no-groups"):
        assert option in told


def test_the_command_is_the_one_in_the_readme_and_its_lines_are_those_in_the_docs(tmp_path, capsys, monkeypatch):
    """README and docs name the same command; its lines are those for a model like the one in the docs."""
    guide = (PROJECT / "docs" / "training.md").read_text(encoding="utf-8")
    (words,) = [command.words for command in read_commands(MODELS) if "adopt" in command.words]
    shown = re.search(r"^\$ (\S+ -m churn adopt [^\n]*)\n(.*?)```", guide, re.DOTALL | re.MULTILINE)
    assert shown[1].split() == words
    files, table = words[4], words[words.index("--table") + 1]
    records = [{**record, "seniorcitizen": float(record["seniorcitizen"])} for record in CLEAN_CUSTOMERS[:1000]]
    pipeline = make_pipeline(DictVectorizer(sparse=False), StandardScaler(), LogisticRegression())
    joblib.dump(pipeline.fit(records, [number % 2 for number in range(1000)]), tmp_path / files)
    (tmp_path / "data").symlink_to(PROJECT / "data")
    monkeypatch.chdir(tmp_path)
    run_adoption(words[4:])
    told = re.sub(r"[0-9.]+", "0", capsys.readouterr().out)
    for line in re.sub(r"[0-9.]+", "0", shown[2].replace("...\n", "")).splitlines():
        assert line in told.splitlines()
    assert table == "data/telco-churn.csv"


def test_the_options_in_the_docs_are_those_of_the_command(capsys):
    guide = (PROJECT / "docs" / "training.md").read_text(encoding="utf-8")
    section = guide.split("\n## Adopt\n")[1].split("\n## ")[0]
    with pytest.raises(SystemExit):
        run_adoption(["--help"])
    offered = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert set(re.findall(r"--[a-z-]+", section)) == offered
