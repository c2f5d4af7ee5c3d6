"""The arrays of a pickle, read as data: numbers, booleans and texts from the bytes that NumPy wrote, without NumPy.

Owns the holders that stand for NumPy's names, and the types of arrays that are read; other types are refused.
"""

import math
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Label = bool | int | float | str
"""The name of a class: a finite number, or a text that UTF-8 can encode, not too long."""

_MOST_CHARACTERS = 1_000  # of the name of a class
_UNEQUAL = "has an array that is longer or shorter than stated"
_MOST_DIMENSIONS = 32  # as in NumPy
_LONGEST = 2**24  # no file that is read has more bytes
_STRUCT_CODES = {"f8": "d", "f4": "f", "f2": "e", "i8": "q", "i4": "i", "i2": "h", "i1": "b"}
_STRUCT_CODES |= {"u8": "Q", "u4": "I", "u2": "H", "u1": "B"}
_TEXT = re.compile(r"U([1-9][0-9]{0,3})")  # the name of a type of texts: the number is its characters
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character


class RefusedError(Exception):
    """The content of a file is not a model that can be served; the text has the reason."""


@contextmanager
def refusing_damage() -> Iterator[None]:
    """Decorates a reader of objects: any exception that a wrong value in them causes becomes RefusedError."""
    try:
        yield
    except RefusedError:
        raise
    except Exception as error:
        kind = type(error).__name__
        raise RefusedError(f"holds a DictVectorizer or LogisticRegression that is damaged ({kind})") from None


class Holder:
    """Stands in for a class of the pickle: keeps the arguments and the state, and does not use them."""

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


class Float64(Holder): ...


ARRAY_NAMES: dict[tuple[str, str], type[Holder]] = {
    ("numpy", "ndarray"): Ndarray,
    ("numpy", "dtype"): Dtype,
    ("numpy", "float64"): Float64,
}
"""The names in the pickle of an array, with the holder class that stands in for each."""
for _numpy_core in ("numpy.core", "numpy._core"):  # NumPy 1 and NumPy 2
    ARRAY_NAMES[f"{_numpy_core}.multiarray", "_reconstruct"] = Reconstruct
    ARRAY_NAMES[f"{_numpy_core}.multiarray", "scalar"] = Scalar
    ARRAY_NAMES[f"{_numpy_core}.numeric", "_frombuffer"] = FromBuffer


def is_text(value: Any) -> bool:
    r"""True for a text that UTF-8 can encode, as answers must; in a pickle a text may have half a surrogate pair.

    >>> is_text("tenure"), is_text("\ud83d"), is_text(b"tenure")
    (True, False, False)
    """
    return type(value) is str and not _SURROGATE.search(value)


def read_shape(array: Any) -> tuple[int, ...]:
    """The lengths of an array of one or two dimensions. Raises RefusedError for any other."""
    shape = array.args[2] if type(array) is FromBuffer else array.state[1]
    if len(shape) > 2 or not all(type(length) is int for length in shape):
        raise RefusedError("has an array of no known shape")
    return tuple(shape)


def read_numbers(array: Any, count: int) -> tuple[float, ...]:
    """The `count` numbers of an array with one row, as Python floats.

    Raises RefusedError for an array of another type or length.
    """
    content, dtype = read_content(array)
    if _name(dtype) not in _STRUCT_CODES:
        raise RefusedError("has weights that are not numbers")
    return tuple(map(float, _unpack(dtype, content, count)))


def read_texts(array: Any, count: int) -> list[str]:
    """The `count` texts of an array with one row. Raises RefusedError for an array of another type or length."""
    content, dtype = read_content(array)
    if read_shape(array) != (count,) or not (holds_objects(dtype) or is_of_texts(dtype)):
        raise RefusedError(f"has an array that does not have {count:,} texts")
    texts = content if holds_objects(dtype) else _unpack(dtype, content, count)
    if type(texts) is not list or len(texts) != count or not all(map(is_text, texts)):
        raise RefusedError(f"has an array that does not have {count:,} texts")
    return texts


