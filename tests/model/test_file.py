"""The pair of model file and card: what is refused, and that no crash and no moment of a swap breaks it."""

import json
import os
import pickle
import subprocess
import sys
import threading

import pytest

from churn.errors import ModelError
from churn.model.card import encode_card
from churn.model.file import load_model, write_pair
from churn.model.pair import card_path
from churn.model.scoring import probability
from tests.customers import PROJECT, RAW_CUSTOMERS, sklearn_probabilities, spell_clean
from tests.pairs import ADDED_TO_CARD, edit_card, other_pair, refusal
from tests.shaped import make_sklearn


def test_a_pair_loads_with_its_card_and_version(pair):
    model = load_model(pair)
    assert model.card is not None
    assert model.sha256 == model.card.model_sha256
    assert model.version == model.sha256[:12]
    assert json.loads(model.describe()) == json.loads(card_path(pair).read_text()) | ADDED_TO_CARD


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
    assert set(json.loads(model.describe())) == {"model_sha256", "contract", *ADDED_TO_CARD}
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


def test_a_golden_customer_has_the_fields_of_the_first_one_that_it_leaves_out(pair):
    first, *others = json.loads(card_path(pair).read_text())["golden"]
    for golden in others:
        kept = {name: value for name, value in golden["customer"].items() if value != first["customer"][name]}
        golden["customer"] = kept
    assert len(others[1]["customer"]) < len(first["customer"])
    edit_card(pair, golden=[first, *others])
    assert load_model(pair).card.golden[2].customer == others[1]["customer"]
    edit_card(pair, golden=[first, others[0] | {"customer": {}}])
    assert "golden customer 1 is off" in refusal(pair)


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


@pytest.mark.slow
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


@pytest.mark.slow
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


TOO_MANY = range(20_000)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["within(a,0.0,9e9)", *(f"ramp(a,{cut}.0,{cut + 1}.0)" for cut in TOO_MANY)], "20,000 ramps"),
        (["a", "b", *(f'both("a>={cut}.0","b>={cut}.0")' for cut in TOO_MANY)], "400,040,001 cells"),
        (["a", *(f'both("a>=1.0","b{number}>=1.0")' for number in TOO_MANY)], "20,000 tables"),
        (["within(a\na,1.0,0.0)"], r"'a\na' can't be held within"),
        (["within(\ud800,1.0,0.0)"], "has a column whose name is no text"),
        (["within(" + "x" * 1_000_000 + ",1.0,0.0)"], "can't be used: 'xxx"),
        (["within(a,0.0,1.0)", "ramp(a,1e999,2.0)"], "not finite"),
    ],
    ids=["ramps", "cells", "tables", "line feeds", "surrogate", "long", "infinite"],
)
def test_column_names_that_would_be_much_work_or_no_model_are_refused_in_a_short_line(names, reason, tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(pickle.dumps(make_sklearn(dict.fromkeys(names, 0.5), 0.0), protocol=4))
    words = refusal(path)
    assert reason in words
    assert len(words) < 1_500
    words.encode()  # no lone surrogate: it can be printed
