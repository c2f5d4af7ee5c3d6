"""The generators of clients for the tests, installed by make test-clients, and the commands of docs/clients.md.

Where a generator is missing its tests are skipped; with CLIENT_TESTS=required they fail.
"""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.customers import PROJECT

PAGE = (PROJECT / "docs" / "clients.md").read_text(encoding="utf-8")
INSTALLED = PROJECT / ".clients"
PYTHON, NODE_MODULES = INSTALLED / "python" / "bin", INSTALLED / "node" / "node_modules"
LEFT_OUT = (
    "the client tests were left out: no {} here (make test-clients installs the generators, with Node.js and npm)"
)
_PAGES_SERVICE = "http://localhost:9696"


def need_clients() -> None:
    """Skip a module of tests where a generator is missing, or fail it where the generators are required."""
    there = {
        "openapi-python-client": (PYTHON / "openapi-python-client").exists(),
        "openapi-typescript": (NODE_MODULES / ".bin" / "openapi-typescript").exists(),
        "node": shutil.which("node") is not None,
    }
    missing = " and no ".join(name for name, is_there in there.items() if not is_there)
    if missing and os.environ.get("CLIENT_TESTS") == "required":
        pytest.fail(LEFT_OUT.format(missing), pytrace=False)
    if missing:
        pytest.skip(LEFT_OUT.format(missing), allow_module_level=True)


def read_commands(language: str) -> list[list[str]]:
    """The page's commands for a language, split as a shell splits them."""
    section = PAGE.split(f"## {language}\n")[1].split("\n## ")[0]
    lines = re.findall(r"^\$ (.*)$", section, re.MULTILINE)
    return [shlex.split(line) for line in lines]


def write_program(path: Path, fence: str, url: str) -> None:
    """Write the page's program in a language, with the address of this service."""
    (program,) = re.findall(rf"^```{fence}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    path.write_text(program.replace(_PAGES_SERVICE, url), encoding="utf-8")


def run(command: list[str], folder: Path, url: str) -> str:
    """The output of one of the page's commands, run with the generators first on the path. It must succeed."""
    words = [word.replace(_PAGES_SERVICE, url) for word in command]
    path = os.pathsep.join([str(PYTHON), str(NODE_MODULES / ".bin"), os.environ["PATH"]])
    environ = os.environ | {"PATH": path, "NO_COLOR": "1"}
    finished = subprocess.run(
        words, cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout + finished.stderr
