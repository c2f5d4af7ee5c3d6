"""Models are compared on the same folds, a stopped run goes on where it was, and the report has what was measured."""

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench import models
from bench.arms import ARMS, NO_SHAPES, Arm, Scored, score_train_py
from bench.compared import Compared
from bench.folds import Fold, make_fold
from bench.kept import Kept
from bench.model_goals import goal_lines
from bench.model_report import write_report
from bench.models import PUBLIC, Source, build_parser, compare, find_sources
from churn.training.run import TrainingOptions, run_training
from churn.training.rungs import Rung
from churn.training.split import split_table
from churn.training.table import read_table
from tests.bench.reports import read_sections
from tests.customers import CSV, PROJECT


def write_made_table(folder: Path) -> Path:
    """400 customers, a quarter of whom leave; 40 are copies of another one."""
    rng = np.random.default_rng(1)
    visits = rng.normal(size=400).round(6)
    visits[:20] = visits[20:40]
    made = pd.DataFrame({"visits": visits, "gone": ["yes", "no", "no", "no"] * 100})
    made.to_csv(folder / "made.csv", index=False)
    return folder / "made.csv"


def partly_right(share: float, probability: float, *, runs: list[Fold] | None = None) -> Callable[[Fold], Scored]:
    """The score of an arm that has seen the labels: for `share` of each class the right class gets `probability`.

    It notes the folds in `runs`.
    """

    def score(fold: Fold) -> Scored:
        if runs is not None:
            runs.append(fold)
        probabilities = np.empty(len(fold.y_held_out))
        for label in (0, 1):
            rows = np.flatnonzero(fold.y_held_out == label)
            is_right = np.arange(len(rows)) < share * len(rows)
            probabilities[rows] = np.where(is_right == label, probability, 1 - probability)
        return Scored(probabilities, 3, "shapes")

    return score


@pytest.fixture
def source(tmp_path) -> Source:
    return Source("made", write_made_table(tmp_path), ["--target", "gone"])


def test_a_run_that_was_stopped_goes_on_where_it_was(source, tmp_path):
    """Stopped in the third fold of the second arm, in the middle of the line with the second fold's result."""
    kept, runs = tmp_path / "kept" / "models.jsonl", []
    first, second = Arm("first", partly_right(0.5, 0.6)), Arm("second", partly_right(0.5, 0.6, runs=runs))
    compare(source, [first, second], Kept(kept), repeats=1)
    lines = kept.read_text().splitlines(keepends=True)
    assert [json.loads(line)["arm"] for line in lines] == ["first", "second"] * 5
    kept.write_text("".join(lines[:3]) + lines[3][:100])
    runs.clear()
    whole = compare(source, [first, second], Kept(kept), repeats=1)
    assert [fold.digest for fold in runs] == [json.loads(line)["digest"] for line in lines[3::2]]
    runs.clear()
    again = compare(source, [first, second], Kept(kept), repeats=1)
    assert runs == []
    assert again.figures == whole.figures


def test_a_result_of_another_version_or_of_other_rows_is_measured_again(source, tmp_path):
    kept, runs = tmp_path / "models.jsonl", []
    arm = Arm("arm", partly_right(0.5, 0.6, runs=runs), "numpy", "1 setting")
    compare(source, [arm], Kept(kept), repeats=1)
    compare(source, [replace(arm, settings="2 settings")], Kept(kept), repeats=1)
    assert len(runs) == 10
    source.path.write_text(source.path.read_text().replace("yes", "no", 1))
    compare(source, [arm], Kept(kept), repeats=1)
    assert len(runs) == 15


def test_every_arm_gets_the_same_folds(source, tmp_path):
    runs: list[Fold] = []
    arms = [Arm("first", partly_right(0.5, 0.6, runs=runs)), Arm("second", partly_right(0.5, 0.6, runs=runs))]
    compare(source, arms, Kept(tmp_path / "models.jsonl"), repeats=2)
    assert len(runs) == 20
    assert all(first is second for first, second in zip(runs[::2], runs[1::2], strict=True))


