"""The matrix, column by column, against values by hand; its means, and its rows in blocks."""

import numpy as np
import pandas as pd
import pytest

from churn.model.columns import AtLeast, Both, Equals, IsBlank, Itself, OneCategory, Ramp, Within
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Flag, Number
from churn.training.fit import build_matrix, number_columns
from churn.training.matrix import average_columns, fill_blocks, fill_matrix, name_column, read_columns

CONTRACT = Contract(
    (
        Category("plan", ("a", "b", "c")),
        Flag("member"),
        Number("use", 0.0, 8.0, non_negative=True, blank=Blank(2.0, apart=True)),
    )
)
CUSTOMERS = pd.DataFrame(
    {
        "plan": pd.Series(["a", "b", "c", "a"], dtype="str"),
        "member": [0.0, 1.0, 1.0, 1.0],
        "use": [0.0, 3.0, np.nan, 10.0],
    }
)
BY_HAND = {
    Itself("member"): [0, 1, 1, 1],
    OneCategory("plan", "a"): [1, 0, 0, 1],
    OneCategory("plan", "b"): [0, 1, 0, 0],
    OneCategory("plan", "c"): [0, 0, 1, 0],
    Within("use", 0.0, 8.0): [0, 3, 2, 8],
    Within("use", 0.0, 8.0, logarithm=True): np.log([1, 4, 3, 9]),
    Ramp("use", 1.0, 5.0): [0, 0.5, 0.25, 1],
    IsBlank("use", 2.0): [0, 0, 1, 0],
    Both(Equals("plan", "a"), AtLeast("use", 3.0)): [0, 0, 0, 1],
    Both(Equals("plan", None), AtLeast("member", 1.0)): [0, 1, 1, 0],
}


def test_each_kind_of_column_holds_what_its_name_describes():
    X = fill_matrix(CUSTOMERS, CONTRACT, list(BY_HAND))
    np.testing.assert_allclose(X, np.column_stack(list(BY_HAND.values())), rtol=0, atol=1e-15)


def test_a_matrix_made_by_names_equals_that_of_the_columns_with_these_names():
    names = [name_column(column) for column in BY_HAND]
    dv = number_columns(names)
    X = build_matrix(CUSTOMERS, CONTRACT, dv)
    for name, values in zip(names, BY_HAND.values(), strict=True):
        np.testing.assert_allclose(X[:, dv.vocabulary_[name]], values, rtol=0, atol=1e-15)


def test_a_number_without_a_curve_has_itself_and_its_logarithm_and_a_blank_stands_for_its_number():
    X = fill_matrix(CUSTOMERS, CONTRACT, [Itself("use"), Itself("use", logarithm=True)])
    np.testing.assert_allclose(X, np.column_stack([[0, 3, 2, 10], np.log([1, 4, 3, 11])]), rtol=0, atol=1e-15)


def test_a_field_whose_name_looks_like_a_column_is_the_field():
    contract = Contract((Number("log1p(x)", 0.0, 9.0, non_negative=True),))
    columns = read_columns(["log1p(x)", "log1p(log1p(x))"], contract)
    assert columns == [Itself("log1p(x)"), Itself("log1p(x)", logarithm=True)]
    X = fill_matrix(pd.DataFrame({"log1p(x)": [1.0, 3.0]}), contract, columns)
    np.testing.assert_allclose(X, [[1, np.log(2)], [3, np.log(4)]], rtol=0, atol=1e-15)


def test_blocks_of_rows_are_all_rows_in_order_and_the_means_are_theirs():
    columns = list(BY_HAND)
    whole = fill_matrix(CUSTOMERS, CONTRACT, columns)
    blocks = list(fill_blocks(CUSTOMERS, CONTRACT, columns, rows=3))
    assert [len(block) for block in blocks] == [3, 1]
    np.testing.assert_array_equal(np.vstack(blocks), whole)
    average = average_columns(CUSTOMERS, CONTRACT, columns)
    assert average["ramp(use,1.0,5.0)"] == pytest.approx((0.5 + 0.25 + 1) / 4)
    assert average == pytest.approx(dict(zip(map(name_column, columns), whole.mean(axis=0), strict=True)))
