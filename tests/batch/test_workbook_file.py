"""A workbook scored into another: scikit-learn's probabilities, the user's cells unchanged, no error as a blank."""

import csv
import io
import os
import signal
import stat
import subprocess
import tracemalloc
from datetime import date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn.batch import workbook_file
from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.errors import CustomerError, TableError, WriteError
from churn.model.answerer import Answerer
from churn.model.contract import Contract
from churn.model.fields import Number
from churn.model.marks import Marks
from churn.model.scoring import Scorer, probability
from churn.tables.csv_rows import score_csv
from churn.tables.decimals import EACH
from churn.tables.renaming import Renaming
from churn.workbooks.reader import read_workbook
from tests.customers import NUMBERS, PROJECT, RAW_CUSTOMERS
from tests.made_workbooks import write_rows
from tests.plans import model_of
from tests.score_command import COMMAND, heed_interrupts
from tests.serving import wait_until

NAMES = list(RAW_CUSTOMERS[0])
ANSWERS = ["churn_probability", "churn", "error"]
FIRST = 300


@pytest.fixture
def in_pieces(monkeypatch):
    monkeypatch.setattr(workbook_file, "PIECE_CELLS", 130)  # seven rows


def type_cells(customer: dict[str, str]) -> list:
    """A customer as people have it in a sheet: numbers as numbers, a blank as an empty cell."""
    return [float(text) if name.lower() in NUMBERS and text.strip() else text for name, text in customer.items()]


TYPED = [type_cells(customer) for customer in RAW_CUSTOMERS[:FIRST]]


def write_book(path: Path, rows: list[list], **further: list[list]) -> Path:
    """A workbook of openpyxl with a sheet of these rows, "customers", and further ones by name."""
    book = openpyxl.Workbook(write_only=True)
    for name, sheet_rows in {"customers": rows, **further}.items():
        sheet = book.create_sheet(name)
        for row in sheet_rows:
            sheet.append(row)
    book.save(path)
    return path


def read_book(path: Path) -> list[list]:
    """The rows of a workbook's only sheet, from the first one on, as openpyxl reads them."""
    book = openpyxl.load_workbook(path)
    assert len(book.worksheets) == 1
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def probabilities_of(rows: list[list]) -> list[float]:
    place = rows[0].index("churn_probability")
    return [row[place] for row in rows[1:]]


@pytest.mark.parametrize("written_by", ["openpyxl", "pandas"])
def test_customers_get_scikit_learns_probabilities(scorer, expected, tmp_path, written_by, in_pieces):
    source, target = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    if written_by == "openpyxl":
        write_book(source, [NAMES, *TYPED])
    else:
        pd.DataFrame(TYPED, columns=NAMES).to_excel(source, index=False)
    outcome = score_file(source, target, scorer)
    assert (outcome.customers, outcome.refused) == (FIRST, 0)
    rows = read_book(target)
    assert rows[0] == [*NAMES, *ANSWERS]
    np.testing.assert_allclose(probabilities_of(rows), expected[:FIRST], rtol=0, atol=1e-12)
    assert [row[-2] for row in rows[1:]] == [bool(probability >= 0.5) for probability in expected[:FIRST]]
    assert {row[-1] for row in rows[1:]} == {None}
    assert [[cell if cell is not None else " " for cell in row[:-3]] for row in rows[1:]] == TYPED


