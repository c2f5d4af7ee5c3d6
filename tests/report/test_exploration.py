"""The description of a table before any fit: by hand on eight customers, and against scikit-learn and NumPy."""

from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mutual_info_score

from churn.report.exploration import category_names, churn_by_category, correlations, mutual_information
from churn.training.table import Table

CUSTOMERS = pd.DataFrame(
    {
        "plan": ["a", "a", "a", "a", "b", "b", "b", "b"],
        "colour": ["red", "blue", "red", "blue", "red", "blue", "red", "blue"],
        "senior": [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        "months": [1.0, 2.0, 4.0, 3.0, 30.0, 7.0, 50.0, 9.0],
        "bill": [5.0, 1.0, 2.0, np.nan, 4.0, 3.0, 6.0, 1.0],
    }
)
TABLE = Table(Path("table.csv"), "churn", CUSTOMERS, np.array([1, 1, 1, 0, 0, 1, 0, 0]), (), "", "")
"""Half of them left: 3 of 4 with plan a, 1 of 4 with plan b; 2 of 4 with either colour; 1 of 2 seniors."""

PART = replace(TABLE, customers=CUSTOMERS.iloc[[7, 6, 1, 0]], y=TABLE.y[[7, 6, 1, 0]])
"""A part of it, like that of a split: its index does not start at 0 and is not in order. Both with plan a left."""


def test_churn_by_category_by_hand():
    found = churn_by_category(TABLE, "plan")
    assert found.index.tolist() == ["a", "b"]
    assert found["customers"].tolist() == [4, 4]
    assert found["churn_rate"].tolist() == [3 / 4, 1 / 4]
    assert found["difference"].tolist() == [1 / 4, -1 / 4]
    assert found["risk_ratio"].tolist() == [1.5, 0.5]


def test_churn_by_flag_by_hand():
    found = churn_by_category(TABLE, "senior")
    assert found["customers"].to_dict() == {0.0: 6, 1.0: 2}
    assert found["churn_rate"].to_dict() == {0.0: 1 / 2, 1.0: 1 / 2}
    assert found["risk_ratio"].tolist() == [1.0, 1.0]


def test_a_part_of_a_table_keeps_each_customer_with_its_own_label():
    found = churn_by_category(PART, "plan")
    assert found["churn_rate"].to_dict() == {"a": 1.0, "b": 0.0}
    assert found["customers"].tolist() == [2, 2]
    months = np.corrcoef([9.0, 50.0, 2.0, 1.0], [0, 0, 1, 1])[0, 1]
    assert correlations(PART)["months"] == pytest.approx(months)


def test_mutual_information_is_scikit_learns_and_that_of_the_formula():
    found = mutual_information(TABLE)
    assert found.index[0] == "plan"
    assert set(found.index) == {"plan", "colour", "senior"}
    for name, nats in found.items():
        assert nats == pytest.approx(mutual_info_score(CUSTOMERS[name], TABLE.y))
    assert found["plan"] == pytest.approx(2 * 3 / 8 * log(3 / 2) + 2 * 1 / 8 * log(1 / 2))
    assert found["colour"] == pytest.approx(0, abs=1e-12)


def test_correlations_are_numpys_without_the_blanks_the_strongest_first_whatever_the_sign():
    found = correlations(TABLE)
    known = CUSTOMERS["bill"].notna()
    assert found["months"] == pytest.approx(np.corrcoef(CUSTOMERS["months"], TABLE.y)[0, 1])
    assert found["bill"] == pytest.approx(np.corrcoef(CUSTOMERS["bill"][known], TABLE.y[known])[0, 1])
    assert found["months"] < 0
    assert found.index.tolist() == ["months", "bill"]


def test_a_number_with_only_0_and_1_is_a_flag_and_counts_as_a_category():
    assert category_names(TABLE) == ["plan", "colour", "senior"]
