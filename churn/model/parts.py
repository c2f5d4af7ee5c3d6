"""The parts of a model file: which of the objects in it is the DictVectorizer, which the LogisticRegression.

Owns which names a model file may use, and in which forms people keep the two: a tuple, a list, a dict, a Pipeline,
with a threshold beside them. What is taken from each is linear_model's.
"""

import math
from typing import Any, NamedTuple

from churn.model.pickle_reader import Names
from churn.model.pickled_arrays import Holder, RefusedError, Scalar, read_scalar


class Vectorizer(Holder):
    """Stands in for a DictVectorizer."""


class Classifier(Holder):
    """Stands in for a LogisticRegression or LogisticRegressionCV."""


class Scaler(Holder):
    """Stands in for a step that multiplies and shifts each column, which can be folded into the weights."""


class StandardScaler(Scaler): ...


class MaxAbsScaler(Scaler): ...


class Pipeline(Holder): ...


class Setting(Holder):
    """Stands in for what a model was fitted with and does not need to answer: folds, random numbers."""


class PythonFloat(Holder):
    """Python's float, where it is the type of a DictVectorizer's numbers."""


MODEL_NAMES: Names = {
    ("sklearn.feature_extraction._dict_vectorizer", "DictVectorizer"): Vectorizer,
    ("sklearn.linear_model._logistic", "LogisticRegression"): Classifier,
    ("sklearn.linear_model._logistic", "LogisticRegressionCV"): Classifier,
    ("sklearn.pipeline", "Pipeline"): Pipeline,
    ("sklearn.preprocessing._data", "StandardScaler"): StandardScaler,
    ("sklearn.preprocessing._data", "MaxAbsScaler"): MaxAbsScaler,
    ("sklearn.model_selection._split", "KFold"): Setting,
    ("sklearn.model_selection._split", "StratifiedKFold"): Setting,
    ("numpy.random._pickle", "__randomstate_ctor"): Setting,
    ("numpy.random._pickle", "__bit_generator_ctor"): Setting,
    ("numpy.random._mt19937", "MT19937"): Setting,
    ("builtins", "float"): PythonFloat,
    ("__builtin__", "float"): PythonFloat,
}

_THRESHOLD_NAMES = ("threshold", "cutoff")
_PLAIN = (str, int, float, bool, type(None), Scalar)


class Parts(NamedTuple):
    """What a model file holds: the states of the two, what stands between them, and its threshold, 0 to 1.

    `between` are the steps of a Pipeline between the two, in order.
    """

    vectorizer: dict[str, Any]
    classifier: dict[str, Any]
    between: tuple[Scaler, ...] = ()
    threshold: float | None = None


def find_parts(loaded: object) -> Parts:
    """The parts of what a file holds, in any of the forms. Raises RefusedError for anything else."""
    objects: list[Holder] = []
    thresholds: list[float] = []
    for name, member in _list_members(loaded):
        if isinstance(member, Pipeline):
            objects += _list_steps(member)
        elif isinstance(member, Vectorizer | Classifier | Scaler):
            objects.append(member)
        elif name is None or any(word in name.lower() for word in _THRESHOLD_NAMES):
            thresholds.append(_read_threshold(member))
        elif not _is_plain(member):
            raise RefusedError(_WANTED)
    if len(thresholds) > 1:
        raise RefusedError("has more than one number that could be its threshold")
    vectorizers = [member for member in objects if isinstance(member, Vectorizer)]
    classifiers = [member for member in objects if isinstance(member, Classifier)]
    between = tuple(member for member in objects if isinstance(member, Scaler))
    if len(vectorizers) != 1 or len(classifiers) != 1:
        raise RefusedError(_WANTED)
    (vectorizer,), (classifier,) = vectorizers, classifiers
    return Parts(vectorizer.state, classifier.state, between, thresholds[0] if thresholds else None)


_WANTED = "does not hold a DictVectorizer and a LogisticRegression, as a tuple, list, dict or Pipeline of the two"


def _list_members(loaded: object) -> list[tuple[str | None, Any]]:
    """What a file holds, each with its name where it has one."""
    if isinstance(loaded, dict):
        return [(name if isinstance(name, str) else "", member) for name, member in loaded.items()]
    if isinstance(loaded, tuple | list):
        return [(None, member) for member in loaded]
    return [("", loaded)]


def _list_steps(pipeline: Pipeline) -> list[Holder]:
    """The steps of a Pipeline in order, without those that do nothing."""
    steps = [step for _, step in pipeline.state["steps"]]
    steps = [step for step in steps if step is not None and step != "passthrough"]
    kinds = [type(step) for step in steps]
    inner = kinds[1:-1]
    if kinds[:1] != [Vectorizer] or kinds[-1:] != [Classifier] or not all(issubclass(kind, Scaler) for kind in inner):
        raise RefusedError("is a Pipeline of other steps than a DictVectorizer and a LogisticRegression")
    return steps


def _read_threshold(member: object) -> float:
    number: Any = read_scalar(member) if isinstance(member, Scalar) else member
    if type(number) not in (int, float):
        raise RefusedError(_WANTED)
    if not (math.isfinite(number) and 0 <= number <= 1):
        raise RefusedError("has a threshold that is no number from 0 to 1")
    return float(number)


def _is_plain(member: object) -> bool:
    """True for texts and numbers, and lists of them, which people keep beside a model."""
    if isinstance(member, list | tuple):
        return all(isinstance(item, _PLAIN) for item in member)
    return isinstance(member, _PLAIN)
