"""Mutants of model files, as an attacker or a broken disk makes them: of a Pipeline, an old protocol, joblib files.

Some hold a call that would leave a trace if it ran. Nothing here reads them: tests/mutants.py does.
"""

import bz2
import gzip
import io
import lzma
import pickle
import pickletools
import random
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar

from churn.pickles.joblib_reader import JOBLIB_NAMES, JoblibReader
from churn.pickles.parts import MODEL_NAMES
from churn.pickles.pickle_reader import Work
from churn.pickles.pickled_arrays import ARRAY_NAMES
from tests.customers import PROJECT
from tests.repickled import write_changed

MODELS = PROJECT / "tests" / "models"
KINDS = [f"protocol{number}" for number in (0, 1, 2)] + ["", "labels", "cv", "random-state", "dict-others"]
KINDS += ["pipeline", "pipeline-protocol0", "pipeline-protocol2", "pipeline-protocol5", "threshold-model-dv", "frame"]
KINDS += [
    "joblib",
    "joblib-labels",
    "joblib-protocol2",
    "joblib-pipeline",
    "joblib-scaled",
    "scaled",
    "scaled-triple",
    "scaled-maxabs",
    "alone-model",
    "alone-joblib-dv",
]

Draw = random.Random
PACKS: tuple[Callable[[bytes], bytes], ...] = (
    lambda content: zlib.compress(content, 1),
    lambda content: gzip.compress(content, 1),
    lambda content: bz2.compress(content, 1),
    lambda content: lzma.compress(content, preset=0),
    lambda content: lzma.compress(content, lzma.FORMAT_ALONE, preset=0),
)
TRACE = "trace-of-a-mutant"
NAMES = ["os system", "posix system", "builtins eval", "builtins getattr", "numpy load", "joblib load", "sys exit"]
NAMES += ["_codecs encode", "builtins bytes", "copyreg _reconstructor", "builtins object", "numpy ndarray"]
NAMES += ["joblib.numpy_pickle NumpyArrayWrapper", "numpy.core.multiarray scalar", "sklearn.pipeline Pipeline"]
PUSHING = {bytes([code]) for code in b"KJMIXhjgVNGF)]}U\x8c\x88\x89\x8aBC"}
VALUES = [b"N", b")", b"]", b"}", b"\x88", b"G\x7f\xf0" + bytes(6), b")" + b"2\x86" * 60, b"](" + b"N" * 1000 + b"e"]
VALUES += [
    b"X\x03\0\0\0\xed\xa0\x80",
    b"\x8c\x05U9999",
    b"\x8c\x05U0000",
    b"\x8c\x02O8",
    b"\x8c\x01>",
    b"\x8c\x03b1\x1b",
]
NUMBERS = [0, 1, -1, 2**31 - 1, -(2**31), 2**40, 2**63, -(2**63), 10**300]


class Recorder(JoblibReader):
    """Notes where each opcode begins, in joblib's files too. Frames are skipped: their content follows them."""

    dispatch: ClassVar = dict(JoblibReader.dispatch)

    def __init__(self, content: bytes) -> None:
        self.file = io.BytesIO(content)
        super().__init__(self.file, {**ARRAY_NAMES, **JOBLIB_NAMES, **MODEL_NAMES}, Work())
        self.places: list[int] = []

    def load_frame(self) -> None:
        self.read(8)


def _recorded(step: Callable[[Recorder], None]) -> Callable[[Recorder], None]:
    def record_and_step(recorder: Recorder) -> None:
        recorder.places.append(recorder.file.tell() - 1)
        step(recorder)

    return record_and_step


Recorder.dispatch[pickle.FRAME[0]] = Recorder.load_frame
for _code, _step in tuple(Recorder.dispatch.items()):
    Recorder.dispatch[_code] = _recorded(_step)


@lru_cache(maxsize=200)
def places(content: bytes) -> list[int]:
    """The places where the opcodes begin, up to the first broken one."""
    recorder = Recorder(content)
    with suppress(Exception):
        recorder.load()
    return recorder.places or [0]


def without_frames(content: bytes) -> bytes:
    """The same pickle without frames, so that opcodes can be inserted."""
    for place in reversed(places(content)):
        if content[place] == pickle.FRAME[0]:
            content = content[:place] + content[place + 9 :]
    return content


def read_seeds() -> list[bytes]:
    """The files that mutants are made from: by an old and a new scikit-learn, with and without frames."""
    names = (f"sklearn-{version}{'-' * bool(kind)}{kind}.bin" for version in ("0.24.2", "1.9.1") for kind in KINDS)
    contents = [path.read_bytes() for path in (MODELS / name for name in names) if path.exists()]
    return list(dict.fromkeys([*contents, *map(without_frames, contents)]))


