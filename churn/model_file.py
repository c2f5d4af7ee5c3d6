"""The model file and its card: reads and verifies the pair, writes the pair so that a crash loses nothing.

Owns the pairing by SHA-256, the golden customers' check and the renames; the pickle's inside is model_pickle's, which
of its classes leaves is positive_class's, and how a card notices a change is seal's.
"""

import hashlib
import os
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct

from churn.column_contract import contract_of_columns
from churn.contract import Contract, Value
from churn.errors import CustomerError, ModelError
from churn.explaining import Explainer
from churn.model_pickle import read_model
from churn.pickled_arrays import Label
from churn.positive_class import turn_to_leaver
from churn.scoring import Scorer, probability
from churn.seal import CHANGED, UNSEALED, is_intact, seal

DEFAULT_THRESHOLD = 0.5
"""The churn probability from which a customer counts as leaving, where a card says nothing else."""
GOLDEN_TOLERANCE = 1e-9
"""How far a golden customer's probability may be from scikit-learn's."""

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


class Pair(NamedTuple):
    """The bytes of a model file and of its card, read so that they belong together; None: it has no card."""

    pickled: bytes
    card_json: bytes | None


@dataclass(frozen=True)
class Model:
    """A verified model file, ready to score. `card` is None for a file without one.

    `classes` are the file's two: the one that stays, and the one that leaves, which probabilities are of.
    """

    path: Path
    pair: Pair
    sha256: str
    scorer: Scorer
    explainer: Explainer
    card: Card | None
    classes: tuple[Label, Label]

    @property
    def version(self) -> str:
        """The first 12 hex digits of the file's SHA-256: what X-Model-Version carries."""
        return self.sha256[:12]

    @property
    def threshold(self) -> float:
        """The churn probability, 0 to 1, from which a customer counts as leaving: the card's, if there is one."""
        return self.card.threshold if self.card else DEFAULT_THRESHOLD

    def describe(self) -> bytes:
        """The card as JSON, or what is known without one; with it the two classes, and which of them leaves."""
        known = {"model_sha256": self.sha256, "contract": self.scorer.contract}
        card = msgspec.structs.asdict(self.card) if self.card else known
        return msgspec.json.encode({**card, "classes": self.classes, "positive_class": self.classes[1]})


def card_path(path: Path) -> Path:
    """Where the card of a model file stands: the last suffix replaced by `.json`.

    >>> card_path(Path("model_C=1.0.bin")).name
    'model_C=1.0.json'
    """
    return path.with_suffix(".json")


def load_model(path: Path, *, positive_class: str | None = None, patience_s: float = _PAIRING_S) -> Model:
    """The model at `path`, paired with its card and verified against its golden customers.

    `positive_class` names the class that leaves; None is for the pairs of classes that need no name, as 0 and 1.

    Raises ModelError, naming the file and the reason, when anything is missing, damaged or does not fit.
    """
    return verify_pair(path, _read_pair(path, patience_s), positive_class=positive_class)


def verify_pair(path: Path, pair: Pair, *, positive_class: str | None = None) -> Model:
    """The model in a pair's bytes, verified; `path` is where they come from. Raises ModelError as load_model."""
    if pair.card_json is not None and not is_intact(pair.card_json):
        raise ModelError(card_path(path), CHANGED)
    has_card = pair.card_json is not None
    linear = turn_to_leaver(read_model(pair.pickled, path), path, positive_class=positive_class, has_card=has_card)
    card = None
    try:
        if pair.card_json is not None:
            card = msgspec.json.decode(pair.card_json, type=Card)
        contract = card.contract if card else contract_of_columns(linear)
        scorer = Scorer(contract, linear.weights, intercept=linear.intercept, separator=linear.separator)
        explainer = Explainer(scorer, card.average if card else None)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        blamed = path if pair.card_json is None else card_path(path)
        raise ModelError(blamed, f"can't be used: {error}") from None
    if card:
        _check_golden(card, scorer, path)
    sha256 = hashlib.sha256(pair.pickled).hexdigest()
    return Model(path, pair, sha256, scorer, explainer, card, linear.classes)


