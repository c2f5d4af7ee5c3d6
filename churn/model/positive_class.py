"""The class of a model file that stands for leaving, and the weights turned towards it.

Owns the pairs of classes that need no setting, and how classes are compared: texts in clean spelling, numbers by
value. `linear_model` reads the classes from the file.
"""

from pathlib import Path

from churn.errors import ModelError
from churn.model.spelling import clean, read_number
from churn.pickles.linear_model import LinearModel
from churn.pickles.pickled_arrays import Label

_KNOWN_PAIRS: set[tuple[float | str, float | str]] = {(0, 1), ("false", "true"), ("no", "yes"), (-1, 1)}
"""(stays, leaves), as _spell returns them."""
_MOST_CHARACTERS = 40  # of a class, in an error


def turn_to_leaver(linear: LinearModel, path: Path, *, positive_class: str | None, has_card: bool) -> LinearModel:
    """The model in log-odds of leaving: its `classes` are the one that stays, then the one that leaves.

    `positive_class` names the class that leaves. None is enough for the usual pairs: 0 and 1, false and true, no and
    yes, -1 and 1. With a card such a pair can't be overruled, since the card's figures are for its own class.

    Raises ModelError, with `path`, when the class that leaves is not known or contradicts the card.
    """
    try:
        leaver = _find_leaver(linear.classes, positive_class)
        if has_card and positive_class is not None and are_known(linear.classes):
            trained_for = _find_leaver(linear.classes, None)
            if leaver != trained_for:
                trained = show_label(linear.classes[trained_for])
                raise ValueError(
                    f"its card's model was trained for class {trained}: unset {_show_setting(positive_class)}"
                )
    except ValueError as error:
        raise ModelError(path, str(error)) from None
    if leaver == 1:
        return linear
    stays, leaves = reversed(linear.classes)
    weights = {column: -weight for column, weight in linear.weights.items()}
    return linear._replace(weights=weights, intercept=-linear.intercept, classes=(stays, leaves))


def needs_no_setting(classes: tuple[Label, Label]) -> bool:
    """True if the classes that stay and leave, in this order, are known without POSITIVE_CLASS."""
    stays, leaves = classes
    return (_spell(stays), _spell(leaves)) in _KNOWN_PAIRS


def are_known(classes: tuple[Label, Label]) -> bool:
    """True if two classes, in either order, need no POSITIVE_CLASS."""
    first, second = classes
    return needs_no_setting((first, second)) or needs_no_setting((second, first))


def is_class(word: str, classes: tuple[Label, Label]) -> bool:
    """True when a word names one of the classes, in any spelling.

    >>> is_class("Churned", ("churned", "stayed")), is_class("1.0", (0, 1)), is_class("Churned", (0, 1))
    (True, True, False)
    """
    return _spell(word) in map(_spell, classes)


def show_label(label: Label) -> str:
    """A class as an error shows it: a text in quotes, and cut if it is long."""
    if isinstance(label, str) and len(label) > _MOST_CHARACTERS:
        return f"{label[:_MOST_CHARACTERS]!r}..."
    return repr(label)


def _find_leaver(classes: tuple[Label, Label], positive_class: str | None) -> int:
    """The index, 0 or 1, of the class that leaves. Raises ValueError, with the error's words, if it is not known.

    >>> _find_leaver(("No", "Yes"), None), _find_leaver(("YES", "no"), None), _find_leaver((1, 2), "1.0")
    (1, 0, 0)
    """
    shown = " and ".join(map(show_label, classes))
    spelled = [_spell(label) for label in classes]
    if spelled[0] == spelled[1]:
        raise ValueError(f"its classes {shown} are one in clean spelling: train it with two")
    if positive_class is not None:
        if _spell(positive_class) not in spelled:
            advice = "unset it" if are_known(classes) else "set it to the class that leaves"
            raise ValueError(f"its classes are {shown}, and {_show_setting(positive_class)} is neither: {advice}")
        return spelled.index(_spell(positive_class))
    if not are_known(classes):
        raise ValueError(f"its classes are {shown}: set POSITIVE_CLASS to the class that leaves")
    return 1 if needs_no_setting(classes) else 0


def _spell(label: Label) -> float | str:
    """A class as it is compared: a number, also from a text that spells one; else a text in clean spelling.

    >>> _spell("1.0") == _spell(1) == _spell(1.0), _spell(True), _spell(" Existing Customer")
    (True, 'true', 'existing_customer')
    """
    if isinstance(label, bool):
        return str(label).lower()
    if not isinstance(label, str):
        return label
    number = read_number(label)
    if number is None:
        return clean(label)
    try:
        return int(label)  # exact where a float is not
    except ValueError:
        return number


def _show_setting(positive_class: str) -> str:
    return f"POSITIVE_CLASS={show_label(positive_class)}"
