"""The files in which prometheus-client keeps each worker's metrics: read at a scrape, folded when a worker has ended.

A file's name has the kind of metric, for a gauge its mode, and the worker's process id: counter_17.db,
gauge_livemax_17.db. This is the only module that knows these parts of prometheus-client.
"""

import fcntl
import math
import mmap
import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from prometheus_client import Metric
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.utils import floatToGoString

_FOLDED = "dead"  # instead of a process id
_PATIENCE_S = 2.0


@dataclass(frozen=True)
class MetricFiles:
    """The metrics of all workers, ended and alive, as prometheus-client collects them."""

    folder: Path

    def collect(self) -> Iterable[Metric]:
        """The sums over all workers. Raises OSError when the files can't be read."""
        with _locked(self.folder, fcntl.LOCK_SH):
            paths = [path for path in self.folder.glob("*.db") if path.stat().st_size]  # 0: it is being made
            files = [str(path) for path in paths]
            metrics: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
            return metrics


def fold_dead_workers(folder: Path, *, living: Collection[int]) -> None:
    """Add the counts of all workers except the `living` ones to one file of each kind, and remove their own files.

    The gauges of ended workers are removed. No scrape counts anything twice or misses it. Raises OSError when the
    file system is full or a scrape takes longer than 2 s; then the files stay until the next call.
    """
    with _locked(folder, fcntl.LOCK_EX):
        paths = [path for path in folder.glob("*.db") if not _is_of(path, living)]
        for path in sorted(paths, key=lambda path: not _is_gauge(path)):  # gauges first: removing them frees space
            if not _is_gauge(path):
                _add_counts(path, folder / f"{_kind(path)}_{_FOLDED}.db")
            path.unlink()


def _kind(path: Path) -> str:
    return path.stem.partition("_")[0]


def _is_gauge(path: Path) -> bool:
    return _kind(path) == "gauge"


def _is_of(path: Path, living: Collection[int]) -> bool:
    owner = path.stem.rpartition("_")[2]
    return owner == _FOLDED or int(owner) in living


def _add_counts(path: Path, total: Path) -> None:
    """Adds one file's counts to those of `total`, which is replaced in one step."""
    counts: dict[str, float] = {}
    for source in (total, path):
        if source.exists() and source.stat().st_size:  # 0: the worker died while it made the file
            for key, count, *_ in MmapedDict.read_all_values_from_file(source):  # type: ignore[no-untyped-call]
                counts[key] = counts.get(key, 0.0) + count
    aside = total.with_suffix(".new")
    try:
        with aside.open("wb") as file:
            # On a full file system this raises an error; writing to a mapped file would end the process.
            os.posix_fallocate(file.fileno(), 0, 8 + sum(len(key.encode()) + 28 for key in counts))
        merged = MmapedDict(aside)  # type: ignore[no-untyped-call]
        for key, count in counts.items():
            merged.write_value(key, count, 0.0)  # type: ignore[no-untyped-call]
        merged.close()  # type: ignore[no-untyped-call]
        aside.replace(total)
    finally:
        aside.unlink(missing_ok=True)


class Sample(NamedTuple):
    """One number of a metric, as prometheus-client names it; `kind` is "total", "sum" or "bucket"."""

    metric: str
    help_text: str
    kind: str
    labels: Mapping[str, str] = MappingProxyType({})

    @property
    def key(self) -> str:
        """The key of the sample in a file."""
        labels, values = [*self.labels], [*self.labels.values()]
        return mmap_key(self.metric, f"{self.metric}_{self.kind}", labels, values, self.help_text)


def name_buckets(
    metric: str, help_text: str, bounds: Sequence[float], labels: Mapping[str, str] = MappingProxyType({})
) -> list[Sample]:
    """The samples of a histogram's buckets, including the one above the last bound; they are not cumulative."""
    edges: list[str] = [floatToGoString(bound) for bound in (*bounds, math.inf)]  # type: ignore[no-untyped-call]
    return [Sample(metric, help_text, "bucket", {**labels, "le": edge}) for edge in edges]


class OwnCounts:
    """Numbers that only one thread of one process changes, in a file next to those of prometheus-client.

    A scrape adds them to the same samples in other files. Raises OSError when the file system is full.
    """

    def __init__(self, path: Path, samples: Sequence[Sample]) -> None:
        keys = [sample.key for sample in samples]
        needed = 8 + sum(len(key.encode()) + 28 for key in keys)
        with path.open("ab") as file:  # see _add_counts
            os.posix_fallocate(file.fileno(), 0, -(-needed // mmap.PAGESIZE) * mmap.PAGESIZE)
        made = MmapedDict(path)  # type: ignore[no-untyped-call]
        for key in keys:
            made.read_value(key)  # type: ignore[no-untyped-call]
        self.at = [made._positions[key] // 8 for key in keys]
        """The indices of the samples in `cells`, in their order."""
        made.close()  # type: ignore[no-untyped-call]
        with path.open("r+b") as file:
            self.cells = memoryview(mmap.mmap(file.fileno(), 0)).cast("d")
        """The file as numbers; only those at the indices of `at` may be changed."""


@contextmanager
def _locked(folder: Path, operation: int) -> Iterator[None]:
    """Holds the lock of a folder, shared by scrapes and exclusive for folding. Raises TimeoutError after 2 s.

    The system releases the lock of a process that is killed.
    """
    deadline = time.monotonic() + _PATIENCE_S
    with (folder / "metrics.lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, operation | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TimeoutError("the files of metrics stayed locked") from None
                time.sleep(0.001)
        yield
