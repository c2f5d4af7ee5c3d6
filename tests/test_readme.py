"""README and docs against the code, both ways: commands, routes, options, settings, limits, each curl's answer."""

import ast
import json
import os
import re
import subprocess
import sys

import click
import pytest

from churn.__main__ import commands
from churn.batch.command import score_command
from churn.server.settings import read_settings
from churn.tables.csv_lines import MAX_ROW_CHARACTERS
from churn.web import answers, bodies
from tests.customers import GOOD, PROJECT
from tests.posting import JSON
from tests.readme import API, COMMANDS, FILES, README, TRAINING, read_code, read_requests, read_table

MONITORING = (PROJECT / "docs/monitoring.md").read_text(encoding="utf-8")
MAKEFILE = (PROJECT / "Makefile").read_text()
REQUESTS = [*read_requests(README), *read_requests(API)]
PAST_THE_SETTINGS = {"PROMETHEUS_MULTIPROC_DIR", "WEB_CONCURRENCY", "SCRIPT_NAME"}
"""Variables that are read past read_settings: what gunicorn.conf.py sets for its workers, and gunicorn's own two."""


class Recorder(dict):
    """An empty environment that keeps which variables were asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def get(self, name, default=None):
        self.asked.add(name)
        return default


def test_the_settings_table_is_what_the_code_reads():
    environ = Recorder()
    defaults = read_settings(environ)
    rows = {read_code(name)[0]: default for name, default, _ in read_table("variable", COMMANDS)}
    assert set(rows) == environ.asked | {"WEB_CONCURRENCY"}  # which gunicorn reads
    assert rows["MODEL_FILE"] == f"`{defaults.model_file}`"
    assert rows["MAX_CONTENT_LENGTH"] == str(defaults.web.max_content_length_bytes)
    assert rows["LOG_LEVEL"] == f"`{defaults.log_level}`"
    assert rows["PORT"] == str(defaults.port)
    sources = [*(PROJECT / "churn").rglob("*.py"), PROJECT / "predict.py", PROJECT / "gunicorn.conf.py"]
    assert set().union(*(read_past_the_settings(path.read_text()) for path in sources)) == PAST_THE_SETTINGS


def read_past_the_settings(source: str) -> set[str]:
    """The variables that a module reads or sets by itself; `os.environ` whole is what read_settings takes."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        assert not (isinstance(node, ast.Attribute) and node.attr in ("getenv", "environb"))
        assert not (isinstance(node, ast.ImportFrom) and node.module == "os")
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            names.add(ast.literal_eval(node.slice))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith("os.environ."):
            names.add(ast.literal_eval(node.args[0]))
    return names


def test_the_routes_table_is_what_the_app_serves(app):
    documented = [read_code(cell)[0].partition("?")[0] for cell, _ in read_table("request", API)]
    rules = app.url_map.iter_rules()
    served = {f"{method} {rule.rule}" for rule in rules for method in rule.methods - {"HEAD", "OPTIONS"}}
    assert set(documented) == served


def test_the_arguments_and_options_of_score_are_clicks():
    score = score_command(lambda: None)
    arguments = [param.metavar for param in score.params if isinstance(param, click.Argument)]
    options = [" ".join(filter(None, (option.opts[0], option.metavar))) for option in score.params[len(arguments) :]]
    assert [read_code(option)[0] for option, _ in read_table("option", FILES)] == options
    usage = " ".join(["flask --app predict score", *arguments, *(f"[{option}]" for option in options)])
    assert usage in [read_code(command)[0] for command, _ in read_table("command", COMMANDS)]


def test_the_options_of_drift_are_clicks_and_its_output_is_what_the_docs_show(tmp_path):
    drift = commands.commands["drift"]
    options = [param for param in drift.params if isinstance(param, click.Option)]
    names = [" ".join(filter(None, (param.opts[0], param.metavar))) for param in options]
    assert [read_code(option)[0] for option, _ in read_table("option of `drift`", MONITORING)] == names
    (tmp_path / "data").symlink_to(PROJECT / "data")
    block = r"^\$ \S+ (-m flask .*)\n\$ \S+ (-m churn drift .*)\n((?:.*\n)*?)\.\.\.\n```"
    shown = re.search(block, MONITORING, re.MULTILINE)
    environ = os.environ | {"PYTHONPATH": str(PROJECT), "MODEL_FILE": str(PROJECT / "model_C=1.0.bin")}
    for arguments in shown.groups()[:2]:
        command = [sys.executable, *arguments.split()]
        finished = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)
    assert finished.stdout.startswith(shown[3])


