"""The card of a model file: what is known of the model, as a file of JSON.

Owns what is in a card and how its bytes are made and read. Where it stands and how it stays with its model is pair's,
whether the model answers as it says is file's, and how it notices a change is seal's.
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
"""The churn probability from which a customer counts as leaving, where a card says nothing else."""

_MOST_CONTAINERS, _MOST_VALUES = 200_000, 1_000_000  # of a card; a model of 20,000 columns has fewer
_MOST_GOLDEN_VALUES = 50_000_000  # of the golden customers, those included that are the first one's: seconds of work


LONGEST_EVENT = 40
"""Characters of a verb, which stands in headings."""


class Golden(Struct, frozen=True):
    """A synthetic customer in clean spelling, with the probability that scikit-learn gave it at training.

    A field that is not there has the value of the card's first golden customer, which has all fields.
    """

    customer: dict[str, Value]
    probability: Annotated[float, Meta(ge=0, le=1)]


class Card(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a model file: what it expects, where it comes from, what it must answer.

    `average` is the average customer: the mean of every column over the rows that the model was fitted on. A card
    of before there were reasons has none. `card_sha256` comes first, since it is the seal of the bytes; a card of
    before there were seals has none.

    `curves` and `interactions` are what the model's weights add up to, for readers of a card that have no model. For
    each interaction, `shares` has the share of the rows that the model was fitted on in each cell; they add up to 1.
    `counts` are training's, in bins; a card of before there were counts has none.
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
    """The card as its file holds it, sealed."""
    unsealed = msgspec.json.encode(msgspec.structs.replace(card, card_sha256=UNSEALED))
    return seal(msgspec.json.format(unsealed, indent=2) + b"\n")


def decode_card(card_json: bytes) -> Card:
    """The card in some JSON. Raises ValueError for what is none, and for what is small to write and huge to read."""
    if card_json.count(b"{") + card_json.count(b"[") > _MOST_CONTAINERS or card_json.count(b",") > _MOST_VALUES:
        raise ValueError("it has more objects, arrays or values than a card of any model")
    card = msgspec.json.decode(card_json, type=Card)
    if len(card.golden) * len(card.golden[0].customer) > _MOST_GOLDEN_VALUES:
        raise ValueError("it has more golden customers of so many fields than a card of any model")
    return card
