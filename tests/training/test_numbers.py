"""Columns of numbers with marks: the marks that are learned, and every refusal of a column that is nearly one."""

import csv
import io
from decimal import Decimal

import pandas as pd
import pytest
from openpyxl import Workbook

from churn.errors import TableError
from churn.model.fields import Flag, Number
from churn.model.marks import Marks
from churn.training.columns import LeftOut
from churn.training.fit import learn_contract
from churn.training.source import Reading
from churn.training.table import read_table

FEES = ["$696.26", "$3,221.21", "$ 2,065.53", "", "$5", "-$1,000", "$.50"]


def write(path, cells, *, delimiter=",", other=None):
    """A table with these cells; `other` is in every second row of another column."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(["fee", "other", "churn"])
    for number, cell in enumerate(cells):
        writer.writerow([cell, (other or "a", "7")[number % 2], ("yes", "no")[number % 2]])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def read(tmp_path, cells, *, decimal_mark=None, **form):
    return read_table(write(tmp_path / "table.csv", cells, **form), reading=Reading(decimal_mark=decimal_mark))


@pytest.mark.parametrize(
    ("cells", "form", "marks", "numbers"),
    [
        (FEES, {}, Marks("$", thousands=True), [696.26, 3221.21, 2065.53, 5, -1000, 0.5]),
        (["26 %", "3%", "0.5\u00a0%"], {}, Marks("%"), [26, 3, 0.5]),
        (["1.234,50 €", "5 €"], {"delimiter": ";"}, Marks("€", thousands=True, decimal_comma=True), [1234.5, 5]),
        (["1.234", "5"], {"delimiter": ";", "other": "2,5"}, Marks(thousands=True, decimal_comma=True), [1234, 5]),
        (["1\u202f234,5", "5"], {"delimiter": "\t"}, Marks(thousands=True, decimal_comma=True), [1234.5, 5]),
        (["CHF 1'234", "chf 999"], {}, Marks("CHF", thousands=True), [1234, 999]),
        (["1,234,567", "12"], {}, Marks("", thousands=True), [1234567, 12]),
        (["$1,234", "$1.5"], {}, Marks("$", thousands=True), [1234, 1.5]),
        (["1234.5 kr", "2 kr"], {}, Marks("kr"), [1234.5, 2]),
        (["$1,234", "$5"], {"decimal_mark": "."}, Marks("$", thousands=True), [1234, 5]),
        (["$1,234", "$5"], {"decimal_mark": ","}, Marks("$", decimal_comma=True), [1.234, 5]),
        (["€ 1.234,50", "€ 5"], {}, Marks("€", thousands=True, decimal_comma=True), [1234.5, 5]),
        (["81.800 EUR", "5.5 EUR"], {}, Marks("EUR"), [81.8, 5.5]),
        (["81.800 EUR", "5 EUR"], {"decimal_mark": "."}, Marks("EUR"), [81.8, 5]),
        (["81.800 EUR", "5 EUR"], {"decimal_mark": ","}, Marks("EUR", True, decimal_comma=True), [81800, 5]),
        (["818.00 kr", "3\u2009700.40 kr"], {}, Marks("kr", thousands=True), [818, 3700.4]),
        (["\u2212818 kr", "kr \u22125"], {}, Marks("kr"), [-818, -5]),
    ],
)
def test_a_column_whose_cells_all_have_marks_is_a_number(tmp_path, cells, form, marks, numbers):
    table = read(tmp_path, cells, **form)
    assert table.customers["fee"].dropna().tolist() == numbers
    assert table.marks["fee"] == marks
    contract = learn_contract(table.customers, table.marks)
    assert isinstance(contract.fields[0], Number)
    assert contract.marks["fee"] == marks


def test_zeros_and_ones_with_marks_are_a_number_since_a_flag_has_none(tmp_path):
    table = read(tmp_path, ["$0", "$1"] * 3)
    assert learn_contract(table.customers, table.marks).fields[0] == Number("fee", 0, 1, True, marks=Marks("$"))
    assert learn_contract(table.customers).fields[0] == Flag("fee")


@pytest.mark.parametrize(
    ("cells", "form", "row", "reason"),
    [
        (
            ["$1,234", "$567", "$2,345"],
            {},
            2,
            "'$1,234' here, which may be a number in thousands or one with decimals; --deci",
        ),
        (["5", "1,234"], {}, 3, "'1,234' here, which may be"),
        (["€ 5", "€ 1.234"], {"delimiter": ";"}, 3, "'€ 1.234' here, which may be"),
        ([*FEES, "42"], {}, 9, "'42' here and a number with the sign $ in other rows; write all of them alike"),
        ([*FEES, "€42"], {}, 9, "'€42' here and a number with the sign $ in other rows"),
        (["5", "6", "$7"], {}, 4, "'$7' here and a number without a sign in other rows"),
        ([*FEES, "$1234.5"], {}, 9, "'$1234.5' here, and other rows have thousands marks; write all of them alike"),
        (
            [*FEES * 5, "n. v."],
            {},
            37,
            "'fee' is 'n. v.' in 1 row and a number in 30; --missing 'n. v.' reads them as blanks, "
            "--category fee reads all cells as categories",
        ),
        (
            [*(f"${cents / 100}" for cents in range(100, 120)), *["later"] * 9],
            {},
            22,
            "'fee' is 'later' in 9 rows and a number in 20; --missing later reads them as blanks, --category fee",
        ),
        (
            [f"€ 1.{number},50" for number in range(100, 120)],
            {"decimal_mark": "."},
            2,
            "'€ 1.100,50' here, a number where the decimal mark is a comma; --decimal-mark says which mark is",
        ),
        (
            [f"$1,{number}.50" for number in range(100, 120)],
            {"delimiter": ";", "decimal_mark": ","},
            2,
            "'$1,100.50' here, a number where the decimal mark is a point; --decimal-mark",
        ),
    ],
)
def test_a_column_that_is_nearly_one_of_marked_numbers_stops_with_its_row(tmp_path, cells, form, row, reason):
    with pytest.raises(TableError) as error:
        read(tmp_path, cells, **form)
    assert reason in error.value.reason
    assert error.value.row == row


@pytest.mark.parametrize(
    ("cells", "form", "row", "reason"),
    [
        (["81.800 EUR", "370.040 EUR"], {}, 2, "'81.800 EUR' here, which may be a number in thousands"),
        (["5 EUR", "370.040 EUR"], {}, 3, "'370.040 EUR' here, which may be a number in thousands"),
        (["81.800", "370.040"], {}, 2, "'81.800' here, which may be a number in thousands"),
        (["5", "81.204"], {}, 3, "'81.204' here, which may be a number in thousands"),
        (["20.45", "92.51"], {"delimiter": ";", "decimal_mark": ","}, 2, "'20.45' here, a number where the decimal"),
        (["20,45", "92,51"], {"decimal_mark": "."}, 2, "'20,45' here, a number where the decimal mark is a comma"),
        (["20,45", "92.51", "17.5", "5"], {}, 2, "'20,45' here, a number where the decimal mark is a comma"),
        (["20.45", "92,51", "17,5", "5"], {}, 2, "'20.45' here, a number where the decimal mark is a point"),
        (["20,45 €", "92.51 €", "17.5 €"], {}, 2, "'20,45 €' here, a number where the decimal mark is a comma"),
        (["5", "818.00-"], {}, 3, "'818.00-' here, and a minus is read only in front of a number; write it there"),
        (["5", "(818.00)"], {}, 3, "'(818.00)' here, and a minus is read only in front of a number"),
        (["$5", "($818.00)"], {}, 3, "'($818.00)' here, and a minus is read only in front of a number"),
    ],
)
def test_a_column_of_numbers_in_other_marks_is_neither_an_id_nor_categories(tmp_path, cells, form, row, reason):
    with pytest.raises(TableError) as error:
        read(tmp_path, cells * 30, **form)
    assert reason in error.value.reason
    assert error.value.row == row


def test_a_column_with_another_decimal_mark_than_the_rest_of_its_table_stops_with_its_row(tmp_path):
    rows = [f"{number},5;{number}.45;{'yes' if number % 2 else 'no'}" for number in range(60)]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["tenure;fee;churn", *rows]))
    for mark, column in [(None, "fee"), (",", "fee"), (".", "tenure")]:
        with pytest.raises(TableError, match=f"'{column}' is .* a number where the decimal mark is a") as error:
            read_table(path, reading=Reading(decimal_mark=mark))
        assert error.value.row == 2


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["0.123", "12.345"], [0.123, 12.345]),
        (["12.345", "81.204"], [12.345, 81.204]),
        (["1234", "81.200"], [1234, 81.2]),
        (["20,45", "92,51", "1.234"], [20.45, 92.51, 1234]),
        (["\u2212818.00", "3700.40"], [-818, 3700.4]),
    ],
)
def test_numbers_that_can_be_read_in_one_way_only_are_numbers(tmp_path, cells, numbers):
    assert read(tmp_path, cells).customers["fee"].tolist() == numbers


def test_a_number_of_a_workbook_or_of_parquet_is_never_read_as_thousands(tmp_path):
    fees = [Decimal("1.500"), Decimal("2.250")] * 6
    pd.DataFrame({"fee": fees, "churn": ["yes", "no"] * 6}).to_parquet(tmp_path / "table.parquet")
    assert read_table(tmp_path / "table.parquet").customers["fee"].tolist() == [1.5, 2.25] * 6
    book = Workbook()
    book.active.append(["fee", "rate", "churn"])
    for number in range(12):
        book.active.append([(5, 12.345)[number % 2], (0.12345, 0.5)[number % 2], ("yes", "no")[number % 2]])
        book.active.cell(number + 2, 2).number_format = "0.000%"
    book.save(tmp_path / "table.xlsx")
    for mark in (None, ",", "."):
        table = read_table(tmp_path / "table.xlsx", reading=Reading(decimal_mark=mark))
        assert table.customers["fee"].tolist() == [5, 12.345] * 6
        assert table.customers["rate"].tolist() == [12.345, 50] * 6
        assert table.marks["rate"] == Marks("%", decimal_comma=mark == ",")


@pytest.mark.parametrize("ending", ["parquet", "xlsx"])
def test_texts_with_decimal_commas_stop_or_are_read_with_the_option(tmp_path, ending):
    frame = pd.DataFrame({"fee": ["20,45", "92,51", "5"] * 4, "churn": ["yes", "no"] * 6})
    path = tmp_path / f"table.{ending}"
    frame.to_parquet(path) if ending == "parquet" else frame.to_excel(path, index=False)
    with pytest.raises(TableError, match="'20,45' here, a number where the decimal mark is a comma; --decimal-mark"):
        read_table(path)
    table = read_table(path, reading=Reading(decimal_mark=","))
    assert table.customers["fee"].tolist() == [20.45, 92.51, 5] * 4
    fee = learn_contract(table.customers, table.marks).fields[0]
    assert [fee.read(text) for text in frame["fee"]] == [20.45, 92.51, 5] * 4, "each text is scored by itself"
    assert fee.expected == "a finite number, 0 or more, with a decimal comma in texts"


def test_a_field_with_numbers_of_three_decimals_next_to_thousands_accepts_them_again(tmp_path):
    for cells, numbers in [
        (["$1,234.50", "$112.345"], [1234.5, 112.345]),
        (["€1.234,50", "€112,345"], [1234.5, 112.345]),
    ]:
        table = read(tmp_path, cells * 10)
        fee = learn_contract(table.customers, table.marks).fields[0]
        assert [fee.read(text) for text in cells] == numbers
        assert fee.marks.three_decimals


def test_a_text_in_few_rows_is_a_category_though_the_others_are_blank(tmp_path):
    table = read(tmp_path, [*["angry", "calm"] * 2, *[""] * 96])
    assert sorted(set(table.customers["fee"])) == ["", "angry", "calm"]


def test_a_few_texts_with_marks_among_others_are_still_categories(tmp_path):
    cells = ["5 %", "10 %", "no"] * 5
    table = read(tmp_path, cells)
    assert sorted(set(table.customers["fee"])) == ["10_%", "5_%", "no"]
    assert table.marks == {}


@pytest.mark.parametrize("cell", ["A {}", "10.0.0.{}", "030 123 {:03}"])
def test_ids_are_not_numbers(tmp_path, cell):
    cells = [cell.format(number) for number in range(1, 29)]
    assert read(tmp_path, cells).left_out == (LeftOut("fee", "it is an id: 28 different texts in 28 rows"),)
    assert read(tmp_path, cells, delimiter=";", other="2,5").left_out[0].name == "fee"


@pytest.mark.parametrize("cell", ["12.{:02}.2024", "2024-01-{:02}", "{}.1.2024", "{}/1/24"])
@pytest.mark.parametrize("other", ["2,5", "a"])
def test_dates_are_not_numbers_whatever_the_decimal_mark_is(tmp_path, cell, other):
    cells = [cell.format(number) for number in range(1, 13)]
    for delimiter in ",;":
        left_out = read(tmp_path, cells, delimiter=delimiter, other=other).left_out
        assert left_out == (LeftOut("fee", "it holds dates"),)


@pytest.mark.parametrize("write_id", ["555 123 {:03}", "+49 555 {:03} 456", "+{0:03} 123 456", "{:03} 123"])
def test_ids_and_telephone_numbers_in_groups_are_not_numbers(tmp_path, write_id):
    table = read(tmp_path, [write_id.format(number) for number in range(100, 160)], other="2,5", delimiter=";")
    assert [(column.name, column.reason) for column in table.left_out] == [
        ("fee", "it is an id: 60 different texts in 60 rows")
    ]


@pytest.mark.parametrize(
    "cells",
    [
        [f"{number * 61 % 199 + 1} {100 + number * 7 % 900}" for number in range(1, 200)],
        [f"555 123 {number % 50:03}" for number in range(100)],
    ],
    ids=["amounts of other lengths", "the same in several rows"],
)
def test_amounts_in_groups_are_numbers(tmp_path, cells):
    assert read(tmp_path, cells, other="2,5", delimiter=";").marks["fee"].thousands


@pytest.mark.parametrize("ending", ["parquet", "xlsx"])
def test_the_decimal_mark_of_texts_applies_next_to_numbers_of_the_same_file(tmp_path, ending):
    frame = pd.DataFrame(
        {"fee": ["1.234,50 €", "1.234 €", "5 €"] * 4, "rate": [0.125, 7.0, 1234.5] * 4, "churn": ["yes", "no"] * 6}
    )
    path = tmp_path / f"table.{ending}"
    frame.to_parquet(path) if ending == "parquet" else frame.to_excel(path, index=False)
    table = read_table(path, reading=Reading(decimal_mark=","))
    assert table.customers["fee"].tolist() == [1234.5, 1234, 5] * 4
    assert table.customers["rate"].tolist() == [0.125, 7, 1234.5] * 4
    assert table.marks == {"fee": Marks("€", thousands=True, decimal_comma=True)}
