"""The command that scores files, as a process of its own."""

import subprocess
import sys

from tests.customers import PROJECT

COMMAND = [sys.executable, "-W", "error", "-m", "flask", "--app", "predict", "score"]


def score(*arguments, **options) -> subprocess.CompletedProcess:
    """What the command says and how it ends; the options are subprocess.run's."""
    options = {"capture_output": True, "check": False, "cwd": PROJECT} | options
    return subprocess.run([*COMMAND, *map(str, arguments)], **options)
