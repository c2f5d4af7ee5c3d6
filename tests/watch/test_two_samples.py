"""The two-sample test, against SciPy where no cell is small and by hand where one is."""

import numpy as np
import pytest
from scipy import stats

from churn.watch.two_samples import find_distance, find_p


def test_p_is_scipys_chi_square_of_the_two_rows():
    rng = np.random.default_rng(1)
    for cells in (3, 5, 22):
        for answers in (500, 5_634, 1_000_000):
            shares = rng.dirichlet(np.full(cells, 20.0))
            reference, live = rng.multinomial(5634, shares), rng.multinomial(answers, shares)
            expected = stats.chi2_contingency([reference, live], correction=False).pvalue
            assert find_p(reference.tolist(), live.tolist()) == pytest.approx(expected, rel=1e-10)


def test_a_flag_has_the_exact_test_even_when_a_cell_is_small():
    expected = stats.fisher_exact([[5000, 634], [30, 7]]).pvalue
    assert find_p([5000, 634], [30, 7]) == pytest.approx(expected, rel=1e-10)
    assert find_p([5000, 0, 634], [30, 0, 7]) == pytest.approx(expected, rel=1e-10)


def test_small_cells_are_pooled_until_5_are_expected():
    reference, live = [20, 898, 52, 1000, 30], [3, 44, 1, 50, 2]  # expected of 100: 1, 44.9, 2.6, 50 and 1.5
    expected = stats.chi2_contingency([[102, 898, 1000], [6, 44, 50]], correction=False).pvalue
    assert find_p(reference, live) == pytest.approx(expected, rel=1e-10)
    expected = stats.fisher_exact([[1000, 1000], [6, 94]]).pvalue  # 20 and 30 alone are too few and join 950
    assert find_p([20, 950, 1000, 30], [3, 1, 94, 2]) == pytest.approx(expected, rel=1e-10)


def test_a_pool_that_stays_too_small_joins_the_one_before():
    """Of five cells of 3 the first two are pooled, and the next two; the fifth alone is too small."""
    expected = stats.fisher_exact([[6, 9], [3, 12]]).pvalue
    assert find_p([3, 3, 3, 3, 3], [1, 2, 3, 4, 5]) == pytest.approx(expected, rel=1e-10)


def test_with_bins_of_equal_count_chance_in_the_answers_decides_nothing():
    """If the fullest bin were kept separate, 50 answers would differ from training every second time."""
    rng = np.random.default_rng(2)
    draws = [find_p([282] * 20, rng.multinomial(50, np.full(20, 0.05)).tolist()) for _ in range(2000)]
    assert 0.03 <= np.mean(np.array(draws) < 0.05) <= 0.06


def test_where_pooling_leaves_one_cell_the_largest_is_compared_with_all_others():
    expected = stats.fisher_exact([[500, 500], [1, 3]]).pvalue
    assert find_p([100, 400, 500], [1, 0, 3]) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("reference", "live"), [([5, 5], [0, 0]), ([0, 0], [5, 5]), ([9, 0], [3, 0])])
def test_p_is_1_where_there_is_nothing_to_compare(reference, live):
    assert find_p(reference, live) == 1


def test_the_distance_is_the_share_that_would_have_to_move():
    assert find_distance([50, 50], [9, 1]) == pytest.approx(0.4)
    assert find_distance([1, 2, 3], [10, 20, 30]) == pytest.approx(0)
    assert find_distance([7, 0], [0, 2]) == 1
