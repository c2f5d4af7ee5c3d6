"""The pickle read as data: every scikit-learn's files are read, and nothing in a hostile file runs."""

import contextlib
import io
import os
import pickle
import pickletools
import struct
import time
from collections.abc import Callable

import numpy as np
import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression

from churn.errors import ModelError
from churn.model.file import load_model
from churn.pickles import pickle_reader as model_pickle
from churn.pickles.linear_model import read_model

RECORDS = [{"contract": "monthly", "tenure": 1.0}, {"contract": "yearly", "tenure": 9.0}] * 3


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
        "sklearn.pipeline make_pipeline",
        "copyreg __newobj__",
    ],
)
def test_any_name_except_the_known_ones_is_refused(name, tmp_path):
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
        with contextlib.suppress(ModelError):  # any other error would be a traceback at start
            read_model(changed, tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"a text\n", b"PK\x03\x04", b"\x80\x04.", b"\x80\x04N.", b"{}", b"\xff" * 100]
)
def test_a_file_that_is_not_a_pickle_is_refused(content, tmp_path):
    assert refusal(content, tmp_path)


def test_only_the_tuple_of_the_two_is_accepted(tmp_path):
    dv, model = fit()
    for wrong in ((dv, model, model), None, (dv, dv, model), 7, (dv, model, "a"), [[dv, model]]):
        assert "tuple" in refusal(pickle.dumps(wrong), tmp_path)
    for alone in ((dv,), {"dv": dv}, dv, model):
        assert "adopt both files" in refusal(pickle.dumps(alone), tmp_path)


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


def test_a_separator_of_another_type_is_used_or_refused(tmp_path):
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
    """Pickles to an array of protocol 5 whose bytes are a number; bytes() would turn it into as many zeros."""

    def __reduce__(self):
        frombuffer, (_, dtype, *rest) = np.zeros((1, 3)).__reduce_ex__(5)
        return frombuffer, (24, dtype, *rest)


def test_a_number_in_place_of_an_arrays_bytes_is_not_expanded(tmp_path):
    dv, model = fit()
    model.coef_ = Zeros()
    assert "damaged" in refusal(pickle.dumps((dv, model)), tmp_path)


def test_columns_that_are_not_text_and_dtypes_that_round_are_refused(tmp_path):
    dv, model = fit()
    dv.vocabulary_ = {number: number for number in range(3)}
    assert "not a text" in refusal(pickle.dumps((dv, model)), tmp_path)
    dv, model = fit()
    dv.dtype = np.dtype("float32")
    assert "rounds" in refusal(pickle.dumps((dv, model)), tmp_path)


def doubled_shape() -> bytes:
    """A model whose classes_ has the shape ((((...)))), doubled 27 times: a kilobyte that stands for a gigabyte."""
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
def test_a_file_built_to_crash_or_exhaust_the_reader_is_refused_in_one_line(content, tmp_path):
    assert "\x1b" not in refusal(content, tmp_path)


def colliding(count: int, opcode: bytes = b"s") -> bytes:
    """Numbers with the same hash, as keys of a dictionary or members of a set."""
    numbers = [b"\x8a\x0b" + (n * (2**61 - 1)).to_bytes(11, "little") for n in range(1, count + 1)]
    if opcode == b"s":
        return b"\x80\x04}" + b"".join(number + b"Ns" for number in numbers) + b"."
    start, between = {b"u": (b"}(", b"N"), b"d": (b"(", b"N"), b"\x90": (b"\x8f(", b""), b"\x91": (b"(", b"")}[opcode]
    return b"\x80\x04" + start + b"".join(number + between for number in numbers) + opcode + b"."


def wide(columns: int, protocol: int = 4) -> bytes:
    """A model with this many columns, as train.py would write it."""
    dv, model = fit()
    dv.fit([{"plan": f"plan {number}"} for number in range(columns)])
    model.coef_ = np.ones((1, columns))
    return pickle.dumps((dv, model), protocol=protocol)


FILLING = {b"s": "SETITEM", b"u": "SETITEMS", b"d": "DICT", b"\x90": "ADDITEMS", b"\x91": "FROZENSET"}


@pytest.mark.parametrize("opcode", FILLING, ids=FILLING.values())
def test_a_hundred_numbers_are_accepted_as_keys_or_members_and_no_more(opcode, tmp_path):
    assert "tuple" in refusal(colliding(100, opcode), tmp_path)
    assert "exhaust" in refusal(colliding(101, opcode), tmp_path)


def test_no_other_opcode_fills_a_dictionary_or_a_set():
    """Compares churn.pickles.pickle_reader with this Python's pickle: a new opcode that hashes needs a review."""
    hashing = {
        opcode.name
        for opcode in pickletools.opcodes
        if {"dict", "set"} & {value.name for value in opcode.stack_before}
    }
    made = {
        opcode.name
        for opcode in pickletools.opcodes
        if {"dict", "set", "frozenset"} & {value.name for value in opcode.stack_after}
    }
    assert hashing | made == {*FILLING.values(), "EMPTY_DICT", "EMPTY_SET"}
    assert {opcode[0] for opcode in FILLING} == {opcode[0] for opcode in model_pickle._KEYS}