def test_the_users_cells_keep_their_types_and_texts_stay_texts(scorer, tmp_path):
    own = [17, 0.5, date(2026, 5, 31), datetime(2026, 5, 31, 12, 30), True, "007", "=1+1", None, "http://a.b"]
    book = openpyxl.Workbook()
    book.active.append([*(f"own {place}" for place in range(len(own))), "rate", *NAMES])
    book.active.append([*own, 0.26, *TYPED[0]])
    book.active.cell(2, 7).data_type = "s"
    book.active.cell(2, 10).number_format = "0%"
    book.save(tmp_path / "in.xlsx")
    score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer)
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    cells = list(sheet.iter_rows())[1]
    shown = [cell.value.date() if cell.number_format == "yyyy-mm-dd" else cell.value for cell in cells[:9]]
    assert shown == own
    assert [cell.data_type for cell in cells[:9]] == ["n", "n", "d", "d", "b", "s", "s", "n", "s"]
    assert (cells[9].value, "%" in cells[9].number_format) == (0.26, True)
    assert [cells[place].data_type for place in (-3, -2)] == ["n", "b"]
    assert not any(cell.hyperlink for cell in cells)


def test_an_error_or_an_uncalculated_formula_is_a_problem_in_its_own_words_and_never_a_blank(scorer, tmp_path):
    tenure, charges, contract = (NAMES.index(name) for name in ("tenure", "TotalCharges", "Contract"))
    rows = [list(cells) for cells in TYPED[:4]]
    rows[0][tenure] = 0.0
    rows[0][charges] = "#N/A"  # the customer is new, so a blank would be accepted here
    rows[1][charges] = "=A1*2"
    rows[1][contract] = "#REF!"
    rows[2][contract] = "two yeer"
    write_book(tmp_path / "in.xlsx", [["note", *NAMES], *[[f"={number}/0", *row] for number, row in enumerate(rows)]])
    outcome = score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer)
    assert outcome.refusals.first_rows == {
        ("totalcharges", "the error #N/A"): 2,
        ("totalcharges", "a formula without a calculated value"): 3,
        ("contract", "the error #REF!"): 3,
        ("contract", "unknown category"): 4,
    }
    scored = read_book(tmp_path / "out.xlsx")
    errors = [row[-1] for row in scored[1:]]
    blank_only = "a finite number, 0 or more; blank only where tenure is 0"
    assert errors[0] == f"totalcharges: the error #N/A (expected {blank_only})"
    assert errors[1].startswith("contract: the error #REF! (expected month-to-month, one_year, two_year); total")
    assert errors[2] == "contract: unknown category (did you mean two_year?)"
    assert errors[3] is None
    assert [row[-3] is None for row in scored[1:]] == [True, True, True, False]
    assert scored[1][1 + charges] == "=#N/A"  # still an error, as the formula that gives it
    with read_workbook(tmp_path / "out.xlsx") as sheet:
        kept = [row.cells for row in sheet.rows()]
    assert [str(kept[1][1 + charges]), str(kept[2][1 + charges]), str(kept[4][0])] == ["#N/A", "#VALUE!", "#VALUE!"]


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (True, "not a number"),
        (date(2026, 5, 31), "not a number"),
        ("29,85", "not a number"),
        ("29.85", None),
        (-1, "negative"),
        (None, "blank"),
        ("   ", "blank"),
    ],
)
def test_a_cell_is_read_as_the_text_that_a_csv_has_for_it(scorer, tmp_path, cell, problem):
    row = [cell if name == "MonthlyCharges" else value for name, value in zip(NAMES, TYPED[0], strict=True)]
    write_book(tmp_path / "in.xlsx", [NAMES, row])
    outcome = score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer)
    assert list(outcome.refusals.counts) == ([("monthlycharges", problem)] if problem else [])


def test_a_percentage_is_not_the_number_that_its_cell_holds(scorer, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(NAMES)
    book.active.append(TYPED[0])
    cell = book.active.cell(2, NAMES.index("MonthlyCharges") + 1, 0.26)
    cell.number_format = "0%"
    book.save(tmp_path / "in.xlsx")
    outcome = score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer)
    assert outcome.refusals.counts == {("monthlycharges", "not a number"): 1}


