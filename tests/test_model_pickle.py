"""The pickle read as data: every scikit-learn's files are, and nothing in a hostile one runs."""

import contextlib
import io
import json
import os
import pickle
import re
import struct

import numpy as np
import pytest
from conftest import PROJECT, RAW_CUSTOMERS
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression

from churn.errors import ModelError
from churn.model_file import load_model
from churn.model_pickle import read_model
from churn.scoring import probability

MODELS = PROJECT / "tests" / "models"
EXPECTED = json.loads((MODELS / "expected.json").read_text())
RECORDS = [{"contract": "monthly", "tenure": 1.0}, {"contract": "yearly", "tenure": 9.0}] * 3


@pytest.mark.parametrize("name", EXPECTED)
def test_files_of_scikit_learn_0_24_to_1_9_give_their_own_probabilities(name):
    scorer = load_model(MODELS / name).scorer
    answers = [probability(scorer.log_odds(customer)) for customer in RAW_CUSTOMERS[:25] if customer["tenure"] != "0"]
    assert answers == pytest.approx(EXPECTED[name], abs=1e-12)


def test_the_kept_files_span_the_versions_and_the_formats():
    versions = {re.match(r"sklearn-([0-9.]+[0-9])", name)[1] for name in EXPECTED}
    assert {"0.24.2", "1.0.2", "1.3.2", "1.5.2", "1.7.2", "1.9.1"} <= versions
    assert {path.name for path in MODELS.glob("*.bin")} == set(EXPECTED)


def fit(y=(0, 1, 0, 1, 0, 1), **settings):
    dv = DictVectorizer(sparse=False, **settings)
    return dv, LogisticRegression().fit(dv.fit_transform(RECORDS), list(y))


def refusal(content: bytes, tmp_path) -> str:
    path = tmp_path / "model.bin"
    with pytest.raises(ModelError) as error:
        read_model(content, path)
    assert error.value.path == path
    assert "\n" not in str(error.value)
    return error.value.reason


