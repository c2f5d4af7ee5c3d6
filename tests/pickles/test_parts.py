"""The two objects are found in every form in which people store them, and a file that is not certain is refused."""

import datetime
import pickle

import numpy as np
import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.metrics import get_scorer, make_scorer, roc_auc_score
from sklearn.model_selection import KFold, RepeatedStratifiedKFold, ShuffleSplit, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, StandardScaler

from churn.errors import ModelError
from churn.model.scoring import probability
from churn.pickles.file_words import AdoptableError
from churn.pickles.linear_model import LinearModel, read_model
from churn.pickles.parts import MODEL_NAMES, find_parts
from churn.pickles.pickle_reader import load_objects
from churn.pickles.pickled_arrays import RefusedError

CUSTOMERS = [{"contract": "monthly", "tenure": 1.0}, {"contract": "yearly", "tenure": 9.0}] * 6
LEFT = [0, 1, 0, 1, 0, 1, 1, 1, 0, 0, 0, 1]
DV = DictVectorizer(sparse=False)
X = DV.fit_transform(CUSTOMERS)
MODEL = LogisticRegression().fit(X, LEFT)
SCALER, OTHER_SCALER = StandardScaler().fit(X), MaxAbsScaler().fit(X)


def read(held: object, tmp_path, protocol: int = 4) -> LinearModel:
    return read_model(pickle.dumps(held, protocol=protocol), tmp_path)


def refusal(held: object, tmp_path) -> str:
    with pytest.raises(ModelError) as error:
        read(held, tmp_path)
    assert error.value.reason.isprintable()
    return error.value.reason


def find(*held: object):
    return find_parts(*(load_objects(pickle.dumps(content), MODEL_NAMES) for content in held))


def assert_answers(linear: LinearModel, model: LogisticRegression = MODEL) -> None:
    """Check that the probabilities are those of the model's own predict_proba."""
    for customer, expected in zip(CUSTOMERS[:2], model.predict_proba(X)[:2, 1], strict=True):
        log_odds = linear.intercept + linear.weights[f"contract={customer['contract']}"]
        log_odds += linear.weights["tenure"] * customer["tenure"]
        assert probability(log_odds) == pytest.approx(expected, abs=1e-12)


FORMS = {
    "tuple": (DV, MODEL),
    "tuple turned round": (MODEL, DV),
    "list": [DV, MODEL],
    "dict": {"dv": DV, "model": MODEL},
    "dict of other names": {"vectorizer": DV, "clf": MODEL},
    "dict of numbers": {0: DV, 1: MODEL},
    "Pipeline": make_pipeline(DV, MODEL),
    "Pipeline with names": Pipeline([("vectorizer", DV), ("classifier", MODEL)], verbose=True),
    "Pipeline with steps that do nothing": Pipeline(
        [("a", "passthrough"), ("dv", DV), ("b", None), ("c", "passthrough"), ("model", MODEL)]
    ),
    "Pipeline in a Pipeline": make_pipeline(make_pipeline(DV), Pipeline([("inner", make_pipeline(MODEL))])),
    "Pipeline in a tuple": (make_pipeline(DV, MODEL),),
    "Pipeline in a dict": {"pipeline": make_pipeline(DV, MODEL)},
    "Pipelines of one each": {"dv": make_pipeline(DV), "model": make_pipeline(MODEL)},
    "Pipeline, and its steps once more": {"pipeline": make_pipeline(DV, MODEL), "dv": DV, "model": MODEL},
    "with names of columns": (DV, MODEL, ["contract", "tenure"], ("tenure",)),
    "with an array of names": (DV, MODEL, DV.get_feature_names_out()),
    "with an array of texts": (DV, MODEL, np.array(["contract", "tenure"])),
    "with None": (DV, MODEL, None),
    "with much beside": {
        "model": MODEL,
        "dv": DV,
        "version": "1.2",
        "features": ["contract", "tenure"],
        "C": 1.0,
        "auc": np.float64(0.84),
        "metrics": {"auc": 0.84, "on": datetime.date(2024, 5, 2), "folds": [0.83, 0.85], "by": {"recall": 0.5}},
        "scores": np.array([0.8, 0.9]),
        "thresholds": [0.1, 0.2],
        "cutoffs": np.array([0.1, 0.2]),
        "trained": datetime.datetime(2024, 5, 1, 12, 30, tzinfo=datetime.UTC),
        "day": datetime.date(2024, 5, 1),
        "cv": KFold(5),
        "columns": {"contract", "tenure"},
        "note": b"bytes",
        "nothing": None,
        "fitted": True,
    },
}


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("form", FORMS)
def test_the_two_are_found_in_every_form_and_protocol(form, protocol, tmp_path):
    linear = read(FORMS[form], tmp_path, protocol)
    assert_answers(linear)
    assert linear.threshold is None


