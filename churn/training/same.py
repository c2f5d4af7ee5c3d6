"""Whether a model trained anew says anything that the one in place does not.

Another processor, or another release of Python, ends in other last digits: in other bytes, and in no other model.
Owns what counts as the same; trains nothing, writes nothing.
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
"""How far two numbers may be apart that are the same but for rounding, or so large a part of them."""

_OF_BYTES = {"model_sha256", "card_sha256"}


def is_same_model(path: Path, old: Pair, new: Pair) -> bool:
    """True when the cards of two pairs say the same in all their members, and the models have the same weights.

    Whole numbers, texts and names must be equal, other numbers within TOLERANCE; the digests of the bytes and the
    patch release of Python may be others. A pair without a card, or whose card was changed by hand, is not the same.
    `path` is where the old pair is.
    """
    if old.card_json is None or new.card_json is None or not is_intact(old.card_json):
        return False
    try:
        models = [read_model(pair.pickled, path)._asdict() for pair in (old, new)]
        cards = [_spoken(json.loads(card_json)) for card_json in (old.card_json, new.card_json)]
    except (ModelError, ValueError, RecursionError):
        return False
    return _are_alike(*models) and _are_alike(*cards)


def _spoken(card: dict[str, Any]) -> dict[str, Any]:
    """What a card says of its model, and not of the bytes or of the machine."""
    said = {name: value for name, value in card.items() if name not in _OF_BYTES}
    training = dict(said.get("training") or {})
    if "python" in training:
        training["python"] = ".".join(str(training["python"]).split(".")[:2])
    return said | {"training": training}


def _are_alike(old: Any, new: Any) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_are_alike(old[name], new[name]) for name in old)
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return len(old) == len(new) and all(map(_are_alike, old, new))
    if isinstance(old, float) and isinstance(new, float):
        return math.isclose(old, new, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(old) is type(new) and bool(old == new)
