"""A training, from the table to what it finds: split, fit, test, compare.

Owns the order of the steps, and what is reported of each as soon as it is known. Reads the model in place, writes
nothing; whether the new model is worth its place is verdict's.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from churn.errors import FitError, ModelError, TableError
from churn.model.file import load_model
from churn.training.blame import explain_failure
from churn.training.campaign import Campaign
from churn.training.changes import contract_changes
from churn.training.evaluation import auc_interval, count_copies, evaluate
from churn.training.findings import Findings, Fit, InPlace, Tested
from churn.training.fit import (
    average_customer,
    build_matrix,
    cross_validate,
    fit_model,
    fit_vectorizer,
    learn_contract,
)
from churn.training.gate import NotCompared, compare_models
from churn.training.refused import Refused, count_refused, taken_customers
from churn.training.split import Split, split_table
from churn.training.table import Table
from churn.training.telling import find_telling

Progress = Callable[[str], None]
"""Takes a line about a step, as soon as the line is known."""


@dataclass(frozen=True)
class TrainingOptions:
    """What can be asked of a training.

    `C` is the inverse of the L2 penalty, above 0; `folds`, 2 or more, are those of the validation; `plain` is a model
    without logarithms. `output` is where the model is to go, and where the one to compare it with may stand;
    `positive_class` is the class of that one that leaves, where its classes do not say so, as for the service.
    `event` is what the customers do, a verb; None is for leaving.
    """

    output: Path
    C: float = 1.0
    folds: int = 5
    plain: bool = False
    campaign: Campaign | None = None
    positive_class: str | None = None
    event: str | None = None


def run_training(table: Table, options: TrainingOptions, *, progress: Progress = lambda line: None) -> Findings:
    """What a training on the table finds; each line about it goes to `progress` as soon as it is known.

    Raises TableError for a table that can't be trained or tested on, FitError for a fit without an optimum.
    """
    split = split_table(table, folds=options.folds)
    fit = _fit(split, options, progress)
    tested = _test(split, fit, progress)
    return Findings(
        split=split,
        fit=fit,
        tested=tested,
        in_place=_compare_in_place(table, fit, tested, options),
        campaign=options.campaign,
        model_name=options.output.name,
        event=options.event,
        telling=find_telling(table.customers, table.y, fit.contract, train=split.train, test=split.test),
    )


def _fit(split: Split, options: TrainingOptions, progress: Progress) -> Fit:
    customers, y = split.table.customers.iloc[split.train], split.table.y[split.train]
    contract = learn_contract(customers, split.table.marks)
    kinds = Counter(type(field).__name__.lower() for field in contract.fields)
    progress(f"learned the fields: {', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}")
    dv = fit_vectorizer(contract, logarithms=not options.plain)
    X = build_matrix(customers, contract, dv)
    try:
        folds = _validate(X, y, options, progress)
        progress("training the final model")
        model = fit_model(X, y, C=options.C)
    except FitError:
        raise explain_failure(X, y, contract, dv, C=options.C) from None
    return Fit(contract, dv, model, options.C, folds, average_customer(X, dv))


def _validate(X: np.ndarray, y: np.ndarray, options: TrainingOptions, progress: Progress) -> tuple[float, ...]:
    """The AUC on each fold; each is reported, then their mean and spread."""
    progress(f"validating with C={options.C} on {len(y)} customers")
    aucs = []
    for fold, auc in enumerate(cross_validate(X, y, C=options.C, folds=options.folds)):
        progress(f"auc on fold {fold} is {auc:.3f}")
        aucs.append(auc)
    progress(f"C={options.C} {np.mean(aucs):.3f} +- {np.std(aucs):.3f}")
    return tuple(aucs)


def _test(split: Split, fit: Fit, progress: Progress) -> Tested:
    """The model on the test part; the customers that the contract refuses, if any, are reported."""
    table = split.table
    customers = table.customers.iloc[split.test]
    rows, refused = split.test[taken_customers(customers, fit.contract)], count_refused(customers, fit.contract)
    if refused.customers:
        left_out = f"{refused.customers:,} test customers are left out of the figures"
        progress(f"{left_out}: the contract refuses them ({refused.describe()})")
    y: np.ndarray = table.y[rows]
    _check_classes(y, split, refused)
    X = build_matrix(table.customers.iloc[rows], fit.contract, fit.dv)
    probabilities = fit.model.predict_proba(X)[:, 1]
    figures, interval = evaluate(y, probabilities), auc_interval(y, probabilities)
    progress(f"auc={figures['auc']:.3f}")
    progress(f"(between {interval.low:.3f} and {interval.high:.3f}, with 95 % confidence)")
    copies = count_copies(table.customers, split.train, rows)
    return Tested(rows, y, probabilities, figures, interval, refused, copies)


def _check_classes(y: np.ndarray, split: Split, refused: Refused) -> None:
    """Raises TableError when the tested customers are of one class."""
    if len(np.unique(y)) == 2:
        return
    if not refused.leaves_enough(len(y)):
        taken = f"takes only {len(y):,} of its {len(split.test):,} test customers ({refused.describe()})"
        raise TableError(split.table.path, f"can't be tested on: the contract {taken}, and these are of one class")
    raise TableError(split.table.path, "has too few rows: its test part has one class only")


def _compare_in_place(table: Table, fit: Fit, tested: Tested, options: TrainingOptions) -> InPlace | None:
    """The model in place compared with the new one; None where there is none."""
    if not options.output.exists():
        return None
    try:
        old = load_model(options.output, positive_class=options.positive_class)
    except ModelError as error:
        return InPlace(NotCompared(error))
    comparison = compare_models(old, table, tested.rows, tested.probabilities)
    changes = contract_changes(old.scorer.contract, fit.contract)
    return InPlace(comparison, old.version, old.threshold, tuple(changes))
