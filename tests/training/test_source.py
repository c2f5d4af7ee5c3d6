"""The forms of a table for training: each gives the table that the plain form gives."""

import csv
import gzip
import io
import os
import pickle
import zipfile
from concurrent.futures import ThreadPoolExecutor

import openpyxl
import pandas as pd
import pytest

from churn.errors import TableError
from churn.tables.renaming import Renaming
from churn.training.source import Reading, read_source
from churn.training.table import read_table

ROWS = [
    ["Plan", "Charge", "Stadt", "Churn"],
    ["basic", "20.5", "Köln", "yes"],
    ["pro", "1234.25", "Zürich", "no"],
    ["basic", "17", "Köln", "no"],
    ["pro", "", "Bern", "yes"],
] + [["pro", f"{number}.5", "Bern", "no"] for number in range(20)]


def write(path, *, delimiter=",", decimal_mark=".", line_end="\n", encoding="utf-8", above=""):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([[cell.replace(".", decimal_mark) for cell in row] for row in ROWS])
    path.write_bytes((above + text.getvalue()).encode(encoding))
    return path


def a_zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("table.csv", "x,churn\n")
    return content.getvalue()


FORMS = {
    "plain": ({}, "CSV in UTF-8, separated by commas, header in row 1"),
    "Excel in Europe": (
        {"delimiter": ";", "decimal_mark": ",", "line_end": "\r\n", "encoding": "cp1252"},
        "CSV in Windows-1252, separated by semicolons, decimal commas, header in row 1",
    ),
    "Unicode text": (
        {"delimiter": "\t", "line_end": "\r\n", "encoding": "utf-16"},
        "CSV in UTF-16, separated by tabs, decimal points, header in row 1",
    ),
    "a mark, and old line ends": (
        {"line_end": "\r", "encoding": "utf-8-sig"},
        "CSV in UTF-8, separated by commas, header in row 1",
    ),
    "Excel's own line": (
        {"delimiter": "|", "above": "sep=|\n"},
        "CSV in UTF-8, separated by '|', decimal points, header in row 1",
    ),
    "a title": (
        {"delimiter": ";", "above": "Customers of May\n\nChurn\n"},
        "CSV in UTF-8, separated by semicolons, decimal points, header in row 4 below a title",
    ),
    "a padded title": (
        {"delimiter": ";", "above": "Customers of May;;;\n;;;\n"},
        "CSV in UTF-8, separated by semicolons, decimal points, header in row 3 below a title",
    ),
}


@pytest.mark.parametrize(("form", "words"), FORMS.values(), ids=FORMS.keys())
def test_every_form_gives_the_same_table_and_is_reported(form, words, tmp_path):
    plain = read_table(write(tmp_path / "plain.csv"))
    table = read_table(write(tmp_path / "table.csv", **form))
    assert table.form == words
    assert table.customers.equals(plain.customers)
    assert list(table.customers["charge"][:3]) == [20.5, 1234.25, 17.0]
    assert table.y.tolist() == plain.y.tolist()


def test_a_blank_row_is_skipped_and_a_row_has_the_number_that_a_spreadsheet_shows(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("A title\nx,churn\n , \na,yes\nb,no\n")
    assert read_source(path, target="churn").rows.tolist() == [4, 5]
    path.write_text("A title\nx,churn\n , \na,yes\nb\n")
    with pytest.raises(TableError, match="row 5: has 1 cells where the header has 2"):
        read_table(path)


def test_numbers_that_can_be_read_in_two_ways_stop_with_the_row_and_the_option(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("income;churn\n17;yes\n1.234;no\n12.500;no\n")
    with pytest.raises(TableError, match=r"row 3: 'income' is '1\.234' here, .*; --decimal-mark says which mark"):
        read_table(path)
    assert read_table(path, reading=Reading(decimal_mark=".")).customers["income"].tolist() == [17.0, 1.234, 12.5]
    path.write_text("income;churn\n17;yes\n1,234;no\n12,500;no\n")
    assert read_table(path, reading=Reading(decimal_mark=",")).customers["income"].tolist() == [17.0, 1.234, 12.5]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Stadt;left\nK\u00f6ln;yes\n", "CSV in Windows-1252, separated by semicolons, header in row 1"),
        (
            "May\na,Stadt,churn\n1,K\u00f6ln\n",
            "CSV in Windows-1252, separated by commas, header in row 2 below a title",
        ),
        ("a,churn\n1,yes\n\u00fc,maybe\n", "CSV in Windows-1252, separated by commas, header in row 1"),
        ("a;churn\n1,5;yes\n\u00fc;maybe\n", "CSV in Windows-1252, separated by semicolons, header in row 1"),
        ("%PDF-1.7\n", ""),
    ],
)
def test_a_refusal_has_the_form_in_which_the_file_was_read(tmp_path, content, words):
    path = tmp_path / "table.csv"
    path.write_bytes(content.encode("cp1252"))
    with pytest.raises(TableError) as refusal:
        read_table(path)
    assert refusal.value.form == words


