"""Reads the pickle of (DictVectorizer, LogisticRegression) as data: no code that it names ever runs.

Owns the exact list of names that a model file may use, and what is taken from each: bare holders that keep their
state; pickled_arrays reads the arrays among them. Owns how much work a file may be, too. scikit-learn and NumPy are
not imported; scikit-learn's own answers are what the tests hold this to. Refuses everything else, by name.
"""

import io
import math
import pickle
import pickletools
from collections.abc import Callable
from pathlib import Path
from types import NoneType
from typing import Any, ClassVar, NamedTuple

from churn.errors import ModelError
from churn.model.pickled_arrays import (
    Dtype,
    FromBuffer,
    Holder,
    Label,
    Ndarray,
    Reconstruct,
    RefusedError,
    Scalar,
    read_classes,
    read_numbers,
    read_shape,
)


class LinearModel(NamedTuple):
    """What scoring needs of a fitted pair.

    `weights` maps each DictVectorizer column to its log-odds per unit; `intercept` is in log-odds of
    `classes[1]`; `separator` stands between field and category in a column's name; `classes` are `classes_`.
    """

    weights: dict[str, float]
    intercept: float
    separator: str
    classes: tuple[Label, Label]


class _DictVectorizer(Holder): ...


class _LogisticRegression(Holder): ...


class _Float64(Holder): ...


_ALLOWED: dict[tuple[str, str], type[Holder]] = {
    ("sklearn.feature_extraction._dict_vectorizer", "DictVectorizer"): _DictVectorizer,
    ("sklearn.linear_model._logistic", "LogisticRegression"): _LogisticRegression,
    ("numpy", "ndarray"): Ndarray,
    ("numpy", "dtype"): Dtype,
    ("numpy", "float64"): _Float64,
}
for _numpy_core in ("numpy.core", "numpy._core"):  # NumPy 1 and NumPy 2
    _ALLOWED[f"{_numpy_core}.multiarray", "_reconstruct"] = Reconstruct
    _ALLOWED[f"{_numpy_core}.multiarray", "scalar"] = Scalar
    _ALLOWED[f"{_numpy_core}.numeric", "_frombuffer"] = FromBuffer

_EXHAUSTING = "is built to exhaust its reader"
_MOST_OPCODES = 100_000  # a file with 20,000 columns has some 80,000
_MOST_TUPLES = 1_000  # a model file has about 20
_MOST_OTHER_KEYS = 100  # that are no text: class_weight={0: 1, 1: 3} has two
_MOST_TOLD = 200  # characters of a name


class _Reader(pickle._Unpickler):
    """Python's own reader in Python: only there can a key be looked at before it is hashed.

    Hashes of texts are secret to each process. Those of numbers are not, and a dictionary of numbers that collide
    takes a time that grows with the square of their count; a nested tuple's can take for ever.
    """

    stack: list[Any]
    dispatch: ClassVar = dict(pickle._Unpickler.dispatch)
    _other_keys = 0

    def find_class(self, module: str, name: str) -> type[Holder]:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            spelled = repr(f"{module}.{name}"[:_MOST_TOLD])  # quoted, as it may hold line feeds and worse
            raise RefusedError(f"names {spelled}, which a model file may not; nothing of it was run") from None

    def check_keys(self, keys: list[Any]) -> None:
        """Raises RefusedError for keys, or members of a set, that may take long to hash or to tell apart."""
        others = [key for key in keys if type(key) is not str]
        self._other_keys += len(others)
        if self._other_keys > _MOST_OTHER_KEYS or not all(isinstance(key, _QUICKLY_HASHED) for key in others):
            raise RefusedError(_EXHAUSTING)


_QUICKLY_HASHED = (int, float, NoneType, Holder)  # a holder is a NumPy number, told apart by where it is in memory
_KEYS = {
    pickle.SETITEM: slice(-2, -1),
    pickle.SETITEMS: slice(None, None, 2),  # the stack begins at the last mark
    pickle.DICT: slice(None, None, 2),
    pickle.ADDITEMS: slice(None),
    pickle.FROZENSET: slice(None),
}
"""Where on the stack each opcode that hashes finds what it hashes."""


def _checked(fill: Callable[[Any], None], place: slice) -> Callable[[Any], None]:
    def check_and_fill(reader: _Reader) -> None:
        reader.check_keys(reader.stack[place])
        fill(reader)

    return check_and_fill


