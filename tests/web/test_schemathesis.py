"""Schemathesis, driven by the document: no 5xx, no answer outside of it, and all that it allows is accepted."""

import csv
import io
import re

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.specs.openapi import checks

from churn.server.served_model import ServedModel
from tests.apps import make_app
from tests.customers import GOOD, PROJECT
from tests.drawn_customers import customers

pytestmark = pytest.mark.slow

SERVED = ServedModel(PROJECT / "model_C=1.0.bin")
KEY = {"X-API-Key": "a-key"}
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
    checks.positive_data_acceptance,
]


def spell(number: float, mark: str) -> str:
    """A number whose decimal mark is unambiguous: 1.125, which could be read as thousands, becomes 1.1250."""
    text = str(number)
    return (f"{text}0" if re.fullmatch(r"[0-9]{1,3}\.[0-9]{3}", text) else text).replace(".", mark)


@st.composite
def tables(draw) -> bytes:
    """A CSV of good customers, in one of the forms that the document describes."""
    delimiter, mark = draw(st.sampled_from([(",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ",")]))
    names = draw(st.permutations([*GOOD, "id"]))
    table = io.StringIO()
    writer = csv.writer(table, delimiter=delimiter)
    writer.writerow(names)
    for customer in draw(st.lists(customers, max_size=3)):
        cells = customer | {"id": "7590-VHVEG", "seniorcitizen": int(customer["seniorcitizen"])}
        cells |= {name: spell(number, mark) for name, number in cells.items() if isinstance(number, float)}
        writer.writerow(cells[name] for name in names)
    return table.getvalue().encode()


schemathesis.openapi.media_type("text/csv", tables())


def driven_by(*, invents_keys: bool, **options):
    """The document of an app, in the form that parametrises tests."""
    default = ProjectConfig(generation=GenerationConfig(with_security_parameters=invents_keys))
    config = SchemathesisConfig(seed=1, projects=ProjectsConfig(default=default))
    app = make_app(SERVED, **options)
    return schemathesis.openapi.from_wsgi("/openapi.json", app, headers=KEY, config=config)


bounded = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
open_api = driven_by(invents_keys=False)
guarded_api = driven_by(invents_keys=False, API_KEY="a-key")
locked_api = driven_by(invents_keys=True, API_KEY="a-key")


def ask(case, headers: dict[str, str], excluded=()) -> None:
    excluded, query = [*excluded], case.query or {}
    of_csv, in_json = case.media_type == "text/csv", headers.get("Accept") == "application/json"
    if (
        (query.get("errors") == "report" and not of_csv)
        or (query.get("cells") == "true" and not (of_csv and in_json))
        or (of_csv and "decimal_mark" in query)  # the drawn table may have the other mark
    ):
        excluded += [checks.positive_data_acceptance]  # the document has it in words, since OpenAPI can't express it
    case.call_and_validate(headers=headers, checks=[check for check in CHECKS if check not in excluded])


@open_api.parametrize()
@bounded
def test_no_answer_is_outside_the_document(case):
    ask(case, {})


@open_api.include(path="/predict").parametrize()
@settings(bounded, max_examples=30)
def test_no_answer_in_json_is_outside_the_document(case):
    ask(case, {"Accept": "application/json"})


@guarded_api.parametrize()
@settings(bounded, max_examples=30)
def test_no_answer_is_outside_the_document_with_a_key(case):
    ask(case, KEY)


@locked_api.parametrize()
@settings(bounded, max_examples=10)
def test_no_answer_is_outside_the_document_without_the_key(case):
    closed = "401" in case.operation.definition.raw["responses"]
    ask(case, {}, excluded=[checks.unsupported_method] if closed else [])  # a closed path answers only 401
