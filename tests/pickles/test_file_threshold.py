"""The threshold of a model file, a number stored with the two objects, and numbers that are refused as uncertain."""

import hashlib
import pickle

import numpy as np
import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from churn.errors import ModelError
from churn.model.file import load_model
from churn.pickles.linear_model import read_model
from churn.server.served_model import ServedModel
from tests.apps import make_client
from tests.pairs import edit_card

CUSTOMERS = [{"tenure": 1.0}, {"tenure": 9.0}] * 3
DV = DictVectorizer(sparse=False)
MODEL = LogisticRegression().fit(DV.fit_transform(CUSTOMERS), [0, 1, 0, 1, 0, 1])


def read_threshold(held: object, tmp_path) -> float | None:
    return read_model(pickle.dumps(held), tmp_path).threshold


@pytest.mark.parametrize("number", [0.4, np.float64(0.4), np.float32(0.5), np.float16(0.25)])
def test_a_number_with_the_two_objects_is_the_threshold_wherever_it_is(number, tmp_path):
    for held in ((DV, MODEL, number), [DV, number, MODEL], (number, MODEL, DV), {0: DV, 1: MODEL, 2: number}):
        assert read_threshold(held, tmp_path) == float(number)


@pytest.mark.parametrize(
    "name",
    [
        *("threshold", "THRESHOLD", "Threshold ", "thresh", "cutoff", "cut_off", "cut-off", "best_threshold"),
        *("bestThreshold", "optimal_threshold", "decision threshold", "churn_threshold", "prob_cutoff"),
    ],
)
def test_a_number_with_this_name_in_a_dict_is_the_threshold(name, tmp_path):
    for number in (0.4, 0, 1, 1.0, np.float64(0.4)):
        assert read_threshold({"dv": DV, "model": MODEL, name: number, "auc": 0.8}, tmp_path) == float(number)
    assert read_threshold({"dv": DV, "model": MODEL, name: None}, tmp_path) is None


def test_the_same_threshold_twice_counts_as_one(tmp_path):
    assert read_threshold({"dv": DV, "model": MODEL, "threshold": 0.4, "best_threshold": 0.4}, tmp_path) == 0.4


def test_a_certain_threshold_needs_no_second_name_to_confirm_it(tmp_path):
    held = {"metrics": {"threshold": 0.5, "f1": 0.6}, "dv": DV, "model": MODEL, "threshold": 0.4, "threshold_f1": 0.3}
    assert read_threshold(held, tmp_path) == 0.4


REFUSED = {
    "two numbers": ((DV, MODEL, 0.4, 0.6), "more than one number"),
    "two thresholds": ({"dv": DV, "model": MODEL, "threshold": 0.4, "cutoff": 0.5}, "more than one number"),
    "a count": ((DV, MODEL, 19), "not a threshold between 0 and 1"),
    "C": ((DV, MODEL, 1.0), "not a threshold between 0 and 1"),
    "zero": ((DV, MODEL, 0), "not a threshold between 0 and 1"),
    "nan": ((DV, MODEL, float("nan")), "not a threshold between 0 and 1"),
    "a number of NumPy": ((DV, MODEL, np.int64(3)), "not a threshold between 0 and 1"),
    "a bool of NumPy": ((DV, MODEL, np.bool_(True)), "not a threshold between 0 and 1"),
    "percent": ({"dv": DV, "model": MODEL, "threshold": 40}, "has a 'threshold' that is not a number from 0 to 1"),
    "a text": ({"dv": DV, "model": MODEL, "threshold": "0.4"}, "has a 'threshold' that is not a number from 0 to 1"),
    "a list": ({"dv": DV, "model": MODEL, "threshold": [0.4]}, "has a 'threshold' that is not a number from 0 to 1"),
    "a bool": ({"dv": DV, "model": MODEL, "threshold": True}, "has a 'threshold' that is not a number from 0 to 1"),
    "another threshold": ({"dv": DV, "model": MODEL, "corr_threshold": 0.9}, "'corr_threshold' that may be"),
    "a short name": ({"dv": DV, "model": MODEL, "t": np.float64(0.4)}, "a number 't' that may be its threshold"),
    "an escape": ({"dv": DV, "model": MODEL, "cutoff\x1b[31m\n" + "x" * 999: 0.4}, "that may be its threshold"),
    "one inside": ({"dv": DV, "model": MODEL, "metrics": {"a": {"threshold": 0.4}}}, "a number 'threshold' that may"),
}


@pytest.mark.parametrize(("held", "words"), REFUSED.values(), ids=REFUSED)
def test_a_number_that_is_not_certainly_the_threshold_is_refused_without_its_value(held, words, tmp_path):
    with pytest.raises(ModelError) as error:
        read_threshold(held, tmp_path)
    assert words in error.value.reason
    assert error.value.reason.isprintable()
    assert len(error.value.reason) < 400
    assert not {"0.4", "0.9", "19", "40"} & set(error.value.reason.split())


def test_the_files_threshold_counts_like_a_cards_and_is_overridden_by_the_setting(tmp_path):
    (tmp_path / "theirs.bin").write_bytes(pickle.dumps({"dv": DV, "model": MODEL, "threshold": 0.25}))
    assert load_model(tmp_path / "theirs.bin").threshold == 0.25
    between = min(tenure for tenure in range(-5, 20) if probability_of(tenure) > 0.25)
    assert probability_of(between) < 0.5
    for threshold, churn in ((None, True), (0.6, False)):
        served = ServedModel(tmp_path / "theirs.bin", threshold=threshold)
        answer = make_client(served).post("/predict", json={"tenure": between}).json
        assert answer == {"churn_probability": pytest.approx(probability_of(between), abs=1e-12), "churn": churn}


def probability_of(tenure: float) -> float:
    return MODEL.predict_proba(DV.transform([{"tenure": tenure}]))[0, 1]


def test_a_threshold_of_zero_is_accepted(tmp_path):
    (tmp_path / "theirs.bin").write_bytes(pickle.dumps({"dv": DV, "model": MODEL, "threshold": 0}))
    assert load_model(tmp_path / "theirs.bin").threshold == 0


def test_the_files_threshold_is_for_the_class_that_leaves(tmp_path):
    model = LogisticRegression().fit(DV.transform(CUSTOMERS), ["Stayed", "Churned"] * 3)
    (tmp_path / "theirs.bin").write_bytes(pickle.dumps((DV, model, 0.25)))
    assert load_model(tmp_path / "theirs.bin", positive_class="churned").threshold == 0.25


def test_a_cards_threshold_takes_precedence_over_the_files(pair):
    held = (*pickle.loads(pair.read_bytes()), 0.25)
    pair.write_bytes(pickle.dumps(held))
    edit_card(pair, threshold=0.7, model_sha256=hashlib.sha256(pair.read_bytes()).hexdigest())
    assert read_model(pair.read_bytes(), pair).threshold == 0.25
    assert load_model(pair).threshold == 0.7
