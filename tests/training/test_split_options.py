"""The options for the split and the penalty, through train.py: the files, the output, and the refusals."""

import json
import re

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

import train
from churn.model.file import load_model
from churn.model.pair import card_path
from churn.training.split_options import read_penalties

pytestmark = pytest.mark.slow


@pytest.fixture
def csv(tmp_path, monkeypatch):
    """A table of 400 customers, two for each day, in no order; its folder is the current one."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    days = np.datetime64("2023-01-01") + rng.permutation(np.repeat(np.arange(200), 2))
    uses = rng.normal(size=400)
    left = rng.random(400) < 1 / (1 + np.exp(-uses))
    rows = [f"{day},{use:.3f},{'yes' if gone else 'no'}" for day, use, gone in zip(days, uses, left, strict=True)]
    (tmp_path / "t.csv").write_text("Joined,use,churn\n" + "\n".join(rows) + "\n")
    return tmp_path / "t.csv"


def run(capsys, *options) -> str:
    capsys.readouterr()
    train.main(["t.csv", "--folds", "3", "--output", "m.bin", *options])
    return capsys.readouterr().out


def test_in_time_the_card_and_the_output_describe_the_split(csv, capsys):
    said = run(capsys, "--time", "joined")
    line = "split in time by joined: trained on 2023-01-01 to 2023-06-09, tested on the newest 20 % of the rows, "
    assert f"{line}2023-06-10 to 2023-07-19\n" in said
    assert "left out joined: it orders the rows in time\n" in said
    card = load_model(csv.with_name("m.bin")).card
    split = {"kind": "time", "column": "joined", "test_share": 0.2, "test_from": "2023-06-10"}
    assert (card.table["split"], card.table["trained_on"], card.figures["tested_on"]) == (split, 320, 80)
    assert [field.name for field in card.contract.fields] == ["use"]


def test_rows_without_a_time_are_counted_in_the_output_and_the_card(csv, capsys):
    csv.write_text(re.sub(r"^2023-03-\d\d,", ",", csv.read_text(), count=20, flags=re.MULTILINE))
    assert "left out 20 rows without a time in joined\n" in run(capsys, "--time", "joined")
    table = load_model(csv.with_name("m.bin")).card.table
    assert (table["rows"], table["untimed"]) == (380, 20)


def test_by_chance_the_seed_and_the_share_are_kept_in_the_card(csv, capsys):
    csv.write_text(re.sub(r"^[^,]*,", "", csv.read_text(), flags=re.MULTILINE))
    run(capsys, "--seed", "7", "--test-share", "0.3")
    card = load_model(csv.with_name("m.bin")).card
    assert card.table["split"] == {"kind": "random", "seed": 7, "test_share": 0.3}
    train_rows, test_rows = train_test_split(np.arange(400), test_size=0.3, random_state=7)
    assert (card.table["trained_on"], card.figures["tested_on"]) == (len(train_rows), len(test_rows))
    uses = np.array([float(line.split(",")[0]) for line in csv.read_text().splitlines()[1:]])
    assert card.average["use"] == pytest.approx(uses[train_rows].mean())


def test_of_several_C_the_chosen_one_names_the_file_and_its_folds_are_those_in_the_card(csv, capsys):  # noqa: N802
    train.main(["t.csv", "--folds", "3", "--C", "1,0.0001,0.01", "--time", "joined"])
    said = capsys.readouterr().out
    chosen = re.search(r"^C=(\S+) is chosen: it has the lowest mean log loss", said, re.MULTILINE)[1]
    written = {path.name for path in csv.parent.iterdir()} - {"t.csv"}
    assert written == {f"model_C={chosen}.bin", f"model_C={chosen}.json"}
    card = load_model(csv.with_name(f"model_C={chosen}.bin")).card
    assert card.training["C"] == float(chosen)
    assert [tried["C"] for tried in card.figures["tried"]] == [0.0001, 0.01, 1.0]
    alone = csv.with_name("alone.bin")
    train.main(["t.csv", "--folds", "3", "--C", chosen, "--time", "joined", "--output", str(alone)])
    known = load_model(alone).card
    assert known.figures["folds"] == card.figures["folds"]
    assert "tried" not in known.figures
    assert known.average == card.average
    best = min(card.figures["tried"], key=lambda tried: tried["log_loss"])
    assert best["C"] == float(chosen)
    assert best["auc"] == pytest.approx(np.mean(card.figures["folds"]))


def test_every_file_that_may_be_written_is_checked_before_the_training(csv, capsys):
    csv.with_name("model_C=10.0.bin").mkdir()
    with pytest.raises(SystemExit) as stop:
        train.main(["t.csv", "--C", "0.1,10"])
    assert stop.value.code == 2
    assert "--output must be a file" in capsys.readouterr().err


def test_the_model_in_place_is_compared_on_the_newest_rows_that_it_was_not_fitted_to(csv, capsys):
    run(capsys, "--time", "joined", "--test-share", "0.3")
    said = run(capsys, "--time", "joined")
    assert "on the same 80 test customers" in said
    assert "left out: the old model" not in said
    said = run(capsys, "--time", "joined", "--test-share", "0.4")
    assert "on the same 80 test customers" in said
    left_out = "80 more test customers are left out"
    assert f"{left_out}: the old model was fitted on other parts of this table, which include them" in said


def test_a_model_in_place_that_was_fitted_to_the_test_customers_is_kept_unless_forced(csv, capsys):
    run(capsys, "--time", "joined")
    with pytest.raises(SystemExit) as stop:
        train.main(["t.csv", "--folds", "3", "--output", "m.bin"])
    assert stop.value.code == train.NOT_REPLACED
    said = capsys.readouterr()
    assert (
        "Do not ship it without a look: the model in place was, or may have been, fitted on these customers."
        in said.out
    )
    assert (
        "it is unknown which test customers they include; --force replaces it, and --output FILE keeps both"
        in said.err
    )


def test_a_date_that_orders_the_rows_needs_the_option_for_its_order_where_it_is_ambiguous(csv, capsys):
    lines = csv.read_text().splitlines()
    lines[1:] = [f"{1 + n % 12}/{1 + n % 11}/2023{line[10:]}" for n, line in enumerate(lines[1:])]
    csv.write_text("\n".join(lines) + "\n")
    with pytest.raises(Exception, match="'joined' is '1/1/2023' here, which can be read with the day or the month"):
        run(capsys, "--time", "joined")
    assert "tested on the newest" in run(capsys, "--time", "joined", "--date-order", "month-first")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--test-share", "0"], "--test-share must be a share of the rows, above 0 and below 1"),
        (["--test-share", "1"], "--test-share must be"),
        (["--test-share", "nan"], "--test-share must be"),
        (["--seed", "-1"], "--seed must be a whole number from 0 to 4294967295"),
        (["--seed", "1", "--time", "joined"], "--seed has no effect with --time: no row is drawn at random"),
        (["--date-order", "day-first"], "--date-order needs --time"),
        (["--C", "1,,2"], "argument --C: must be a number above 0, or several with commas between them"),
        (["--C", "1,-2"], "argument --C: must be a number above 0"),
        (["--C", "inf"], "argument --C: must be a number above 0"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, words, capsys):
    with pytest.raises(SystemExit) as stop:
        train.main(options)
    assert stop.value.code == 2
    assert words in capsys.readouterr().err


def test_penalties_are_sorted_and_each_is_there_once():
    assert read_penalties("1") == (1.0,)
    assert read_penalties(" 10, 1,1.0 ,0.5") == (0.5, 1.0, 10.0)


def test_the_service_reads_a_card_with_several_penalties(csv, capsys):
    run(capsys, "--C", "0.1,1")
    assert json.loads(card_path(csv.with_name("m.bin")).read_text())["figures"]["tried"][1]["C"] == 1.0
