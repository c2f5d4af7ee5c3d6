"""Curves in words: rises, falls and flat parts are described, and changes too small to see are not."""

import math

import pytest

from churn.web.pages.curve_words import Effect, word_curve

MONTHS = range(73)


def word(term, numbers=MONTHS, **given) -> str:
    """The words for log-odds that are this function of the number."""
    return word_curve([Effect(number, term(number)) for number in numbers], risk="risk", spell="{:g}".format, **given)


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (lambda months: months / 72, "The risk rises as it grows."),
        (lambda months: -months, "The risk falls as it grows."),
        (lambda months: -min(months, 24) / 24, "The risk falls until 24, then hardly changes."),
        (lambda months: max(months, 24) / 24, "The risk hardly changes until 24, then rises."),
        (lambda months: -abs(months - 30) / 30, "The risk rises until 30, then falls."),
        (
            lambda months: min(months, 12) - max(months - 40, 0),
            "The risk rises until 12, hardly changes until 40, then falls.",
        ),
        (lambda months: months / 72 * 0.04, "The risk hardly changes with it."),
        (lambda months: 1.0, "The risk hardly changes with it."),
        (
            lambda months: math.sin(months / 6) + months / 100,
            "The risk rises and falls: it is the lowest at 28 and the highest at 47.",
        ),
    ],
    ids=["up", "down", "down then flat", "flat then up", "peak", "plateau", "small", "none", "waves"],
)
def test_rises_and_falls_are_described_in_order(term, words):
    assert word(term) == words


def test_a_small_rise_or_fall_or_flat_part_is_left_out():
    assert word(lambda months: months / 72 + 0.1 * (months % 2)) == "The risk rises as it grows."
    assert word(lambda months: months / 72 - 0.15 * (months > 70)) == "The risk rises as it grows."
    assert word(lambda months: 0.1 - abs(months - 2) / 300).endswith("The risk falls as it grows.")
    assert word(lambda months: 0.09 * (months > 30) - 0.04 * (months > 50)) == (
        "The risk hardly changes until 30, rises until 31, then hardly changes."
    )
    assert word(lambda months: min(months, 66)) == "The risk rises as it grows."


def test_a_jump_is_a_rise_at_one_number():
    effects = [Effect(*point) for point in ((0, 0), (12, 0), (24, 0), (24, 1), (48, 1), (72, 1))]
    assert (
        word_curve(effects, risk="risk", spell=str)
        == "The risk hardly changes until 24, rises there, then hardly changes."
    )


@pytest.mark.parametrize(
    ("highest", "turn", "words"), [(0.3, 0.12345, "0.123"), (72.0, 24.46, "24.5"), (8_700.0, 2_954.3, "2950")]
)
def test_a_turn_of_a_curve_is_given_to_a_hundredth_of_its_range(highest, turn, words):
    said = word(lambda number: min(number, turn) / highest, [0.0, turn, highest])
    assert said == f"The risk rises until {words}, then hardly changes."


@pytest.mark.parametrize(("blank", "verb"), [(0.4, "raises"), (-0.4, "lowers"), (0.04, "hardly changes")])
def test_a_blank_with_its_own_weight_is_described(blank, verb):
    assert word(lambda months: months, blank=blank) == f"The risk rises as it grows. A blank {verb} it."


def test_the_fields_that_a_number_makes_pairs_with_are_named():
    said = word(lambda months: months, partners=["Contract", "Plan"])
    assert said == "The risk rises as it grows. This differs by Contract and Plan."


def test_three_or_more_of_these_fields_are_a_list():
    said = word(lambda months: months, partners=["Contract", "Plan", "Age", "City"])
    assert said == "The risk rises as it grows. This differs by Contract, Plan, Age and City."


@pytest.mark.parametrize(
    ("sign", "words"),
    [(1, "the lowest just below 24 and the highest at 24"), (-1, "the lowest at 24 and the highest just below 24")],
)
def test_a_jump_from_the_lowest_to_the_highest_is_described_with_both_sides(sign, words):
    terms = [(0, 0), (6, 1), (12, 0), (18, 1), (24, -1), (24, 2), (48, 0), (60, 1), (72, 0)]
    said = word_curve([Effect(months, sign * term) for months, term in terms], risk="risk", spell="{:g}".format)
    assert said == f"The risk rises and falls: it is {words}."
