"""The number of cores that this process may use, which in a container can be fewer than the machine has."""

import math
import os
from pathlib import Path

from churn.server.control_groups import CGROUP, OWN, ControlGroup, find_control_groups


def usable_cores(cgroup: Path = CGROUP, own: Path = OWN) -> int:
    """The number of cores in this process's affinity, or fewer if one of its control groups gets less CPU time; at
    least 1.

    `docker run --cpus 1.5` gives the time of one and a half cores, which counts as 2.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    groups = find_control_groups("cpu", cgroup, own)
    shares = [share for group in groups if (share := _read_share(group)) is not None]
    return min([cores, *(max(1, math.ceil(share)) for share in shares)])


def _read_share(group: ControlGroup) -> float | None:
    """A group's CPU time in cores; None if it has no limit that can be read.

    Version 2 has the quota and the period in one file, version 1 in two, in microseconds.
    """
    names = ["cpu.max"] if group.version == 2 else ["cpu.cfs_quota_us", "cpu.cfs_period_us"]
    try:
        quota, period = " ".join((group.folder / name).read_text() for name in names).split()
        share = int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):  # "max" means no limit
        return None
    return share if share > 0 else None
