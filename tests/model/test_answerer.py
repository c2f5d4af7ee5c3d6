"""The answer to one customer: the probability, whether it reaches the threshold, and as many reasons as requested."""

import math

import pytest

from churn.errors import CustomerError
from churn.model.answerer import Answerer
from churn.model.explaining import Reason
from churn.model.scoring import probability
from tests.plans import SCORER, model_of

CUSTOMER = {"plan": "basic", "charge": 1.0}  # log-odds 0.5 + 0.25
MODEL = model_of(SCORER)


def test_a_customer_gets_a_probability_and_as_many_of_the_strongest_reasons_as_requested():
    plan, charge = Reason("plan", "basic", 0.5), Reason("charge", 1.0, 0.25)
    for n_reasons, reasons in ((0, ()), (1, (plan,)), (2, (plan, charge)), (3, (plan, charge))):
        answer = Answerer(MODEL, n_reasons=n_reasons).answer_customer(CUSTOMER)
        assert answer == (pytest.approx(1 / (1 + math.exp(-0.75)), abs=1e-15), True, 0.0, reasons, None)


def test_there_is_at_most_one_reason_for_each_field():
    assert Answerer(MODEL, n_reasons=9).n_reasons == 2


def test_a_customer_at_the_threshold_counts_as_leaving_with_and_without_reasons():
    at = probability(0.75)
    for n_reasons in (0, 1):
        churns = [
            Answerer(MODEL, threshold=threshold, n_reasons=n_reasons).answer_customer(CUSTOMER).churn
            for threshold in (0.0, at, math.nextafter(at, 1), 1.0)
        ]
        assert churns == [True, True, False, False]


def test_the_threshold_is_the_models_unless_one_is_given(shipped):
    assert Answerer(shipped).threshold == shipped.threshold
    assert Answerer(shipped, threshold=0.0).threshold == 0.0


def test_a_threshold_that_is_not_a_probability_is_refused():
    for threshold in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="0 to 1"):
            Answerer(MODEL, threshold=threshold)


def test_a_bad_customer_is_refused_with_and_without_reasons_and_suggestions_are_made_if_requested():
    for n_reasons in (0, 1):
        for suggest, nearest in ((True, "two_year"), (False, None)):
            with pytest.raises(CustomerError) as refusal:
                Answerer(MODEL, n_reasons=n_reasons).answer_customer(CUSTOMER | {"plan": "two yeer"}, suggest=suggest)
            assert [problem.did_you_mean for problem in refusal.value.problems] == [nearest]
