"""The target: words that are labels, values that need a choice, rows without a label, and unsuitable columns."""

import gzip

import numpy as np
import pandas as pd
import pytest

from churn.errors import TableError
from churn.training.choices import Choices
from churn.training.labels import FoundLabels
from churn.training.source import Reading
from churn.training.table import read_table
from churn.training.wording import target_lines


def write(tmp_path, targets, *, name="table.csv", header="churn"):
    """A table with one number and these targets, as texts in a CSV."""
    path = tmp_path / name
    pd.DataFrame({"age": range(len(targets)), header: targets}).to_csv(path, index=False)
    return path


def labels(path, **choices) -> list[int]:
    return read_table(path, choices=Choices(**choices)).y.tolist()


def refusal(path, **choices) -> str:
    with pytest.raises(TableError) as error:
        read_table(path, choices=Choices(**choices))
    words = str(error.value)
    assert "\n" not in words
    return words.removeprefix(str(path))


@pytest.mark.parametrize(
    "targets",
    [
        ["yes", "no", "no"],
        ["Y", "n", "N"],
        ["TRUE", "False", "false"],
        ["t", "F", "f"],
        ["1", "0", "0"],
        ["1.0", "0.0", "0.0"],
        ["1", "-1", "-1"],
        ["1.0", "-1.0", "-1"],
        [" Yes ", "NO", "no"],
        ["True", "0", "no"],
        ["1", "n", "f"],
    ],
    ids=" ".join,
)
def test_the_usual_words_for_yes_and_no_are_labels_in_any_case_and_mixed(tmp_path, targets):
    assert labels(write(tmp_path, targets)) == [1, 0, 0]


