"""Live counts: exact whatever threads and processes count, and whenever one of them is killed."""

import fcntl
import multiprocessing
import os
import signal
import threading
import time
from array import array
from pathlib import Path

import pytest

from churn.model.contract import Contract
from churn.model.fields import Category, Number
from churn.watch.layout import Layout
from churn.watch.tally import Tally, remove_counts
from tests.drawn_contracts import scorer_of

CONTRACT = Contract((Category("color", ("blue", "red")), Number("tenure", minimum=0, maximum=72)))
SCORER = scorer_of(CONTRACT)
LAYOUT = Layout(SCORER, {"tenure": (12,)}, threshold=0.5)
BLUE, RED = SCORER.place({"color": "blue", "tenure": 3}), SCORER.place({"color": "red", "tenure": 40.0})
LIST = 100
spawn = multiprocessing.get_context("spawn")


def count_on(folder: Path, pipe, lists: bool) -> None:
    """The main function of a worker: it counts until it is killed, and reports each time that it is done."""
    tally = Tally(folder, LAYOUT, version="model")
    while True:
        if lists:
            count_list(tally, [RED] * LIST)
        else:
            tally.count(BLUE, 0.1)
        os.write(pipe.fileno(), b"." if lists else b",")


def count_list(tally: Tally, placed) -> None:
    counted = tally.new_list()
    for customer in placed:
        counted.add(customer, 0.9)
    tally.count_list(counted)


def start_worker(folder: Path, *, lists: bool):
    reader, writer = spawn.Pipe(duplex=False)
    process = spawn.Process(target=count_on, args=(folder, writer, lists), daemon=True)
    process.start()
    writer.close()
    return process, reader


class Crew:
    """Workers that have started to count; `done` has their reports so far."""

    def __init__(self, folder: Path, *, count: int, lists: bool) -> None:
        workers = [start_worker(folder, lists=lists) for _ in range(count)]
        self.processes = [process for process, _ in workers]
        self.done = [bytearray(os.read(reader.fileno(), 1)) for _, reader in workers]
        pairs = zip(workers, self.done, strict=True)
        self.drains = [threading.Thread(target=drain, args=(reader, done)) for (_, reader), done in pairs]
        for thread in self.drains:
            thread.start()

    def kill(self, *delays_s: float) -> int:
        """Kill each worker after a delay; the number of times that all of them reported to be done."""
        for process, delay_s in zip(self.processes, delays_s, strict=True):
            time.sleep(delay_s)
            os.kill(process.pid, signal.SIGKILL)
        for process, thread in zip(self.processes, self.drains, strict=True):
            thread.join()
            process.join()
            assert process.exitcode == -signal.SIGKILL
        return sum(map(len, self.done))


def drain(reader, done: bytearray) -> None:
    while read := os.read(reader.fileno(), 65536):
        done += read


@pytest.mark.parametrize("lists", [False, True])
def test_killed_workers_have_counted_each_customer_as_a_whole_and_lost_none(tmp_path, measured, lists):
    """A killed worker did not report its last customer: it is counted as a whole or not at all."""
    reader = Tally(tmp_path, LAYOUT, version="model")
    size, done, killed = LIST if lists else 1, 0, 0
    for delays_s in [(0.003, 0.01), (0.02, 0.007), (0.05, 0.013)]:
        done += Crew(tmp_path, count=len(delays_s), lists=lists).kill(*delays_s)
        killed += len(delays_s)
        counts = reader.read()
        assert counts.answers % size == 0
        assert size * done <= counts.answers <= size * (done + killed)
        color = [0, counts.answers] if lists else [counts.answers, 0]
        assert counts.fields == {"color": color, "tenure": [0, *color, 0, 0]}
    assert len(list(tmp_path.iterdir())) == 3  # the reader's, and two that the six workers used one after another
    measured.append(f"{killed} workers were killed after {done:,} {'lists' if lists else 'customers'}: none is lost")


def test_a_reader_never_sees_part_of_a_list(tmp_path):
    reader = Tally(tmp_path, LAYOUT, version="model")
    crew = Crew(tmp_path, count=2, lists=True)
    seen = []
    while len(set(seen)) < 50:
        seen.append(reader.read().answers)
    crew.kill(0, 0)
    assert seen == sorted(seen)
    assert all(answers % LIST == 0 for answers in seen)


