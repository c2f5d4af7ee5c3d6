"""The words that `score` ends with: customers outside of what training saw, by field, and hidden rows."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.batch.summary import describe_outcome
from churn.model.answerer import Answerer
from tests.customers import RAW_CUSTOMERS

TENURES = ["73", "144", "145", "-1", "72", "0", "80"]


@pytest.fixture
def scored(shipped, tmp_path):
    """Writes some customers of these tenures in a form, scores them and gives the lines of the summary."""

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
def test_customers_outside_of_what_training_saw_are_counted_by_field_in_every_form(scored, name):
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
