"""A training on a table: its findings in four parts, and its report of each step."""

import dataclasses
import pickle
import re
from bisect import bisect_right

import numpy as np
import pytest

from churn.errors import FitError, ModelError, TableError
from churn.model.file import card_path, load_model, write_pair
from churn.training.evaluation import auc
from churn.training.findings import Findings
from churn.training.fit import build_matrix
from churn.training.gate import Comparison, NotCompared
from churn.training.refused import Refused
from churn.training.run import TrainingOptions, run_training
from churn.training.rungs import Rung
from churn.training.split import split_table
from churn.training.table import read_table
from tests.simulated import make_table
from train import describe_model


@pytest.fixture(scope="module")
def table(small_csv):
    return read_table(small_csv)


def found(table, output, **options) -> tuple[Findings, list[str]]:
    """The findings of a training of plain columns with two folds, and the lines that it reports."""
    lines: list[str] = []
    findings = run_training(
        table, TrainingOptions(output, **{"folds": 2, "shapes": Rung.NONE} | options), progress=lines.append
    )
    return findings, lines


def test_each_step_is_reported_with_its_figures_in_the_order_of_the_story(table, tmp_path):
    findings, lines = found(table, tmp_path / "m.bin")
    first, second = findings.fit.folds
    interval = findings.tested.auc_interval
    numbers = table.customers.iloc[findings.split.train][["tenure", "monthlycharges", "totalcharges"]]
    highest = 2 * numbers.max() - numbers.min()
    assert lines == [
        "learned the fields: 15 category, 1 flag, 3 number",
        f"learned the limits: tenure 0 to {highest['tenure']:g}, "
        f"monthlycharges 0 to {highest['monthlycharges']:.2f}, totalcharges 0 to {highest['totalcharges']:.2f}",
        "validating with C=1.0 on 320 customers",
        f"auc on fold 0 is {first:.3f}",
        f"auc on fold 1 is {second:.3f}",
        f"C=1.0 {(first + second) / 2:.3f} +- {abs(first - second) / 2:.3f}",
        "training the final model",
        f"auc={findings.tested.figures['auc']:.3f}",
        f"(between {interval.low:.3f} and {interval.high:.3f}, with 95 % confidence)",
    ]


def test_a_line_is_reported_as_soon_as_it_is_known(table, tmp_path):
    def stop_at_the_first_fold(line):
        if line.startswith("auc on fold 0"):
            raise KeyboardInterrupt(line)

    with pytest.raises(KeyboardInterrupt, match=r"auc on fold 0 is 0\.\d+$"):
        run_training(
            table, TrainingOptions(tmp_path / "m.bin", folds=2, shapes=Rung.NONE), progress=stop_at_the_first_fold
        )


def test_the_parts_are_of_one_split_and_the_figures_those_of_the_test_part(table, tmp_path):
    findings, _ = found(table, tmp_path / "m.bin")
    split, fit, tested = findings.split, findings.fit, findings.tested
    assert split.train.tolist() == split_table(table, folds=2).train.tolist()
    assert (tested.rows.tolist(), tested.refused, tested.copies) == (split.test.tolist(), Refused(0, {}), 0)
    assert tested.y.tolist() == table.y[split.test].tolist()
    assert tested.figures["auc"] == auc(tested.y, tested.probabilities)
    assert fit.average["tenure"] == pytest.approx(table.customers["tenure"].iloc[split.train].mean())
    assert set(fit.average) == set(fit.dv.feature_names_)
    assert fit.model.C == fit.C == 1.0
    assert (findings.in_place, findings.model_name, findings.threshold) == (None, "m.bin", 0.5)


def test_a_plain_model_has_no_logarithms_and_a_smaller_c_smaller_weights(table, tmp_path):
    usual, plain, tamer = (
        found(table, tmp_path / "m.bin", **options)[0].fit for options in ({}, {"plain": True}, {"C": (0.01,)})
    )
    assert set(usual.dv.feature_names_) - set(plain.dv.feature_names_) == {
        f"log1p({name})" for name in ("tenure", "monthlycharges", "totalcharges")
    }
    assert np.abs(tamer.model.coef_).sum() < np.abs(usual.model.coef_).sum()


