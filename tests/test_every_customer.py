"""The first duty of a model server: its answer is the model's. All 7,043 customers, in every spelling, over HTTP."""

import numpy as np
import pytest

from churn.server.served_model import ServedModel
from tests.apps import make_client
from tests.customers import CLEAN_CUSTOMERS, NUMBERS, PROJECT, RAW_CUSTOMERS, sklearn_probabilities
from tests.shaped import draw_customers, sklearn_of_shaped, write_shaped

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


@pytest.mark.parametrize("card", [True, False])
def test_each_customer_of_a_model_with_curves_and_pairs_gets_scikit_learns_probability_alone_and_in_a_list(
    card, tmp_path
):
    client = make_client(ServedModel(write_shaped(tmp_path / "model.bin", card=card)))
    customers = draw_customers(2_000, seed=8)
    as_texts = [{name: str(value).upper() for name, value in customer.items()} for customer in customers]
    for spelled in (customers, as_texts):
        alone = [client.post("/predict", json=customer).json for customer in spelled]
        for answers in (alone, client.post("/predict", json=spelled).json):
            probabilities = [answer["churn_probability"] for answer in answers]
            np.testing.assert_allclose(probabilities, sklearn_of_shaped(customers), rtol=0, atol=1e-12)