def test_train_pys_refusal_ends_the_run(source):
    with pytest.raises(SystemExit, match=r"made: .*no column 'churn'"):
        source._replace(options=[]).read()


@pytest.fixture
def made(source, tmp_path) -> Compared:
    """Each fold holds out 20 who leave and 60 who stay: one arm is right on 16 and 48 of them, the other on half."""
    arms = [Arm("knows more", partly_right(0.8, 0.8)), Arm("knows nothing", partly_right(0.5, 0.6))]
    return compare(source, arms, Kept(tmp_path / "models.jsonl"), repeats=1)


def test_the_report_has_the_figures_by_hand(made):
    """AUC 0.8 * 0.8 + (2 * 0.8 * 0.2) / 2, log loss -(0.8 ln 0.8 + 0.2 ln 0.2), Brier 0.8 * 0.04 + 0.2 * 0.64; the
    slope (ln(16 / 12) - ln(4 / 48)) / (2 ln 4), and 0 for the other arm, as its odds are the same for both classes.
    """
    report = write_report([made], ["knows more", "knows nothing"], "a place")
    assert report.splitlines()[0] == "1 tables, 1 x 5 folds; a place"
    sections = read_sections(report)
    assert sections["All tables"]["knows more"][1:5] == ("0.8000", "0.5004", "0.1600", "1.00 to 1.00")
    assert sections["All tables"]["knows nothing"][1:5] == ("0.5000", "0.7136", "0.2600", "0.00 to 0.00")
    assert sections["All tables"]["knows nothing"][-2:] == ("1", "0")
    assert sections["Log loss"]["made"] == ("made", "0.5004", "0.7136")
    assert sections["Difference in AUC: knows more minus the others"]["made"] == ("made", "+0.3000 +- 0.0000")
    assert sections["Difference in log loss: knows more minus the others"]["made"] == ("made", "-0.2132 +- 0.0000")


def test_the_report_has_all_that_is_known_of_a_table(made):
    report = write_report([made], ["knows more"], "a place")
    assert read_sections(report)[""]["made"] == ("made", "400", "400", "1", "25%", "10.0%", "3", "shapes 5")


def test_a_difference_within_noise_is_neither_better_nor_worse(made):
    """The log losses differ by 1 in one fold and by -1 in another: a mean of 0."""
    for arm, signs in (("up", (1, -1, 1, -1, 0.5)), ("ahead", (-1, -1.1, -1, -1, -1))):
        made.figures[arm] = [[0.5, 0.5 + sign, 0.2, 1.0] for sign in signs]
    made.figures["flat"] = [[0.5, 0.5, 0.2, 1.0]] * 5
    assert made.is_beyond_noise("up", "flat") == 0
    assert made.is_beyond_noise("ahead", "flat") == -1
    assert made.is_beyond_noise("flat", "ahead") == 1


def test_ones_own_table_is_compared_with_train_pys_options(tmp_path):
    options = build_parser().parse_args(["own.csv", "--target", "left", "--options", "--positive 'not yet'"])
    assert list(find_sources(options, tmp_path)) == [
        Source("own.csv", Path("own.csv"), ["--target", "left", "--positive", "not yet"])
    ]


def make_half(path: Path) -> Fold:
    """Half of the table's rows to fit on, the other half held out."""
    split = split_table(read_table(path, target="gone"), folds=2, test_share=0.5)
    return make_fold(split.table, split.train, split.test)


def write_bent_table(folder: Path) -> Path:
    """800 customers: most of those with few or many visits leave."""
    rng = np.random.default_rng(1)
    visits = rng.normal(size=800)
    gone = np.where(rng.random(800) < np.where(abs(visits) > 1, 0.9, 0.1), "yes", "no")
    pd.DataFrame({"visits": visits, "state": rng.choice(["Ohio", "Utah"], 800), "gone": gone}).to_csv(
        folder / "bent.csv", index=False
    )
    return folder / "bent.csv"