class Runs:
    """Pickles to a call of os.system."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_that_would_run_code_is_refused_by_name_and_runs_nothing(protocol, tmp_path):
    trace = tmp_path / "trace"
    content = pickle.dumps((Runs(f"touch {trace}"), None), protocol=protocol)
    assert "posix.system" in refusal(content, tmp_path)
    assert not trace.exists()
    pickle.loads(content)
    assert trace.exists(), "the pickle does run code when unpickled"


@pytest.mark.parametrize(
    "name",
    [
        "builtins eval",
        "builtins getattr",
        "os system",
        "numpy load",
        "sklearn.pipeline Pipeline",
        "copyreg _reconstructor",
    ],
)
def test_any_name_but_the_known_ones_is_refused(name, tmp_path):
    assert name.replace(" ", ".") in refusal(f"c{name.replace(' ', chr(10))}\n.".encode(), tmp_path)


def test_a_file_cut_at_any_byte_is_refused(tmp_path):
    whole = pickle.dumps(fit(), protocol=4)
    read_model(whole, tmp_path)
    for end in range(len(whole)):
        refusal(whole[:end], tmp_path)


def test_a_file_with_any_byte_changed_is_read_or_refused_and_nothing_else(tmp_path):
    whole = pickle.dumps(fit(), protocol=4)
    for place in range(len(whole)):
        changed = whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
        with contextlib.suppress(ModelError):  # anything else would be a traceback at start
            read_model(changed, tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"a text\n", b"PK\x03\x04", b"\x80\x04.", b"\x80\x04N.", b"{}", b"\xff" * 100]
)
def test_what_is_no_pickle_is_refused(content, tmp_path):
    assert refusal(content, tmp_path)


def test_only_the_tuple_of_the_two_is_taken(tmp_path):
    dv, model = fit()
    for wrong in ((model, dv), (dv,), (dv, model, model), [dv, model], {"dv": dv}, dv, None, (dv, dv), 7):
        assert "tuple" in refusal(pickle.dumps(wrong), tmp_path)


def test_a_regression_a_multi_class_and_an_unfitted_model_are_refused(tmp_path):
    dv, model = fit()
    X = dv.transform(RECORDS)
    regression = LinearRegression().fit(X, [0, 1, 0, 1, 0, 1])
    assert "LinearRegression" in refusal(pickle.dumps((dv, regression)), tmp_path)
    assert "3 classes" in refusal(pickle.dumps(fit(y=(0, 1, 2, 0, 1, 2))), tmp_path)
    assert "not fitted" in refusal(pickle.dumps((dv, LogisticRegression())), tmp_path)
    assert "not fitted" in refusal(pickle.dumps((DictVectorizer(), model)), tmp_path)


def test_weights_that_do_not_fit_are_refused(tmp_path):
    dv, model = fit()
    model.coef_ = np.array([[1.0, np.nan, 1.0]])
    assert "not finite" in refusal(pickle.dumps((dv, model)), tmp_path)
    model.coef_ = np.array([[1.0, 2.0]])
    assert "shape" in refusal(pickle.dumps((dv, model)), tmp_path)
    model.coef_ = np.array([["a", "b", "c"]])
    assert "not numbers" in refusal(pickle.dumps((dv, model)), tmp_path)
    dv, model = fit()
    dv.vocabulary_ = dict.fromkeys(dv.vocabulary_, 0)
    assert "vocabulary" in refusal(pickle.dumps((dv, model)), tmp_path)
    dv, model = fit(dtype=np.float32)
    assert "float32" in refusal(pickle.dumps((dv, model)), tmp_path)
    dv, model = fit()
    model.multi_class = "crammer_singer"
    assert "multi_class" in refusal(pickle.dumps((dv, model)), tmp_path)


def test_a_separator_of_another_kind_is_honoured_or_refused(tmp_path):
    dv, model = fit(separator=":")
    assert read_model(pickle.dumps((dv, model)), tmp_path).separator == ":"
    for separator in (None, 3, ""):
        dv.separator = separator
        assert "separator" in refusal(pickle.dumps((dv, model)), tmp_path)


def test_a_model_with_another_separator_is_scored_by_it(tmp_path):
    dv, model = fit(separator=":")
    (tmp_path / "colon.bin").write_bytes(pickle.dumps((dv, model)))
    scorer = load_model(tmp_path / "colon.bin").scorer
    expected = model.predict_proba(dv.transform(RECORDS))[:, 1]
    assert scorer.score_customers(RECORDS) == pytest.approx(list(expected), abs=1e-12)


class Zeros:
    """Pickles to an array of protocol 5 whose bytes are a number, of which bytes() would make as many zeros."""

    def __reduce__(self):
        frombuffer, (_, dtype, *rest) = np.zeros((1, 3)).__reduce_ex__(5)
        return frombuffer, (24, dtype, *rest)


def test_a_number_in_place_of_an_arrays_bytes_is_not_expanded(tmp_path):
    dv, model = fit()
    model.coef_ = Zeros()
    assert "damaged" in refusal(pickle.dumps((dv, model)), tmp_path)


def test_columns_that_are_no_text_and_dtypes_that_round_are_refused(tmp_path):
    dv, model = fit()
    dv.vocabulary_ = {number: number for number in range(3)}
    assert "no text" in refusal(pickle.dumps((dv, model)), tmp_path)
    dv, model = fit()
    dv.dtype = np.dtype("float32")
    assert "rounds" in refusal(pickle.dumps((dv, model)), tmp_path)


def doubled_shape() -> bytes:
    """A model whose classes_ has the shape ((((...)))), doubled 27 times: a kilobyte that spells a gigabyte."""
    shape = b")" + b"".join(b"q%cq%ch%ch%c\x86" % (n, n, n, n) for n in range(27))
    return pickle.dumps(fit(), protocol=4).replace(b"K\x02\x85", shape, 1)


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x04})" + b"\x85" * 3_000_000 + b"K\x00s.",
        b"\x80\x04Nr" + (2**31 - 1).to_bytes(4, "little") + b".",
        b"\x80\x04Np2000000000\n.",
        doubled_shape(),
        b"cos\nEvil\nTraceback\n.",
        b"\x80\x04\x8c\x09a\nb\x1b[31mc\x8c\x01x\x93.",
    ],
    ids=["nested tuples", "a huge memo", "a huge text memo", "a doubled shape", "line feeds", "escapes"],
)
def test_what_is_built_to_crash_or_exhaust_the_reader_is_refused_in_one_line(content, tmp_path):
    assert "\x1b" not in refusal(content, tmp_path)


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4"])
def test_coefficients_of_any_float_layout_are_read(dtype, tmp_path):
    dv, model = fit()
    model.coef_ = model.coef_.astype(dtype)
    weights = read_model(pickle.dumps((dv, model)), tmp_path).weights
    assert list(weights.values()) == [float(one) for one in model.coef_[0]]


def test_the_reader_builds_no_numpy_and_no_scikit_learn_object(tmp_path):
    state = struct.pack("<d", 1.0)
    hostile = io.BytesIO()
    pickle.dump((np.frombuffer(state), np.float64(2.0)), hostile)
    assert "tuple" in refusal(hostile.getvalue(), tmp_path)
