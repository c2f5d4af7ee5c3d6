"""A card whose curves, pairs of fields, shares or counts are not its model's is refused as a damaged one."""

import json

import pytest

from churn.model.file import load_model
from churn.model.pair import card_path
from tests.pairs import ADDED_TO_CARD, edit_card, refusal
from tests.shaped import write_shaped


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return write_shaped(tmp_path_factory.mktemp("shaped") / "model.bin")


@pytest.fixture
def path(written, tmp_path):
    copy = tmp_path / "model.bin"
    copy.write_bytes(written.read_bytes())
    card_path(copy).write_bytes(card_path(written).read_bytes())
    return copy


def read_card(path) -> dict:
    return json.loads(card_path(path).read_text(encoding="utf-8"))


def test_a_card_of_its_model_is_taken_also_where_its_numbers_are_rounded(path):
    model = load_model(path)
    assert model.card.curves == tuple(model.scorer.curves)
    assert model.card.interactions == tuple(model.scorer.interactions)
    curves = json.loads(json.dumps(read_card(path)["curves"]), parse_float=lambda text: float(f"{float(text):.12g}"))
    edit_card(path, curves=curves)
    load_model(path)


def test_a_card_without_shares_and_average_is_taken_and_reasons_are_against_zero(path):
    edit_card(path, shares=[], average=None)
    explainer = load_model(path).explainer
    assert not explainer.against_average
    assert [pure.mean for pure in explainer.purified] == [0.0] * 3


def test_an_average_customer_without_the_shares_of_pairs_is_refused(path):
    edit_card(path, shares=[])
    assert "an average customer, but no shares" in refusal(path)


@pytest.mark.parametrize("member", ["curves", "interactions"])
def test_a_card_without_its_models_shapes_is_refused(path, member):
    edit_card(path, **{member: []})
    assert f"its {member} are not those of the model's weights" in refusal(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda curves: curves.reverse(),
        lambda curves: curves.append(curves[0]),
        lambda curves: curves[0].update(field="charges"),
        lambda curves: curves[0]["knots"].__setitem__(1, 3.000001),
        lambda curves: curves[0]["pieces"][2].__setitem__(2, 0.25),
        lambda curves: curves[0]["pieces"].pop(),
        lambda curves: curves[0].update(blank=0.0),
        lambda curves: curves[1].pop("blank"),
        lambda curves: curves[1].update(blank=curves[1]["blank"] + 1e-6),
    ],
)
def test_a_card_with_other_curves_is_refused(path, change):
    curves = read_card(path)["curves"]
    change(curves)
    edit_card(path, curves=curves)
    assert "its curves are not those of the model's weights" in refusal(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda tables: tables[0]["log_odds"][0].__setitem__(0, 0.01),
        lambda tables: tables[0]["log_odds"].pop(),
        lambda tables: tables[0]["first"].update(categories=["two_year", "monthly"]),
        lambda tables: tables[0]["second"].update(cuts=[6.0, 12.0, 24.1]),
        lambda tables: tables[0].update(first=tables[0]["second"], second=tables[0]["first"]),
    ],
)
def test_a_card_with_other_tables_is_refused(path, change):
    tables = read_card(path)["interactions"]
    change(tables)
    edit_card(path, interactions=tables)
    assert "its interactions are not those of the model's weights" in refusal(path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda shares: shares.pop(), "not of the model's interactions"),
        (lambda shares: shares[0].pop(), "shape"),
        (lambda shares: shares[0][1].append(0.0), "shape"),
        (lambda shares: shares.reverse(), "shape"),
        (lambda shares: shares[0][0].__setitem__(0, shares[0][0][0] + 1e-6), "add up to 1"),
        (lambda shares: shares[0].__setitem__(0, [sum(shares[0][0]) + 0.1, -0.1, 0.0, 0.0]), "negative"),
        (lambda shares: shares[0].__setitem__(0, [1e308, 1e308, 0.1, 0.1]), "add up to 1"),
        (lambda shares: shares[0].insert(0, shares[0].pop()), "not those of its average"),
        (lambda shares: [row.reverse() for row in shares[1]], "not those of its average"),
    ],
)
def test_a_card_with_other_shares_is_refused(path, change, reason):
    shares = read_card(path)["shares"]
    change(shares)
    edit_card(path, shares=shares)
    assert reason in refusal(path)


def test_shares_without_the_average_of_the_columns_are_refused(path):
    edit_card(path, average=None)
    assert "without the average" in refusal(path)


