"""The last lines of `score`: customers outside of the range of training, by field, and hidden rows."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.batch.summary import describe_outcome
from churn.model.answerer import Answerer
from churn.model.gain import Terms
from churn.tables.customer_values import GainPlan, ValueColumn
from tests.customers import RAW_CUSTOMERS

TENURES = ["73", "144", "145", "-1", "72", "0", "80"]


@pytest.fixture
def scored(shipped, tmp_path):
    """A function that writes customers with these tenures in a form, scores them and returns the summary's lines."""

    def score(name: str) -> list[str]:
        rows = [RAW_CUSTOMERS[row] | {"tenure": tenure} for row, tenure in enumerate(TENURES)]
        rows[0] |= {"MonthlyCharges": "150.5"}
        source, target = tmp_path / f"in{name}", tmp_path / f"out{name}"
        if name == ".parquet":
            pq.write_table(pa.Table.from_pylist(rows), source)
        elif name == ".xlsx":
            write_workbook(source, rows)
        else:
            lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
            source.write_text("\n".join(lines), encoding="utf-8")
        outcome = score_file(source, target, TableScorer(Answerer(shipped)))
        return describe_outcome(outcome, shipped.scorer.contract).splitlines()

    return score


def write_workbook(path, rows, *, hidden=()) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_numbers": True}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
            sheet.write_row(number, 0, cells)
        for number in hidden:
            sheet.set_row(number, None, None, {"hidden": True})


@pytest.mark.parametrize("name", [".csv", ".parquet", ".xlsx"])
def test_customers_outside_of_the_range_of_training_are_counted_by_field_in_every_form(scored, name):
    lines = scored(name)
    assert lines[0] == "7 customers: 5 scored, 2 refused"
    assert lines[3:5] == [
        "tenure: 3 customers outside what training saw, 0 to 72",
        "monthlycharges: 1 customer outside what training saw, 18.25 to 118.65",
    ]


@pytest.mark.parametrize(("hidden", "words"), [((), []), ((1, 3, 20), ["2 of the rows are hidden in the workbook"])])
def test_hidden_rows_of_a_workbook_are_counted(shipped, tmp_path, hidden, words):
    write_workbook(tmp_path / "in.xlsx", RAW_CUSTOMERS[:5], hidden=hidden)
    outcome = score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", TableScorer(Answerer(shipped)))
    lines = describe_outcome(outcome, shipped.scorer.contract).splitlines()
    assert [line for line in lines if "hidden" in line] == words


@pytest.fixture
def gain_lines(shipped, tmp_path):
    """A function that scores customers for a campaign and returns the summary's lines between counts and form."""

    def score(worths, *, calls=None, value=None, terms=None) -> list[str]:
        rows = [raw | {"worth": worth} for raw, worth in zip(RAW_CUSTOMERS, worths, strict=False)]
        rows[-1]["tenure"] = "-1"
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet")
        plan = GainPlan(terms or Terms(0, 2.5, 1), value or ValueColumn("worth", 12))
        outcome = score_file(
            tmp_path / "in.parquet", tmp_path / "out.parquet", TableScorer(Answerer(shipped), plan=plan), calls=calls
        )
        return describe_outcome(outcome, shipped.scorer.contract).splitlines()[2:-1]

    return score


def test_the_summary_reports_for_whom_a_call_pays_and_who_has_no_gain(gain_lines):
    """By hand: of customers 0, 1 and 2 with values of 12, 0.12 and 120,000 a call never pays for the second."""
    lines = gain_lines(["100", "0.01", "10000", "", "x", " ", "100"])
    assert lines[0] == "campaign: value 12 x worth, offer 0, contact 2.5, accept 1"
    assert lines[1].startswith("2 calls would pay, at a cost of 5.00 at most: expected gain ")
    assert lines[2:] == [
        "3 scored customers without an expected gain",
        "  2 x worth: blank, first in row 5",
        "  1 x worth: not a number, in row 6",
    ]


def test_the_summary_of_a_call_list_reports_how_many_more_would_have_paid(gain_lines):
    one = gain_lines(["100", "0.01", "10000", "100"], calls=1)
    assert one[1].startswith("1 call, at a cost of 2.50 at most: expected gain ")
    assert one[2:] == ["1 more call would have paid"]
    assert len(gain_lines(["100", "0.01", "10000", "100"], calls=2)) == 2


def test_the_summary_gives_the_reason_if_no_customer_is_called(gain_lines):
    assert gain_lines(["100", "100"], calls=0)[1:] == [
        "the budget pays for no call: one costs 2.50 at most",
        "1 more call would have paid",
    ]
    assert gain_lines(["0.01", "0"], calls=5)[1:] == ["no call pays: no customer's expected gain is above 0"]


def test_one_value_for_all_is_reported_as_an_amount(gain_lines):
    (campaign, *_) = gain_lines(["1", "1"], value=1_200_000.5, terms=Terms(10, 1.25, 0.3))
    assert campaign == "campaign: value 1,200,000.5, offer 10, contact 1.25, accept 0.3"
