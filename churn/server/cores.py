"""How many cores this process may really use, which in a container is not how many the machine has."""

import math
import os
from pathlib import Path


def usable_cores(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """The cores of this process's affinity, or fewer where its control group is given less time; at least 1.

    `docker run --cpus 1.5` gives the time of one core and a half: 2 cores then. `cgroup` is where a container sees
    its own group: version 2 tells quota and period in one file, version 1 in two, in microseconds.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota, period = ((cgroup / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        except OSError:
            return cores
    try:
        share = int(quota) / int(period)
    except (ValueError, ZeroDivisionError):  # "max": all the time there is
        return cores
    return min(cores, max(1, math.ceil(share))) if share > 0 else cores
