"""The counts that leave the service: one snapshot, which all processes and routes show and which changes in steps.

Two looks at counts with one customer between them would show that customer's values. So a snapshot is shown until
there are STEP more customers, answered by any process, and only then replaced.
"""

from pathlib import Path

import msgspec

from churn.files import lock_folder, replace_file
from churn.watch.counts import Counts
from churn.watch.tally import Tally

STEP = 50
"""The fewest customers by which two snapshots differ."""

_PATIENCE_S = 2.0


class Snapshot:
    """The shown counts of a tally. `folder` is the tally's; the snapshot is a file there that all processes share."""

    def __init__(self, tally: Tally, folder: Path) -> None:
        self._tally, self._folder = tally, folder

    def read(self) -> Counts:
        """The counts to show, the same in every process; empty before the first STEP customers.

        If there are fewer customers than were shown, as when a file of counts is lost, the old counts are shown until
        there are STEP more than in these. Raises OSError when the counts can't be read, or the snapshot can't be
        written.
        """
        path = self._folder / f"{self._tally.name}.snapshot"
        with lock_folder(self._folder, patience_s=_PATIENCE_S):
            shown, counted = _read_shown(path), self._tally.read()
            if counted.answers >= STEP + (shown.answers if shown else 0):
                replace_file(path, msgspec.json.encode(counted))
                return counted
        return shown or self._tally.layout.count_nobody(since=counted.since)


def _read_shown(path: Path) -> Counts | None:
    """The snapshot that is shown; None before the first one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Counts)
    except FileNotFoundError:
        return None
