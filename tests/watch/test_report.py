"""The document on drift and expected figures, as programs read it."""

from dataclasses import replace

import msgspec
import pytest

from churn.model.bins import ProbabilityBins
from churn.model.gain import Campaign
from churn.model.training_counts import TestFigures, TrainingCounts
from churn.watch.counts import Counts
from churn.watch.report import WITHOUT_COUNTS, make_report

HALF = {"answers": 1_000, "fields": {"contract": [500, 300, 200]}, "since": "2026-11-26T14:00:00Z"}


def counts_of(probability: float, **counts) -> Counts:
    bins = ProbabilityBins(0.5)
    places = [0] * bins.n_places
    places[bins.place(probability)] = counts["answers"]
    return Counts(probabilities=places, **counts)


@pytest.fixture
def model(shipped):
    training = TrainingCounts(
        edges={},
        fields={"contract": (2_750, 1_030, 1_220)},
        folds_distance={"contract": 0.02},
        tested=TestFigures(churn_rate=0.25, auc=0.86, log_loss=0.38, profit=3.5),
        campaign=Campaign(value=200, offer=10, contact=1, accept=0.3),
    )
    return replace(shipped, card=msgspec.structs.replace(shipped.card, counts=training))


def test_fields_are_compared_with_training_and_figures_are_given_with_those_of_the_test_part(model):
    report = msgspec.json.decode(msgspec.json.encode(make_report(model, counts_of(0.7, **HALF))))
    (contract,) = report["fields"]
    assert contract["distance"] == pytest.approx(0.300 - 0.206)  # one year: 300 of 1,000, and 1,030 of 5,000
    assert contract["drifted"] is True
    assert contract["p"] < 1e-6
    assert (report["model"], report["answers"], report["since"]) == ("d17b47eb3aa6", 1000, "2026-11-26T14:00:00Z")
    assert report["expected"]["churn_rate"]["value"] == pytest.approx(0.7, abs=0.02)
    assert report["expected"]["churn_rate"]["test"] == 0.25
    assert report["expected"]["profit"]["value"] == pytest.approx(0.7 * 56 - 0.3 * 11, abs=1.5)
    assert report["expected"]["profit"]["test"] == 3.5
    assert len(report["notes"]) == 2


def test_with_another_threshold_than_the_cards_there_is_no_profit_of_the_test_part(model):
    bins = ProbabilityBins(0.3)
    counts = Counts(1, {"contract": [1, 0, 0]}, [1, *[0] * (bins.n_places - 1)])
    profit = make_report(replace(model, threshold=0.3), counts).expected["profit"]
    assert profit is not None
    assert profit.test is None


def test_a_card_without_counts_gives_expected_figures_and_a_note_on_what_is_missing(shipped):
    bare = replace(shipped, card=msgspec.structs.replace(shipped.card, counts=None))
    report = make_report(bare, counts_of(0.7, **HALF))
    assert [field.drifted for field in report.fields] == [None]
    assert WITHOUT_COUNTS in report.notes
    assert report.expected["auc"].test is None


def test_customers_can_be_compared_with_other_customers(model):
    before = Counts(1_000, {"contract": [500, 300, 200]}, counts_of(0.7, **HALF).probabilities)
    (contract,) = make_report(model, counts_of(0.7, **HALF), compared_with=before).fields
    assert (contract.distance, contract.drifted) == (0, False)
