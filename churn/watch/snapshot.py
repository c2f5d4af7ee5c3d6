"""The counts that leave the service: one snapshot of them that all processes and routes show, in steps of many.

Two looks at counts with one customer between them would show that customer's values. So a snapshot is repeated until
STEP more customers came, by any process, and only then another one takes its place.
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
    """What is shown of a tally. `folder` is the tally's; the snapshot is a file there that all processes share."""

    def __init__(self, tally: Tally, folder: Path) -> None:
        self._tally, self._folder = tally, folder

    def read(self) -> Counts:
        """The counts to show, in every process the same: those of no customer before the first STEP came.

        Of fewer customers than were shown, as when a file of counts is lost, the old ones are shown until STEP more
        than that came. Raises OSError when the counts can't be read, or the snapshot can't be written.
        """
        path = self._folder / f"{self._tally.name}.snapshot"
        with lock_folder(self._folder, patience_s=_PATIENCE_S):
            shown, counted = _read_shown(path), self._tally.read()
            if counted.answers >= STEP + (shown.answers if shown else 0):
                replace_file(path, msgspec.json.encode(counted))
                return counted
        return shown or self._tally.layout.count_nobody(since=counted.since)


def _read_shown(path: Path) -> Counts | None:
    """The snapshot that is shown; None before the first."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Counts)
    except FileNotFoundError:
        return None
