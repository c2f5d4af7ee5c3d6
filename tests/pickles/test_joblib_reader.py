"""joblib's files read as data: of every version, plain and compressed, in bounded memory; nothing in them runs."""

import bz2
import contextlib
import gzip
import io
import json
import lzma
import os
import pickle
import random
import tracemalloc
import zlib

import joblib
import numpy as np
import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from churn.model.pair import MOST_BYTES
from churn.pickles.joblib_reader import JoblibReader, load_objects_of_file, unpack
from churn.pickles.linear_model import read_model
from churn.pickles.parts import find_parts
from churn.pickles.pickled_arrays import RefusedError, read_classes, read_numbers, read_shape
from tests.customers import CLEAN_CUSTOMERS, PROJECT

FILES = PROJECT / "tests" / "models" / "joblib"
EXPECTED = json.loads((FILES / "expected.json").read_text())
RECORDS = [{"contract": "monthly", "tenure": 1.0}, {"contract": "yearly", "tenure": 9.0}] * 3
COMPRESSIONS = [0, *((name, level) for name in ("zlib", "gzip", "bz2", "xz", "lzma") for level in (1, 9))]


def fit(labels=(0, 1, 0, 1, 0, 1)):
    dv = DictVectorizer(sparse=False)
    return dv, LogisticRegression().fit(dv.fit_transform(RECORDS), np.array(labels))


def dump(value: object, *, compress=0, protocol=None) -> bytes:
    file = io.BytesIO()
    joblib.dump(value, file, compress=compress, protocol=protocol)
    return file.getvalue()


def read_weights(content: bytes) -> tuple[tuple[float, ...], tuple]:
    """The coefficients and classes of a file."""
    parts = find_parts(load_objects_of_file(content))
    _, width = read_shape(parts.classifier["coef_"])
    return read_numbers(parts.classifier["coef_"], width), read_classes(parts.classifier["classes_"])


def refusal(content: bytes) -> str:
    with pytest.raises(RefusedError) as error:
        load_objects_of_file(content)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("name", EXPECTED)
def test_files_of_joblib_0_17_to_1_2_give_scikit_learns_own_probabilities(name):
    parts = find_parts(load_objects_of_file((FILES / name).read_bytes()))
    vocabulary = parts.vectorizer["vocabulary_"]
    X = np.zeros((25, len(vocabulary)))
    for row, customer in enumerate(CLEAN_CUSTOMERS[:25]):
        for field, value in customer.items():
            column, filled = (f"{field}={value}", 1.0) if isinstance(value, str) else (field, value)
            X[row, vocabulary[column]] = filled
    log_odds = X @ read_numbers(parts.classifier["coef_"], len(vocabulary))
    log_odds += read_numbers(parts.classifier["intercept_"], 1)[0]
    assert 1 / (1 + np.exp(-log_odds)) == pytest.approx(EXPECTED[name], abs=1e-12)
    assert read_classes(parts.classifier["classes_"]) == ("no", "yes")


@pytest.mark.parametrize("labels", [(0, 1) * 3, ("no", "yes") * 3, (False, True) * 3], ids=str)
@pytest.mark.parametrize("compress", COMPRESSIONS, ids=str)
def test_a_file_of_joblib_is_read_however_it_is_compressed(compress, labels):
    dv, model = fit(labels)
    content = dump((dv, model), compress=compress)
    assert read_weights(content) == (tuple(model.coef_[0]), tuple(labels[:2]))


@pytest.mark.parametrize("protocol", range(6))
def test_every_protocol_of_joblib_is_read(protocol):
    dv, model = fit(np.array(("no", "yes") * 3, dtype=object))
    assert read_weights(dump((dv, model), protocol=protocol)) == (tuple(model.coef_[0]), ("no", "yes"))


