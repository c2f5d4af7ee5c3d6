"""The bins of fields and of probabilities: the place of a value, by hand."""

import math
import random

import pytest

from churn.model.bins import FieldBins, ProbabilityBins, find_edges
from churn.model.fields import Blank, Category, Flag, Number


def test_a_category_has_a_place_for_each_known_value_including_blank():
    bins = FieldBins(Category("color", ("", "blue", "red")))
    assert [bins.place(value) for value in ("", "blue", "red")] == [0, 1, 2]
    assert bins.n_places == 3
    with pytest.raises(KeyError):
        bins.place("green")


def test_a_flag_has_two_places():
    bins = FieldBins(Flag("senior"))
    assert (bins.place(0.0), bins.place(1.0), bins.n_places) == (0, 1, 2)


def test_a_number_has_places_below_and_above_its_range_and_for_blanks_besides_its_bins():
    bins = FieldBins(Number("tenure", minimum=1, maximum=72, blank=Blank(0, apart=True)), (10, 20))
    values = (0.5, 1, 9.99, 10, 19, 20, 72, 72.0001, 1e300, "")
    assert [bins.place(value) for value in values] == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert bins.n_places == 6


def test_a_number_without_a_range_has_nothing_outside_of_it():
    bins = FieldBins(Number("amount"), (0,))
    assert [bins.place(value) for value in (-1e308, 0.0, 1e308)] == [1, 2, 2]


def test_edges_are_quantiles_with_equal_counts_and_a_frequent_value_is_in_one_bin():
    values = list(range(1000))
    random.Random(1).shuffle(values)
    assert find_edges(values) == tuple(range(50, 1000, 50))
    bins = FieldBins(Number("number", minimum=0, maximum=999), find_edges(values))
    counts = [0] * bins.n_places
    for value in values:
        counts[bins.place(value)] += 1
    assert counts == [0, *[50] * 20, 0, 0]
    assert find_edges([0] * 900 + [7] * 100) == (7,)
    assert find_edges([3, 3, 3]) == find_edges([]) == ()


def test_probabilities_have_bins_of_equal_log_odds_and_the_threshold_is_an_edge():
    bins = ProbabilityBins(0.3)
    assert len(bins.edges) == 102
    assert bins.n_places == 103
    assert bins.place(0.3) == bins.n_below
    assert bins.place(math.nextafter(0.3, 0)) == bins.n_below - 1
    assert bins.place(0.0) == bins.place(1 / (1 + math.exp(8.001))) == 0
    assert bins.place(1.0) == bins.place(1 / (1 + math.exp(-8.001))) == 102
    widths = {round(math.log(edge / (1 - edge)) / 0.16, 9) for edge in bins.edges if edge != 0.3}
    assert widths == set(range(-50, 51))


@pytest.mark.parametrize("threshold", [0.0, 0.5, 1.0])
def test_probabilities_at_or_above_any_threshold_can_be_counted(threshold):
    bins = ProbabilityBins(threshold)
    for number in range(1001):
        assert (bins.place(number / 1000) >= bins.n_below) == (number / 1000 >= threshold)
    assert bins.n_places == (102 if threshold == 0.5 else 103)
