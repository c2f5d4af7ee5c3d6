"""A model trained elsewhere, read from its file or files as data, with its log-odds turned towards leaving.

Owns what is read from such a file apart from the weights: the class that leaves, and facts about its training.
`joblib_reader` reads the files, and `adopting` makes the pair.
"""

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from churn.errors import ModelError
from churn.model.clean_columns import clean_columns
from churn.model.contract import Contract
from churn.model.pair import read_model_file
from churn.model.positive_class import are_known, is_class, show_label, turn_to_leaver
from churn.model.without_card import contract_of_columns
from churn.pickles.file_words import word_unusable
from churn.pickles.folding import read_folded
from churn.pickles.joblib_reader import load_objects_of_file
from churn.pickles.linear_model import LinearModel
from churn.pickles.parts import Parts, find_parts
from churn.pickles.pickled_arrays import Holder, RefusedError, read_numbers, read_plain

_VERSION = re.compile(r"[0-9][0-9a-z.+]{0,30}")


class ForeignModel(NamedTuple):
    """A model from its file, with any scalers between vectorizer and classifier folded into its weights.

    `path` is the path of the file, or of the first of several. `linear` is in log-odds of leaving. `contract` is
    derived from the names of the columns alone. `folded` are the class names of the scalers. `C`, the inverse of the
    penalty, and `library`, the version of scikit-learn that wrote the file, are None where the file lacks them.
    """

    path: Path
    linear: LinearModel
    contract: Contract
    folded: tuple[str, ...] = ()
    C: float | None = None
    library: str | None = None

    def describe(self) -> dict[str, Any]:
        """The facts about the model's training in its file, for the card."""
        known = {"C": self.C, "scikit-learn": self.library, "folded": self.folded}
        return {"columns": len(self.linear.weights), **{name: value for name, value in known.items() if value}}


def read_foreign_model(
    paths: Sequence[Path], *, positive: str | None = None, positive_class: str | None = None
) -> ForeignModel:
    """The model in one file, or in several files that hold its parts.

    `positive_class` names the class that leaves, as the setting POSITIVE_CLASS does. Without it, `positive` names the
    class: the table's word for customers who leave, if that is a class. Else the classes must show it themselves.
    Raises ModelError with the path of the file that can't be read, or with the first path.
    """
    contents = [_load(path) for path in paths]
    try:
        parts, linear, contract = _read_linear_model(contents)
    except RefusedError as error:
        raise ModelError(paths[0], str(error)) from None
    linear = _turn(linear, paths[0], positive, positive_class)
    folded = tuple(type(scaler).__name__ for scaler in parts.between)
    return ForeignModel(paths[0], linear, contract, folded, _find_penalty(parts.classifier), _find_library(parts))


def _load(path: Path) -> object:
    try:
        return load_objects_of_file(read_model_file(path))
    except RefusedError as error:
        raise ModelError(path, str(error)) from None


def _read_linear_model(contents: Sequence[object]) -> tuple[Parts, LinearModel, Contract]:
    parts = find_parts(*contents)
    folded = read_folded(parts)
    try:
        linear = clean_columns(folded)
        return parts, linear, contract_of_columns(linear)
    except (ValueError, RecursionError) as error:
        raise RefusedError(word_unusable(error)) from None


def _turn(linear: LinearModel, path: Path, positive: str | None, positive_class: str | None) -> LinearModel:
    """The model in log-odds of leaving. Raises ModelError if neither classes nor arguments show who leaves."""
    if positive_class is None and positive is not None and is_class(positive, linear.classes):
        positive_class = positive
    if positive_class is None and not are_known(linear.classes):
        classes = " and ".join(map(show_label, linear.classes))
        raise ModelError(
            path, f"its classes are {classes}: --positive or POSITIVE_CLASS must name the class that leaves"
        )
    return turn_to_leaver(linear, path, positive_class=positive_class, has_card=False)


def _find_penalty(classifier: Mapping[str, Any]) -> float | None:
    """The inverse of a model's penalty: the value that LogisticRegressionCV chose, or the value that was set."""
    chosen, given = classifier.get("C_"), classifier.get("C")
    with suppress(Exception):  # C is only reported, and the file may hold anything in its place
        penalty = read_plain(read_numbers(chosen, 1)[0] if isinstance(chosen, Holder) else given)
        if isinstance(penalty, int | float) and 0 < penalty < math.inf:
            return float(penalty)
    return None


def _find_library(parts: Parts) -> str | None:
    version = parts.classifier.get("_sklearn_version")
    return version if isinstance(version, str) and _VERSION.fullmatch(version) else None