@pytest.mark.parametrize(
    "marks",
    [Marks("%"), Marks("%", decimal_comma=True), Marks("%", thousands=True), Marks("%", True, decimal_comma=True)],
    ids=["points", "commas", "points and thousands", "commas and thousands"],
)
def test_a_percentage_is_the_number_that_its_cell_shows_whatever_marks_texts_have(tmp_path, marks):
    weights = Scorer(Contract((Number("rate", marks=marks),)), {"rate": 0.1}, intercept=-1.0)
    book = openpyxl.Workbook()
    for cell in ("rate", 0.12345, 0.26):
        book.active.append([cell])
    for row in (2, 3):
        book.active.cell(row, 1).number_format = "0.000%"
    book.save(tmp_path / "in.xlsx")
    outcome = score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", TableScorer(Answerer(model_of(weights))))
    assert outcome.refused == 0
    scored = [row[1] for row in read_book(tmp_path / "out.xlsx")[1:]]
    assert scored == pytest.approx([probability(-1 + 1.2345), probability(-1 + 2.6)], abs=1e-12)


MARKED_TEXTS = [
    "1,5",
    "1.234",
    "1.234,50 €",
    "€1.234",
    "$5",
    "(5 €)",
    "5-",
    "five",
    "1,234",
    "\u22125",
    "3\u2009700 €",
]


@pytest.mark.parametrize("marks", [None, Marks("€"), Marks("€", True), Marks("€", True, decimal_comma=True)])
def test_a_text_is_refused_in_the_same_words_in_json_parquet_a_workbook_and_as_the_page_sends_it(tmp_path, marks):
    answerer = Answerer(model_of(Scorer(Contract((Number("fee", marks=marks),)), {"fee": 0.001}, intercept=-1.0)))
    in_json = []
    for text in MARKED_TEXTS:
        try:
            answerer.answer_customer({"fee": text}, suggest=False)
            in_json.append(None)
        except CustomerError as error:
            in_json.append(str(error.problems[0]))
    assert len({*in_json}) > 4
    pq.write_table(pa.table({"fee": MARKED_TEXTS}), tmp_path / "in.parquet")
    score_file(tmp_path / "in.parquet", tmp_path / "out.parquet", TableScorer(answerer))
    assert pq.read_table(tmp_path / "out.parquet")["error"].to_pylist() == in_json
    write_book(tmp_path / "in.xlsx", [["fee"], *([text] for text in MARKED_TEXTS)])
    score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", TableScorer(answerer))
    assert [row[-1] for row in read_book(tmp_path / "out.xlsx")[1:]] == in_json
    sent = "\n".join(["fee", *(f'"{text}"' for text in MARKED_TEXTS)]).encode()
    by_page = score_csv(
        f"sep=,\n{sent.decode()}".encode(), answerer, report_errors=True, decimal_mark=EACH, max_rows=99
    )
    answered = list(csv.reader(io.StringIO(b"".join(by_page.content).decode())))[2:]
    assert [row[-1] or None for row in answered] == in_json


def test_a_title_stays_above_a_frozen_header_with_a_filter_and_rows_have_the_numbers_shown(
    scorer, expected, tmp_path
):
    bad = ["Mail", *TYPED[3][1:]]
    rows = [["Customers of May", None, date(2026, 5, 31)], [], NAMES, TYPED[0], [], [" "], TYPED[1], TYPED[2], bad]
    write_book(tmp_path / "in.xlsx", rows)
    outcome = score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer)
    assert outcome.form == "worksheet 'customers' of an Excel workbook, header in row 3 below a title"
    assert (outcome.customers, outcome.refusals.first_rows) == (4, {("gender", "unknown category"): 9})
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert (sheet.title, sheet.freeze_panes, sheet.auto_filter.ref) == ("customers", "A4", "A3:V7")
    scored = read_book(tmp_path / "out.xlsx")
    assert scored[0][:3] == ["Customers of May", None, datetime(2026, 5, 31)]
    assert {*scored[1]} == {None}
    assert scored[2] == [*NAMES, *ANSWERS]
    np.testing.assert_allclose(probabilities_of(scored[2:])[:3], expected[:3], rtol=0, atol=1e-12)


