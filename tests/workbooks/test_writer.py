"""Written workbooks hold exactly the given cells, texts as texts; cells that they can't hold are refused."""

import gc
import io
import os
import re
import resource
import stat
import subprocess
import sys
import tempfile
import tracemalloc
import warnings
import zipfile
from datetime import UTC, date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from churn.errors import WriteError
from churn.workbooks import writer
from churn.workbooks.cells import NO_VALUE, CellError, Percent
from churn.workbooks.reader import read_workbook
from churn.workbooks.writer import Place, WorkbookWriter
from tests.customers import PROJECT
from tests.made_workbooks import writing_workbook

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\rx",
        "http://a.b",
        "mailto:a@b.c",
        "_x000D_",
        "_x0041_x0042_",
        "<r>",
        "<r><t>x</t></r>",
        "<r>& _x0041_</r>",
        "_x",
        " a ",
        "26",
        "TRUE",
        "#N/A",
    ]
)
DAYS = st.dates(date(1900, 3, 1))
MOMENTS = st.datetimes(datetime(1900, 3, 1)).map(lambda moment: moment.replace(microsecond=0))
NUMBERS = st.integers(-(10**15) + 1, 10**15 - 1) | st.floats(-9.99999999999999e307, 9.99999999999999e307)
CELLS = (
    TEXTS
    | NUMBERS
    | st.booleans()
    | DAYS
    | MOMENTS
    | st.times().map(lambda at: at.replace(microsecond=0))
    | st.none()
)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5)
HEADER = ["name", "=n", "since"]


def write(rows, **options) -> io.BytesIO:
    file = io.BytesIO()
    writer = WorkbookWriter(file, options.pop("header", HEADER), name=Path("made.xlsx"), **options)
    try:
        writer.write_rows(rows)
        writer.close()
    finally:
        writer.abandon()
    return file


def read(file) -> list[list]:
    """The rows, filled up to the header's width, with empty ones up to the last."""
    with read_workbook(file) as sheet:
        found = {row.number: row.cells for row in sheet.rows()}
    width = len(found[1])
    cells = [found.get(number, []) for number in range(1, max(found) + 1)]
    return [row + [None] * (width - len(row)) for row in cells]


def expected(value):
    """The value that is read where this one was written."""
    if isinstance(value, datetime) and value.time() == time(0):
        return value.date()
    return None if value == "" else value


def whole(rows: list[list]) -> list[list]:
    """The rows without empty ones at the end, with the type of each cell; int and float count as one type."""
    while rows and all(cell is None for cell in rows[-1]):
        rows = rows[:-1]
    return [
        [(float(cell), "number") if type(cell) in (int, float) else (cell, type(cell)) for cell in row]
        for row in rows
    ]


@settings(max_examples=150, deadline=None)
@given(ROWS)
@example([("<&>", "]]>", '"')])
def test_written_cells_are_read_again_with_the_same_types(rows):
    again = read(write(rows))
    assert again[0] == HEADER
    large = [[str(int(x)) if type(x) is int and abs(x) >= 10**15 else expected(x) for x in row] for row in rows]
    assert whole(again[1:]) == whole(large)


@settings(max_examples=100, deadline=None)
@given(ROWS)
@example([("=1+1", "http://a.b", "mailto:a@b.c"), ("+1", "-1", "@x"), ("\tx", " a ", "26")])
def test_another_library_reads_the_same_cells_and_no_formula_and_no_link(rows):
    rows = [
        tuple("plain" if isinstance(x, str) and ("_x" in x or "</r>" in x or not x.isprintable()) else x for x in row)
        for row in rows
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of an empty workbook property
        sheet = openpyxl.load_workbook(write(rows)).worksheets[0]
    assert [cell.value for cell in sheet[1]] == HEADER
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink]
    found = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    moments = [
        [datetime(x.year, x.month, x.day) if type(x) is date else x or None if x == "" else x for x in row]
        for row in rows
    ]
    padded = [row + [None] * (3 - len(row)) for row in found]
    assert whole(padded[: len(rows)]) == whole(moments)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (Percent(0.26), 0.26),
        (float("nan"), None),
        ("", None),
        (10**15, "1000000000000000"),
        (date(1899, 12, 31), "1899-12-31"),
        (date(1900, 2, 28), "1900-02-28"),
        (datetime(2024, 1, 2, tzinfo=UTC), "2024-01-02T00:00:00+00:00"),
        (datetime(2024, 1, 2, 3, 4, 5, 678_400), datetime(2024, 1, 2, 3, 4, 5, 678_000)),
        (datetime(2024, 1, 2, 23, 59, 59, 999_900), date(2024, 1, 3)),
        (CellError("the error #N/A", "#N/A"), CellError("the error #N/A", "#N/A")),
        (NO_VALUE, CellError("the error #VALUE!", "#VALUE!")),
        (CellError("the error #SPILL!", "#SPILL!"), CellError("the error #VALUE!", "#VALUE!")),
        (0.1 + 0.2, 0.30000000000000004),
        ("a\x00\x07\x1f\r\n\ufffe", "a\x00\x07\x1f\r\n\ufffe"),
        ("half \ud800 a character", "half \ufffd a character"),
    ],
)
def test_values_without_a_cell_type_in_excel_follow_a_rule(value, found):
    [_, [_, again, _]] = read(write([("x", value, None)]))
    assert (again, type(again)) == (found, Percent if isinstance(value, Percent) else type(found))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("a", "b" * 32_768, None)], "its cell B2 has more than 32,767 characters, the most of a cell in Excel"),
        ([("a", "😀" * 16_384, None)], "its cell B2 has more than 32,767 characters, the most of a cell in Excel"),
        ([("a", float("-inf"), None)], "its cell B2 is infinite or has more than 308 digits"),
        ([("a", 1e308, None)], "its cell B2 is infinite or has more than 308 digits"),
    ],
)
def test_a_value_that_a_cell_of_excel_cannot_hold_is_refused_and_the_old_file_stays(tmp_path, rows, words):
    path = tmp_path / "made.xlsx"
    path.write_bytes(b"old")
    with pytest.raises(WriteError) as refused, writing_workbook(path, HEADER) as book:
        book.write_rows(rows)
    assert str(refused.value) == f"{path} can't be written: {words}; write a CSV"
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]


