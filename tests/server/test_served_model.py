"""Swaps: a good pair is taken, a bad one is not, and a worker born at a bad moment serves the newest good pair."""

import gc
import hashlib
import os
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
import requests

from churn.errors import ModelError
from churn.model.file import load_model, write_pair
from churn.model.json_customers import JsonCustomers
from churn.model.pair import card_path
from churn.model.scoring import Scorer
from churn.server.served_model import ServedModel
from tests.apps import make_client
from tests.customers import GOOD
from tests.pairs import edit_card, other_pair
from tests.serving import Server, memory_mib, reach_workers, start_badly, wait_until

SPELLED = GOOD | {"contract": "Month-to-month"}


@pytest.fixture
def served(pair, tmp_path) -> ServedModel:
    return ServedModel(pair, newest_pair=tmp_path / "newest")


def test_a_new_pair_is_swapped_in_once(served, pair):
    assert served.check() is None
    write_pair(pair, *other_pair(pair))
    assert served.check() == "swapped"
    assert served.current.sha256 == load_model(pair).sha256
    assert served.check() is None


@pytest.mark.parametrize("damage", ["rubbish", "no card", "a card with another threshold and a bad golden", "gone"])
def test_a_bad_pair_is_refused_once_and_the_old_one_goes_on(served, pair, damage, monkeypatch, caplog):
    monkeypatch.setattr("churn.model.file._PAIRING_S", 0.0)
    before = served.current
    if damage == "rubbish":
        pair.write_bytes(b"rubbish")
    elif damage == "no card":
        card_path(pair).unlink()
    elif damage == "gone":
        pair.unlink()
    else:
        edit_card(pair, threshold=0.2, golden=[{"customer": GOOD, "probability": 0.5}])
    assert served.check() == "refused"
    assert served.check() is None
    assert served.current is before
    assert [record.getMessage() for record in caplog.records] == ["model refused"]
    assert str(pair.parent) in caplog.records[0].reason


def test_a_good_pair_after_a_bad_one_is_taken(served, pair, monkeypatch):
    monkeypatch.setattr("churn.model.file._PAIRING_S", 0.0)
    content = pair.read_bytes()
    new = other_pair(pair)
    pair.write_bytes(content[:-20])
    card_path(pair).write_text("{}")
    assert served.check() == "refused"
    write_pair(pair, *new)
    assert served.check() == "swapped"


def test_a_changed_card_of_the_same_model_is_taken(served, pair):
    edit_card(pair, threshold=0.2)
    assert served.check() == "swapped"
    assert served.current.card.threshold == 0.2
    assert make_client(served).post("/predict", json=GOOD).json["churn"] is True


def test_a_threshold_that_is_set_overrides_every_models_own(pair, tmp_path):
    newborn, older = [ServedModel(pair, threshold=0.9, newest_pair=tmp_path / "newest") for _ in range(2)]
    assert older.current.threshold == 0.9
    edit_card(pair, threshold=0.2)
    assert older.check() == "swapped"
    newborn.restore()
    assert [served.current.card.threshold for served in (older, newborn)] == [0.2, 0.2]
    assert [served.current.threshold for served in (older, newborn)] == [0.9, 0.9]


def test_a_worker_born_while_the_file_is_bad_starts_from_the_newest_verified_pair(pair, tmp_path):
    newest = tmp_path / "newest"
    newborn = ServedModel(pair, newest_pair=newest)  # as forked from a master that loaded the first pair
    older = ServedModel(pair, newest_pair=newest)
    write_pair(pair, *other_pair(pair))
    older.check()
    pair.write_bytes(b"rubbish")
    newborn.restore()
    assert newborn.current.sha256 == older.current.sha256


def test_a_kept_pair_that_is_older_or_damaged_is_not_taken(pair, tmp_path):
    newest = tmp_path / "newest"
    first = ServedModel(pair, newest_pair=newest)
    write_pair(pair, *other_pair(pair))
    first.check()
    write_pair(pair, *other_pair(pair))
    latest = ServedModel(pair, newest_pair=newest)
    sha256 = latest.current.sha256
    latest.restore()
    assert latest.current.sha256 == sha256
    newest.write_bytes(b"rubbish")
    latest.restore()
    assert latest.current.sha256 == sha256


