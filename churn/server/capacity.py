"""How many connections a worker may take and how many bytes it may hold for them, by the system's limits."""

import resource
from pathlib import Path

from churn.server.control_groups import CGROUP, OWN, ControlGroup, find_control_groups

MOST_GATHERED_BYTES = 64 * 2**20
"""The most for the requests that a worker gathers, and again for its unsent answers, whatever the memory."""
_SHARE = 8
"""All workers together may gather one eighth of the container's memory."""
_OTHER_FILES = 64
"""Files that a worker has open besides its connections: some 30, and those of a scrape."""
_NO_LIMIT = 2**60  # version 1 of control groups writes a number near 2**63 for no limit


def usable_connections(wanted: int) -> int:
    """The number of connections that a worker can take, 1 to `wanted`, since each takes a file descriptor.

    Raises the soft limit of open files for them, up to the hard limit.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _OTHER_FILES
    if resource.RLIM_INFINITY != soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(1, min(wanted, soft - _OTHER_FILES))


def gathered_bytes(workers: int, cgroup: Path = CGROUP, own: Path = OWN) -> int:
    """The bytes of gathered requests that each of `workers` workers may hold."""
    limit = memory_limit_bytes(cgroup, own)
    return MOST_GATHERED_BYTES if limit is None else min(MOST_GATHERED_BYTES, limit // _SHARE // max(1, workers))


def memory_limit_bytes(cgroup: Path, own: Path) -> int | None:
    """The lowest memory limit of this process's control groups, in bytes; None if no limit can be read."""
    groups = find_control_groups("memory", cgroup, own)
    return min((limit for group in groups if (limit := _read_limit(group)) is not None), default=None)


def _read_limit(group: ControlGroup) -> int | None:
    name = "memory.max" if group.version == 2 else "memory.limit_in_bytes"
    try:
        limit = int((group.folder / name).read_text())
    except (OSError, ValueError):  # "max" means no limit
        return None
    return limit if 0 < limit < _NO_LIMIT else None
