"""How many cores this process may really use, which in a container is not how many the machine has."""

import math
import os
from pathlib import Path

from churn.server.control_groups import CGROUP, OWN, ControlGroup, find_control_groups


def usable_cores(cgroup: Path = CGROUP, own: Path = OWN) -> int:
    """The cores of this process's affinity, or fewer where a control group that it is in is given less time; at least
    1.

    `docker run --cpus 1.5` gives the time of one core and a half: 2 cores then.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    groups = find_control_groups("cpu", cgroup, own)
    shares = [share for group in groups if (share := _read_share(group)) is not None]
    return min([cores, *(max(1, math.ceil(share)) for share in shares)])


def _read_share(group: ControlGroup) -> float | None:
    """A group's time in cores; None where it has no limit, or none that can be read.

    Version 2 has quota and period in one file, version 1 in two, in microseconds.
    """
    names = ["cpu.max"] if group.version == 2 else ["cpu.cfs_quota_us", "cpu.cfs_period_us"]
    try:
        quota, period = " ".join((group.folder / name).read_text() for name in names).split()
        share = int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):  # "max": all the time there is
        return None
    return share if share > 0 else None
