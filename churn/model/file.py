"""The model file, ready to score: loads and verifies the pair of a model file and its card, and writes one.

Owns the golden customers' check. What is in a card is card's, how the two files stay a pair on disk is pair's, which
class leaves is positive_class's, and how a model file is read is the room pickles'.
"""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import msgspec

from churn import __version__
from churn.errors import CustomerError, ModelError
from churn.model.card import DEFAULT_THRESHOLD, Card, decode_card, encode_card
from churn.model.card_check import check_counts, check_shapes
from churn.model.clean_columns import clean_columns
from churn.model.explaining import Explainer
from churn.model.pair import Pair, card_path, put_pair, read_pair
from churn.model.positive_class import turn_to_leaver
from churn.model.scoring import Scorer, probability
from churn.model.seal import CHANGED, is_intact
from churn.model.without_card import contract_of_columns
from churn.pickles.file_words import word_unusable
from churn.pickles.linear_model import read_model
from churn.pickles.pickled_arrays import Label

GOLDEN_TOLERANCE = 1e-9
"""How far a golden customer's probability may be from scikit-learn's."""

_PAIRING_S = 2.0  # how long somebody may take to rename two files


@dataclass(frozen=True)
class Model:
    """A verified model file, ready to score. `card` is None for a file without one.

    `threshold`, 0 to 1, is the churn probability from which a customer counts as leaving: the card's, without a card
    that of the model file or 0.5, unless ops have set another. `classes` are the file's two: the one that stays, and
    the one that leaves, which probabilities are of.
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
        """The card as JSON, or the known part of it without a card, and what its file does not have.

        Added are the two classes, the one of them that leaves, and the version of the software.
        """
        known = {"model_sha256": self.sha256, "contract": self.scorer.contract}
        card = msgspec.structs.asdict(self.card) if self.card else known
        for member in ("event", "curves", "interactions", "shares", "counts"):
            if not card.get(member, True):
                del card[member]  # as the card's file has none
        added = {"classes": self.classes, "positive_class": self.classes[1], "service_version": __version__}
        return msgspec.json.encode({**card, **added})


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
        if not has_card:
            linear = clean_columns(linear)
        if pair.card_json is not None:
            card = decode_card(pair.card_json)
        contract = card.contract if card else contract_of_columns(linear)
        scorer = Scorer(contract, linear.weights, intercept=linear.intercept, separator=linear.separator)
        if card:
            check_shapes(card, scorer)
            check_counts(card)
        explainer = Explainer(scorer, card.average, card.shares) if card else Explainer(scorer, None)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        blamed = path if pair.card_json is None else card_path(path)
        raise ModelError(blamed, word_unusable(error)) from None
    if card:
        _check_golden(card, scorer, path)
    sha256 = hashlib.sha256(pair.pickled).hexdigest()
    own = DEFAULT_THRESHOLD if linear.threshold is None else linear.threshold
    threshold = card.threshold if card else own
    return Model(path, pair, sha256, scorer, explainer, card, threshold, linear.classes)


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


def _check_golden(card: Card, scorer: Scorer, path: Path) -> None:
    first = card.golden[0].customer
    for number, golden in enumerate(card.golden):
        try:
            difference = abs(probability(scorer.log_odds(first | golden.customer)) - golden.probability)
        except CustomerError as error:
            raise ModelError(card_path(path), f"golden customer {number}: {error}") from None
        if not difference <= GOLDEN_TOLERANCE:
            reason = f"golden customer {number} is off by {difference:.1e}; retrain, or put the pair back"
            raise ModelError(card_path(path), reason)
