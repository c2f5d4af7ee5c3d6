"""Reads the pickle of (DictVectorizer, LogisticRegression) as data: no code that it names ever runs.

Owns the exact list of names that a model file may use, and what is taken from each: bare holders that keep their
state. scikit-learn and NumPy are not imported; scikit-learn's own answers are what the tests hold this to.
Refuses everything else, by name.
"""

import io
import math
import pickle
import pickletools
import struct
from pathlib import Path
from typing import Any, NamedTuple

from churn.errors import ModelError


class LinearModel(NamedTuple):
    """What scoring needs of a fitted pair.

    `weights` maps each DictVectorizer column to its log-odds per unit; `intercept` is in log-odds of
    `classes_[1]`; `separator` stands between field and category in a column's name.
    """

    weights: dict[str, float]
    intercept: float
    separator: str


class _Holder:
    """Stands in for a class of the pickle: keeps the arguments and the state, does nothing with them."""

    args: tuple[Any, ...]
    state: Any

    def __new__(cls, *args: Any) -> "_Holder":
        holder = object.__new__(cls)
        holder.args = args
        holder.state = None
        return holder

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _DictVectorizer(_Holder): ...


class _LogisticRegression(_Holder): ...


class _Reconstruct(_Holder):
    """numpy's _reconstruct(ndarray, shape, typecode); its state is (version, shape, dtype, fortran, data)."""


class _FromBuffer(_Holder):
    """numpy's _frombuffer(data, dtype, shape, order), as protocol 5 writes arrays."""


class _Dtype(_Holder): ...


class _Scalar(_Holder): ...


class _Ndarray(_Holder): ...


class _Float64(_Holder): ...


_ALLOWED: dict[tuple[str, str], type[_Holder]] = {
    ("sklearn.feature_extraction._dict_vectorizer", "DictVectorizer"): _DictVectorizer,
    ("sklearn.linear_model._logistic", "LogisticRegression"): _LogisticRegression,
    ("numpy", "ndarray"): _Ndarray,
    ("numpy", "dtype"): _Dtype,
    ("numpy", "float64"): _Float64,
}
for _numpy_core in ("numpy.core", "numpy._core"):  # NumPy 1 and NumPy 2
    _ALLOWED[f"{_numpy_core}.multiarray", "_reconstruct"] = _Reconstruct
    _ALLOWED[f"{_numpy_core}.multiarray", "scalar"] = _Scalar
    _ALLOWED[f"{_numpy_core}.numeric", "_frombuffer"] = _FromBuffer

_MOST_TUPLES = 1_000  # a model file has about 20
_STRUCT_CODES = {"f8": "d", "f4": "f", "i8": "q", "i4": "i"}


class _RefusedError(Exception):
    """What the file holds is not a model that can be served; the text says why."""


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type[_Holder]:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            spelled = repr(f"{module}.{name}")  # quoted, as it may hold line feeds and worse
            raise _RefusedError(f"names {spelled}, which a model file may not; nothing of it was run") from None


def read_model(pickled: bytes, path: Path) -> LinearModel:
    """The linear model in a pickle of the tuple (DictVectorizer, LogisticRegression), binary.

    Written by scikit-learn 0.24 to 1.9. Raises ModelError, with `path`, for everything else.
    """
    try:
        _check_size_of_work(pickled)
        loaded = _Reader(io.BytesIO(pickled)).load()
    except _RefusedError as refusal:
        raise ModelError(path, str(refusal)) from None
    except Exception as error:  # a broken pickle raises whatever its first wrong byte leads to
        reason = f"is not a whole pickle ({type(error).__name__}); train.py writes a new one"
        raise ModelError(path, reason) from None
    try:
        return _read_linear_model(loaded)
    except _RefusedError as refusal:
        raise ModelError(path, str(refusal)) from None
    except Exception as error:
        reason = f"holds a DictVectorizer or LogisticRegression not fitted, or damaged ({type(error).__name__})"
        raise ModelError(path, reason) from None


