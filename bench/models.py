"""How good the shipped model's probabilities are, beside its plain form, linear extensions, LightGBM and CatBoost.

    make bench-models           # or: python -m bench.models [CSV] [--target churn] [--settings 48] [--output FILE]

All of them get the same 3 x 5 stratified folds of the rows that train.py trains on; its 20 % test rows stay unseen. A
fold's contract and columns are learned from the rows it fits on. The boosters take categories and blanks as they are,
and the best of the settings drawn for each is the one with the lowest mean log loss on these very folds. That choice
is optimistic, in their favour. Everything is seeded and has one thread.

The standard error of a mean difference is that of Nadeau and Bengio, "Inference for the generalization error"
(Machine Learning 52, 2003): sqrt((1 / n + n_held_out / n_fitted) * variance over the n folds). Folds share most of
what they are fitted on, so the usual sqrt(variance / n) is too small.
"""

import argparse
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
from scipy.special import logit
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import SplineTransformer
from threadpoolctl import threadpool_limits

from bench.boosters import Setting, draw_catboost, draw_lightgbm, fit_catboost, fit_lightgbm
from bench.folds import FOLDS, REPEATS, SEED, Fold, make_folds
from bench.machine import machine, versions
from churn.files import replace_file
from churn.model.columns import log_column
from churn.model.contract import Contract
from churn.training.evaluation import evaluate
from churn.training.fit import build_matrix, fit_model, fit_vectorizer
from train import DEFAULT_CSV

BINS = 10
SHIPPED = "shipped: logistic regression with log1p"
FIGURES = ("AUC", "log loss", "Brier", "slope", "intercept", "ECE")
COMPARED = FIGURES[:3]
PENALTIES = (0.01, 0.03, 0.1, 0.3, 3.0, 10.0, 30.0)
CONTRACT_TENURE = ("contract", "tenure")
INTERNET_CHARGES = ("internetservice", "monthlycharges")

AddColumns = Callable[[DictVectorizer, np.ndarray, np.ndarray], np.ndarray]
"""(dv, the matrix fitted on, any matrix) to further columns of the latter."""

Candidate = Callable[[Fold], np.ndarray]
"""The churn probabilities of a fold's held out customers."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv", nargs="?", type=Path, default=DEFAULT_CSV, metavar="CSV")
    parser.add_argument("--target", default="churn", help="the yes/no column (churn)")
    parser.add_argument("--settings", type=int, default=48, help="random settings for each booster (48)")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "models.md", metavar="FILE")
    options = parser.parse_args()
    with threadpool_limits(limits=1):
        folds = make_folds(options.csv, options.target)
        models = {
            name: measure(name, candidate, folds) for name, candidate in linear_candidates(folds[0].contract).items()
        }
        tuned = {f"C={C:g}": measure(f"C={C:g}", partial(logistic, C=C), folds) for C in PENALTIES}
        searched = {
            "LightGBM": search("LightGBM", draw_lightgbm, fit_lightgbm, folds, options.settings),
            "CatBoost": search("CatBoost", draw_catboost, fit_catboost, folds, options.settings),
        }
    for name, settings in {"C tuned": tuned, **searched}.items():
        models[f"{name}, best of {len(settings)}"] = settings[ranked(settings)[0]]
    report = write_report(models, {"C": tuned, **searched}, folds)
    print(report)
    replace_file(options.output, f"{report}\n".encode())


def linear_candidates(contract: Contract) -> dict[str, Candidate]:
    """The shipped model first; those with fields of the telecom's are left out for a table without them."""
    both = (CONTRACT_TENURE, INTERNET_CHARGES)
    candidates: dict[str, Candidate] = {
        SHIPPED: logistic,
        "plain: without log1p (`--plain`)": partial(logistic, logarithms=False),
        "+ splines, 4 knots": partial(logistic, more=(partial(splines, knots=4),)),
        "+ splines, 5 knots": partial(logistic, more=(partial(splines, knots=5),)),
    }
    telecom: dict[str, Candidate] = {
        "+ contract x tenure": partial(logistic, more=(partial(products, pairs=both[:1]),)),
        "+ internetservice x monthlycharges": partial(logistic, more=(partial(products, pairs=both[1:]),)),
        "+ both products": partial(logistic, more=(partial(products, pairs=both),)),
        "+ first month (tenure is 1)": partial(logistic, more=(first_month,)),
        "+ splines, 5 knots, and contract x tenure": partial(
            logistic, more=(partial(splines, knots=5), partial(products, pairs=both[:1]))
        ),
    }
    has_fields = {name for pair in both for name in pair} <= {field.name for field in contract.fields}
    return candidates | telecom if has_fields else candidates


