"""The comparison of models: what docs/model.md says is what was measured, and ours is what train.py fits."""

import ast
import pickle
import re

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from bench.boosters import draw_catboost, draw_lightgbm
from bench.folds import Fold, make_folds
from bench.models import (
    COMPARED,
    FIGURES,
    SHIPPED,
    corrected_error,
    figures,
    linear_candidates,
    logistic,
)
from churn.training.fit import learn_contract
from churn.training.split import split_table
from churn.training.table import read_table
from tests.customers import CSV, PROJECT

REPORT = (PROJECT / "bench" / "models.md").read_text()
DOCUMENT = (PROJECT / "docs" / "model.md").read_text()
LINEAR = [SHIPPED, "plain: without log1p (`--plain`)", "+ first month (tenure is 1)"]


def tables(text: str) -> dict[tuple[str, ...], dict[str, str]]:
    """Each table by its header: its rows by their first cell."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        head, _, *rows = block.splitlines()
        found[tuple(head.strip("| ").split(" | "))] = {row.strip("| ").split(" | ")[0]: row for row in rows}
    return found


FIGURES_OF = tables(REPORT)["model", *FIGURES]
DIFFERENCES_OF = tables(REPORT)["model", *COMPARED]


def numbers(row: str) -> np.ndarray:
    """The cells `mean +- spread` of a row, shape (n_cells, 2)."""
    return np.array(re.findall(r"([-+]?\d\.\d{4}) \+- (\d\.\d{4})", row), dtype=float)


@pytest.fixture(scope="module")
def folds() -> list[Fold]:
    return make_folds(CSV, "churn")


@pytest.fixture(scope="module")
def measured(folds) -> dict[str, np.ndarray]:
    candidates = linear_candidates(folds[0].contract)
    with threadpool_limits(limits=1):  # matrices this small are slower with more, as soon as others want the cores
        return {
            name: np.array([figures(fold.y_held_out, candidates[name](fold)) for fold in folds]) for name in LINEAR
        }


def test_the_document_has_every_row_of_the_report_as_it_is():
    quoted = tables(DOCUMENT)
    assert quoted["model", *FIGURES] == FIGURES_OF
    assert quoted["model", *COMPARED] == DIFFERENCES_OF
    assert len(FIGURES_OF) == len(DIFFERENCES_OF) + 1 >= 12


def test_every_figure_in_the_documents_prose_is_the_reports():
    prose = "\n".join(line for line in DOCUMENT.splitlines() if not line.startswith("|"))
    found = re.findall(r"[-+]?\b0\.\d{4}\b", prose)
    assert found
    for figure in found:
        assert figure.lstrip("+-") in REPORT, figure


def test_beyond_noise_are_the_plain_model_and_barely_catboost_as_the_document_says():
    beyond = {name: [abs(mean) > 2.1 * error for mean, error in numbers(row)] for name, row in DIFFERENCES_OF.items()}
    assert beyond.pop(LINEAR[1]) == [True] * 3
    assert beyond.pop("CatBoost, best of 48") == [True, True, False]
    assert not any(map(any, beyond.values()))


@pytest.mark.parametrize("booster", ["LightGBM", "CatBoost"])
def test_a_boosters_row_is_the_best_setting_of_its_search(booster):
    best = re.search(rf"^\| {booster} \| .* \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", REPORT, re.MULTILINE).groups()
    row = next(row for name, row in FIGURES_OF.items() if name.startswith(f"{booster}, best of "))
    assert [f"{mean:.4f}" for mean in numbers(row)[:3, 0]] == list(best)


@pytest.mark.parametrize("name", LINEAR)
def test_the_stored_figures_come_out_again(measured, name):
    again = np.column_stack([measured[name].mean(axis=0), measured[name].std(axis=0, ddof=1)])
    np.testing.assert_allclose(numbers(FIGURES_OF[name]), again, rtol=0, atol=2e-4)


@pytest.mark.parametrize("name", LINEAR[1:])
def test_the_stored_differences_come_out_again(measured, name):
    """The error by hand: 15 folds, each holding out a quarter of what it fits on."""
    beside = (measured[name] - measured[SHIPPED])[:, : len(COMPARED)]
    error = np.sqrt((1 / 15 + 1 / 4) * ((beside - beside.mean(axis=0)) ** 2).sum(axis=0) / 14)
    again = np.column_stack([beside.mean(axis=0), error])
    np.testing.assert_allclose(numbers(DIFFERENCES_OF[name]), again, rtol=0, atol=2e-4)


def test_the_error_is_wider_than_if_the_folds_were_apart(folds):
    differences = np.arange(15.0).reshape(-1, 1)  # variance 20
    assert corrected_error(differences, folds)[0] == pytest.approx(np.sqrt((1 / 15 + 1 / 4) * 20), rel=1e-3)


def test_the_shipped_model_of_the_comparison_is_the_shipped_file():
    """Its columns are filled by hand here, its probabilities are scikit-learn's."""
    dv, model = pickle.loads((PROJECT / "model_C=1.0.bin").read_bytes())
    split = split_table(read_table(CSV), folds=5)
    parts = [(split.table.customers.iloc[rows], split.table.y[rows]) for rows in (split.train, split.test)]
    fold = Fold(*parts[0], *parts[1], learn_contract(parts[0][0]))
    records = fold.held_out.fillna({"totalcharges": 0.0})
    for name in ("tenure", "monthlycharges", "totalcharges"):
        records = records.assign(**{f"log1p({name})": np.log1p(records[name])})
    expected = model.predict_proba(dv.transform(records.to_dict(orient="records")))[:, 1]
    np.testing.assert_allclose(logistic(fold), expected, rtol=0, atol=1e-7)


