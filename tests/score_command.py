"""The command that scores files, as a process of its own."""

import signal
import subprocess
import sys

from tests.customers import PROJECT

COMMAND = [sys.executable, "-W", "error", "-m", "flask", "--app", "predict", "score"]


def score(*arguments, **options) -> subprocess.CompletedProcess:
    """What the command says and how it ends; the options are subprocess.run's."""
    options = {"capture_output": True, "check": False, "cwd": PROJECT} | options
    return subprocess.run([*COMMAND, *map(str, arguments)], **options)


def heed_interrupts() -> None:
    """A `preexec_fn` for a command that is to be interrupted: what a shell runs in the background ignores SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