def test_a_slow_worker_does_not_replace_a_newer_kept_pair(pair, tmp_path):
    newest = tmp_path / "newest"
    slow, quick = ServedModel(pair, newest_pair=newest), ServedModel(pair, newest_pair=newest)
    write_pair(pair, *other_pair(pair))
    slow.check()
    write_pair(pair, *other_pair(pair))
    quick.check()
    slow._share_pair(slow.current)
    newborn = ServedModel(pair, newest_pair=newest)
    newborn._number = 0
    newborn.current = slow.current
    newborn.restore()
    assert newborn.current.sha256 == quick.current.sha256


def test_a_clock_that_goes_back_between_two_swaps_makes_no_older_model_the_newest(pair, tmp_path, monkeypatch):
    newest = tmp_path / "newest"
    newborn, sibling = (ServedModel(pair, newest_pair=newest) for _ in range(2))  # as forked from the same master
    now_ns = time.time_ns()
    for seconds in (3600, 1800, -1800):
        monkeypatch.setattr(time, "time_ns", lambda ago=seconds: now_ns + ago * 10**9)
        monkeypatch.setattr(time, "time", lambda ago=seconds: now_ns / 10**9 + ago)
        write_pair(pair, *other_pair(pair))
        assert sibling.check() == "swapped"
    pair.write_bytes(b"rubbish")
    newborn.restore()
    assert newborn.current.sha256 == sibling.current.sha256


def test_a_model_that_was_put_back_is_the_newest_for_a_worker_that_never_saw_the_other_one(pair, tmp_path):
    newest = tmp_path / "newest"
    newborn, steady, sibling = (ServedModel(pair, newest_pair=newest) for _ in range(3))
    first = pair.read_bytes(), steady.current.card
    write_pair(pair, *other_pair(pair))
    assert sibling.check() == "swapped"  # and is killed before the next change
    write_pair(pair, *first)
    assert steady.check() is None
    pair.write_bytes(b"rubbish")
    newborn.restore()
    assert newborn.current.sha256 == steady.current.sha256


def test_checks_are_counted_once_by_processes_that_check_at_the_same_time(pair, tmp_path):
    served = ServedModel(pair, newest_pair=tmp_path / "newest")
    with ThreadPoolExecutor(8) as threads:  # flock separates descriptors, whether of one process or of several
        numbers = list(threads.map(lambda _: served._count_look(), range(400)))
    assert sorted(numbers) == list(range(2, 402))


def test_a_rollback_by_symlink_is_a_change_and_a_newborn_worker_starts_from_it(pair, small_pair, tmp_path):
    import shutil

    link = tmp_path / "current.bin"
    old, new = tmp_path / "old.bin", tmp_path / "new.bin"
    for path in (old, new):
        shutil.copy(pair, path)
        shutil.copy(card_path(pair), card_path(path))
    write_pair(new, *other_pair(pair))

    def point_to(path) -> None:
        for made, target in ((card_path(link), card_path(path)), (link, path)):
            made.unlink(missing_ok=True)
            made.symlink_to(target)

    point_to(new)
    newborn, sibling = (ServedModel(link, newest_pair=tmp_path / "newest") for _ in range(2))
    point_to(old)
    assert sibling.check() == "swapped"
    newborn.restore()
    assert newborn.current.sha256 == sibling.current.sha256 == load_model(old).sha256


def test_a_rollback_to_an_older_file_is_a_change_like_any_other(served, pair, tmp_path):
    import os
    import shutil

    old_model, old_card = tmp_path / "old.bin", tmp_path / "old.json"
    shutil.copy2(pair, old_model)
    shutil.copy2(card_path(pair), old_card)
    os.utime(old_model, (1e9, 1e9))
    os.utime(old_card, (1e9, 1e9))
    write_pair(pair, *other_pair(pair))
    served.check()
    old_card.replace(card_path(pair))
    old_model.replace(pair)
    assert served.check() == "swapped"
    newborn = ServedModel(pair, newest_pair=tmp_path / "newest")
    assert newborn.current.sha256 == served.current.sha256


