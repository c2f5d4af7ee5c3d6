"""docs/models.md against the code, both ways: the outcome of each kind of file, and each refusal that it quotes."""

import json
import re

import pytest
from click.testing import CliRunner

from churn.__main__ import commands
from churn.inspection.inspecting import inspect_file
from tests.customers import PROJECT
from tests.documents import MODELS, read_code, read_commands, read_table
from tests.no_models import NO_MODELS

FILES = PROJECT / "tests" / "models"
EXPECTED = json.loads((FILES / "expected.json").read_text(encoding="utf-8"))
KINDS = {
    "the two as a tuple": ["pair", "model-dv"],
    "the two as a Pipeline": ["pipeline", "pipeline-named", "pipeline-sparse", "pipeline-liblinear", "pipeline-raw"],
    "the two as a list or a dict": ["list", "dict-dv-model", "dict-vectorizer-classifier", "dict-others"],
    "the two and a threshold": [
        "dv-model-threshold", "model-threshold-dv", "threshold-model-dv", "dv-model-float64", "dict-threshold",
    ],
    "a logistic regression of any kind": [
        "liblinear", "no-intercept", "liblinear-no-intercept", "class-weight", "balanced", "multinomial",
        "random-state", "cv", "cv-stratified", "cv-multinomial",
    ],
    "a DictVectorizer of any kind": ["sparse", "unsorted-separator", "frame"],
    "classes of any name": ["labels", "bool-labels", "frame-labels"],
    "columns in raw spelling": ["raw", "raw-na", "raw-sparse-protocol2", "bool", "bool-texts"],
    "any protocol of pickle": [
        *(f"protocol{number}" for number in (0, 1, 2, 3, 5)), *(f"pipeline-protocol{number}" for number in (0, 2, 5)),
        "labels-protocol5", "cloudpickle",
    ],
    "a scaler between the two": ["scaled", "scaled-no-mean", "scaled-no-std", "scaled-maxabs", "scaled-triple"],
    "a file of joblib": [
        "joblib", "joblib-protocol2", "joblib-zlib", "joblib-gzip", "joblib-bz2", "joblib-xz", "joblib-lzma",
        "joblib-labels", "joblib-raw-zlib", "joblib-pipeline", "joblib-pipeline-zlib", "joblib-dict", "joblib-scaled",
    ],
    "one of the two": ["alone-model", "alone-dv", "alone-joblib-model", "alone-joblib-dv"],
    "another estimator": ["forest", "pipeline-forest", "svc", "sgd"],
    "a calibrated model": ["calibrated"],
    "a third kind of step": ["selected", "minmax", "columns"],
    "a DictVectorizer that rounds": ["float32"],
    "more than two classes": ["three-classes"],
    "columns that are one in clean spelling": ["two-names", "two-numbers", "two-categories"],
    "a field of numbers and texts": ["mixed"],
    "objects that are not fitted": ["not-fitted"],
    "objects by dill": ["dill"],
}  # fmt: skip
"""The kinds of tests/models that each row of the guide is about."""
ROWS = read_table("it holds", MODELS)


def test_the_guide_has_a_row_for_each_kind_of_file_that_is_tested():
    assert [row[0] for row in ROWS] == list(KINDS)
    assert {kind for kinds in KINDS.values() for kind in kinds} == {told["kind"] for told in EXPECTED.values()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_outcome_of_a_kind_of_file_is_the_one_in_the_guide(row):
    it_holds, _, becomes = row
    reasons = []
    for name in (name for name, told in EXPECTED.items() if told["kind"] in KINDS[it_holds]):
        found = inspect_file(FILES / name)
        outcome = "served" if found.model else "adopted" if found.adoption else "refused"
        assert becomes.startswith(outcome), name
        reasons += [found.refusal.reason] if found.refusal else []
    if becomes.startswith("refused"):
        assert read_code(becomes)[0] in reasons


@pytest.mark.parametrize("words", [read_code(words)[0] for words, _ in read_table("it is", MODELS)])
def test_a_file_that_is_not_a_model_is_named_as_in_the_guide(tmp_path, words):
    path = tmp_path / "model.bin"
    path.write_bytes(next(content for content, kind in NO_MODELS.values() if kind == words))
    for command in ("inspect", "check-model"):
        answer = CliRunner().invoke(commands, [command, str(path)])
        assert answer.exit_code == 2
        assert f"{path}: is {words}" in answer.stderr


def test_inspect_prints_what_the_guide_shows(monkeypatch):
    monkeypatch.chdir(PROJECT)
    [(words, shown)] = [command for command in read_commands(MODELS) if "inspect" in command.words]
    answer = CliRunner().invoke(commands, words[words.index("inspect") :])
    printed, place = answer.stdout, 0
    for part in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE):
        assert part in printed[place:]
        place = printed.index(part, place) + len(part)


def test_the_guide_has_the_exit_statuses():
    statuses = [status for status, _ in read_table("exit status", MODELS)]
    assert statuses == ["0", "2"]