def calls() -> list[bytes]:
    """Opcodes of several protocols that would call os.system or eval if a reader obeyed them."""
    touch, evaluate = f"touch {TRACE}".encode(), f"open({TRACE!r}, 'w')".encode()
    return [
        b"cposix\nsystem\n(V" + touch + b"\ntR",
        b"(S'" + touch + b"'\niposix\nsystem\n",
        b"(cposix\nsystem\nV" + touch + b"\no",
        b"cbuiltins\neval\n\x8c" + bytes([len(evaluate)]) + evaluate + b"\x85R",
        b"\x8c\x05posix\x8c\x06system\x93\x8c" + bytes([len(touch)]) + touch + b"\x85\x81",
        b"c__builtin__\neval\n(V" + evaluate + b"\ntR",
    ]


def number(value: int) -> bytes:
    """An opcode that pushes the number."""
    size = (value.bit_length() + 8) // 8
    return b"\x8a" + bytes([size]) + value.to_bytes(size, "little", signed=True)


def change_bytes(draw: Draw, content: bytes, _: list[bytes]) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 5, 30))):
        changed[draw.randrange(len(content))] = draw.randrange(256)
    return bytes(changed)


def cut_or_repeat(draw: Draw, content: bytes, _: list[bytes]) -> bytes:
    start, end = sorted(draw.randrange(len(content) + 1) for _ in range(2))
    return content[:start] + content[start:end] * draw.choice((0, 2, 50)) + content[end:]


def splice(draw: Draw, content: bytes, seeds: list[bytes]) -> bytes:
    """The beginning of one file and the end of another, both cut at an opcode."""
    other = draw.choice(seeds)
    return content[: draw.choice(places(content))] + other[draw.choice(places(other)) :]


def move_opcode(draw: Draw, content: bytes, seeds: list[bytes]) -> bytes:
    """Some opcodes of one file in the place of some opcodes of another, or inserted between them."""
    other, found = draw.choice(seeds), places(content)
    start = draw.randrange(len(found))
    end = min(start + draw.choice((0, 0, 1, 3)), len(found) - 1)
    taken = places(other)
    first = draw.randrange(len(taken))
    last = min(first + draw.choice((1, 1, 4, 12)), len(taken) - 1)
    return content[: found[start]] + other[taken[first] : taken[last]] + content[found[end] :]


def put_opcode(draw: Draw, content: bytes, _: list[bytes]) -> bytes:
    """Any opcode, a call, a name, or a number in a place where it is not expected."""
    opcode = draw.choice(pickletools.opcodes).code.encode("latin1")
    name = draw.choice(NAMES).replace(" ", "\n").encode()
    new = draw.choice((opcode, draw.choice(calls()), b"c" + name + b"\n", number(draw.choice(NUMBERS)), b"h\0", b"2"))
    place = draw.choice(places(content))
    return content[:place] + new * draw.choice((1, 1, 1, 1000)) + content[place + draw.choice((0, 1)) :]


def change_number(draw: Draw, content: bytes, _: list[bytes]) -> bytes:
    """A small number, such as a length in a shape, replaced by another; or a length of four or eight bytes."""
    spots = [place for place in places(content) if content[place] in b"KJMBX\x95"]
    if not spots:
        return change_bytes(draw, content, [])
    place = draw.choice(spots)
    value, width = draw.choice(NUMBERS), {b"K": 1, b"M": 2, b"J": 4}.get(content[place : place + 1])
    if width:
        return content[:place] + number(value) + content[place + 1 + width :]
    length = struct.pack("<Q", value % 2**64)[: 8 if content[place] == 0x95 else 4]
    return content[: place + 1] + length + content[place + 1 + len(length) :]


def swap_value(draw: Draw, content: bytes, seeds: list[bytes]) -> bytes:
    """A text, a number, a list or a memo's value in the place of another; the order of the stack stays valid."""
    other = draw.choice(seeds)
    here, there = pushes(content), pushes(other)
    start, end = draw.choice(here)
    first, last = draw.choice(there)
    known = b"h" + bytes([draw.randrange(60)])
    new = draw.choice(
        (other[first:last], other[first:last], known, number(draw.choice(NUMBERS)), draw.choice(VALUES))
    )
    return content[:start] + new + content[end:]


def pushes(content: bytes) -> list[tuple[int, int]]:
    """Where each opcode that pushes a value begins and ends, in order."""
    found = places(content)
    return [span for span in pairwise(found) if content[span[0] : span[0] + 1] in PUSHING] or [(0, 0)]


MUTATIONS = (change_bytes, cut_or_repeat, splice, move_opcode, put_opcode, change_number, *(swap_value,) * 3)


def make_mutant(draw: Draw, seeds: list[bytes]) -> bytes:
    """A file changed once or more; some are compressed before or after the last change."""
    content = draw.choice(seeds)
    if draw.random() < 1 / 3:
        content = write_changed(draw, content, seeds)
        if draw.random() < 2 / 3:
            return content
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        content = draw.choice(MUTATIONS)(draw, content, seeds) or b"."
    if draw.random() < 1 / 3:
        content = draw.choice(PACKS)(content)
        if draw.random() < 1 / 3:
            content = draw.choice((change_bytes, cut_or_repeat))(draw, content, seeds)
    return content