@pytest.mark.parametrize(
    ("customers", "scores"),
    [(GOOD, (Scorer, "place")), ([GOOD] * 3, (JsonCustomers, "place_decoded")), ([SPELLED] * 3, (Scorer, "place"))],
)
def test_a_swap_in_the_middle_of_a_request_does_not_change_its_answer(served, pair, customers, scores, monkeypatch):
    before = served.current
    client = make_client(served)
    expected = client.post("/predict", json=customers).json
    score, new = getattr(*scores), other_pair(pair)

    def swap_and_score(*arguments, **kwargs):
        monkeypatch.undo()  # once is enough, and verifying the new pair scores too
        write_pair(pair, *new)
        served.check()
        return score(*arguments, **kwargs)

    monkeypatch.setattr(*scores, swap_and_score)
    response = client.post("/predict", json=customers)
    assert served.current is not before
    assert response.headers["X-Model-Version"] == before.version
    assert response.json == expected


@pytest.fixture
def sharing(pair, tmp_path) -> list[ServedModel]:
    """Two workers with counts in one folder."""
    (tmp_path / "counts").mkdir()
    return [ServedModel(pair, newest_pair=tmp_path / "newest", counts_folder=tmp_path / "counts") for _ in range(2)]


def answered(served) -> int:
    return served.now.tally.read().answers


def names_in(folder) -> set[str]:
    return {path.name.partition("-")[2][:16] for path in folder.glob("counts-*")}


def test_a_model_has_its_own_counts_and_those_of_the_old_one_go_with_the_last_worker_that_has_it(
    sharing, pair, tmp_path
):
    one, other = sharing
    clients = [make_client(served) for served in sharing]
    for client in clients:
        client.post("/predict", json=[GOOD] * 3)
    assert [answered(served) for served in sharing] == [6, 6]
    first, counts, old = pair.read_bytes(), one.current.card.counts, names_in(tmp_path / "counts")
    write_pair(pair, *other_pair(pair))
    assert one.check() == "swapped"
    assert (answered(one), answered(other)) == (0, 6)
    clients[0].post("/predict", json=GOOD)
    one.check()
    clients[1].post("/predict", json=GOOD)
    assert old < names_in(tmp_path / "counts")  # the other worker still counts there
    assert other.check() == "swapped"
    one.check()
    assert names_in(tmp_path / "counts") == {one.now.tally.name.partition("-")[2]} != old
    clients[1].post("/predict", json=GOOD)
    assert [answered(served) for served in sharing] == [2, 2]
    pair.write_bytes(first)
    edit_card(pair, model_sha256=hashlib.sha256(first).hexdigest(), counts=msgspec.to_builtins(counts))
    assert [served.check() for served in sharing] == ["swapped"] * 2
    assert [answered(served) for served in sharing] == [0, 0]
    assert names_in(tmp_path / "counts") > old
    one.check()
    assert names_in(tmp_path / "counts") == old


def test_counts_of_each_model_served_while_another_worker_lagged_behind_are_removed(sharing, pair, tmp_path):
    one, other = sharing
    make_client(other).post("/predict", json=GOOD)
    for _ in range(2):
        write_pair(pair, *other_pair(pair))
        assert one.check() == "swapped"
    assert other.check() == "swapped"
    for served in (one, one):
        served.check()
    assert names_in(tmp_path / "counts") == {one.now.tally.name.partition("-")[2]}


def test_the_same_model_with_another_card_goes_on_counting(sharing, pair):
    one, _ = sharing
    make_client(one).post("/predict", json=[GOOD] * 3)
    edit_card(pair, event="buy again", counts=msgspec.to_builtins(one.current.card.counts))
    assert one.check() == "swapped"
    assert one.check() is None
    assert answered(one) == 3


def test_a_request_that_a_swap_overtakes_counts_for_the_model_that_answered_it(served, pair, monkeypatch):
    before, client, place = served.now, make_client(served), type(served.current.scorer).place

    def swap_and_score(scorer, customer, **kwargs):
        monkeypatch.undo()
        write_pair(pair, *other_pair(pair))
        served.check()
        return place(scorer, customer, **kwargs)

    monkeypatch.setattr(type(served.current.scorer), "place", swap_and_score)
    assert client.post("/predict", json=[SPELLED] * 3).status_code == 200
    assert served.now is not before
    assert (before.tally.read().answers, answered(served)) == (3, 0)


