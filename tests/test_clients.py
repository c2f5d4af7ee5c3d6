"""Clients generated from /openapi.json as docs/clients.md describes: compiled, and answered by a running service."""

import json
import os
import re
import subprocess
import sys

import pytest
import requests

from tests.customers import PROJECT
from tests.generated_clients import (
    LEFT_OUT,
    NODE_MODULES,
    need_clients,
    read_commands,
    run,
    write_program,
)
from tests.serving import Server
from tests.shaped import CUSTOMERS, write_shaped

need_clients()

pytestmark = [pytest.mark.clients, pytest.mark.server]

PRINTED = [
    "0.2833 false",  # the course's customer
    "contract internetservice",
    "contract internetservice",
    "tenure out of range 0 to 144; training saw 0 to 72",
]


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("service") / "log") as running:
        yield running


def test_a_client_of_openapi_python_client_gets_the_courses_probability(service, tmp_path):
    _, generate = read_commands("Python")
    told = run(generate, tmp_path, service.url)
    assert set(re.findall(r"(?<=WARNING parsing ).*", told)) == {"POST /predict within scoring."}
    assert re.findall(r"Unsupported.*", told) == ["Unsupported content type text/csv"]
    run(["python", "-m", "compileall", "-q", "churn_client"], tmp_path, service.url)
    write_program(tmp_path / "score.py", "python", service.url)
    assert run(["python", "score.py"], tmp_path, service.url).lower().splitlines() == PRINTED


def test_a_client_of_openapi_typescript_gets_the_courses_probability(service, tmp_path):
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    write_program(tmp_path / "score.ts", "typescript", service.url)
    _, *commands = read_commands("TypeScript")
    *_, printed = [run([word for word in command if word != "npx"], tmp_path, service.url) for command in commands]
    assert printed.splitlines() == PRINTED
    assert re.search(r"together_with\?: .*\[\];", (tmp_path / "churn.d.ts").read_text())


@pytest.fixture(scope="module")
def shaped_service(tmp_path_factory):
    """The service with a model that has pairs of fields."""
    folder = tmp_path_factory.mktemp("shaped")
    with Server(folder / "log", MODEL_FILE=str(write_shaped(folder / "model.bin"))) as running:
        yield running


REASONS = """
import json
from churn_client import Client
from churn_client.api.scoring import predict
from churn_client.models import Customer

customer = Customer.from_dict(json.loads('CUSTOMER'))
for answer in predict.sync(client=Client(base_url="URL"), body=[customer], explain="true"):
    print(json.dumps([[reason.field, reason.together_with or []] for reason in answer.reasons]))
"""


def test_a_client_in_python_has_the_fields_that_a_reason_is_shared_with(shaped_service, tmp_path):
    url, customer = shaped_service.url, CUSTOMERS[0]
    run(read_commands("Python")[1], tmp_path, url)
    (tmp_path / "reasons.py").write_text(REASONS.replace("CUSTOMER", json.dumps(customer)).replace("URL", url))
    printed = json.loads(run(["python", "reasons.py"], tmp_path, url))
    reasons = requests.post(f"{url}/predict?explain=true", json=customer, timeout=5).json()["reasons"]
    assert printed == [[reason["field"], reason.get("together_with", [])] for reason in reasons]
    assert {bool(partners) for _, partners in printed} == {True, False}


def test_the_page_names_the_versions_of_the_generators_that_are_installed():
    wanted = json.loads((PROJECT / "tests/clients/package.json").read_text())["dependencies"]
    assert read_commands("TypeScript")[0] == ["npm", "install", *(f"{name}@{wanted[name]}" for name in wanted)]
    pins = (PROJECT / "tests/clients/requirements.txt").read_text().splitlines()
    assert read_commands("Python")[0] == ["pip", "install", pins[0]]


@pytest.mark.parametrize(("setting", "status"), [("", 0), ("required", 1)])
def test_without_node_these_tests_are_skipped_in_one_line_or_fail_where_they_are_required(setting, status):
    environ = os.environ | {"PATH": "/nonexistent", "CLIENT_TESTS": setting}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", __file__]
    finished = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)
    assert finished.returncode in ((5,) if status == 0 else (1, 2))  # 5: no test was collected
    assert LEFT_OUT.format("node") in finished.stdout
