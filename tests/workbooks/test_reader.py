"""Workbooks are read cell by cell as Excel shows them, whatever wrote them, and no file takes much memory or time.

parts, book, cells and rows are tested here too, through the reader; header in test_header.
"""

import contextlib
import io
import os
import struct
import tracemalloc
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from churn.errors import TableError
from churn.workbooks.cells import NO_VALUE, CellError, Percent
from churn.workbooks.reader import read_workbook
from tests.made_workbooks import ONE_ROW, STRICT, WORKBOOKS, make_parts, write_parts, write_rows
from tests.workbook_cases import CELLS, DAMAGED, TEXTS


def read(source, **options) -> list[tuple[int, list]]:
    with read_workbook(source, **options) as sheet:
        return [tuple(row) for row in sheet.rows()]


def cells(tmp_path: Path, row: str, **options) -> list:
    """The cells of the only row of a workbook."""
    [(_, found)] = read(write_rows(tmp_path / "made.xlsx", f'<row r="1">{row}</row>', **options))
    return found


def refusal(source, **options) -> str:
    with pytest.raises(TableError) as refused:
        read(source, **options)
    assert "\n" not in str(refused.value)
    return refused.value.reason


@pytest.mark.parametrize(("cell", "value"), CELLS)
def test_a_cell_is_read_as_excel_shows_it_and_an_error_is_never_a_blank(tmp_path, cell, value):
    [found] = cells(tmp_path, cell, texts=TEXTS)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("cell", ["<c r='A1'/>", "<c r='A1' s='2'/>", "<c r='A1' t='str'><f>x</f><v></v></c>"])
def test_an_empty_cell_and_a_formula_with_an_empty_text_are_blank(tmp_path, cell):
    assert cells(tmp_path, f"{cell}<c r='B1'><v>1</v></c>") == [None, 1]


@pytest.mark.parametrize("style", [1, 3])
def test_a_percentage_is_the_number_and_keeps_how_it_is_shown(tmp_path, style):
    [share] = cells(tmp_path, f'<c r="A1" s="{style}"><v>0.29</v></c>')
    assert isinstance(share, Percent)
    assert (share, share.shown) == (0.29, 29.0)


def test_days_are_counted_from_1904_where_the_workbook_does_so(tmp_path):
    row = '<c r="A1" s="2"><v>0</v></c><c r="B1" s="2"><v>45000</v></c><c r="C1" s="2"><v>1.5</v></c>'
    found = cells(tmp_path, row, book='<workbookPr date1904="1"/>')
    assert found == [date(1904, 1, 1), date(2027, 3, 16), datetime(1904, 1, 2, 12)]


def test_in_a_workbook_that_excel_has_still_to_calculate_formulas_have_no_values(tmp_path):
    path = tmp_path / "made.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_formula("A1", "=20+6")  # XlsxWriter stores 0 as its value
        sheet.write_number("B1", 26)
        sheet.write_formula("C1", "=NA()", None, "#N/A")  # it stores only that there is no value
    assert read(path) == [(1, [NO_VALUE, 26, CellError("the error #N/A", "#N/A")])]


def test_rows_have_their_number_and_empty_ones_are_skipped(tmp_path):
    rows = (
        '<row r="2"><c r="B2"><v>1</v></c></row><row r="3" hidden="1"/>'
        '<row r="5" hidden="1"><c r="A5"><v>2</v></c><c r="C5"/></row>'
        '<row><c><v>3</v></c><c t="e"><v>#N/A</v></c></row>'
    )
    with read_workbook(write_rows(tmp_path / "made.xlsx", rows)) as sheet:
        for _ in range(2):  # can be repeated
            assert [*sheet.rows()] == [(2, [None, 1]), (5, [2]), (6, [3, CellError("the error #N/A", "#N/A")])]
        assert sheet.hidden_rows == 1


def test_the_strict_form_and_prefixes_are_read_too(tmp_path):
    assert read(write_rows(tmp_path / "strict.xlsx", ONE_ROW, namespace=STRICT)) == [(1, [1])]
    parts = make_parts()
    parts["xl/worksheets/sheet1.xml"] = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        '<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    assert read(write_parts(tmp_path / "prefixed.xlsx", parts)) == [(1, [1])]


