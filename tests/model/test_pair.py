"""The pair on disk: two writers, links, paths that are not files, and a card that is another model's."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from churn import files
from churn.errors import ModelError
from churn.model import pair as pair_module
from churn.model.card import encode_card
from churn.model.file import load_model, write_pair
from churn.model.pair import MOST_BYTES, card_path, check_place, put_pair, read_pair
from tests.customers import PROJECT
from tests.pairs import other_pair, refusal


def make_sparse(path, size: int = 400_000_000):
    with path.open("wb") as file:
        file.truncate(size)


@pytest.mark.parametrize("which", ["model", "card"])
@pytest.mark.parametrize("kind", ["a directory", "a FIFO", "a device", "400,000,000 bytes", "a link to a FIFO"])
def test_a_path_that_is_not_a_small_file_is_refused_unread(pair, monkeypatch, which, kind):
    path = pair if which == "model" else card_path(pair)
    path.unlink()
    if kind == "a directory":
        path.mkdir()
    elif kind == "a device":
        path.symlink_to("/dev/zero")
    elif "FIFO" in kind:
        os.mkfifo(path.with_suffix(".fifo"))
        path.symlink_to(path.with_suffix(".fifo")) if "link" in kind else path.with_suffix(".fifo").rename(path)
    else:
        make_sparse(path)
    read = []
    monkeypatch.setattr(files.os, "open", lambda name, *rest, open=os.open: read.append(name) or open(name, *rest))
    assert refusal(pair).startswith(f"{path}: can't be read: it ")
    assert kind.removeprefix("a link to ") in refusal(pair)
    assert path not in read


def test_sixteen_mebibytes_are_read_and_a_byte_more_is_not(tmp_path):
    path = tmp_path / "model.bin"
    make_sparse(path, MOST_BYTES)
    assert len(read_pair(path, patience_s=0).pickled) == 16 * 2**20
    make_sparse(path, MOST_BYTES + 1)
    assert "it has 16,777,217 bytes, and at most 16,777,216 are read" in refusal(path)


def test_a_pair_that_no_service_would_read_is_not_written(pair):
    before = load_model(pair).sha256
    with pytest.raises(ModelError, match="would have 16,777,217 bytes"):
        put_pair(pair, b"x" * (MOST_BYTES + 1), b"{}")
    assert load_model(pair).sha256 == before


WRITE = """
import pathlib, sys
from churn.model.pair import put_pair
path, model, card = map(pathlib.Path, sys.argv[1:])
pickled, card_json = model.read_bytes(), card.read_bytes()
for line in sys.stdin:
    put_pair(path, pickled, card_json)
    print("done", flush=True)