def read_classes(array: Any) -> tuple[Label, Label]:
    """The two classes of a model, in its order, as Python values. Raises RefusedError if there are not two."""
    (count,) = read_shape(array)
    if count != 2:
        raise RefusedError(f"predicts {count} classes; a churn model has 2")
    content, dtype = read_content(array)
    if type(content) is list and holds_objects(dtype):
        if len(content) != count:  # each of them may be a text to unpack
            raise RefusedError(_UNEQUAL)
        labels = list(map(read_plain, content))
    else:
        labels = _unpack(dtype, content, count)
    first, second = map(_check_label, labels)
    return first, second


def holds_objects(dtype: Any) -> bool:
    """True for the type of an array of Python objects."""
    return _name(dtype) in ("O8", "O4")


def is_of_texts(dtype: Any) -> bool:
    """True for the type of an array of texts."""
    return _TEXT.fullmatch(_name(dtype)) is not None


def count_bytes(dtype: Any, shape: Any) -> int:
    """The bytes of an array with this type and shape. Raises RefusedError for a shape that no file can have."""
    if type(shape) is not tuple or len(shape) > _MOST_DIMENSIONS:
        raise RefusedError("has an array of no known shape")
    if not all(type(length) is int and 0 <= length <= _LONGEST for length in shape):
        raise RefusedError("has an array of no known shape")
    return math.prod(shape) * _read_type(dtype)[1]


def read_plain(value: Any) -> Any:
    """The number, boolean or text in a NumPy scalar, as a Python value; any other value as it is.

    Raises RefusedError for a scalar of another type.
    """
    if not isinstance(value, Scalar):
        return value
    dtype, content = value.args
    return _unpack(dtype, content, 1)[0]


def _check_label(label: Any) -> Label:
    fits = type(label) is bool
    fits |= type(label) is int and -(2**63) <= label < 2**64
    fits |= type(label) is float and math.isfinite(label)
    fits |= is_text(label) and len(label) <= _MOST_CHARACTERS
    if not fits:
        raise RefusedError("has a class that is neither a number nor a text, or is too long")
    checked: Label = label
    return checked


def read_content(array: Any) -> tuple[Any, Any]:
    """The content of an array, bytes or a list of objects, and its type."""
    if type(array) is FromBuffer:
        return array.args[0], array.args[1]
    return array.state[4], array.state[2]


def _name(dtype: Any) -> str:
    """A type's name, such as f8. Only a text is compared or shown: comparing a nested tuple may take forever."""
    if type(dtype) is not Dtype or type(dtype.args[0]) is not str:
        raise RefusedError("has an array of no known type")
    name: str = dtype.args[0]
    return name


def _unpack(dtype: Any, content: Any, count: int) -> list[Any]:
    """The `count` elements in the bytes of an array: numbers, booleans, or texts of one width in UTF-32."""
    order, size, code = _read_type(dtype)
    if len(content) != size * count:  # a byte may become 30, so no surplus is unpacked
        raise RefusedError(_UNEQUAL)
    if code is None:
        encoding = "utf-32-be" if order == ">" else "utf-32-le"
        texts = [content[start : start + size] for start in range(0, len(content), size)]
        return [text.decode(encoding).rstrip("\0") for text in texts]
    return [element for (element,) in struct.iter_unpack(f"{order}{code}", content)]


def _read_type(dtype: Any) -> tuple[str, int, str | None]:
    """The byte order of a type, the bytes of an element, and its code in `struct`, None for a text."""
    name, order = _name(dtype), ">" if dtype.state[1] == ">" else "<"
    width, code = _TEXT.fullmatch(name), "?" if name == "b1" else _STRUCT_CODES.get(name)
    if width is None and code is None:
        raise RefusedError(f"has an array of the type {name[:20]!r}, which is not read")
    return order, 4 * int(width[1]) if width else struct.calcsize(f"{order}{code}"), code