def write_pair(path: Path, pickled: bytes, card: Card) -> None:
    """Puts a model file and its card in place; after a crash anywhere in here the old pair still stands.

    Both are written to the side first. Two renames can't be one step, so the old card stays readable as
    `.previous` until both are done: a reader in between pairs it with the old model. (Where there was no card,
    the new model stands without one for a moment.) Raises OSError.
    """
    card_json = _encode_card(card)
    card_file, previous = card_path(path), _previous_card(path)
    with ExitStack() as aside:
        new_model, new_card = _write_aside(path, pickled, aside), _write_aside(card_file, card_json, aside)
        old_card = _read_if_there(card_file)
        if old_card is None:  # a model without a card is a good state, a card without its model is not
            new_model.replace(path)
        elif path.exists() and _is_card_of(old_card, path.read_bytes()):
            replace_file(previous, old_card)
        new_card.replace(card_file)
        if old_card is not None:
            new_model.replace(path)
    _sync_folder(path.parent)
    previous.unlink(missing_ok=True)


def _encode_card(card: Card) -> bytes:
    """The card as its file holds it, sealed."""
    unsealed = msgspec.json.encode(msgspec.structs.replace(card, card_sha256=UNSEALED))
    return seal(msgspec.json.format(unsealed, indent=2) + b"\n")


def replace_file(path: Path, content: bytes) -> None:
    """Puts content in place of a file in one step. Raises OSError, and then the old file still stands."""
    with ExitStack() as aside:
        _write_aside(path, content, aside).replace(path)


def _read_pair(path: Path, patience_s: float) -> Pair:
    """The pair at a path, waiting for somebody who is just replacing it."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            pickled = path.read_bytes()
            cards = [_read_if_there(one) for one in (card_path(path), _previous_card(path))]
        except OSError as error:
            hint = "; train.py writes it, MODEL_FILE names another" if isinstance(error, FileNotFoundError) else ""
            raise ModelError(path, f"can't be read: {error.strerror}{hint}") from None
        if cards == [None, None]:
            return Pair(pickled, None)
        for card_json in cards:
            if card_json is not None and _is_card_of(card_json, pickled):
                return Pair(pickled, card_json)
        if time.monotonic() > deadline:
            reason = f"is not the card of {path.name}: its model_sha256 is another; put the pair back, or retrain"
            intact = cards[0] is None or is_intact(cards[0])
            raise ModelError(card_path(path), reason if intact else CHANGED)
        time.sleep(0.02)  # somebody is renaming


def _is_card_of(card_json: bytes, pickled: bytes) -> bool:
    """True when the card names the SHA-256 of these bytes; a card that is no JSON names nothing."""
    try:
        head = msgspec.json.decode(card_json)
    except (ValueError, RecursionError):
        return False
    return isinstance(head, dict) and head.get("model_sha256") == hashlib.sha256(pickled).hexdigest()


def _check_golden(card: Card, scorer: Scorer, path: Path) -> None:
    for number, golden in enumerate(card.golden):
        try:
            difference = abs(probability(scorer.log_odds(golden.customer)) - golden.probability)
        except CustomerError as error:
            raise ModelError(card_path(path), f"golden customer {number}: {error}") from None
        if not difference <= GOLDEN_TOLERANCE:
            reason = f"golden customer {number} is off by {difference:.1e}; retrain, or put the pair back"
            raise ModelError(card_path(path), reason)


def _previous_card(path: Path) -> Path:
    return card_path(path).with_suffix(".json.previous")


def _read_if_there(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _write_aside(path: Path, content: bytes, aside: ExitStack) -> Path:
    """Content on disk in a file beside `path`, which leaving `aside` removes if it is still there."""
    side = path.with_name(f".{path.name}.{os.getpid()}.new")
    aside.callback(side.unlink, missing_ok=True)
    with side.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return side


def _sync_folder(folder: Path) -> None:
    """Makes the renames in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
