"""The folder that gunicorn's workers share: their metrics, the newest model that any of them verified, and the counts
of the customers that they answer.

Owns its life: it is made where there is room for it, and gone with the service. A service that was killed leaves it
behind; the next one that starts removes it.
"""

import atexit
import errno
import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from churn.errors import WriteError

IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (not a file's name; mkdtemp makes that)
"""Where files are memory, if there is such a place here."""

BORN_BYTES = 32 * 1024
"""What the files of metrics take up when a worker, or its master, has just begun."""
GROWN_BYTES = 84 * 1024
"""What they grow to, once every route has been asked with every method and every field been wrong in every way.

Measured with the 19 fields of the shipped model: 80 KiB.
"""

COUNTS_BYTES = 8 * 1024
"""What a worker's counts of one model's customers take up.

Measured with the shipped model, whose counts have 452 places of 16 bytes. Those of a larger one are kept where there
is room for them besides: see check_room_of_counts.
"""

_OWNER = "owner"
"""A file of the folder that its processes hold a lock on, for as long as one of them lives. It has the number of the
workers that the folder was made for."""
_made: list[Path] = []


def shared_folder(workers: int) -> Path:
    """A new and empty folder, for this user only; the same one for the life of the process, and gone with it.

    Raises WriteError when there is no room for what so many workers keep there.
    """
    if not _made:
        parent = Path(IN_MEMORY or tempfile.gettempdir())
        remove_ownerless_folders(parent)
        check_room(parent, workers)
        try:
            folder = Path(tempfile.mkdtemp(prefix="churn-", dir=parent))
            _own_folder(folder, workers)
        except OSError as error:
            raise WriteError(str(parent), str(error.strerror)) from None
        atexit.register(_remove_folder, folder, os.getpid())
        _made.append(folder)
    return _made[0]


def needed_bytes(workers: int, *, counts_bytes: int = COUNTS_BYTES) -> int:
    """The room that the metrics and the counts of so many workers take up, at most.

    Metrics are those of the master, all workers, their successors at a reload, and the folded ones of the dead, twice
    while they are being replaced. Counts are those of all workers and of their successors at a reload, or of two
    models at a swap, each twice, since the fast lane counts apart; what is shown of them is smaller, there is one for
    each model and one that takes its place.
    """
    metrics = BORN_BYTES + workers * (GROWN_BYTES + BORN_BYTES) + 2 * GROWN_BYTES
    return metrics + (4 * workers + 3) * counts_bytes


def check_room(parent: Path, workers: int) -> None:
    """Raises WriteError when a folder's file system lacks the room that so many workers need."""
    free, needed = _free_bytes(parent), needed_bytes(workers)
    if free is not None and free < needed:
        reason = f"metrics and counts (workers: {workers}) need {needed // 1024} KiB, and {free // 1024} KiB are free"
        raise WriteError(str(parent), f"{reason}; make it larger (docker run --shm-size), or remove what fills it")


def check_room_of_counts(folder: Path, size: int) -> None:
    """Raises OSError when counts of so many bytes would take the room that the workers' metrics may need.

    To write to a mapped file without room would end a worker, and metrics grow while it works. What the folder takes
    up already is part of the need: each worker gets the same answer, and so does the successor of one that ended.
    """
    owner = folder / _OWNER
    if size > COUNTS_BYTES and owner.exists():  # else the folder is nobody's but this process's
        workers = int(owner.read_text())
        free, needed = _free_bytes(folder), needed_bytes(workers, counts_bytes=size)
        if free is not None and (room := free + _taken_bytes(folder)) < needed:
            reason = f"metrics and counts of {size // 1024} KiB (workers: {workers}) need {needed // 1024} KiB"
            raise OSError(errno.ENOSPC, f"{reason}, and there are {room // 1024} KiB for them")


def _free_bytes(folder: Path) -> int | None:
    """What is free where a folder is; None where there is as much as the machine has."""
    stat = os.statvfs(folder)
    return stat.f_bavail * stat.f_frsize if stat.f_blocks else None


def _taken_bytes(folder: Path) -> int:
    """The room that the files of a folder take up; one may go meanwhile."""
    taken = 0
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            taken += path.stat().st_blocks * 512
    return taken


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


def _own_folder(folder: Path, workers: int) -> None:
    """Locks the folder's mark before it is called so: without one a folder is being made, and left alone."""
    aside = folder / f".{_OWNER}"
    descriptor = os.open(aside, os.O_RDWR | os.O_CREAT, 0o600)  # open to the end; workers inherit it
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.write(descriptor, str(workers).encode())
    aside.rename(folder / _OWNER)


def _remove_folder(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a worker that ends leaves it to the others
        shutil.rmtree(folder, ignore_errors=True)
