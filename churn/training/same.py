"""Detects whether a newly trained model is the same as the one in place.

Another processor, or another patch release of Python, changes the last digits and so the bytes, but not the model.
Owns the definition of the same model. Trains nothing and writes nothing.
"""

import json
import math
from pathlib import Path
from typing import Any

from churn.errors import ModelError
from churn.model.pair import Pair
from churn.model.seal import is_intact
from churn.pickles.linear_model import read_model

TOLERANCE = 1e-9
"""The largest absolute or relative difference of two numbers that count as the same."""

_OF_BYTES = {"model_sha256", "card_sha256"}


def is_same_model(path: Path, old: Pair, new: Pair) -> bool:
    """True if the cards of two pairs agree in all members, and the models have the same weights.

    Whole numbers, texts and names must be equal, other numbers within TOLERANCE. The digests of the bytes and the
    patch release of Python may differ. A pair without a card, or with a card that was changed by hand, is never the
    same. `path` is the path of the old pair.
    """
    if old.card_json is None or new.card_json is None or not is_intact(old.card_json):
        return False
    try:
        models = [read_model(pair.pickled, path)._asdict() for pair in (old, new)]
        cards = [_select_members(json.loads(card_json)) for card_json in (old.card_json, new.card_json)]
    except (ModelError, ValueError, RecursionError):
        return False
    return _are_alike(*models) and _are_alike(*cards)


def _select_members(card: dict[str, Any]) -> dict[str, Any]:
    """The members of a card that describe its model, not the bytes or the machine."""
    members = {name: value for name, value in card.items() if name not in _OF_BYTES}
    training = dict(members.get("training") or {})
    if "python" in training:
        training["python"] = ".".join(str(training["python"]).split(".")[:2])
    return members | {"training": training}


def _are_alike(old: Any, new: Any) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_are_alike(old[name], new[name]) for name in old)
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return len(old) == len(new) and all(map(_are_alike, old, new))
    if isinstance(old, float) and isinstance(new, float):
        return math.isclose(old, new, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(old) is type(new) and bool(old == new)
