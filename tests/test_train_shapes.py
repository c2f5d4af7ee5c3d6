"""train.py on a table that curves and pairs of fields explain: the pair that it writes, and what follows from it."""

import json
import math
import pickle
import shutil
import signal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import train
from churn.model.file import Model, load_model
from churn.model.pair import card_path
from churn.signals import catch_endings
from churn.training import smoothness
from churn.training.fit import learn_contract, predict_churn
from churn.training.ladder import Ladder
from churn.training.rungs import Rung, learn_recipe
from churn.training.split import split_table
from churn.training.table import Table, read_table
from churn.training.wording import ladder_lines
from tests.simulated import make_customers

ROWS = 600


@pytest.fixture(scope="module")
def csv(tmp_path_factory) -> Path:
    """Customers who leave young and old, more often without an age, and where the plan does not suit the fee."""
    chance = np.random.default_rng(17)
    age, fee = chance.integers(18, 80, ROWS).astype(float), chance.gamma(2.0, 20.0, ROWS).round(2)
    plan, member = chance.choice(["basic", "plus", "pro"], ROWS), chance.integers(0, 2, ROWS)
    is_blank = chance.random(ROWS) < 0.12
    suits = (plan == "basic") == (fee < 35)
    log_odds = -0.5 + 0.004 * (age - 48) ** 2 - 2.0 * suits + 1.5 * is_blank
    table = pd.DataFrame({"age": np.where(is_blank, np.nan, age), "fee": fee, "plan": plan, "member": member})
    table["churn"] = np.where(chance.random(ROWS) < 1 / (1 + np.exp(-log_odds)), "yes", "no")
    path = tmp_path_factory.mktemp("table") / "shaped.csv"
    table.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def trained(csv) -> Model:
    """The pair that train.py writes for it, with curves and pairs of fields."""
    return run(csv, csv.with_name("model.bin"), "--shapes", "pairs")


@pytest.fixture(scope="module")
def table(csv) -> Table:
    return read_table(csv)


def run(csv: Path, output: Path, *options: str) -> Model:
    train.main([str(csv), "--folds", "2", "--output", str(output), *options])
    return load_model(output)


def records_of(table: Table) -> list[dict]:
    cells = table.customers.astype(object)
    return cells.where(cells.notna(), "").to_dict(orient="records")


def test_every_customer_of_the_table_is_scored_and_explained_as_scikit_learn_scores_it(trained, table):
    dv, model = pickle.loads(trained.pair.pickled)
    expected = predict_churn(table.customers, trained.scorer.contract, dv, model)
    records = records_of(table)
    assert trained.scorer.score_customers(records) == pytest.approx(expected, abs=1e-12)
    for record in records:
        explained = trained.explainer.explain(record)
        assert explained.log_odds == trained.scorer.log_odds(record)
        total = explained.baseline + math.fsum(reason.contribution for reason in explained.reasons)
        assert total == pytest.approx(explained.log_odds, abs=1e-12)


def test_the_customers_that_the_model_was_fitted_on_are_on_average_the_average_customer(trained, table):
    records = records_of(table)
    sums = dict.fromkeys(table.customers, 0.0)
    for row in split_table(table, folds=2).train:
        for reason in trained.explainer.explain(records[row]).reasons:
            sums[reason.field] += reason.contribution
    assert list(sums.values()) == pytest.approx([0.0] * 4, abs=1e-9)


def test_the_card_has_curves_pairs_shares_separate_blanks_and_the_rung_that_was_asked_for(trained):
    card = json.loads(card_path(trained.path).read_text(encoding="utf-8"))
    assert [curve["field"] for curve in card["curves"]] == ["age", "fee"]
    assert {"fee", "plan"} in [{pair["first"]["field"], pair["second"]["field"]} for pair in card["interactions"]]
    assert [sum(map(sum, shares)) for shares in card["shares"]] == pytest.approx([1.0] * len(card["interactions"]))
    assert card["contract"]["fields"][0]["blank"]["apart"] is True
    assert card["figures"]["shapes"] == {"rung": "pairs"}
    assert "" in {golden["customer"].get("age") for golden in card["golden"]}


def test_a_second_run_keeps_the_pair(trained, csv, capsys):
    before = [path.read_bytes() for path in (trained.path, card_path(trained.path))]
    run(csv, trained.path, "--shapes", "pairs")
    assert "are kept: the new ones are the same" in capsys.readouterr().out
    assert [path.read_bytes() for path in (trained.path, card_path(trained.path))] == before


def test_plain_columns_are_compared_with_a_shaped_model_in_place_and_do_not_replace_it_where_they_are_worse(
    trained, csv, capsys
):
    with pytest.raises(SystemExit) as ended:
        run(csv, trained.path, "--shapes", "none")
    assert ended.value.code == train.NOT_REPLACED
    printed = capsys.readouterr().out
    assert f"was {trained.card.figures['auc']:.3f}, on the same 120 test customers" in printed
    assert "contract: age: a finite number, 0 or more, or blank, a blank stands for" in printed
    assert load_model(trained.path).version == trained.version


