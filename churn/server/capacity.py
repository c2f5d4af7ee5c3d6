"""How many connections a worker may take, and how many bytes it may hold for them: what the system leaves it."""

import resource
from pathlib import Path

from churn.server.control_groups import CGROUP, OWN, ControlGroup, find_control_groups

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


def gathered_bytes(workers: int, cgroup: Path = CGROUP, own: Path = OWN) -> int:
    """The bytes that each of so many workers may gather of requests that have not come as a whole."""
    limit = memory_limit_bytes(cgroup, own)
    return MOST_GATHERED_BYTES if limit is None else min(MOST_GATHERED_BYTES, limit // _SHARE // max(1, workers))


def memory_limit_bytes(cgroup: Path, own: Path) -> int | None:
    """The lowest limit of this process's control groups, in bytes; None where there is none that can be read."""
    groups = find_control_groups("memory", cgroup, own)
    return min((limit for group in groups if (limit := _read_limit(group)) is not None), default=None)


def _read_limit(group: ControlGroup) -> int | None:
    name = "memory.max" if group.version == 2 else "memory.limit_in_bytes"
    try:
        limit = int((group.folder / name).read_text())
    except (OSError, ValueError):  # "max": all the memory there is
        return None
    return limit if 0 < limit < _NO_LIMIT else None
