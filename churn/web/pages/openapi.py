"""The OpenAPI document of the service: openapi.json beside this file, with what depends on the model and the app.

The file has every path, answer and problem, written by hand. Filled in here are the customer, the limits' numbers and
whether there are keys; nothing is said twice.
"""

import csv
import io
import re
from collections.abc import Collection, Mapping
from importlib.resources import files
from string import Template
from typing import Any

import msgspec

from churn import __version__
from churn.errors import Problem
from churn.model.fields import Value
from churn.model.file import Model
from churn.model.refusals import MAX_PROBLEMS
from churn.server.headers import SANE_REQUEST_ID
from churn.tables.answer_cells import MAX_ROW_PROBLEMS
from churn.tables.csv_lines import MAX_ROW_CHARACTERS
from churn.web.answers import MAX_REASONS
from churn.web.bodies import CSV, JSON, MAX_CONTAINERS, MAX_CUSTOMER_BYTES, MAX_CUSTOMERS, MAX_VALUES
from churn.web.pages.example import example_customer
from churn.web.pages.json_schema import customer_schema
from churn.web.queries import MOST_DIGITS

_WITHOUT_A_KEY = (
    "\n\nWithout a key every path but the open ones is answered by 401, those that do not exist and methods that a "
    "path does not take included."
)

_MARKDOWN = re.compile(r"[!-/:-@\[-`{-~]")  # the punctuation of ASCII, any of which a backslash makes a text


class _Skeleton(Template):
    delimiter = "%"  # a $ begins every $ref


def read_skeleton(*, max_content_length_bytes: int) -> str:
    """The document as the file has it, with the limits' numbers in its words."""
    limits = {
        "MAX_CONTENT_LENGTH": max_content_length_bytes,
        "MAX_CUSTOMERS": MAX_CUSTOMERS,
        "MAX_VALUES": MAX_VALUES,
        "MAX_CONTAINERS": MAX_CONTAINERS,
        "MAX_CUSTOMER_BYTES": MAX_CUSTOMER_BYTES,
        "MAX_ROW_CHARACTERS": MAX_ROW_CHARACTERS,
        "MAX_REASONS": MAX_REASONS,
        "MAX_PROBLEMS": MAX_PROBLEMS,
    }
    text = files("churn.web.pages").joinpath("openapi.json").read_text(encoding="utf-8")
    return _Skeleton(text).substitute({name: f"{limit:,}" for name, limit in limits.items()})


def describe_api(
    skeleton: str, model: Model, *, guarded: Collection[str], assets: Mapping[str, Collection[str]]
) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a service with this model, ready to be encoded.

    `guarded` are the paths that want a key, none when there are no keys; `assets` are the files of each path that
    sends some, as in {"/docs/{asset}": ["docs.css"]}.
    """
    document: dict[str, Any] = msgspec.json.decode(skeleton)
    document["info"] |= {"version": __version__, "x-model-version": model.version}
    _fill_limits(document["components"])
    _fill_customer(document, model)
    if model.card and model.card.event:
        _fill_event(document, model.card.event)
    for path, names in assets.items():
        for parameter in document["paths"][path]["get"]["parameters"]:
            if parameter.get("name") in ("name", "asset"):
                parameter["schema"]["enum"] = sorted(names)
    _fill_keys(document, guarded)
    return document


def _fill_limits(components: dict[str, Any]) -> None:
    components["schemas"]["Customers"]["maxItems"] = MAX_CUSTOMERS
    components["schemas"]["RefusedRow"]["properties"]["problems"]["maxItems"] = MAX_ROW_PROBLEMS
    for kind in ("parameters", "headers"):
        components[kind]["X-Request-ID"]["schema"]["pattern"] = f"^{SANE_REQUEST_ID.pattern}$"
    components["parameters"]["explain"]["schema"]["maxLength"] = MOST_DIGITS


def _fill_customer(document: dict[str, Any], model: Model) -> None:
    contract, average = model.scorer.contract, model.card.average if model.card else None
    example = example_customer(contract, average)
    schemas = document["components"]["schemas"]
    schemas["Customer"] = customer_schema(contract, average)
    names = [field.name for field in contract.fields]
    reason = schemas["Reason"]["properties"]
    reason["field"]["enum"] = reason["together_with"]["items"]["enum"] = names
    content = document["paths"]["/predict"]["post"]["requestBody"]["content"]
    first = contract.fields[0]
    refused = document["components"]["responses"]["RefusedCustomers"]["content"]["application/problem+json"]
    refused["example"]["problems"] = [Problem(first.name, "missing", first.expected).to_json()]
    content[JSON]["examples"] = {
        "customer": {"summary": "One customer", "value": example},
        "customers": {"summary": "Two customers", "value": [example, example]},
    }
    content[CSV]["examples"] = {"customers": {"summary": "A table of one customer", "value": _as_csv(example)}}


def _fill_event(document: dict[str, Any], event: str) -> None:
    """Says what the customers do, where it is not leaving; the sentences are Markdown, and the verb is a text."""
    verb = _MARKDOWN.sub(r"\\\g<0>", event)
    info, schemas = document["info"], document["components"]["schemas"]
    info["summary"] = f"Which customers will {event}."
    card, reason = schemas["Card"]["properties"], schemas["Reason"]["properties"]
    for described, leaving, words in (
        (info, "a customer leaves", f"a customer will {verb}"),
        (schemas["Probability"], "the customer leaves", f"the customer will {verb}"),
        (schemas["Class"], "who leave", f"who will {verb}"),
        (card["threshold"], "as leaving", f"as one who will {verb}"),
        (card["classes"], "the one that stays, then the one that leaves", f"no, then yes: will {verb}"),
        (reason["contribution"], "likelier to leave", f"likelier to {verb}"),
    ):
        described["description"] = described["description"].replace(leaving, words)


def _fill_keys(document: dict[str, Any], guarded: Collection[str]) -> None:
    """Says which paths want a key; where none does, the document knows no keys at all."""
    components = document["components"]
    if not guarded:
        del components["securitySchemes"], components["responses"]["Unauthorized"]
    else:
        document["info"]["description"] += _WITHOUT_A_KEY
    for path in guarded:
        for operation in document["paths"][path].values():
            operation["security"] = [{name: []} for name in components["securitySchemes"]]
            operation["responses"]["401"] = {"$ref": "#/components/responses/Unauthorized"}


def _as_csv(customer: Mapping[str, Value]) -> str:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(customer)
    writer.writerow(customer.values())
    return table.getvalue()
