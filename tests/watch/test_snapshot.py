"""The counts that are shown: in steps of 50 customers, the same in all processes, and exactly those of one moment."""

import errno
import os

import pytest

from churn import files
from churn.files import lock_folder
from churn.watch import snapshot
from churn.watch.snapshot import Snapshot
from churn.watch.tally import Tally, remove_counts
from tests.watch.test_tally import BLUE, LAYOUT, RED, count_list


@pytest.fixture
def tallies(tmp_path) -> list[Tally]:
    return [Tally(tmp_path, LAYOUT, version="model") for _ in range(2)]


def shown(tally: Tally, folder) -> dict[str, list[int]] | None:
    """The counts by color that are shown; None before there are any."""
    counts = Snapshot(tally, folder).read()
    assert counts.answers == sum(counts.fields["color"]) == sum(counts.probabilities)
    return counts.fields["color"] if counts.answers else None


def test_nothing_is_shown_before_50_customers_and_nothing_more_until_100(tallies, tmp_path):
    one, other = tallies
    for sent in range(1, 201):
        tally, customer = (one, BLUE) if sent % 3 else (other, RED)
        tally.count(customer, 0.1)
        step = sent // 50 * 50
        expected = [step - step // 3, step // 3] if step else None
        assert shown(one, tmp_path) == shown(other, tmp_path) == expected, sent


def test_a_list_is_shown_whole_as_soon_as_there_are_50_more(tallies, tmp_path):
    one, other = tallies
    count_list(one, [RED] * 30)
    assert shown(other, tmp_path) is None
    count_list(other, [BLUE] * 30)
    assert shown(one, tmp_path) == [30, 30]
    count_list(one, [RED] * 49)
    assert shown(other, tmp_path) == [30, 30]
    one.count(RED, 0.9)
    assert shown(other, tmp_path) == [30, 80]


def test_a_snapshot_has_the_counts_of_the_first_look_and_every_later_look_repeats_it(tallies, tmp_path):
    one, other = tallies
    count_list(one, [RED] * 73)
    assert shown(one, tmp_path) == [0, 73]
    count_list(one, [BLUE] * 49)
    assert shown(other, tmp_path) == shown(one, tmp_path) == [0, 73]
    assert Snapshot(one, tmp_path).read().since == one.read().since


def test_before_the_first_snapshot_the_counts_are_zero_since_the_start(tallies, tmp_path):
    counts = Snapshot(tallies[0], tmp_path).read()
    assert (counts.answers, counts.fields) == (0, {"color": [0, 0], "tenure": [0] * 5})
    assert counts.since == tallies[0].read().since is not None
    assert counts == Snapshot(tallies[1], tmp_path).read()


def test_where_a_file_of_counts_is_gone_the_old_snapshot_stays_until_50_more_customers_came(tallies, tmp_path):
    """Otherwise the few customers who came since could be derived from the counts before and after."""
    one, other = tallies
    count_list(one, [RED] * 40)
    count_list(other, [BLUE] * 40)
    assert shown(one, tmp_path) == [40, 40]
    name = one.name
    del one, tallies[0]
    assert not remove_counts(tmp_path, name)
    assert shown(other, tmp_path) == [40, 40]
    count_list(other, [BLUE] * 89)
    assert shown(other, tmp_path) == [40, 40]
    count_list(other, [BLUE])
    assert shown(other, tmp_path) == [130, 0]


def test_a_snapshot_is_removed_with_the_last_counts_of_its_model(tallies, tmp_path):
    count_list(tallies[0], [RED] * 50)
    assert shown(tallies[0], tmp_path) == [0, 50]
    name = tallies[0].name
    tallies.clear()
    assert remove_counts(tmp_path, name)
    assert list(tmp_path.iterdir()) == []
    assert shown(Tally(tmp_path, LAYOUT, version="model"), tmp_path) is None


def test_without_room_for_a_new_snapshot_it_is_an_error_and_a_later_look_makes_it(tallies, tmp_path, monkeypatch):
    count_list(tallies[0], [RED] * 50)
    assert shown(tallies[0], tmp_path) == [0, 50]
    count_list(tallies[0], [RED] * 50)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.SideFile, "finish", full)
    with pytest.raises(OSError, match="No space left"):
        shown(tallies[0], tmp_path)
    monkeypatch.undo()
    assert shown(tallies[0], tmp_path) == [0, 100]
    assert len(list(tmp_path.iterdir())) == 3


def test_one_look_at_a_time_decides(tallies, tmp_path, monkeypatch):
    monkeypatch.setattr(snapshot, "_PATIENCE_S", 0.0)
    with lock_folder(tmp_path), pytest.raises(OSError, match="lock"):
        shown(tallies[0], tmp_path)
