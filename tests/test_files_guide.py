"""docs/files.md against the code, both ways: how files are read, and each refusal that the page quotes."""

import re
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from churn.batch.command import score_command
from churn.errors import TableError
from churn.model.file import load_model
from churn.tables.csv_header import MAX_TITLE_ROWS
from churn.tables.encoding import ENCODINGS
from churn.tables.file_ending import COMPRESSED, ENDINGS
from churn.tables.file_kind import KINDS
from churn.tables.renaming import Renaming
from churn.training.source import Reading
from churn.training.table import read_table
from tests.customers import CSV, PROJECT
from tests.documents import FILES, read_code
from tests.documents import read_table as read_rows

MODEL = load_model(PROJECT / "model_C=1.0.bin")
HEADER, FIRST = CSV.read_text(encoding="utf-8").splitlines()[:2]
READ = {"text", "utf-16", "xlsx", "gzip", "parquet"}
"""The kinds that are read where their form is read."""


def read_quotes(heading: str) -> list[str]:
    """The quotations in the first column of the table with this heading."""
    return [read_code(quote)[0] for quote, _ in read_rows(heading, FILES)]


def test_every_kind_of_file_that_is_refused_has_its_name_and_its_way_out():
    refused = [[kind.name, kind.way_out] for key, kind in KINDS.items() if key not in READ]
    assert read_rows("it is", FILES) == refused


def test_the_endings_encodings_and_title_rows_are_the_codes():
    endings = re.search(r"must agree: (.*?)\.\n", FILES)[1]
    assert {*read_code(endings)} == {*ENDINGS, f".csv{COMPRESSED}"}
    assert {*re.findall(r"`(?:--encoding |charset=)?(utf-8|utf-16|windows-1252)`", FILES)} == {*ENCODINGS}
    assert f"a title of up to {MAX_TITLE_ROWS} rows" in FILES