def _check_size_of_work(pickled: bytes) -> None:
    """Refuses what is small to write and huge to read: a memo of gigabytes, tuples nested a million deep."""
    tuples = 0
    for opcode, argument, _ in pickletools.genops(pickled):
        tuples += "TUPLE" in opcode.name
        if tuples > _MOST_TUPLES or (opcode.name in ("PUT", "LONG_BINPUT") and int(argument or 0) > len(pickled)):
            raise _RefusedError("is built to exhaust its reader")


def _read_linear_model(loaded: object) -> LinearModel:
    kinds = [type(member) for member in loaded] if isinstance(loaded, tuple) else []
    if kinds != [_DictVectorizer, _LogisticRegression] or not isinstance(loaded, tuple):
        raise _RefusedError("does not hold the tuple (DictVectorizer, LogisticRegression)")
    dv, model = loaded[0].state, loaded[1].state
    if dv["dtype"] is not _Float64:
        raise _RefusedError("its DictVectorizer rounds: only dtype=numpy.float64 is served")
    separator = dv["separator"]
    if not isinstance(separator, str) or not separator:
        raise _RefusedError("has a separator that is no text")
    (classes,) = _shape(model["classes_"])
    if classes != 2:
        raise _RefusedError(f"predicts {classes} classes; a churn model has 2")
    columns = _columns(dv["vocabulary_"])
    coefficients, (intercept,) = _numbers(model["coef_"]), _numbers(model["intercept_"])
    if _shape(model["coef_"]) != (1, len(columns)):
        raise _RefusedError(f"has {len(columns)} columns but coefficients of shape {_shape(model['coef_'])}")
    if not all(map(math.isfinite, (*coefficients, intercept))):
        raise _RefusedError("has a weight that is not finite")
    scale = _log_odds_scale(model)
    weights = {column: scale * weight for column, weight in zip(columns, coefficients, strict=True)}
    return LinearModel(weights, scale * intercept, separator)


def _log_odds_scale(model: dict[str, Any]) -> float:
    """How many log-odds one unit of the decision function is.

    Binary and multi_class="multinomial" (scikit-learn before 1.8): predict_proba takes the softmax of
    (-d, d), which is the logistic function of 2 d. All else takes the logistic function of d.
    """
    multi_class = model.get("multi_class", "auto")
    if multi_class not in ("auto", "ovr", "warn", "deprecated", "multinomial"):
        raise _RefusedError("has an unknown multi_class")
    return 2.0 if multi_class == "multinomial" else 1.0


def _columns(vocabulary: dict[str, int]) -> list[str]:
    """Column names in the order of the coefficients."""
    if not all(isinstance(column, str) for column in vocabulary):
        raise _RefusedError("has a column whose name is no text")
    columns = sorted(vocabulary, key=vocabulary.__getitem__)
    if [vocabulary[column] for column in columns] != list(range(len(columns))):
        raise _RefusedError("has a vocabulary that does not number its columns 0, 1, 2 ...")
    return columns


def _shape(array: Any) -> tuple[int, ...]:
    shape = array.args[2] if type(array) is _FromBuffer else array.state[1]
    if len(shape) > 2 or not all(type(length) is int for length in shape):
        raise _RefusedError("has an array of no known shape")
    return tuple(shape)


def _numbers(array: Any) -> tuple[float, ...]:
    """The numbers of an array with one row, as Python floats."""
    if type(array) is _FromBuffer:
        content, dtype = bytes(array.args[0]), array.args[1]
    else:
        content, dtype = array.state[4], array.state[2]
    code = _STRUCT_CODES.get(dtype.args[0])
    if type(dtype) is not _Dtype or code is None:
        raise _RefusedError("has weights that are not numbers")
    order = ">" if dtype.state[1] == ">" else "<"
    return tuple(float(one) for (one,) in struct.iter_unpack(order + code, content))
