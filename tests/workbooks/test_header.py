"""The header of a worksheet: the row with the most of the names that are needed, and never one of endless names."""

from pathlib import Path

import pytest

from churn.errors import TableError
from churn.workbooks.header import MAX_NAME_CHARACTERS, filled_rows, find_sheet_header
from churn.workbooks.reader import read_workbook
from tests.made_workbooks import write_rows


def text_row(number: int, *texts: str) -> str:
    cells = "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>' for text in texts)
    return f'<row r="{number}">{cells}</row>'


def count_known(names: list[str]) -> int:
    return len({"plan", "charge"} & set(names))


def find(path: Path, rate=count_known, **options):
    with read_workbook(path) as sheet:
        return find_sheet_header(sheet, path, rate, **options)


def test_the_header_is_the_first_of_the_rows_with_the_highest_rating_and_rows_above_it_are_a_title(tmp_path):
    rows = [text_row(2, "Customers"), text_row(4, "  "), text_row(5, "plan", "note")]
    rows += [text_row(6, "charge", "plan"), text_row(7, "plan", "charge")]
    header = find(write_rows(tmp_path / "made.xlsx", "".join(rows)))
    assert (header.names, header.row.number) == (["charge", "plan"], 6)
    assert [row.number for row in header.title] == [2, 5]


def test_a_perfect_row_ends_the_search(tmp_path):
    rows = text_row(1, "plan") + text_row(2, "plan", "charge") + "<damaged/>"
    rated = []

    def rate(names: list[str]) -> int:
        rated.append(names)
        return len(names)

    assert find(write_rows(tmp_path / "made.xlsx", rows), rate, perfect=1).names == ["plan"]
    assert rated == [["plan"]]


def test_an_empty_worksheet_has_no_header(tmp_path):
    with pytest.raises(TableError, match="its worksheet 'Customers' is empty; it needs a header row"):
        find(write_rows(tmp_path / "made.xlsx", text_row(3, " ")))


def test_a_row_with_a_text_too_long_for_a_name_is_not_even_rated(tmp_path):
    long = "y" * (MAX_NAME_CHARACTERS + 1)
    rated = []

    def rate(names: list[str]) -> int:
        rated.append(names)
        return 1

    rows = text_row(1, long, "plan") + text_row(2, "plan", "y" * MAX_NAME_CHARACTERS)
    assert find(write_rows(tmp_path / "made.xlsx", rows), rate).row.number == 2
    assert rated == [["plan", "y" * MAX_NAME_CHARACTERS]]
    with pytest.raises(TableError, match="row 1: a column's name has more than 1,000 characters"):
        find(write_rows(tmp_path / "made.xlsx", text_row(1, long, "plan")))


def test_blank_rows_are_skipped(tmp_path):
    rows = text_row(1, "plan") + text_row(2, " ", "") + text_row(4, "", "basic")
    with read_workbook(write_rows(tmp_path / "made.xlsx", rows)) as sheet:
        assert [row.number for row in filled_rows(sheet)] == [1, 4]
