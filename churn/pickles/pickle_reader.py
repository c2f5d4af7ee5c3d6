"""Reads a pickle as data: no code that it names is run, and its content becomes lists, texts and empty holders.

Owns how a name becomes a holder, and how much work a file may cause. `parts` has the names that a model file may use;
any other name is refused, and the refusal names it.
"""

import io
import pickle
from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any, ClassVar

from churn.pickles.file_words import find_kind, refuse_kind, refuse_names
from churn.pickles.pickle_names import MOST_OPCODES, Name, cut_name, find_end, list_names
from churn.pickles.pickled_arrays import ARRAY_NAMES, Holder, RefusedError

MOST_BYTES = 16 * 2**20
"""The most bytes of a model file or a card, also unpacked; the shipped ones have 5 and 8 kB."""
Names = Mapping[Name, type[Holder]]
"""The holder class that stands in for each name, (module, name in it)."""

_EXHAUSTING = "is built to exhaust its reader"
_MOST_TUPLES = 1_000  # a model file has about 20
_MOST_ENCODED_BYTES = 2**24  # encoded by protocols 0 to 2; as many as a file may have
_MOST_KEY_CHARACTERS = 2**24  # of all texts that are keys: equal ones are compared to their ends
_MOST_OTHER_KEYS = 100  # keys that are not texts: class_weight={0: 1, 1: 3} has two
_MOST_ARGUMENTS = 10  # of a call, which copies them; NumPy's calls have at most four


class UnknownNameError(RefusedError):
    """A `name` that a model file may not use; nothing of the file was run."""

    def __init__(self, name: Name) -> None:
        self.name = name
        super().__init__(str(refuse_names([name])))


class Work:
    """The work that a file has caused so far: a small file that would take huge work is refused on the way."""

    def __init__(self) -> None:
        self._opcodes = self._tuples = self._other_keys = self._key_characters = self._encoded_bytes = 0

    def count_opcode(self, *, is_tuple: bool) -> None:
        """Raises RefusedError when a file has more opcodes, or more tuples, than a model's."""
        self._opcodes += 1
        self._tuples += is_tuple
        if self._opcodes > MOST_OPCODES:
            raise RefusedError(f"takes more than {MOST_OPCODES:,} opcodes: a model has fewer than 25,000 columns")
        if self._tuples > _MOST_TUPLES:
            raise RefusedError(_EXHAUSTING)

    def count_encoded(self, content: bytes) -> None:
        """Raises RefusedError when a file makes more bytes than it may have, by encoding one text again and again."""
        self._encoded_bytes += len(content)
        if self._encoded_bytes > _MOST_ENCODED_BYTES:
            raise RefusedError(_EXHAUSTING)

    def check_keys(self, keys: list[Any]) -> None:
        """Raises RefusedError for keys, or members of a set, that may take long to hash or to compare."""
        others = [key for key in keys if type(key) is not str]
        self._other_keys += len(others)
        self._key_characters += sum(len(key) for key in keys if type(key) is str)
        is_much = self._other_keys > _MOST_OTHER_KEYS or self._key_characters > _MOST_KEY_CHARACTERS
        if is_much or not all(isinstance(key, _QUICKLY_HASHED) for key in others):
            raise RefusedError(_EXHAUSTING)

    def check_arguments(self, arguments: Any) -> None:
        """Raises RefusedError for many arguments of a call, which copies them; TypeError if they are not a tuple."""
        if type(arguments) is not tuple:
            raise TypeError
        if len(arguments) > _MOST_ARGUMENTS:
            raise RefusedError(_EXHAUSTING)


_QUICKLY_HASHED = (int, float, NoneType, Holder)  # a holder is a NumPy number, hashed by its identity


class ObjectReader(pickle._Unpickler):
    """Python's own unpickler in Python: the one in C can't check a key before it is hashed.

    Hashes of texts are secret to each process. Those of numbers are not, so a dictionary of colliding numbers takes
    time that grows with the square of their count. Hashing a nested tuple can take forever.
    """

    stack: list[Any]
    append: Callable[[Any], None]
    read: Callable[[int], bytes]
    readline: Callable[[], bytes]
    memo: dict[int, Any]
    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = dict(pickle._Unpickler.dispatch)

    def __init__(self, file: io.BytesIO, names: Names, work: Work) -> None:
        super().__init__(file)
        self._names, self.work = names, work

    def find_class(self, module: str, name: str) -> type[Holder]:
        try:
            return self._names[module, name]
        except KeyError:
            raise UnknownNameError(cut_name(module, name)) from None

    def load_put(self) -> None:
        """The opcode PUT. Python's own accepts any number as a place in the memo, and some collide as keys do."""
        place = int(self.readline()[:-1])
        if not 0 <= place < MOST_OPCODES:
            raise RefusedError(_EXHAUSTING)
        self.memo[place] = self.stack[-1]

    def load_bytearray8(self) -> None:
        """The opcode BYTEARRAY8. Python's own allocates the length in the file before it checks how much is there."""
        length = int.from_bytes(self.read(8), "little")
        content = self.read(length)
        if len(content) != length:
            raise EOFError
        self.append(content)