def test_names_of_parts_are_found_in_any_case_and_with_backslashes(tmp_path):
    parts = {name.replace("/", "\\").upper(): part for name, part in make_parts(ONE_ROW).items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    path = tmp_path / "made.xlsx"
    path.write_bytes(buffer.getvalue())
    assert read(path) == [(1, [1])]


def test_the_first_worksheet_that_a_user_sees_is_read_or_the_one_that_is_named(tmp_path):
    sheets = (
        ("Plot", "chartsheet", ""),
        ("Notes", "worksheet", 'state="hidden"'),
        ("Kunden", "worksheet", ""),
        ("kunden", "worksheet", ""),
    )
    path = write_rows(tmp_path / "made.xlsx", ONE_ROW, sheets=sheets)
    for name, found in ((None, "Kunden"), ("Kunden", "Kunden"), ("kunden", "kunden"), ("NOTES", "Notes")):
        with read_workbook(path, worksheet=name) as sheet:
            assert (sheet.name, sheet.names) == (found, ("Notes", "Kunden", "kunden"))
    assert refusal(path, worksheet="Plot") == (
        "it has no worksheet 'Plot'; its worksheets are 'Notes', 'Kunden', 'kunden'"
    )
    charts = write_rows(tmp_path / "charts.xlsx", sheets=(("Plot", "chartsheet", ""),))
    assert refusal(charts) == "it has no worksheet, only charts; give a workbook with a table"


def test_merged_cells_are_refused_from_the_header_on_and_harmless_above_it(tmp_path):
    merged = '<mergeCells><mergeCell ref="A1:C2"/><mergeCell ref="B5:B9"/></mergeCells>'
    with read_workbook(write_rows(tmp_path / "made.xlsx", ONE_ROW, after=merged)) as sheet:
        list(sheet.rows())
        sheet.check_merged(10)
        with pytest.raises(
            TableError, match="row 5: the cells B5:B9 are merged into one; unmerge them and fill each"
        ):
            sheet.check_merged(3)


def test_openpyxls_pandas_and_xlsxwriters_workbooks_are_read(tmp_path):
    book = openpyxl.Workbook()
    book.create_chartsheet("Plot", 0)
    sheet = book.worksheets[0]
    sheet.append(["name", "share", "since", "sum", CellRichText("ri", TextBlock(InlineFont(b=True), "ch"))])
    sheet.append([" a\nb ", 0.26, date(2024, 2, 29), "=1+1", True])
    sheet["B2"].number_format = "0.0%"
    book.save(tmp_path / "openpyxl.xlsx")
    name, share, since, total, flag = read(tmp_path / "openpyxl.xlsx")[1][1]
    assert (name, share, type(share), since, total, flag) == (
        " a\nb ",
        0.26,
        Percent,
        date(2024, 2, 29),
        NO_VALUE,
        True,
    )
    assert read(tmp_path / "openpyxl.xlsx")[0][1][4] == "rich"
    table = pd.DataFrame({"n": [1, 2], "x": [0.5, None], "d": [datetime(2024, 1, 1), datetime(2024, 1, 2, 3, 4)]})
    for engine in ("openpyxl", "xlsxwriter"):
        table.to_excel(tmp_path / "pandas.xlsx", index=False, engine=engine)
        rows = [(1, ["n", "x", "d"]), (2, [1, 0.5, date(2024, 1, 1)]), (3, [2, None, datetime(2024, 1, 2, 3, 4)])]
        assert read(tmp_path / "pandas.xlsx") == rows


def test_libreoffices_workbook_is_read():
    rows = read(WORKBOOKS / "libreoffice.xlsx")
    assert [number for number, _ in rows] == [1, 2, 3, 4, 5]
    moment, error = datetime(2024, 1, 2, 3, 4, 5, 680_000), CellError("the error #N/A", "#N/A")
    assert rows[1][1] == ["=1+1", 26, True, date(2024, 1, 2), moment, time(18, 30), Percent(0.26), error]
    assert isinstance(rows[1][1][6], Percent)
    assert rows[3][1][0] == "a\nb\n cd_x0041_ <&> ü 😀 "


def test_an_open_file_is_read_and_a_pipe_is_not(tmp_path):
    path = write_rows(tmp_path / "made.xlsx", ONE_ROW)
    assert read(io.BytesIO(path.read_bytes()), name=Path("-")) == [(1, [1])]
    reading, writing = os.pipe()
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert refusal(pipe) == "a workbook can't be read from a pipe; give a file"
    os.mkfifo(tmp_path / "fifo")
    assert "pipe or a device" in refusal(tmp_path / "fifo")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("libreoffice.xls", "it is an old Excel workbook (.xls); save it as .xlsx or CSV UTF-8"),
        ("libreoffice.ods", "it is a LibreOffice workbook (.ods); save it as .xlsx or CSV UTF-8"),
    ],
)
def test_a_file_that_is_not_a_workbook_is_refused_with_its_kind(name, words):
    assert refusal(WORKBOOKS / name) == words