def test_test_customers_that_the_contract_refuses_are_left_out_and_reported(table, tmp_path):
    test = split_table(table, folds=2).test
    customers = table.customers.copy()
    customers.loc[test[0], "contract"] = "three_year"
    customers.loc[test[1], "tenure"] = -1.0
    findings, lines = found(dataclasses.replace(table, customers=customers), tmp_path / "m.bin")
    assert findings.tested.rows.tolist() == test[2:].tolist()
    assert findings.tested.refused == Refused(2, {"contract": 1, "tenure": 1})
    reported = "the contract refuses them (contract: 1, tenure: 1)"
    assert f"2 test customers are left out of the figures: {reported}" in lines


def test_test_customers_that_were_fitted_on_are_counted_as_copies(table, tmp_path):
    split = split_table(table, folds=2)
    customers = table.customers.copy()
    customers.loc[split.test[:7]] = customers.loc[split.train[:7]].to_numpy()
    assert found(dataclasses.replace(table, customers=customers), tmp_path / "m.bin")[0].tested.copies == 7


@pytest.mark.parametrize(
    ("refused", "left", "reason"),
    [
        (0, 0, "has too few rows: its test part, 80 rows, has one class only; --test-share takes more of them"),
        (1, 1, "has too few rows: its test part has one class only"),
        (
            80,
            1,
            "can't be tested on: the contract accepts only 0 of its 80 test customers (contract: 80), "
            "and these are all of one class",
        ),
    ],
)
def test_a_test_part_with_one_class_is_refused(table, tmp_path, refused, left, reason):
    test = split_table(table, folds=2).test
    y, customers = table.y.copy(), table.customers.copy()
    y[test], y[test[:left]] = 0, 1
    customers.loc[test[:refused], "contract"] = "three_year"
    with pytest.raises(TableError, match=re.escape(reason)) as error:
        found(dataclasses.replace(table, y=y, customers=customers), tmp_path / "m.bin")
    assert error.value.path == table.path


def test_a_fit_without_an_optimum_is_an_error(table, tmp_path):
    with pytest.raises(FitError):
        found(table, tmp_path / "m.bin", C=(1e15,))


def test_the_model_in_place_is_compared_on_the_test_part_and_its_contract_with_the_new_one(table, pair):
    old = load_model(pair)
    customers = table.customers.assign(months=table.customers["tenure"])
    in_place = found(dataclasses.replace(table, customers=customers), pair)[0].in_place
    assert isinstance(in_place.comparison, Comparison)
    assert (in_place.comparison.compared, in_place.comparison.same_table) == (80, True)
    assert (in_place.version, in_place.threshold) == (old.version, 0.5)
    assert [str(change) for change in in_place.changes] == ["months: new, and has to be sent (breaks clients)"]


def test_a_model_in_place_that_cannot_be_served_is_not_compared(table, pair):
    pair.write_bytes(b"cut off")
    card_path(pair).unlink()
    in_place = found(table, pair)[0].in_place
    assert isinstance(in_place.comparison, NotCompared)
    assert isinstance(in_place.comparison.reason, ModelError)
    assert (in_place.version, in_place.threshold, in_place.changes) == (None, None, ())


def test_a_training_writes_nothing(table, pair):
    before = {path: path.read_bytes() for path in pair.parent.iterdir()}
    found(table, pair)
    found(table, pair.with_name("another.bin"))
    assert {path: path.read_bytes() for path in pair.parent.iterdir()} == before