def test_the_longest_text_of_a_cell_is_written():
    assert read(write([("b" * 32_767, "😀" * 16_383, None)]))[1][:2] == ["b" * 32_767, "😀" * 16_383]


def test_more_rows_columns_or_bytes_than_a_sheet_holds_are_refused(monkeypatch):
    monkeypatch.setattr(writer, "MAX_ROWS", 3)
    assert len(read(write([(1, 2, 3)] * 2))) == 3
    with pytest.raises(WriteError, match="a sheet holds 3 rows, the header's too"):
        write([(1, 2, 3)] * 3)
    monkeypatch.undo()
    for header in ([], ["x"] * 16_385):
        with pytest.raises(WriteError, match="a sheet holds 1 to 16,384 columns"):
            write([], header=header)
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 200_000)
    with pytest.raises(WriteError, match="the table is too large for a workbook"):
        write([(1, 2, 3)] * 10_000)


def test_a_header_that_cannot_be_written_leaves_nothing_open():
    with pytest.raises(WriteError, match="cell B1"):
        write([], header=["a", "b" * 40_000])


def test_cells_to_the_right_of_the_table_are_written_as_far_as_a_sheet_goes():
    assert read(write([(1, 2, 3, None, "note")]))[1] == [1, 2, 3, None, "note"]
    with pytest.raises(WriteError, match="a sheet holds 16,384 columns, and row 2 has 16,385"):
        write([(1, 2, 3, *[None] * 16_381, "note")])


def test_a_row_that_is_narrower_than_the_header_is_an_error_of_the_caller():
    with pytest.raises(ValueError, match="a row has 2 cells and the header 3"):
        write([(1, 2)])
    with pytest.raises(TypeError, match="a dict is not a cell"):
        write([(1, {}, 2)])


def test_the_header_is_frozen_and_filtered_and_columns_fit_their_texts():
    book = openpyxl.load_workbook(
        write([("a" * 30, 1, date(2024, 1, 2)), ("b" * 90, 2, NO_VALUE)], place=Place("Kunden: [1]"))
    )
    sheet = book.worksheets[0]
    assert (sheet.title, sheet.freeze_panes, sheet.auto_filter.ref) == ("Kunden_ _1_", "A2", "A1:C3")
    assert [int(sheet.column_dimensions[letter].width) for letter in "ABC"] == [40, 10, 13]
    assert [sheet[place].number_format for place in ("A2", "B2", "C2")] == ["General", "General", "yyyy-mm-dd"]


@pytest.mark.parametrize(
    ("name", "written"),
    [("'a\x01\ud800b'", "_a__b_"), ("x" * 40, "x" * 31), ("😀" * 16, "😀" * 15), ("", "customers")],
)
def test_a_worksheets_name_becomes_one_that_excel_accepts(name, written):
    with read_workbook(write([], place=Place(name))) as sheet:
        assert sheet.name == written


def test_a_text_that_begins_like_a_formula_stays_a_text_when_a_user_edits_it():
    sheet = openpyxl.load_workbook(write([("=1+1", "plain", None)])).worksheets[0]
    assert [sheet[place].quotePrefix for place in ("A2", "B2")] == [True, False]


@pytest.mark.parametrize("text", [" a", "a ", "\na"])
def test_spaces_and_lines_of_a_text_are_marked_as_its_own(text):
    with zipfile.ZipFile(write([(text, None, None)])) as archive:
        assert f'<t xml:space="preserve">{text}</t>' in archive.read("xl/worksheets/sheet1.xml").decode()


