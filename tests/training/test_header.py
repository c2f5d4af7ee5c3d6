"""Names of columns: the names that a header may hold, and names in options, in every form of file."""

import pandas as pd
import pytest

from churn.errors import TableError
from churn.training.choices import Choices
from churn.training.columns import LeftOut
from churn.training.table import read_table

CONTENT = "Plan Type,Age,Churn\na,30,yes\nb,41,no\na,52,yes\nb,29,no\n"


def read(tmp_path, content=CONTENT, *, time=None, **choices):
    path = tmp_path / "table.csv"
    path.write_text(content)
    named = {option: frozenset(names) for option, names in choices.items()}
    return read_table(path, choices=Choices(time=time, **named))


@pytest.mark.parametrize(
    "name", ["within(age", "ramp(age,1,2)", "blank(age", "Both(age", "log1p(within(age", "log1p(age)", "a=b"]
)
def test_a_name_that_a_models_column_could_be_taken_for_is_refused(tmp_path, name):
    with pytest.raises(TableError, match="a name for a model's own columns; rename it"):
        read(tmp_path, f'"{name}",Age,Churn\n1,30,yes\n2,41,no\n')


def test_a_name_that_is_only_similar_to_one_is_accepted(tmp_path):
    content = 'ramps,"log1p(use)",Age,Churn\n1,7,30,yes\n2,3,41,no\n1,9,28,no\n2,5,28,yes\n'
    assert list(read(tmp_path, content).customers) == ["ramps", "log1p(use)", "age"]


@pytest.mark.parametrize("option", ["drop", "category", "number", "keep"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ages", "has no column 'ages', which --{} names; did you mean 'age'?"),
        ("plantype", "has no column 'plantype', which --{} names; did you mean 'plan_type'?"),
        ("xyz", "has no column 'xyz', which --{} names; its columns are 'plan_type', 'age', 'churn'"),
        ("churn", "--{} names 'churn', which is the target"),
    ],
)
def test_a_name_that_is_not_a_field_of_the_table_is_refused_with_the_nearest_one(tmp_path, option, name, words):
    with pytest.raises(TableError) as error:
        read(tmp_path, **{option: [name]})
    assert words.format(option) in error.value.reason


@pytest.mark.parametrize("other", ["category", "number", "keep"])
def test_a_column_cannot_be_dropped_and_something_else(tmp_path, other):
    with pytest.raises(TableError, match=f"--drop and --{other} both name 'age'"):
        read(tmp_path, drop=["age"], **{other: ["age"]})


def test_a_column_cannot_be_a_category_and_a_number_and_either_may_be_kept_too(tmp_path):
    with pytest.raises(TableError, match="--category and --number both name 'age'"):
        read(tmp_path, category=["age"], number=["age"])
    assert list(read(tmp_path, category=["age"], keep=["age"]).customers["age"]) == ["30", "41", "52", "29"]


@pytest.mark.parametrize(
    ("option", "way"),
    [
        ("drop", "--time alone leaves it out"),
        ("category", "--keep makes it a field, too"),
        ("number", "--keep makes it a field, too"),
    ],
)
def test_a_column_that_orders_the_rows_is_a_field_only_if_it_is_kept(tmp_path, option, way):
    with pytest.raises(TableError, match=f"--{option} and --time both name 'age'; {way}"):
        read(tmp_path, time=" Age", **{option: ["age"]})
    assert list(read(tmp_path, time="age").customers) == ["plan_type"]
    for others in ({}, {"number": ["age"]}, {"category": ["age"]}):
        assert list(read(tmp_path, time="age", keep=["age"], **others).customers) == ["plan_type", "age"]


def test_the_target_cannot_order_the_rows(tmp_path):
    with pytest.raises(TableError, match="--time names 'churn', which is the target"):
        read(tmp_path, time="Churn")


def test_indexes_without_names_are_left_out_each_with_its_place_and_blank_columns_are_not_mentioned(tmp_path):
    content = ",,Plan,Churn,\n0,5,a,yes,\n1,3,b,no,\n2,9,a,yes,\n"
    assert read(tmp_path, content).left_out == (
        LeftOut("column 1", "it is an index without a name: 3 different whole numbers in 3 rows"),
        LeftOut("column 2", "it is an index without a name: 3 different whole numbers in 3 rows"),
    )


def test_a_column_without_a_name_that_is_not_an_index_stops_with_its_place(tmp_path):
    with pytest.raises(TableError, match="row 1: has a column without a name, number 2; name it, or take it out of"):
        read(tmp_path, "Age,,Churn\n30,a,yes\n41,b,no\n52,a,yes\n")


def test_columns_of_parquet_without_texts_can_be_dropped_but_not_kept(tmp_path):
    frame = pd.DataFrame({"age": [30, 41, 52, 29], "tags": [["a"], [], [], []], "churn": ["yes", "no"] * 2})
    frame.to_parquet(tmp_path / "table.parquet")
    table = read_table(tmp_path / "table.parquet", choices=Choices(drop=frozenset({"tags"})))
    assert list(table.customers) == ["age"]
    with pytest.raises(TableError, match="--keep names 'tags', whose values are neither texts nor numbers"):
        read_table(tmp_path / "table.parquet", choices=Choices(keep=frozenset({"tags"})))