def test_a_shaped_model_replaces_plain_columns_and_reports_that_blanks_have_their_own_weight(
    trained, csv, tmp_path, capsys
):
    plain = run(csv, tmp_path / "model.bin", "--shapes", "none")
    assert (plain.card.curves, plain.card.interactions, plain.card.shares) == ((), (), ())
    assert "shapes" not in plain.card.figures
    assert run(csv, tmp_path / "model.bin", "--shapes", "pairs").version == trained.version
    what = "a finite number, 0 or more, or blank, a blank is weighed by itself"
    assert f"contract: age: {what}; was a finite number, 0 or more, or blank" in capsys.readouterr().out


@pytest.fixture
def caught():
    """Catches the signals that end train.py, as train.py itself does."""
    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:  # else a signal that is ignored already would stay ignored
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    catch_endings(train.end_process)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("step", [1, 40])
def test_a_signal_in_the_middle_of_a_fit_of_shapes_ends_it_there_and_leaves_the_pair(
    trained, csv, tmp_path, monkeypatch, caught, number, step
):
    folder = tmp_path / "folder"
    folder.mkdir()
    before = {path.name: path.read_bytes() for path in (trained.path, card_path(trained.path))}
    for name in before:
        shutil.copy(trained.path.with_name(name), folder)
    steps, factorise = [], smoothness.cho_factor

    def interrupted(*arguments, **options):
        steps.append(arguments)
        if len(steps) == step:
            signal.raise_signal(number)
        return factorise(*arguments, **options)

    monkeypatch.setattr(smoothness, "cho_factor", interrupted)
    with pytest.raises((SystemExit, KeyboardInterrupt)) as ended:
        run(csv, folder / "model.bin", "--force")
    assert len(steps) == step
    assert ended.type is KeyboardInterrupt or ended.value.code == train.TERMINATED
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_card_has_the_comparison_that_chose_the_rung(csv, tmp_path, capsys):
    figures = run(csv, tmp_path / "model.bin").card.figures["shapes"]
    none, *_, shapes, pairs = figures["compared"]
    assert (figures["rung"], figures["rows"], figures["copies"]) == ("pairs", 480, 0)
    assert [rung["rung"] for rung in figures["compared"]] == list(Rung)
    assert "gain" not in none
    printed = capsys.readouterr().out
    assert f"shapes and pairs: log loss {pairs['log_loss']:.3f} instead of {none['log_loss']:.3f}" in printed
    assert pairs["gain"] == pytest.approx(none["log_loss"] - pairs["log_loss"], abs=1e-12)
    assert all(rung["gain"] > 2 * rung["standard_error"] > 0 for rung in (shapes, pairs))


def test_where_the_rows_together_show_no_pair_the_line_has_the_recipe_that_they_give():
    customers, y = make_customers("bend", 400)
    recipe = learn_recipe(Rung.SHAPES, customers, y, learn_contract(customers), beat=lambda: None)
    losses = {Rung.NONE: 0.5, Rung.SCALED: 0.49, Rung.SHAPES: 0.45, Rung.PAIRS: 0.41}
    assert list(ladder_lines(Ladder(Rung.PAIRS, losses), recipe)) == [
        "shapes: log loss 0.450 instead of 0.500",
        "no pair of fields adds anything clear: shapes",
    ]


def test_a_rung_whose_fit_fails_is_named_and_not_reported_as_too_little_ahead():
    losses = {Rung.NONE: 0.5, Rung.SCALED: 0.49, Rung.SHAPES: 0.45}
    assert list(ladder_lines(Ladder(Rung.NONE, losses, failed=(Rung.SHAPES, Rung.PAIRS)), None)) == [
        "left out, since a fit does not reach its optimum: shapes; shapes and pairs",
        "plain columns: log loss 0.500; no other recipe is better by more than chance explains: scaled columns 0.490",
    ]
    everything = Ladder(Rung.NONE, {Rung.NONE: 0.5}, failed=(Rung.SCALED, Rung.SHAPES, Rung.PAIRS))
    assert list(ladder_lines(everything, None))[1:] == ["plain columns: log loss 0.500"]


def test_the_pairs_of_a_model_are_printed_where_pairs_were_asked_for(csv):
    table = read_table(csv)
    contract = learn_contract(table.customers)
    recipe = learn_recipe(Rung.PAIRS, table.customers, table.y, contract, beat=lambda: None)
    assert list(ladder_lines(Ladder(Rung.PAIRS), recipe)) == ["shapes and one pair of fields: fee with plan"]
    member = table.customers[["member"]]
    alone = learn_recipe(Rung.PAIRS, member, table.y, learn_contract(member), beat=lambda: None)
    assert list(ladder_lines(Ladder(Rung.PAIRS), alone)) == ["no pair of fields adds anything clear: scaled columns"]
