"""Model files written again with one value replaced by another: whole pickles that no scikit-learn writes.

The values are what the reader makes of a file: holders, texts, lists. Most of the faults in these files are detected
late in the reader, at checks that randomly changed opcodes do not reach.
"""

import random
import struct
from functools import lru_cache
from typing import Any

from churn.pickles.joblib_reader import JOBLIB_NAMES, load_objects_of_file
from churn.pickles.parts import MODEL_NAMES
from churn.pickles.pickled_arrays import ARRAY_NAMES, Holder

NAMES = {
    holder: name for name, holder in reversed([*ARRAY_NAMES.items(), *JOBLIB_NAMES.items(), *MODEL_NAMES.items()])
}
ODD: list[Any] = [
    None,
    True,
    -1,
    0,
    1,
    2,
    10**30,
    float("nan"),
    float("inf"),
    1e308,
    -0.0,
    5e-324,
    "",
    "a",
    "\ud800",
    b"",
]
ODD += [
    "=",
    "U9999",
    "O8",
    "f8",
    "<",
    ">",
    "multinomial",
    "passthrough",
    bytes(8),
    bytes(16),
    b"\xff" * 8,
    (),
    [],
    {},
]
ODD += [(1, 3), (2,), (0,), (-1,), (2**40, 2**40), [[]], {"a": 1}, {"steps": []}, *NAMES]


class Writer:
    """Writes objects as a pickle of protocol 4; the node at `place`, counted from 0, is replaced by `other`."""

    def __init__(self, place: int = -1, other: Any = None) -> None:
        self.nodes, self._place, self._other = 0, place, other

    def write(self, value: Any) -> bytes:
        """The opcodes that push the value."""
        here = self.nodes == self._place
        self.nodes += 1
        if here:
            return Writer().write(self._other)
        if isinstance(value, dict):
            return b"}(" + b"".join(self.write(item) for pair in value.items() for item in pair) + b"u"
        if isinstance(value, list):
            return b"](" + b"".join(map(self.write, value)) + b"e"
        if isinstance(value, tuple):
            return b"(" + b"".join(map(self.write, value)) + b"t"
        if isinstance(value, Holder):
            made = self.write(type(value)) + self.write(value.args) + b"R"
            return made if value.state is None else made + self.write(value.state) + b"b"
        return _write_leaf(value)


def _write_leaf(value: Any) -> bytes:
    if isinstance(value, type):
        return "c{}\n{}\n".format(*NAMES[value]).encode()
    if isinstance(value, float):
        return b"G" + struct.pack(">d", value)
    if isinstance(value, bool) or value is None:
        return {True: b"\x88", False: b"\x89", None: b"N"}[value]
    if isinstance(value, int):
        return b"\x8a\x14" + value.to_bytes(20, "little", signed=True)
    content, code = (value, b"B") if isinstance(value, bytes) else (value.encode("utf-8", "surrogatepass"), b"X")
    return code + struct.pack("<I", len(content)) + content


@lru_cache(maxsize=200)
def _load(content: bytes) -> Any:
    return load_objects_of_file(content)


@lru_cache(maxsize=200)
def _list_nodes(content: bytes) -> list[Any]:
    """Every value in a file, in the order of writing."""
    nodes, left = [], [_load(content)]
    while left:
        node = left.pop()
        nodes.append(node)
        if isinstance(node, Holder):
            inner = [type(node), node.args] + ([] if node.state is None else [node.state])
        elif isinstance(node, dict):
            inner = [item for pair in node.items() for item in pair]
        else:
            inner = list(node) if isinstance(node, list | tuple) else []
        left += reversed(inner)
    return nodes


def write_changed(draw: random.Random, content: bytes, seeds: list[bytes]) -> bytes:
    """The file with one value replaced by another of its values, a value of another file, or an odd one."""
    nodes, others = _list_nodes(content), _list_nodes(draw.choice(seeds))
    places = range(len(nodes))
    if draw.random() < 1 / 2:  # most values are the columns' names and their places
        places = [place for place in places if type(nodes[place]) not in (str, int)]
    other = draw.choice((draw.choice(nodes), draw.choice(others), draw.choice(ODD), draw.choice(ODD)))
    return b"\x80\x04" + Writer(draw.choice(places), other).write(nodes[0]) + b"."
