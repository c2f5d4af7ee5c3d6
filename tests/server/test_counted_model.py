"""A model with its counts, opened when needed. A service that can't count answers as before and reports it."""

import errno
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from churn.errors import CountsError
from churn.files import lock_folder
from churn.model.contract import Contract
from churn.model.fields import Category
from churn.server import counted_model
from churn.server.counted_model import CountedModel
from churn.server.served_model import ServedModel
from churn.server.shared_folder import COUNTS_BYTES, check_room_of_counts, needed_bytes
from churn.watch import snapshot
from tests.apps import make_client
from tests.customers import GOOD
from tests.drawn_contracts import scorer_of
from tests.posting import check_problem
from tests.serving import samples


@pytest.fixture
def counted(shipped, tmp_path) -> CountedModel:
    return CountedModel(shipped, lambda: tmp_path)


def test_counts_are_opened_when_they_are_first_needed(counted, tmp_path):
    assert list(tmp_path.iterdir()) == []
    assert counted.tally is counted.tally
    assert [path.name for path in tmp_path.iterdir()] == [f"{counted.tally.name}-0"]
    assert counted.file_names == {counted.tally.name}


def test_a_report_is_made_again_only_when_another_snapshot_is_shown(counted, monkeypatch):
    made, make_report = [], counted_model.make_report
    monkeypatch.setattr(counted_model, "make_report", lambda *given: made.append(1) or make_report(*given))
    placed = counted.model.scorer.place(GOOD)
    first = counted.read_report()
    for number in range(1, 120):
        counted.tally.count(placed, 0.3)
        report = counted.read_report()
        assert report.answers == report.counts.answers == number // 50 * 50
    assert (first.answers, len(made)) == (0, 3)


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_service_that_cannot_count_answers_as_before_and_reports_the_reason(shipped, served, monkeypatch, caplog):
    expected = [make_client(served).post("/predict", json=customers).data for customers in (GOOD, [GOOD] * 60)]
    monkeypatch.setattr(os, "posix_fallocate", full)
    client = make_client(ServedModel(shipped.path))
    assert [client.post("/predict", json=customers).data for customers in (GOOD, [GOOD] * 60)] == expected
    problem = check_problem(client.get("/drift"), 503)
    assert problem["detail"] == "customers are not counted: No space left on device"
    assert not [key for key in samples(client.get("/metrics").text) if "answered" in key[0]]
    assert [(record.levelname, record.getMessage(), record.reason) for record in caplog.records] == [
        ("ERROR", "customers are not counted", "No space left on device")
    ]


def test_without_a_folder_for_them_there_are_no_counts(shipped, monkeypatch):
    monkeypatch.setattr(tempfile, "mkdtemp", full)
    client = make_client(ServedModel(shipped.path))
    assert client.post("/predict", json=GOOD).status_code == 200
    assert client.get("/drift").status_code == 503


def test_counts_that_cannot_be_read_are_left_out_of_the_metrics_and_are_a_problem_of_drift(
    counted, tmp_path, monkeypatch, served, caplog
):
    monkeypatch.setattr(snapshot, "_PATIENCE_S", 0.0)
    monkeypatch.setattr(served, "now", counted)
    client = make_client(served)
    with lock_folder(tmp_path):
        with pytest.raises(CountsError, match="another process has held the lock"):
            counted.read_report()
        assert "lock" in check_problem(client.get("/drift"), 503)["detail"]
        found = samples(client.get("/metrics").text)
    assert "churn_build_info" in {key[0] for key in found}
    assert not {key[0] for key in found} & {"churn_drifted_fields", "churn_answered_customers_total"}
    assert [record.getMessage() for record in caplog.records] == ["the counts of customers are not shown"]
    assert ("churn_answered_customers_total", ("field", "contract"), ("value", "two_year")) in samples(
        client.get("/metrics").text
    )


def test_counts_larger_than_the_reserved_room_must_leave_the_metrics_theirs(shipped, tmp_path, monkeypatch):
    class Memory:
        f_frsize, f_blocks = 1, 10**9
        f_bavail = 0

    monkeypatch.setattr(os, "statvfs", lambda _: Memory)
    check_room_of_counts(tmp_path, 10**6)  # a folder that is not shared
    (tmp_path / "owner").write_text("3")
    check_room_of_counts(tmp_path, COUNTS_BYTES)  # the room that was checked at the start
    Memory.f_bavail = needed_bytes(3, counts_bytes=10**6) - taken(tmp_path)
    check_room_of_counts(tmp_path, 10**6)
    Memory.f_bavail -= 1
    with pytest.raises(OSError, match=r"counts of 976 KiB \(workers: 3\) need \d+ KiB, and there are \d+ KiB"):
        check_room_of_counts(tmp_path, 10**6)
    cities = tuple(f"city_{number}" for number in range(10**6 // 16))
    wide = replace(shipped, scorer=scorer_of(Contract((Category("city", cities),))), card=None)
    assert CountedModel(wide, lambda: tmp_path).tally is None
    Memory.f_bavail += 10**5
    assert CountedModel(wide, lambda: tmp_path).tally


def test_the_room_for_counts_is_the_same_for_the_first_worker_and_for_the_last_one(tmp_path, monkeypatch):
    (tmp_path / "owner").write_text("3")
    room = needed_bytes(3, counts_bytes=10**6)

    class Memory:
        f_frsize, f_blocks = 1, 10**9
        f_bavail = 0

    monkeypatch.setattr(os, "statvfs", lambda _: Memory)
    for number in range(4):  # the last one replaces one that ended
        Memory.f_bavail = room - taken(tmp_path)
        check_room_of_counts(tmp_path, 10**6)
        (tmp_path / f"counts-abc-{number % 3}").write_bytes(bytes(10**6))


def taken(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.iterdir())
