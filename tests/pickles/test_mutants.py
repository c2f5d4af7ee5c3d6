"""Model files made by an attacker: changed at random in every form, or built to exhaust a reader."""

import gzip
import pickle
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from churn.errors import ModelError
from churn.inspection.inspecting import inspect_file
from churn.inspection.inspection_lines import describe_inspection
from churn.model.file import verify_pair
from churn.model.pair import Pair
from churn.pickles.joblib_reader import load_objects_of_file
from churn.pickles.linear_model import find_linear_model
from churn.pickles.parts import Classifier, Vectorizer, find_parts
from churn.pickles.pickled_arrays import RefusedError
from tests.customers import PROJECT
from tests.mutants import limited_time, read_every_way

RECORDS = [{"contract": "monthly", "tenure": 1.0}, {"contract": "yearly", "tenure": 9.0}] * 3


@pytest.mark.parametrize("seed", [1, 2])
def test_mutants_are_read_or_refused_run_no_code_and_take_little_time(seed, tmp_path):
    """100,000 of them were read once with `python -m tests.mutants`; a new finding is kept in the folder."""
    command = [sys.executable, "-m", "tests.mutants", "300", "--seed", str(seed)]
    environment = {"PYTHONPATH": str(PROJECT), "PATH": ""}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert not list(tmp_path.iterdir())
    read, refused = (int(part.split()[-2]) for part in ended.stdout.split(",")[:2])
    assert read + refused == 300
    assert read > 20


def fit():
    dv = DictVectorizer(sparse=False)
    return dv, LogisticRegression().fit(dv.fit_transform(RECORDS), [0, 1] * 3)


def refusal(content: bytes) -> str:
    """The reason why a file is neither served nor adopted, in the service's words; memory is limited meanwhile."""
    tracemalloc.start()
    with pytest.raises(RefusedError):
        find_linear_model(load_objects_of_file(content))
    with pytest.raises(ModelError) as error:
        verify_pair(Path("model.bin"), Pair(content, None))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60_000_000
    assert len(str(error.value)) < 2_000
    return error.value.reason


def test_a_text_that_is_encoded_again_and_again_is_refused():
    """Each copy takes three opcodes: a file of eight megabytes would take hundreds of gigabytes."""
    text = b"X" + (1_000_000).to_bytes(4, "little") + b"a" * 1_000_000
    for make in (b"R", b"\x81"):
        content = (
            b"\x80\x02c_codecs\nencode\nq\x000"
            + text
            + b"X\x06\0\0\0latin1\x86q\x010]("
            + b"h\0h\1%b" % make * 300
            + b"e."
        )
        assert "exhaust" in refusal(content)


def test_more_than_two_classes_are_not_unpacked():
    """Each is a name of 40 kB that costs a single opcode."""
    name = (
        b"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(X\x05\0\0\0U9999\x89\x88tR(K\x03X\x01\0\0\0<NNNK\0K\0K\0tb"
    )
    name += b"B" + (4 * 9999).to_bytes(4, "little") + "\U0001f600".encode("utf-32-le") * 9999 + b"tRr\xff\xff\0\0"
    dv, model = fit()
    model.classes_ = model.classes_.astype(object)
    content = pickle.dumps((dv, model), protocol=2)
    assert content.count(b"(K\0K\1e") == 1
    hostile = content.replace(b"(K\0K\1e", b"(" + name + b"j\xff\xff\0\0" * 5_000 + b"e")
    assert "longer or shorter" in refusal(hostile)


@pytest.mark.parametrize("name", ["tenure\ud800", "contract=\udfff"])
def test_a_column_with_a_lone_surrogate_is_refused(name):
    """No answer in JSON could contain its name."""
    dv, model = fit()
    dv.vocabulary_[name] = dv.vocabulary_.pop("tenure")
    assert "not a text" in refusal(pickle.dumps((dv, model)))


def test_a_weight_that_becomes_infinite_when_doubled_is_refused():
    dv, model = fit()
    model.multi_class, model.coef_ = "multinomial", model.coef_ * 0 + 1.7e308
    assert "not finite" in refusal(pickle.dumps((dv, model)))


def many(member: bytes, count: int) -> tuple[bytes, bytes]:
    """A list and a dict that hold the member `count` times, from the second place of the memo."""
    keys = b"".join(b"\x8c\x05%05dh\1" % key for key in range(count))
    return (
        b"\x80\4N\x94" + member + b"\x940](" + b"h\1" * count + b"e.",
        b"\x80\4N\x94" + member + b"\x940}(" + keys + b"u.",
    )


@pytest.mark.parametrize("kind", ["list of texts", "Pipeline"])
def test_a_part_that_occurs_ten_thousand_times_in_a_file_is_not_searched_each_time(kind):
    """The file has 100 kB; the work would be the product of the lengths of two of its lists."""
    texts = b"](" + b"\x8c\1a" * 10_000 + b"e"
    step = b"\x8c\1acsklearn.preprocessing._data\nMaxAbsScaler\n)\x81\x86"
    pipeline = b"csklearn.pipeline\nPipeline\n)\x81}\x8c\5steps](" + step * 50 + b"esb"
    for content in many(texts if kind == "list of texts" else pipeline, 10_000):
        assert "more than 1,000 things" in refusal(content)


@pytest.mark.parametrize("steps", [b"N", b"](N)e", b"}X\1\0\0\0aNs", b"](((tte"])
def test_a_pipeline_that_is_damaged_is_refused(steps):
    loaded = load_objects_of_file(b"\x80\4csklearn.pipeline\nPipeline\n)\x81}X\5\0\0\0steps" + steps + b"sb.")
    with pytest.raises(RefusedError, match="damaged"):
        find_parts(loaded)


