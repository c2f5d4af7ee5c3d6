"""The pair of model file and card: what is refused, and that no crash and no moment of a swap breaks it."""

import hashlib
import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from churn.errors import ModelError
from churn.model.file import card_path, encode_card, load_model, write_pair
from churn.model.scoring import probability
from tests.customers import PROJECT, RAW_CUSTOMERS, sklearn_probabilities, spell_clean
from tests.pairs import edit_card, other_pair, refusal


def test_a_pair_loads_with_its_card_and_version(pair):
    model = load_model(pair)
    assert model.card is not None
    assert model.sha256 == model.card.model_sha256
    assert model.version == model.sha256[:12]
    classes = {"classes": [0, 1], "positive_class": 1}
    assert json.loads(model.describe()) == json.loads(card_path(pair).read_text()) | classes


def test_the_shipped_card_is_complete(shipped):
    table = shipped.card.table
    assert (table["rows"], table["trained_on"]) == (7043, 5634)
    assert round(table["churn_rate"], 4) == 0.2654
    assert round(shipped.card.figures["auc"], 3) == 0.861


def test_golden_customers_touch_every_weight_and_are_scikit_learns(shipped):
    dv, _ = pickle.loads(shipped.path.read_bytes())
    goldens = shipped.card.golden
    reached = set()
    for golden in goldens:
        for name, value in golden.customer.items():
            column = f"{name}={value}" if isinstance(value, str) else name
            reached |= {column, f"log1p({name})"} if value else set()
    assert set(dv.vocabulary_) <= reached
    expected = sklearn_probabilities(shipped.path, [dict(golden.customer) for golden in goldens])
    assert [golden.probability for golden in goldens] == pytest.approx(list(expected), abs=1e-15)


def test_a_file_without_a_card_is_served_by_its_column_names(pair):
    with_card = load_model(pair).scorer
    card_path(pair).unlink()
    model = load_model(pair)
    assert model.card is None
    assert set(json.loads(model.describe())) == {"model_sha256", "contract", "classes", "positive_class"}
    customer = spell_clean(RAW_CUSTOMERS[0])
    assert model.scorer.log_odds(customer) == pytest.approx(with_card.log_odds(customer), abs=1e-12)


def test_a_card_without_the_average_customer_is_served_and_explains_against_zero(pair):
    assert load_model(pair).explainer.against_average
    edit_card(pair, average=None)  # as cards were before there were reasons
    assert not load_model(pair).explainer.against_average


def test_a_missing_file_a_folder_and_an_unreadable_card_are_refused(pair, tmp_path):
    assert "No such file" in refusal(tmp_path / "nowhere.bin")
    assert "directory" in refusal(tmp_path)
    card_path(pair).unlink()
    card_path(pair).mkdir()
    assert "can't be read" in refusal(pair)


