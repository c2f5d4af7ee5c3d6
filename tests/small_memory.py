"""A small /dev/shm for a service of the tests, in its own namespace: it needs no root, and no other process sees it.

Where the kernel gives users no namespaces its tests are skipped; with SHM_TESTS=required they fail.
"""

import os
import subprocess

import pytest

LEFT_OUT = "the /dev/shm tests were left out: no user namespaces here (unshare -Urm)"
_MOUNT = 'mount -t tmpfs -o size="$0" tmpfs /dev/shm && exec "$@"'


def small_memory(size: str) -> list[str]:
    """A command that runs the command after it with a /dev/shm of this size, as mount spells it ("1m").

    Skips a test where that is impossible, or fails it where it is required.
    """
    command = ["unshare", "-Urm", "sh", "-c", _MOUNT, size]
    try:
        possible = subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        possible = False
    if not possible:
        if os.environ.get("SHM_TESTS") == "required":
            pytest.fail(LEFT_OUT)
        pytest.skip(LEFT_OUT)
    return command


PEAK = """
import atexit, re, pathlib
atexit.register(lambda: print(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]))
from flask.cli import main
main()
"""
