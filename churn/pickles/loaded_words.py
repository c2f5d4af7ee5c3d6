"""Describes the objects of a model file in words: how they are stored, what wrote them, how the model was fitted.

Takes the result of pickle_reader, valid or not, and raises no error: it leaves out what it does not know.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from churn.pickles.file_threshold import Member
from churn.pickles.file_words import show_text
from churn.pickles.parts import Classifier, Pipeline, Scaler, Vectorizer
from churn.pickles.pickle_reader import SeveralPickles
from churn.pickles.pickled_arrays import Holder, Scalar

_MOST_MEMBERS = 10  # shown of a tuple, list, dict or Pipeline
_MOST_LOOKED_AT = 100  # for states: a file may have a million references to a Pipeline with a million steps
_SETTINGS = ("C", "penalty", "solver", "class_weight", "multi_class")
_UNSAID = ("None", "'deprecated'", "'auto'")  # their values where they are not set


def describe_loaded(loaded: object) -> list[str]:
    """The content of a file in words: "a tuple: DictVectorizer", "LogisticRegression"."""
    members = _list_members(loaded)
    if members is None:
        return [_describe(loaded)]
    first, *further = _describe_members(members, _describe_inner)
    return [f"{_name_kind(loaded)}: {first}", *further]


def find_versions(loaded: object) -> list[str]:
    """The versions of scikit-learn that the objects name as theirs, each once."""
    versions = (state.get("_sklearn_version") for state in _list_states(loaded))
    return list(dict.fromkeys(version for version in versions if isinstance(version, str)))


def list_settings(loaded: object) -> list[str]:
    """The settings that the logistic regression was fitted with, as "C=1.0"; empty for other objects."""
    for state in _list_states(loaded):
        if "solver" in state:
            shown = {name: _show_plain(state[name]) for name in _SETTINGS if name in state}
            return [f"{name}={value}" for name, value in shown.items() if value not in _UNSAID]
    return []


def _name_kind(loaded: object) -> str:
    if isinstance(loaded, SeveralPickles):
        return f"{len(loaded):,} pickles, one after the other"
    return "a Pipeline" if isinstance(loaded, Pipeline) else f"a {type(loaded).__name__}"


def _list_members(loaded: object) -> Sequence[Member] | None:
    """The members of a Pipeline, a dict, a tuple or a list; None for anything else."""
    if isinstance(loaded, Pipeline):
        steps = loaded.state.get("steps") if isinstance(loaded.state, dict) else None
        pairs = (step for step in steps if isinstance(step, tuple) and len(step) == 2) if type(steps) is list else ()
        return [(name, step) for name, step in pairs if isinstance(name, str)]
    if isinstance(loaded, dict):
        return [(key if isinstance(key, str) else "", member) for key, member in loaded.items()]
    if isinstance(loaded, tuple | list):
        return [(None, member) for member in loaded]
    return None


def _list_states(loaded: object) -> Iterator[dict[str, Any]]:
    """The states of the objects in a file, also of those in a Pipeline in it."""
    members = [member for _, member in _list_members(loaded) or ()]
    for member in (loaded, *members[:_MOST_LOOKED_AT]):
        inner = [step for _, step in _list_members(member) or ()] if isinstance(member, Pipeline) else []
        for holder in (member, *inner[:_MOST_LOOKED_AT]):
            if isinstance(holder, Holder) and isinstance(holder.state, dict):
                yield holder.state


def _describe_inner(member: object) -> str:
    if isinstance(member, Pipeline):
        return f"a Pipeline ({', '.join(_describe_members(_list_members(member) or (), _describe))})"
    return _describe(member)


def _describe(member: object) -> str:
    """One object in a word or two; of a container only its kind."""
    match member:
        case Vectorizer():
            return "DictVectorizer"
        case Classifier():
            crossed = isinstance(member.state, dict) and "C_" in member.state
            return "LogisticRegressionCV" if crossed else "LogisticRegression"
        case Scaler():
            return type(member).__name__
        case dict() | list() | tuple() | set() | frozenset() | Pipeline():
            return _name_kind(member)
        case str() | bool() | int() | float() | None:
            return _show_plain(member)
        case Scalar():
            return "a number"
        case _:
            return "something else"


def _show_plain(member: object) -> str:
    """A text, a number, a bool or None as it is; of anything else only its kind."""
    if isinstance(member, str):
        return show_text(member)
    if isinstance(member, int) and abs(member) < 2**64:  # a longer one may have millions of digits
        return repr(member)
    if isinstance(member, float) or member is None:
        return repr(member)
    return f"a {type(member).__name__}" if isinstance(member, dict | list | tuple) else "something else"


def _describe_members(members: Sequence[Member], describe: Callable[[object], str]) -> list[str]:
    words = [
        describe(member) if name is None else f"{show_text(name)} ({describe(member)})"
        for name, member in members[:_MOST_MEMBERS]
    ]
    further = len(members) - len(words)
    return [*words, *([f"and {further:,} more"] if further else [])] or ["nothing"]
