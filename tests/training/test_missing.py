"""Words for a missing value: which are removed from numbers and categories, and how further ones are listed."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn.training.choices import Choices
from churn.training.columns import Texts
from churn.training.missing import MissingWords, list_words
from churn.training.table import read_table

WORDS = ["NA", "n/a", "NaN", "NULL", "none", "?", "-", "\\N"]


def read(tmp_path, cells, **choices):
    """A table with these cells in the column `x`, and alternating labels."""
    path = tmp_path / "table.csv"
    rows = [f'{row % 7},"{cell}",{("yes", "no")[row % 2]}' for row, cell in enumerate(cells)]
    path.write_text("\n".join(["age,x,churn", *rows]) + "\n")
    return read_table(path, choices=Choices(**choices))


@pytest.mark.parametrize("word", [*WORDS, *map(str.upper, WORDS), *map(str.lower, WORDS), " NA "])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_a_column_of_numbers_and_a_word_for_missing_is_a_number_at_any_share(tmp_path, word, share):
    cells = [word if row < 40 * share else str(100 + 7 * row % 41) for row in range(40)]
    table = read(tmp_path, cells)
    assert table.customers["x"].isna().sum() == 40 * share
    assert table.missing == {"x": (word.strip().lower(),)}
    assert f"x: {word.strip().lower()} in " in table.remarks[0]


def test_among_categories_they_are_blanks_except_none_and_the_dash(tmp_path):
    table = read(tmp_path, [*WORDS, "a", "b", ""] * 4)
    assert set(table.customers["x"]) == {"", "none", "-", "a", "b"}
    assert table.missing == {"x": ("?", "\\n", "n/a", "na", "nan", "null")}
    further = read(tmp_path, [*WORDS, "a", "b", ""] * 4, missing=("none", "b"))
    assert set(further.customers["x"]) == {"", "-", "a"}


def test_a_column_of_none_only_is_the_same_in_every_row_and_one_of_na_is_blank(tmp_path):
    assert read(tmp_path, ["none"] * 8).left_out[0].reason == "it is 'none' in every row"
    assert read(tmp_path, ["NA", "", "?", "null"] * 2).left_out[0].reason == "it is blank in every row"


@pytest.mark.parametrize("word", ["99999999", "9.9999999e7", "99999999.0"])
@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.string()])
def test_a_number_for_missing_is_compared_by_its_value_in_parquet_too(tmp_path, word, kind):
    numbers = [99999999, 20, 31, 27, 99999999, 45, 38, 29, 61, 33]
    values = [str(number) for number in numbers] if kind == pa.string() else numbers
    columns = {"income": pa.array(values).cast(kind), "churn": ["yes", "no"] * 5}
    pq.write_table(pa.table(columns), tmp_path / "table.parquet")
    table = read_table(tmp_path / "table.parquet", choices=Choices(missing=(word,)))
    assert np.isnan(table.customers["income"]).tolist() == [number == 99999999 for number in numbers]
    assert table.missing == {"income": (word,)}


def test_marked_numbers_for_missing_are_compared_by_their_value(tmp_path):
    table = read(tmp_path, ["$1,234.50", "$9,999,999", "$999", "$20"] * 3, missing=("9999999",))
    assert np.isnan(table.customers["x"]).sum() == 3


def test_words_are_listed_with_their_rows_and_in_the_spelling_of_a_shell():
    distinct = [f"word {number}" for number in range(12)]
    texts = Texts([*distinct, "5"], np.array([*range(12), 3, 12]))
    words, option = list_words(texts, [True] * 12 + [False])
    assert words[0] == "'word 3' in 2 rows"
    assert len(words) == 11
    assert words[-1] == "2 other texts"
    assert option is None
    assert list_words(texts, [True] * 10 + [False] * 3)[1].startswith("--missing 'word 3,word 0,")
    assert list_words(Texts(["-9", "a, b"], np.array([0, 1])), [True, True])[1] == "--missing='-9,\"a, b\"'"


def test_words_that_are_numbers_are_not_compared_by_value_among_categories():
    texts = Texts(["7.0", "7"], np.array([0, 1, 0]))
    assert MissingWords.among_numbers(["7"]).take_out(texts, texts.distinct, ".").words == {"7": 3}
    assert MissingWords.among_categories(["7"]).take_out(texts, texts.distinct, ".").words == {"7": 1}


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (
            ["soon"] + [str(row) for row in range(30)],
            "'x' is 'soon' in 1 row and a number in 30; --missing soon reads",
        ),
        (
            [*["a", "b"] * 9, *map(str, range(20, 41))],
            "'a' in 9 rows, 'b' in 9 rows and a number in 21; --missing a,b",
        ),
        (["3.5.1"] + ["1", "2"] * 20, "'3.5.1' in 1 row and a number in 40"),
    ],
)
def test_a_column_with_mostly_numbers_stops_with_the_words_their_counts_and_two_ways_out(tmp_path, cells, words):
    with pytest.raises(Exception, match="reads all cells as categories") as error:
        read(tmp_path, cells)
    assert words in str(error.value)
    assert read(tmp_path, cells, category=frozenset("x")).customers["x"].dtype == "str"


@pytest.mark.parametrize(
    "cells",
    [
        ["1", "2", "3+"] * 9,
        [*["0", "1", "2"] * 20, *["3+"] * 4],
        [*map(str, range(20)), *["A"] * 60] * 2,
        [*map(str, range(20)), *(f"A{row}" for row in range(15))] * 3,
        [""] * 97 + ["gift", "gift", "call"],
        [""] * 97 + ["1", "2", "call"],
    ],
)
def test_few_numbers_among_others_are_categories(tmp_path, cells):
    assert read(tmp_path, cells).customers["x"].dtype == "str"


def test_in_a_column_that_must_be_numeric_no_word_becomes_a_blank(tmp_path):
    cells = ["1", "2", "3+"] * 9
    with pytest.raises(
        Exception, match=r"'3\+' in 9 rows and a number in 18; --missing 3\+ reads .* --number x accepts"
    ):
        read(tmp_path, cells, number=frozenset("x"))
    table = read(tmp_path, cells, number=frozenset("x"), missing=("3+",))
    assert table.customers["x"].isna().sum() == 9


def test_a_column_without_a_number_cannot_be_made_numeric(tmp_path):
    with pytest.raises(Exception, match="--number names 'x', which holds no numbers"):
        read(tmp_path, ["none", "-", ""] * 4, number=frozenset("x"))


def test_a_word_for_missing_that_no_field_has_is_reported(tmp_path):
    remarks = read(tmp_path, ["7", "9", "unknown", "8"] * 4, missing=("unknown", "uknown")).remarks
    assert remarks == ("x: unknown in 4 rows, read as blanks", "--missing names 'uknown', which no field has")


def test_too_many_words_to_be_named_have_another_way_out(tmp_path):
    cells = [*(f"n{row}" for row in range(30)), *map(str, range(1000))]
    with pytest.raises(Exception, match="20 other texts and a number in 1,000;") as error:
        read(tmp_path, cells)
    assert "; --drop x leaves the column out, --category x reads" in str(error.value)
    assert "--missing" not in str(error.value)


def test_a_column_of_texts_that_must_be_numeric_is_refused(tmp_path):
    with pytest.raises(Exception, match="'c' in 9 rows; it holds no numbers, and --number x accepts only numbers"):
        read(tmp_path, ["a", "b", "c"] * 9, number=frozenset("x"))


def test_a_word_for_one_column_leaves_the_others_unchanged(tmp_path):
    table = read(tmp_path, ["5", "7", "9", "8"] * 4, missing=("x=5",))
    assert np.isnan(table.customers["x"]).sum() == 4
    assert not table.customers["age"].isna().any()
    assert table.missing == {"x": ("5",)}
    assert table.remarks == ("x: 5 in 4 rows, read as blanks",)
    assert "--missing names 'y=5', which no field has" in read(tmp_path, ["7", "9"] * 8, missing=("y=5",)).remarks


def test_for_a_number_that_other_columns_have_too_the_advice_names_its_column(tmp_path):
    cells = [str(1 + row % 5) for row in range(40)]
    with pytest.raises(Exception, match=r"x: 999999 in 4 rows; --missing 999999, or --keep x"):
        read(tmp_path, [*cells, *["999999"] * 4])
    path = tmp_path / "table.csv"
    rows = [f"{row * 50_000},{999999 if row < 4 else row % 7},{('yes', 'no')[row % 2]}" for row in range(60)]
    path.write_text("\n".join(["income,x,churn", *rows, "999999,1,no"]) + "\n")
    with pytest.raises(Exception, match=r"x: 999999 in 4 rows; --missing x=999999, or --keep x"):
        read_table(path)
    table = read_table(path, choices=Choices(missing=("x=999999",)))
    assert (table.customers["income"] == 999999).sum() == 1


@pytest.mark.parametrize(("word", "time"), [("unknown", None), ("churn=unknown", None), ("99", "when")])
def test_a_word_that_left_rows_out_is_not_reported_as_unused(tmp_path, word, time):
    path = tmp_path / "table.csv"
    rows = [f"{row},{row % 7},{('yes', 'no')[row % 2]}" for row in range(40)]
    path.write_text("\n".join(["when,age,churn", *rows, "99.0,1,unknown", "99,1,unknown"]) + "\n")
    missing = (word,) if time is None else (word, "unknown")
    assert not any(
        "names" in remark for remark in read_table(path, choices=Choices(missing=missing, time=time)).remarks
    )
