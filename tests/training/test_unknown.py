"""The share of new customers with an unknown category: the estimate and its bound, against simulations."""

from pathlib import Path

import numpy as np
import pytest

from churn.errors import TableError
from churn.training.unknown import MOST_UNKNOWN, describe_together, estimate_unknown

RANDOM = np.random.default_rng(11)
DRAWS = 1500


def mixed(share, rare):
    """Three frequent categories, and `rare` ones that together have this share."""
    return np.concatenate([np.array([0.5, 0.3, 0.2]) * (1 - share), np.full(rare, share / rare)])


def zipf(power, categories=3000):
    weights = np.arange(1, categories + 1.0) ** -power
    return weights / weights.sum()


TRUTHS = {
    "five values": np.array([0.5, 0.3, 0.1, 0.07, 0.03]),
    "few rare": mixed(0.01, 3),
    "some rare": mixed(0.05, 20),
    "many rare": mixed(0.05, 200),
    "names": zipf(1.0),
    "towns": zipf(1.3),
    "jobs": zipf(2.0),
    "two hundred alike": np.full(200, 1 / 200),
}


def draw(truth, rows):
    """For many tables with `rows` rows: the true shares of categories that were not seen, and the estimates."""
    counts = RANDOM.multinomial(rows, truth, size=DRAWS)
    estimates = [estimate_unknown(row) for row in counts]
    return (counts == 0) @ truth, np.array(estimates)


@pytest.mark.parametrize("rows", [60, 300, 2000])
@pytest.mark.parametrize("truth", TRUTHS.values(), ids=TRUTHS)
def test_the_estimate_is_right_on_average_and_its_bound_in_95_of_100_tables(truth, rows):
    shares, estimates = draw(truth, rows)
    noise = 4 * np.std(estimates[:, 0] - shares) / DRAWS**0.5
    assert abs(estimates[:, 0].mean() - shares.mean()) <= noise + shares.mean() / rows + 1 / rows**2
    assert (estimates[:, 1] > shares).mean() <= 0.05 + 3 * (0.05 * 0.95 / DRAWS) ** 0.5


@pytest.mark.parametrize("rows", [60, 300, 2000])
@pytest.mark.parametrize("truth", [TRUTHS["five values"], TRUTHS["few rare"]], ids=["five values", "few rare"])
def test_honest_categories_are_never_left_out(truth, rows):
    assert (draw(truth, rows)[1][:, 1] > MOST_UNKNOWN).mean() == 0


@pytest.mark.parametrize(
    ("truth", "rows"), [(zipf(1.0), 60), (zipf(1.0), 2000), (np.full(200, 1 / 200), 60), (mixed(0.05, 200), 2000)]
)
def test_categories_with_many_unknown_ones_are_always_left_out(truth, rows):
    assert (draw(truth, rows)[1][:, 1] > MOST_UNKNOWN).mean() > 0.97


@pytest.mark.parametrize(("once", "twice", "out"), [(26, 8, True), (1, 0, False), (3, 0, False), (5, 0, True)])
def test_sixty_rows_need_more_than_a_few_lone_categories(once, twice, out):
    counts = np.array([1] * once + [2] * twice + [60 - once - 2 * twice])
    assert (estimate_unknown(counts).lower > MOST_UNKNOWN) == out
    assert estimate_unknown(counts).share == once / 60


def together(lone_rows, *, rows=100, insisted=frozenset()):
    lone = {field: np.array(numbers, dtype=np.int64) for field, numbers in lone_rows.items()}
    return describe_together(Path("table.csv"), lone, rows, insisted)


def test_a_row_counts_once_in_however_many_fields_its_value_occurs_only_there():
    line = "by estimate, 4 of 100 new customers would have a category that training never saw"
    assert together({"city": [1, 2, 3], "job": [2, 3, 4]}) == line
    assert "fewer than 1 of 1,000" in together({"plan": []})


def test_too_many_together_stop_with_the_fields_that_contribute_most_unless_one_is_insisted_on():
    lone = {"plan": [], "city": range(8), "job": range(8, 14), "team": [14]}
    words = "15 of 100 new customers .* \\(city: 8 of 100, job: 6 of 100, team: 1 of 100\\); --drop city,job,team"
    with pytest.raises(TableError, match=words):
        together(lone)
    assert "15 of 100" in together(lone, insisted=frozenset({"city"}))
    assert "10 of 100" in together({"city": range(10)})


def test_a_table_of_three_rows_is_no_evidence():
    assert "67 of 100" in together({"city": [0, 1]}, rows=3)