def logistic(fold: Fold, *, logarithms: bool = True, C: float = 1.0, more: tuple[AddColumns, ...] = ()) -> np.ndarray:
    """train.py's model, with further columns where `more` adds some."""
    dv = fit_vectorizer(fold.contract, logarithms=logarithms)
    fitted_on, held_out = (build_matrix(part, fold.contract, dv) for part in (fold.fitted_on, fold.held_out))
    X, X_held_out = (np.hstack([part, *(add(dv, fitted_on, part) for add in more)]) for part in (fitted_on, held_out))
    return fit_model(X, fold.y, C=C).predict_proba(X_held_out)[:, 1]


def splines(dv: DictVectorizer, fitted_on: np.ndarray, X: np.ndarray, *, knots: int) -> np.ndarray:
    """Cubic B-splines of every number that has a logarithm, knots at quantiles, linear past the ends."""
    numbers = [place for name, place in dv.vocabulary_.items() if log_column(name) in dv.vocabulary_]
    spline = SplineTransformer(n_knots=knots, knots="quantile", extrapolation="linear", include_bias=False)
    return spline.fit(fitted_on[:, numbers]).transform(X[:, numbers])


def products(
    dv: DictVectorizer, fitted_on: np.ndarray, X: np.ndarray, *, pairs: tuple[tuple[str, str], ...]
) -> np.ndarray:
    """Each category of a pair's first field times its second field, as it is and as log1p."""
    return np.column_stack(
        [
            X[:, place] * X[:, dv.vocabulary_[number]]
            for field, name in pairs
            for column, place in dv.vocabulary_.items()
            if column.startswith(f"{field}=")
            for number in (name, log_column(name))
        ]
    )


def first_month(dv: DictVectorizer, fitted_on: np.ndarray, X: np.ndarray) -> np.ndarray:
    return (X[:, [dv.vocabulary_["tenure"]]] == 1).astype(np.float64)


def search(
    name: str,
    draw: Callable[[np.random.Generator], Setting],
    booster: Callable[..., np.ndarray],
    folds: list[Fold],
    count: int,
) -> dict[str, np.ndarray]:
    """The figures of `count` random settings, in words."""
    rng = np.random.default_rng(SEED)
    settings = [draw(rng) for _ in range(count)]
    words = [", ".join(f"{key} {value:g}" for key, value in setting.items()) for setting in settings]
    return {
        word: measure(f"{name} {number}/{count}: {word}", partial(booster, setting=setting, seed=SEED), folds)
        for number, (word, setting) in enumerate(zip(words, settings, strict=True), start=1)
    }


def measure(name: str, candidate: Candidate, folds: list[Fold]) -> np.ndarray:
    """FIGURES of each fold, shape (n_folds, 6)."""
    start = time.perf_counter()
    of_folds = np.array([figures(fold.y_held_out, candidate(fold)) for fold in folds])
    means = ", ".join(f"{what} {mean:.4f}" for what, mean in zip(FIGURES, of_folds.mean(axis=0), strict=True))
    print(f"{name}: {means}; {time.perf_counter() - start:.0f} s", flush=True)
    return of_folds


def figures(y: np.ndarray, probabilities: np.ndarray) -> list[float]:
    """FIGURES. Slope and intercept of a logistic regression of y on the log-odds: 1 and 0 are ideal (Cox, 1958)."""
    log_odds = logit(np.clip(probabilities, 1e-12, 1 - 1e-12)).reshape(-1, 1)
    again = LogisticRegression(C=np.inf, solver="newton-cholesky").fit(log_odds, y)
    bins = np.array_split(np.argsort(probabilities, kind="stable"), BINS)
    ece = sum(abs((y[rows] - probabilities[rows]).sum()) for rows in bins) / len(y)
    return [*evaluate(y, probabilities).values(), float(again.coef_[0, 0]), float(again.intercept_[0]), float(ece)]


