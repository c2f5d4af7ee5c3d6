"""The control groups that this process is in, by which the system limits its memory and its time.

A container sees its group as the folder at the top, under whatever name. Outside of one, or in one that shares the
machine's groups, `own` names the group below that folder, and every group on the way to it sets limits, too.
"""

from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import NamedTuple

CGROUP, OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


class ControlGroup(NamedTuple):
    """The folder of one group, and the version of control groups that its files are of: 1 or 2."""

    folder: Path
    version: int


def find_control_groups(controller: str, cgroup: Path, own: Path) -> Iterator[ControlGroup]:
    """The groups by which a controller ("cpu", "memory") may limit this process; a group comes after those above it.

    A group is given whether or not it has such a limit, or a folder.
    """
    tops = {1: cgroup / controller, 2: cgroup}
    yield from (ControlGroup(tops[version], version) for version in (2, 1))
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return
    for line in lines:  # as 0::/system.slice/churn.service, or 4:cpu,cpuacct:/churn
        _, _, named = line.partition(":")
        controllers, _, group = named.partition(":")
        if controllers and controller not in controllers.split(","):
            continue
        version = 1 if controllers else 2
        folder = tops[version]
        for part in PurePath(group).parts[1:]:
            folder /= part
            yield ControlGroup(folder, version)
