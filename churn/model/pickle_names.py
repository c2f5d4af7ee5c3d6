"""The names in a pickle, read from its opcodes: nothing of it runs, and nothing of it is built.

Owns how a pickle spells a name. What a name says of the file is file_words'.
"""

import pickletools
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

Name = tuple[str, str]
"""A module, and the name in it, cut to _MOST_CHARACTERS each."""

MOST_OPCODES = 100_000
"""Of a pickle that is read: a file with 20,000 columns has some 80,000."""
_MOST_NAMES = 1_000
_MOST_CHARACTERS = 1_000
_TEXTS = frozenset(
    {"UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "STRING", "SHORT_BINSTRING", "BINSTRING"}
)
_PUT = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_GET = frozenset({"GET", "BINGET", "LONG_BINGET"})


def list_names(pickled: bytes) -> list[Name]:
    """The names in a pickle, each once, in order, of the first 1,000 before the first broken opcode.

    A name may hold anything: show it by show_text.

    >>> list_names(b"cos\\nsystem\\n(cbuiltins\\neval\\ncos\\nsystem\\n\\xff")
    [('os', 'system'), ('builtins', 'eval')]
    """
    names: dict[Name, None] = {}
    with suppress(Exception):  # whatever its first wrong byte leads to
        for name in islice(_read_names(pickled), _MOST_NAMES):
            names[name] = None
    return list(names)


def cut_name(module: str, name: str) -> Name:
    """The name, of which a file may have megabytes, as far as it is looked at."""
    return module[:_MOST_CHARACTERS], name[:_MOST_CHARACTERS]


def is_whole(pickled: bytes) -> bool:
    """True where the opcodes lead from the first byte to the end, as those of a pickle do."""
    place, last = 0, ""
    try:
        for opcode, _, start in islice(pickletools.genops(pickled), MOST_OPCODES):
            place, last = start or 0, opcode.name
    except Exception:
        return False
    return last != "STOP" or not pickled[place + 1 :].strip()


def _read_names(pickled: bytes) -> Iterator[Name]:
    memo: dict[int, str | None] = {}
    before: str | None = None  # the two texts that were pushed last
    text: str | None = None
    for opcode, argument, _ in islice(pickletools.genops(pickled), MOST_OPCODES):
        if opcode.name in ("GLOBAL", "INST"):
            module, name = str(argument).split(" ", 1)
            yield cut_name(module, name)
        elif opcode.name == "STACK_GLOBAL" and before is not None and text is not None:
            yield cut_name(before, text)
        if opcode.name == "MEMOIZE":
            memo[len(memo)] = text
        elif opcode.name in _PUT:
            if (place := int(argument or 0)) < MOST_OPCODES:  # larger numbers may collide as keys
                memo[place] = text
        elif opcode.name in _TEXTS:
            before, text = text, str(argument)
        elif opcode.name in _GET:
            before, text = text, memo.get(int(argument or 0))
        elif opcode.name not in ("FRAME", "PROTO"):
            before, text = text, None
