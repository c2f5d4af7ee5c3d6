"""What a file is that can't be served is said in words: by its first bytes, or by the names that it uses."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import zipfile
import zlib

import joblib
import numpy as np
import pandas as pd
import pytest
import xlsxwriter
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.naive_bayes import BernoulliNB
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import SVC

from churn.errors import ModelError
from churn.model.file_words import MOST_SHOWN, AdoptableError, find_kind, refuse_kind, refuse_names, show_text
from churn.model.linear_model import read_model
from tests.customers import PROJECT

PAIR = (DictVectorizer(), LogisticRegression())


def zipped(*members: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for member in members:
            archive.writestr(member, "content")
    return content.getvalue()


def workbook() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        book.add_worksheet().write(0, 0, "customerid")
    return content.getvalue()


def written_by(save, *args) -> bytes:
    content = io.BytesIO()
    save(content, *args)
    return content.getvalue()


TABLE = (PROJECT / "data" / "telco-churn.csv").read_bytes()
NO_PICKLES = {
    "empty": (b"", "an empty file"),
    "zeros": (b"\0" * 5_000, "a file of blanks or zeros only"),
    "line feeds": (b"\r\n \n", "a file of blanks or zeros only"),
    "HTML": (b"\n<!DOCTYPE html>\n<html><head><title>Not found</title>", "an HTML page"),
    "HTML without a type": (b"<html lang=en>", "an HTML page"),
    "HTML after a comment": (b"<!-- saved from url=(0014)about:internet -->\n<HTML>", "an HTML page"),
    "XML": (b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>', "an XML file"),
    "PMML": (b'<?xml version="1.0"?>\n<PMML version="4.4">', "a model in PMML"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "a pointer of Git LFS"),
    "CSV": (TABLE, "a CSV table"),
    "CSV after a byte order mark": (b"\xef\xbb\xbf" + TABLE, "a CSV table"),
    "semicolons": (b"customerid;churn\n1;no\n", "a CSV table"),
    "UTF-16": ("customerid\tchurn\n1\tno\n".encode("utf-16"), "a text file"),
    "a text": ("Ein schöner Text\n".encode(), "a text file"),
    "a sentence": (b"The model is elsewhere.", "a text file"),
    "Python": (b"import pickle\npickle.load(open('model.bin', 'rb'))\n", "a text file"),
    "JSON": (json.dumps({"weights": [1.0, 2.0]}).encode(), "a JSON text"),
    "JSON array": (b"[1, 2]", "a JSON text"),
    "notebook": (
        (PROJECT / "notebook.ipynb").read_bytes()[-60_000:].join([b'{"nbformat": 4', b""]),
        "a Jupyter notebook",
    ),
    "card": ((PROJECT / "model_C=1.0.json").read_bytes(), "a card (the model file stands beside it)"),
    "workbook": (workbook(), "an Excel workbook"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "a document of Microsoft Office"),
    "torch": (zipped("archive/data.pkl", "archive/version"), "a model of PyTorch"),
    "old torch": (pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2), "a model of PyTorch"),
    "Keras": (zipped("metadata.json", "config.json", "model.weights.h5"), "a model of Keras"),
    "skops": (zipped("schema.json", "1.npy"), "a model of skops"),
    "npz": (written_by(np.savez, [1.0]), "arrays of NumPy"),
    "npy": (written_by(np.save, [1.0]), "an array of NumPy"),
    "zip": (zipped("model.bin"), "a zip archive"),
    "empty zip": (zipped(), "a zip archive"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "an HDF5 file"),
    "PNG": ((PROJECT / "docs" / "page.png").read_bytes(), "a picture"),
    "Parquet": (b"PAR1" + bytes(100), "a Parquet file"),
    "ONNX": (b"\x08\x09\x12\x08skl2onnx\x1a\x061.19.1", "a model of ONNX"),
    "XGBoost": (b'{"learner":{"attributes":{}}}', "a model of XGBoost"),
    "XGBoost in UBJSON": (b"{L\0\0\0\0\0\0\0\x07learner{L\0", "a model of XGBoost"),
    "LightGBM": (b"tree\nversion=v4\nnum_class=1\n", "a model of LightGBM"),
    "CatBoost": (b"CBM1" + bytes(100), "a model of CatBoost"),
    "Zstandard": (b"\x28\xb5\x2f\xfd\x04\x00", "compressed by Zstandard"),
    "LZ4": (b"\x04\x22\x4d\x18\x64\x40", "compressed by LZ4"),
}
COMPRESSED = {
    "zlib": zlib.compress,
    "zlib, hardly": lambda content: zlib.compress(content, 1),
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "LZMA": lambda content: lzma.compress(content, format=lzma.FORMAT_ALONE),
}


@pytest.mark.parametrize(("content", "words"), NO_PICKLES.values(), ids=NO_PICKLES)
def test_what_is_no_pickle_is_told_by_its_first_bytes(content, words, tmp_path):
    kind = find_kind(content)
    assert kind is not None
    assert kind.words.startswith(words)
    assert not kind.adoptable
    with pytest.raises(ModelError) as error:
        read_model(content, tmp_path)
    assert error.value.reason.startswith(f"is {words}")
    assert "adopt" not in error.value.reason


@pytest.mark.parametrize("words", COMPRESSED)
def test_what_is_compressed_can_be_adopted(words, tmp_path):
    content = COMPRESSED[words](pickle.dumps(PAIR))
    assert find_kind(content).words.startswith(f"compressed by {words.split(',')[0]}")
    with pytest.raises(ModelError, match=r"python -m churn adopt FILE --table CUSTOMERS\.csv --output model\.bin"):
        read_model(content, tmp_path)


@pytest.mark.parametrize("compress", [("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)])
def test_what_joblib_compresses_can_be_adopted(compress):
    assert find_kind(written_by(lambda file: joblib.dump(PAIR, file, compress=compress))).adoptable


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("loaded", [PAIR, list(PAIR), {"dv": 1}, None, 0.5, "x", b"x", True, [1], ()], ids=repr)
def test_no_pickle_is_taken_for_anything_else(loaded, protocol):
    assert find_kind(pickle.dumps(loaded, protocol=protocol)) is None


def test_a_pickle_of_protocol_0_that_is_cut_short_is_no_text(tmp_path):
    content = pickle.dumps(PAIR, protocol=0)
    assert find_kind(content[: len(content) // 2]) is None


OTHERS = {
    "a RandomForestClassifier": RandomForestClassifier(),
    "an SVC": SVC(),
    "a BernoulliNB": BernoulliNB(),
    "an SGDClassifier": SGDClassifier(),
    "a CalibratedClassifierCV": CalibratedClassifierCV(LogisticRegression()),
    "a GridSearchCV": GridSearchCV(LogisticRegression(), {"C": [1.0]}),
    "a FixedThresholdClassifier": FixedThresholdClassifier(LogisticRegression(), threshold=0.4),
}


@pytest.mark.parametrize("words", OTHERS)
@pytest.mark.parametrize("form", [lambda model: (PAIR[0], model), lambda model: make_pipeline(PAIR[0], model)])
def test_another_estimator_is_told_by_its_class(form, words, tmp_path):
    with pytest.raises(ModelError) as error:
        read_model(pickle.dumps(form(OTHERS[words])), tmp_path)
    assert error.value.reason == f"holds {words}: this service serves logistic regression"


STEPS = {
    "a ColumnTransformer": ColumnTransformer([("one hot", OneHotEncoder(), [0])]),
    "an OneHotEncoder": OneHotEncoder(),
    "a SelectKBest": SelectKBest(),
    "a FeatureUnion": make_union(DictVectorizer()),
}


@pytest.mark.parametrize("words", STEPS)
def test_another_step_is_told_by_its_class(words, tmp_path):
    with pytest.raises(ModelError) as error:
        read_model(pickle.dumps(make_pipeline(STEPS[words], LogisticRegression())), tmp_path)
    assert (
        error.value.reason
        == f"has {words}: this service serves logistic regression on the columns of a DictVectorizer alone"
    )


@pytest.mark.parametrize("kept", [pd.DataFrame({"tenure": [1.0]}), pd.Index(["tenure"]), pd.Series([1.0])])
def test_what_pandas_keeps_beside_the_two_is_no_step(kept, tmp_path):
    with pytest.raises(ModelError) as error:
        read_model(pickle.dumps({"dv": PAIR[0], "model": PAIR[1], "columns": kept}), tmp_path)
    words = f"holds a{'n' * isinstance(kept, pd.Index)} {type(kept).__name__} of pandas: save the model without it"
    assert error.value.reason.startswith(words)


def test_a_file_of_joblib_can_be_adopted_unless_it_holds_another_estimator():
    assert isinstance(refuse_names([("joblib.numpy_pickle", "NumpyArrayWrapper")]), AdoptableError)
    refusal = refuse_names([("joblib.numpy_pickle", "NumpyArrayWrapper"), ("sklearn.svm._classes", "SVC")])
    assert not isinstance(refusal, AdoptableError)
    assert "an SVC" in str(refusal)


def test_the_like_of_another_package_is_told_by_its_whole_name():
    for module in ("sklearnex.linear_model", "cuml.linear_model", "torchlike", "__main__"):
        assert f"'{module}.LogisticRegression'" in str(refuse_names([(module, "LogisticRegression")]))


def test_the_first_name_that_is_not_known_is_told(tmp_path):
    with pytest.raises(ModelError, match=r"names 'builtins\.len', which a model file may not"):
        read_model(pickle.dumps((*PAIR, len, print)), tmp_path)


def test_a_model_of_an_old_scikit_learn_is_told_so():
    assert "before 0.22" in str(refuse_names([("sklearn.linear_model.logistic", "LogisticRegression")]))


def test_what_is_in_a_foreign_file_is_shown_short_in_one_line_and_without_escape_codes():
    for text in ("a\nb\x1b[31m\u202e" * 1_000_000, "'\"" * 1_000, "\x00" * 1_000, "a" * 199, "a" * 198):
        shown = show_text(text)
        assert len(shown) <= MOST_SHOWN
        assert shown.isprintable()
        assert shown[0] == shown[-1]
    assert show_text("a" * 198) == repr("a" * 198)
    for name in (
        ("sklearn.svm", "A\x1b[31m"),
        ("sklearn.svm", "Ä"),
        ("sklearn.svm", "A" * 1_000_000),
        ("a\n" * 1_000_000, "b"),
    ):
        assert str(refuse_names([name])).isprintable()
        assert len(str(refuse_names([name]))) < 2 * MOST_SHOWN
        assert str(refuse_names([name])).startswith("names '")


def test_the_refusal_of_two_files_names_both_in_the_command():
    assert "adopt FILE OTHER --table" in str(AdoptableError("has no model", files="FILE OTHER"))
    assert "adopt" not in str(refuse_kind(find_kind(b"<html>")))