def test_the_first_row_of_each_problem_is_known_in_every_piece_though_rows_are_blank(scorer, tmp_path, in_pieces):
    rows = [list(cells) for cells in TYPED[:40]]
    rows[25][0] = "Mail"
    write_book(tmp_path / "in.xlsx", [[], NAMES, *rows[:10], [], [], *rows[10:]])
    outcome = score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer)
    assert outcome.refusals.first_rows == {("gender", "unknown category"): 2 + 25 + 2 + 1}


def test_a_filled_cell_to_the_right_of_the_table_refuses_its_row_and_stays_there(scorer, tmp_path):
    rows = [NAMES, TYPED[0], [*TYPED[1], None, "a note"], [*TYPED[2], " ", "  "]]
    write_book(tmp_path / "in.xlsx", rows)
    outcome = score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer)
    assert outcome.refusals.first_rows == {(None, "a cell right of the table"): 3}
    scored = read_book(tmp_path / "out.xlsx")
    assert (
        scored[2][len(NAMES) + 2]
        == "row: a cell right of the table (expected no cells but in the 19 columns of the header)"
    )
    assert scored[2][len(NAMES) + 4] == "a note"
    assert scored[3][len(NAMES)] is not None


def test_the_worksheet_is_the_first_or_the_one_that_is_named(scorer, expected, tmp_path):
    source, target = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    write_book(source, [NAMES, TYPED[0]], May=[NAMES, TYPED[1], TYPED[2]], Plan=[["a"], [1]])
    assert score_file(source, target, scorer).form.startswith("worksheet 'customers' of")
    assert score_file(source, target, scorer, worksheet="may").form.startswith("worksheet 'May' of")
    assert openpyxl.load_workbook(target).sheetnames == ["May"]
    np.testing.assert_allclose(probabilities_of(read_book(target)), expected[1:3], rtol=0, atol=1e-12)
    with pytest.raises(TableError, match="no worksheet 'June'; its worksheets are 'customers', 'May', 'Plan'"):
        score_file(source, target, scorer, worksheet="June")
    with pytest.raises(CustomerError):
        score_file(source, target, scorer, worksheet="Plan")
    assert openpyxl.load_workbook(target).sheetnames == ["May"]


def test_a_worksheet_option_is_refused_for_another_form(scorer, tmp_path):
    (tmp_path / "in.csv").write_text("a,b\n")
    with pytest.raises(TableError, match="it has no worksheet 'May': it is CSV"):
        score_file(tmp_path / "in.csv", tmp_path / "out.csv", scorer, worksheet="May")
    write_book(tmp_path / "in.xlsx", [NAMES, TYPED[0]])
    with pytest.raises(TableError, match="it has no encoding 'utf-16': it is an Excel workbook; leave --encoding"):
        score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer, encoding="utf-16")


def test_columns_with_other_names_are_found_and_keep_them(shipped, expected, tmp_path):
    header = ["Vertrag" if name == "Contract" else name for name in NAMES]
    write_book(tmp_path / "in.xlsx", [header, *TYPED])
    scorer = TableScorer(Answerer(shipped), renaming=Renaming.read(["Vertrag=Contract"]))
    score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer)
    scored = read_book(tmp_path / "out.xlsx")
    assert "Vertrag" in scored[0]
    np.testing.assert_allclose(probabilities_of(scored), expected[:FIRST], rtol=0, atol=1e-12)
    lost = TableScorer(Answerer(shipped), renaming=Renaming.read(["Laufzeit=Contract"]))
    with pytest.raises(TableError, match="has no column 'laufzeit', which is mapped to 'contract'"):
        score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", lost)