def ranked(settings: dict[str, np.ndarray]) -> list[str]:
    """The settings in words, lowest mean log loss first."""
    return sorted(settings, key=lambda words: float(settings[words][:, FIGURES.index("log loss")].mean()))


def ideal(folds: list[Fold]) -> np.ndarray:
    """FIGURES of each fold if the shipped model were right: labels drawn from its own probabilities."""
    rng = np.random.default_rng(SEED)
    probabilities = [logistic(fold) for fold in folds]
    return np.array([figures((rng.random(len(value)) < value).astype(np.int64), value) for value in probabilities])


def corrected_error(differences: np.ndarray, folds: list[Fold]) -> np.ndarray:
    """The standard error of the mean over the folds, Nadeau and Bengio's (above); one for each column."""
    ratio = np.mean([len(fold.y_held_out) / len(fold.y) for fold in folds])
    return np.sqrt((1 / len(folds) + ratio) * differences.var(axis=0, ddof=1))


def write_report(models: dict[str, np.ndarray], searched: dict[str, dict[str, np.ndarray]], folds: list[Fold]) -> str:
    """What was measured, as Markdown."""
    customers = len(folds[0].y) + len(folds[0].y_held_out)
    shipped = models[SHIPPED]
    place = f"{machine()}, one used; {versions('scikit-learn', 'lightgbm', 'catboost')}"
    lines = [
        f"{customers:,} customers, {REPEATS} x {FOLDS} folds; {place}; {date.today():%Y-%m-%d}",
        "\nMean +- standard deviation over the folds. Ideal: slope 1, intercept 0. "
        f"ECE: expected calibration error, {BINS} bins of equal count.\n",
        *row("model", *FIGURES, head=True),
    ]
    for name, scores in models.items():
        lines += row(name, *spread(scores.mean(axis=0), scores.std(axis=0, ddof=1), "{:.4f} +- {:.4f}"))
    right = ideal(folds)[:, len(COMPARED) :]
    slope, intercept, ece = spread(right.mean(axis=0), right.std(axis=0, ddof=1), "{:.4f} +- {:.4f}")
    lines += [
        "\nWere the shipped model's probabilities exactly right (labels drawn from them): "
        f"slope {slope}, intercept {intercept}, ECE {ece}.",
        "\nDifference to the shipped model on the same folds, mean +- corrected standard error; "
        f"noise is within some 2.1 of those (Student's t, {len(folds) - 1} degrees of freedom).\n",
        *row("model", *COMPARED, head=True),
    ]
    for name, scores in models.items():
        if name != SHIPPED:
            beside = (scores - shipped)[:, : len(COMPARED)]
            lines += row(name, *spread(beside.mean(axis=0), corrected_error(beside, folds), "{:+.4f} +- {:.4f}"))
    lines += [
        "\nThe best three settings of each search, by log loss.\n",
        *row("search", "setting", *COMPARED, head=True),
    ]
    for name, settings in searched.items():
        for words in ranked(settings)[:3]:
            lines += row(name, words, *(f"{mean:.4f}" for mean in settings[words].mean(axis=0)[: len(COMPARED)]))
    highest = {name: max(scores[:, 0].mean() for scores in settings.values()) for name, settings in searched.items()}
    return "\n".join(
        [*lines, "\nThe highest AUC of any: " + ", ".join(f"{name} {auc:.4f}" for name, auc in highest.items()) + "."]
    )


def row(*cells: str, head: bool = False) -> list[str]:
    line = f"| {' | '.join(cells)} |"
    return [line, "|---" * len(cells) + "|"] if head else [line]


def spread(means: np.ndarray, deviations: np.ndarray, form: str) -> list[str]:
    return [form.format(mean, deviation) for mean, deviation in zip(means, deviations, strict=True)]


if __name__ == "__main__":
    main()
