"""What became of a scored file: counts of its customers, and what calling them is expected to bring. Needs NumPy."""

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
    """What calling the customers of a file is expected to bring.

    `paying` is that of all whose expected gain is above 0, and `chosen` that of the call list, None where there is
    none. `missing` has the scored rows without a value, by what is wrong with their cells.
    """

    plan: GainPlan
    paying: ExpectedGain = NO_GAIN
    chosen: ExpectedGain | None = None
    missing: Refusals = field(default_factory=Refusals)

    def add(self, gains: RowGains, first_row: int) -> None:
        """Adds the next piece, which begins with this row."""
        paying = gains.gains > 0  # False for NaN
        self.paying = self.paying.plus(sum_gains(gains.gains[paying], gains.variances[paying]))
        self.missing.add_part(gains.missing, first_row)


def sum_gains(gains: np.ndarray, variances: np.ndarray) -> ExpectedGain:
    """What calling customers of these gains and variances, float64 of shape (n_customers,), is expected to bring."""
    return expect_gain(gains.tolist(), variances.tolist())


@dataclass
class Outcome:
    """What became of a file: how many customers it has, and how many of them are refused.

    `form` says in words what was detected of it. `columns` are the answer's. `refusals` has the refused by their row
    as a spreadsheet counts: `next_row` is that of the next piece. `hidden_rows` are those of the customers' rows that
    a user of the workbook does not see. `outside` counts the scored customers outside of what training saw, by field;
    `counts` are those of all scored customers, None where nobody counts them; `gains` likewise.
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