for _opcode, _place in _KEYS.items():
    _Reader.dispatch[_opcode[0]] = _checked(_Reader.dispatch[_opcode[0]], _place)


def read_model(pickled: bytes, path: Path) -> LinearModel:
    """The linear model in a pickle of the tuple (DictVectorizer, LogisticRegression), binary.

    Written by scikit-learn 0.24 to 1.9. Raises ModelError, with `path`, for everything else.
    """
    try:
        _check_size_of_work(pickled)
        loaded = _Reader(io.BytesIO(pickled)).load()
    except RefusedError as refusal:
        raise ModelError(path, str(refusal)) from None
    except Exception as error:  # a broken pickle raises whatever its first wrong byte leads to
        reason = f"is not a whole pickle ({type(error).__name__}); train.py writes a new one"
        raise ModelError(path, reason) from None
    try:
        return _read_linear_model(loaded)
    except RefusedError as refusal:
        raise ModelError(path, str(refusal)) from None
    except Exception as error:
        reason = f"holds a DictVectorizer or LogisticRegression not fitted, or damaged ({type(error).__name__})"
        raise ModelError(path, reason) from None


def _check_size_of_work(pickled: bytes) -> None:
    """Refuses what is small to write and huge to read: a memo of gigabytes, tuples nested a million deep."""
    tuples = 0
    for count, (opcode, argument, _) in enumerate(pickletools.genops(pickled), start=1):
        tuples += "TUPLE" in opcode.name
        if count > _MOST_OPCODES:
            raise RefusedError(f"takes more than {_MOST_OPCODES:,} opcodes: a model has fewer than 25,000 columns")
        if tuples > _MOST_TUPLES or (opcode.name in ("PUT", "LONG_BINPUT") and int(argument or 0) > len(pickled)):
            raise RefusedError(_EXHAUSTING)


def _read_linear_model(loaded: object) -> LinearModel:
    kinds = [type(member) for member in loaded] if isinstance(loaded, tuple) else []
    if kinds != [_DictVectorizer, _LogisticRegression] or not isinstance(loaded, tuple):
        raise RefusedError("does not hold the tuple (DictVectorizer, LogisticRegression)")
    dv, model = loaded[0].state, loaded[1].state
    if dv["dtype"] is not _Float64:
        raise RefusedError("its DictVectorizer rounds: only dtype=numpy.float64 is served")
    separator = dv["separator"]
    if not isinstance(separator, str) or not separator:
        raise RefusedError("has a separator that is no text")
    classes = read_classes(model["classes_"])
    columns = _order_columns(dv["vocabulary_"])
    if read_shape(model["coef_"]) != (1, len(columns)):
        raise RefusedError(f"has {len(columns)} columns but coefficients of shape {read_shape(model['coef_'])}")
    coefficients, (intercept,) = read_numbers(model["coef_"], len(columns)), read_numbers(model["intercept_"], 1)
    if not all(map(math.isfinite, (*coefficients, intercept))):
        raise RefusedError("has a weight that is not finite")
    scale = _log_odds_scale(model)
    weights = {column: scale * weight for column, weight in zip(columns, coefficients, strict=True)}
    return LinearModel(weights, scale * intercept, separator, classes)


def _log_odds_scale(model: dict[str, Any]) -> float:
    """How many log-odds one unit of the decision function is.

    Binary and multi_class="multinomial" (scikit-learn before 1.8): predict_proba takes the softmax of
    (-d, d), which is the logistic function of 2 d. All else takes the logistic function of d.
    """
    multi_class = model.get("multi_class", "auto")
    if multi_class not in ("auto", "ovr", "warn", "deprecated", "multinomial"):
        raise RefusedError("has an unknown multi_class")
    return 2.0 if multi_class == "multinomial" else 1.0


def _order_columns(vocabulary: dict[str, int]) -> list[str]:
    """Column names in the order of the coefficients."""
    if not all(isinstance(column, str) for column in vocabulary):
        raise RefusedError("has a column whose name is no text")
    if not all(type(number) is int for number in vocabulary.values()):  # nested tuples may take for ever to compare
        raise RefusedError("has a column whose place is no whole number")
    columns = sorted(vocabulary, key=vocabulary.__getitem__)
    if [vocabulary[column] for column in columns] != list(range(len(columns))):
        raise RefusedError("has a vocabulary that does not number its columns 0, 1, 2 ...")
    return columns