def test_a_european_tables_ones_and_zeros_are_labels(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("age;churn\n1,5;1,0\n2,5;0,0\n3,5;0,0\n")
    assert labels(path) == [1, 0, 0]


@pytest.mark.parametrize("values", [[True, False, False], [1.0, 0.0, 0.0], [1, 0, 0], ["yes", "no", "no"]])
@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_parquet_and_workbooks_have_their_own_booleans_and_numbers(tmp_path, values, kind):
    path = tmp_path / f"table.{kind}"
    table = pd.DataFrame({"age": [1, 2, 3], "churn": values})
    table.to_parquet(path) if kind == "parquet" else table.to_excel(path, index=False, engine="xlsxwriter")
    assert labels(path) == [1, 0, 0]


@pytest.mark.parametrize("positive", ["Attrited Customer", "attrited customer", " ATTRITED_CUSTOMER "])
def test_any_other_two_values_need_the_one_to_predict_in_any_spelling(tmp_path, positive):
    path = write(tmp_path, ["Existing Customer", "Attrited Customer", "Existing Customer"])
    assert refusal(path) == (
        ": the target 'churn' has the values 'Existing Customer' in 2 rows and 'Attrited Customer' in 1 row; say "
        "which one to predict: --positive 'Attrited Customer' or --positive 'Existing Customer'"
    )
    table = read_table(path, choices=Choices(positive=positive))
    assert table.y.tolist() == [0, 1, 0]
    assert table.found == FoundLabels(("Attrited Customer",), ("Existing Customer",), {})


@pytest.mark.parametrize(
    ("values", "option"),
    [
        (["it's", "b"], """--positive 'it'"'"'s'"""),
        ([">50K", "<=50K"], "--positive '>50K' or --positive '<=50K'"),
        (["-2", "b"], "--positive=-2"),
        (["$(rm -rf)", "b"], "--positive '$(rm -rf)'"),
        (["x" * 200, "b"], "--positive VALUE"),
        (["two\nlines", "b"], "--positive VALUE"),
    ],
)
def test_the_option_that_a_refusal_names_can_be_pasted_into_a_shell(tmp_path, values, option):
    assert option in refusal(write(tmp_path, [values[0], values[1], values[1]]))


def test_two_editions_of_a_table_have_one_spelling_where_only_a_final_point_differs(tmp_path):
    path = write(tmp_path, [">50K", "<=50K.", "<=50K", ">50K."])
    assert labels(path, positive=">50K") == [1, 0, 0, 1]


def test_the_negative_word_can_be_the_one_to_predict_with_its_other_spellings(tmp_path):
    assert labels(write(tmp_path, ["yes", "no", "N", "y"]), positive="No") == [0, 1, 1, 0]
    assert labels(write(tmp_path, ["1", "-1", "-1"]), positive="-1") == [0, 1, 1]


def test_of_three_values_the_others_are_negative_only_on_request(tmp_path):
    path = write(tmp_path, ["gold", "basic", "gone", "basic"])
    assert refusal(path) == (
        ": the target 'churn' has the values 'basic' in 2 rows, 'gold' in 1 row and 'gone' in 1 row; --positive "
        "VALUE says which one to predict, --rest-negative treats all others as its opposite"
    )
    assert "--rest-negative treats the 2 other values as its opposite" in refusal(path, positive="gone")
    assert labels(path, positive="gone", rest_negative=True) == [0, 0, 1, 0]


def test_a_synonym_of_the_positive_value_is_never_among_the_rest(tmp_path):
    path = write(tmp_path, ["yes", "Y", "1", "no", "maybe"])
    assert labels(path, positive="yes", rest_negative=True) == [1, 1, 1, 0, 0]


@pytest.mark.parametrize("targets", [["-1", "0"], ["-1", "0", "1"], ["1", "2"], ["0", "2"], ["-1", "yes"]])
def test_numbers_that_do_not_show_which_is_yes_are_not_guessed(tmp_path, targets):
    assert "--positive" in refusal(write(tmp_path, targets))


def test_the_ten_most_frequent_values_are_listed_and_how_many_more(tmp_path):
    targets = [f"v{number:02}" for number in range(25) for _ in range(25 - number)]
    words = refusal(write(tmp_path, targets))
    assert "'v00' in 25 rows, 'v01' in 24 rows" in words
    assert "'v09' in 16 rows and 15 more;" in words
    assert "v10" not in words


@pytest.mark.parametrize("spell", ["{}", "{}.5", "${}", "{} %"])
def test_a_numeric_column_is_refused_as_a_target(tmp_path, spell):
    words = refusal(write(tmp_path, [spell.format(number) for number in range(5000)]))
    reason = "a number with 5,000 different values can't be a target, which must have two"
    assert words == f": the target is 'churn', and {reason}"


def test_a_value_that_does_not_occur_is_refused_with_the_nearest_one_and_the_values(tmp_path):
    path = write(tmp_path, ["Stayed", "Churned", "Stayed"])
    has = "it has 'Stayed' in 2 rows and 'Churned' in 1 row"
    absent = ": the target 'churn' has no value 'Churnd'; did you mean 'Churned'? "
    assert refusal(path, positive="Churnd") == absent + has
    assert refusal(path, positive="xyz") == f": the target 'churn' has no value 'xyz'; {has}"


def test_rows_without_a_label_are_left_out_and_counted_and_the_others_keep_their_numbers(tmp_path):
    path = write(tmp_path, ["yes", "", "no", " ", "NA", "n/a", "no", "?"])
    table = read_table(path)
    assert table.customers["age"].tolist() == [0, 2, 6]
    assert table.customers.index.tolist() == [0, 1, 2]
    assert table.y.tolist() == [1, 0, 0]
    assert table.found.unlabelled == {"": 2, "NA": 1, "n/a": 1, "?": 1}
    rows = "".join(f"{number},yes\n{number},\n" for number in range(30)) + "x,no\n"
    path.write_text("age,churn\n" + rows)
    with pytest.raises(TableError, match="'x' in 1 row") as error:
        read_table(path)
    assert error.value.row == 62


def test_values_that_only_rows_without_a_label_have_are_not_learned(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("age,plan,note,churn\n1,a,,yes\n2,b,,no\nx,c,only here,\n3,a,,no\n")
    table = read_table(path)
    assert table.customers["age"].tolist() == [1, 2, 3]
    assert set(table.customers["plan"]) == {"a", "b"}
    assert [column.reason for column in table.left_out] == ["it is blank in every row"]


def test_floats_with_blanks_as_pandas_writes_them_are_labels(tmp_path):
    assert labels(write(tmp_path, [1.0, np.nan, 0.0, 0.0])) == [1, 0, 0]
    path = tmp_path / "t.parquet"
    pd.DataFrame({"age": range(4), "churn": [1.0, None, 0.0, 0.0]}).to_parquet(path)
    assert read_table(path).found.unlabelled == {"": 1}


def test_a_word_for_missing_is_a_value_where_it_is_chosen_or_is_one_of_only_two(tmp_path):
    path = write(tmp_path, ["none", "default", "none", ""])
    assert "'none' in 2 rows and 'default' in 1 row" in refusal(path)
    assert labels(path, positive="default") == [0, 1, 0]
    assert labels(write(tmp_path, ["yes", "no", "none"]), positive="none", rest_negative=True) == [0, 0, 1]
    assert labels(write(tmp_path, ["yes", "no", "unknown"]), missing=("unknown",)) == [1, 0]


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (["", "", " "], "has no label: its target 'churn' is blank in every row"),
        (["yes", "Y"], "one class only: every customer's target is 'yes'"),
        (["yes", "NA", "NA"], "every customer's target is 'yes' where there is a label ('NA' in 2 rows)"),
        (["gone", ""], "every customer's target is 'gone' where there is a label (blank in 1 row)"),
    ],
)
def test_a_target_with_one_class_is_refused(tmp_path, targets, words):
    assert words in refusal(write(tmp_path, targets))