def test_a_card_of_another_file_is_refused(pair):
    edit_card(pair, model_sha256="0" * 64)
    assert "is not the card of model.bin" in refusal(pair)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\xff", "[" * 100_000])
def test_a_card_that_is_no_card_is_refused(pair, text):
    card_path(pair).write_text(text, encoding="latin-1")
    assert str(card_path(pair)) in refusal(pair)


def flips(card_json: bytes) -> Iterator[bytes]:
    """The card with a digit or a letter changed in each of its members, and with every 97th byte changed."""
    card = json.loads(card_json)
    for member in card:
        start = card_json.index(f'"{member}"'.encode()) + len(member) + 3
        place = next(at for at in range(start, len(card_json)) if chr(card_json[at]).isalnum())
        changed = b"1" if card_json[place : place + 1] != b"1" else b"2"
        yield card_json[:place] + changed + card_json[place + 1 :]
    for place in range(0, len(card_json), 97):
        yield card_json[:place] + bytes([card_json[place] ^ 1]) + card_json[place + 1 :]


def test_a_card_that_was_changed_anywhere_is_refused(shipped, tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(shipped.pair.pickled)
    changes = list(flips(shipped.pair.card_json))
    assert len(changes) > 100
    for changed in changes:
        card_path(path).write_bytes(changed)
        assert refusal(path).startswith(f"{card_path(path)}: ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"average": {', b'"average": { '),
        (b'"threshold": 0.5', b'"threshold": 0.05'),
        (b'"model_sha256": "', b'"model_sha256": "0'),
        (b"\n", b"\r\n"),
        (b"}\n", b"}"),
        (b'{\n  "card_sha256"', b'{\n  "note": "moved", "card_sha256"'),
        (b'"card_sha256"', b'"card\\u005fsha256"'),
        (b'"card_sha256": "', b'"card_sha256": "0'),
        (b'"card_sha256": "', b'"card_sha256": null, "other": "'),
    ],
)
def test_the_error_of_a_changed_card_says_what_to_do(pair, old, new):
    whole = card_path(pair).read_bytes()
    assert old in whole
    card_path(pair).write_bytes(whole.replace(old, new))
    advice = (
        "was changed after train.py wrote it: put it back, or retrain; "
        "a threshold is changed by CHURN_THRESHOLD, not in the card"
    )
    assert refusal(pair) == f"{card_path(pair)}: {advice}"


def test_digits_of_a_seal_in_capitals_are_no_seal(pair):
    whole = card_path(pair).read_bytes()
    digits = json.loads(whole)["card_sha256"].encode()
    card_path(pair).write_bytes(whole.replace(digits, digits.upper()))
    assert "was changed" in refusal(pair)


def test_the_shipped_card_carries_the_sha256_of_its_bytes_with_these_digits_set_to_0(shipped):
    whole = card_path(shipped.path).read_bytes()
    first, digits = next(iter(json.loads(whole).items()))
    assert first == "card_sha256"
    assert hashlib.sha256(whole.replace(digits.encode(), b"0" * 64)).hexdigest() == digits


def test_a_seal_is_of_the_bytes_whatever_their_layout(pair):
    members = json.loads(card_path(pair).read_text()) | {"card_sha256": "0" * 64, "a member of later": [1]}
    unsealed = b"  " + json.dumps(members, indent=1).encode()
    digest = hashlib.sha256(unsealed).hexdigest().encode()
    card_path(pair).write_bytes(unsealed.replace(b"0" * 64, digest))
    assert load_model(pair).card.card_sha256 == digest.decode()


@pytest.mark.parametrize("first", [True, False])
def test_a_card_of_before_there_were_seals_is_read_with_members_that_nobody_knows(pair, first):
    edit_card(pair, threshold=0.25)
    card = json.loads(card_path(pair).read_text())
    unknown = {"card_sha512": "f" * 64}
    card_path(pair).write_text(json.dumps(unknown | card if first else card | unknown))
    model = load_model(pair)
    assert (model.threshold, model.card.card_sha256) == (0.25, None)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("contract", {"fields": []}),
        ("contract", {"fields": [{"kind": "moon", "name": "a"}]}),
        ("contract", None),
        ("threshold", 2),
        ("golden", []),
        ("golden", [{"customer": {}, "probability": 0.5}]),
        ("target", 7),
        ("average", {}),
        ("average", {"gender=female": "half"}),
    ],
)
def test_a_card_with_a_wrong_member_is_refused(pair, member, value):
    edit_card(pair, **{member: value})
    assert str(card_path(pair)) in refusal(pair)


def test_golden_customers_that_do_not_reproduce_are_refused(pair):
    golden = json.loads(card_path(pair).read_text())["golden"]
    golden[1]["probability"] += 2e-9
    edit_card(pair, golden=golden)
    assert "golden customer 1 is off by 2.0e-09" in refusal(pair)


def test_a_contract_that_the_weights_do_not_fit_is_refused(pair):
    contract = json.loads(card_path(pair).read_text())["contract"]
    contract["fields"][0]["categories"].append("unheard_of")
    edit_card(pair, contract=contract)
    assert "no weight for 'gender=unheard_of'" in refusal(pair)


def test_a_rename_under_way_is_waited_for(pair):
    card_json = card_path(pair).read_text()
    edit_card(pair, model_sha256="0" * 64)
    finish = threading.Timer(0.2, card_path(pair).write_text, [card_json])
    finish.start()
    assert load_model(pair).card is not None
    finish.join()


def test_writing_a_pair_replaces_both_and_leaves_nothing_beside_them(pair):
    pickled, card = other_pair(pair)
    write_pair(pair, pickled, card)
    assert load_model(pair).sha256 == card.model_sha256
    assert sorted(path.name for path in pair.parent.iterdir()) == ["model.bin", "model.json"]