def test_an_object_that_contains_itself_or_occurs_everywhere_is_searched_once(tmp_path):
    itself, everywhere = {}, []
    itself["again"] = itself
    for _ in range(200):
        everywhere = [everywhere, everywhere]
    assert_answers(read({"dv": DV, "model": MODEL, "metrics": itself, "tree": everywhere}, tmp_path))


FITTED = {
    "RandomState": LogisticRegression(random_state=np.random.RandomState(1)),
    "global RandomState": LogisticRegression(random_state=np.random.mtrand._rand),
    "RandomState of PCG64": LogisticRegression(random_state=np.random.RandomState(np.random.PCG64(1))),
    "no intercept": LogisticRegression(fit_intercept=False),
    "liblinear": LogisticRegression(solver="liblinear"),
    "liblinear without intercept": LogisticRegression(solver="liblinear", fit_intercept=False),
    "C of NumPy": LogisticRegression(C=np.float32(0.5), max_iter=np.int64(500), class_weight={0: 1, 1: np.int64(2)}),
    "CV": LogisticRegressionCV(Cs=3, cv=2),
    "CV of folds": LogisticRegressionCV(Cs=3, cv=StratifiedKFold(2, shuffle=True, random_state=1)),
    "CV of many folds": LogisticRegressionCV(Cs=2, cv=RepeatedStratifiedKFold(n_splits=2, random_state=1)),
    "CV of shuffled folds": LogisticRegressionCV(Cs=2, cv=ShuffleSplit(2, random_state=np.random.RandomState(2))),
    "CV of listed folds": LogisticRegressionCV(Cs=2, cv=[(np.arange(6), np.arange(6, 12))] * 2),
    "CV scored by name": LogisticRegressionCV(Cs=2, cv=2, scoring="neg_log_loss"),
    "CV with a scorer": LogisticRegressionCV(Cs=2, cv=2, scoring=get_scorer("neg_brier_score")),
    "CV with a function": LogisticRegressionCV(Cs=2, cv=2, scoring=make_scorer(roc_auc_score)),
    "CV without intercept": LogisticRegressionCV(Cs=2, cv=2, fit_intercept=False),
}


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize("fitted", FITTED)
def test_however_it_was_fitted_a_logistic_regression_is_read(fitted, protocol, tmp_path):
    model = FITTED[fitted].fit(X, LEFT)
    assert_answers(read((DV, model), tmp_path, protocol), model)


def test_an_intercept_that_was_changed_to_a_number_is_read(tmp_path):
    for intercept in (-1, -1.5, np.float64(-1.5), np.array([-1.5])):
        model = LogisticRegression().fit(X, LEFT)
        model.intercept_ = intercept
        assert read((DV, model), tmp_path).intercept == float(np.ravel(intercept)[0])


@pytest.mark.parametrize("dtype", [float, np.float64, np.dtype("f8"), "float64", "f8", "float", "double", "d"])
def test_a_vectorizer_of_doubles_is_read_however_its_dtype_is_written(dtype, tmp_path):
    for protocol in (2, 4):
        dv = DictVectorizer(dtype=dtype, sparse=False).fit(CUSTOMERS)
        assert_answers(read((dv, MODEL), tmp_path, protocol))