@pytest.mark.parametrize("most", [1, 20, FIRST, 1000])
def test_the_riskiest_are_the_beginning_of_a_sorted_file(scorer, tmp_path, most, in_pieces, monkeypatch):
    monkeypatch.setattr("churn.batch.ranking._FEWEST_HELD", 10)
    source = write_book(tmp_path / "in.xlsx", [NAMES, *TYPED])
    score_file(source, tmp_path / "whole.xlsx", scorer)
    score_file(source, tmp_path / "top.xlsx", scorer, top=most)
    header, *rows = read_book(tmp_path / "whole.xlsx")
    ranked = sorted(rows, key=lambda row: -row[len(NAMES)])[:most]
    assert read_book(tmp_path / "top.xlsx") == [header, *ranked]


def test_an_earlier_answer_is_replaced_and_a_workbook_may_be_scored_in_place(scorer, shipped, tmp_path):
    path = write_book(tmp_path / "customers.xlsx", [["Churn", *NAMES], *[["No", *cells] for cells in TYPED[:20]]])
    with_reasons = TableScorer(Answerer(shipped, threshold=0.5, n_reasons=2))
    score_file(path, path, with_reasons)
    reasons = read_book(path)
    assert reasons[0][-5:] == ["churn_probability", "predicted_churn", "reason_1", "reason_2", "error"]
    assert " is " in reasons[1][-2]
    outcome = score_file(path, path, scorer)
    assert len(outcome.columns.replaced) == 5
    assert read_book(path)[0] == ["Churn", *NAMES, "churn_probability", "predicted_churn", "error"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("rows", "after", "error", "words"),
    [
        ("", "", TableError, "its worksheet 'Customers' is empty; it needs a header row"),
        ('<row r="1"><c r="A1" t="str"><v>  </v></c></row>', "", TableError, "is empty"),
        ('<row r="1"><c r="A1"><v>1</v></c></row>', "", CustomerError, "19 problems"),
        ('<row r="2"><c r="A1"><v>1</v></c></row>', "", TableError, "its cells are not in order"),
    ],
)  # fmt: skip
def test_a_worksheet_that_cant_be_used_leaves_the_target_unchanged(scorer, tmp_path, rows, after, error, words):
    source = write_rows(tmp_path / "in.xlsx", rows, after=after)
    (tmp_path / "out.xlsx").write_text("before")
    with pytest.raises(error, match=words):
        score_file(source, tmp_path / "out.xlsx", scorer)
    assert (tmp_path / "out.xlsx").read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"in.xlsx", "out.xlsx"}


def test_merged_cells_among_the_customers_are_refused_before_anything_is_in_place(scorer, tmp_path):
    book = openpyxl.Workbook()
    for row in (NAMES, *TYPED[:3]):
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.save(tmp_path / "in.xlsx")
    with pytest.raises(TableError, match="row 2: the cells A2:A3 are merged"):
        score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer)
    assert {path.name for path in tmp_path.iterdir()} == {"in.xlsx"}


def test_an_answer_that_no_sheet_can_hold_is_reported_and_nothing_is_left(scorer, tmp_path):
    wide = [*NAMES, *(f"own {place}" for place in range(16_384 - len(NAMES)))]
    write_book(tmp_path / "in.xlsx", [wide, TYPED[0]])
    with pytest.raises(WriteError, match="a sheet holds 1 to 16,384 columns, and the table has 16,387"):
        score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer)
    assert {path.name for path in tmp_path.iterdir()} == {"in.xlsx"}


def test_a_far_cell_that_leaves_no_room_for_the_answer_is_named(scorer, tmp_path):
    book = openpyxl.Workbook()
    for row in (NAMES, *TYPED[:3]):
        book.active.append(row)
    book.active["XFD62"] = 1
    book.save(tmp_path / "in.xlsx")
    with pytest.raises(TableError, match="row 62: its cell XFD62 leaves no room for the answer; clear it"):
        score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer)
    assert {path.name for path in tmp_path.iterdir()} == {"in.xlsx"}


