"""A served model together with the counts of the customers that it answers.

Owns the start of counting and its failure: a service that can't count answers as usual, and logs that it does not
count.
"""

import logging
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from churn.errors import CountsError
from churn.model.file import Model
from churn.server.shared_folder import check_room_of_counts
from churn.watch.layout import lay_out
from churn.watch.report import DriftReport, make_report
from churn.watch.snapshot import Snapshot
from churn.watch.tally import Tally, file_bytes

logger = logging.getLogger(__name__)


class CountedModel:
    """A model with its own counts, in files of the folder that `find_folder` returns.

    The files are opened by `open` or on first use, which must be after any fork: see Tally. `training` has the counts
    of training, None if the model's card has none.
    """

    def __init__(self, model: Model, find_folder: Callable[[], Path]) -> None:
        self.model = model
        self.training = model.card.counts if model.card else None
        self._find_folder = find_folder
        self._problem = ""
        self._report: DriftReport | None = None

    @cached_property
    def tally(self) -> Tally | None:
        """The tally of the model's customers; None if they can't be counted, which is logged once."""
        return self._open_tally()

    @cached_property
    def lane_tally(self) -> Tally | None:
        """The tally of the fast lane alone, so that it never waits for a thread; None if it can't be opened."""
        return self._open_tally() if self.tally else None

    def _open_tally(self) -> Tally | None:
        layout = lay_out(self.model)
        try:
            folder = self._find_folder()
            check_room_of_counts(folder, file_bytes(layout))
            return Tally(folder, layout, version=self.model.version)
        except OSError as error:
            self._problem = str(error.strerror or error)
            logger.error("customers are not counted", extra={"reason": self._problem, "serving": self.model.version})
            return None

    @property
    def file_names(self) -> set[str]:
        """The start of the names of the model's count files; empty without counts."""
        return {self.tally.name} if self.tally else set()

    def open(self) -> None:
        """Opens the counts now, so that no request waits for this."""
        _ = self.tally, self.lane_tally

    def read_report(self) -> DriftReport:
        """The drift report of the counts that may be shown, made again when they have changed.

        Raises CountsError when customers are not counted, or when the counts can't be read.
        """
        if self.tally is None:
            raise CountsError(self._problem)
        try:
            counts = Snapshot(self.tally, self._find_folder()).read()
        except OSError as error:
            raise CountsError(str(error.strerror or error)) from error
        report = self._report
        if report is None or report.counts != counts:
            self._report = report = make_report(self.model, counts)
        return report
