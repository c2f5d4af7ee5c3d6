"""Counts add up, and counts that do not are refused."""

import msgspec
import pytest

from churn.watch.counts import Counts

MORNING = Counts(3, {"color": [1, 2], "tenure": [0, 3, 0]}, [3, 0], since="2026-11-26T08:00:00Z")
NOON = Counts(2, {"color": [2, 0], "tenure": [1, 0, 1]}, [0, 2], since="2026-11-26T12:00:00Z")


def test_two_counts_add_up_place_by_place_from_the_earlier_start():
    both = Counts(5, {"color": [3, 2], "tenure": [1, 3, 1]}, [3, 2], since="2026-11-26T08:00:00Z")
    assert MORNING + NOON == NOON + MORNING == both
    training = Counts(1, {"color": [1, 0], "tenure": [1, 0, 0]}, [1, 0])
    assert (training + NOON).since == "2026-11-26T12:00:00Z"
    assert (training + training).since is None


def test_earlier_counts_are_subtracted_place_by_place():
    both = MORNING + NOON
    later = both - MORNING
    assert (later.answers, later.fields, later.probabilities) == (NOON.answers, NOON.fields, NOON.probabilities)
    assert later.since is None
    with pytest.raises(ValueError, match="do not add up"):
        NOON - MORNING  # one of which has more
    with pytest.raises(ValueError, match="have other fields or bins"):
        both - Counts(1, {"color": [1, 0]}, [1, 0])


def test_counts_survive_their_json():
    assert msgspec.json.decode(msgspec.json.encode(MORNING), type=Counts) == MORNING


@pytest.mark.parametrize(
    "other",
    [Counts(1, {"color": [1, 0]}, [1, 0]), Counts(1, {"color": [1, 0], "tenure": [1, 0]}, [1, 0])],
)
def test_counts_of_other_fields_or_bins_do_not_add_up(other):
    with pytest.raises(ValueError, match="have other fields or bins"):
        MORNING + other


@pytest.mark.parametrize(("color", "probabilities"), [([1, 1], [3, 0]), ([1, 2], [2, 0]), ([4, -1], [3, 0])])
def test_a_field_that_does_not_add_up_to_the_answers_is_refused(color, probabilities):
    with pytest.raises(ValueError, match="do not add up to the 3 answers"):
        Counts(3, {"color": color}, probabilities)