_KEYS = {
    pickle.SETITEM: slice(-2, -1),
    pickle.SETITEMS: slice(None, None, 2),  # the stack begins at the last mark
    pickle.DICT: slice(None, None, 2),
    pickle.ADDITEMS: slice(None),
    pickle.FROZENSET: slice(None),
}
"""The positions on the stack of the values that each opcode hashes."""
_ARGUMENTS = {pickle.REDUCE: -1, pickle.NEWOBJ: -1, pickle.NEWOBJ_EX: -2}
"""The stack position of the arguments of each opcode that calls; for INST and OBJ each argument is an opcode."""
_TUPLES = {pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3}
_MAKING = {pickle.REDUCE, pickle.NEWOBJ, pickle.NEWOBJ_EX, pickle.OBJ, pickle.INST}


def _bounded(step: Callable[[Any], None], opcode: bytes) -> Callable[[Any], None]:
    """An opcode's step with checks: before it of the count, keys and arguments, after it of the bytes it made."""
    is_tuple, makes = opcode in _TUPLES, opcode in _MAKING
    keys, arguments = _KEYS.get(opcode), _ARGUMENTS.get(opcode)

    def check_and_step(reader: ObjectReader) -> None:
        reader.work.count_opcode(is_tuple=is_tuple)
        if keys is not None:
            reader.work.check_keys(reader.stack[keys])
        if arguments is not None:
            reader.work.check_arguments(reader.stack[arguments])
        step(reader)
        if makes and isinstance(reader.stack[-1], bytes):
            reader.work.count_encoded(reader.stack[-1])

    return check_and_step


ObjectReader.dispatch[pickle.PUT[0]] = ObjectReader.load_put
ObjectReader.dispatch[pickle.BYTEARRAY8[0]] = ObjectReader.load_bytearray8
for _code, _step in tuple(ObjectReader.dispatch.items()):
    ObjectReader.dispatch[_code] = _bounded(_step, bytes([_code]))


class _Object(Holder): ...


class _Made(Holder):
    """copyreg's _reconstructor(class, object, None), by which protocols 0 and 1 make an object."""

    def __new__(cls, *args: Any) -> Holder:  # type: ignore[misc]
        kind, base, state = args
        if not (isinstance(kind, type) and issubclass(kind, Holder) and base is _Object and state is None):
            raise RefusedError("makes an object in a way that scikit-learn does not")
        return Holder.__new__(kind)


class _Encoded(Holder):
    """codecs' encode(text, "latin1"), as protocols 0 to 2 write bytes."""

    def __new__(cls, *args: Any) -> bytes:  # type: ignore[misc]
        text, encoding = args
        if type(text) is not str or encoding != "latin1":
            raise RefusedError("has bytes that no pickle of Python 3 has")
        return text.encode("latin1")


class _Bytes(Holder):
    """bytes(), as protocols 0 to 2 write empty bytes."""

    def __new__(cls, *args: Any) -> bytes:  # type: ignore[misc]
        if args:
            raise RefusedError("has bytes that no pickle of Python 3 has")
        return b""


_PYTHON_NAMES: dict[tuple[str, str], type[Holder]] = {("_codecs", "encode"): _Encoded}
for _builtins, _copyreg in (("builtins", "copyreg"), ("__builtin__", "copy_reg")):  # Python 3's names, and 2's
    _PYTHON_NAMES[_builtins, "object"] = _Object
    _PYTHON_NAMES[_builtins, "bytes"] = _Bytes
    _PYTHON_NAMES[_copyreg, "_reconstructor"] = _Made


class SeveralPickles(tuple[Any, ...]):
    """The contents of a file with several pickles, in their order."""

    __slots__ = ()


def load_objects(pickled: bytes, names: Names, *, reader: type[ObjectReader] = ObjectReader) -> Any:
    """The content of a pickle: lists, texts, numbers, and a holder for each object of one of the `names`.

    A file of several pickles, written one after the other by pickle.dump, gives SeveralPickles. The names of arrays,
    and those that protocols 0 to 2 need, are always known. Raises RefusedError, with what the file is, for any other
    name, for too much work, for an incomplete pickle, and for other bytes after one.
    """
    known = {**ARRAY_NAMES, **_PYTHON_NAMES, **names}
    if kind := find_kind(pickled):
        raise refuse_kind(kind)
    try:
        return _load_all(pickled, lambda file, work: reader(file, known, work))
    except UnknownNameError as error:  # another name of the file may be more informative
        raise refuse_names([error.name, *(name for name in list_names(pickled) if name not in known)]) from None
    except RefusedError:
        raise
    except Exception as error:  # a broken pickle can raise any exception
        raise RefusedError(f"is not a whole pickle ({type(error).__name__}); train.py writes a new one") from None


def _load_all(pickled: bytes, make_reader: Callable[[io.BytesIO, Work], ObjectReader]) -> Any:
    file, end, work = io.BytesIO(pickled), find_end(pickled), Work()
    loaded = [make_reader(file, work).load()]
    while file.tell() < end:  # read every one: it may be the model, or its threshold
        loaded.append(make_reader(file, work).load())
    return loaded[0] if len(loaded) == 1 else SeveralPickles(loaded)