def test_the_test_part_is_in_no_fold_and_every_customer_is_held_out_three_times(folds):
    test = split_table(read_table(CSV), folds=5).test
    held_out = np.concatenate([fold.held_out.index for fold in folds])
    used = np.concatenate([fold.fitted_on.index for fold in folds])
    assert not np.isin(np.concatenate([held_out, used]), test).any()
    assert set(np.bincount(held_out)) == {0, 3}
    for fold in folds:
        assert not fold.held_out.index.isin(fold.fitted_on.index).any()


def test_a_folds_contract_knows_nothing_of_the_customers_held_out(folds):
    assert all(fold.contract == learn_contract(fold.fitted_on) for fold in folds)
    assert len({fold.contract for fold in folds}) > 1  # whoever paid most in all is held out now and then


def test_slope_intercept_and_ece_of_probabilities_that_are_wrong_in_a_known_way():
    """Every customer of ten groups; log-odds doubled and shifted by one, so that half and -0.5 bring them back."""
    y = np.concatenate([np.arange(100) < leavers for leavers in range(10, 100, 9)]).astype(int)
    share = y.reshape(10, 100).mean(axis=1)
    log_odds = np.log(share / (1 - share)).repeat(100)
    wrong = 1 / (1 + np.exp(-(2 * log_odds + 1)))
    slope, intercept, ece = figures(y, wrong)[3:]
    assert slope == pytest.approx(0.5, abs=1e-6)
    assert intercept == pytest.approx(-0.5, abs=1e-6)
    assert ece == pytest.approx(np.abs(share.repeat(100) - wrong).mean(), abs=1e-12)
    assert figures(y, share.repeat(100))[5] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("draw", [draw_lightgbm, draw_catboost])
def test_settings_are_drawn_the_same_each_time_and_differ(draw):
    first, again = ([draw(rng) for _ in range(48)] for rng in (np.random.default_rng(1), np.random.default_rng(1)))
    assert first == again
    assert len({tuple(settings.values()) for settings in first}) == 48


def test_the_boosters_are_imported_only_where_they_are_fitted():
    """make test installs neither."""
    for path in (PROJECT / "bench").glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            names = [alias.name for alias in getattr(node, "names", ())] + [getattr(node, "module", None)]
            assert not {"lightgbm", "catboost"} & {str(name).split(".")[0] for name in names}, path
