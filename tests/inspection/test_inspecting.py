"""The findings on a file without running it: for every usual kind of file, and for files without a model."""

import gzip
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer

from churn.errors import ModelError
from churn.inspection.inspecting import inspect_file
from churn.model.pair import MOST_BYTES
from tests.customers import PROJECT
from tests.pairs import edit_card, sklearn_of, write_model
from tests.shaped import COLUMNS, INTERCEPT, write_shaped

MODELS = PROJECT / "tests" / "models"
EXPECTED = json.loads((MODELS / "expected.json").read_text(encoding="utf-8"))
CUSTOMERS = json.loads((MODELS / "customers.json").read_text(encoding="utf-8"))


def written(path: Path, content: object) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else pickle.dumps(content))
    return path


@pytest.mark.parametrize("name", EXPECTED)
def test_the_outcome_of_each_kind_of_file_is_the_predicted_one(name):
    found, expected = inspect_file(MODELS / name), EXPECTED[name]
    outcome = "served" if found.model else "adopted" if found.adoption else "refused"
    if expected["kind"] in ("alone-dv", "alone-joblib-dv"):  # another file may have the other half
        assert "FILE OTHER_FILE" in found.adoption.command
    else:
        assert outcome == expected["outcome"]
    assert (found.model is None) == (found.refusal is not None)
    if outcome == "refused":
        assert all(word in found.refusal.reason for word in expected["names"])
    if found.objects.contents:
        assert found.objects.contents.versions == [expected["scikit_learn"]]


@pytest.mark.parametrize("name", [name for name, told in EXPECTED.items() if told["outcome"] == "adopted"])
def test_the_weights_of_a_file_that_adopt_can_read_give_scikit_learns_probabilities(name):
    told, linear = EXPECTED[name], inspect_file(MODELS / name).objects.linear
    if told["kind"].startswith("alone"):
        assert linear is None
        return
    for customer, probability in zip(CUSTOMERS[told["customers"]], told["probabilities"], strict=True):
        log_odds = linear.intercept
        for field, value in customer.items():
            is_text = isinstance(value, str)
            log_odds += linear.weights[f"{field}={value}"] if is_text else linear.weights[field] * value
        assert 1 / (1 + np.exp(-log_odds)) == pytest.approx(probability, abs=1e-12)


@pytest.mark.parametrize("kind", ["alone-dv", "alone-joblib-dv"])
def test_a_dict_vectorizer_alone_shows_its_fields(kind):
    alone, whole = (inspect_file(MODELS / f"sklearn-1.9.1{name}.bin") for name in (f"-{kind}", ""))
    assert alone.fields.contract == whole.fields.contract
    assert alone.objects.linear is None


def test_a_file_that_the_service_and_adopt_both_refuse_has_the_reason_of_adopt(tmp_path):
    mixed = gzip.compress((MODELS / "sklearn-1.9.1-mixed.bin").read_bytes())
    found = inspect_file(written(tmp_path / "model.bin", mixed))
    assert (found.model, found.adoption, found.fields) == (None, None, None)
    assert "is a number in some rows and a text in others" in found.refusal.reason


def test_weights_are_the_files_own_and_need_no_card(tmp_path):
    linear = inspect_file(write_shaped(tmp_path / "model.bin", card=False)).objects.linear
    assert linear.weights == {part.name: weight for part, weight in COLUMNS}
    assert linear.intercept == INTERCEPT


def test_the_fields_are_the_cards_where_it_has_one(pair):
    found = inspect_file(pair)
    assert found.model.card is not None
    assert found.fields.contract == found.model.card.contract
    pair.with_suffix(".json").unlink()
    found = inspect_file(pair)
    assert found.model.card is None
    assert {number.minimum for number in found.fields.contract.numbers} == {None}


@pytest.mark.parametrize(
    ("classes", "leaver", "needs_setting"),
    [(["no", "yes"], "yes", False), (["no", "YES"], "YES", False), (["Stayed", "Churned"], "Stayed", True)],
)
def test_weights_are_for_the_class_that_leaves_or_the_second_one(tmp_path, classes, leaver, needs_setting):
    path = write_model(tmp_path / "model.bin", classes)
    found = inspect_file(path)
    assert found.model is not None
    linear = found.objects.linear
    assert (linear.classes[1], found.needs_positive_class) == (leaver, needs_setting)
    customer = {"contract": "monthly", "tenure": 3.0}
    log_odds = linear.intercept + linear.weights["contract=monthly"] + 3.0 * linear.weights["tenure"]
    assert 1 / (1 + np.exp(-log_odds)) == pytest.approx(sklearn_of(path, leaver, [customer])[0], abs=1e-12)