def test_further_tables_are_not_among_those_that_the_rule_was_chosen_on(tmp_path, monkeypatch):
    monkeypatch.setattr(models, "write_table", lambda table, folder: folder / table.name)
    found = [source.name for source in find_sources(build_parser().parse_args(["--further"]), tmp_path)]
    assert len(found) == 21
    assert not set(found) & {*PUBLIC, "modeldata/wa_churn"}  # the latter is the telco table under another name


def test_the_arm_of_train_py_has_the_results_of_train_py_on_the_same_rows(tmp_path):
    path = write_bent_table(tmp_path)
    fold, options = make_half(path), {"folds": 2, "test_share": 0.5, "limits": False, "groups": False}
    findings = run_training(fold.table, TrainingOptions(**options, output=tmp_path / "model.bin"))
    scored = score_train_py(fold)
    assert scored.note == findings.fit.ladder.rung == "shapes"
    assert scored.columns == len(findings.fit.dv.feature_names_)
    np.testing.assert_array_equal(scored.probabilities, findings.tested.probabilities)


def test_the_arm_of_train_py_does_not_see_the_labels_of_the_customers_that_it_scores(tmp_path):
    fold = make_half(write_bent_table(tmp_path))
    turned = fold.table.y.copy()
    turned[fold.held_out_rows] = 1 - turned[fold.held_out_rows]
    other = replace(fold, table=replace(fold.table, y=turned))
    np.testing.assert_array_equal(score_train_py(fold).probabilities, score_train_py(other).probabilities)


@pytest.mark.parametrize("rung", Rung)
def test_a_requested_rung_is_used_and_not_called_chosen(tmp_path, rung):
    scored = ARMS[f"--shapes {rung}"].score(make_half(write_bent_table(tmp_path)))
    assert scored.note == ""
    assert (scored.columns > 4) == (rung in (Rung.SHAPES, Rung.PAIRS))  # visits, no logarithm, two states


def test_the_arm_without_shapes_is_the_shipped_file():
    """Its columns are filled by hand here, and its probabilities are scikit-learn's."""
    dv, model = pickle.loads((PROJECT / "model_C=1.0.bin").read_bytes())
    split = split_table(read_table(CSV), folds=5)
    fold = make_fold(split.table, split.train, split.test)
    records = fold.held_out.fillna({"totalcharges": 0.0})
    for name in ("tenure", "monthlycharges", "totalcharges"):
        records = records.assign(**{f"log1p({name})": np.log1p(records[name])})
    expected = model.predict_proba(dv.transform(records.to_dict(orient="records")))[:, 1]
    scored = ARMS[NO_SHAPES].score(fold)
    np.testing.assert_allclose(scored.probabilities, expected, rtol=0, atol=1e-7)
    assert scored.columns == len(dv.feature_names_) == 48


def test_goals_are_judged_by_hand(made):
    """AUC, log loss, Brier and slope are the same in each fold, so a difference has no error and is beyond noise."""
    rows = {
        "ours": (0.788, 0.5, 0.2, 1.12),
        "plain": (0.7, 0.4, 0.2, 1.0),
        "first": (0.8, 0.4, 0.2, 1.2),
        "second": (0.795, 0.4, 0.2, 1.09),
    }
    for arm, figures in rows.items():
        made.figures[arm] = [list(figures) for _ in range(5)]
    goals = goal_lines([made], "ours", simple="plain", others=("first", "second"))
    assert [line.split(" | ")[1:] for line in goals[2:]] == [
        ["higher on made", "no |"],
        ["+0.0120 behind first", "no |"],
        ["further behind on made (0.0120)", "no |"],
        ["not on made (1.12)", "no |"],
    ]
    made.figures["ours"] = made.figures["second"] = [[0.797, 0.3, 0.2, 1.2]] * 5
    goals = goal_lines([made], "ours", simple="plain", others=("first", "second"))
    assert [line.split(" | ")[1:] for line in goals[2:]] == [
        ["higher on no table", "yes |"],
        ["+0.0030 behind first", "yes |"],
        ["further behind on no table", "yes |"],
        ["not on no table", "yes |"],
    ]