@pytest.mark.parametrize(
    ("dtype", "words"),
    [
        (np.float32, "rounds to float32"),
        ("float32", "rounds to float32"),
        (np.dtype("f4"), "rounds to f4"),
        (int, r"rounds to (int|long)"),
        (bool, "rounds to bool"),
        (np.uint8, "rounds to uint8"),
        ("\x1b[31m", "rounds:"),
        (None, "rounds:"),
    ],
)
def test_a_vectorizer_that_rounds_is_refused(dtype, words, tmp_path):
    dv = DictVectorizer(sparse=False).fit(CUSTOMERS)
    dv.dtype = dtype
    for protocol in (2, 4):
        with pytest.raises(ModelError, match=words):
            read((dv, MODEL), tmp_path, protocol)


def test_the_part_that_is_not_fitted_is_named(tmp_path):
    assert refusal((DictVectorizer(), MODEL), tmp_path) == "its DictVectorizer is not fitted"
    assert refusal(make_pipeline(DV, LogisticRegression()), tmp_path) == "its LogisticRegression is not fitted"


REFUSED = {
    "two vectorizers": ((DV, DictVectorizer().fit(CUSTOMERS), MODEL), "2 of DictVectorizer"),
    "two models": ({"a": DV, "b": MODEL, "c": LogisticRegression().fit(X, LEFT)}, "2 of LogisticRegression"),
    "a Pipeline and another vectorizer": ((make_pipeline(DV, MODEL), DV), "2 of DictVectorizer"),
    "a text": ((DV, MODEL, "a"), "something else beside"),
    "a bool": ((DV, MODEL, True), "something else beside"),
    "a list of models": ((DV, MODEL, [MODEL]), "something else beside"),
    "an array of numbers": ((DV, MODEL, np.array([0.4])), "something else beside"),
    "an array of objects": ((DV, MODEL, np.array(["a", 0.4], dtype=object)), "something else beside"),
    "a list of numbers": ((DV, MODEL, [0.4]), "something else beside"),
    "folds": ((DV, MODEL, KFold()), "something else beside"),
    "a dict in a tuple": ((DV, MODEL, {"threshold": 0.4}), "something else beside"),
    "models in a dict in it": (
        {"dv": DV, "model": MODEL, "others": {"b": MODEL}},
        "something else, 'others', beside",
    ),
    "models in a list in it": ({"dv": DV, "model": MODEL, "a\x1b": [MODEL]}, "something else, 'a\\x1b', beside"),
    "a class": ({"dv": DV, "model": MODEL, "kind": LogisticRegression}, "something else, 'kind', beside"),
    "a tuple in a tuple": (((DV, MODEL), 0.4), "neither of the two"),
    "nothing": ([], "neither of the two"),
    "an empty Pipeline": (Pipeline([]), "Pipeline of other steps"),
    "the wrong order": (make_pipeline(MODEL, DV), "Pipeline of other steps"),
    "two models in a row": (make_pipeline(DV, MODEL, MODEL), "2 of LogisticRegression"),
    "folds as a step": (Pipeline([("dv", DV), ("cv", KFold()), ("model", MODEL)]), "Pipeline of other steps"),
    "a function as a step": (make_pipeline(DV, FunctionTransformer(np.log1p), MODEL), "has a FunctionTransformer"),
    "many steps": (Pipeline([("dv", DV)] * 101), "more than 100 steps"),
    "scalers in no order": ((DV, SCALER, OTHER_SCALER, MODEL), "more than one scaler"),
    "scalers in two Pipelines": ((make_pipeline(DV, SCALER), make_pipeline(OTHER_SCALER, MODEL)), "more than one"),
}


