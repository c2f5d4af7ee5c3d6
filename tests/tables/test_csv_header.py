"""The place of the header in a CSV: below a `sep=` line and a title, with the delimiter that gives the most names."""

import csv
import gc
import io
import weakref

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from churn.errors import CsvError, CsvTooLargeError
from churn.tables.csv_header import MAX_TITLE_ROWS, find_header

NAMES = {"plan", "charge"}


def rate(cells: list[str]) -> int:
    return len(NAMES & set(cells))


def found(content: str):
    return find_header(content.encode(), rate, perfect=len(NAMES))


@pytest.mark.parametrize(
    ("content", "delimiter", "row", "last_line", "rest"),
    [
        ("plan,charge\n1,2\n", ",", 1, 1, "1,2\n"),
        ("plan;charge\r\n1;2", ";", 1, 1, "1;2"),
        ("\ufeffplan\tcharge\r1\t2", "\t", 1, 1, "1\t2"),
        ("sep=;\nplan;charge\n1;2\n", ";", 1, 2, "1;2\n"),
        ('"sep=|"\r\nplan|charge\r\n1|2\r\n', "|", 1, 2, "1|2\r\n"),
        ("\ufeffSEP=\t\nplan\tcharge\n", "\t", 1, 2, ""),
        ("Customers of May\n\nplan,charge\n1,2\n", ",", 3, 3, "1,2\n"),
        ('"A title\nof two lines";;\n;;\nplan;charge;id\n1;2;3\n', ";", 3, 4, "1;2;3\n"),
        ("\n ,\nplan,charge\n", ",", 3, 3, ""),
        ('id,"plan",charge\n', ",", 1, 1, ""),
        ("plan,charge\nplan,charge\n", ",", 1, 1, "plan,charge\n"),
        ("id,plan\n1,2\n", ",", 1, 1, "1,2\n"),  # the best row there is: another check reports what it lacks
        ("sep=,plan,charge\n1,2,3\n", ",", 1, 1, "1,2,3\n"),  # a column with that name
    ],
)
def test_the_header_is_the_first_row_that_names_the_most(content, delimiter, row, last_line, rest):
    header = found(content)
    assert (header.delimiter, header.row, header.last_line) == (delimiter, row, last_line)
    assert content.encode()[header.end :].decode() == rest


def test_the_part_above_it_is_kept_unless_it_has_only_blank_rows():
    assert found("\n\nplan,charge\n").preamble == ""
    assert found("\ufeff\nplan,charge\n").preamble == "\ufeff"
    assert found("sep=;\n\nplan;charge\n").preamble == "sep=;\n"
    header = found("\ufeffMay\n\nplan,charge\n")
    assert (header.preamble, header.title_rows) == ("\ufeffMay\n\n", 1)


def test_a_title_may_have_ten_rows():
    title = "".join(f"line {number}\n" for number in range(MAX_TITLE_ROWS))
    assert found(f"{title}plan,charge\n").row == MAX_TITLE_ROWS + 1
    assert found(f"one more\n{title}plan,charge\n").cells == ["one more"]


@pytest.mark.parametrize("content", ["", "\n\n", " ,\n", "\ufeff", "sep=;\n"])
def test_a_csv_without_any_row_is_refused(content):
    if content == " ,\n":
        assert found(content).cells == [" ,"]  # read with another delimiter
        return
    with pytest.raises(CsvError, match="it is empty"):
        found(content)


def test_a_row_below_the_header_that_is_too_long_is_reported_in_its_turn():
    long = "x" * 70_000
    assert found(f"plan,charge\n{long}\n").row == 1
    assert found(f"plan,other\n{long}\n").row == 1
    with pytest.raises(CsvTooLargeError):
        found(f"{long}\nplan,charge\n")


@given(
    st.lists(st.text(st.sampled_from("ab \"\n,;'é"), max_size=6), max_size=MAX_TITLE_ROWS),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_title_is_skipped(title, delimiter, line_end):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([[cell] for cell in title])
    above = text.getvalue()
    rows = list(csv.reader(io.StringIO(above, newline=""), delimiter=delimiter))  # a cell's line end may make one
    assume(len(rows) <= MAX_TITLE_ROWS)
    header = found(f"{above}plan{delimiter}charge{line_end}basic{delimiter}1{line_end}")
    assert (header.delimiter, header.cells) == (delimiter, ["plan", "charge"])
    assert header.row == len(rows) + 1


def test_a_file_that_cant_be_read_is_released_at_once_and_not_at_garbage_collection():
    gc.collect()
    gc.disable()
    try:
        find_header(b"x," * 100_000, rate)
    except CsvError as error:
        refused = weakref.ref(error)
    finally:
        gc.enable()
    assert refused() is None
