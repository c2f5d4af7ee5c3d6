"""The folder that gunicorn's workers share: their metrics, and the newest model that any of them verified."""

import functools
import os
import tempfile
from pathlib import Path

IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (not a file's name; mkdtemp makes that)
"""Where files are memory, if there is such a place here."""


@functools.cache
def shared_folder() -> Path:
    """A new and empty folder, readable by this user only; the same one for the life of the process."""
    return Path(tempfile.mkdtemp(prefix="churn-", dir=IN_MEMORY))
