"""The live counts of one model: each worker counts in its own file, which outlives it; the counts are the sum.

A file is mapped into memory and has two copies of the counts. One copy is written while the other one is valid; then
a single number makes the written copy the valid one. So each customer, and each list of customers, is counted as a
whole or not at all, whenever a worker is killed. A worker that takes the file of a dead one continues its counts, so
there are never more files than workers alive at the same time. Open a tally after the fork, since a child process
inherits the lock that shows that a worker is alive.
"""

import fcntl
import hashlib
import mmap
import os
import struct
import threading
import time
from array import array
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import msgspec

from churn.model.placing import Placed
from churn.watch.counts import Counts
from churn.watch.layout import Layout, ListCounts

_HEADER = struct.Struct("=QQ")
"""The number of writes, whose parity is the number of the valid copy; the time when the file was made, in seconds."""
_COUNT_BYTES = 8
_PREFIX = "counts-"
_NAME_LENGTH = len(_PREFIX) + 16
_PATIENCE_S = 2.0
_MOST_COPIED = 4_096
"""The longest row, in places, that is copied as a whole; of a longer one only the changed places are written."""


class Tally:
    """Counts customers of one model in one process, in any of its threads, and adds up the counts of all processes.

    The workers share `folder`; `version` is the model's. Another version, another threshold or other bins have files
    of their own. Raises OSError when the folder has no room.
    """

    def __init__(self, folder: Path, layout: Layout, *, version: str) -> None:
        self._folder, self.layout = folder, layout
        self.name = _name_files(layout, version)
        size = layout.n_places * _COUNT_BYTES
        self._copies = [slice(_HEADER.size + half * size, _HEADER.size + (half + 1) * size) for half in (0, 1)]
        descriptor = _claim_file(folder, self.name, file_bytes(layout))
        try:
            self._map = mmap.mmap(descriptor, 0)  # the map keeps the file open, and so the lock
        finally:
            os.close(descriptor)
        self._head = memoryview(self._map)[:_COUNT_BYTES].cast("Q")
        self._written = self._head[0]
        self._row = array("Q", self._map[self._copies[self._written & 1]])
        self._map[self._copies[self._written + 1 & 1]] = self._row
        self._rows = [memoryview(self._map)[copy].cast("Q") for copy in self._copies]
        self._changed: Sequence[int] = ()
        self._lock = threading.Lock()

    def count(self, placed: Placed, churn_probability: float) -> None:
        """Counts one scored customer."""
        places, row = self.layout.find_places(placed, churn_probability), self._row
        with self._lock:
            for place in places:
                row[place] += 1
            self._write(places)

    def new_list(self) -> ListCounts:
        """An empty list for customers that count_list counts all at once."""
        return ListCounts(self.layout)

    def count_list(self, counted: ListCounts) -> None:
        """Counts all customers of a list, at once."""
        counted.finish()
        if counted.places:
            row = self._row
            with self._lock:
                for place, customers in counted.places.items():
                    row[place] += customers
                self._write(list(counted.places))

    def read(self) -> Counts:
        """The counts of all processes, including those that have ended. Raises OSError when a file can't be read."""
        total = self.layout.count_nobody()
        for path in self._folder.glob(f"{self.name}-*"):
            with suppress(FileNotFoundError):  # removed meanwhile, as its model is no longer served
                total += self._read_file(path)
        return total

    def _write(self, changed: Sequence[int]) -> None:
        """Writes the row to the copy that is not valid, and makes it valid; `changed` are the places to write."""
        self._written += 1
        if len(self._row) <= _MOST_COPIED:
            self._map[self._copies[self._written & 1]] = self._row
        else:
            for place in (*self._changed, *changed):  # this copy also lacks the previous write
                self._rows[self._written & 1][place] = self._row[place]
            self._changed = changed
        self._head[0] = self._written

    def _read_file(self, path: Path) -> Counts:
        """The counts of one process, read again if they changed during the reading."""
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size < self._copies[1].stop:  # the file is just being made
                return self.layout.count_nobody()
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        deadline = time.monotonic() + _PATIENCE_S
        with content:
            while True:
                written, made = _HEADER.unpack_from(content)
                row = array("Q", content[self._copies[written & 1]])
                with suppress(ValueError):  # another processor's writes may become visible in another order
                    if _HEADER.unpack_from(content)[0] == written:
                        return self.layout.read_counts(row, since=_show_time(made) if made else None)
                if time.monotonic() > deadline:
                    raise TimeoutError("the counts changed during every reading")


def file_bytes(layout: Layout) -> int:
    """The size of the file of one process, in bytes."""
    return _HEADER.size + 2 * layout.n_places * _COUNT_BYTES


def list_models(folder: Path) -> set[str]:
    """The Tally.name of each model that has counts, or a snapshot of them, in a folder."""
    names = {path.name[:_NAME_LENGTH] for path in folder.glob(f"{_PREFIX}*")}
    return {name for name in names if len(name) == _NAME_LENGTH}


def remove_counts(folder: Path, name: str) -> bool:
    """Removes the counts of a model that is no longer served, by their Tally.name; True if nothing of them is left.

    The file of a process that still counts stays, and then so does the snapshot.
    """
    for path in folder.glob(f"{name}-*"):
        with suppress(OSError):  # a process still counts in it, or another one removes it
            descriptor = os.open(path, os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(descriptor).st_nlink:  # else it has just been removed, and a new one may be there
                    path.unlink()
            finally:
                os.close(descriptor)
    if any(folder.glob(f"{name}-*")):
        return False
    (folder / f"{name}.snapshot").unlink(missing_ok=True)
    return True


def _name_files(layout: Layout, version: str) -> str:
    """The beginning of the names of a model's files."""
    edges = [(name, bins.marks) for name, bins in layout.bins.items()]
    parts = (version, layout.contract, edges, layout.probability_bins.edges, layout.probability_bins.n_below)
    return f"{_PREFIX}{hashlib.sha256(msgspec.json.encode(parts)).hexdigest()}"[:_NAME_LENGTH]


def _claim_file(folder: Path, name: str, size: int) -> int:
    """The locked descriptor of the first file that no living process uses; the file is made if it is not there."""
    for number in count():
        path = folder / f"{name}-{number}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found = os.fstat(descriptor)
            if not found.st_nlink:  # it has just been removed
                raise BlockingIOError
            if found.st_size != size or not _HEADER.unpack(os.pread(descriptor, _HEADER.size, 0))[1]:
                # Without room this raises OSError; writing to a mapped file without room would kill the process.
                os.posix_fallocate(descriptor, 0, size)
                os.pwrite(descriptor, _HEADER.pack(0, int(time.time())), 0)
            return descriptor
        except BlockingIOError:
            os.close(descriptor)
        except OSError:
            os.close(descriptor)
            raise
    raise AssertionError("numbers do not end")


def _show_time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
