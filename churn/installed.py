"""Checks that the packages of a command are installed in this Python; owns the line that says how to get them.

The environments are in .venv: `make serve` installs the packages for serving, `make install` all packages.
"""

import sys
from importlib.util import find_spec

SERVING = (
    "click",
    "flask",
    "flask_swagger_ui",
    "msgspec",
    "prometheus_client",
    "pythonjsonlogger",
    "werkzeug",
)
"""The packages that the service imports."""
TRAINING = ("msgspec", "numpy", "pandas", "scipy", "sklearn")
"""The packages that a training imports."""


def require_serving(command: str) -> None:
    """Ends a command that serves, with one line and exit status 2, if this Python lacks a package."""
    if package := _find_missing(SERVING):
        missing = f"{package} is not installed in this Python"
        if command.startswith("python -m "):
            _refuse(command, f"{missing}: make install, then .venv/bin/{command}")
        _refuse(command, f"{missing}: make serve installs it in .venv, and serves")


def require_training(command: str) -> None:
    """Ends a command that trains, with one line and exit status 2, if this Python lacks a package."""
    if package := _find_missing(TRAINING):
        _refuse(command, f"{describe_missing(package)}, then .venv/bin/python {command}")


def describe_missing(package: str) -> str:
    """The advice for a missing package that only the development environment has.

    >>> describe_missing("pandas")
    'pandas is not installed in this Python: make install (or pipenv install --dev)'
    """
    return f"{package} is not installed in this Python: make install (or pipenv install --dev)"


def _find_missing(packages: tuple[str, ...]) -> str | None:
    return next((package for package in packages if find_spec(package) is None), None)


def _refuse(command: str, reason: str) -> None:
    print(f"{command}: {reason}", file=sys.stderr)
    sys.exit(2)
