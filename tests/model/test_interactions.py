"""Tables of two fields from the weights of columns, by hand; scikit-learn's answers are in test_shapes."""

import math

import pytest

from churn.model.columns import AtLeast, Both, Equals
from churn.model.interactions import (
    MOST_CELLS,
    MOST_TABLES,
    Axis,
    Interaction,
    average_columns,
    make_interactions,
)

YOUNG, OLD = AtLeast("age", 18.0), AtLeast("age", 65.0)
BASIC, REST, SENIOR = Equals("plan", "basic"), Equals("plan", None), AtLeast("senior", 1.0)


def test_tables_by_hand():
    """A column of cuts counts in its cell and all cells beyond; a column of a category only in its own."""
    tables = make_interactions(
        {Both(YOUNG, SENIOR): 1.0, Both(BASIC, OLD): 8.0, Both(OLD, SENIOR): 2.0, Both(REST, YOUNG): 16.0}
        | {Both(BASIC, YOUNG): 4.0}
    )
    age_first = Interaction(Axis("age", cuts=(18.0, 65.0)), Axis("senior", cuts=(1.0,)), ((0, 0), (0, 1), (0, 3)))
    plan_first = Interaction(
        Axis("plan", categories=("basic",)), Axis("age", cuts=(18.0, 65.0)), ((0, 4, 12), (0, 16, 16))
    )
    assert tables == [age_first, plan_first]


@pytest.mark.parametrize(("number", "place"), [(-1e300, 0), (17.99, 0), (18, 1), (64.0, 1), (65.0, 2), (1e300, 2)])
def test_a_numbers_place_is_the_number_of_cuts_at_or_below_it(number, place):
    assert Axis("age", cuts=(18.0, 65.0)).place(number) == place


def test_categories_that_are_not_named_come_last():
    assert [Axis("plan", categories=("a", "")).place(known) for known in ("a", "", "b", "*")] == [0, 1, 2, 2]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ([Both(YOUNG, OLD)], "one field"),
        ([Both(YOUNG, SENIOR), Both(SENIOR, OLD)], "other order"),
        ([Both(YOUNG, SENIOR), Both(Equals("age", "18"), SENIOR)], "compared with categories"),
        ([Both(YOUNG, SENIOR), Both(Equals("age", None), SENIOR)], "compared with categories"),
    ],
)
def test_columns_that_make_no_table_are_refused(columns, reason):
    with pytest.raises(ValueError, match=reason):
        make_interactions(dict.fromkeys(columns, 1.0))


def test_more_cells_than_any_model_has_are_refused_before_they_are_made():
    size = math.isqrt(MOST_CELLS)
    most = {Both(AtLeast("a", float(cut)), AtLeast("b", float(cut))): 1.0 for cut in range(size - 1)}
    assert len(make_interactions(most)[0].log_odds) == size
    for more in (size, 20_000):
        with pytest.raises(ValueError, match="cells, and a model has at most"):
            make_interactions({Both(AtLeast("a", float(cut)), AtLeast("b", float(cut))): 1.0 for cut in range(more)})


def test_more_tables_than_any_model_has_are_refused():
    columns = {Both(AtLeast(f"a{number}", 1.0), SENIOR): 1.0 for number in range(MOST_TABLES + 1)}
    with pytest.raises(ValueError, match="tables of two fields, and a model has at most"):
        make_interactions(columns)


def test_weights_with_a_sum_that_is_not_finite_are_refused():
    with pytest.raises(ValueError, match="finite"):
        make_interactions({Both(YOUNG, SENIOR): 1e308, Both(OLD, SENIOR): 1e308})


def test_the_mean_of_a_column_is_the_share_of_the_cells_in_which_it_is_1():
    shares = ((0.05, 0.10, 0.15), (0.20, 0.20, 0.30))
    table = Interaction(Axis("plan", categories=("basic",)), Axis("age", cuts=(18.0, 65.0)), ((0.0,) * 3,) * 2)
    means = average_columns(table, shares, [Both(BASIC, YOUNG), Both(BASIC, OLD), Both(REST, YOUNG), Both(REST, OLD)])
    assert list(means.values()) == pytest.approx([0.25, 0.15, 0.5, 0.3])
    turned = Interaction(table.second, Axis("senior", cuts=(1.0,)), ((0.0,) * 2,) * 3)
    means = average_columns(turned, tuple(zip(*shares, strict=True)), [Both(YOUNG, SENIOR), Both(OLD, SENIOR)])
    assert list(means.values()) == pytest.approx([0.5, 0.3])
