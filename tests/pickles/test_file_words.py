"""A file that can't be served is described in words: by its first bytes, or by the names that it uses."""

import bz2
import gzip
import lzma
import pickle
import zlib

import joblib
import pandas as pd
import pytest
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
from churn.pickles.file_words import (
    MOST_SHOWN,
    AdoptableError,
    FileKind,
    find_kind,
    refuse_kind,
    refuse_names,
    show_text,
)
from churn.pickles.linear_model import read_model
from tests.no_models import NO_MODELS, written_by

PAIR = (DictVectorizer(), LogisticRegression())


COMPRESSED = {
    "zlib": zlib.compress,
    "zlib, hardly": lambda content: zlib.compress(content, 1),
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "LZMA": lambda content: lzma.compress(content, format=lzma.FORMAT_ALONE),
}


@pytest.mark.parametrize(("content", "words"), NO_MODELS.values(), ids=NO_MODELS)
def test_a_file_that_is_not_a_pickle_is_named_by_its_first_bytes(content, words, tmp_path):
    assert find_kind(content) == FileKind(words)
    with pytest.raises(ModelError) as error:
        read_model(content, tmp_path)
    assert error.value.reason.startswith(f"is {words}, not a pickle")
    assert "adopt" not in error.value.reason


@pytest.mark.parametrize("words", COMPRESSED)
def test_a_compressed_file_can_be_adopted(words, tmp_path):
    content = COMPRESSED[words](pickle.dumps(PAIR))
    assert find_kind(content).words.startswith(f"compressed by {words.split(',')[0]}")
    with pytest.raises(ModelError, match=r"python -m churn adopt FILE --table CUSTOMERS\.csv --output model\.bin"):
        read_model(content, tmp_path)


@pytest.mark.parametrize("compress", [("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)])
def test_a_file_that_joblib_compresses_can_be_adopted(compress):
    assert find_kind(written_by(lambda file: joblib.dump(PAIR, file, compress=compress))).adoptable


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("loaded", [PAIR, list(PAIR), {"dv": 1}, None, 0.5, "x", b"x", True, [1], ()], ids=repr)
def test_no_pickle_is_taken_for_another_kind_of_file(loaded, protocol):
    assert find_kind(pickle.dumps(loaded, protocol=protocol)) is None


def test_a_truncated_pickle_of_protocol_0_is_not_taken_for_text(tmp_path):
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
def test_another_estimator_is_named_by_its_class(form, words, tmp_path):
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
def test_another_step_is_named_by_its_class(words, tmp_path):
    with pytest.raises(ModelError) as error:
        read_model(pickle.dumps(make_pipeline(STEPS[words], LogisticRegression())), tmp_path)
    assert (
        error.value.reason
        == f"has {words}: this service serves logistic regression on the columns of a DictVectorizer alone"
    )


@pytest.mark.parametrize("kept", [pd.DataFrame({"tenure": [1.0]}), pd.Index(["tenure"]), pd.Series([1.0])])
def test_parts_that_pandas_stores_with_the_two_are_not_named_as_steps(kept, tmp_path):
    with pytest.raises(ModelError) as error:
        read_model(pickle.dumps({"dv": PAIR[0], "model": PAIR[1], "columns": kept}), tmp_path)
    words = f"holds a{'n' * isinstance(kept, pd.Index)} {type(kept).__name__} of pandas: save the model without it"
    assert error.value.reason.startswith(words)


def test_a_joblib_file_can_be_adopted_unless_it_holds_another_estimator():
    assert isinstance(refuse_names([("joblib.numpy_pickle", "NumpyArrayWrapper")]), AdoptableError)
    refusal = refuse_names([("joblib.numpy_pickle", "NumpyArrayWrapper"), ("sklearn.svm._classes", "SVC")])
    assert not isinstance(refusal, AdoptableError)
    assert "an SVC" in str(refusal)


def test_a_similar_class_of_another_package_is_named_in_full():
    for module in ("sklearnex.linear_model", "cuml.linear_model", "torchlike", "__main__"):
        assert f"'{module}.LogisticRegression'" in str(refuse_names([(module, "LogisticRegression")]))


def test_the_first_unknown_name_is_reported(tmp_path):
    with pytest.raises(ModelError, match=r"names 'builtins\.len', which a model file may not"):
        read_model(pickle.dumps((*PAIR, len, print)), tmp_path)


def test_a_model_of_an_old_scikit_learn_is_reported_as_such():
    assert "before 0.22" in str(refuse_names([("sklearn.linear_model.logistic", "LogisticRegression")]))


def test_texts_of_a_foreign_file_are_shown_short_in_one_line_and_without_escape_codes():
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