def test_a_worker_opens_its_counts_before_a_request_and_its_master_opens_none(sharing, tmp_path, monkeypatch):
    monkeypatch.setattr(threading.Thread, "start", lambda _: None)
    assert list((tmp_path / "counts").iterdir()) == []
    sharing[0].watch(on_change=print)
    assert len(list((tmp_path / "counts").iterdir())) == 2  # the threads' counts, and the fast lane's


def test_a_worker_removes_the_counts_of_a_model_that_it_never_served(sharing, pair, tmp_path, monkeypatch):
    """As after a reload on another file: the workers that served the one before have ended, and it may come back."""
    monkeypatch.setattr(threading.Thread, "start", lambda _: None)
    make_client(sharing[0]).post("/predict", json=[GOOD] * 60)
    assert sharing[0].now.read_report().answers == 60
    write_pair(pair, *other_pair(pair))
    new = ServedModel(pair, counts_folder=tmp_path / "counts")
    new.watch(on_change=print)
    new.check()
    assert len(names_in(tmp_path / "counts")) == 2  # the worker before still counts
    sharing.clear()
    gc.collect()
    new.check()
    assert names_in(tmp_path / "counts") == {new.now.tally.name.partition("-")[2]}


def test_without_a_shared_folder_the_counts_are_private_and_gone_with_the_model(pair, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    served = ServedModel(pair)
    make_client(served).post("/predict", json=GOOD)
    (folder,) = tmp_path.glob("churn-counts-*")
    assert (folder.stat().st_mode & 0o777, len(list(folder.iterdir()))) == (0o700, 1)
    del served
    gc.collect()
    assert not folder.exists()


def test_a_file_that_cannot_be_served_does_not_start(tmp_path):
    with pytest.raises(ModelError):
        ServedModel(tmp_path / "none.bin")


@pytest.mark.server
def test_a_wrong_file_in_place_of_the_model_is_refused_unread_by_every_worker(pair, tmp_path):
    good = other_pair(pair)

    def put_in_place(kind: str) -> None:
        wrong = tmp_path / "wrong"
        if kind == "a FIFO":
            os.mkfifo(wrong)
        elif kind == "a directory":
            pair.unlink()
            pair.mkdir()
            return
        else:
            with wrong.open("wb") as file:
                file.truncate(400_000_000)
        wrong.replace(pair)

    def refusals(kind: str) -> int:
        lines = [line for line in server.log.read_text().splitlines() if '"model refused"' in line]
        return sum(f"{pair}: can't be read: it " in line and kind in line for line in lines)

    with Server(tmp_path / "log.txt", MODEL_FILE=str(pair), WEB_CONCURRENCY="2") as server:
        answer = requests.post(f"{server.url}/predict", json=GOOD, timeout=5).json()
        with reach_workers(server):  # returns when each worker has started
            pass
        before_mib = {worker: memory_mib(worker, "VmHWM") for worker in server.workers()}
        for kind in ("400,000,000 bytes", "a FIFO", "a directory"):
            put_in_place(kind)
            wait_until(lambda kind=kind: refusals(kind) >= len(before_mib))
            assert requests.post(f"{server.url}/predict", json=GOOD, timeout=5).json() == answer
        assert server.workers() == list(before_mib)
        assert all(memory_mib(worker, "VmHWM") < before + 10 for worker, before in before_mib.items())
        pair.rmdir()
        write_pair(pair, *good)
        wait_until(lambda: server.log.read_text().count('"model swapped"') == 2)


@pytest.mark.server
@pytest.mark.parametrize("kind", ["a FIFO", "a directory", "400,000,000 bytes"])
def test_a_start_on_a_wrong_file_ends_in_one_line(tmp_path, kind):
    path = tmp_path / "model.bin"
    if kind == "a FIFO":
        os.mkfifo(path)
    elif kind == "a directory":
        path.mkdir()
    else:
        with path.open("wb") as file:
            file.truncate(400_000_000)
    finished = start_badly(MODEL_FILE=str(path))
    assert finished.returncode != 0
    (line,) = [line for line in (finished.stdout + finished.stderr).splitlines() if line.startswith("predict.py")]
    assert line.startswith(f"predict.py: {path}: can't be read: it ")
    assert kind in line
