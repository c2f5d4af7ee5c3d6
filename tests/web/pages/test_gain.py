"""The page's arithmetic of a campaign against churn/model/gain on drawn campaigns, and against plain loops."""

import itertools
import math
import random

import pytest

from churn.model.gain import Campaign, Terms
from tests.amounts import draws
from tests.model.gain_cases import draw_gain_cases

pytestmark = pytest.mark.browser

_SOLVE = """
    const [cases] = arguments;
    const load = Promise.all(["gain", "gain_curve"].map((name) => import(`/static/${name}.js`)));
    const solve = ({ Terms, chooseCalls, expectGain, findGains, GainCurve }, given) => {
        const { customers, calls, budget = 0, thresholds = [], ...figures } = given;
        const terms = new Terms(figures), most = calls ?? Infinity;
        const everybody = Uint32Array.from(customers.keys());
        const probabilities = Float64Array.from(customers, ([p]) => p);
        const values = Float64Array.from(customers, ([, value]) => value ?? NaN);
        const { gains, variances } = findGains(terms, values, probabilities);
        const chosen = chooseCalls(everybody, gains, { most });
        const curve = new GainCurve(everybody, { probabilities, gains, most });
        const budget_calls = terms.countCalls(budget);
        const callFrom = (threshold) =>
            chooseCalls(everybody, gains, { isWanted: (customer) => probabilities[customer] >= threshold, most });
        return {
            ...expectGain(chosen, gains, variances),
            gains: [...gains],
            variances: [...variances],
            chosen: [...chosen],
            budget_calls: budget_calls === Infinity ? null : budget_calls,
            best: curve.best,
            curve: thresholds.map((threshold) => curve.at(threshold)),
            wanted: thresholds.map((threshold) => [...callFrom(threshold)]),
        };
    };
    return load.then((modules) => cases.map((given) => solve(Object.assign({}, ...modules), given)));
"""


def solve(page, cases: list[dict]) -> list[dict]:
    """The results of the page's modules for campaigns; a customer is a probability and a value (None: no value)."""
    return page.run(_SOLVE, cases)


@draws(few=300, many=20_000)
def test_gains_bands_and_choices_are_those_of_the_service(modules, amount):
    cases = list(draw_gain_cases(1, amount))
    assert sum(len(case.chosen) > 2 for case in cases) > amount / 3
    for case, found in zip(cases, solve(modules, [case.to_json() for case in cases]), strict=True):
        assert found["chosen"] == case.chosen
        assert found["budget_calls"] == case.budget_calls
        for name in ("gains", "variances", "gain", "low", "high"):
            assert found[name] == pytest.approx(getattr(case, name), rel=1e-9, abs=1e-9), name


def draw_small(amount: int, *, most_customers: int) -> list[dict]:
    """Campaigns with few customers, some without a value or with equal probabilities, with and without a limit."""
    rng = random.Random(7)
    cases = []
    for _ in range(amount):
        customers = [
            (
                rng.choice([0.0, 0.5, 1.0, round(rng.random(), 2), rng.random()]),
                rng.choice([None, rng.uniform(1, 300)]),
            )
            for _ in range(rng.randrange(most_customers + 1))
        ]
        thresholds = [0.0, 0.5, 1.0, rng.random(), *(p for p, _ in customers)]
        figures = {"offer": rng.uniform(0, 20), "contact": rng.uniform(0, 5), "accept": rng.uniform(0.05, 1)}
        cases.append(figures | {"customers": customers, "calls": rng.choice([None, 1, 3]), "thresholds": thresholds})
    return cases


def find_gains(case: dict) -> list[float]:
    """The gains of a case's customers; NaN for one without a value."""
    terms = Terms(case["offer"], case["contact"], case["accept"])
    return [math.nan if value is None else terms.find_gain(p, value) for p, value in case["customers"]]


@draws(few=200, many=5_000)
def test_no_other_choice_with_at_most_as_many_calls_earns_more(modules, amount):
    cases = draw_small(amount, most_customers=8)
    for case, found in zip(cases, solve(modules, cases), strict=True):
        gains = find_gains(case)
        callable_ = [place for place, gain in enumerate(gains) if not math.isnan(gain)]
        most = min(case["calls"] or len(callable_), len(callable_))
        choices = (chosen for size in range(most + 1) for chosen in itertools.combinations(callable_, size))
        best = max(math.fsum(gains[place] for place in chosen) for chosen in choices)
        assert found["gain"] == pytest.approx(best, abs=1e-9)
        assert len(found["chosen"]) <= most


@draws(few=300, many=10_000)
def test_the_curve_is_the_gain_of_all_customers_from_each_threshold_on(modules, amount):
    cases = draw_small(amount, most_customers=25)
    for case, found in zip(cases, solve(modules, cases), strict=True):
        gains, probabilities = find_gains(case), [p for p, _ in case["customers"]]

        def call_from(threshold: float, gains=gains, probabilities=probabilities, case=case) -> list[float]:
            """The highest gains from a threshold on, as many as the limit allows."""
            wanted = [gain for p, gain in zip(probabilities, gains, strict=True) if p >= threshold and gain == gain]
            return sorted(wanted, reverse=True)[: case["calls"]]

        for threshold, point, wanted in zip(case["thresholds"], found["curve"], found["wanted"], strict=True):
            called = call_from(threshold)
            assert point == {"calls": len(called), "gain": pytest.approx(math.fsum(called), abs=1e-9)}
            assert [gains[place] for place in wanted] == pytest.approx(called)
        best = max((math.fsum(call_from(p)) for p in probabilities), default=0.0)
        if best <= 1e-9:
            assert found["best"] is None or found["best"]["gain"] < 1e-9
        else:
            assert found["best"]["gain"] == pytest.approx(best, abs=1e-9)
            assert math.fsum(call_from(found["best"]["percent"] / 100)) == pytest.approx(best, abs=1e-9)


def test_the_best_threshold_has_the_fewest_decimals_that_separate_it_from_the_next_risk(modules):
    case = {"offer": 10, "contact": 1, "accept": 0.3}
    cases = [
        case | {"customers": [(high, 200), (low, 200)]} for high, low in [(0.61, 0.1), (0.29, 0.15), (0.1652, 0.1641)]
    ]
    assert [found["best"]["percent"] for found in solve(modules, cases)] == [61, 29, 16.5]


def test_with_one_value_for_all_the_calls_are_in_the_order_of_risk_above_the_break_even(modules):
    rng = random.Random(3)
    customers = [(rng.random(), 200.0) for _ in range(200)]
    (found,) = solve(modules, [{"offer": 10, "contact": 1, "accept": 0.3, "customers": customers}])
    even = Campaign(value=200, offer=10, contact=1, accept=0.3).threshold
    by_risk = sorted(range(len(customers)), key=lambda place: -customers[place][0])
    assert found["chosen"] == [place for place in by_risk if customers[place][0] > even]
    assert 100 < len(found["chosen"]) < 200


def test_a_budget_of_whole_calls_pays_for_all_of_them(modules):
    cases = [
        {"offer": offer, "contact": contact, "accept": 1, "customers": [], "budget": budget}
        for offer, contact, budget in [(0.2, 0.1, 30), (0.7, 0.1, 80), (10, 1, 109.99), (0, 0, 5), (10, 1, 10)]
    ]
    assert [found["budget_calls"] for found in solve(modules, cases)] == [100, 100, 9, None, 0]
