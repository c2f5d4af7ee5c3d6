"""The card of a model file: its content, bytes that are refused as a card, and the seal that shows a change."""

import hashlib
import json
from collections.abc import Iterator

import pytest

from churn.errors import ModelError
from churn.model.card import encode_card
from churn.model.file import load_model
from churn.model.pair import card_path
from tests.customers import CLEAN_CUSTOMERS, PROJECT, sklearn_probabilities
from tests.pairs import edit_card, refusal


def test_the_shipped_card_is_complete(shipped):
    table = shipped.card.table
    assert (table["rows"], table["trained_on"]) == (7043, 5634)
    assert round(table["churn_rate"], 4) == 0.2654
    assert round(shipped.card.figures["auc"], 3) == 0.861


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\xff", "[" * 100_000])
def test_a_file_that_is_not_a_card_is_refused(pair, text):
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
def test_the_error_of_a_changed_card_has_the_remedy(pair, old, new):
    whole = card_path(pair).read_bytes()
    assert old in whole
    card_path(pair).write_bytes(whole.replace(old, new))
    advice = (
        "was changed after it was written: put it back, or make it again with train.py or adopt; "
        "a threshold is changed by CHURN_THRESHOLD, not in the card"
    )
    assert refusal(pair) == f"{card_path(pair)}: {advice}"


def test_a_seal_in_capital_digits_is_not_a_seal(pair):
    whole = card_path(pair).read_bytes()
    digits = json.loads(whole)["card_sha256"].encode()
    card_path(pair).write_bytes(whole.replace(digits, digits.upper()))
    assert "was changed" in refusal(pair)


def test_the_shipped_card_carries_the_sha256_of_its_bytes_with_these_digits_set_to_0(shipped):
    whole = card_path(shipped.path).read_bytes()
    first, digits = next(iter(json.loads(whole).items()))
    assert first == "card_sha256"
    assert hashlib.sha256(whole.replace(digits.encode(), b"0" * 64)).hexdigest() == digits


def test_a_seal_covers_the_bytes_whatever_their_layout(pair):
    members = json.loads(card_path(pair).read_text()) | {"card_sha256": "0" * 64, "a member of later": [1]}
    unsealed = b"  " + json.dumps(members, indent=1).encode()
    digest = hashlib.sha256(unsealed).hexdigest().encode()
    card_path(pair).write_bytes(unsealed.replace(b"0" * 64, digest))
    assert load_model(pair).card.card_sha256 == digest.decode()


@pytest.mark.parametrize("first", [True, False])
def test_a_card_from_before_there_were_seals_is_read_despite_unknown_members(pair, first):
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


@pytest.mark.parametrize("figures", ["[" + "[]," * 200_000 + "[]]", "[" + "1.5," * 1_500_000 + "1]"])
def test_a_card_that_is_small_to_write_and_huge_to_read_is_refused(pair, figures):
    edit_card(pair)
    text = card_path(pair).read_text()
    card_path(pair).write_text(text.replace('"training": {', f'"training": {{"a": {figures}, ', 1))
    with pytest.raises(ModelError, match="more objects, arrays or values than a card of any model"):
        load_model(pair)


def test_a_card_from_before_there_were_limits_and_groups_is_served_as_before():
    model = load_model(PROJECT / "tests" / "cards" / "before-limits.bin")
    contract = model.scorer.contract
    assert contract.groups == ()
    assert {(field.lowest, field.highest, field.missing) for field in contract.numbers} == {(None, None, ())}
    off = CLEAN_CUSTOMERS[0] | {"phoneservice": "no", "multiplelines": "no", "internetservice": "no", "tenure": 500.0}
    customers = [*CLEAN_CUSTOMERS[:100], off]
    expected = sklearn_probabilities(model.path, customers)
    assert model.scorer.score_customers(customers) == pytest.approx(expected, abs=1e-12)
    assert encode_card(model.card) == model.pair.card_json


def test_a_card_with_golden_customers_that_would_take_minutes_to_check_is_refused(pair):
    card = json.loads(card_path(pair).read_text())
    first = card["golden"][0]
    wide = first | {"customer": first["customer"] | {f"x{number}": 1.0 for number in range(2_000)}}
    edit_card(pair, golden=[wide] + [{"customer": {}, "probability": 0.5}] * 25_000)
    assert "more golden customers with so many fields than a card of any model" in refusal(pair)
