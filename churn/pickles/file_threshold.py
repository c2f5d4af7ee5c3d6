"""The threshold that people store with a model in its file: finds the number that is the threshold.

Beside the DictVectorizer and the model, a number in a tuple or a list is the threshold by its value, in a dict by its
name. A number that may or may not be a threshold is refused, since a wrong one would give wrong decisions.
"""

import re
from collections.abc import Iterable, Iterator

from churn.pickles.file_words import show_text
from churn.pickles.fit_settings import Setting
from churn.pickles.pickled_arrays import FromBuffer, Reconstruct, RefusedError, Scalar, read_plain

Member = tuple[str | None, object]
"""An object in a model file, with its name in a dict; the name is None in a tuple or a list."""

_SURE = re.compile(
    "(best|chosen|churn|classification|decision|default|final|opt|optimal|prediction|prob|proba|probability|selected)*"
    "(threshold|thresh|cutoff)"
)
_PERHAPS = re.compile(".*(thresh|cutoff).*|t|th|thr|tau|cut")
_MOST_CHARACTERS = 100  # of a name; the rest is ignored
_NO_SIGN = re.compile("[^a-z0-9]")


def find_threshold(members: Iterable[Member]) -> float | None:
    """The threshold, 0 to 1, among the members beside the two objects; None if there is none.

    Raises RefusedError if there are two, or if none is certain and some number may be one.
    """
    found: set[float] = set()
    others: list[tuple[str, object]] = []
    for name, member in members:
        if member is None:
            continue
        if name is None:
            if is_number(member):
                found.add(_read_unnamed(member))
        elif _SURE.fullmatch(_simplify(name)):
            found.add(_read_named(name, member))
        else:
            others.append((name, member))
    if len(found) > 1:
        raise RefusedError("has more than one number that may be its threshold")
    seen: set[int] = set()
    for name, member in others if not found else ():
        _check_others(name, member, seen)
    return next(iter(found), None)


def is_number(member: object) -> bool:
    """True for a Python number that is not a boolean, and for a NumPy scalar."""
    return type(member) in (int, float) or isinstance(member, Scalar)


def is_plain(member: object, seen: set[int]) -> bool:
    """True for texts, numbers, arrays and settings, and containers of these: no model needs them to answer.

    `seen` are the ids of containers that were already checked and are skipped; those of this member are added.
    """
    return all(
        isinstance(leaf, str | bytes | int | float | Scalar | Reconstruct | FromBuffer | Setting | None)
        for _, leaf in _list_leaves("", member, seen)
    )


def _read(member: object) -> float | None:
    """The member as a number from 0 to 1; None if it is not one."""
    number = read_plain(member)
    return float(number) if type(number) in (int, float) and 0 <= number <= 1 else None


def _read_unnamed(member: object) -> float:
    number = _read(member)
    if number is None or number in (0, 1):  # a C, a version, a count
        raise RefusedError("has a number beside the two that is not a threshold between 0 and 1")
    return number


def _read_named(name: str, member: object) -> float:
    number = _read(member) if is_number(member) else None
    if number is None:
        raise RefusedError(f"has a {show_text(name)} that is not a number from 0 to 1")
    return number


def _check_others(name: str, member: object, seen: set[int]) -> None:
    """Raises RefusedError for a number, or a number in a container, whose name suggests a threshold."""
    for inner_name, leaf in _list_leaves(name, member, seen):
        if is_number(leaf) and _PERHAPS.fullmatch(_simplify(inner_name)):
            advice = "put it beside the two and call it 'threshold' if it is"
            raise RefusedError(f"has a number {show_text(inner_name)} that may be its threshold: {advice}")


def _simplify(name: str) -> str:
    return _NO_SIGN.sub("", name[:_MOST_CHARACTERS].lower())


def _list_leaves(name: str, member: object, seen: set[int]) -> Iterator[tuple[str, object]]:
    """The objects in a member that are not containers, each with its name if it is in a dict.

    A container that is in itself, or in many places, is read once: `seen` are the ids of those that were.
    """
    left: list[tuple[object, object]] = [(name, member)]
    while left:
        key, inner = left.pop()
        if not isinstance(inner, dict | list | tuple | set | frozenset):
            yield key if isinstance(key, str) else "", inner
        elif id(inner) not in seen:
            seen.add(id(inner))
            left += inner.items() if isinstance(inner, dict) else (("", element) for element in inner)