def make_workbook(path: Path, rows: list[list[str]], *, merged: str = "", error: str = "") -> None:
    """Rows in a worksheet `customers`, optionally with merged cells or a cell with an error."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "customers"
    for row in rows:
        sheet.append(row)
    if merged:
        sheet.merge_cells(merged)
    if error:
        sheet[error] = "#N/A"
        sheet[error].data_type = "e"
    book.save(path)


NUMBERS = b"charge;churn\n" + b"".join(b"%d;%s\n" % (row, b"no" if row % 2 else b"yes") for row in range(30))
TRAINED = {
    "has no column 'churn'": b"charge;left\n1;yes\n2;no\n",
    "the target 'churn' has the values": b"charge;churn\n1;yes\n2;maybe\n",
    "has 3 cells": b"charge;churn\n1;2;no\n",
    "'charge' is '1,234' here": b"charge;churn\n1,234;yes\n2,345;no\n",
    "'charge' is '20,45' here": b"charge;churn\n" + b"20,45;no\n20.45;yes\n20.50;yes\n",
    "'charge' is '5-' here": b"charge;churn\n5-;yes\n6-;no\n",
    "'charge' is '5' here": b"charge;churn\n$1;yes\n$2;no\n5;no\n",
    "'charge' is 'n. v.' in 9 rows": NUMBERS + b"n. v.;no\n" * 9,
    "has no column 'vertrag'": NUMBERS,
    "is neither UTF-8 nor Windows-1252": NUMBERS + b"\xe9\x81;no\n",
    "'charge' is #N/A here": [["charge", "churn"], ["1", "yes"], ["2", "no"]],
}
"""A table for each refusal of train.py, by the beginning of the refusal."""


@pytest.mark.parametrize("begin", TRAINED)
def test_a_refusal_of_train_py_has_the_words_of_the_guide(tmp_path, begin):
    path, table = tmp_path / "table", TRAINED[begin]
    renaming = Renaming.read(["Vertrag=contract"] if "vertrag" in begin else [])
    if isinstance(table, bytes):
        path.write_bytes(table)
    else:
        make_workbook(path, table, error="A2")
    with pytest.raises(TableError) as refused:
        read_table(path, reading=Reading(renaming=renaming))
    [quote] = [quote for quote in read_quotes("`train.py` says") if quote.startswith(begin)]
    assert re.fullmatch(rf"{path}(, (row|line) \d+)?: {re.escape(quote)}", str(refused.value))


def test_every_refusal_of_train_py_that_the_guide_quotes_is_tested():
    assert len(read_quotes("`train.py` says")) == len(TRAINED)


def score(path: Path, *options: str) -> tuple[int, str]:
    """The exit status of `score`, and its output on stderr."""
    command = score_command(lambda: MODEL)
    answer = CliRunner().invoke(command, [str(path), str(path.with_stem("scored")), *options])
    return answer.exit_code, answer.stderr


SCORED = {
    "would be CSV, but the input is an Excel workbook": ("wrong.csv", "", {}, []),
    "it has no worksheet 'May'": ("table.xlsx", "", {}, ["--worksheet", "May"]),
    "the cells A2:B2 are merged": ("table.xlsx", "", {"merged": "A2:B2"}, []),
    "the header: tenure: missing": ("table.csv", f"{HEADER.replace('tenure', 'months')}\n{FIRST}\n", {}, []),
    "it is neither UTF-8 nor Windows-1252": ("table.csv", f"{HEADER},\xe9\x81\n{FIRST},\n", {}, []),
    "it has no column 'monthlycharge'": (
        "table.csv",
        f"{HEADER}\n{FIRST}\n",
        {},
        ["--value-field", "monthlycharge", "--offer", "10", "--contact", "1", "--accept", "0.3"],
    ),
    "the file ends in the middle": ("table.csv", f'{HEADER}\n{FIRST}\n"{FIRST}\n', {}, []),
}
"""A file for each refusal of `score`, by the beginning of the refusal: name, text or workbook, and options."""


@pytest.mark.parametrize("begin", SCORED)
def test_a_refusal_of_score_has_the_words_of_the_guide(tmp_path, begin):
    name, text, made, options = SCORED[begin]
    path = tmp_path / name
    if text:
        path.write_bytes(text.encode("latin-1"))
    else:
        make_workbook(path.with_suffix(".xlsx"), [HEADER.split(","), FIRST.split(",")], **made)
        path.with_suffix(".xlsx").rename(path)
    status, said = score(path, *options)
    [quote] = [quote for quote in read_quotes("`score` says") if quote.startswith(begin)]
    assert status == 2
    assert re.fullmatch(rf"(read as .*\n)?score: .*[:,] {re.escape(quote)}\n", said)


def test_every_refusal_of_score_that_the_guide_quotes_is_tested():
    assert len(read_quotes("`score` says")) == len(SCORED)


def test_the_call_list_of_the_guide_ends_with_its_words(tmp_path):
    options, said = re.search(r"telco-churn\.csv calls\.csv (.*)\n((?:.+\n)+?)```", FILES).groups()
    (tmp_path / "in.csv").write_bytes(CSV.read_bytes())
    assert score(tmp_path / "in.csv", *options.split()) == (0, said)


def test_the_problems_of_bad_rows_are_those_of_the_guide(tmp_path):
    changes = {"Contract": "Two yeer", "tenure": "", "MonthlyCharges": "$29.85", "Churn": "No"}
    customer = dict(zip(HEADER.split(","), FIRST.split(","), strict=True)) | changes
    make_workbook(tmp_path / "table.xlsx", [[*customer], [*customer.values()]])
    errors = [read_error(tmp_path / "table.xlsx")]
    make_workbook(tmp_path / "table.xlsx", [[*customer], [*customer.values()]], error="R2")
    errors.append(read_error(tmp_path / "table.xlsx"))
    for quote in read_quotes("`error` says"):
        assert any(quote in error.split("; ") for error in errors), (quote, errors)


def read_error(path: Path) -> str:
    """The cell `error` of the only customer in a scored workbook."""
    assert score(path)[0] == 0
    [_, row] = openpyxl.load_workbook(path.with_stem("scored")).active.iter_rows(values_only=True)
    return str(row[-1])
