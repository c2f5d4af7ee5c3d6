"""The columns of shapes: knots, ramps, trends, blanks, and the groups that share a strength."""

import numpy as np
import pandas as pd
import pytest

from churn.model.columns import IsBlank, Itself, OneCategory, Ramp, Within
from churn.training.fit import learn_contract
from churn.training.shapes import learn_shapes, place_knots


def learn(customers: pd.DataFrame) -> dict[str, list]:
    """The columns of each group."""
    shapes, found = learn_shapes(customers, learn_contract(customers)), {}
    for column, group in zip(shapes.columns, shapes.groups, strict=True):
        found.setdefault(group, []).append(column)
    return found


def test_each_kind_of_field_has_its_columns_in_the_groups_that_share_a_strength():
    customers = pd.DataFrame(
        {
            "plan": pd.Series(["a", "b"] * 6, dtype="str"),
            "member": [0.0, 1.0] * 6,
            "months": [0.0, 3.0, 9.0] * 4,
            "balance": [-2.0, 5.0] * 6,
        }
    )
    assert learn(customers) == {
        "category plan": [OneCategory("plan", "a"), OneCategory("plan", "b")],
        "flags": [Itself("member")],
        "trends": [
            Within("months", 0.0, 9.0),
            Within("months", 0.0, 9.0, logarithm=True),
            Within("balance", -2.0, 5.0),
        ],
        "curve months": [Ramp("months", 0.0, 3.0), Ramp("months", 3.0, 9.0)],
    }


def test_few_different_numbers_are_all_knots_and_of_many_the_frequent_ones_and_quantiles_are():
    assert place_knots(np.array([3.0, 1.0, 2.0, 2.0]), 4).tolist() == [1.0, 2.0, 3.0]
    numbers = np.concatenate([np.full(50, 7.0), np.arange(100, 200)])
    assert place_knots(numbers, 5).tolist() == [7.0, 100.0, 133.0, 166.0, 199.0]  # 7 is in a third of the rows
    assert len(place_knots(np.random.default_rng(1).normal(size=5000), 32)) == 32
    assert str(place_knots(np.array([-0.0, 1.0]), 4)[0]) == "0.0"


@pytest.mark.parametrize(("blanks", "has_column"), [(19, False), (20, True)])
def test_a_number_that_is_often_blank_has_a_column_for_it_that_shares_the_strength_of_flags(blanks, has_column):
    ages = np.random.default_rng(1).integers(20, 90, 300).astype(float)
    ages[:blanks] = np.nan
    customers = pd.DataFrame({"age": ages, "use": np.arange(300.0)})
    median = float(np.nanmedian(ages))
    assert learn(customers).get("flags") == ([IsBlank("age", median)] if has_column else None)


def test_a_blank_that_another_field_explains_has_no_column_of_its_own():
    member = np.repeat([0.0, 1.0], 50)
    customers = pd.DataFrame({"member": member, "paid": np.where(member == 0, np.nan, np.arange(100.0))})
    assert learn(customers)["flags"] == [Itself("member")]


def test_many_numbers_have_fewer_knots_and_too_many_have_no_shapes():
    def count_ramps(fields: int) -> int | None:
        customers = pd.DataFrame(np.random.default_rng(1).normal(size=(200, fields))).rename(columns=str)
        shapes = learn_shapes(customers, learn_contract(customers))
        return None if shapes is None else sum(isinstance(column, Ramp) for column in shapes.columns)

    assert count_ramps(31) == 31 * 31  # 32 knots and a trend each: 992 columns
    assert count_ramps(32) == 32 * 15
    assert count_ramps(200) == 200 * 3
    assert count_ramps(300) is None


def test_knots_are_learned_from_the_given_rows_and_a_number_that_is_blank_in_all_of_them_is_flat():
    customers = pd.DataFrame({"age": [20.0, 30.0, 40.0] * 5 + [np.nan] * 15, "use": np.arange(30.0)})
    contract = learn_contract(customers)
    columns = learn_shapes(customers.iloc[15:], contract).columns
    assert [column for column in columns if column.field == "age" and isinstance(column, Ramp)] == []
    assert Within("use", 15.0, 29.0) in columns