@pytest.mark.parametrize("member", ["curves", "interactions", "shares"])
@pytest.mark.parametrize("value", [None, {}, [1], [[[["a"]]]], [{"field": "a"}], "x"])
def test_what_can_not_be_read_is_refused(path, member, value):
    edit_card(path, **{member: value})
    assert "can't be used" in refusal(path)


def test_a_model_without_shapes_has_none_in_its_card(pair):
    model = load_model(pair)
    assert not {"curves", "interactions", "shares"} & json.loads(model.describe()).keys()
    curve = {"field": "tenure", "knots": [0.0], "pieces": [[0.0, 0.0, 0.0, 0.0]]}
    edit_card(pair, curves=[curve])
    assert "its curves are not those" in refusal(pair)


def test_the_card_is_described_with_its_shapes(path):
    described = json.loads(load_model(path).describe())
    assert described == read_card(path) | ADDED_TO_CARD
    number = next(field for field in described["contract"]["fields"] if field["name"] == "charges")
    assert number["blank"] == {"value": 65.0, "apart": True}


def change_counts(path, change) -> None:
    counts = read_card(path)["counts"]
    change(counts)
    edit_card(path, counts=counts)


def test_a_card_with_the_counts_of_its_training_is_taken_and_one_of_before_has_none(pair):
    card = load_model(pair).card
    assert card.counts.fields.keys() == {field.name for field in card.contract.fields}
    assert json.loads(load_model(pair).describe())["counts"] == read_card(pair)["counts"]
    change_counts(pair, lambda counts: None)
    assert load_model(pair).card.counts == card.counts
    edit_card(pair)
    model = load_model(pair)
    assert model.card.counts is None
    assert "counts" not in json.loads(model.describe())


def test_a_card_without_a_test_part_has_counts_of_the_fields_alone(pair):
    change_counts(pair, lambda counts: (counts.pop("probabilities"), counts.pop("tested")))
    assert load_model(pair).card.counts.tested is None


def move(counts: list[int], *, by: int = 1) -> None:
    """Counts a customer at another place, or where one is not there below 0."""
    counts[0] += by
    counts[1] -= by


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda counts: counts["fields"].pop("contract"), "not of its contract's fields"),
        (lambda counts: counts["folds_distance"].pop("contract"), "not of its contract's fields"),
        (lambda counts: counts["folds_distance"].update(moon=0.1), "not of its contract's fields"),
        (lambda counts: counts["edges"].pop("tenure"), "not of its contract's fields"),
        (lambda counts: counts["edges"].update(contract=[]), "not of its contract's fields"),
        (lambda counts: counts["edges"]["tenure"].reverse(), "its edges of 'tenure' do not rise"),
        (lambda counts: counts["edges"]["tenure"].insert(1, counts["edges"]["tenure"][0]), "'tenure' do not rise"),
        (lambda counts: counts["edges"]["tenure"].append(1000.0), "'tenure' do not rise, or leave"),
        (lambda counts: counts["edges"]["tenure"].insert(0, -1.0), "'tenure' do not rise, or leave"),
        (lambda counts: counts["edges"]["tenure"].pop(), "its counts of 'tenure' are not of its"),
        (lambda counts: counts["fields"]["contract"].append(0), "its counts of 'contract' are not of its 3 bins"),
        (lambda counts: move(counts["fields"]["gender"], by=1000), "its counts of 'gender' are not of its 2 bins"),
        (lambda counts: counts["fields"]["gender"].__setitem__(0, 0), "do not add up to as many rows for each"),
        (lambda counts: counts["probabilities"].append(0), "not of the 102 bins of its threshold"),
        (lambda counts: move(counts["probabilities"]), "not of the 102 bins of its threshold"),
        (
            lambda counts: counts["probabilities"].__setitem__(0, 7),
            "do not add up to the customers that it is tested on",
        ),
        (lambda counts: counts.pop("tested"), "without its figures"),
        (lambda counts: counts.pop("probabilities"), "without its figures"),
        (lambda counts: counts.update(campaign={"value": 1, "offer": 2, "contact": 1, "accept": 0.3}), "ever pays"),
    ],
)
def test_a_card_whose_counts_do_not_fit_is_refused(pair, change, reason):
    change_counts(pair, change)
    assert reason in refusal(pair)


def test_probabilities_are_counted_in_the_bins_of_the_cards_own_threshold(pair):
    edit_card(pair, counts=read_card(pair)["counts"], threshold=0.3)
    assert "its counts of probabilities are not of the 103 bins of its threshold" in refusal(pair)
