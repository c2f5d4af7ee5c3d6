"""The part of a model file that scoring needs: the weight of each column, from the DictVectorizer and the model.

scikit-learn and NumPy are not imported; the tests compare the result with scikit-learn's own answers.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from churn.errors import ModelError
from churn.pickles.file_words import SERVED, SERVED_COLUMNS, AdoptableError
from churn.pickles.parts import MODEL_NAMES, Parts, PythonFloat, find_parts
from churn.pickles.pickle_reader import load_objects
from churn.pickles.pickled_arrays import (
    Dtype,
    Float64,
    Label,
    RefusedError,
    is_text,
    read_classes,
    read_numbers,
    read_plain,
    read_shape,
    refusing_damage,
)

_FLOAT64 = ("f8", "<f8", "float64", "float", "double", "d")
_MOST_SHOWN = 40  # characters of a dtype


class LinearModel(NamedTuple):
    """The part of a fitted model that scoring needs.

    `weights` maps each DictVectorizer column to its log-odds per unit; `intercept` is in log-odds of `classes[1]`;
    `separator` is between field and category in a column's name; `classes` are `classes_`. `threshold`, 0 to 1, is
    the one that the file has beside the two objects, if any.
    """

    weights: dict[str, float]
    intercept: float
    separator: str
    classes: tuple[Label, Label]
    threshold: float | None = None


def read_model(pickled: bytes, path: Path) -> LinearModel:
    """The linear model in a pickle of a DictVectorizer and a binary LogisticRegression.

    scikit-learn 0.24 to 1.9 have written it. Raises ModelError, with `path`, for any other file.
    """
    try:
        return find_linear_model(load_objects(pickled, MODEL_NAMES))
    except RefusedError as refusal:
        raise ModelError(path, str(refusal)) from None


@refusing_damage()
def find_linear_model(loaded: object) -> LinearModel:
    """The linear model in the objects of a file. Raises RefusedError for any other objects."""
    parts = find_parts(loaded)
    if parts.between:
        scaler = type(parts.between[0]).__name__
        raise AdoptableError(f"has a {scaler} between the two: {SERVED_COLUMNS}")
    return read_parts(parts)


@refusing_damage()
def read_parts(parts: Parts) -> LinearModel:
    """The linear model of the two objects, without the scalers between them: its weights are for the scaled columns.

    Raises RefusedError for objects that can't be served, or are damaged.
    """
    model = parts.classifier
    columns, separator = read_columns(parts.vectorizer)
    if "coef_" not in model:
        raise RefusedError("its LogisticRegression is not fitted")
    classes = read_classes(model["classes_"])
    if read_shape(model["coef_"]) != (1, len(columns)):
        raise RefusedError(f"has {len(columns)} columns but coefficients of shape {read_shape(model['coef_'])}")
    scale = _log_odds_scale(model)
    coefficients = [scale * weight for weight in read_numbers(model["coef_"], len(columns))]
    intercept = scale * _read_intercept(model["intercept_"])
    if not all(map(math.isfinite, (*coefficients, intercept))):
        raise RefusedError("has a weight that is not finite")
    weights = dict(zip(columns, coefficients, strict=True))
    return LinearModel(weights, intercept, separator, classes, parts.threshold)


@refusing_damage()
def read_columns(vectorizer: Mapping[str, Any]) -> tuple[list[str], str]:
    """The names of a DictVectorizer's columns, in the order of the coefficients, and its separator.

    `vectorizer` is its state. Raises RefusedError for one that is not fitted, or damaged.
    """
    if "vocabulary_" not in vectorizer:
        raise RefusedError("its DictVectorizer is not fitted")
    _check_dtype(vectorizer["dtype"])
    separator = vectorizer["separator"]
    if not isinstance(separator, str) or not separator:
        raise RefusedError("has a separator that is not a text")
    return _order_columns(vectorizer["vocabulary_"]), separator


def _check_dtype(dtype: object) -> None:
    """Raises RefusedError for a DictVectorizer that rounds its numbers."""
    if dtype is Float64 or dtype is PythonFloat:
        return
    name = dtype.__name__ if isinstance(dtype, type) else dtype.args[0] if isinstance(dtype, Dtype) else dtype
    if not isinstance(name, str) or name not in _FLOAT64:
        shown = f" to {name}" if isinstance(name, str) and len(name) <= _MOST_SHOWN and name.isidentifier() else ""
        raise RefusedError(f"its DictVectorizer rounds{shown}: {SERVED} on numpy.float64 alone")


def _read_intercept(intercept: Any) -> float:
    """The intercept. If none was fitted it is the number 0.0, not an array."""
    number = read_plain(intercept)
    return float(number) if type(number) in (int, float) else read_numbers(intercept, 1)[0]


def _log_odds_scale(model: dict[str, Any]) -> float:
    """The log-odds of one unit of the decision function.

    With multi_class="multinomial" (scikit-learn before 1.8) a binary predict_proba takes the softmax of (-d, d),
    which is the logistic function of 2 d. Otherwise it takes the logistic function of d.
    """
    multi_class = model.get("multi_class", "auto")
    if multi_class not in ("auto", "ovr", "warn", "deprecated", "multinomial"):
        raise RefusedError("has an unknown multi_class")
    return 2.0 if multi_class == "multinomial" else 1.0


def _order_columns(vocabulary: dict[str, int]) -> list[str]:
    """Column names in the order of the coefficients."""
    if not all(map(is_text, vocabulary)):
        raise RefusedError("has a column whose name is not a text")
    places = range(len(vocabulary))
    if not all(type(place) is int and place in places for place in vocabulary.values()):  # others compare slowly
        raise RefusedError("has a column whose place is not a whole number below the number of columns")
    columns = sorted(vocabulary, key=vocabulary.__getitem__)
    if [vocabulary[column] for column in columns] != list(places):
        raise RefusedError("has a vocabulary that does not number its columns 0, 1, 2 ...")
    return columns