@pytest.mark.parametrize(("sheet", "words"), DAMAGED)
def test_a_hostile_or_damaged_sheet_is_refused_in_a_line_with_the_remedy(tmp_path, sheet, words):
    parts = make_parts() | {"xl/worksheets/sheet1.xml": sheet}
    reason = refusal(write_parts(tmp_path / "made.xlsx", parts))
    assert words in reason
    assert reason.endswith("; open it in Excel or LibreOffice and save it again as .xlsx, or as CSV UTF-8")


@pytest.mark.parametrize(
    ("limit", "value", "parts", "words"),
    [
        ("rows.MAX_CELLS", 3, make_parts(ONE_ROW + '<row r="2"><c r="C2"><v>1</v></c></row>'), "3 cells"),
        (
            "rows.MAX_MERGED",
            1,
            make_parts(after='<mergeCell ref="A1"/><mergeCell ref="A1"/>'),
            "groups of merged",
        ),
        (
            "reader.ALWAYS_REPEATED_CHARACTERS",
            15_000,
            make_parts(
                '<row r="1">' + 16 * '<c t="s"><v>0</v></c>' + "</row>", texts=f"<si><t>{'y' * 1_000}</t></si>"
            ),
            "its cells repeat texts, to more than 15,000 characters",
        ),
        ("reader.MAX_ROW_BYTES", 20_000, make_parts(f'<row r="1">{"<c/>" * 10_000}</row>'), "20,000 bytes"),
        ("parts.MAX_PART_BYTES", 20_000, make_parts(" " * 30_000), "more than 20,000 bytes"),
        ("book.MAX_SHARED_TEXTS_BYTES", 9_000, make_parts(texts="<si><t>ab</t></si>" * 900), "take more than"),
        ("book.MAX_FORMATS", 5, make_parts(), "cell formats"),
        ("book._MOST_SHEETS", 4, make_parts(sheets=(("A", "worksheet", ""),) * 5), "refers to more than 4"),
        (
            "book._MOST_SHEETS",
            4,
            make_parts(book="<x><sheet/><sheet/><sheet/><sheet/></x>"),
            "more than 4 sheets",
        ),
        ("rows.MAX_CELLS", 3, make_parts('<row r="1"><c r="D1"/></row>'), "3 cells"),
        ("book.MAX_SHARED_TEXTS_BYTES", 9_000, make_parts(texts="<si/>" * 200), "take more than"),
        ("rows.MAX_TEXT_CHARACTERS", 5, make_parts('<row r="1"><c t="str"><v>abcdef</v></c></row>'), "a text"),
        ("book.MAX_TEXT_CHARACTERS", 5, make_parts(texts="<si><t>abcdef</t></si>"), "a text"),
        ("parts.MAX_PARTS", 6, make_parts(), "more than 6 parts"),
        ("parts.MAX_DIRECTORY_BYTES", 300, make_parts(), "parts"),
    ],
)
def test_each_limit_holds(tmp_path, monkeypatch, limit, value, parts, words):
    path = write_parts(tmp_path / "made.xlsx", parts)
    read(path)
    monkeypatch.setattr(f"churn.workbooks.{limit}", value)
    assert words in refusal(path)


def change(path: Path, old: bytes, new: bytes) -> Path:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    return path


def test_unpacked_bytes_are_counted_as_they_come_and_a_bomb_takes_little_memory(tmp_path):
    path = write_parts(tmp_path / "bomb.xlsx", make_parts(" " * 200_000_000))
    assert path.stat().st_size < 250_000
    tracemalloc.start()
    assert "a part of the workbook has more than 67,108,864 bytes; save it as CSV UTF-8" in refusal(path)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_long_text_to_which_many_cells_refer_takes_little_memory(tmp_path):
    cells = '<c t="s"><v>0</v></c>' * 4_000
    path = write_rows(tmp_path / "made.xlsx", f'<row r="1">{cells}</row>', texts=f"<si><t>{'y' * 60_000}</t></si>")
    tracemalloc.start()
    assert refusal(path) == (
        "its cells repeat texts, to more than 67,108,864 characters in all; save it as CSV UTF-8"
    )
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


