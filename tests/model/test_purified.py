"""Tables of two fields, taken apart: by hand, and against NumPy's least squares for random tables and shares."""

import math

import numpy as np
import pytest

from churn.model.interactions import Axis, Interaction
from churn.model.purified import Purified, keep_whole, purify


def make_table(log_odds) -> Interaction:
    rows = tuple(tuple(float(cell) for cell in row) for row in log_odds)
    first, second = (tuple(float(cut) for cut in range(1, size)) for size in (len(rows), len(rows[0])))
    return Interaction(Axis("a", cuts=first), Axis("b", cuts=second), rows)


def draw_shares(chance: np.random.Generator, kind: str) -> np.ndarray:
    """Shares of cells: of unrelated fields, of fields that are nearly the same, and with empty cells."""
    n_rows, n_columns = chance.integers(2, 14, 2)
    shares = chance.random((n_rows, n_columns)) + 1e-3
    if kind == "close":
        place = np.arange(n_rows)[:, None] / n_rows - np.arange(n_columns) / n_columns
        shares *= np.exp(-((place / 0.1) ** 2))
    elif kind == "with gaps":
        shares *= chance.random(shares.shape) < 0.4
        shares[0, 0] = 1.0
    return shares / shares.sum()


def test_a_table_by_hand():
    """Half of the customers are in each row and in each column, so the means are plain ones."""
    pure = purify(make_table([[1, 2], [3, 8]]), [[0.25, 0.25], [0.25, 0.25]])
    assert pure.mean == pytest.approx(3.5, abs=1e-14)
    assert pure.first == pytest.approx((-2.0, 2.0), abs=1e-14)
    assert pure.second == pytest.approx((-1.5, 1.5), abs=1e-14)
    np.testing.assert_allclose(pure.log_odds, [[1, -1], [-1, 1]], rtol=0, atol=1e-14)


@pytest.mark.parametrize("kind", ["apart", "close", "with gaps"])
@pytest.mark.parametrize("seed", range(10))
def test_the_rest_has_no_mean_and_the_part_taken_out_is_the_nearest_sum(kind, seed):
    chance = np.random.default_rng(seed)
    shares = draw_shares(chance, kind)
    table = chance.normal(size=shares.shape)
    pure = purify(make_table(table), shares.tolist())
    mean, first, second, together = pure.mean, *map(np.array, pure[1:])
    np.testing.assert_allclose(mean + first[:, None] + second + together, table, rtol=0, atol=1e-13)
    assert mean == pytest.approx((shares * table).sum(), abs=1e-14)
    assert [shares.sum(1) @ first, shares.sum(0) @ second] == pytest.approx([0, 0], abs=1e-13)
    for axis in (0, 1):  # the mean of each column and of each row, times its share
        np.testing.assert_allclose((shares * together).sum(axis), 0, rtol=0, atol=1e-12)
    in_cell = np.hstack(
        [np.repeat(np.eye(len(first)), len(second), 0), np.tile(np.eye(len(second)), (len(first), 1))]
    )
    root = np.sqrt(shares).ravel()
    nearest, *_ = np.linalg.lstsq(in_cell * root[:, None], (table - mean).ravel() * root, rcond=None)
    expected = (in_cell @ nearest).reshape(table.shape)
    np.testing.assert_allclose((first[:, None] + second)[shares > 0], expected[shares > 0], rtol=0, atol=1e-8)


def test_where_one_field_determines_the_other_both_get_the_same():
    pure = purify(make_table(np.diag([3.0, 0.0, -3.0])), (np.eye(3) / 3).tolist())
    assert pure.first == pytest.approx((1.5, 0.0, -1.5), abs=1e-14)
    assert pure.second == pytest.approx((1.5, 0.0, -1.5), abs=1e-14)


def test_a_value_that_no_customer_had_is_averaged_over_the_other_fields_overall_shares():
    """A quarter of the customers is in the first column, the others in the second, all of them in the first row."""
    pure = purify(make_table([[0, 0], [4, 8]]), [[0.25, 0.75], [0.0, 0.0]])
    assert pure.first == pytest.approx((0.0, 0.25 * 4 + 0.75 * 8))
    assert pure.log_odds[1] == pytest.approx((-3.0, 1.0))
    turned = purify(make_table([[0, 4], [0, 8]]), [[0.25, 0.0], [0.75, 0.0]])
    assert turned.second == pure.first
    assert [row[1] for row in turned.log_odds] == pytest.approx([-3.0, 1.0])


def test_a_sum_of_two_fields_has_no_joint_part():
    chance = np.random.default_rng(3)
    table = chance.normal(size=(5, 1)) + chance.normal(size=(1, 7))
    shares = draw_shares(np.random.default_rng(8), "apart")
    shares = np.resize(shares, (5, 7)) / np.resize(shares, (5, 7)).sum()
    assert np.abs(purify(make_table(table), shares.tolist()).log_odds).max() < 1e-13


def test_without_shares_a_table_stays_whole():
    table = make_table([[1, 2], [3, 8]])
    assert keep_whole(table) == Purified(0.0, (0.0, 0.0), (0.0, 0.0), table.log_odds)


@pytest.mark.parametrize(
    ("table", "shares"),
    [
        ([[1e308, -1e308], [-1e308, 1e308]], [[0.1, 0.4], [0.4, 0.1]]),
        ([[0, 0], [1.7e308, -1.7e308]], [[0.9, 0.1], [0.0, 0.0]]),
    ],
)
def test_numbers_too_large_to_be_taken_apart_are_refused(table, shares):
    with pytest.raises(ValueError, match="too large"):
        purify(make_table(table), shares)


def test_the_largest_table_is_taken_apart_in_a_bounded_number_of_rounds():
    """The fields are nearly the same; subtracting means in turn would need a hundred thousand rounds."""
    size = 100
    shares = np.eye(size) + 1e-4 * np.eye(size, k=1)
    table = np.random.default_rng(0).normal(size=(size, size))
    pure = purify(make_table(table), (shares / shares.sum()).tolist())
    assert math.isclose(pure.mean, (shares * table).sum() / shares.sum(), abs_tol=1e-12)
    assert np.abs((shares * pure.log_odds).sum(0)).max() < 1e-9
