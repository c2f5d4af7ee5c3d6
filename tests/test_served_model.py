"""Swapping: a good pair is taken, a bad one is not, and a worker born in a bad moment serves the newest good one."""

import pytest
from conftest import GOOD, edit_card
from test_model_file import other_pair

from churn.errors import ModelError
from churn.model_file import card_path, load_model, write_pair
from churn.served_model import ServedModel
from predict import create_app


@pytest.fixture
def served(pair, tmp_path) -> ServedModel:
    return ServedModel(pair, kept=tmp_path / "kept")


def test_a_new_pair_is_swapped_in_once(served, pair):
    assert served.check() is None
    write_pair(pair, *other_pair(pair))
    assert served.check() == "swapped"
    assert served.current.sha256 == load_model(pair).sha256
    assert served.check() is None


@pytest.mark.parametrize("damage", ["rubbish", "no card", "a card with another threshold and a bad golden", "gone"])
def test_a_bad_pair_is_refused_once_and_the_old_one_goes_on(served, pair, damage, monkeypatch, caplog):
    monkeypatch.setattr("churn.model_file._PAIRING_S", 0.0)
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


def test_a_good_pair_after_a_bad_one_is_taken(served, pair):
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
    assert create_app(served).test_client().post("/predict", json=GOOD).json["churn"] is True


def test_a_worker_born_while_the_file_is_bad_starts_from_the_newest_verified_pair(pair, tmp_path):
    kept = tmp_path / "kept"
    newborn = ServedModel(pair, kept=kept)  # as forked from a master that loaded the first pair
    older = ServedModel(pair, kept=kept)
    write_pair(pair, *other_pair(pair))
    older.check()
    pair.write_bytes(b"rubbish")
    newborn.restore()
    assert newborn.current.sha256 == older.current.sha256


def test_a_kept_pair_that_is_older_or_damaged_is_not_taken(pair, tmp_path):
    kept = tmp_path / "kept"
    first = ServedModel(pair, kept=kept)
    write_pair(pair, *other_pair(pair))
    first.check()
    write_pair(pair, *other_pair(pair))
    latest = ServedModel(pair, kept=kept)
    sha256 = latest.current.sha256
    latest.restore()
    assert latest.current.sha256 == sha256
    kept.write_bytes(b"rubbish")
    latest.restore()
    assert latest.current.sha256 == sha256


def test_a_slow_worker_does_not_replace_a_newer_kept_pair(pair, tmp_path):
    kept = tmp_path / "kept"
    slow, quick = ServedModel(pair, kept=kept), ServedModel(pair, kept=kept)
    write_pair(pair, *other_pair(pair))
    slow.check()
    write_pair(pair, *other_pair(pair))
    quick.check()
    slow._keep(slow.current)
    newborn = ServedModel(pair, kept=kept)
    newborn._looked_ns = 0
    newborn.restore()
    assert newborn.current.sha256 == quick.current.sha256


def test_a_rollback_by_symlink_is_a_change_and_is_what_a_newborn_worker_starts_from(pair, small_pair, tmp_path):
    import shutil

    link = tmp_path / "current.bin"
    old, new = tmp_path / "old.bin", tmp_path / "new.bin"
    for path in (old, new):
        shutil.copy(pair, path)
        shutil.copy(card_path(pair), card_path(path))
    write_pair(new, *other_pair(pair))

    def point_to(path) -> None:
        for one, target in ((card_path(link), card_path(path)), (link, path)):
            one.unlink(missing_ok=True)
            one.symlink_to(target)

    point_to(new)
    newborn, sibling = (ServedModel(link, kept=tmp_path / "kept") for _ in range(2))
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
    newborn = ServedModel(pair, kept=tmp_path / "kept")
    assert newborn.current.sha256 == served.current.sha256


@pytest.mark.parametrize("customers", [GOOD, [GOOD] * 3])
def test_a_swap_in_the_middle_of_a_request_does_not_touch_its_answer(served, pair, customers, monkeypatch):
    before = served.current
    client = create_app(served).test_client()
    expected = client.post("/predict", json=customers).json
    log_odds = type(before.scorer).log_odds

    new = other_pair(pair)

    def swap_and_score(scorer, customer, **kwargs):
        monkeypatch.undo()  # once is enough, and verifying the new pair scores, too
        write_pair(pair, *new)
        served.check()
        return log_odds(scorer, customer, **kwargs)

    monkeypatch.setattr(type(before.scorer), "log_odds", swap_and_score)
    response = client.post("/predict", json=customers)
    assert served.current is not before
    assert response.headers["X-Model-Version"] == before.version
    assert response.json == expected


def test_a_file_that_can_not_be_served_does_not_start(tmp_path):
    with pytest.raises(ModelError):
        ServedModel(tmp_path / "none.bin")
