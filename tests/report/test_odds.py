"""Odds ratios, against scikit-learn's own odds of customers who differ in one field."""

import numpy as np
import pandas as pd
import pytest

from churn.report.odds import odds_ratios
from churn.training.fit import build_matrix, fit_model, fit_vectorizer, learn_contract


def customers_and_labels():
    rng = np.random.default_rng(2)
    customers = pd.DataFrame(
        {
            "plan": rng.choice(["basic", "gold", "blue"], 600, p=[0.6, 0.3, 0.1]),
            "tenure": rng.integers(0, 73, 600).astype(float),
            "balance": rng.normal(0, 50, 600),
            "calls": np.where(rng.random(600) < 0.9, 0.0, rng.integers(1, 9, 600)),
            "strikes": np.where(rng.random(600) < 0.99, 2.0, 5.0),
            "vip": (rng.random(600) < 0.2).astype(float),
        }
    )
    log_odds = (customers.plan == "gold") - 0.03 * customers.tenure - customers.vip + np.log1p(customers.tenure) / 2
    return customers, (rng.random(600) < 1 / (1 + np.exp(-log_odds))).astype(int)


@pytest.fixture(scope="module")
def fitted():
    customers, y = customers_and_labels()
    contract = learn_contract(customers)
    dv = fit_vectorizer(contract, logarithms=True)
    model = fit_model(build_matrix(customers, contract, dv), y, C=1.0)

    def odds(**changed):
        X = build_matrix(customers.head(1).assign(**changed), contract, dv)
        stays, leaves = model.predict_proba(X)[0]
        return leaves / stays

    return customers, odds_ratios(customers, contract, dv, model), odds, (contract, dv, model)


def test_a_number_goes_from_its_25_to_its_75_percent_quantile_through_itself_and_its_logarithm(fitted):
    customers, found, odds, _ = fitted
    tenure = next(number for number in found.numbers if number.field == "tenure")
    low, high = np.percentile(customers.tenure, [25, 75])
    assert (tenure.low, tenure.high) == (low, high)
    assert tenure.odds_ratio == pytest.approx(odds(tenure=high) / odds(tenure=low))


def test_a_number_that_can_be_negative_has_no_logarithm(fitted):
    _, found, odds, _ = fitted
    balance = next(number for number in found.numbers if number.field == "balance")
    assert balance.odds_ratio == pytest.approx(odds(balance=balance.high) / odds(balance=balance.low))
    assert balance.turns_at is None


def test_a_number_whose_middle_half_is_one_value_takes_a_wider_step(fitted):
    customers, found, odds, _ = fitted
    steps = {number.field: (number.low, number.high) for number in found.numbers}
    assert steps["calls"] == (0, np.percentile(customers.calls, 95))
    assert steps["strikes"] == (2, 5)  # 5 % and 95 % are one, too
    calls = next(number for number in found.numbers if number.field == "calls")
    assert calls.odds_ratio == pytest.approx(odds(calls=calls.high) / odds(calls=0.0))


def test_where_the_risk_turns(fitted):
    _, found, odds, _ = fitted
    tenure = next(number for number in found.numbers if number.field == "tenure")
    grid = np.linspace(0, 72, 145)
    highest = grid[np.argmax([odds(tenure=value) for value in grid])]
    assert 0 < highest < 72
    assert tenure.turns_at == pytest.approx(highest, abs=0.5)


def test_a_flag_is_1_instead_of_0(fitted):
    customers, found, odds, _ = fitted
    (vip,) = found.flags
    assert vip.odds_ratio == pytest.approx(odds(vip=1.0) / odds(vip=0.0))
    assert vip.share == customers.vip.mean()


def test_a_category_stands_beside_the_average_customer_of_its_field(fitted):
    customers, found, odds, _ = fitted
    (plan,) = found.categories
    log_odds = {category: np.log(odds(plan=category)) for category in ("basic", "gold", "blue")}
    of_customers = customers.plan.map(log_odds)
    for category in plan.categories:
        assert category.log_odds == pytest.approx(log_odds[category.category] - of_customers.mean())
        assert category.odds_ratio == pytest.approx(np.exp(category.log_odds))
        assert category.customers == (customers.plan == category.category).sum()
        assert category.share == category.customers / 600
    assert plan.categories[0].category == max(log_odds, key=log_odds.get) == "gold"
    assert plan.spread == pytest.approx(of_customers.std(ddof=0))


def test_a_constant_added_to_a_fields_weights_changes_nothing(fitted):
    customers, found, _, (contract, dv, model) = fitted
    shifted = np.array([5.0 if name.startswith("plan=") else 0.0 for name in dv.feature_names_])
    model.coef_ = model.coef_ + shifted
    again = odds_ratios(customers, contract, dv, model)
    model.coef_ = model.coef_ - shifted
    ratios = [category.odds_ratio for category in again.categories[0].categories]
    assert ratios == pytest.approx([category.odds_ratio for category in found.categories[0].categories])


def test_a_blank_counts_as_what_it_stands_for():
    customers, y = customers_and_labels()
    blank = customers.tenure < 30
    customers.loc[blank, "tenure"] = np.nan
    contract = learn_contract(customers)
    dv = fit_vectorizer(contract, logarithms=True)
    model = fit_model(build_matrix(customers, contract, dv), y, C=1.0)
    tenure = next(
        number for number in odds_ratios(customers, contract, dv, model).numbers if number.field == "tenure"
    )
    filled = customers.tenure.fillna(customers.tenure.median())
    assert (tenure.low, tenure.high) == tuple(np.percentile(filled, [25, 75]))
