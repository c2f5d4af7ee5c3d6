"""When a new model is the same as the one in place: the card's members and the weights decide, bytes do not."""

import json
import pickle

import pytest

from churn.model.pair import Pair, card_path
from churn.model.seal import UNSEALED, seal
from churn.training.same import is_same_model


@pytest.fixture
def old(pair) -> Pair:
    return Pair(pair.read_bytes(), card_path(pair).read_bytes())


def sealed(card: dict) -> bytes:
    return seal(json.dumps(card | {"card_sha256": UNSEALED}).encode())


def change(pair: Pair, *place, by) -> Pair:
    """The pair with one value of its card replaced by the result of `by` on it."""
    card = json.loads(pair.card_json)
    *above, last = place
    member = card
    for name in above:
        member = member[name]
    member[last] = by(member[last])
    return pair._replace(card_json=sealed(card))


def paths(value, place=()):
    """The path to each single value of a JSON document."""
    if isinstance(value, dict | list):
        for name, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(member, (*place, name))
    else:
        yield place, value


def another(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value + 1e-6 * max(1, abs(value))
    return "another" if value is None else f"{value}x"


def test_a_pair_is_the_same_with_other_digests_and_last_digits(old, tmp_path):
    assert is_same_model(tmp_path, old, old)
    assert is_same_model(tmp_path, old, change(old, "model_sha256", by=lambda digest: "0" * 64))
    nearly = json.loads(old.card_json)
    nearly["figures"] = {
        name: figure + 1e-12 if isinstance(figure, float) else figure for name, figure in nearly["figures"].items()
    }
    nearly["average"] = {name: mean * (1 + 1e-12) for name, mean in nearly["average"].items()}
    assert is_same_model(tmp_path, old, old._replace(card_json=sealed(nearly)))


def test_any_other_value_of_any_member_makes_it_another_model(old, tmp_path):
    card = json.loads(old.card_json)
    places = [place for place, _ in paths(card) if place[0] not in ("model_sha256", "card_sha256")]
    places.remove(("training", "python"))
    assert {place[0] for place in places} == set(card) - {"model_sha256", "card_sha256"}
    for place in places:
        assert not is_same_model(tmp_path, old, change(old, *place, by=another)), place


def test_a_member_more_or_less_makes_it_another_model(old, tmp_path):
    card = json.loads(old.card_json)
    for name in set(card) - {"card_sha256"}:
        less = {other: value for other, value in card.items() if other != name}
        if name != "model_sha256":
            assert not is_same_model(tmp_path, old, old._replace(card_json=sealed(less))), name
    assert not is_same_model(tmp_path, old._replace(card_json=sealed(card | {"event": "convert"})), old)
    assert not is_same_model(tmp_path, old, change(old, "figures", "folds", by=lambda folds: [*folds, 0.5]))
    assert not is_same_model(tmp_path, old, change(old, "golden", by=lambda goldens: goldens[:-1]))


@pytest.mark.parametrize(("version", "same"), [("3.11.99", True), ("3.12.0", False), ("4.11.2", False)])
def test_the_patch_release_of_python_does_not_count(old, tmp_path, version, same):
    old = change(old, "training", "python", by=lambda _: "3.11.2")
    assert is_same_model(tmp_path, old, change(old, "training", "python", by=lambda _: version)) == same


@pytest.mark.parametrize("library", ["scikit-learn", "numpy"])
def test_another_version_of_a_library_makes_it_another_model(old, tmp_path, library):
    assert not is_same_model(tmp_path, old, change(old, "training", library, by=lambda version: f"{version}.1"))


@pytest.mark.parametrize(("step", "same"), [(1e-12, True), (1e-7, False)])
def test_the_weights_are_compared_not_their_bytes(old, tmp_path, step, same):
    dv, model = pickle.loads(old.pickled)
    model.coef_[0, 3] += step
    assert is_same_model(tmp_path, old, old._replace(pickled=pickle.dumps((dv, model), protocol=4))) == same


def test_a_pair_without_a_card_or_with_a_changed_or_broken_one_is_another_model(old, tmp_path):
    assert not is_same_model(tmp_path, old._replace(card_json=None), old)
    edited = old.card_json.replace(b'"threshold": 0.5', b'"threshold": 0.50000000001')
    assert edited != old.card_json
    assert not is_same_model(tmp_path, old._replace(card_json=edited), old)
    assert not is_same_model(tmp_path, old._replace(card_json=b"{"), old)
    assert not is_same_model(tmp_path, old._replace(pickled=b"cut off"), old)
