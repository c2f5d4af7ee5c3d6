"""An ASGI app without a framework that looks up the weights and checks only the key: the fastest Python server."""

import math
from collections.abc import Awaitable, Callable
from operator import attrgetter, getitem
from typing import Any

import msgspec

from bench.customers import MODEL
from bench.peers.lock import KEY, is_known
from churn.model.fields import Category
from churn.model.file import load_model
from churn.model.scoring import probability

_scorer = load_model(MODEL).scorer
if _scorer.curves or _scorer.interactions:
    raise SystemExit(f"{MODEL.name} has curves or pairs of fields, which this app can't weigh")

_types = [(field.name, str if isinstance(field, Category) else float) for field in _scorer.contract.fields]
_decode = msgspec.json.Decoder(msgspec.defstruct("Customer", _types, gc=False)).decode
_categories = attrgetter(*(lookup.field for lookup in _scorer.lookups))
_tables = [lookup.weights for lookup in _scorer.lookups]
_numbers = attrgetter(*(number.field for number in _scorer.numbers))
_weights = [(number.weight, number.log_weight) for number in _scorer.numbers]


async def app(scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[..., Awaitable]) -> None:
    if KEY and not is_known(dict(scope["headers"]).get(b"x-api-key")):
        await answer(send, 401, b"")
        return
    message = await receive()
    body = message["body"]
    while message["more_body"]:
        message = await receive()
        body += message["body"]
    customer = _decode(body)
    log_odds = _scorer.intercept + sum(map(getitem, _tables, _categories(customer)))
    for value, (weight, log_weight) in zip(_numbers(customer), _weights, strict=True):
        log_odds += weight * value + log_weight * math.log1p(value)
    churn_probability = probability(log_odds)
    churn = b"true" if churn_probability >= 0.5 else b"false"
    await answer(send, 200, b'{"churn_probability":%a,"churn":%b}' % (churn_probability, churn))


async def answer(send: Callable[..., Awaitable], status: int, content: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