class CountedList(list):
    """Counts how often it is iterated."""

    passes = 0

    def __iter__(self):
        self.passes += 1
        return super().__iter__()


@pytest.mark.parametrize("hold", [list, lambda members: {str(place): member for place, member in enumerate(members)}])
def test_a_list_that_is_there_many_times_with_the_two_is_not_iterated_each_time(hold):
    dv, model, texts = Vectorizer(), Classifier(), CountedList(["a", "b"])
    held = hold([dv, model, *[texts] * 500])
    if isinstance(held, dict):
        held |= {f"in {place}": [texts] for place in range(400)}
    find_parts(held)
    assert texts.passes <= 2  # once for its content, and once for a threshold among its numbers


@pytest.mark.parametrize("name", ["log1p(" * 10_000 + ")" * 10_000, "within(" + "x" * 20_000 + ",1.0,0.0)"])
def test_a_name_with_many_characters_does_not_make_a_long_line(name, tmp_path):
    dv, model = fit()
    dv.vocabulary_[name] = dv.vocabulary_.pop("tenure")
    path = tmp_path / "model.bin"
    path.write_bytes(pickle.dumps((dv, model)))
    inspection = inspect_file(path)
    assert max(map(len, describe_inspection(inspection))) < 2_000
    assert len(str(inspection.refusal)) < 2_000


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress], ids=["gzip", "zlib"])
def test_adopt_is_not_suggested_for_a_file_that_it_cannot_read(compress):
    """A file that is compressed twice; of a compressed file only the first member is read."""
    plain = pickle.dumps(fit())
    with pytest.raises(RefusedError, match=r"joblib.s files of such a model are not read") as error:
        load_objects_of_file(compress(compress(plain)))
    assert type(error.value) is RefusedError
    assert find_linear_model(load_objects_of_file(compress(plain) + compress(bytes(10**7)) * 100)).weights


def text(content: bytes) -> bytes:
    return b"X" + len(content).to_bytes(4, "little") + content


def number(low: int) -> bytes:
    """A number of seven megabytes that is slow to compare with another one that begins in the same way."""
    return b"\x8b" + (7 * 2**20).to_bytes(4, "little") + bytes([low]) + bytes(7 * 2**20 - 2) + b"\1"


CLASS = b"\x80\4csklearn.preprocessing._data\nMaxAbsScaler\nq\x000"
CALLS = b"q\x010](" + b"h\0h\1%b" * 16_000 + b"e."
PUTS = b"".join(b"p%d\n" % (place * (2**61 - 1)) for place in range(1, 40_000)) + b"."
TWO_TEXTS = text(b"a" * 7 * 2**20) + b"q\0" + text(b"a" * 7 * 2**20) + b"q\x0100"
NAMES = b"".join(b"h\0\x8c\3%03d\x93" % place for place in range(1_000))
UNKNOWN = b"\x80\4cos\nsystem\n"
COLUMNS = b"".join(text(b"%05d" % place) + b"h%c" % (place * 7919 % 13 % 2) for place in range(20_000))
VECTORIZER = b"csklearn.feature_extraction._dict_vectorizer\nDictVectorizer\n)\x81}("
VECTORIZER += text(b"vocabulary_") + b"}(" + COLUMNS + b"u" + text(b"dtype") + b"cnumpy\nfloat64\n"
VECTORIZER += text(b"separator") + text(b"=") + b"ub"
NUMBERS = b"\x80\4" + number(0) + b"q\0" + number(1) + b"q\x0100"
CLASSIFIER = b"csklearn.linear_model._logistic\nLogisticRegression\n)\x81}" + text(b"coef_") + b"Nsb"


def pipelines() -> bytes:
    """A dict of 60 Pipelines, each with 99 scalers of its own, and 900 names for them."""
    pipeline = b"h\1)\x81}" + text(b"steps") + b"](" + b"(Nh\0)\x81l" * 99 + b"esb"
    content = CLASS + b"csklearn.pipeline\nPipeline\nq\x010}("
    for place in range(2, 62):
        content += text(b"own%d" % place) + pipeline + b"q" + bytes([place])
    return content + b"".join(text(b"%d" % again) + b"h" + bytes([2 + again % 60]) for again in range(900)) + b"u."


LARGE_TO_READ = {
    "calls with a tuple": lambda: CLASS + b"(" + b"N" * 50_000 + b"t" + CALLS.replace(b"%b", b"R"),
    "calls with a list": lambda: CLASS + b"](" + b"N" * 50_000 + b"e" + CALLS.replace(b"%b", b"\x81"),
    "calls with a text": lambda: CLASS + text(b"a" * 2**20) + CALLS.replace(b"%b", b"}\x92"),
    "places in the memo that collide": lambda: b"\x80\4N" + PUTS,
    "places in the memo that collide, after a name": lambda: UNKNOWN + PUTS,
    "texts as keys that are equal": lambda: b"\x80\4" + TWO_TEXTS + b"}h\0Ns(" + b"h\1N" * 48_000 + b"u.",
    "names that are equal": lambda: UNKNOWN + TWO_TEXTS + b"h\0h\0\x93h\1h\1\x93" * 15_000 + b".",
    "names of many dots": lambda: UNKNOWN + text(b"." * 2**23) + b"q\0" + NAMES + b".",
    "numbers that are slow to compare": lambda: NUMBERS + VECTORIZER + CLASSIFIER + b"\x86.",
    "names for Pipelines": pipelines,
}


@pytest.mark.parametrize("make", LARGE_TO_READ.values(), ids=LARGE_TO_READ)
def test_a_file_that_is_small_to_write_and_large_to_read_is_refused_in_little_time_by_every_way_in(
    make, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    content = make()
    with limited_time():
        assert not read_every_way(content)