def test_a_bomb_that_claims_to_be_large_is_no_larger(tmp_path):
    path = write_parts(tmp_path / "bomb.xlsx", make_parts(" " * 100_000_000))
    with zipfile.ZipFile(path) as archive:
        true = struct.pack("<L", archive.getinfo("xl/worksheets/sheet1.xml").compress_size)
    words = refusal(change(path, true, struct.pack("<L", 2**31)))
    assert "more than 67,108,864 bytes" in words or "damaged workbook" in words  # newer zipfiles see the overlap


def test_a_size_that_the_archive_only_claims_is_not_believed(tmp_path):
    path = write_rows(tmp_path / "made.xlsx", ONE_ROW)
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("xl/worksheets/sheet1.xml")
    content, claimed = path.read_bytes(), struct.pack("<LL", 2**32 - 2, 2)
    true = struct.pack("<LL", entry.compress_size, entry.file_size)
    assert content.count(true) == 2
    path.write_bytes(content.replace(true, claimed))
    assert "damaged workbook" in refusal(path)


def test_cells_at_both_ends_of_a_sheet_take_no_more_memory_than_one_row(tmp_path):
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    path = write_rows(tmp_path / "made.xlsx", far)
    tracemalloc.start()
    rows = read(path)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
    assert rows == [(1, [1]), (1_048_576, [None] * 16_383 + [2])]


def test_an_archive_that_is_not_a_workbook_is_refused(tmp_path):
    path = tmp_path / "made.xlsx"
    write_parts(path, make_parts() | {"XL/workbook.xml": ""})
    assert "two of its parts have the same name" in refusal(path)
    assert "compressed in a way" in refusal(write_parts(path, make_parts(), compression=zipfile.ZIP_LZMA))
    write_rows(path)
    with zipfile.ZipFile(path) as archive:
        first = archive.infolist()[1]
    content = bytearray(path.read_bytes())
    listed = b"PK\x01\x02"
    content[content.index(listed, content.index(listed) + 4) + 8] |= 1
    path.write_bytes(bytes(content))
    assert first.filename == "_rels/.rels"
    assert refusal(path) == "it has a password; save it without one as .xlsx or CSV UTF-8"
    write_rows(path).write_bytes(path.read_bytes()[:-30])
    assert "damaged workbook" in refusal(path)
    end = b"PK\x05\x06"
    assert "zip64" in refusal(change(write_rows(path), end, b"PK\x06\x07" + bytes(16) + end))
    for part in ("_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        parts = make_parts()
        del parts[part]
        assert "it has no part" in refusal(write_parts(path, parts))
    assert "its main part is not a workbook" in refusal(
        write_parts(path, make_parts() | {"xl/workbook.xml": "<html/>"})
    )
    assert "names no workbook" in refusal(write_parts(path, make_parts() | {"_rels/.rels": "<Relationships/>"}))


def test_a_list_of_parts_that_only_claims_to_be_short_is_refused(tmp_path):
    path = write_parts(tmp_path / "made.xlsx", make_parts() | {f"x/{number}": b"" for number in range(11_000)})
    assert "lists more than 10,000 parts" in refusal(path)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_change_of_bytes_gives_rows_or_a_refusal_and_nothing_else(data):
    content = bytearray((WORKBOOKS / "libreoffice.xlsx").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)) | st.none())
    with contextlib.suppress(TableError):
        read(io.BytesIO(bytes(content[:cut])))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_change_of_the_sheets_xml_gives_rows_or_a_refusal_and_nothing_else(data):
    parts = make_parts(
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="2"><f>x</f><v>45000.5</v></c></row>',
        texts="<si><t>a</t></si>",
        after='<mergeCells><mergeCell ref="A1:B2"/></mergeCells>',
    )
    part = data.draw(st.sampled_from(sorted(parts)))
    xml = parts[part]
    start = data.draw(st.integers(0, len(xml)))
    end = data.draw(st.integers(start, min(len(xml), start + 20)))
    put = data.draw(
        st.text(max_size=8) | st.sampled_from(["9" * 5000, "-1", "1e9", "<c/>", "</row>", "\0", "XFD9", "²"])
    )
    parts[part] = xml[:start] + put + xml[end:]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(TableError), read_workbook(buffer) as sheet:
        list(sheet.rows())
        sheet.check_merged(1)
