"""How many connections a worker may take, and how many bytes it may hold for them: what the system leaves it."""

import resource
from collections.abc import Iterator
from pathlib import Path, PurePath

MOST_GATHERED_BYTES = 64 * 2**20
"""For the requests that a worker gathers, and once more for its unsent answers, however much memory there is."""
_SHARE = 8
"""The part of the container's memory that all workers together may gather: one eighth."""
_OTHER_FILES = 64
"""What a worker has open beside its connections: some 30 files, and those of a scrape."""
_CGROUP, _OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
_NO_LIMIT = 2**60  # version 1 of control groups writes a number near 2**63 for none


def usable_connections(wanted: int) -> int:
    """The connections of a worker, at most `wanted`, at least 1: each takes a file descriptor.

    The soft limit of open files is raised for them as far as the hard one lets it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _OTHER_FILES
    if resource.RLIM_INFINITY != soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(1, min(wanted, soft - _OTHER_FILES))


def gathered_bytes(workers: int, cgroup: Path = _CGROUP, own: Path = _OWN) -> int:
    """The bytes that each of so many workers may gather of requests that have not come as a whole."""
    limit = memory_limit_bytes(cgroup, own)
    return MOST_GATHERED_BYTES if limit is None else min(MOST_GATHERED_BYTES, limit // _SHARE // max(1, workers))


def memory_limit_bytes(cgroup: Path, own: Path) -> int | None:
    """The lowest limit of this process's control group and of those it is in, in bytes; None where there is none, or
    none that can be read.

    `own` names the group below `cgroup`. A container sees its group as `cgroup` itself, under whatever name. Version
    2 has the limit in memory.max, version 1 in memory/ and memory.limit_in_bytes.
    """
    limits = [limit for path in _limit_files(cgroup, own) if (limit := _read_limit(path)) is not None]
    return min(limits, default=None)


def _limit_files(cgroup: Path, own: Path) -> Iterator[Path]:
    """The files that may have a limit: of the group at the top, and of each on the way to this process's own."""
    yield cgroup / "memory.max"
    yield cgroup / "memory" / "memory.limit_in_bytes"
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return
    for line in lines:  # as 0::/system.slice/churn.service, or 4:memory:/churn
        _, _, named = line.partition(":")
        controllers, _, group = named.partition(":")
        is_version_1 = "memory" in controllers.split(",")
        if controllers and not is_version_1:
            continue
        folder, name = (cgroup / "memory", "memory.limit_in_bytes") if is_version_1 else (cgroup, "memory.max")
        for part in PurePath(group).parts[1:]:
            folder /= part
            yield folder / name


def _read_limit(path: Path) -> int | None:
    try:
        limit = int(path.read_text())
    except (OSError, ValueError):  # "max": all the memory there is
        return None
    return limit if 0 < limit < _NO_LIMIT else None
