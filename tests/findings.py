"""Findings for the tests of reports, verdicts and wording: from a training on 4,000 customers, tested on 1,000."""

from pathlib import Path

import numpy as np
import pandas as pd

from churn.training.evaluation import Interval
from churn.training.findings import Findings, InPlace, Tested
from churn.training.gate import Comparison
from churn.training.refused import Refused
from churn.training.split import Split
from churn.training.table import Table


def refused(count: int) -> Refused:
    return Refused(count, {"plan": count, "age": 1} if count else {})


def compared(low: float, high: float, *, left_out: int = 0, same_table: bool | None = True) -> Comparison:
    """A comparison on 900 test customers plus those left out; the gain in AUC is between `low` and `high`."""
    new_auc = 0.82 + (low + high) / 2
    return Comparison(0.82, new_auc, Interval(low, high), 900, refused(left_out), same_table)


def found(*, comparison=None, changes=(), old_threshold=0.5, campaign=None, said=0.5, **tested) -> Findings:
    """Findings on 1,000 test customers, half of whom left; `said` is the model's probability for each of them."""
    usual = {
        "auc_interval": Interval(0.80, 0.84),
        "refused": refused(0),
        "copies": 0,
        "figures": {},
        "y": np.arange(1000) % 2,
    }
    table = Table(Path("table.csv"), "churn", pd.DataFrame(index=range(5000)), np.arange(5000) % 2, (), "", "")
    return Findings(
        split=Split(table, np.arange(1000, 5000), np.arange(1000)),
        fit=None,
        tested=Tested(rows=np.arange(1000), probabilities=np.full(1000, said), **usual | tested),
        in_place=InPlace(comparison, "0123456789ab", old_threshold, tuple(changes)) if comparison else None,
        campaign=campaign,
        output=Path("model.bin"),
    )
