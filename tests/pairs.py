"""Model files and cards for the tests: small fitted ones, and changed ones."""

import hashlib
import json
import pickle
from pathlib import Path

import msgspec
import pytest

from churn import __version__
from churn.errors import ModelError
from churn.model.card import Card
from churn.model.file import load_model
from churn.model.pair import card_path

RECORDS = [
    {"contract": "monthly", "tenure": 1.0},
    {"contract": "yearly", "tenure": 9.0},
    {"contract": "monthly", "tenure": 30.0},
    {"contract": "yearly", "tenure": 2.0},
]

ADDED_TO_CARD = {"classes": [0, 1], "positive_class": 1, "service_version": __version__}
"""What GET /model adds to the card of a model with the classes 0 and 1."""


def write_model(path: Path, classes, *, dtype=None) -> Path:
    """A model file fitted to RECORDS, the first and the third of whom leave; `classes` are (stays, leaves)."""
    import numpy as np
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    stays, leaves = classes
    dv = DictVectorizer(sparse=False)
    X = dv.fit_transform(RECORDS)
    model = LogisticRegression().fit(X, np.array([leaves, stays, leaves, stays], dtype=dtype))
    path.write_bytes(pickle.dumps((dv, model), protocol=4))
    return path


def sklearn_of(path: Path, leaves, customers: list[dict]) -> list[float]:
    """What scikit-learn itself says the probability of a class is, for each customer."""
    dv, model = pickle.loads(path.read_bytes())
    (place,) = [place for place, label in enumerate(model.classes_) if label == leaves]
    return list(model.predict_proba(dv.transform(customers))[:, place])


def other_pair(path) -> tuple[bytes, Card]:
    """Other bytes with the same weights as the pair at `path`, and their card."""
    pickled = path.read_bytes() + b"\n"  # unpickling stops before it
    card = load_model(path).card
    return pickled, msgspec.structs.replace(card, model_sha256=hashlib.sha256(pickled).hexdigest())


def edit_card(path: Path, **changes: object) -> None:
    """Changes members of a model file's card and drops its seal: it becomes a card of before there were seals.

    Such a card had no counts, either; it has some where they are among the changes.
    """
    card = json.loads(card_path(path).read_text(encoding="utf-8"))
    card.pop("counts", None)
    card.pop("card_sha256", None)
    card |= changes
    card_path(path).write_text(json.dumps(card), encoding="utf-8")


def refusal(path) -> str:
    """What load_model says of a pair that it refuses, in one line."""
    with pytest.raises(ModelError) as error:
        load_model(path, patience_s=0)
    assert "\n" not in str(error.value)
    return str(error.value)
