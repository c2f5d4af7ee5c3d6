"""The folder that gunicorn's workers share: their metrics, the newest model that any of them verified, and the counts
of the customers that they answer.

Owns the folder's life: it is made where there is enough space, and removed when the service ends. A service that was
killed leaves its folder behind; the next service that starts removes it.
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
"""A folder whose files are in memory; None if this machine has none."""

BORN_BYTES = 32 * 1024
"""The size of the metric files of a worker, or of the master, that has just started."""
GROWN_BYTES = 84 * 1024
"""The size that they grow to once every route was requested with every method and every field had every problem.

Measured with the 19 fields of the shipped model: 80 KiB.
"""

COUNTS_BYTES = 8 * 1024
"""The size of one worker's counts of one model's customers.

Measured with the shipped model, whose counts have 452 places of 16 bytes. The counts of a larger model are kept if
there is enough space for them in addition: see check_room_of_counts.
"""

_OWNER = "owner"
"""A file of the folder on which its processes hold a lock as long as one of them lives. It contains the number of
workers that the folder was made for."""
_made: list[Path] = []


def shared_folder(workers: int) -> Path:
    """The shared folder: made empty and for this user only at the first call, removed when the process ends.

    Raises WriteError when there is not enough space for the files of `workers` workers.
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
    """The most space that the metrics and the counts of `workers` workers take up.

    Metric files: the master's, those of all workers and of their successors at a reload, and the folded one of ended
    workers, which exists twice while it is replaced. Counts: those of all workers and of their successors at a reload
    (or of two models at a swap), twice, because the fast lane has its own; and the snapshots that may be shown, which
    are smaller: one for each model, and one that replaces it.
    """
    metrics = BORN_BYTES + workers * (GROWN_BYTES + BORN_BYTES) + 2 * GROWN_BYTES
    return metrics + (4 * workers + 3) * counts_bytes


def check_room(parent: Path, workers: int) -> None:
    """Raises WriteError when a folder's file system has less free space than `workers` workers need."""
    free, needed = _free_bytes(parent), needed_bytes(workers)
    if free is not None and free < needed:
        reason = f"metrics and counts (workers: {workers}) need {needed // 1024} KiB, and {free // 1024} KiB are free"
        raise WriteError(str(parent), f"{reason}; make it larger (docker run --shm-size), or remove what fills it")


def check_room_of_counts(folder: Path, size: int) -> None:
    """Raises OSError when counts of `size` bytes would take space that the workers' metrics may need.

    Writing to a mapped file on a full file system would end a worker, and metrics grow while it works. Space that the
    folder's files already take up counts as available, so each worker, and the successor of one that ended, gets the
    same answer.
    """
    owner = folder / _OWNER
    if size > COUNTS_BYTES and owner.exists():  # without an owner file the folder is private to this process
        workers = int(owner.read_text())
        free, needed = _free_bytes(folder), needed_bytes(workers, counts_bytes=size)
        if free is not None and (room := free + _taken_bytes(folder)) < needed:
            reason = f"metrics and counts of {size // 1024} KiB (workers: {workers}) need {needed // 1024} KiB"
            raise OSError(errno.ENOSPC, f"{reason}, and there are {room // 1024} KiB for them")


def _free_bytes(folder: Path) -> int | None:
    """The free bytes of a folder's file system; None if the file system has no size limit."""
    stat = os.statvfs(folder)
    return stat.f_bavail * stat.f_frsize if stat.f_blocks else None


def _taken_bytes(folder: Path) -> int:
    """The bytes that the files of a folder take up; a file may be removed meanwhile."""
    taken = 0
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            taken += path.stat().st_blocks * 512
    return taken


def remove_ownerless_folders(parent: Path) -> None:
    """Removes the shared folders that no living process owns.

    The lock shows this, not a process id: services in other containers may share the memory, but not the process ids.
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
    """Locks the owner file before it gets its name: a folder without one is still being made, and is not removed."""
    aside = folder / f".{_OWNER}"
    descriptor = os.open(aside, os.O_RDWR | os.O_CREAT, 0o600)  # stays open; workers inherit it
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.write(descriptor, str(workers).encode())
    aside.rename(folder / _OWNER)


def _remove_folder(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a worker that ends must not remove the folder of the others
        shutil.rmtree(folder, ignore_errors=True)