"""


@pytest.fixture
def two_pairs(pair, tmp_path) -> dict:
    """Two pairs for one place: (bytes of the model file, bytes of the card) by the names of files that hold them."""
    pickled, card = other_pair(pair)
    folder = tmp_path / "two"
    folder.mkdir()
    pairs = {}
    for number, contents in enumerate(
        [(pair.read_bytes(), card_path(pair).read_bytes()), (pickled, encode_card(card))]
    ):
        names = tuple(folder / f"{number}.{kind}" for kind in ("model", "card"))
        for name, content in zip(names, contents, strict=True):
            name.write_bytes(content)
        pairs[names] = contents
    return pairs


def test_two_processes_that_write_at_the_same_time_never_leave_one_pairs_model_with_the_others_card(pair, two_pairs):
    stop, failures = threading.Event(), []

    def read():
        while not stop.is_set():
            if read_pair(pair, patience_s=5) not in two_pairs.values():
                failures.append("another pair")

    with ThreadPoolExecutor(1) as reader, ExitStack() as running:
        writers = [
            running.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", WRITE, str(pair), *map(str, names)],
                    cwd=PROJECT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    bufsize=1,
                )
            )
            for names in two_pairs
        ]
        reading = reader.submit(read)
        left = set()
        for _ in range(40):
            for writer in writers:
                writer.stdin.write("go\n")
            for writer in writers:
                assert writer.stdout.readline() == "done\n"
            left.add(read_pair(pair, patience_s=0))
        for writer in writers:
            writer.stdin.close()
        stop.set()
        reading.result()
    assert not failures
    assert left <= set(two_pairs.values())
    assert {path.name for path in pair.parent.iterdir()} == {"model.bin", "model.json", "two"}


def test_no_process_writes_between_the_renames_of_another(pair, two_pairs, monkeypatch):
    monkeypatch.setattr(files, "LOCK_PATIENCE_S", 0.0)
    first, second = two_pairs.values()
    replace, turned_away = type(pair).replace, []

    def write_another_first(source, target):
        with monkeypatch.context() as inner:
            inner.setattr(type(pair), "replace", replace)
            with pytest.raises(OSError, match="held the lock of its folder for 0 s") as error:
                put_pair(pair, *first)
        turned_away.append(error.value)
        return replace(source, target)

    monkeypatch.setattr(type(pair), "replace", write_another_first)
    put_pair(pair, *second)
    assert len(turned_away) == 3  # before the previous card, the card, and the model
    assert read_pair(pair, patience_s=0) == second


def test_a_card_without_its_model_is_waited_for_and_then_refused(pair, monkeypatch):
    content = pair.read_bytes()
    pair.unlink()
    alone = f"{pair}: can't be read: No such file or directory; model.json is there without it; train.py writes it"
    assert refusal(pair).startswith(alone)
    monkeypatch.setattr("churn.model.pair.time.sleep", lambda s: pair.write_bytes(content))
    assert load_model(pair, patience_s=5).card


@pytest.mark.parametrize(
    ("first", "second"), [("model_C=0.1", "model_C=0.5"), ("model.bin", "model.pkl"), ("model.bin", "model")]
)
def test_the_card_of_another_model_in_the_same_place_is_not_overwritten(pair, tmp_path, first, second):
    first, second = tmp_path / "dir" / first, tmp_path / "dir" / second
    first.parent.mkdir()
    new = other_pair(pair)
    write_pair(first, *new)
    before = load_model(first).pair
    reason = f"{card_path(first)}: is the card of {first.name}, and would be that of {second.name}: take another name"
    for write in (check_place, lambda path: write_pair(path, *new)):
        with pytest.raises(ModelError) as error:
            write(second)
        assert str(error.value) == reason
    assert load_model(first).pair == before
    assert {path.name for path in first.parent.iterdir()} == {first.name, card_path(first).name}
    check_place(first)  # its own card may be replaced
    second.write_bytes(b"another model without a card")
    with pytest.raises(ModelError, match="is the card of"):
        check_place(second)
    first.unlink()
    check_place(second)  # the card of a missing model may be replaced too


def test_a_model_that_is_renamed_while_the_card_is_checked_is_not_taken_for_another(pair, monkeypatch):
    content = pair.read_bytes()
    pair.write_bytes(b"the old model")
    read_if_usable = pair_module._read_if_usable

    def read_and_rename(path):
        found = read_if_usable(path)
        pair.write_bytes(content)  # now the card's own model is in place
        return found

    monkeypatch.setattr(pair_module, "_read_if_usable", read_and_rename)
    check_place(pair)


@pytest.mark.parametrize("content", ["[]", '{"a": 1}', "no JSON", '{"model_sha256": 7}'])
def test_a_file_that_is_not_a_card_is_not_overwritten_by_the_card_of_a_new_model(tmp_path, pair, content):
    path = tmp_path / "customers.bin"
    card_path(path).write_text(content)
    with pytest.raises(ModelError, match=r"customers\.json: is not a card, and would be that of customers\.bin"):
        check_place(path)
    path.write_bytes(b"a model whose card is damaged")
    check_place(path)


@pytest.mark.parametrize("linked", ["both", "the model"])
@pytest.mark.parametrize("existing", [True, False])
def test_a_pair_is_written_to_the_targets_of_links_and_is_found_both_ways(pair, tmp_path, linked, existing):
    real, link = tmp_path / "releases" / "7.bin", tmp_path / "current" / "model.bin"
    for path in (real, link):
        path.parent.mkdir()
    link.symlink_to("../releases/7.bin")
    if linked == "both":
        card_path(link).symlink_to("../releases/7.json")
    new = other_pair(pair)
    if existing:
        pair.rename(real)
        card_path(pair).rename(card_path(real))
    write_pair(link, *new)
    assert link.is_symlink()
    assert card_path(link).is_symlink()
    for path in (link, real):
        model = load_model(path)
        assert model.sha256 == new[1].model_sha256
        assert model.card
    assert {path.name for path in real.parent.iterdir()} == {"7.bin", "7.json"}
    assert {path.name for path in link.parent.iterdir()} == {"model.bin", "model.json"}
    real.parent.parent.joinpath("current").rename(tmp_path / "moved")  # works as the links are relative
    assert load_model(tmp_path / "moved" / "model.bin").card


def test_a_reader_of_the_link_finds_the_old_card_after_a_crash(pair, tmp_path, monkeypatch):
    links = tmp_path / "links"
    links.mkdir()
    for path in (pair, card_path(pair)):
        (links / path.name).symlink_to(path)
    old = load_model(pair).sha256
    replace = type(pair).replace

    def crash_at_the_model(source, target):
        return 1 / 0 if target == pair else replace(source, target)

    monkeypatch.setattr(type(pair), "replace", crash_at_the_model)
    with pytest.raises(ZeroDivisionError):
        write_pair(links / pair.name, *other_pair(pair))
    assert json.loads(card_path(pair).read_text())["model_sha256"] != old
    for path in (pair, links / pair.name):
        assert load_model(path, patience_s=0).sha256 == old


def test_a_second_card_of_the_model_that_a_link_leads_to_is_refused(pair, tmp_path):
    link = tmp_path / "link.bin"
    link.symlink_to(pair)
    card_path(link).write_bytes(card_path(pair).read_bytes())
    assert load_model(link).card
    with pytest.raises(ModelError, match=r"model\.json: is the card of model\.bin: make .*link\.json a link to it"):
        check_place(link)


def test_a_model_file_that_leads_to_its_own_card_is_refused(tmp_path):
    (tmp_path / "model.bin").symlink_to("model.json")
    with pytest.raises(ModelError, match="would be its own card"):
        check_place(tmp_path / "model.bin")


def test_a_replaced_pair_keeps_its_modes_and_so_do_the_files_in_between(pair, monkeypatch):
    pair.chmod(0o604)
    card_path(pair).chmod(0o640)
    modes = {}
    replace = type(pair).replace

    def note(source, target):
        modes[target.name] = source.stat().st_mode & 0o777
        return replace(source, target)

    monkeypatch.setattr(type(pair), "replace", note)
    write_pair(pair, *other_pair(pair))
    assert modes["model.json.previous"] & ~0o640 == 0
    assert (modes["model.bin"], modes["model.json"]) == (0o604, 0o640)


def test_a_marker_for_a_model_without_a_card_is_valid_only_for_its_own_model(pair):
    card_path(pair).unlink()
    marker = {"model_sha256": hashlib.sha256(pair.read_bytes()).hexdigest(), "card": None}
    previous = pair.with_name("model.json.previous")
    previous.write_text(json.dumps(marker) + "\n")
    card_path(pair).write_text('{"model_sha256": "of a new model"}')
    assert load_model(pair, patience_s=0).card is None
    pair.write_bytes(pair.read_bytes() + b"\n")
    assert "is not the card of model.bin" in refusal(pair)


def test_a_card_that_is_given_as_the_model_file_is_refused_as_one(pair):
    assert refusal(card_path(pair)).endswith(
        "has the name of a card: give the model file next to it, or one that does not end with .json"
    )
