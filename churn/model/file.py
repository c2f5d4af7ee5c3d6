"""The model file and its card: loads and verifies the pair, and writes one.

Owns what is in a card and the golden customers' check. How the two files stay a pair on disk is pair's, the pickle's
inside is pickle_reader's, which of its classes leaves is positive_class's, and how a card notices a change is seal's.
"""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from churn.errors import CustomerError, ModelError
from churn.model.columns import contract_of_columns
from churn.model.contract import Contract, Value
from churn.model.explaining import Explainer
from churn.model.pair import Pair, card_path, put_pair, read_pair
from churn.model.pickle_reader import read_model
from churn.model.pickled_arrays import Label
from churn.model.positive_class import turn_to_leaver
from churn.model.scoring import Scorer, probability
from churn.model.seal import CHANGED, UNSEALED, is_intact, seal

DEFAULT_THRESHOLD = 0.5
"""The churn probability from which a customer counts as leaving, where a card says nothing else."""
GOLDEN_TOLERANCE = 1e-9
"""How far a golden customer's probability may be from scikit-learn's."""

_MOST_CONTAINERS, _MOST_VALUES = 100_000, 1_000_000  # of a card; 20,000 golden customers of 30 fields have fewer
_PAIRING_S = 2.0  # how long somebody may take to rename two files


class Golden(Struct, frozen=True):
    """A synthetic customer in clean spelling, with the probability that scikit-learn gave it at training."""

    customer: dict[str, Value]
    probability: Annotated[float, Meta(ge=0, le=1)]


class Card(Struct, frozen=True, kw_only=True):
    """What is known of a model file: what it expects, where it comes from, what it must answer.

    `average` is the average customer: the mean of every column over the rows that the model was fitted on. A card
    of before there were reasons has none. `card_sha256` comes first, since it is the seal of the bytes; a card of
    before there were seals has none.
    """

    card_sha256: str | None = None
    model_sha256: str
    target: str
    threshold: Annotated[float, Meta(ge=0, le=1)]
    contract: Contract
    training: dict[str, Any]
    table: dict[str, Any]
    figures: dict[str, Any]
    average: dict[str, float] | None = None
    golden: Annotated[tuple[Golden, ...], Meta(min_length=1)]


@dataclass(frozen=True)
class Model:
    """A verified model file, ready to score. `card` is None for a file without one.

    `threshold`, 0 to 1, is the churn probability from which a customer counts as leaving: the card's, or 0.5
    without one, unless ops have set another. `classes` are the file's two: the one that stays, and the one that
    leaves, which probabilities are of.
    """

    path: Path
    pair: Pair
    sha256: str
    scorer: Scorer
    explainer: Explainer
    card: Card | None
    threshold: float
    classes: tuple[Label, Label]

    @property
    def version(self) -> str:
        """The first 12 hex digits of the file's SHA-256: what X-Model-Version carries."""
        return self.sha256[:12]

    def describe(self) -> bytes:
        """The card as JSON, or what is known without one; with it the two classes, and which of them leaves."""
        known = {"model_sha256": self.sha256, "contract": self.scorer.contract}
        card = msgspec.structs.asdict(self.card) if self.card else known
        return msgspec.json.encode({**card, "classes": self.classes, "positive_class": self.classes[1]})


def load_model(path: Path, *, positive_class: str | None = None, patience_s: float | None = None) -> Model:
    """The model at `path`, paired with its card and verified against its golden customers.

    `positive_class` names the class that leaves; None is for the pairs of classes that need no name, as 0 and 1.

    Raises ModelError, naming the file and the reason, when anything is missing, damaged, too large or does not fit.
    """
    pair = read_pair(path, patience_s=_PAIRING_S if patience_s is None else patience_s)
    return verify_pair(path, pair, positive_class=positive_class)


def verify_pair(path: Path, pair: Pair, *, positive_class: str | None = None) -> Model:
    """The model in a pair's bytes, verified; `path` is where they come from. Raises ModelError as load_model."""
    if pair.card_json is not None and not is_intact(pair.card_json):
        raise ModelError(card_path(path), CHANGED)
    has_card = pair.card_json is not None
    linear = turn_to_leaver(read_model(pair.pickled, path), path, positive_class=positive_class, has_card=has_card)
    card = None
    try:
        if pair.card_json is not None:
            card = _decode_card(pair.card_json)
        contract = card.contract if card else contract_of_columns(linear)
        scorer = Scorer(contract, linear.weights, intercept=linear.intercept, separator=linear.separator)
        explainer = Explainer(scorer, card.average if card else None)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        blamed = path if pair.card_json is None else card_path(path)
        raise ModelError(blamed, f"can't be used: {error}") from None
    if card:
        _check_golden(card, scorer, path)
    sha256 = hashlib.sha256(pair.pickled).hexdigest()
    threshold = card.threshold if card else DEFAULT_THRESHOLD
    return Model(path, pair, sha256, scorer, explainer, card, threshold, linear.classes)


def _decode_card(card_json: bytes) -> Card:
    """The card in some JSON. Raises ValueError for what is none, and for what is small to write and huge to read."""
    if card_json.count(b"{") + card_json.count(b"[") > _MOST_CONTAINERS or card_json.count(b",") > _MOST_VALUES:
        raise ValueError("it has more objects, arrays or values than a card of any model")
    return msgspec.json.decode(card_json, type=Card)


def write_pair(
    path: Path,
    pickled: bytes,
    card: Card,
    *,
    uninterrupted: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> None:
    """Puts a model file and its card in place; after a crash anywhere in here the old pair still stands.

    What is written is written in an `uninterrupted` block. Raises OSError, and ModelError when the card would take
    another model's place or is too large to be read.
    """
    put_pair(path, pickled, encode_card(card), uninterrupted=uninterrupted)


def encode_card(card: Card) -> bytes:
    """The card as its file holds it, sealed."""
    unsealed = msgspec.json.encode(msgspec.structs.replace(card, card_sha256=UNSEALED))
    return seal(msgspec.json.format(unsealed, indent=2) + b"\n")


def _check_golden(card: Card, scorer: Scorer, path: Path) -> None:
    for number, golden in enumerate(card.golden):
        try:
            difference = abs(probability(scorer.log_odds(golden.customer)) - golden.probability)
        except CustomerError as error:
            raise ModelError(card_path(path), f"golden customer {number}: {error}") from None
        if not difference <= GOLDEN_TOLERANCE:
            reason = f"golden customer {number} is off by {difference:.1e}; retrain, or put the pair back"
            raise ModelError(card_path(path), reason)
