"""The folder that gunicorn's workers share: their metrics, and the newest model that any of them verified."""

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path

IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (not a file's name; mkdtemp makes that)
"""Where files are memory, if there is such a place here."""


@functools.cache
def shared_folder() -> Path:
    """A new and empty folder, for this user only; the same one for the life of the process, and gone with it."""
    folder = Path(tempfile.mkdtemp(prefix="churn-", dir=IN_MEMORY))
    atexit.register(_remove, folder, os.getpid())
    return folder


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a worker that ends leaves it to the others
        shutil.rmtree(folder, ignore_errors=True)
