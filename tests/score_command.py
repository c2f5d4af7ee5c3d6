"""The command that scores files, run as its own process."""

import signal
import subprocess
import sys

from tests.customers import PROJECT

COMMAND = [sys.executable, "-W", "error", "-m", "flask", "--app", "predict", "score"]


def score(*arguments, **options) -> subprocess.CompletedProcess:
    """The finished command with its output and status; the options are those of subprocess.run."""
    options = {"capture_output": True, "check": False, "cwd": PROJECT} | options
    return subprocess.run([*COMMAND, *map(str, arguments)], **options)


def heed_interrupts() -> None:
    """A `preexec_fn` for a command that a test interrupts: a process that a shell runs in the background ignores
    SIGINT.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
