"""The shipped model as a scorer of tables, and scikit-learn's answers to the shipped table."""

import numpy as np
import pytest

from churn.batch.scorer import TableScorer
from churn.model.answerer import Answerer
from tests.customers import CLEAN_CUSTOMERS, sklearn_probabilities


@pytest.fixture
def scorer(shipped) -> TableScorer:
    return TableScorer(Answerer(shipped, threshold=0.5))


@pytest.fixture(scope="module")
def expected(shipped) -> np.ndarray:
    return sklearn_probabilities(shipped.path, CLEAN_CUSTOMERS)