def test_blanks_are_the_opposite_of_the_only_value_on_request(tmp_path):
    path = write(tmp_path, ["yes", "", "Y", " ", "NA", "yes"])
    assert "--positive yes --rest-negative treats these as its opposite" in refusal(path)
    assert "--rest-negative treats these" in refusal(path, positive="yes")
    table = read_table(path, choices=Choices(positive="yes", rest_negative=True))
    assert table.y.tolist() == [1, 0, 1, 0, 0, 1]
    assert table.found == (("yes", "Y"), ("", "NA"), {})
    assert list(target_lines(table)) == ["churn is 1 for 'yes' and 'Y', and 0 for a blank and 'NA'"]
    only = write(tmp_path, ["yes", "yes"])
    assert "one class only" in refusal(only, positive="yes", rest_negative=True)
    assert labels(write(tmp_path, ["yes", "", "no"]), positive="yes", rest_negative=True) == [1, 0]


PUBLIC = {
    "bank marketing": ("y", ["no", "no", "yes"], {}, [0, 0, 1]),
    "BankChurners": (
        "Attrition_Flag",
        ["Existing Customer", "Attrited Customer", "Existing Customer"],
        {"positive": "Attrited Customer"},
        [0, 1, 0],
    ),
    "HR attrition": ("Attrition", ["Yes", "No", "No"], {}, [1, 0, 0]),
    "Titanic": ("Survived", ["0", "1", "1"], {}, [0, 1, 1]),
    "adult": ("income", ["<=50K", ">50K", "<=50K"], {"positive": ">50K"}, [0, 1, 0]),
    "adult, its test part": ("income", ["<=50K.", ">50K.", "<=50K."], {"positive": ">50K"}, [0, 1, 0]),
    "lead scoring": ("Converted", ["0", "1", "0"], {}, [0, 1, 0]),
    "credit": ("class", ["1", "-1", "1"], {}, [1, 0, 1]),
    "German credit": ("class", ["good", "bad", "good"], {"positive": "bad"}, [0, 1, 0]),
    "e-commerce": ("Churn", ["1.0", "0.0", ""], {}, [1, 0]),
    "heart": ("num", ["0", "2", "1", "4"], {"positive": "0", "rest_negative": True}, [1, 0, 0, 0]),
}


@pytest.mark.parametrize(("target", "values", "choices", "expected"), PUBLIC.values(), ids=PUBLIC.keys())
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_public_tables_have_their_labels(tmp_path, target, values, choices, expected, delimiter):
    path = tmp_path / "table.csv.gz"
    rows = "".join(f"{number}{delimiter}{value}\n" for number, value in enumerate(values))
    path.write_bytes(gzip.compress(f"age{delimiter}{target}\n{rows}".encode()))
    table = read_table(path, target=target, choices=Choices(**choices), reading=Reading())
    assert table.y.tolist() == expected
