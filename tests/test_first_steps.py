"""The first commands of a newcomer: a Python that is too old, environments of another Python, missing packages."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest

from churn.installed import SERVING
from tests.customers import PROJECT

OLD = (3, 10, 13)
COMMANDS = ["train.py", "predict.py", "predict-test.py", "check-deploy.py", "-m churn version"]
STAND_IN = """#!/bin/sh
# A Python of one version that makes environments of stand-ins, and writes down what it is asked to do.
echo "$(basename "$0") $*" >>"{log}"
case "$*" in
    --version) echo "Python {version}" ;;
    *"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && cp "{folder}/pipenv" "$3/bin/pipenv" ;;
esac
"""
PIPENV = """#!/bin/sh
echo "pipenv $*" >>"{log}"
mkdir -p .venv/bin
[ -e .venv/bin/python ] || cp .pipenv/bin/python .venv/bin/python
printf '#!/bin/sh\\necho serving\\n' >.venv/bin/gunicorn
chmod +x .venv/bin/gunicorn
"""


@pytest.fixture
def place(tmp_path):
    """A folder with the Makefile, and in `bin` stand-ins for three Pythons."""
    bin, log = tmp_path / "bin", tmp_path / "log.txt"
    bin.mkdir()
    (bin / "pipenv").write_text(PIPENV.format(log=log))
    for name, version in {"python3": "3.10.13", "python3.12": "3.12.1", "python3.13": "3.13.0"}.items():
        (bin / name).write_text(STAND_IN.format(log=log, version=version, folder=bin))
    for path in bin.iterdir():
        path.chmod(0o755)
    for name in ("Makefile", "Pipfile.lock"):
        shutil.copy(PROJECT / name, tmp_path)
    return tmp_path


def make(place, *arguments):
    """The output of make, and its status."""
    environ = {name: value for name, value in os.environ.items() if name not in ("PYTHON", "MAKEFLAGS", "MAKELEVEL")}
    environ["PATH"] = f"{place / 'bin'}:{environ['PATH']}"
    finished = subprocess.run(
        ["make", *arguments], cwd=place, env=environ, capture_output=True, text=True, check=False
    )
    return finished.returncode, finished.stdout, finished.stderr


def python_of(place):
    return subprocess.check_output([place / ".venv/bin/python", "--version"], text=True).split()[1]


@pytest.mark.parametrize("target", ["serve", "test-fast", "check-deploy"])
def test_a_python_that_is_too_old_is_one_line_before_anything_is_made(place, target):
    before = sorted(path.name for path in place.iterdir())
    status, said, wrong = make(place, target)
    assert (status, said) == (2, "")
    assert f"needs Python 3.11 or newer; python3 is 3.10.13: make {target} PYTHON=python3.12" in wrong
    assert wrong.count("\n") == 1
    assert sorted(path.name for path in place.iterdir()) == sorted([*before, "log.txt"])
    assert "venv" not in (place / "log.txt").read_text()


def test_a_python_that_is_not_there_is_one_line(place):
    status, _, wrong = make(place, "serve", "PYTHON=python3.99")
    assert (status, wrong.count("\n")) == (2, 1)
    assert "python3.99 is not there" in wrong


def test_the_list_of_targets_needs_no_python(place):
    status, said, _ = make(place)
    assert status == 0
    assert "make serve " in said


def test_make_tells_a_user_of_windows_what_to_use(place):
    status, said, wrong = make(place, "serve", "OS=Windows_NT")
    assert (status, said, wrong.count("\n")) == (2, "", 1)
    assert "WSL or Docker" in wrong
    assert "WSL" in (PROJECT / "README.md").read_text()


def test_an_environment_is_made_once_and_its_python_is_used_from_then_on(place):
    assert make(place, "serve", "PYTHON=python3.12")[0] == 0
    made = (place / "log.txt").read_text()
    assert made.count("pipenv sync") == 1
    status, said, _ = make(place, "serve")
    assert (status, said.splitlines()[-1]) == (0, "serving")
    assert python_of(place) == "3.12.1"
    assert (place / "log.txt").read_text().count("pipenv sync") == 1


def test_an_environment_of_another_python_is_made_again(place):
    assert make(place, "serve", "PYTHON=python3.12")[0] == 0
    (place / ".venv/left").touch()
    assert make(place, "serve", "PYTHON=python3.13")[0] == 0
    assert python_of(place) == "3.13.0"
    assert not (place / ".venv/left").exists()


@pytest.mark.parametrize("target", ["serve", "install"])
def test_an_environment_left_by_a_python_that_is_too_old_is_made_again(place, target):
    for folder in (".pipenv", ".venv"):
        (place / folder / "bin").mkdir(parents=True)
        shutil.copy(place / "bin/python3", place / folder / "bin/python")
    for stamp in (".pipenv/2026.10.3", ".venv/serving", ".venv/development"):
        (place / stamp).touch()
    assert make(place, target)[0] == 2
    assert make(place, target, "PYTHON=python3.12")[0] == 0
    assert python_of(place) == "3.12.1"
    assert not (place / ".pipenv/2026.10.3").exists()


def test_an_environment_of_the_same_python_is_kept(place):
    (place / ".venv/bin").mkdir(parents=True)
    shutil.copy(place / "bin/python3.12", place / ".venv/bin/python")
    (place / ".venv/left").touch()
    assert make(place, "serve")[0] == 0
    assert (place / ".venv/left").exists()


def run(command: str, before: str, **environ: str) -> subprocess.CompletedProcess:
    """The outcome of a command in a Python that ran `before` first."""
    words = command.split()
    if words[0] == "-m":
        start = f"sys.argv = {words[1:]!r}; runpy.run_module({words[1]!r}, run_name='__main__')"
    else:
        start = f"sys.argv = {words!r}; runpy.run_path({words[0]!r}, run_name='__main__')"
    code = f"import sys, runpy; sys.path.insert(0, ''); {before}; {start}"
    command = [sys.executable, "-B", "-c", code]
    return subprocess.run(command, cwd=PROJECT, env=os.environ | environ, capture_output=True, text=True, check=False)


def without(*packages: str) -> str:
    return f"sys.modules.update(dict.fromkeys({packages!r}))"  # None: as if it were not installed


@pytest.mark.parametrize("command", [command for command in COMMANDS if command != "predict-test.py"])
def test_every_command_reports_in_one_line_that_a_python_is_too_old(command):
    finished = run(command, f"sys.version_info = {OLD}; sys.modules['tomllib'] = None")
    assert finished.returncode == 1
    assert finished.stderr == "the churn service needs Python 3.11 or newer, and this is 3.10.13\n"


def test_every_command_tells_a_user_of_windows_what_to_use():
    finished = run("train.py", "sys.platform = 'win32'")
    assert (finished.returncode, finished.stderr.count("\n")) == (1, 1)
    assert "WSL or Docker" in finished.stderr


def test_the_code_that_runs_before_that_line_is_valid_for_a_python_that_is_too_old():
    for name in ("train.py", "predict.py", "gunicorn.conf.py", "check-deploy.py", "churn/__init__.py"):
        ast.parse((PROJECT / name).read_text(), feature_version=OLD[:2])


@pytest.mark.parametrize(
    ("command", "missing", "status", "advice"),
    [
        ("train.py", "pandas", 2, "make install (or pipenv install --dev), then .venv/bin/python train.py"),
        ("train.py", "msgspec", 2, "make install"),
        ("predict.py", "flask", 2, "make serve"),
        ("-m churn version", "click", 2, "make install, then .venv/bin/python -m churn"),
        ("-m churn adopt x.bin --table data/telco-churn.csv --output y.bin", "pandas", 2, "make install"),
        ("predict-test.py", "requests", 1, "make install, then .venv/bin/python predict-test.py"),
    ],
)
def test_a_package_that_is_not_installed_is_one_line_with_the_command_that_installs_it(
    command, missing, status, advice
):
    finished = run(command, without(missing))
    assert (finished.returncode, finished.stdout) == (status, "")
    assert finished.stderr.count("\n") == 1
    assert missing in finished.stderr
    assert advice in finished.stderr
    assert re.search(rf"^{re.search('make ([a-z]+)', advice)[1]}: ", (PROJECT / "Makefile").read_text(), re.MULTILINE)


def test_the_packages_of_the_service_are_those_that_the_pipfile_installs_for_it():
    installed = tomllib.loads((PROJECT / "Pipfile").read_text())["packages"]
    modules = {"prometheus-client": "prometheus_client", "python-json-logger": "pythonjsonlogger"}
    names = {modules.get(package, package.replace("-", "_")) for package in installed}
    assert set(SERVING) == names - {"gunicorn"}  # gunicorn is not checked: it reads gunicorn.conf.py itself