def test_a_decimal_comma_with_commas_as_delimiters_is_reported(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('a,churn\n"1,5",yes\n"2,5",no\n')
    table = read_table(path, reading=Reading(decimal_mark=","))
    assert table.form == "CSV in UTF-8, separated by commas, decimal commas, header in row 1"


def test_the_encoding_can_be_given(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes("x,churn\nß,yes\nü,no\n".encode())
    assert list(read_table(path, reading=Reading(encoding="windows-1252")).customers["x"]) == ["ãÿ", "ã¼"]
    path.write_bytes("x,churn\nß,yes\n".encode("cp1252"))
    with pytest.raises(TableError, match="line 2: is not UTF-8"):
        read_table(path, reading=Reading(encoding="utf-8"))


def test_a_header_may_lack_names_that_its_rows_have(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(",plan,churn,\n0,a,yes,1\n1,b,no,1\n")
    with pytest.raises(TableError, match="row 1: has a column without a name"):
        read_table(path)


@pytest.mark.parametrize(
    "content",
    ["plan,,churn,,\na,,yes,,\nb,, no,, \n", "plan,churn\na,yes,,\nb,no, ,\n,,,\n", " ,plan,churn\n,a,yes\n,b,no\n"],
)
def test_columns_and_cells_that_a_spreadsheet_left_blank_are_left_out(tmp_path, content):
    path = tmp_path / "table.csv"
    path.write_text(content)
    table = read_table(path)
    assert table.customers.to_dict("list") == {"plan": ["a", "b"]}
    assert table.y.tolist() == [1, 0]
    rows = [line.split(",") for line in content.splitlines()]
    book = read_table(make_workbook(tmp_path / "table.xlsx", rows))
    assert book.customers.equals(table.customers)
    path.write_text("plan,churn\na,yes,,x\nb,no\n")
    with pytest.raises(TableError, match="row 2: has 4 cells where the header has 2"):
        read_table(path)


def test_any_number_of_blank_rows_at_the_end_does_no_harm(tmp_path):
    plain = read_table(write(tmp_path / "table.csv"))
    (tmp_path / "table.csv").write_bytes((tmp_path / "table.csv").read_bytes() + b",,,\n" * 30_000)
    assert read_table(tmp_path / "table.csv").customers.equals(plain.customers)


def test_a_compressed_csv_is_read_and_a_damaged_one_refused(tmp_path):
    path = tmp_path / "table.csv.gz"
    content = write(tmp_path / "table.csv").read_bytes()
    path.write_bytes(gzip.compress(content))
    assert read_table(path).customers.equals(read_table(tmp_path / "table.csv").customers)
    for damaged in (gzip.compress(content)[:-9], b"\x1f\x8bx"):
        path.write_bytes(damaged)
        with pytest.raises(TableError, match="it is a damaged gzip file; fetch or compress it again"):
            read_table(path)


def test_columns_with_other_names_are_renamed_on_request(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("Vertrag,Gekuendigt\na,yes\nb,no\n")
    reading = Reading(renaming=Renaming.read(["vertrag=Contract", "gekuendigt=Churn"]))
    table = read_table(path, reading=reading)
    assert list(table.customers) == ["contract"]
    assert table.y.tolist() == [1, 0]
    with pytest.raises(TableError, match="has no column 'laufzeit', which is mapped to 'tenure'"):
        read_table(path, reading=Reading(renaming=Renaming.read(["Laufzeit=tenure"])))
    path.write_text("Vertrag,Contract,Churn\na,a,yes\nb,b,no\n")
    with pytest.raises(TableError, match="2 columns with the name 'contract'"):
        read_table(path, reading=Reading(renaming=Renaming.read(["vertrag=Contract"])))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty; give a file with a header row"),
        (b"<!DOCTYPE html><html>", "it is an HTML page; download the table itself"),
        (b"%PDF-1.7\n", "it is a PDF; save its table as"),
        (b"PK\x03\x04" + bytes(40), "it is a damaged workbook"),
        (a_zip(), "it is a zip archive; unpack it"),
        (pickle.dumps({"a": 1}), "it is a Python pickle; save its table as CSV UTF-8 with to_csv"),
        (b"version https://git-lfs.github.com/spec/v1\n", "it is a Git LFS pointer and not the file itself; run"),
        (gzip.compress(b"%PDF-1.7\n", mtime=0), "it is a PDF"),
    ],
)
def test_a_file_that_is_not_a_table_is_named_by_its_kind_with_the_way_out(tmp_path, content, words):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(TableError) as refusal:
        read_table(path)
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("given", "form", "words"),
    [
        ({"worksheet": "May"}, "csv", "it has no worksheet 'May': it is CSV"),
        ({"worksheet": "May"}, "parquet", "it has no worksheet 'May': it is Parquet"),
        ({"encoding": "utf-8"}, "parquet", "it has no encoding 'utf-8': it is Parquet; leave --encoding out"),
        ({"encoding": "utf-16"}, "xlsx", "it has no encoding 'utf-16': it is an Excel workbook"),
    ],
)
def test_an_option_that_does_not_apply_to_the_form_is_refused(tmp_path, given, form, words):
    paths = {"csv": write(tmp_path / "table.csv"), "xlsx": make_workbook(tmp_path / "table.xlsx", ROWS)}
    paths["parquet"] = tmp_path / "table.parquet"
    pd.read_csv(paths["csv"]).to_parquet(paths["parquet"])
    with pytest.raises(TableError) as refusal:
        read_table(paths[form], reading=Reading(**given))
    assert words in str(refusal.value)


def test_a_workbook_from_a_pipe_is_refused_with_the_remedy(tmp_path):
    book, pipe = make_workbook(tmp_path / "table.xlsx", ROWS).read_bytes(), tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(pipe.write_bytes, book)
        with pytest.raises(TableError, match="which can't be read from a pipe; give the name of a file"):
            read_table(pipe)
        sent.result()


def test_the_content_decides_the_kind_and_not_the_name(tmp_path):
    plain = read_table(write(tmp_path / "table.data"))
    path = tmp_path / "table.csv"
    pd.read_csv(tmp_path / "table.data").to_parquet(path)
    assert read_table(path).form == "Parquet"
    assert read_table(path).customers.equals(plain.customers)


def make_workbook(path, rows, *, title=None):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in [[title], []] if title else []:
        sheet.append(row)
    for row in rows:
        sheet.append(row)
    workbook.create_sheet("Leer")
    workbook.save(path)
    return path


def test_a_workbook_gives_the_table_of_its_csv(tmp_path):
    plain = read_table(write(tmp_path / "plain.csv"))
    typed = [[float(cell) if cell.replace(".", "").isdigit() else cell or None for cell in row] for row in ROWS]
    path = make_workbook(tmp_path / "table.xlsx", typed, title="Customers of May")
    table = read_table(path)
    assert table.form == "worksheet 'Sheet' of an Excel workbook, header in row 3 below a title"
    assert table.customers.equals(plain.customers)
    assert table.y.tolist() == plain.y.tolist()
    assert read_table(path, reading=Reading(worksheet="Sheet")).customers.equals(plain.customers)
    with pytest.raises(TableError, match="Leer"):
        read_table(path, reading=Reading(worksheet="Nirgends"))
    with pytest.raises(
        TableError,
        match=r"its worksheet 'Leer' is empty; it needs a header row, or name another with --worksheet: 'Sheet'$",
    ):
        read_table(path, reading=Reading(worksheet="Leer"))


@pytest.mark.parametrize(
    ("cell", "words"),
    [("#N/A", "row 3: 'charge' is #N/A here"), ("=1+1", "row 3: 'charge' is "), (("a", "b"), "has 4 cells where")],
)
def test_a_cell_without_a_value_is_not_a_blank_and_a_row_is_not_wider_than_the_header(tmp_path, cell, words):
    cells = cell if isinstance(cell, tuple) else (cell,)
    rows = [["plan", "charge", "churn"], ["a", 1, "yes"], ["b", *cells, "no"], ["c", 3, "no"]]
    with pytest.raises(TableError) as refusal:
        read_table(make_workbook(tmp_path / "table.xlsx", rows))
    assert words in str(refusal.value)