def test_no_setting_has_an_effect(tmp_path, monkeypatch):
    path = write_model(tmp_path / "model.bin", ["Stayed", "Churned"])
    before = inspect_file(path)
    monkeypatch.setenv("POSITIVE_CLASS", "nobody")
    assert inspect_file(path).objects == before.objects


@pytest.mark.parametrize("wrong", ["another model's", "changed by hand", "no JSON"])
def test_a_card_that_does_not_fit_is_the_reason_and_adopt_is_not_suggested(pair, wrong):
    card = pair.with_suffix(".json")
    if wrong == "another model's":
        edit_card(pair, model_sha256="0" * 64)
    elif wrong == "changed by hand":
        card.write_bytes(card.read_bytes().replace(b'"threshold": 0.5', b'"threshold": 0.6'))
    else:
        card.write_text("{")
    found = inspect_file(pair)
    assert (found.model, found.adoption, found.refusal.path) == (None, None, card)
    assert found.objects.linear is not None


def test_a_path_that_is_not_a_regular_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "huge").touch()
    os.truncate(tmp_path / "huge", MOST_BYTES + 1)
    for path, reason in {
        tmp_path / "fifo": "a FIFO",
        tmp_path: "a directory",
        Path("/dev/zero"): "a device",
        tmp_path / "huge": "16,777,217 bytes",
        tmp_path / "missing": "No such file",
    }.items():
        with pytest.raises(ModelError) as refused:
            inspect_file(path)
        assert reason in str(refused.value)


class Runs:
    """A pickle of it makes a folder when it is loaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("protocol", range(6))
def test_names_are_read_and_nothing_is_run(tmp_path, protocol):
    harmful = pickle.dumps((DictVectorizer(), Runs(tmp_path / "ran")), protocol)
    for content in (harmful, gzip.compress(harmful)):
        found = inspect_file(written(tmp_path / "model.bin", content))
        assert (os.mkdir.__module__, "mkdir") in found.names
        assert (found.model, found.adoption, found.fields, found.objects.contents) == (None, None, None, None)
    assert not (tmp_path / "ran").exists()


def test_a_joblib_file_with_another_model_cannot_be_adopted(tmp_path):
    forest = RandomForestClassifier(1, max_depth=1).fit([[0.0], [1.0]], [0, 1])
    found = inspect_file(written(tmp_path / "model.bin", gzip.compress(pickle.dumps((DictVectorizer(), forest)))))
    assert found.kind == ["compressed by gzip", "a pickle in it", "protocol 4"]
    assert found.adoption is None
    assert "holds a RandomForestClassifier" in found.refusal.reason


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", ["an empty file"]),
        (b"<!DOCTYPE html><html>", ["an HTML page"]),
        (pickle.dumps(1, 0), ["a pickle", "protocol 0 or 1"]),
        (pickle.dumps(1, 5), ["a pickle", "protocol 5"]),
        (pickle.dumps([1.0] * 9, 4)[:-9], ["a pickle", "protocol 4", "damaged"]),
        (gzip.compress(b"<html>"), ["compressed by gzip", "an HTML page in it"]),
        (gzip.compress(gzip.compress(b"1")), ["compressed by gzip", "compressed by gzip in it"]),
        (gzip.compress(b"1" * 99)[:-9], ["compressed by gzip"]),
        (b"\x00\x01\x02\xff", ["an unknown kind of file"]),
    ],
    ids=lambda value: None if isinstance(value, list) else f"{len(value)} bytes",
)
def test_the_kind_of_a_file_is_recognised(tmp_path, content, kind):
    found = inspect_file(written(tmp_path / "model.bin", content))
    assert found.kind == kind
    assert (found.model, found.adoption) == (None, None)
    assert found.refusal.path == found.path


def test_neither_numpy_nor_scikit_learn_nor_another_room_is_needed():
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from churn.inspection.inspecting import inspect_file\n"
        "from churn.inspection.inspection_lines import describe_inspection\n"
        "describe_inspection(inspect_file(Path('model_C=1.0.bin')))\n"
        "rooms = {name.split('.')[1] for name in sys.modules if name.startswith('churn.')}\n"
        "print(sorted(rooms), sorted({'numpy', 'sklearn', 'joblib'} & set(sys.modules)))"
    )
    finished = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert finished.stdout == "['errors', 'files', 'inspection', 'model', 'nouns', 'pickles'] []\n"