@pytest.mark.parametrize(("held", "words"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_does_not_certainly_hold_the_two_is_refused_with_what_it_holds(held, words, tmp_path):
    reason = refusal(held, tmp_path)
    assert words in reason
    assert "adopt" not in reason


def test_pipelines_that_hold_one_another_many_times_are_refused_at_once(tmp_path):
    many = make_pipeline(DV)
    for _ in range(50):
        many = Pipeline([("a", many), ("b", many)])
    itself = Pipeline([])
    itself.steps.append(("itself", itself))
    wide = Pipeline([("dv", DV)] * 3_000)
    for held in (many, itself, wide):
        reason = refusal(held, tmp_path)  # a variable, as pytest would take hours to show a Pipeline
        assert "more than 100 steps" in reason


SCALED = {
    "Pipeline": make_pipeline(DV, SCALER, MODEL),
    "tuple": (DV, SCALER, MODEL),
    "dict": {"dv": DV, "scaler": SCALER, "model": MODEL},
    "Pipeline of scaler and model": {"dv": DV, "model": make_pipeline(SCALER, MODEL)},
    "Pipeline of vectorizer and scaler": [make_pipeline(DV, SCALER), MODEL],
}


@pytest.mark.parametrize("held", SCALED.values(), ids=SCALED)
def test_a_scaler_between_the_two_can_be_adopted(held, tmp_path):
    reason = refusal(held, tmp_path)
    assert "has a StandardScaler between the two" in reason
    assert "python -m churn adopt FILE --table CUSTOMERS.csv --output model.bin" in reason
    (scaler,) = find(held).between
    assert scaler.state["with_mean"] is True


def test_scalers_of_a_pipeline_keep_their_order():
    between = find(make_pipeline(DV, SCALER, OTHER_SCALER, MODEL)).between
    assert [type(scaler).__name__ for scaler in between] == ["StandardScaler", "MaxAbsScaler"]


@pytest.mark.parametrize(("held", "other"), [(DV, MODEL), (make_pipeline(DV), {"model": MODEL, "threshold": 0.4})])
def test_the_two_are_found_in_two_files_in_either_order(held, other):
    for files in ((held, other), (other, held)):
        parts = find(*files)
        assert parts.vectorizer["vocabulary_"]
        assert parts.classifier["solver"] == "lbfgs"
        assert parts.threshold == (0.4 if isinstance(other, dict) else None)


@pytest.mark.parametrize("protocol", [0, 1, 2, 4, 5])
def test_the_two_are_found_in_several_pickles_in_one_file(protocol, tmp_path):
    def dump(*held: object) -> bytes:
        return b"".join(pickle.dumps(member, protocol=protocol) for member in held)

    for held in ((DV, MODEL), (MODEL, DV), ((DV, MODEL), 0.4), (make_pipeline(DV, MODEL), np.float64(0.4))):
        linear = read_model(dump(*held), tmp_path)
        assert_answers(linear)
        assert linear.threshold == (0.4 if isinstance(held[1], float) else None)
    assert_answers(read_model(dump((DV, MODEL)) + b"\r\n\0", tmp_path))
    for held, words in (((DV, MODEL, MODEL), "2 of Log"), (((DV, MODEL), {"t": 0.4}), "may be its threshold")):
        with pytest.raises(ModelError, match=words):
            read_model(dump(*held), tmp_path)
    with pytest.raises(ModelError, match="more than 1,000 things"):
        read_model(dump(DV, MODEL, *[[None] * 100] * 11), tmp_path)
    for cut in (dump((DV, MODEL), 0.4)[:-1], dump((DV, MODEL)) + b"0.4"):
        with pytest.raises(ModelError, match="not a whole pickle"):
            read_model(cut, tmp_path)


def test_where_the_other_half_may_be_in_the_same_file_no_second_file_is_suggested(tmp_path):
    assert "something else, 'models', beside the two" in refusal({"dv": DV, "models": [MODEL, MODEL]}, tmp_path)


def test_one_of_the_two_alone_is_refused_with_the_command_for_both_files(tmp_path):
    for held, words in ((DV, "DictVectorizer without its LogisticRegression"), ({"m": MODEL}, "without its DictVec")):
        with pytest.raises(AdoptableError):
            find(held)
        assert words in refusal(held, tmp_path)
        assert "python -m churn adopt FILE OTHER_FILE --table" in refusal(held, tmp_path)


def test_a_file_with_its_own_model_is_not_combined_with_another():
    with pytest.raises(RefusedError, match="2 of DictVectorizer"):
        find((DV, MODEL), DV)
