"""The folder that gunicorn's workers share: their metrics, and the newest model that any of them verified.

Owns its life: it is made where there is room for it, and gone with the service. A service that was killed leaves it
behind; the next one that starts removes it.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from churn.errors import WriteError

IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (not a file's name; mkdtemp makes that)
"""Where files are memory, if there is such a place here."""

BORN_BYTES = 20 * 1024
"""What the files of metrics take up when a worker, or its master, has just begun."""
GROWN_BYTES = 72 * 1024
"""What they grow to, once every route has been asked with every method and every field been wrong in every way.

Measured with the 19 fields of the shipped model: 64 KiB.
"""

_OWNER = "owner"  # a file of the folder that its processes hold a lock on, for as long as one of them lives
_made: list[Path] = []


def shared_folder(workers: int) -> Path:
    """A new and empty folder, for this user only; the same one for the life of the process, and gone with it.

    Raises WriteError when there is no room for the metrics of so many workers.
    """
    if not _made:
        parent = Path(IN_MEMORY or tempfile.gettempdir())
        remove_ownerless_folders(parent)
        check_room(parent, workers)
        try:
            folder = Path(tempfile.mkdtemp(prefix="churn-", dir=parent))
            _own_folder(folder)
        except OSError as error:
            raise WriteError(str(parent), str(error.strerror)) from None
        atexit.register(_remove_folder, folder, os.getpid())
        _made.append(folder)
    return _made[0]


def needed_bytes(workers: int) -> int:
    """The room that the metrics of so many workers take up, at most.

    That is the master, all workers, their successors at a reload, and the folded counts of the dead, twice while they
    are being replaced.
    """
    return BORN_BYTES + workers * (GROWN_BYTES + BORN_BYTES) + 2 * GROWN_BYTES


def check_room(parent: Path, workers: int) -> None:
    """Raises WriteError when a folder's file system lacks the room that so many workers need."""
    stat = os.statvfs(parent)
    free, needed = stat.f_bavail * stat.f_frsize, needed_bytes(workers)
    if stat.f_blocks and free < needed:  # no blocks: as much as the machine has
        reason = f"the metrics (workers: {workers}) need {needed // 1024} KiB, and {free // 1024} KiB are free"
        raise WriteError(str(parent), f"{reason}; make it larger (docker run --shm-size), or remove what fills it")


def remove_ownerless_folders(parent: Path) -> None:
    """Removes the shared folders that no living process owns.

    A lock tells that, not a process id: services in other containers may share the memory, but not the numbers.
    """
    for folder in parent.glob("churn-*"):
        with suppress(OSError):  # not a shared folder, another user's, or owned
            stat = folder.stat(follow_symlinks=False)
            owner = os.open(folder / _OWNER, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if stat.st_uid == os.geteuid():
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(owner)


def _own_folder(folder: Path) -> None:
    """Locks the folder's mark before it is called so: without one a folder is being made, and left alone."""
    aside = folder / f".{_OWNER}"
    fcntl.flock(os.open(aside, os.O_RDONLY | os.O_CREAT, 0o600), fcntl.LOCK_EX)  # open to the end; workers inherit it
    aside.rename(folder / _OWNER)


def _remove_folder(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a worker that ends leaves it to the others
        shutil.rmtree(folder, ignore_errors=True)