def test_the_same_table_gives_the_same_bytes_and_no_time_is_in_them(monkeypatch):
    rows = [("a", 1.5, date(2024, 1, 2))] * 3_000
    first = write(rows).getvalue()
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert write(rows).getvalue() == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 31, 0, 0, 0)}
        properties = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[^<]*", properties)) == {"1980-01-01T00:00:00Z"}
    assert "<dc:creator></dc:creator>" in properties


def test_a_workbook_is_written_in_little_memory():
    rows = ((f"customer {number}", number / 7, True) for number in range(20_000))
    with Path(os.devnull).open("wb") as file:
        tracemalloc.start()
        writer = WorkbookWriter(file, HEADER, name=Path("made.xlsx"))
        writer.write_rows(rows)
        writer.close()
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
        tracemalloc.stop()


def test_nothing_is_left_next_to_the_output_however_the_writing_ends(tmp_path):
    path = tmp_path / "made.xlsx"

    def interrupted_rows():
        [folder] = [found for found in tmp_path.iterdir() if found.is_dir()]
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert [*folder.iterdir()]
        assert all(found.name.startswith(".made.xlsx.") for found in tmp_path.iterdir())
        yield from [("a" * 100, 1, None)] * 1_000
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), writing_workbook(path, HEADER) as book:
        book.write_rows(interrupted_rows())
    assert not [*tmp_path.iterdir()]


def test_a_workbook_that_is_interrupted_while_it_is_packed_is_removed_silently(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    path = tmp_path / "made.xlsx"
    path.write_bytes(b"old")
    monkeypatch.setattr("zipfile.shutil.copyfileobj", interrupt)
    with pytest.raises(KeyboardInterrupt), writing_workbook(path, HEADER) as book:
        book.write_rows([("a", 1, None)])
    gc.collect()  # an object that is collected must neither write nor warn
    assert [*tmp_path.iterdir()] == [path]
    assert path.read_bytes() == b"old"


ENDLESS = """
import itertools, pathlib, sys
from churn.signals import catch_endings
from tests.made_workbooks import writing_workbook

def end(number, frame):
    raise SystemExit(9)

catch_endings(end)
with writing_workbook(pathlib.Path(sys.argv[1]), ["n"]) as book:
    for number in itertools.count():
        book.write_rows([(number,)])
        if number == 10_000:
            print("begun", flush=True)
"""


def test_a_process_that_a_signal_ends_leaves_nothing_and_prints_nothing(tmp_path):
    command = [sys.executable, "-c", ENDLESS, str(tmp_path / "made.xlsx")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=PROJECT) as process:
        assert process.stdout.readline() == b"begun\n"
        assert [*tmp_path.iterdir()]
        process.terminate()
        assert (process.communicate(), process.returncode) == ((b"", b""), 9)
    assert not [*tmp_path.iterdir()]


def test_a_full_disk_is_an_oserror_leaves_nothing_and_prints_nothing(tmp_path):
    def limit_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    command = [sys.executable, "-c", ENDLESS, str(tmp_path / "made.xlsx")]
    finished = subprocess.run(
        command, capture_output=True, text=True, cwd=PROJECT, check=False, preexec_fn=limit_files
    )
    assert finished.stderr.splitlines()[-1] == "OSError: [Errno 27] File too large"
    assert "Exception ignored" not in finished.stderr
    assert not [*tmp_path.iterdir()]


def test_the_output_is_as_private_as_the_file_that_it_answers(tmp_path):
    private = tmp_path / "in.xlsx"
    private.touch(0o600)
    path = tmp_path / "out.xlsx"
    with writing_workbook(path, HEADER, like=private.stat()) as book:
        [side] = [found for found in tmp_path.iterdir() if found.name.startswith(".out") and found.is_file()]
        assert stat.S_IMODE(side.stat().st_mode) == 0o600
        book.write_rows([("a", 1, None)])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read(path)[1] == ["a", 1, None]


def test_a_workbook_is_written_to_a_pipe(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as pipe:
        writer = WorkbookWriter(pipe, HEADER, name=Path("-"))
        writer.write_rows([("a", 1, None)])
        writer.close()
    assert not [*tmp_path.iterdir()]
    with os.fdopen(reading, "rb") as pipe:
        assert read(io.BytesIO(pipe.read()))[1] == ["a", 1, None]


def test_a_workbook_is_written_to_a_fifo_and_nothing_next_to_it(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    path = tmp_path / "fifo"
    os.mkfifo(path)
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as pipe:
        with writing_workbook(path, HEADER) as book:
            book.write_rows([("a", 1, None)])
            assert sorted(found.name for found in tmp_path.iterdir()) == ["fifo", "temporary"]
        assert read(io.BytesIO(pipe.read()))[1] == ["a", 1, None]
    assert not [*(tmp_path / "temporary").iterdir()]


def test_an_output_that_is_full_is_an_oserror_and_nothing_else_is_reported():
    with Path("/dev/full").open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        write_to(file)


def write_to(file) -> None:
    writer = WorkbookWriter(file, HEADER, name=Path("-"))
    try:
        writer.write_rows([("a", 1, None)])
        writer.close()
    finally:
        writer.abandon()