def test_the_commands_of_the_package_are_clicks():
    offered = set()
    for name, command in commands.commands.items():
        arguments = [piece for piece in command.collect_usage_pieces(click.Context(command)) if piece != "[OPTIONS]"]
        offered.add(" ".join(["python -m churn", name, *arguments]))
    listed = [read_code(command)[0] for command, _ in read_table("command", COMMANDS)]
    assert {command for command in listed if command.startswith("python -m churn")} == offered


def test_the_make_targets_in_the_docs_are_the_makefiles():
    targets = set(re.findall(r"^([a-z-]+):.*?##", MAKEFILE, re.MULTILINE))
    assert set(re.findall(r"^\| `make ([a-z-]+)`", COMMANDS, re.MULTILINE)) == targets
    assert set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split()) == targets
    listed = subprocess.run(["make"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^make ([a-z-]+) ", listed, re.MULTILINE)) == targets


def test_the_options_of_train_py_are_its_own(capsys):
    from churn.training.command import parse_command

    with pytest.raises(SystemExit):
        parse_command(["--help"], default_csv=PROJECT / "data/telco-churn.csv", positive_class=None)
    offered = set(re.findall(r"--[A-Za-z-]+", capsys.readouterr().out)) - {"--help"}
    rows = re.findall(r"^\| (`--.*?`) \|", TRAINING, re.MULTILINE)
    assert set(re.findall(r"--[A-Za-z-]+", " ".join(rows))) == offered


@pytest.mark.slow
def test_the_campaign_earns_what_the_docs_show(tmp_path, capsys):
    import train

    arguments, shown = re.search(
        r"bin/python train\.py (--value .*?)\n\.\.\.\n(.*?)\.\.\.\n```", TRAINING, re.DOTALL
    ).groups()
    train.main([*arguments.split(), "--output", str(tmp_path / "model.bin")])
    assert shown in capsys.readouterr().out


@pytest.mark.parametrize("asked", REQUESTS, ids=lambda asked: f"{asked.path}, {asked.body[:20]!r}")
def test_a_curl_gets_the_answer_that_the_docs_show(client, asked):
    response = client.post(asked.path, data=asked.body, headers=asked.headers)
    if response.mimetype == "text/csv":  # it goes to a file
        assert asked.shown == ""
        assert response.text.splitlines()[0].endswith("Churn,churn_probability,predicted_churn")
    elif "...\n" in asked.shown:
        for part in asked.shown.split("...\n"):
            assert part.strip() in response.text
        assert response.text.startswith(asked.shown.splitlines()[0])
    else:
        assert asked.shown.replace("\n", "") == response.text


def test_the_curls_ask_for_the_example_customer_with_and_without_reasons_for_a_table_twice_and_for_a_bad_one():
    assert [asked.path for asked in REQUESTS] == ["/predict", "/predict", "/predict?explain=2", *["/predict"] * 3]
    table = {"Content-Type": "text/csv"}
    assert [asked.headers for asked in REQUESTS[3:5]] == [table, table | {"Accept": JSON}]
    assert [asked.headers for asked in [*REQUESTS[:3], REQUESTS[5]]] == [{"Content-Type": JSON}] * 4
    assert [json.loads(asked.body) for asked in REQUESTS[:3]] == [GOOD, GOOD, GOOD]


def test_the_limits_are_the_codes():
    text = re.sub(r"\s+", " ", API)
    assert f"{bodies.MAX_CUSTOMERS:,} customers" in text
    assert f"{bodies.MAX_VALUES:,} values" in text
    assert f"{bodies.MAX_CONTAINERS:,} objects and arrays" in text
    assert f"{bodies.MAX_CUSTOMER_BYTES // 1024} KiB for one customer" in text
    assert bodies.MAX_CUSTOMER_BYTES == MAX_ROW_CHARACTERS
    assert f"{answers.MAX_REASONS:,} reasons" in text


def test_the_statuses_of_the_docs_are_those_of_the_cases():
    documented = set(re.findall(r"\b4\d\d\b", " ".join(status for status, _ in read_table("status", API))))
    assert documented == {"400", "401", "404", "405", "408", "413", "415", "422", "429", "431"}


def test_data_readme_gives_the_tables_sha256_and_rows():
    import hashlib

    from tests.customers import CSV, RAW_CUSTOMERS

    text = (CSV.parent / "README.md").read_text()
    assert hashlib.sha256(CSV.read_bytes()).hexdigest() in text
    assert f"{len(RAW_CUSTOMERS):,}" in text
