"""The shared parts of the FastAPI twins: the contract as a pydantic model, our weights, answer, refusal and key."""

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, HTTPException, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, ConfigDict, Field, create_model

from bench.customers import MODEL
from bench.peers.lock import KEY, is_known
from churn.model.fields import Category, Flag
from churn.model.fields import Field as ContractField
from churn.model.file import load_model
from churn.model.scoring import probability

_scorer = load_model(MODEL).scorer
if _scorer.curves or _scorer.interactions:
    raise SystemExit(f"{MODEL.name} has curves or pairs of fields, which the twins can't weigh")


def annotation(field: ContractField) -> Any:
    """The pydantic type of a field; a number must be a number in JSON, not a text or a bool."""
    if isinstance(field, Category):
        return Literal[field.categories]
    if isinstance(field, Flag):
        return Literal[0, 1]
    lowest, highest = _scorer.limits[field.name]
    return Annotated[float, Field(strict=True, ge=lowest, le=highest, allow_inf_nan=False)]


Customer = create_model(
    "Customer",
    __config__=ConfigDict(extra="ignore"),
    **{field.name: (annotation(field), ...) for field in _scorer.contract.fields},
)


class Answer(BaseModel):
    churn_probability: float
    churn: bool


def weigh(customer: BaseModel) -> float:
    """The churn probability of a checked customer, by lookups of our weights, without further checks."""
    values = vars(customer)
    log_odds = _scorer.intercept
    for name, weights in _scorer.lookups:
        log_odds += weights[values[name]]
    for number in _scorer.numbers:
        value = values[number.field]
        log_odds += number.weight * value + number.log_weight * math.log1p(value)
    return probability(log_odds)


def answer(churn_probability: float) -> Response:
    """The answer as JSON, written by pydantic itself: a little faster than FastAPI with a response model."""
    content = Answer(churn_probability=churn_probability, churn=churn_probability >= 0.5)
    return Response(content.model_dump_json(), media_type="application/json")


def new_app() -> FastAPI:
    """An app whose refusals do not repeat the customer's values."""
    return FastAPI(exception_handlers={RequestValidationError: _refuse})


def key_checks() -> Sequence[Any]:
    """The dependencies of a route that needs the key, if there is a key, as in FastAPI's documentation."""
    return [Depends(_check_key)] if KEY else []


async def _check_key(key: Annotated[str, Security(APIKeyHeader(name="X-API-Key"))]) -> None:
    if not is_known(key.encode()):
        raise HTTPException(401)


async def _refuse(request: Request, error: RequestValidationError) -> JSONResponse:
    """A 422 without the values. FastAPI's own repeats them, and becomes a 500 if one of them is not finite."""
    problems = [{"loc": problem["loc"], "msg": problem["msg"], "type": problem["type"]} for problem in error.errors()]
    return JSONResponse({"detail": problems}, status_code=422)