def test_a_pair_that_can_not_be_written_leaves_the_old_one(pair, monkeypatch):
    before = load_model(pair).sha256

    def full_disk(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_pair(pair, *other_pair(pair))
    assert load_model(pair).sha256 == before
    assert sorted(path.name for path in pair.parent.iterdir()) == ["model.bin", "model.json"]


CRASH = """
import os, pathlib, sys
from churn.model.pair import put_pair

path, crash_at, model, card = pathlib.Path(sys.argv[1]), int(sys.argv[2]), *map(pathlib.Path, sys.argv[3:])
new = model.read_bytes(), card.read_bytes()
steps = 0

def counted(step):
    def run(*args, **kwargs):
        global steps
        steps += 1
        if steps == crash_at:
            os._exit(9)
        return step(*args, **kwargs)
    return run

os.fsync = counted(os.fsync)
pathlib.Path.replace = counted(pathlib.Path.replace)
pathlib.Path.unlink = counted(pathlib.Path.unlink)
put_pair(path, *new)
"""


@pytest.mark.parametrize("before", ["a pair", "a model without a card", "nothing"])
def test_a_crash_at_any_step_of_writing_leaves_what_was_there_or_the_new_pair_and_can_be_repeated(
    pair, small_pair, tmp_path, before
):
    pickled, card = other_pair(small_pair)
    new = [tmp_path / "new" / name for name in ("model", "card")]
    new[0].parent.mkdir()
    for path, content in zip(new, (pickled, encode_card(card)), strict=True):
        path.write_bytes(content)

    def start_over():
        for path in pair.parent.glob("*model.*"):
            path.unlink()
        if before != "nothing":
            pair.write_bytes(small_pair.read_bytes())
        if before == "a pair":
            card_path(pair).write_bytes(card_path(small_pair).read_bytes())

    def what_is_served() -> str:
        try:
            model = load_model(pair, patience_s=0)
        except ModelError:
            return "nothing"
        if model.sha256 == card.model_sha256:
            return "the new pair" if model.card else "the new model without its card"
        return "a pair" if model.card else "a model without a card"

    seen = []
    for crash_at in range(1, 50):
        start_over()
        command = [sys.executable, "-c", CRASH, str(pair), str(crash_at), *map(str, new)]
        finished = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
        seen.append(what_is_served())
        if finished.returncode == 0:
            break
        assert finished.returncode == 9, finished.stderr
        write_pair(pair, pickled, card)  # the next run after a crash works
        assert what_is_served() == "the new pair"
    assert finished.returncode == 0
    assert crash_at > 6
    assert set(seen) == {before, "the new pair"}


def test_two_crashes_in_a_row_leave_a_pair_that_loads(pair, small_pair):
    old = load_model(pair).sha256
    replace, renamed = type(pair).replace, []

    def crash_after_the_card(source, target):
        if renamed and renamed[-1] == card_path(pair):
            return 1 / 0
        renamed.append(target)
        return replace(source, target)

    for _ in range(2):
        renamed.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(pair), "replace", crash_after_the_card)
            with pytest.raises(ZeroDivisionError):
                write_pair(pair, *other_pair(small_pair))
        assert load_model(pair, patience_s=0).sha256 == old


def test_a_model_without_a_card_is_replaced_so_that_a_crash_leaves_one_that_loads(pair, small_pair, monkeypatch):
    card_path(pair).unlink()
    replace = type(pair).replace

    def crash_at_the_card(source, target):
        return replace(source, target) if target == pair else 1 / 0

    monkeypatch.setattr(type(pair), "replace", crash_at_the_card)
    with pytest.raises(ZeroDivisionError):
        write_pair(pair, *other_pair(small_pair))
    assert load_model(pair, patience_s=0).card is None


def test_a_reader_never_sees_a_broken_pair_while_it_is_replaced_over_and_over(pair):
    card = load_model(pair).card
    pairs = [(pair.read_bytes(), card), other_pair(pair)]
    seen = set()
    done = threading.Event()

    def read():
        while not done.is_set():
            model = load_model(pair)
            assert model.card is not None
            seen.add(model.sha256)

    failures = []
    threading.excepthook, hook = lambda args: failures.append(args.exc_value), threading.excepthook
    try:
        reader = threading.Thread(target=read)
        reader.start()
        for turn in range(200):
            write_pair(pair, *pairs[turn % 2])
        done.set()
        reader.join()
    finally:
        threading.excepthook = hook
    assert not failures
    assert len(seen) == 2


def test_probabilities_survive_saving_and_loading(pair):
    customers = [spell_clean(raw) for raw in RAW_CUSTOMERS[:50]]
    scorer = load_model(pair).scorer
    answers = [probability(scorer.log_odds(customer)) for customer in customers]
    assert answers == pytest.approx(list(sklearn_probabilities(pair, customers)), abs=1e-12)


@pytest.mark.parametrize("figures", ["[" + "[]," * 200_000 + "[]]", "[" + "1.5," * 1_500_000 + "1]"])
def test_a_card_that_is_small_to_write_and_huge_to_read_is_refused(pair, figures):
    edit_card(pair)
    text = card_path(pair).read_text()
    card_path(pair).write_text(text.replace('"training": {', f'"training": {{"a": {figures}, ', 1))
    with pytest.raises(ModelError, match="more objects, arrays or values than a card of any model"):
        load_model(pair)