def test_a_training_chooses_and_reports_the_rung_and_its_model_is_served(tmp_path):
    table = make_table("together", 1500)
    lines: list[str] = []
    output = tmp_path / "m.bin"
    findings = run_training(table, TrainingOptions(output, folds=2), progress=lines.append)
    fit = findings.fit
    assert (fit.rung, fit.pairs[0]) == (Rung.PAIRS, ("age", "plan"))
    losses = {rung: f"{loss:.3f}" for rung, loss in fit.ladder.losses.items()}
    assert f"shapes and pairs: log loss {losses[Rung.PAIRS]} instead of {losses[Rung.NONE]}" in lines
    assert any(line.startswith("shapes and") and ": age with plan" in line for line in lines)
    assert [line for line in lines if line.startswith("fold 0: shapes and")]
    pickled = pickle.dumps((fit.dv, fit.model), protocol=4)
    write_pair(output, pickled, describe_model(pickled, findings))
    scorer = load_model(output).scorer
    rows = table.customers.iloc[findings.split.test]
    expected = fit.model.predict_proba(build_matrix(rows, fit.contract, fit.dv))[:, 1]
    np.testing.assert_allclose(scorer.score_customers(rows.to_dict("records")), expected, rtol=0, atol=1e-12)
    assert findings.tested.probabilities.tolist() == pytest.approx(expected.tolist(), abs=1e-15)
    card = load_model(output).card
    golden = [card.golden[0].customer | customer.customer for customer in card.golden]
    touched = {(number, *cell) for customer in golden for number, cell in enumerate(scorer.find_cells(customer))}
    assert touched >= {
        (number, row, column)
        for number, interaction in enumerate(scorer.interactions)
        for row, cells in enumerate(interaction.log_odds)
        for column, log_odds in enumerate(cells)
        if log_odds
    }
    for curve in scorer.curves:
        pieces = {bisect_right(curve.knots, customer[curve.field]) for customer in golden}
        assert pieces == set(range(len(curve.knots) + 1)), curve.field  # make_table draws neither 0 nor an end
    assert card.figures["shapes"]["rung"] == "pairs"
    compared = {row["rung"]: row["log_loss"] for row in card.figures["shapes"]["compared"]}
    assert compared == {str(rung): loss for rung, loss in fit.ladder.losses.items()}


def test_a_requested_rung_overrides_the_rows_in_the_folds_as_well(tmp_path):
    table = make_table("trend", 400)
    lines: list[str] = []
    fit = run_training(
        table, TrainingOptions(tmp_path / "m.bin", folds=2, shapes=Rung.SHAPES), progress=lines.append
    ).fit
    assert (fit.rung, fit.pairs, fit.ladder.losses) == (Rung.SHAPES, (), {})
    assert [line for line in lines if line.startswith("fold")] == ["fold 0: shapes", "fold 1: shapes"]
    assert not any("log loss" in line for line in lines)


def test_where_plain_columns_stay_everything_is_as_with_shapes_none(tmp_path):
    table = make_table("trend", 400)
    lines: list[str] = []
    chosen = run_training(table, TrainingOptions(tmp_path / "m.bin", folds=2), progress=lines.append).fit
    asked, silent = found(table, tmp_path / "m.bin")
    assert pickle.dumps((chosen.dv, chosen.model)) == pickle.dumps((asked.fit.dv, asked.fit.model))
    assert (chosen.folds, chosen.average) == (asked.fit.folds, asked.fit.average)
    (line,) = [line for line in lines if line not in silent]
    others = r"scaled columns 0\.\d{3}, shapes 0\.\d{3}, shapes and pairs 0\.\d{3}"
    assert re.fullmatch(rf"plain columns: log loss 0\.\d{{3}}; .*: {others}", line)


def test_of_several_c_the_rung_is_chosen_with_the_one_nearest_to_1_and_the_folds_choose_among_all(tmp_path):
    table = make_table("bend", 800)
    options = TrainingOptions(tmp_path / "m.bin", folds=2, C=(0.001, 0.5, 1.0))
    fit = run_training(table, options).fit
    assert (options.usual_penalty, TrainingOptions(C=(0.1, 5.0)).usual_penalty) == (1.0, 5.0)
    assert fit.rung is Rung.SHAPES
    assert [tried.C for tried in fit.validations] == [0.001, 0.5, 1.0]
    assert fit.C == min(fit.validations, key=lambda tried: tried.log_loss).C != 0.001
    assert fit.model.C == fit.C


def test_many_copies_are_reported_where_shapes_are_compared(tmp_path):
    table = make_table("trend", 400)
    customers = table.customers.copy()
    customers.iloc[:40] = customers.iloc[40:80].to_numpy()
    table = dataclasses.replace(table, customers=customers)
    lines: list[str] = []
    ladder = run_training(table, TrainingOptions(tmp_path / "m.bin", folds=2), progress=lines.append).fit.ladder
    words = "are exact copies of another row, which makes pairs look better than they are"
    assert f"{ladder.copies} of 320 rows {words}" in lines
