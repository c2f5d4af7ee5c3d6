"""Pairs of fields: their steps by hand, a planted pair that is found, and no pair where there is none."""

import numpy as np
import pandas as pd

from churn.model.columns import AtLeast, Both, Equals
from churn.training.fit import learn_contract
from churn.training.screening import MOST_CUTS, ScreenedPair, find_steps, nearly_copies, pair_columns, screen_pairs
from tests.simulated import make_customers


def steps_of(customers: pd.DataFrame):
    return find_steps(customers, learn_contract(customers))


def texts(values) -> pd.Series:
    return pd.Series(values, dtype="str")


def test_a_number_has_a_step_at_each_cut_a_flag_has_one_and_a_blank_counts_as_its_stand_in():
    customers = pd.DataFrame({"tenure": [1.0, 1.0, 5.0, np.nan, 9.0, 5.0], "member": [0.0, 1.0, 0.0, 1.0, 1.0, 0.0]})
    steps = steps_of(customers)
    assert steps["tenure"].conditions == (AtLeast("tenure", 5.0), AtLeast("tenure", 9.0))
    assert steps["tenure"].codes.tolist() == [0, 0, 1, 1, 2, 1]  # the median is 5
    assert (steps["member"].conditions, steps["member"].codes.tolist()) == (
        (AtLeast("member", 1.0),),
        [0, 1, 0, 1, 1, 0],
    )
    assert pair_columns(steps["member"], steps["tenure"]) == [
        Both(AtLeast("member", 1.0), AtLeast("tenure", 5.0)),
        Both(AtLeast("member", 1.0), AtLeast("tenure", 9.0)),
    ]


def test_a_number_with_many_values_has_twelve_cuts():
    customers = pd.DataFrame({"use": np.arange(500.0), "age": np.arange(500.0) % 3})
    assert (steps_of(customers)["use"].size, len(steps_of(customers)["use"].conditions)) == (13, 12)


def test_a_category_has_its_commonest_values_and_the_rest():
    values = [f"c{number}" for number in range(12) for _ in range(100 - 8 * number)]  # c9 has 28 rows
    customers = pd.DataFrame({"city": texts(values), "use": np.arange(float(len(values)))})
    steps = steps_of(customers)["city"]
    assert [condition.category for condition in steps.conditions] == [f"c{number}" for number in range(8)] + [None]
    assert steps.size == 9
    assert steps.codes[-1] == 8


def test_of_two_values_one_is_a_column_and_without_a_rest_no_column_stands_for_it():
    customers = pd.DataFrame(
        {"sex": texts(["f", "m"] * 60), "plan": texts(["a", "b", "c"] * 40), "rare": texts(["x"] * 91 + ["a"] * 29)}
    )
    steps = steps_of(customers)
    assert steps["sex"].conditions == (Equals("sex", "f"),)
    assert steps["plan"].conditions == tuple(Equals("plan", category) for category in "abc")
    assert steps["rare"].conditions == (Equals("rare", "x"),)
    assert steps["rare"].codes.tolist() == [0] * 91 + [1] * 29


def test_conditions_that_could_not_be_read_back_from_a_name_are_in_no_pair():
    customers = pd.DataFrame({"over>": np.arange(120.0), "plan": texts(["*", "a"] * 60), "use": np.arange(120.0)})
    steps = steps_of(customers)
    assert set(steps) == {"plan", "use"}
    assert steps["plan"].conditions == (Equals("plan", "a"),)


def test_the_pair_with_an_effect_is_found_first_and_a_known_one_is_not_found_again():
    customers, y = make_customers("together", 1500)
    steps, rate = steps_of(customers), y.mean()
    residuals, curvatures = y - rate, np.full(len(y), rate * (1 - rate))
    found = screen_pairs(steps, residuals, curvatures, most=3)
    assert (found[0].first, found[0].second) == ("age", "plan")
    assert found[0].z > 20
    known = screen_pairs(steps, residuals, curvatures, most=3, known=found[:1])
    assert ("age", "plan") not in {(pair.first, pair.second) for pair in known}