def test_a_pipeline_with_a_scaler_is_read():
    pipeline = make_pipeline(DictVectorizer(sparse=False), StandardScaler(), LogisticRegression())
    pipeline.fit(RECORDS, [0, 1, 0, 1, 0, 1])
    (scaler,) = find_parts(load_objects_of_file(dump(pipeline, compress=3))).between
    assert read_numbers(scaler.state["scale_"], 3) == tuple(pipeline[1].scale_)


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress, bz2.compress, lzma.compress])
def test_a_plain_pickle_that_is_compressed_is_read(compress, tmp_path):
    dv, model = fit()
    plain = pickle.dumps((dv, model))
    assert read_weights(compress(plain)) == read_weights(plain) == (tuple(model.coef_[0]), (0, 1))
    assert unpack(plain) == plain
    assert read_model(plain, tmp_path).intercept == model.intercept_[0]


class Runs:
    """Pickles to a call of os.system."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("compress", COMPRESSIONS, ids=str)
@pytest.mark.parametrize("hide", [lambda runs: runs, lambda runs: np.array([runs, "a"], dtype=object)])
def test_a_file_that_would_run_code_is_refused_by_name_and_runs_nothing(hide, compress, tmp_path):
    trace = tmp_path / "trace"
    content = dump((hide(Runs(f"touch {trace}")), None), compress=compress)
    assert "posix.system" in refusal(content)
    assert not trace.exists()


@pytest.mark.parametrize("compress", ["zlib", "gzip", "bz2", "xz", "lzma"])
def test_a_bomb_is_unpacked_no_further_than_the_largest_model(compress):
    bomb = dump(bytes(6 * MOST_BYTES), compress=(compress, 1))
    assert len(bomb) < MOST_BYTES / 10
    tracemalloc.start()
    assert f"more than {MOST_BYTES:,} bytes" in refusal(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * MOST_BYTES


def test_a_dictionary_of_two_gigabytes_is_refused():
    content = lzma.compress(bytes(100), preset=1)
    assert unpack(content) == bytes(100)
    header = bytearray(content)
    header[16] = 36  # the dictionary's size in the block's header becomes 2 GiB; the header's checksum follows
    header[20:24] = zlib.crc32(header[12:20]).to_bytes(4, "little")
    assert "is compressed by xz and can't be unpacked: Memory usage limit" in refusal(bytes(header))


def test_a_compression_that_is_not_supported_is_named():
    assert refusal(b"\x04\x22\x4d\x18" + bytes(20)).startswith("is compressed by LZ4")
    assert "before 0.10" in refusal(b"ZF0x1000" + bytes(20))


def test_an_array_that_claims_more_bytes_than_there_are_is_refused():
    content = dump(np.arange(3.0), protocol=4)
    assert "longer than the file" in refusal(content.replace(b"K\x03\x85", b"K\xff\x85"))
    huge = content.replace(b"K\x03\x85", b"\x8a\x08" + (2**62).to_bytes(8, "little") + b"\x85")
    assert "no known shape" in refusal(huge.replace(huge[2:11], b""))  # without its frame


@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("xz", 1)], ids=str)
def test_a_file_cut_at_any_byte_is_refused(compress):
    whole = dump(fit(), compress=compress)
    for end in range(0, len(whole) - 1, 7):
        refusal(whole[:end])


@pytest.mark.parametrize("compress", [0, "zlib", "gzip", "bz2", "xz", "lzma"], ids=str)
def test_a_file_with_bytes_changed_is_read_or_refused_and_nothing_else(compress):
    whole, draw = dump(fit(("no", "yes") * 3), compress=(compress, 3) if compress else 0), random.Random(1)
    for _ in range(400):
        changed = bytearray(whole)
        for _ in range(draw.choice((1, 1, 2, 5))):
            changed[draw.randrange(len(whole))] = draw.randrange(256)
        with contextlib.suppress(RefusedError):
            load_objects_of_file(bytes(changed))


def test_the_reader_of_joblibs_files_counts_each_opcode_as_the_plain_one_does(monkeypatch):
    """Its own step for BUILD counts too."""
    content = dump(np.arange(2.0), protocol=4)
    counted: list[bool] = []
    monkeypatch.setattr(
        "churn.pickles.pickle_reader.Work.count_opcode", lambda work, is_tuple: counted.append(is_tuple)
    )
    load_objects_of_file(content)
    assert JoblibReader.dispatch.keys() == pickle._Unpickler.dispatch.keys()
    assert len(counted) > content.count(b"b")
