"""Training's counts: each customer in the place of its bins, the test part's figures, and the distance of folds."""

import dataclasses
import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom
from sklearn.metrics import log_loss, roc_auc_score

from churn.model.bins import FieldBins, ProbabilityBins
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Flag, Number, Where
from churn.model.gain import Campaign
from churn.training.counts import count_fields, count_training, measure_folds
from churn.training.fit import learn_contract
from churn.training.run import TrainingOptions, run_training
from churn.training.rungs import Rung
from churn.training.split import Fold, draw_parts
from churn.training.table import read_table
from tests.customers import CSV, RAW_CUSTOMERS
from tests.training.drawn_tables import draw_table

CAMPAIGN = Campaign(value=200, offer=10, contact=1, accept=0.3)


def count_singly(raw: list[dict], contract: Contract, edges: dict) -> dict[str, list[int]]:
    """The same counts, made of one customer after another as the contract reads it."""
    bins = {field.name: FieldBins(field, edges.get(field.name, ())) for field in contract.fields}
    counts = {name: [0] * of_field.n_places for name, of_field in bins.items()}
    for customer in raw:
        for name, value in contract.read_customer(customer).items():
            counts[name][bins[name].place(value)] += 1
    return counts


def as_lists(counts: dict[str, tuple[int, ...]]) -> dict[str, list[int]]:
    return {name: list(row) for name, row in counts.items()}


@pytest.mark.parametrize("apart", [False, True])
def test_the_shipped_table_is_counted_as_each_customer_is_read(apart):
    table = read_table(CSV)
    contract = learn_contract(table.customers, table.marks, table.missing)
    if apart:
        blank = Blank(0.0, apart=True)
        fields = (
            Number(field.name, field.minimum, field.maximum, field.non_negative, blank)
            if field.name == "totalcharges"
            else field
            for field in contract.fields
        )
        contract = Contract(tuple(fields))
    counted = count_fields(table.customers, contract, draw_parts(len(table.y)))
    assert as_lists(counted.fields) == count_singly(RAW_CUSTOMERS, contract, counted.edges)
    assert list(counted.fields) == list(counted.folds_distance) == [field.name for field in contract.fields]
    blanks = counted.fields["totalcharges"]
    assert (blanks[0], blanks[-1]) == ((0, 11) if apart else (11, 0))  # the table's 11 stand for 0, below the range


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_table_is_counted_as_each_customer_is_read(data):
    texts, customers, missing = draw_table(data, most=40)
    count = len(customers)
    contract = learn_contract(customers, {}, missing)
    counted = count_fields(customers, contract, draw_parts(count))
    raw = [{name: cells[row] for name, cells in texts.items()} for row in range(count)]
    assert as_lists(counted.fields) == count_singly(raw, contract, counted.edges)
    assert counted.edges.keys() == {field.name for field in contract.numbers}


def test_by_hand_blanks_add_no_edge_and_another_spelling_is_counted_as_the_known_one():
    contract = Contract(
        (
            Category("plan", ("basic", "none")),
            Flag("senior"),
            Number("months", 0.0, 19.0, blank=Blank(19.0, Where("senior", 1.0))),
        )
    )
    customers = pd.DataFrame(
        {
            "plan": ["basic", "", "none", *["basic"] * 21],
            "senior": [1.0, 1.0, *[0.0] * 22],
            "months": [np.nan, np.nan, 0.0, 0.0, *map(float, range(20))],
        }
    )
    edges, counts, _ = count_fields(customers, contract, [])
    # the quantiles of the 22 sorted numbers, 0, 0, 0, 1, 2 ... 19, are those at 22 * step // 20
    assert edges == {"months": (*range(1, 8), *range(9, 19))}
    assert counts["plan"] == (22, 2)
    assert counts["senior"] == (22, 2)
    assert (counts["months"][0], counts["months"][1], sum(counts["months"])) == (0, 3, 24)
    assert counts["months"][-3:] == (4, 0, 0)  # 18, 19 and the two blanks that stand for 19


@pytest.mark.parametrize("campaign", [None, CAMPAIGN])
def test_the_test_part_is_counted_at_the_cards_threshold_with_its_figures(small_csv, tmp_path, campaign):
    options = TrainingOptions(tmp_path / "m.bin", folds=3, shapes=Rung.NONE, campaign=campaign)
    findings = run_training(read_table(small_csv), options)
    counts, y, p = count_training(findings), findings.tested.y, findings.tested.probabilities
    threshold = 11 / 67 if campaign else 0.5
    bins = ProbabilityBins(threshold)
    singly = [0] * bins.n_places
    for churn_probability in p.tolist():
        singly[bins.place(churn_probability)] += 1
    assert list(counts.probabilities) == singly
    assert sum(counts.probabilities[bins.n_below :]) == (p >= threshold).sum()
    tested = counts.tested
    assert (tested.churn_rate, tested.auc) == pytest.approx((y.mean(), roc_auc_score(y, p)))
    assert tested.log_loss == pytest.approx(log_loss(y, p))
    gains = np.where(y == 1, 0.3 * 190 - 1, -11)[p >= threshold].sum() / len(y)
    assert tested.profit == (pytest.approx(gains) if campaign else None)
    assert counts.campaign == campaign
    rows = findings.split.train
    assert as_lists(counts.fields) == count_singly(
        [RAW_CUSTOMERS[row] for row in rows], findings.fit.contract, counts.edges
    )


