"""The objects of a file in words: those of scikit-learn, and objects that no scikit-learn wrote."""

import pickle

import pytest
import sklearn
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from churn.pickles.loaded_words import describe_loaded, find_versions, list_settings
from churn.pickles.parts import MODEL_NAMES, Classifier, Vectorizer
from churn.pickles.parts import Pipeline as PipelineHolder
from churn.pickles.pickle_reader import load_objects
from tests.pairs import RECORDS


def fit(model=None):
    """A DictVectorizer, and a model fitted to its columns of some customers."""
    dv = DictVectorizer(sparse=False)
    X = dv.fit_transform(RECORDS * 5)
    return dv, (model or LogisticRegression()).fit(X, [1, 0, 1, 0] * 5)


def load(written: object) -> object:
    return load_objects(pickle.dumps(written), MODEL_NAMES)


def hold(kind, state) -> object:
    """An object of this kind with this state, which no scikit-learn wrote."""
    holder = kind()
    holder.__setstate__(state)
    return holder


DV, MODEL = fit()


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ((DV, MODEL), ["a tuple: DictVectorizer", "LogisticRegression"]),
        ([MODEL, DV], ["a list: LogisticRegression", "DictVectorizer"]),
        (
            {"dv": DV, "model": MODEL, "threshold": 0.3, "features": ["a"], "note": "v1", 1: None},
            [
                "a dict: 'dv' (DictVectorizer)",
                "'model' (LogisticRegression)",
                "'threshold' (0.3)",
                "'features' (a list)",
                "'note' ('v1')",
                "'' (None)",
            ],
        ),
        (
            make_pipeline(DV, StandardScaler(), MODEL),
            [
                "a Pipeline: 'dictvectorizer' (DictVectorizer)",
                "'standardscaler' (StandardScaler)",
                "'logisticregression' (LogisticRegression)",
            ],
        ),
        (
            (Pipeline([("dv", DV), ("model", MODEL)]), 0.4),
            ["a tuple: a Pipeline ('dv' (DictVectorizer), 'model' (LogisticRegression))", "0.4"],
        ),
        (DV, ["DictVectorizer"]),
        (["x"] * 12, ["a list: 'x'", *["'x'"] * 9, "and 2 more"]),
        ((), ["a tuple: nothing"]),
        ("\x1b[31m", [r"'\x1b[31m'"]),
        ((1 << 90, 2.0, True), ["a tuple: something else", "2.0", "True"]),
    ],
)
def test_the_objects_in_a_file_are_described_in_words(written, words):
    assert describe_loaded(load(written)) == words


def test_several_pickles_in_one_file_are_reported():
    loaded = load_objects(pickle.dumps(DV) + pickle.dumps(MODEL), MODEL_NAMES)
    assert describe_loaded(loaded) == ["2 pickles, one after the other: DictVectorizer", "LogisticRegression"]


def test_a_model_fitted_with_folds_is_described_as_such():
    quiet = {"l1_ratios": (0,), "use_legacy_attributes": False, "scoring": "neg_log_loss"}  # else it warns
    assert describe_loaded(load(fit(LogisticRegressionCV(Cs=2, cv=2, **quiet))))[1] == "LogisticRegressionCV"


def test_the_version_and_the_settings_are_those_of_the_objects():
    loaded = load((DV, fit(LogisticRegression(C=0.5, solver="liblinear", class_weight="balanced"))[1]))
    assert find_versions(loaded) == [sklearn.__version__]
    assert list_settings(loaded) == ["C=0.5", "solver='liblinear'", "class_weight='balanced'"]


def test_a_pipeline_in_a_tuple_is_described_too():
    loaded = load((make_pipeline(DV, MODEL), 0.4))
    assert (find_versions(loaded), list_settings(loaded)) == ([sklearn.__version__], ["C=1.0", "solver='lbfgs'"])


def test_two_versions_are_both_named():
    states = ({"_sklearn_version": version} for version in ("1.0.2", "0.24.2"))
    loaded = tuple(hold(kind, state) for kind, state in zip((Vectorizer, Classifier), states, strict=True))
    assert find_versions(loaded) == ["1.0.2", "0.24.2"]


def cyclic_pipeline():
    pipeline = PipelineHolder()
    pipeline.__setstate__({"steps": [("itself", pipeline)]})
    return pipeline


@pytest.mark.parametrize(
    "loaded",
    [
        hold(PipelineHolder, None),
        [hold(PipelineHolder, {"steps": [("", None)] * 30_000})] * 30_000,
        hold(PipelineHolder, {"steps": 3}),
        hold(PipelineHolder, {"steps": [1, (2,), (3, 4), ("dv", 5)]}),
        cyclic_pipeline(),
        (hold(Vectorizer, [1]), hold(Classifier, {"solver": {}, "C": (1 << 90_000), "_sklearn_version": []})),
        hold(Classifier, None),
        object(),
        None,
    ],
)
def test_objects_that_no_scikit_learn_wrote_raise_nothing(loaded):
    assert all(text.isprintable() for text in (*describe_loaded(loaded), *list_settings(loaded)))
    assert find_versions(loaded) == []