NESTED = b")" + b"2\x86" * 60
"""A tuple of two tuples of two, 60 deep: it has 2**60 members, and hashing or comparing it visits all of them."""


@pytest.mark.parametrize(
    "key",
    [
        NESTED,
        b"C\x01a",
        b"(K\x01K\x02\x91",
    ],
    ids=["nested tuples", "bytes", "a set"],
)
@pytest.mark.parametrize("fill", [b"%bNs", b"(%bNu", b"\x8f(%b\x90"])
def test_keys_that_are_neither_texts_nor_numbers_are_refused_unhashed(key, fill, tmp_path):
    assert "exhaust" in refusal(b"\x80\x04}" + fill % key + b".", tmp_path)


def put_in(content: bytes, old: bytes, new: bytes) -> bytes:
    assert content.count(old) == 1
    return content.replace(old, new)


def test_nested_tuples_are_never_compared_hashed_or_shown(tmp_path):
    dv, model = fit()
    dv.vocabulary_ = {"a": 0, "b": 77, "c": 78}
    places = pickle.dumps((dv, model), protocol=4)
    places = put_in(put_in(places, b"KM", NESTED), b"KN", NESTED)
    assert "not a whole number" in refusal(places, tmp_path)
    model = fit()[1]
    model.coef_ = model.coef_.astype(">f4")
    named = put_in(pickle.dumps((fit()[0], model), protocol=4), b"\x8c\x02f4", NESTED)
    assert "no known type" in refusal(named, tmp_path)


def test_an_array_with_another_length_than_it_claims_is_not_unpacked(tmp_path, monkeypatch):
    unpacked = []
    unpack = struct.iter_unpack
    monkeypatch.setattr(
        struct, "iter_unpack", lambda form, content: unpacked.append(len(content)) or unpack(form, content)
    )
    for member in ("coef_", "intercept_", "classes_"):
        dv, model = fit()
        shape = getattr(model, member).shape
        setattr(model, member, FewerThanItHas(np.ones(1_000_000, dtype="i1"), shape))
        assert "longer or shorter" in refusal(pickle.dumps((dv, model)), tmp_path)
    assert max(unpacked) < 100


class FewerThanItHas:
    """Pickles to an array whose shape claims fewer elements than it holds."""

    def __init__(self, array, shape) -> None:
        self.array, self.shape = array, shape

    def __reduce__(self):
        make, args, (version, _, *rest) = self.array.__reduce__()
        return make, args, (version, self.shape, *rest)


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_a_model_with_twenty_thousand_columns_is_read(protocol, tmp_path):
    weights = read_model(wide(20_000, protocol), tmp_path).weights
    assert len(weights) == 20_000
    assert set(weights.values()) == {1.0}


def test_a_file_with_more_than_a_hundred_thousand_opcodes_is_refused(tmp_path):
    content = wide(25_000)
    assert sum(1 for _ in pickletools.genops(content)) > 100_000
    assert "opcodes" in refusal(content, tmp_path)
    assert "opcodes" in refusal(b"\x80\x04" + b"N0" * 60_000 + b"N.", tmp_path)
    assert "opcodes" in refusal(b"\x80\x04" + b"N." * 8_000_000, tmp_path)


@pytest.mark.slow
def test_numbers_that_collide_cost_no_more_than_a_large_model(tmp_path):
    def cpu_s(read: Callable[[], object]) -> float:
        begun = time.process_time()
        read()
        return time.process_time() - begun

    good, small, large = wide(20_000), colliding(30_000), colliding(140_000, b"u")
    assert len(large) > 1_800_000
    allowed_s = min(cpu_s(lambda: read_model(good, tmp_path)) for _ in range(3))
    for bad in (small, large):
        assert min(cpu_s(lambda bad=bad: refusal(bad, tmp_path)) for _ in range(3)) < 3 * allowed_s


@pytest.mark.parametrize(
    "class_weight",
    [{0: 1, 1: 3}, {0.0: 1, 1.0: 3}, {False: 1, True: 3}, {"no": 1, "yes": 3}, {np.int64(0): 1.0, np.int64(1): 3.0}],
    ids=["int", "float", "bool", "str", "numpy"],
)
@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_a_model_with_weights_for_its_classes_is_read(class_weight, protocol, tmp_path):
    dv, model = fit()
    model.class_weight = class_weight
    assert read_model(pickle.dumps((dv, model), protocol=protocol), tmp_path).weights


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4"])
def test_coefficients_of_any_float_layout_are_read(dtype, tmp_path):
    dv, model = fit()
    model.coef_ = model.coef_.astype(dtype)
    weights = read_model(pickle.dumps((dv, model)), tmp_path).weights
    assert list(weights.values()) == [float(weight) for weight in model.coef_[0]]


def test_the_reader_builds_no_numpy_and_no_scikit_learn_object(tmp_path):
    state = struct.pack("<d", 1.0)
    hostile = io.BytesIO()
    pickle.dump((np.frombuffer(state), np.float64(2.0)), hostile)
    assert "tuple" in refusal(hostile.getvalue(), tmp_path)