def test_folds_are_the_rows_they_hold_out_and_a_probability_at_the_threshold_counts_as_leaving(small_csv, tmp_path):
    options = TrainingOptions(tmp_path / "m.bin", folds=2, shapes=Rung.NONE)
    findings = run_training(read_table(small_csv), options)
    split, tested = findings.split, findings.tested
    monthly = np.array([RAW_CUSTOMERS[row]["Contract"] == "Month-to-month" for row in split.train])
    half, rows = np.flatnonzero(monthly), np.arange(len(monthly))
    folds = (Fold(rows, half), Fold(rows, np.flatnonzero(~monthly)))
    findings = dataclasses.replace(
        findings,
        split=dataclasses.replace(split, folds=folds),
        tested=dataclasses.replace(tested, probabilities=np.full(len(tested.y), 0.5)),
    )
    counts = count_training(findings)
    assert counts.folds_distance["contract"] > 0.99  # the plain distance is 1, and chance makes less than 0.2
    assert counts.folds_distance["gender"] < 0.2
    assert counts.probabilities[ProbabilityBins(0.5).n_below] == len(tested.y)


def test_folds_in_time_differ_as_their_times_do():
    rng = np.random.default_rng(1)
    customers = pd.DataFrame({"plan": np.where(rng.random(6000) < np.arange(6000) / 6000, "new", "old")})
    contract = learn_contract(customers)
    in_time = count_fields(customers, contract, np.split(np.arange(6000), 5)).folds_distance["plan"]
    assert in_time == pytest.approx(0.8, abs=0.03)  # from a tenth to nine tenths
    assert count_fields(customers, contract, draw_parts(6000)).folds_distance["plan"] < 0.05


def expect_distance(first: np.ndarray, second: np.ndarray) -> float:
    """The mean distance by chance: the sum over every number that the first of two samples can have in each place."""
    size, other, distance = int(first.sum()), int(second.sum()), 0.0
    for together in (first + second).tolist():
        possible = np.arange(together + 1)
        chances = hypergeom.pmf(possible, size + other, together, size)
        distance += (chances * abs(possible / size - (together - possible) / other)).sum() / 2
    return distance


def test_the_distance_of_folds_is_the_largest_one_minus_that_of_chance():
    rng = np.random.default_rng(2)
    for places in (2, 20, 300):
        folds = rng.multinomial(400, rng.dirichlet(np.full(places, 0.4)), size=4)
        folds = [*folds, rng.multinomial(90, np.full(places, 1 / places))]
        expected = 0.0
        for first, second in combinations(folds, 2):
            distance = abs(first / first.sum() - second / second.sum()).sum() / 2
            expected = max(expected, distance**2 - expect_distance(first, second) ** 2)
        assert measure_folds(folds) == pytest.approx(math.sqrt(expected), abs=0.0006)


def test_folds_drawn_by_chance_differ_little_and_others_by_their_distance():
    """20 bins and 1,127 rows in a fold, as in the shipped table: the plain distance is 0.09 by chance alone."""
    rng, even = np.random.default_rng(3), np.full(20, 0.05)
    drawn = [measure_folds(rng.multinomial(1127, even, size=5)) for _ in range(200)]
    assert np.mean(drawn) < 0.06
    tilted = np.concatenate([np.full(10, 0.058), np.full(10, 0.042)])  # a distance of 0.08
    moved = [measure_folds([rng.multinomial(20_000, even), rng.multinomial(20_000, tilted)]) for _ in range(100)]
    assert np.mean(moved) == pytest.approx(0.08, abs=0.004)


def test_a_category_with_as_many_values_as_rows_has_folds_that_chance_explains():
    singles = np.eye(5, dtype=int).repeat(100, axis=1)
    assert measure_folds(list(singles)) == pytest.approx(0, abs=0.01)
    assert measure_folds([]) == measure_folds([np.array([4, 1])]) == measure_folds([np.array([7])] * 3) == 0


@pytest.mark.parametrize("rows", [1, 2, 4, 5, 12])
def test_parts_hold_each_row_once(rows):
    parts = draw_parts(rows)
    assert sorted(np.concatenate([*parts, []]).tolist()) == (list(range(rows)) if rows > 1 else [])
    assert len(parts) == (min(rows, 5) if rows > 1 else 0)


def test_thousands_of_numbers_have_fewer_bins_each():
    count = 6000
    customers = pd.DataFrame(np.random.default_rng(4).random((40, count)), columns=[f"n{n}" for n in range(count)])
    contract = Contract(tuple(Number(str(name), 0.0, 1.0) for name in customers))
    edges, counts, _ = count_fields(customers, contract, draw_parts(40))
    assert {len(found) for found in edges.values()} == {16}  # 100,000 divided by 6,000 numbers
    assert {sum(row) for row in counts.values()} == {40}
