"""The card of a model file: the facts about the model, as a JSON file.

Owns the content of a card and how its bytes are made and read. `pair` keeps the card with its model file, `file`
checks that the model gives the card's answers, and `seal` detects a change.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from churn.model.contract import Contract
from churn.model.curves import Curve
from churn.model.fields import Value
from churn.model.interactions import Interaction
from churn.model.seal import UNSEALED, seal
from churn.model.training_counts import TrainingCounts

DEFAULT_THRESHOLD = 0.5
"""The churn probability from which a customer counts as leaving, unless another one is set."""

_MOST_CONTAINERS, _MOST_VALUES = 200_000, 1_000_000  # of a card; that of a model with 20,000 columns has fewer
_MOST_GOLDEN_VALUES = 50_000_000  # of the golden customers, with those taken from the first one: seconds of work


LONGEST_EVENT = 40
"""The most characters of the event's verb, which is used in headings."""


class Golden(Struct, frozen=True):
    """A synthetic customer in clean spelling, with the probability that scikit-learn gave it at training.

    A missing field has the value of the card's first golden customer, which has all fields.
    """

    customer: dict[str, Value]
    probability: Annotated[float, Meta(ge=0, le=1)]


class Card(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The facts about a model file: what the model expects, where it comes from, what it must answer.

    `average` is the average customer: the mean of every column over the rows that the model was fitted on.
    `card_sha256` comes first, since it is the seal of the bytes. `counts` are training's counts in bins. Older cards
    may lack these three.

    `curves` and `interactions` are what the model's weights add up to, for readers of a card that do not have the
    model. For each interaction, `shares` has the share of the rows that the model was fitted on in each cell; the
    shares add up to 1.
    """

    card_sha256: str | None = None
    model_sha256: str
    target: str
    event: Annotated[str, Meta(min_length=1, max_length=LONGEST_EVENT)] | None = None
    threshold: Annotated[float, Meta(ge=0, le=1)]
    contract: Contract
    training: dict[str, Any]
    table: dict[str, Any]
    figures: dict[str, Any]
    average: dict[str, float] | None = None
    curves: tuple[Curve, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    shares: tuple[tuple[tuple[float, ...], ...], ...] = ()
    counts: TrainingCounts | None = None
    golden: Annotated[tuple[Golden, ...], Meta(min_length=1)]


def encode_card(card: Card) -> bytes:
    """The bytes of the card's file, sealed."""
    unsealed = msgspec.json.encode(msgspec.structs.replace(card, card_sha256=UNSEALED))
    return seal(msgspec.json.format(unsealed, indent=2) + b"\n")


def decode_card(card_json: bytes) -> Card:
    """The card in these JSON bytes. Raises ValueError for other bytes, and for few bytes that take long to read."""
    if card_json.count(b"{") + card_json.count(b"[") > _MOST_CONTAINERS or card_json.count(b",") > _MOST_VALUES:
        raise ValueError("it has more objects, arrays or values than a card of any model")
    card = msgspec.json.decode(card_json, type=Card)
    if len(card.golden) * len(card.golden[0].customer) > _MOST_GOLDEN_VALUES:
        raise ValueError("it has more golden customers with so many fields than a card of any model")
    return card
