"""Issue zero of a model server: its answer is the model's. All 7,043 customers, in every spelling, over HTTP."""

import numpy as np
import pytest

from tests.customers import CLEAN_CUSTOMERS, NUMBERS, PROJECT, RAW_CUSTOMERS, sklearn_probabilities

pytestmark = pytest.mark.slow

RAW_NUMBERS = {"SeniorCitizen": int, "tenure": int, "MonthlyCharges": float}
SPELLINGS = {
    "clean": CLEAN_CUSTOMERS,
    "raw": [raw | {name: number(raw[name]) for name, number in RAW_NUMBERS.items()} for raw in RAW_CUSTOMERS],
    "raw strings": RAW_CUSTOMERS,
    "clean strings": [customer | {name: str(customer[name]) for name in NUMBERS} for customer in CLEAN_CUSTOMERS],
}


@pytest.fixture(scope="module")
def expected() -> np.ndarray:
    return sklearn_probabilities(PROJECT / "model_C=1.0.bin", CLEAN_CUSTOMERS)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_each_customer_alone_gets_scikit_learns_probability(client, expected, spelling):
    answers = [client.post("/predict", json=customer).json for customer in SPELLINGS[spelling]]
    assert len(answers) == 7043
    np.testing.assert_allclose([answer["churn_probability"] for answer in answers], expected, rtol=0, atol=1e-12)
    assert [answer["churn"] for answer in answers] == list(expected >= 0.5)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_whole_list_gets_scikit_learns_probabilities(client, expected, spelling):
    answers = client.post("/predict", json=SPELLINGS[spelling]).json
    np.testing.assert_allclose([answer["churn_probability"] for answer in answers], expected, rtol=0, atol=1e-12)
