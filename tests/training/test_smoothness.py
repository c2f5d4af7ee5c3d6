"""The fit with a strength for each group: against scikit-learn, the marginal likelihood and simulations."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from churn.training.smoothness import find_optimum, in_blocks, learn_strengths, log_losses, start_weights


def make_rows(rows: int, spreads: list[tuple[int, float]], *, seed: int = 1):
    """A matrix, labels, and the columns' groups; `spreads` has sizes and standard deviations of weights."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(len(spreads)), [count for count, _ in spreads])
    weights = np.concatenate([rng.normal(0, spread, count) for count, spread in spreads])
    X = rng.normal(size=(rows, len(groups)))
    y = (rng.random(rows) < 1 / (1 + np.exp(1 - X @ weights))).astype(np.int64)
    return X, y, groups


def learn(X, y, groups, **options):
    start, strengths = start_weights(y, X.shape[1]), np.full(groups.max() + 1, 3.0)
    return learn_strengths(
        in_blocks(X, y), groups, start=start, strengths=strengths, **{"most_rounds": 200} | options
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_the_optimum_is_scikit_learns_on_columns_scaled_by_the_roots_of_their_penalties(seed):
    X, y, _ = make_rows(3000, [(20, 0.5), (10, 2.0)], seed=seed)
    penalties = np.random.default_rng(seed).lognormal(0, 3, X.shape[1])
    weights = find_optimum(in_blocks(X, y), penalties, start=start_weights(y, X.shape[1]))
    model = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12, max_iter=100)
    model.fit(X / np.sqrt(penalties), y)
    np.testing.assert_allclose(weights.columns, model.coef_[0] / np.sqrt(penalties), rtol=0, atol=1e-9)
    expected = model.predict_proba(X / np.sqrt(penalties))[:, 1]
    np.testing.assert_allclose(1 / (1 + np.exp(-weights.log_odds(X))), expected, rtol=0, atol=1e-9)


def test_the_optimum_is_the_same_whatever_the_start():
    X, y, _ = make_rows(9000, [(15, 1.0)])
    penalties = np.full(15, 0.5)
    near = find_optimum(in_blocks(X, y), penalties, start=start_weights(y, 15))
    far = find_optimum(in_blocks(X, y), penalties, start=near._replace(columns=near.columns - 3, intercept=4.0))
    np.testing.assert_allclose(far.columns, near.columns, rtol=0, atol=1e-10)
    assert far.intercept == pytest.approx(near.intercept, abs=1e-10)


def test_numbers_that_doubles_cannot_hold_are_an_arithmetic_error_and_give_no_weights():
    X, y, groups = make_rows(300, [(3, 1.0)])
    X[0, 0] = np.inf
    with np.errstate(invalid="ignore"), pytest.raises(ArithmeticError):
        learn(X, y, groups)


def test_the_strengths_are_where_laplaces_marginal_likelihood_is_largest():
    """Fellner and Schall ignore how the curvature changes with the strengths: the two optima are close, not equal."""
    X, y, groups = make_rows(1500, [(12, 0.5), (12, 0.2)])
    learned = learn(X, y, groups).strengths

    def minus_likelihood(logs):
        penalties = np.exp(logs)[groups]
        weights = find_optimum(in_blocks(X, y), penalties, start=start_weights(y, X.shape[1]))
        odds = weights.log_odds(X)
        spread = np.exp(-np.abs(odds)) / (1 + np.exp(-np.abs(odds))) ** 2
        centred = np.column_stack([X, np.ones(len(y))])
        hessian = centred.T @ (centred * spread[:, None]) + np.diag([*penalties, 0.0])
        penalised = log_losses(odds, y).sum() + (penalties * weights.columns**2).sum() / 2
        return penalised - np.log(penalties).sum() / 2 + np.linalg.slogdet(hessian)[1] / 2

    best = np.exp(minimize(minus_likelihood, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-2}).x)
    np.testing.assert_allclose(np.log(learned), np.log(best), rtol=0, atol=0.15)


def test_strengths_distinguish_large_weights_small_ones_and_none():
    X, y, groups = make_rows(8000, [(60, 0.5), (60, 0.1), (60, 0.0)])
    large, small, none = learn(X, y, groups).strengths
    assert large == pytest.approx(1 / 0.5**2, rel=0.5)  # 60 draws determine a variance to about a third
    assert small == pytest.approx(1 / 0.1**2, rel=0.6)
    assert none > 1_000


def test_the_origin_of_a_column_changes_nothing():
    X, y, groups = make_rows(2000, [(10, 0.5), (10, 0.1)])
    there, moved = learn(X, y, groups), learn(X + np.linspace(-3, 3, 20), y, groups)
    np.testing.assert_allclose(moved.strengths, there.strengths, rtol=1e-6)
    np.testing.assert_allclose(moved.weights.columns, there.weights.columns, atol=1e-6)


def test_a_column_of_zeros_gets_no_weight_and_changes_no_strength():
    X, y, groups = make_rows(2000, [(20, 0.5)])
    wider = np.hstack([X, np.zeros((2000, 5))])
    alone, beside = learn(X, y, groups), learn(wider, y, np.zeros(25, dtype=int))
    np.testing.assert_allclose(beside.strengths, alone.strengths, rtol=1e-9)
    assert not beside.weights.columns[20:].any()


def test_the_log_loss_is_that_of_the_probability():
    odds, y = np.array([0.0, 2.0, -2.0]), np.array([1, 1, 0])
    p = 1 / (1 + np.exp(-odds))
    np.testing.assert_allclose(log_losses(odds, y), -np.log(np.where(y == 1, p, 1 - p)), atol=1e-15)
