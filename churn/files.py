"""Writes files as a whole or not at all, and reads only regular files of a limited size.

Owns writing to the side and renaming, the owner and mode of a new file, a folder for temporary files, the lock of a
folder, and the removal of what killed writers left. Knows nothing of the files' content; its errors are OSErrors.
"""

import errno
import fcntl
import os
import re
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

LOCK_PATIENCE_S = 30.0  # how long a writer waits for another one; writing takes milliseconds

_LEFT_OVER_S = 3600  # the age at which the files of a killed writer are removed
_NO_LOCKS = (errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
_KINDS = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}


def read_file(path: Path, *, most_bytes: int) -> bytes:
    """The content of a regular file of at most `most_bytes`, with links followed.

    Anything else is not opened: a FIFO would block, and a device might act. Raises OSError, with `filename`.
    """
    _check_readable(path, path.stat(), most_bytes)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # it may be another file now, so it is checked again
    with os.fdopen(descriptor, "rb") as file:
        _check_readable(path, os.fstat(descriptor), most_bytes)
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:  # it is growing, or its size was not known
        raise _too_large(path, f"more than {most_bytes:,}", most_bytes)
    return content


def _check_readable(path: Path, found: os.stat_result, most_bytes: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "a device")
        raise OSError(errno.EINVAL, f"it is {kind}, not a regular file", str(path))
    if found.st_size > most_bytes:
        raise _too_large(path, f"{found.st_size:,}", most_bytes)


def _too_large(path: Path, size: str, most_bytes: int) -> OSError:
    return OSError(errno.EFBIG, f"it has {size} bytes, and at most {most_bytes:,} are read", str(path))


class SideFile(NamedTuple):
    """A new file beside the one that it will replace; only its owner may read it until it is finished."""

    file: BinaryIO
    side: Path
    target: Path
    mode: int
    owner: int
    group: int

    def finish(self) -> None:
        """Sets the mode, group and owner, and makes the content survive a power cut."""
        self.file.flush()
        _set_looks(self.file.fileno(), self.mode, owner=self.owner, group=self.group)
        os.fsync(self.file.fileno())

    def put(self) -> None:
        """Puts the file in its place, in one step."""
        self.side.replace(self.target)


@contextmanager
def side_file(path: Path, *, like: os.stat_result | None = None) -> Iterator[SideFile]:
    """A file to write beside `path`, or beside the target of a link; removed after the block unless it was put.

    It gets the mode of the file that it replaces and, if permitted, the owner. Without such a file it gets the mode
    that the umask allows, but no more than that of the file `like`. Raises OSError.
    """
    target = Path(os.path.realpath(path))
    _sweep(target)
    replaced = _stat_file(target)
    mode = stat.S_IMODE(replaced.st_mode) if replaced else stat.S_IMODE(like.st_mode) & 0o666 if like else 0o666
    while True:
        side = target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")
        with suppress(FileExistsError):
            mode = mode if replaced else _mask_mode(side, mode)
            descriptor = os.open(side, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            break
    try:
        with os.fdopen(descriptor, "wb") as file:
            _try_lock(descriptor)  # the lock shows that the writer is alive
            made = os.fstat(descriptor)
            owner, group = (replaced or made).st_uid, (replaced or like or made).st_gid
            yield SideFile(file, side, target, mode, owner, group)
    finally:
        side.unlink(missing_ok=True)


@contextmanager
def replacing(path: Path, *, like: os.stat_result | None = None) -> Iterator[BinaryIO]:
    """A file that replaces the one at `path` if the block succeeds, as `side_file` does, and is removed if not.

    A pipe or a device is written to directly. Raises OSError; the old file then stays as it is.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    with side_file(path, like=like) as new:
        yield new.file
        new.finish()
        new.put()


def replace_file(path: Path, content: bytes, *, like: os.stat_result | None = None) -> None:
    """Replaces a file's content in one step, as `replacing`. Raises OSError; the old file then stays as it is."""
    with replacing(path, like=like) as file:
        file.write(content)


@contextmanager
def side_folder(path: Path | None) -> Iterator[Path]:
    """A private folder beside `path`, or beside the target of a link; removed after the block with all in it.

    If the output is not a file, such as a pipe, the folder is among the system's temporary files. Raises OSError.
    """
    if path is None or (path.exists() and not path.is_file()):
        folder = Path(tempfile.mkdtemp())
    else:
        target = Path(os.path.realpath(path))
        _sweep(target)
        folder = target.with_name(f".{target.name}.{secrets.token_hex(8)}.new")
        folder.mkdir(0o700)
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            _try_lock(descriptor)  # the lock shows that the writer is alive
            yield folder
        finally:
            os.close(descriptor)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def lock_folder(folder: Path, *, patience_s: float | None = None) -> Iterator[None]:
    """Locks a folder: one process at a time is in the block. The lock leaves no file, even if a process is killed.

    On a file system without locks for folders, as some network ones, the block is entered without a lock. Raises
    OSError when another process holds the lock for `patience_s`, by default LOCK_PATIENCE_S.
    """
    patience_s = LOCK_PATIENCE_S if patience_s is None else patience_s
    deadline = time.monotonic() + patience_s
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                waited = f"another process has held the lock of its folder for {patience_s:.0f} s"
                raise OSError(errno.EWOULDBLOCK, waited, str(folder))
            time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Makes the renames in a folder survive a power cut. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    """True with the lock, or where there are no locks; False when another process has the lock."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True


def _stat_file(path: Path) -> os.stat_result | None:
    """The status of a regular file; None for a missing path and for any other kind of file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def _mask_mode(path: Path, mode: int) -> int:
    """The mode that the umask leaves, found by making a file that is removed at once. Raises FileExistsError."""
    path.touch(mode, exist_ok=False)
    masked = stat.S_IMODE(path.stat().st_mode)
    path.unlink()
    return masked


def _set_looks(descriptor: int, mode: int, *, owner: int, group: int) -> None:
    """Sets the mode, owner and group of a new file, as far as permitted.

    If the group can't be set, its rights are removed: our own may have members who could not read the old file.
    """
    made = os.fstat(descriptor)
    if (made.st_uid, made.st_gid) != (owner, group) and not _try_chown(descriptor, owner, group):
        mode &= ~stat.S_IRWXG
    if mode != stat.S_IMODE(os.fstat(descriptor).st_mode):
        with suppress(PermissionError):  # a file system without modes
            os.fchmod(descriptor, mode)


def _try_chown(descriptor: int, owner: int, group: int) -> bool:
    """True if the file has the group now. It has the owner, too, if we may change that."""
    for user in (owner, -1):
        with suppress(OSError):
            os.fchown(descriptor, user, group)
            return True
    return False


def _sweep(target: Path) -> None:
    """Removes the files that writers of this file left when they were killed, an hour ago or earlier."""
    left_over = re.compile(re.escape(f".{target.name}.") + r"[0-9a-f]+\.new")
    with suppress(OSError):
        for path in target.parent.iterdir():
            if left_over.fullmatch(path.name):
                _remove_old(path)


def _remove_old(path: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        try:
            found = os.fstat(descriptor)
            if time.time() - found.st_mtime > _LEFT_OVER_S and _try_lock(descriptor):
                if stat.S_ISDIR(found.st_mode):
                    shutil.rmtree(path)
                elif stat.S_ISREG(found.st_mode):
                    path.unlink()
        finally:
            os.close(descriptor)
