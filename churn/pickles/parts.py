"""The parts of a model file: finds the DictVectorizer and the LogisticRegression among its objects.

Owns the names that a model file may use, and the forms in which people store the two objects: a tuple, a list, a
dict, a Pipeline, or two files. `file_threshold` finds a threshold beside them, and `linear_model` reads their
weights.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from churn.pickles.file_threshold import Member, find_threshold, is_number, is_plain
from churn.pickles.file_words import AdoptableError, show_text
from churn.pickles.fit_settings import SETTING_NAMES
from churn.pickles.pickle_reader import Names, SeveralPickles
from churn.pickles.pickled_arrays import (
    FromBuffer,
    Holder,
    Reconstruct,
    RefusedError,
    holds_objects,
    is_of_texts,
    read_content,
    refusing_damage,
)


class Vectorizer(Holder):
    """Stands in for a DictVectorizer."""


class Classifier(Holder):
    """Stands in for a LogisticRegression or LogisticRegressionCV."""


class Scaler(Holder):
    """Stands in for a step that shifts and scales each column, which can be folded into the weights."""


class StandardScaler(Scaler): ...


class MaxAbsScaler(Scaler): ...


class Pipeline(Holder): ...


class PythonFloat(Holder):
    """Python's float as the type of a DictVectorizer's numbers."""


class OtherNumber(Holder):
    """A type of numbers to which a DictVectorizer rounds; the class has the type's name."""


MODEL_NAMES: Names = {
    ("sklearn.feature_extraction._dict_vectorizer", "DictVectorizer"): Vectorizer,
    ("sklearn.linear_model._logistic", "LogisticRegression"): Classifier,
    ("sklearn.linear_model._logistic", "LogisticRegressionCV"): Classifier,
    ("sklearn.pipeline", "Pipeline"): Pipeline,
    ("sklearn.preprocessing._data", "StandardScaler"): StandardScaler,
    ("sklearn.preprocessing._data", "MaxAbsScaler"): MaxAbsScaler,
    ("builtins", "float"): PythonFloat,
    ("__builtin__", "float"): PythonFloat,
    **{
        (module, name): type(name, (OtherNumber,), {})
        for module, names in (
            ("numpy", "float16 float32 longdouble int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool bool_"),
            ("builtins", "int bool"),
            ("__builtin__", "int long bool"),
        )
        for name in names.split()
    },
    **SETTING_NAMES,
}

_MOST_MEMBERS = 1_000  # of a tuple, list or dict, and of all pickles in a file together
_MOST_STEPS = 100  # of a Pipeline, including those of Pipelines in it
_WANTED = "the service takes a tuple, list, dict or Pipeline of a DictVectorizer and a LogisticRegression"
_NAMES = ("DictVectorizer", "LogisticRegression")
_ORDER: tuple[type[Holder], ...] = (Vectorizer, Scaler, Classifier)


class Parts(NamedTuple):
    """The parts of a model file: the states of the two objects, the scalers between them, and its threshold, 0 to 1.

    The scalers in `between` are in order.
    """

    vectorizer: dict[str, Any]
    classifier: dict[str, Any]
    between: tuple[Scaler, ...] = ()
    threshold: float | None = None


@refusing_damage()
def find_parts(*contents: object) -> Parts:
    """The parts in the content of a file, or of two files that belong together, in any of the forms.

    In SeveralPickles, each pickle is read as the content of a file. Raises RefusedError for any other content, and
    AdoptableError where the other file is missing.
    """
    objects: list[Holder] = []
    scaling: list[tuple[Scaler, ...]] = []
    others: list[Member] = []
    known: set[int] = set()
    members = [member for content in _list_pickles(contents) for member in _list_members(content)]
    if len(members) > _MOST_MEMBERS:
        raise RefusedError(f"holds more than {_MOST_MEMBERS:,} things: {_WANTED}")
    for name, member in members:
        steps = _list_steps(member)
        new = [step for step in steps if name is None or id(step) not in known]
        objects += new
        known.update(map(id, new))
        if scalers := tuple(step for step in new if isinstance(step, Scaler)):
            scaling.append(scalers)
        if not steps:
            others.append((name, member))
    seen: set[int] = set()
    for name, member in others:
        if objects and not _is_harmless(name, member, seen):
            what = "something else" if name is None else f"something else, {show_text(name)},"
            raise RefusedError(f"holds {what} beside the two: {_WANTED}")
    vectorizer, classifier = _find_one(objects, Vectorizer), _find_one(objects, Classifier)
    if len(scaling) > 1:
        raise RefusedError("has more than one scaler, and no Pipeline that gives their order")
    return Parts(vectorizer.state, classifier.state, scaling[0] if scaling else (), find_threshold(others))


def _list_pickles(contents: Sequence[object]) -> Iterator[object]:
    """The content of each pickle of each file."""
    for content in contents:
        yield from content if isinstance(content, SeveralPickles) else (content,)


def _list_members(loaded: object) -> list[Member]:
    """The objects in a file, each with its name if it has one."""
    if isinstance(loaded, dict):
        return [(name if isinstance(name, str) else None, member) for name, member in loaded.items()]
    if isinstance(loaded, tuple | list):
        return [(None, member) for member in loaded]
    return [(None, loaded)]


def _list_steps(member: object) -> list[Holder]:
    """The objects that a customer passes through, in order: one, those of a Pipeline, or none."""
    if isinstance(member, _ORDER):
        return [member]
    if not isinstance(member, Pipeline):
        return []
    steps: list[Any] = []
    left: list[Any] = [member]
    for _ in range(_MOST_STEPS):  # a Pipeline may hold itself
        if not left or len(left) > _MOST_STEPS:
            break
        step = left.pop()
        if isinstance(step, Pipeline):
            left += [inner for _, inner in reversed(step.state["steps"])]
        elif step is not None and step != "passthrough":  # these do nothing
            steps.append(step)
    if left:
        raise RefusedError(f"is a Pipeline of more than {_MOST_STEPS} steps")
    places = [place for step in steps for place, kind in enumerate(_ORDER) if isinstance(step, kind)]
    if len(places) != len(steps) or places != sorted(places) or not places:
        raise RefusedError(f"is a Pipeline of other steps: {_WANTED}")
    return steps


def _is_harmless(name: str | None, member: object, seen: set[int]) -> bool:
    """True for a member that does not affect answers: a plain one in a dict; else a number, or names of columns."""
    if name is not None:
        return is_plain(member, seen)
    if isinstance(member, Reconstruct | FromBuffer):
        content, dtype = read_content(member)
        return is_of_texts(dtype) or (holds_objects(dtype) and _is_harmless(None, content, seen))
    if isinstance(member, list | tuple):
        if id(member) in seen:  # it may be there a thousand times
            return True
        seen.add(id(member))
        return all(isinstance(text, str) for text in member)
    return member is None or is_number(member)


def _find_one(objects: Sequence[Holder], kind: type[Holder]) -> Holder:
    """The only object of a kind. Raises RefusedError if there is none, or more than one."""
    found = [member for member in objects if isinstance(member, kind)]
    if len(found) == 1:
        return found[0]
    name, other = _NAMES if kind is Vectorizer else reversed(_NAMES)
    if found:
        raise RefusedError(f"holds {len(found)} of {name}: {_WANTED}")
    if not objects:
        raise RefusedError(f"holds neither of the two: {_WANTED}")
    raise AdoptableError(f"holds a {other} without its {name}, which is in another file", files="FILE OTHER_FILE")
