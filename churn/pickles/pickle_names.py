"""The names in a pickle, read from its opcodes: nothing in it is run or built.

Owns how a pickle spells a name. `file_words` says what a name shows about the file.
"""

import io
import pickletools
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

Name = tuple[str, str]
"""A module, and the name in it, cut to _MOST_CHARACTERS each."""

MOST_OPCODES = 100_000
"""The most opcodes that are read of a pickle: a file with 20,000 columns has some 80,000."""
_MOST_NAMES = 1_000
_MOST_CHARACTERS = 1_000
_TEXTS = frozenset(
    {"UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "STRING", "SHORT_BINSTRING", "BINSTRING"}
)
_PUT = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_GET = frozenset({"GET", "BINGET", "LONG_BINGET"})


def list_names(pickled: bytes) -> list[Name]:
    """The names in a pickle, each once, in order: of the first 1,000 before the first broken opcode.

    A name may have any characters, so show it with show_text.

    >>> list_names(b"cos\\nsystem\\n(cbuiltins\\neval\\ncos\\nsystem\\n\\xff")
    [('os', 'system'), ('builtins', 'eval')]
    """
    names: dict[Name, None] = {}
    with suppress(Exception):  # a broken opcode can raise any exception
        for name in islice(_read_names(pickled), _MOST_NAMES):
            names[name] = None
    return list(names)


def cut_name(module: str, name: str) -> Name:
    """The name, cut to the length that is used: a file may have names of megabytes."""
    return module[:_MOST_CHARACTERS], name[:_MOST_CHARACTERS]


def is_whole(pickled: bytes) -> bool:
    """True if the opcodes lead from the first byte to the end, as those of one or several pickles do."""
    try:
        for _ in _read_opcodes(pickled):
            pass
    except Exception:
        return False
    return True


def find_end(pickled: bytes) -> int:
    r"""The end of the last pickle of a file: blanks and zeros after it belong to no pickle.

    >>> find_end(b"N.N.\r\n")
    4
    """
    return len(pickled.rstrip(b"\0 \t\r\n"))


def _read_opcodes(pickled: bytes) -> Iterator[tuple[str, object]]:
    """The name and the argument of each opcode of the pickles in a file, at most MOST_OPCODES."""
    file, end, left = io.BytesIO(pickled), find_end(pickled), MOST_OPCODES
    while left and (file.tell() < end or not end):
        for opcode, argument, _ in islice(pickletools.genops(file), left):
            left -= 1
            yield opcode.name, argument


def _read_names(pickled: bytes) -> Iterator[Name]:
    memo: dict[int, str | None] = {}
    before: str | None = None  # the two texts that were pushed last
    text: str | None = None
    for opcode, argument in _read_opcodes(pickled):
        if opcode in ("GLOBAL", "INST"):
            module, name = str(argument).split(" ", 1)
            yield cut_name(module, name)
        elif opcode == "STACK_GLOBAL" and before is not None and text is not None:
            yield cut_name(before, text)
        if opcode == "STOP":
            memo.clear()
        if opcode == "MEMOIZE":
            memo[len(memo)] = text
        elif opcode in _PUT:
            if (place := int(str(argument or 0))) < MOST_OPCODES:  # larger numbers may collide as keys
                memo[place] = text
        elif opcode in _TEXTS:
            before, text = text, str(argument)
        elif opcode in _GET:
            before, text = text, memo.get(int(str(argument or 0)))
        elif opcode not in ("FRAME", "PROTO"):
            before, text = text, None
