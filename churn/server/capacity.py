"""How many connections a worker may take, and how many bytes it may hold for them: what the system leaves it."""

import resource
from pathlib import Path

MOST_GATHERED_BYTES = 64 * 2**20
"""For the requests that a worker gathers, and once more for its unsent answers, however much memory there is."""
_SHARE = 8
"""The part of the container's memory that all workers together may gather: one eighth."""
_OTHER_FILES = 64
"""What a worker has open beside its connections: some 30 files, and those of a scrape."""
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


def gathered_bytes(workers: int, cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """The bytes that each of so many workers may gather of requests that have not come as a whole."""
    limit = memory_limit_bytes(cgroup)
    return MOST_GATHERED_BYTES if limit is None else min(MOST_GATHERED_BYTES, limit // _SHARE // max(1, workers))


def memory_limit_bytes(cgroup: Path) -> int | None:
    """The limit of this process's control group in bytes; None where there is none, or none that can be read.

    `cgroup` is where a container sees its own group: version 2 has the limit in memory.max, version 1 in
    memory/memory.limit_in_bytes.
    """
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            limit = int((cgroup / name).read_text())
        except (OSError, ValueError):  # "max": all the memory there is
            continue
        return limit if 0 < limit < _NO_LIMIT else None
    return None
