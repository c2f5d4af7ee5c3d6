"""Counts in a terminal: every figure and verdict, with those that matter first."""

from churn.watch.counts import Counts
from churn.watch.drift import FieldDrift
from churn.watch.expected import Figure
from churn.watch.report import DriftReport
from churn.watch.report_lines import describe_report

REPORT = DriftReport(
    model="d17b47eb3aa6",
    threshold=0.3,
    answers=137,
    since=None,
    notes=("The 137 answers of counts.json, compared with training.", "It is blind.", "Lists count again."),
    expected={
        "churn_rate": Figure(0.26543, 0.2, 0.33, 0.247),
        "auc": Figure(0.8, 0.7, 0.9, None),
        "log_loss": None,
        "profit": Figure(-1234.5, -2000.0, 3.0, 12.346),
    },
    fields=[
        FieldDrift("gender", 0.01, 0.9, False, ""),
        FieldDrift("plan", 0.2, 0.00001, True, ""),
        FieldDrift("tenure", 0.1, 0.012345, None, "137 answers; 400 are needed"),
        FieldDrift("city", 0.3, 0.001, True, ""),
        FieldDrift("in\x1b[2J", None, None, None, "training has no counts of this field"),
    ],
    counts=Counts(0, {}, []),
)


def test_each_figure_and_field_has_a_line_and_those_that_drifted_come_first_by_distance():
    assert list(describe_report(REPORT)) == [
        "The 137 answers of counts.json, compared with training.",
        "Model d17b47eb3aa6, threshold 0.3.",
        "",
        "expected                      value     95 % by chance  test part",
        "churn rate                   0.2654   0.2000 to 0.3300     0.2470",
        "AUC                          0.8000   0.7000 to 0.9000          -",
        "log loss                          -                  -          -",
        "profit for each customer  -1,234.50  -2,000.00 to 3.00      12.35",
        "",
        "field        distance        p  drifted",
        "city            0.300   0.0010  yes",
        "plan            0.200  <0.0001  yes",
        "tenure          0.100   0.0123  can't tell  137 answers; 400 are needed",
        "'in\\x1b[2J'         -        -  can't tell  training has no counts of this field",
        "gender          0.010   0.9000  no",
        "",
        "It is blind.",
        "Lists count again.",
    ]
