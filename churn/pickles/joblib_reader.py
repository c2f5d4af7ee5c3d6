"""Reads a model file of any kind that holds Python objects, as data: a pickle or a joblib file, also compressed.

Owns how joblib puts arrays between the opcodes of a pickle, and that no more than the size limit of a model file is
unpacked. Only the commands for foreign files use it; the service reads plain pickles. joblib and NumPy are not
imported.
"""

import bz2
import io
import lzma
import pickle
import zlib
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, Protocol

from churn.pickles.file_words import AdoptableError
from churn.pickles.parts import MODEL_NAMES
from churn.pickles.pickle_reader import MOST_BYTES, Names, ObjectReader, Work, load_objects
from churn.pickles.pickled_arrays import (
    Dtype,
    FromBuffer,
    Holder,
    Ndarray,
    RefusedError,
    count_bytes,
    holds_objects,
)

_MOST_MEMORY = 96 * 2**20  # of xz: its highest level, 9, takes 65 MiB


class ArrayWrapper(Holder):
    """Stands in for joblib's NumpyArrayWrapper, which is followed by the bytes of its array."""


JOBLIB_NAMES: Names = {
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): ArrayWrapper,
    ("numpy", "memmap"): Ndarray,
    ("numpy.core.memmap", "memmap"): Ndarray,
}


class JoblibReader(ObjectReader):
    """Reads joblib files as well as plain pickles: after the wrapper of an array comes the array."""

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = dict(ObjectReader.dispatch)

    def __init__(self, file: io.BytesIO, names: Names, work: Work) -> None:
        super().__init__(file, names, work)
        self._file, self._all_names = file, names

    def build(self) -> None:
        """The opcode BUILD, which gives an object its state."""
        ObjectReader.dispatch[pickle.BUILD[0]](self)
        if isinstance(self.stack[-1], ArrayWrapper):
            self.stack[-1] = self._read_array(self.stack[-1].state)

    def _read_array(self, state: dict[str, Any]) -> Any:
        """The array after a wrapper. Raises RefusedError for an array that is longer than the rest of the file."""
        dtype, shape = state["dtype"], state["shape"]
        if not isinstance(dtype, Dtype):
            raise RefusedError("has an array of no known type")
        if holds_objects(dtype):  # a pickle in the pickle, in which joblib does not wrap arrays
            return ObjectReader(self._file, self._all_names, self.work).load()
        if state.get("numpy_array_alignment_bytes") is not None:  # since joblib 1.2
            (padding,) = self._file.read(1)
            self._file.read(padding)
        size = count_bytes(dtype, shape)
        content = self._file.read(min(size, MOST_BYTES))
        if len(content) != size:
            raise RefusedError("has an array that is longer than the file")
        return FromBuffer(content, dtype, shape, state["order"])


JoblibReader.dispatch[pickle.BUILD[0]] = JoblibReader.build


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


class _Compression(NamedTuple):
    """A compression: its name, the bytes that it begins with, and a function that starts a decompressor."""

    name: str
    beginning: bytes
    start: Callable[[], _Decompressor]


_COMPRESSIONS = (
    *(_Compression("zlib", bytes([0x78, level]), zlib.decompressobj) for level in (0x01, 0x5E, 0x9C, 0xDA)),
    _Compression("gzip", b"\x1f\x8b", lambda: zlib.decompressobj(wbits=31)),
    _Compression("bzip2", b"BZh", bz2.BZ2Decompressor),
    _Compression("xz", b"\xfd7zXZ\0", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _MOST_MEMORY)),
    _Compression("LZMA", b"]\0\0", lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, _MOST_MEMORY)),
)


def unpack(content: bytes) -> bytes:
    """The unpacked content of a compressed file, the first stream of several; the content itself of any other file.

    Raises RefusedError for a damaged file, and for more than MOST_BYTES, the most that is ever unpacked.
    """
    known = next((known for known in _COMPRESSIONS if content.startswith(known.beginning)), None)
    if known is None:
        return content
    try:
        decompressor = known.start()
        unpacked = decompressor.decompress(content, MOST_BYTES + 1)
    except (OSError, ValueError, EOFError, MemoryError, zlib.error, lzma.LZMAError) as error:
        raise RefusedError(f"is compressed by {known.name} and can't be unpacked: {error}") from None
    if len(unpacked) > MOST_BYTES:
        raise RefusedError(f"unpacks to more than {MOST_BYTES:,} bytes, the most that a model file may have")
    if not decompressor.eof:
        raise RefusedError(f"is compressed by {known.name} and ends too early")
    return unpacked


def load_objects_of_file(content: bytes, names: Names = MODEL_NAMES) -> Any:
    """The objects in a file of any of these kinds, as load_objects returns them.

    Raises RefusedError as load_objects and unpack do.
    """
    try:
        return load_objects(unpack(content), {**JOBLIB_NAMES, **names}, reader=JoblibReader)
    except AdoptableError as error:  # it advises adopt, which reads no more than this function
        raise RefusedError(
            f"{error.reason}; joblib's files of such a model are not read: save it with pickle.dump"
        ) from None
