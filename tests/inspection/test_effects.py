"""Effects: each is the odds of one customer divided by those of another, from the scorer or by hand."""

import math

import pytest

from churn.inspection.effects import Effects, find_effects
from churn.model.contract import Contract
from churn.model.field_columns import assign_columns
from churn.model.fields import Category, Flag, Number
from tests.shaped import CUSTOMERS, shaped_scorer


def effects_of(contract: Contract, weights: dict[str, float]) -> Effects:
    return find_effects(contract, assign_columns(contract, weights))


def ratios(effects) -> dict[str, float]:
    """The odds ratio of each step."""
    return {effect.step: effect.odds_ratio for effect in effects}


def test_a_category_and_a_flag_are_for_having_them_with_the_strongest_weight_first():
    contract = Contract((Category("plan", ("", "pro")), Flag("vip")))
    effects = effects_of(contract, {"plan=": 0.1, "plan=pro": -2.0, "vip": 0.5})
    assert [effect.step for effect in effects.others] == ["'plan' is 'pro'", "'vip' is 1", "'plan' is blank"]
    assert [effect.odds_ratio for effect in effects.others] == pytest.approx([0.1353, 1.6487, 1.1052], abs=5e-5)
    assert effects.numbers == ()


@pytest.mark.parametrize(
    ("weight", "step", "odds_ratio"),
    [
        (0.3, "1 more", 1.34986),
        (-0.06, "1 more", 0.941765),
        (-0.004, "10 more", 0.960789),
        (7e-6, "10,000 more", 1.072508),
        (1e-30, "1,000,000 more", 1.0),
        (0.0, "1 more", 1.0),
    ],
)
def test_a_number_is_for_a_step_with_a_visible_effect(weight, step, odds_ratio):
    effects = effects_of(Contract((Number("tenure"),)), {"tenure": weight})
    assert ratios(effects.numbers) == {f"'tenure', for {step}": pytest.approx(odds_ratio, rel=1e-6)}


def test_a_logarithm_is_for_a_doubling_and_numbers_are_ordered_by_their_weights():
    contract = Contract((Number("tenure", non_negative=True), Number("age")))
    effects = effects_of(contract, {"tenure": 0.02, "log1p(tenure)": -1.0, "age": 0.005})
    assert [effect.step for effect in effects.numbers] == [
        "'tenure', each time that 1 + 'tenure' doubles",
        "'tenure', for 1 more",
        "'age', for 10 more",
    ]
    assert effects.numbers[0].odds_ratio == pytest.approx(0.5)


def test_a_curve_is_from_its_lowest_point_to_its_highest_as_the_scorer_has_them():
    scorer = shaped_scorer()
    found = ratios(find_effects(scorer.contract, scorer.columns).others)
    customer = CUSTOMERS[0] | {"contract": "one_year", "senior": 0.0}  # in no pair of fields
    for field, high, low in (("tenure", 0.0, 72.0), ("charges", 118.75, 18.5), ("balance", 0.0, 250.0)):
        difference = scorer.log_odds(customer | {field: high}) - scorer.log_odds(customer | {field: low})
        assert found[f"'{field}' at {high:g}, compared with {low:g}"] == pytest.approx(math.exp(difference))


def test_a_pair_of_fields_is_shown_by_its_strongest_cell():
    scorer = shaped_scorer()
    found = ratios(find_effects(scorer.contract, scorer.columns).others)
    assert found["'plan' is 'pro' and 'senior' from 1"] == pytest.approx(math.exp(-0.45))
    assert found["'contract' is 'two_year' and 'tenure' from 24"] == pytest.approx(math.exp(-0.2 + 0.1 - 0.3))
    assert found["'senior' from 1 and 'charges' from 80"] == pytest.approx(math.exp(0.35 - 0.15 + 0.2))


@pytest.mark.parametrize(
    ("columns", "step"),
    [
        ({'both("a>=1.0","b>=2.0")': 1.0, 'both("a>=1.0","b>=3.0")': -0.5}, "'a' from 1 and 'b' from 2 to below 3"),
        ({'both("c=x","a>=1.0")': 0.2, 'both("c=*","a>=1.0")': 0.7}, "'c' is another and 'a' from 1"),
        ({'both("c=","a>=1.0")': 0.2}, "'c' is blank and 'a' from 1"),
    ],
)
def test_a_cell_is_named_by_its_values(columns, step):
    contract = Contract((Number("a"), Number("b"), Category("c", ("", "x", "y"))))
    weights = {"a": 0.0, "b": 0.0, "c=": 0.0, "c=x": 0.0, "c=y": 0.0, **columns}
    assert effects_of(contract, weights).others[0].step == step


def test_a_weight_too_large_for_exp_still_has_an_odds_ratio():
    contract = Contract((Category("plan", ("a", "b")), Number("tenure")))
    effects = effects_of(contract, {"plan=a": 1e300, "plan=b": -1e300, "tenure": 1e308})
    assert [effect.odds_ratio for effect in effects.others] == [math.exp(700.0), 0.0]


def test_texts_of_the_file_are_quoted_without_control_characters_and_cut():
    contract = Contract((Category("\x1b[31m", ("\x07", "x" * 1_000)), Number("n" * 1_000)))
    effects = effects_of(contract, {"\x1b[31m=\x07": 1.0, f"\x1b[31m={'x' * 1_000}": 0.1, "n" * 1_000: 0.1})
    assert effects.others[0].step == r"'\x1b[31m' is '\x07'"
    assert all(effect.step.isprintable() for effect in (*effects.others, *effects.numbers))
    assert max(len(effect.step) for effect in (*effects.others, *effects.numbers)) < 230