def test_a_row_with_many_places_is_exact_in_both_copies(tmp_path):
    cities = tuple(f"city_{number}" for number in range(5_000))
    scorer = scorer_of(Contract((Category("city", cities),)))
    placed = [scorer.place({"city": city}) for city in cities]
    layout = Layout(scorer, {}, threshold=0.5)
    expected = [0] * len(cities)
    for _ in range(2):
        tally = Tally(tmp_path, layout, version="large")
        for number in (7, 4_999, 7, 0, 1, 2, 7):
            tally.count(placed[number], 0.1)
            expected[number] += 1
            assert tally.read().fields["city"] == expected
            count_list(tally, placed[number : number + 70])
            expected[number : number + 70] = [count + 1 for count in expected[number : number + 70]]
            assert tally.read().fields["city"] == expected
        del tally


class Interrupted(array):
    """A row whose counting lets another thread run between reading a count and writing it."""

    def __getitem__(self, place):
        count = super().__getitem__(place)
        time.sleep(0)
        return count


def test_threads_of_a_worker_lose_no_count(tmp_path):
    tally = Tally(tmp_path, LAYOUT, version="model")
    tally._row = Interrupted("Q", tally._row)

    def work() -> None:
        for _ in range(200):
            tally.count(BLUE, 0.1)
            count_list(tally, [RED] * 3)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tally.read().answers == 8 * 200 * 4
    assert tally.read().fields["color"] == [1_600, 4_800]


def test_a_worker_that_takes_over_the_file_of_an_ended_one_counts_on_from_there(tmp_path):
    first = Tally(tmp_path, LAYOUT, version="model")
    first.count(BLUE, 0.1)
    since = first.read().since
    second = Tally(tmp_path, LAYOUT, version="model")
    second.count(RED, 0.9)
    assert first.read() == second.read()
    assert second.read().answers == 2
    del first
    third = Tally(tmp_path, LAYOUT, version="model")
    third.count(RED, 0.9)
    assert third.read().fields["color"] == [1, 2]
    assert third.read().since == since
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("layout", "version"),
    [
        (LAYOUT, "other"),
        (Layout(SCORER, {"tenure": (13,)}, threshold=0.5), "model"),
        (Layout(SCORER, {"tenure": (12,)}, threshold=0.4), "model"),
    ],
)
def test_another_model_has_its_own_counts_and_the_old_ones_are_removed_when_no_process_counts_there(
    tmp_path, layout, version
):
    old = Tally(tmp_path, LAYOUT, version="model")
    old.count(BLUE, 0.1)
    new = Tally(tmp_path, layout, version=version)
    assert new.read().answers == 0
    assert not remove_counts(tmp_path, old.name)
    assert old.read().answers == 1
    name = old.name
    del old
    new.count(RED, 0.9)
    assert remove_counts(tmp_path, name)
    assert remove_counts(tmp_path, name)  # or another process does it first
    assert {path.name for path in tmp_path.iterdir()} == {f"{new.name}-0"}
    assert new.read().answers == 1


def test_a_file_whose_maker_died_is_made_again_and_one_being_made_counts_as_nothing(tmp_path):
    tally = Tally(tmp_path, LAYOUT, version="model")
    tally.count(BLUE, 0.1)
    for size in (0, 16, 10_000):
        (tmp_path / f"{tally.name}-1").write_bytes(bytes(size))
        assert tally.read().answers == 1
    other = Tally(tmp_path, LAYOUT, version="model")
    other.count(RED, 0.9)
    assert tally.read().answers == 2
    with (tmp_path / f"{tally.name}-1").open("rb") as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_file_that_is_removed_while_it_is_claimed_is_not_counted_in(tmp_path, monkeypatch):
    name = Tally(tmp_path, LAYOUT, version="model").name
    lock = fcntl.flock

    def remove_first(descriptor: int, operation: int) -> None:
        (tmp_path / f"{name}-0").unlink(missing_ok=True)
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", remove_first)
    tally = Tally(tmp_path, LAYOUT, version="model")
    tally.count(BLUE, 0.1)
    assert tally.read().answers == 1


def test_a_file_that_replaces_one_that_is_removed_stays(tmp_path, monkeypatch):
    old = tmp_path / "counts-old-0"
    old.touch()
    lock = fcntl.flock

    def replace_first(descriptor: int, operation: int) -> None:
        old.unlink()
        old.write_text("new")
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", replace_first)
    assert not remove_counts(tmp_path, "counts-old")
    assert old.read_text() == "new"


def test_lack_of_room_is_an_error_and_does_not_end_the_process(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        Tally(tmp_path, LAYOUT, version="model")
