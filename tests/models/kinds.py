"""The kinds of model file: what is fitted, the form in which it is stored, what writes it, and its outcome here."""

# ruff: noqa: UP006, UP035, UP045, B905
# Python 3.8 runs this too.

import importlib
import io
import pickle
from typing import Any, Callable, List, NamedTuple, Optional

import joblib
import numpy
import sklearn
from fits import CUSTOMERS, LEFT, RAW, ROWS, Fitted, Row, fit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, SGDClassifier
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import SVC

ONLY = frozenset({"tenure", "contract"})


def columns_pipeline(_: object) -> Pipeline:
    """The usual pipeline without a DictVectorizer."""
    pandas = importlib.import_module("pandas")
    frame = pandas.DataFrame(ROWS["clean"])[["contract", "partner", "tenure"]]
    encode = ColumnTransformer([("categories", OneHotEncoder(), ["contract", "partner"])], remainder="passthrough")
    return make_pipeline(encode, LogisticRegression(max_iter=5000)).fit(frame, LEFT)


def as_pickle(protocol: int) -> Callable[[Any], bytes]:
    return lambda model: pickle.dumps(model, protocol=protocol)


def by(package: str) -> Callable[[Any], bytes]:
    """A function that writes with cloudpickle or dill."""
    return lambda model: importlib.import_module(package).dumps(model)


def as_joblib(compress: Any = 0, **settings: Any) -> Callable[[Any], bytes]:
    def dump(model: Any) -> bytes:
        file = io.BytesIO()
        joblib.dump(model, file, compress=compress, **settings)
        return file.getvalue()

    return dump


class Kind(NamedTuple):
    fit: Callable[[], Fitted]
    shape: Callable[[List[Any]], Any] = tuple
    dump: Callable[[Any], bytes] = as_pickle(4)
    outcome: str = "served"
    names: tuple = ()
    customers: str = "clean"
    beside: Optional[str] = None
    threshold: Optional[float] = None
    plain: bool = False


def kind(shape=tuple, dump=Kind._field_defaults["dump"], **settings: Any) -> Kind:
    """One kind: the settings of the file are its own, and all others are those of fit()."""
    own = {name: settings.pop(name) for name in Kind._fields if name in settings}
    own.setdefault("customers", settings["rows"] if settings.get("rows") in CUSTOMERS else "clean")
    return Kind(lambda: fit(**settings), shape, dump, **own)


def refused(*names: str, **settings: Any) -> Kind:
    return kind(outcome="refused", names=names, **settings)


def adopted(**settings: Any) -> Kind:
    return kind(outcome="adopted", **settings)


def keys(*names: str, **others: Any) -> Callable[[List[Any]], Row]:
    return lambda steps: dict(zip(names, steps), **others)


def piped(steps: List[Any]) -> Pipeline:
    return make_pipeline(*steps)


def named(steps: List[Any]) -> Pipeline:
    return Pipeline(list(zip(["vectorizer", "model"], steps)), verbose=True)


def logistic(**settings: Any) -> LogisticRegression:
    return LogisticRegression(max_iter=5000, **settings)


