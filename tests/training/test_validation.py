"""The choice of C: by the log loss over the folds, and the bias of the figures by which it was chosen."""

import numpy as np
import pytest

from churn.training.validation import Validation, choose_penalty, unflattered_aucs


def chosen(*validations) -> tuple[float, list[str]]:
    lines: list[str] = []
    return choose_penalty(validations, progress=lines.append).C, lines


def test_the_lowest_mean_log_loss_decides_whatever_the_auc_is():
    C, lines = chosen(
        Validation(0.1, (0.9, 0.9), (0.5, 0.4)),
        Validation(1.0, (0.8, 0.6), (0.4, 0.3)),
        Validation(10.0, (0.7, 0.7), (0.5, 0.5)),
    )
    assert C == 1.0
    assert lines == [
        "C=1.0 is chosen: it has the lowest mean log loss over the folds "
        "(0.4500 with C=0.1, 0.3500 with C=1.0, 0.5000 with C=10.0)",
        "with the C for each fold that the other folds choose, the auc is 0.700 +- 0.100",
    ]


def test_of_two_equal_ones_the_smaller_is_chosen_and_a_single_one_is_not_a_choice():
    assert chosen(Validation(10.0, (0.7,), (0.4,)), Validation(0.1, (0.7,), (0.4,)))[0] == 0.1
    assert chosen(Validation(10.0, (0.7,), (0.4,))) == (10.0, [])


def test_each_fold_has_the_penalty_that_the_other_folds_choose():
    first = Validation(0.1, (0.61, 0.62, 0.63), (0.1, 0.5, 0.5))
    second = Validation(1.0, (0.71, 0.72, 0.73), (0.4, 0.4, 0.4))
    assert unflattered_aucs([first, second]) == (0.71, 0.62, 0.63)  # 1.0 against 0.8; 0.6 against 0.8, twice


def test_figures_of_pure_noise_are_flattered_by_the_choice_and_not_without_the_fold_itself():
    rng = np.random.default_rng(1)
    flattered, fair = [], []
    for _ in range(2000):
        aucs = 0.5 + 0.05 * rng.normal(size=(8, 5))
        tried = [Validation(float(C), tuple(row), tuple(1 - row)) for C, row in enumerate(aucs, start=1)]
        flattered.append(np.mean(choose_penalty(tried, progress=lambda line: None).aucs))
        fair.append(np.mean(unflattered_aucs(tried)))
    assert np.mean(flattered) > 0.52
    assert np.mean(fair) == pytest.approx(0.5, abs=4 * 0.05 / np.sqrt(5 * 2000))
