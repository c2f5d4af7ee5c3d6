"""The outcome of scoring a file: counts of its customers, and the expected gain of calling them. Needs NumPy."""

from dataclasses import dataclass, field

import numpy as np

from churn.batch.gains import RowGains
from churn.batch.scorer import ScoredRows
from churn.model.gain import NO_GAIN, ExpectedGain, expect_gain
from churn.model.outside import OutsideCounts
from churn.model.refusals import Refusals
from churn.tables.answer import AnswerColumns
from churn.tables.customer_values import GainPlan
from churn.watch.counts import Counts


@dataclass
class GainOutcome:
    """The expected gain of calling the customers of a file.

    `paying` is that of all customers whose expected gain is above 0, and `chosen` that of the call list, None without
    one. `missing` has the scored rows without a value, by the problem of their cells.
    """

    plan: GainPlan
    paying: ExpectedGain = NO_GAIN
    chosen: ExpectedGain | None = None
    missing: Refusals = field(default_factory=Refusals)

    def add(self, gains: RowGains, first_row: int) -> None:
        """Adds the next piece, which begins at `first_row`."""
        paying = gains.gains > 0  # False for NaN
        self.paying = self.paying.plus(sum_gains(gains.gains[paying], gains.variances[paying]))
        self.missing.add_part(gains.missing, first_row)


def sum_gains(gains: np.ndarray, variances: np.ndarray) -> ExpectedGain:
    """The expected gain of calling customers with these gains and variances, float64, shape (n_customers,)."""
    return expect_gain(gains.tolist(), variances.tolist())


@dataclass
class Outcome:
    """The outcome of scoring a file: the number of its customers and of the refused ones, and more.

    `form` describes the detected form in words. `columns` are the answer's columns. `refusals` has the refused
    customers by their row in a spreadsheet; `next_row` is the row of the next piece. `hidden_rows` is the number of
    customers in hidden rows of a workbook. `outside` counts the scored customers outside the training range, by
    field. `counts` are the counts of all scored customers, None if they are not counted; `gains` is None without a
    plan.
    """

    form: str
    columns: AnswerColumns
    next_row: int
    counts: Counts | None = None
    gains: GainOutcome | None = None
    customers: int = 0
    hidden_rows: int = 0
    refused: int = 0
    refusals: Refusals = field(default_factory=Refusals)
    outside: OutsideCounts = field(default_factory=OutsideCounts)

    def add(self, scored: ScoredRows) -> None:
        """Adds the next piece."""
        self.customers += len(scored.probabilities)
        self.refused += int(np.isnan(scored.probabilities).sum())
        self.outside += scored.outside
        if self.counts is not None and scored.counts is not None:
            self.counts += scored.counts
        if self.gains is not None and scored.gains is not None:
            self.gains.add(scored.gains, self.next_row)
        self.refusals.add_part(scored.refusals, self.next_row)
        self.next_row += scored.total
