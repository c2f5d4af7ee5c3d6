"""Reading a table: what the columns become, and every bad table with its line."""

import numpy as np
import pandas as pd
import pytest

from churn.errors import TableError
from churn.training.columns import LeftOut
from churn.training.table import read_table


def write(tmp_path, content: str | bytes):
    path = tmp_path / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_columns_become_clean_categories_and_numbers(tmp_path):
    table = read_table(
        write(tmp_path, 'Plan Type,Age,Score,Churn\nTwo year,30, ,Yes\n" A, b",1e1,-2.5,no\nTwo year,20,1,no\n')
    )
    assert list(table.customers) == ["plan_type", "age", "score"]
    assert list(table.customers["plan_type"]) == ["two_year", "a,_b", "two_year"]
    assert list(table.customers["age"]) == [30.0, 10.0, 20.0]
    assert np.isnan(table.customers["score"][0])
    assert table.customers["score"].dtype == np.float64
    assert list(table.y) == [1, 0, 0]


def test_the_real_table_has_16_categories_or_flags_and_3_numbers(tmp_path):
    from tests.customers import CSV

    customers = read_table(CSV).customers
    numeric = [name for name in customers if pd.api.types.is_numeric_dtype(customers[name])]
    assert len(customers) == 7043
    assert numeric == ["seniorcitizen", "tenure", "monthlycharges", "totalcharges"]
    assert len(customers.columns) == 19
    assert customers["totalcharges"].isna().sum() == 11
    assert (customers.loc[customers["totalcharges"].isna(), "tenure"] == 0).all()


def test_an_id_and_an_empty_column_are_left_out_and_reported(tmp_path):
    rows = "".join(f"C-{n:04},{'ab'[n % 2]},,{n % 2}\n" for n in range(40))
    table = read_table(write(tmp_path, "customerID,plan,note,churn\n" + rows))
    assert list(table.customers) == ["plan"]
    assert table.left_out == (
        LeftOut("customerid", "it is an id: 40 different texts in 40 rows"),
        LeftOut("note", "it is blank in every row"),
    )


def test_a_byte_order_mark_windows_lines_blank_lines_and_zero_one_targets_are_read(tmp_path):
    table = read_table(write(tmp_path, "\ufeffx,churn\r\na,1\r\n\r\nb,0\r\n".encode()))
    assert list(table.customers["x"]) == ["a", "b"]
    assert list(table.y) == [1, 0]


def test_another_target_column_can_be_named(tmp_path):
    path = write(tmp_path, "x,Left Us\na,yes\nb,no\n")
    assert list(read_table(path, target="left us").y) == [1, 0]


@pytest.mark.parametrize(
    ("content", "row", "reason"),
    [
        ("", None, "is empty"),
        ("\n\n", None, "is empty"),
        ("x,churn\n", None, "has no rows"),
        ("x,y\na,b\n", None, "has no column 'churn'; --target names one of its columns: 'x', 'y'"),
        ("x,churn\na,yes\nb,yes\n", None, "has one class only"),
        ("x,churn\na,yes\nb,maybe\n", 3, "'maybe'"),
        ("x,churn\na,yes\nb, \n", None, "has one class only: .* is 'yes' where there is a label .blank in 1 row."),
        ("x,churn\na,yes\nb\n", 3, "has 1 cells where the header has 2"),
        ("x,churn\n\na,yes\nb,no,c\n", 4, "has 3 cells where the header has 2"),
        ('x,churn\n"a\nb",yes\nc,no,no\n', 3, "has 3 cells"),
        ('\n\nx,churn\n"a\nb",yes\n\nc,perhaps\n', 6, "'perhaps'"),
        ("\nx,X ,churn\na,b,yes\n", 2, "2 columns with the name 'x'"),
        ("\n\nx,,churn\na,b,yes\n", 3, "without a name"),
        ("x,a=b,churn\na,b,yes\n", 1, "rename it"),
        ("x,log1p(x),churn\n1,2,yes\n", 1, "rename it"),
        ("x,churn\n" + "1,yes\n2,no\n" * 20 + "later,no\n", 42, "'x' is 'later' in 1 row and a number in 40"),
        ("x,churn\n1e999,yes\n" + "1,yes\n2,no\n" * 20, 2, "'1e999'"),
        ("churn\nyes\nno\n", None, "no column to learn from"),
    ],
)
def test_a_bad_table_is_refused_with_the_row_that_a_spreadsheet_shows(tmp_path, content, row, reason):
    path = write(tmp_path, content)
    with pytest.raises(TableError, match=reason) as error:
        read_table(path)
    assert (error.value.path, error.value.row, error.value.line) == (path, row, None)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ('x,churn\n"a\nb",yes\n"b,no\n', 4, "the file ends in the middle of this row"),
        ('x,churn\n"a,yes\nb,no\nb,no\n', 2, "the file ends in the middle of this row"),
        ('x,churn\n"a"b,yes\nb,no\n', 2, "is not CSV"),
        (b'x,churn\n"a\nb",yes\n\x81,no\n', 4, "is neither UTF-8 nor Windows-1252"),
    ],
)
def test_a_table_that_cannot_be_parsed_is_refused_with_its_line(tmp_path, content, line, reason):
    with pytest.raises(TableError, match=reason) as error:
        read_table(write(tmp_path, content))
    assert (error.value.row, error.value.line) == (None, line)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(TableError, match="No such file"):
        read_table(tmp_path / "nowhere.csv")