WORDS = tuple("yes" if left else "no" for left in LEFT)
KINDS = {
    "pair": kind(plain=True),
    "labels": kind(y=WORDS, model=logistic(C=numpy.float64(1.0))),
    "labels-protocol5": kind(y=WORDS, model=logistic(C=numpy.float64(1.0)), dump=as_pickle(5)),
    "bool-labels": kind(y=tuple(left == 1 for left in LEFT)),
    **{f"protocol{n}": kind(dump=as_pickle(n)) for n in (0, 1, 2, 3, 5)},
    "pipeline": kind(piped, plain=True),
    "pipeline-named": kind(named),
    "pipeline-sparse": kind(piped, dv=DictVectorizer()),
    "pipeline-liblinear": kind(piped, model=logistic(solver="liblinear")),
    "pipeline-raw": kind(piped, rows="raw"),
    "pipeline-protocol0": kind(piped, dump=as_pickle(0)),
    "pipeline-protocol2": kind(piped, dump=as_pickle(2)),
    "pipeline-protocol5": kind(piped, dump=as_pickle(5)),
    "list": kind(list, plain=True),
    "dict-dv-model": kind(keys("dv", "model"), plain=True),
    "dict-vectorizer-classifier": kind(keys("vectorizer", "classifier")),
    "dict-threshold": kind(keys("dv", "model", threshold=0.4), threshold=0.4),
    "dict-others": kind(
        keys("dv", "model", threshold=0.4, features=["tenure", "contract"], version="1"), threshold=0.4
    ),
    "dv-model-threshold": kind(lambda s: (*s, 0.4), plain=True, threshold=0.4),
    "threshold-model-dv": kind(lambda s: (0.4, s[1], s[0]), threshold=0.4),
    "model-threshold-dv": kind(lambda s: [s[1], numpy.float64(0.4), s[0]], threshold=0.4),
    "dv-model-float64": kind(lambda s: (*s, numpy.float64(0.4)), threshold=0.4),
    "model-dv": kind(lambda s: (s[1], s[0])),
    "cv": kind(model=LogisticRegressionCV(Cs=3, cv=3, max_iter=5000), plain=True),
    "cv-stratified": kind(
        model=LogisticRegressionCV(
            Cs=3, cv=StratifiedKFold(3, shuffle=True, random_state=1), scoring="neg_log_loss", max_iter=5000
        )
    ),
    "random-state": kind(model=logistic(random_state=numpy.random.RandomState(1)), plain=True),
    "no-intercept": kind(model=logistic(fit_intercept=False)),
    "liblinear": kind(model=logistic(solver="liblinear")),
    "liblinear-no-intercept": kind(model=logistic(solver="liblinear", fit_intercept=False)),
    "class-weight": kind(model=logistic(class_weight={0: 1, 1: 3})),
    "balanced": kind(model=logistic(class_weight="balanced")),
    "sparse": kind(dv=DictVectorizer()),
    "unsorted-separator": kind(dv=DictVectorizer(sparse=False, sort=False, separator=":")),
    "raw": kind(rows="raw", plain=True),
    "raw-na": kind(rows="raw-na"),
    "raw-sparse-protocol2": kind(rows="raw", dv=DictVectorizer(), dump=as_pickle(2)),
    "bool": kind(rows="bool"),
    "bool-texts": kind(rows="bool-texts"),
    "joblib": adopted(dump=as_joblib()),
    "joblib-protocol2": adopted(dump=as_joblib(protocol=2)),
    "joblib-zlib": adopted(dump=as_joblib(3)),
    "joblib-gzip": adopted(dump=as_joblib(("gzip", 3))),
    "joblib-bz2": adopted(dump=as_joblib(("bz2", 3))),
    "joblib-xz": adopted(dump=as_joblib(("xz", 3))),
    "joblib-lzma": adopted(dump=as_joblib(("lzma", 3))),
    "joblib-labels": adopted(dump=as_joblib(), y=WORDS),
    "joblib-raw-zlib": adopted(dump=as_joblib(3), rows="raw"),
    "joblib-pipeline": adopted(shape=piped, dump=as_joblib()),
    "joblib-pipeline-zlib": adopted(shape=piped, dump=as_joblib(3)),
    "joblib-dict": adopted(shape=keys("dv", "model", threshold=0.4), dump=as_joblib(), threshold=0.4),
    "joblib-scaled": adopted(shape=piped, dump=as_joblib(), scaler=StandardScaler()),
    "scaled": adopted(shape=piped, scaler=StandardScaler()),
    "scaled-no-mean": adopted(shape=piped, dv=DictVectorizer(), scaler=StandardScaler(with_mean=False)),
    "scaled-no-std": adopted(shape=piped, scaler=StandardScaler(with_std=False)),
    "scaled-maxabs": adopted(shape=piped, dv=DictVectorizer(), scaler=MaxAbsScaler()),
    "scaled-triple": adopted(scaler=StandardScaler()),
    "alone-model": adopted(shape=lambda s: s[1], beside="alone-dv"),
    "alone-dv": refused("DictVectorizer", shape=lambda s: s[0]),
    "alone-joblib-model": adopted(shape=lambda s: s[1], dump=as_joblib(3), beside="alone-joblib-dv"),
    "alone-joblib-dv": refused("DictVectorizer", shape=lambda s: s[0], dump=as_joblib()),
    "mixed": refused("totalcharges", rows="mixed"),
    "two-names": refused("'Contract=Month-to-month'", "'contract=Month-to-month'", rows="two-names"),
    "two-numbers": refused("'Tenure'", "'tenure'", rows="two-numbers"),
    "two-categories": refused("'Partner=No'", "'Partner=no'", rows="two-categories"),
    "forest": refused("RandomForestClassifier", model=RandomForestClassifier(3, max_depth=3), only=ONLY),
    "pipeline-forest": refused("RandomForestClassifier", shape=piped, model=RandomForestClassifier(3, max_depth=3)),
    "calibrated": refused("CalibratedClassifierCV", model=CalibratedClassifierCV(logistic(), cv=2), only=ONLY),
    "svc": refused("SVC", model=SVC(kernel="linear"), only=ONLY, y=LEFT[:50]),
    "sgd": refused("SGDClassifier", model=SGDClassifier(random_state=1), only=ONLY),
    "float32": refused("float32", dv=DictVectorizer(dtype=numpy.float32)),
    "selected": refused("SelectKBest", shape=piped, scaler=SelectKBest(k=10)),
    "minmax": refused("MinMaxScaler", shape=piped, scaler=MinMaxScaler()),
    "three-classes": refused("3 classes", y=tuple(left + (row["tenure"] > 60) for left, row in zip(LEFT, RAW))),
    "not-fitted": refused("not fitted", fitted=False),
}
VERSION = tuple(map(int, sklearn.__version__.split(".")[:2]))
if VERSION < (1, 8):
    KINDS["multinomial"] = kind(model=logistic(multi_class="multinomial"))
    KINDS["cv-multinomial"] = kind(
        model=LogisticRegressionCV(Cs=3, cv=3, max_iter=5000, multi_class="multinomial"),
    )
if VERSION >= (1, 0):
    KINDS["frame"] = kind(frame=True)
    KINDS["frame-labels"] = kind(frame=True, y=WORDS)
    KINDS["columns"] = refused("ColumnTransformer", shape=columns_pipeline, fitted=False)
KINDS["cloudpickle"] = kind(piped, dump=by("cloudpickle"))
KINDS["dill"] = refused("dill", shape=piped, dump=by("dill"))
NEEDED = {
    "frame": "pandas",
    "frame-labels": "pandas",
    "columns": "pandas",
    "cloudpickle": "cloudpickle",
    "dill": "dill",
}
