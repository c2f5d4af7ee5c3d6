"""The arrays of a pickle, read as data: numbers, booleans and texts out of the bytes that NumPy wrote, without NumPy.

Owns the holders that stand for NumPy's names, and which types of an array are read. Refuses every other one.
"""

import math
import re
import struct
from typing import Any

Label = bool | int | float | str
"""What a class may be called: a finite number, or a text that UTF-8 can hold, not too long."""

_MOST_CHARACTERS = 1_000  # of a class
_STRUCT_CODES = {"f8": "d", "f4": "f", "f2": "e", "i8": "q", "i4": "i", "i2": "h", "i1": "b"}
_STRUCT_CODES |= {"u8": "Q", "u4": "I", "u2": "H", "u1": "B"}
_TEXT = re.compile(r"U([1-9][0-9]{0,3})")  # a type's name: so many characters
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character


class RefusedError(Exception):
    """What the file holds is not a model that can be served; the text says why."""


class Holder:
    """Stands in for a class of the pickle: keeps the arguments and the state, does nothing with them."""

    args: tuple[Any, ...]
    state: Any

    def __new__(cls, *args: Any) -> "Holder":
        holder = object.__new__(cls)
        holder.args = args
        holder.state = None
        return holder

    def __setstate__(self, state: Any) -> None:
        self.state = state


class Reconstruct(Holder):
    """numpy's _reconstruct(ndarray, shape, typecode); its state is (version, shape, dtype, fortran, data)."""


class FromBuffer(Holder):
    """numpy's _frombuffer(data, dtype, shape, order), as protocol 5 writes arrays."""


class Dtype(Holder): ...


class Scalar(Holder): ...


class Ndarray(Holder): ...


def read_shape(array: Any) -> tuple[int, ...]:
    """The lengths of an array of one or two dimensions. Raises RefusedError for others."""
    shape = array.args[2] if type(array) is FromBuffer else array.state[1]
    if len(shape) > 2 or not all(type(length) is int for length in shape):
        raise RefusedError("has an array of no known shape")
    return tuple(shape)


def read_numbers(array: Any) -> tuple[float, ...]:
    """The numbers of an array with one row, as Python floats. Raises RefusedError for an array of something else."""
    content, dtype = _content(array)
    if dtype.args[0] not in _STRUCT_CODES:
        raise RefusedError("has weights that are not numbers")
    return tuple(map(float, _unpack(dtype, content)))


def read_classes(array: Any) -> tuple[Label, Label]:
    """The two classes of a model in its own order, as Python values. Raises RefusedError for other than two."""
    (count,) = read_shape(array)
    if count != 2:
        raise RefusedError(f"predicts {count} classes; a churn model has 2")
    content, dtype = _content(array)
    if type(content) is list and dtype.args[0] in ("O8", "O4"):  # an array of Python objects
        labels = [_unpack(*label.args)[0] if type(label) is Scalar else label for label in content]
    else:
        labels = _unpack(dtype, content)
    first, second = map(_check_label, labels)
    return first, second


def _check_label(label: Any) -> Label:
    fits = type(label) is bool
    fits |= type(label) is int and -(2**63) <= label < 2**64
    fits |= type(label) is float and math.isfinite(label)
    fits |= type(label) is str and len(label) <= _MOST_CHARACTERS and not _SURROGATE.search(label)
    if not fits:
        raise RefusedError("has a class that is neither a number nor a text, or too long a one")
    checked: Label = label
    return checked


def _content(array: Any) -> tuple[Any, Dtype]:
    """What an array holds, bytes or a list of objects, and its type."""
    if type(array) is FromBuffer:
        content, dtype = array.args[0], array.args[1]
    else:
        content, dtype = array.state[4], array.state[2]
    if type(dtype) is not Dtype:
        raise RefusedError("has an array of no known type")
    return content, dtype


def _unpack(dtype: Any, content: Any) -> list[Any]:
    """The elements in an array's bytes: numbers, booleans, or texts of one width in UTF-32."""
    name, order = dtype.args[0], ">" if dtype.state[1] == ">" else "<"
    width = _TEXT.fullmatch(name)
    if width:
        size, encoding = 4 * int(width[1]), "utf-32-be" if order == ">" else "utf-32-le"
        texts = [content[start : start + size] for start in range(0, len(content), size)]
        return [text.decode(encoding).rstrip("\0") for text in texts]
    code = "?" if name == "b1" else _STRUCT_CODES.get(name)
    if code is None:
        raise RefusedError(f"has an array of the type {str(name)[:20]!r}, which is not read")
    return [element for (element,) in struct.iter_unpack(order + code, content)]