def test_hidden_rows_are_scored_and_counted(scorer, tmp_path):
    book = openpyxl.Workbook()
    for row in (NAMES, *TYPED[:9]):
        book.active.append(row)
    for row in (3, 5, 20):
        book.active.row_dimensions[row].hidden = True
    book.save(tmp_path / "in.xlsx")
    outcome = score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer)
    assert (outcome.customers, outcome.hidden_rows) == (9, 2)
    run = subprocess.run(
        [*COMMAND, tmp_path / "in.xlsx", tmp_path / "out.xlsx"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "2 of the rows are hidden in the workbook" in run.stderr.splitlines()


def test_a_number_without_a_percent_sign_next_to_percentages_is_refused(tmp_path):
    model = model_of(Scorer(Contract((Number("discount", marks=Marks("%")),)), {"discount": 0.1}, intercept=0.0))
    book = openpyxl.Workbook()
    for cell in ("Discount", 0.26, 0.27, 0.28):
        book.active.append([cell])
    book.save(tmp_path / "in.xlsx")
    scorer = TableScorer(Answerer(model, threshold=0.5))
    assert score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer).refused == 0
    book.active["A3"].number_format = "0%"
    book.save(tmp_path / "in.xlsx")
    with pytest.raises(
        TableError, match=r"row 2: 'Discount' is a number without a percent sign here, and has the .* row 3"
    ):
        score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer)
    for row in (2, 4):
        book.active.cell(row, 1).number_format = "0.0%"
    book.save(tmp_path / "in.xlsx")
    score_file(tmp_path / "in.xlsx", tmp_path / "out.xlsx", scorer)
    expected = 1 / (1 + np.exp(-0.1 * np.array([26, 27, 28])))
    np.testing.assert_allclose(probabilities_of(read_book(tmp_path / "out.xlsx")), expected, rtol=0, atol=1e-12)


def test_temporary_files_are_private_next_to_the_output_and_removed(scorer, tmp_path, in_pieces):
    source = write_book(tmp_path / "in.xlsx", [NAMES, *TYPED])
    source.chmod(0o600)
    seen = set()

    def look(done, total, customers):
        for path in tmp_path.glob(".out.xlsx.*"):
            seen.add((path.is_dir(), stat.S_IMODE(path.stat().st_mode)))

    before = os.umask(0o022)
    try:
        score_file(source, tmp_path / "out.xlsx", scorer, report_progress=look)
    finally:
        os.umask(before)
    assert seen == {(True, 0o700), (False, 0o600)}
    assert {path.name for path in tmp_path.iterdir()} == {"in.xlsx", "out.xlsx"}
    assert stat.S_IMODE((tmp_path / "out.xlsx").stat().st_mode) == 0o600


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_a_run_that_is_ended_leaves_the_target_unchanged(tmp_path, number, status):
    source = write_book(tmp_path / "in.xlsx", [NAMES, *TYPED * 40])
    (tmp_path / "out.xlsx").write_text("before")
    in_no_hurry = ["nice", "-n", "19", *COMMAND, source, tmp_path / "out.xlsx"]
    with subprocess.Popen(in_no_hurry, cwd=PROJECT, stderr=subprocess.PIPE, preexec_fn=heed_interrupts) as process:
        wait_until(lambda: process.poll() is not None or len(list(tmp_path.glob(".out.xlsx.*.new"))) == 2)
        process.send_signal(number)
        said = process.stderr.read()
    assert process.returncode == status, said
    assert (tmp_path / "out.xlsx").read_text() == "before"
    if number != signal.SIGKILL:
        assert said.endswith(b" before the end of the table\n")
        assert {path.name for path in tmp_path.iterdir()} == {"in.xlsx", "out.xlsx"}


def test_memory_stays_flat(scorer, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_file, "PIECE_CELLS", 2_000)
    peaks = []
    for times in (3, 15):
        path = write_book(tmp_path / f"{times}.xlsx", [NAMES, *TYPED * times])
        tracemalloc.start()
        score_file(path, tmp_path / "out.xlsx", scorer)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]
