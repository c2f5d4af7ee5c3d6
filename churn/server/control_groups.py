"""The control groups of this process, by which the system limits its memory and its CPU time.

A container sees its group as the top folder, whatever its name is. Outside a container, or in one that shares the
machine's groups, `own` names the group below that folder, and every group on the path to it sets limits, too.
"""

from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import NamedTuple

CGROUP, OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


class ControlGroup(NamedTuple):
    """The folder of one group, and the version of control groups of its files: 1 or 2."""

    folder: Path
    version: int


def find_control_groups(controller: str, cgroup: Path, own: Path) -> Iterator[ControlGroup]:
    """The groups in which a controller ("cpu", "memory") may limit this process, each after those above it.

    Groups without such a limit, or without a folder, are included.
    """
    tops = {1: cgroup / controller, 2: cgroup}
    yield from (ControlGroup(tops[version], version) for version in (2, 1))
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return
    for line in lines:  # such as 0::/system.slice/churn.service or 4:cpu,cpuacct:/churn
        _, _, named = line.partition(":")
        controllers, _, group = named.partition(":")
        if controllers and controller not in controllers.split(","):
            continue
        version = 1 if controllers else 2
        folder = tops[version]
        for part in PurePath(group).parts[1:]:
            folder /= part
            yield ControlGroup(folder, version)