def test_only_one_of_near_copies_is_in_a_pair():
    customers, y = make_customers("together", 1500)
    born, tariff = (1990.4 - customers["age"]).round(), customers["plan"].map({"p0": "a", "p1": "b", "p2": "c"})
    steps, rate = steps_of(customers.assign(born=born, tariff=tariff)), y.mean()
    residuals, curvatures = y - rate, np.full(len(y), rate * (1 - rate))
    found = screen_pairs(steps, residuals, curvatures, most=10)
    both = [pair for pair in found if pair.first in {"age", "born"} and pair.second in {"plan", "tariff"}]
    assert both == found[:1]
    later = screen_pairs(steps, residuals, curvatures, most=10, known=found[:1])
    assert not any(pair.first in {"age", "born"} and pair.second in {"plan", "tariff"} for pair in later)


def test_a_field_and_its_near_copy_make_no_pair():
    use = np.repeat([0.0, 1.0, 2.0], 1000)
    differs = np.arange(3000) % 1000 < 40  # there the charge is that of another use, and more customers leave
    steps = steps_of(pd.DataFrame({"use": use, "charge": np.where(differs, 2.0, use)}))
    residuals = np.where(differs, 0.9, -0.04)
    assert nearly_copies(steps["use"], steps["charge"])
    assert screen_pairs(steps, residuals, np.full(3000, 0.09), most=1) == []


def test_a_near_copy_saves_nearly_all_errors_of_a_guess_in_both_directions():
    """12 of 300 other codes leave 12 of 188 errors where the commonest is guessed for all, and 8 leave 8 of 192."""

    def move(codes: np.ndarray, count: int) -> np.ndarray:
        return np.where((np.arange(300) % 100 < count) & (codes > 0), 0, codes)

    codes = np.repeat([0, 1, 2], 100)
    steps = steps_of(pd.DataFrame({"a": codes.astype(float)}))["a"]
    assert not nearly_copies(steps, steps._replace(codes=move(codes, 6)))
    assert nearly_copies(steps, steps._replace(codes=move(codes, 4)))
    assert nearly_copies(steps, steps._replace(codes=2 - codes))
    assert not nearly_copies(steps, steps._replace(codes=codes // 2))  # determined exactly, but determines less


def test_two_rare_flags_are_not_copies_though_most_rows_have_neither():
    first, second = np.zeros(1000), np.zeros(1000)
    first[:5], second[5:10] = 1.0, 1.0
    steps = steps_of(pd.DataFrame({"a": first, "b": second}))
    assert not nearly_copies(steps["a"], steps["b"])


def test_effects_of_single_fields_make_no_pair_and_chance_hardly_any():
    """Of six pairs in each of 40 tables a z above 2.5 should be rare: a chi-squared has such a tail of 1 to 3 %."""
    alarms = 0
    for seed in range(40):
        customers, y = make_customers("trend", 800, seed=seed)
        steps = steps_of(customers)
        log_odds = -1 + 0.05 * customers["use"].to_numpy() - 0.8 * customers["member"].to_numpy()
        p = 1 / (1 + np.exp(-log_odds))
        alarms += len(screen_pairs(steps, y - p, p * (1 - p), most=10))
    assert alarms <= 0.05 * 6 * 40


def test_the_z_of_four_cells_by_hand():
    first, second = np.repeat([0.0, 1.0], 50), np.tile(np.repeat([0.0, 1.0], 25), 2)
    steps = steps_of(pd.DataFrame({"a": first, "b": second}))
    residuals = np.where(first == second, 0.5, -0.5)  # 25 rows in a cell: sums of +-12.5, curvatures of 6.25
    (pair,) = screen_pairs(steps, residuals, np.full(100, 0.25), most=1)
    gain, shrunk = 4 * 12.5**2 / (6.25 + 5), 6.25 / (6.25 + 5)  # one degree of freedom, except for the shrinkage
    assert pair == ScreenedPair("a", "b", (gain - shrunk) / np.sqrt(2 * shrunk))


def test_a_number_with_thirteen_frequent_values_and_others_has_no_more_cuts_than_any():
    numbers = np.concatenate([np.repeat(np.arange(13.0), 72), np.linspace(-5, -4, 32), np.linspace(20, 21, 32)])
    customers = pd.DataFrame({"use": numbers})
    assert len(find_steps(customers, learn_contract(customers))["use"].conditions) <= MOST_CUTS


def test_a_number_is_cut_at_its_highest_value_where_that_is_frequent():
    chance = np.random.default_rng(0)
    customers = pd.DataFrame({"use": np.concatenate([chance.exponential(1, 900).clip(0, 5), np.full(100, 6.0)])})
    conditions = steps_of(customers)["use"].conditions
    assert (len(conditions), conditions[-1]) == (MOST_CUTS, AtLeast("use", 6.0))
