"""Runs a training, from the table to its findings: split, fit, test, compare.

Owns the order of the steps, and reports each result as soon as it is known. Reads the model in place and writes
nothing; `verdict` judges whether the new model should replace it.
"""

import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from churn.errors import ModelError, TableError
from churn.model.contract import Contract
from churn.model.file import load_model
from churn.model.gain import Campaign
from churn.nouns import count_subject
from churn.training.categories import spell_as_known
from churn.training.changes import contract_changes
from churn.training.complexity import Choice, Progress, choose_recipe
from churn.training.evaluation import auc_interval, count_copies, evaluate
from churn.training.findings import Findings, Fit, InPlace, Tested
from churn.training.fit import learn_contract, predict_churn
from churn.training.gate import NotCompared, compare_models
from churn.training.groups import find_groups
from churn.training.limits import set_limits
from churn.training.models import Models, PlainModels, ShapedModels
from churn.training.refused import Refused, count_refused, taken_customers
from churn.training.rungs import Rung
from churn.training.size import check_columns, check_memory
from churn.training.split import FOLDS, SEED, TEST_SHARE, Split, split_table
from churn.training.table import Table
from churn.training.telling import find_telling
from churn.training.validation import choose_penalty, validate
from churn.training.wording import contract_lines, ladder_lines, split_lines


@dataclass(frozen=True)
class TrainingOptions:
    """The options of a training.

    `C` are the candidate inverses of the L2 penalty, above 0. `folds`, 2 or more, is the number of folds of the
    validation. `test_share`, 0 to 1, is the share of the rows to test on, and `seed` the seed for drawing rows.
    `plain` leaves logarithms out. `shapes` is the rung of the model, None where the rows decide. `output` is the file
    to write, which may hold the model to compare with; None is for a name that contains C. `positive_class` is the
    class of that model that leaves, if its classes do not show it, as for the service. `limits` and `groups` switch
    these parts of the contract on. `event` is a verb for what the customers do; None means leaving.
    """

    output: Path | None = None
    C: tuple[float, ...] = (1.0,)
    folds: int = FOLDS
    test_share: float = TEST_SHARE
    seed: int = SEED
    plain: bool = False
    shapes: Rung | None = None
    campaign: Campaign | None = None
    positive_class: str | None = None
    limits: bool = True
    groups: bool = True
    event: str | None = None

    @property
    def usual_penalty(self) -> float:
        """The candidate C nearest to 1 on a log scale; the rung is chosen with it."""
        return min(self.C, key=lambda C: abs(math.log(C)))

    @property
    def outputs(self) -> list[Path]:
        """The paths that the model may be written to: one for each C, unless `output` names one."""
        return [self.output_for(C) for C in self.C]

    def output_for(self, C: float) -> Path:
        """The path of the model once its C is chosen."""
        return self.output or Path(f"model_C={C}.bin")


def run_training(table: Table, options: TrainingOptions, *, progress: Progress = lambda line: None) -> Findings:
    """The findings of a training on the table; each line goes to `progress` as soon as it is known.

    Raises TableError for a table that can't be trained or tested on, FitError for a fit without an optimum.
    """
    split = split_table(table, folds=options.folds, test_share=options.test_share, seed=options.seed)
    for line in split_lines(split):
        progress(line)
    fit = _fit(split, options, progress)
    tested = _test(split, fit, progress)
    return Findings(
        split=split,
        fit=fit,
        tested=tested,
        in_place=_compare_in_place(split, fit, tested, options),
        campaign=options.campaign,
        output=options.output_for(fit.C),
        event=options.event,
        telling=find_telling(table.customers, table.y, fit.contract, train=split.train, test=split.test),
    )


def _fit(split: Split, options: TrainingOptions, progress: Progress) -> Fit:
    contract = _learn(split, options)
    for line in contract_lines(contract):
        progress(line)
    path, rows, logarithms = split.table.path, len(split.train), not options.plain
    check_columns(path, contract, logarithms=logarithms)
    check_memory(path, contract, rows=rows, logarithms=logarithms)
    choose = partial(_choose, split.table, contract, options)
    ladder, recipe = choose(split.train, progress)
    for line in ladder_lines(ladder, recipe):
        progress(line)
    models: Models = (
        ShapedModels(split, contract, recipe, choose=choose, progress=progress)
        if recipe
        else PlainModels(split, contract, logarithms=logarithms)
    )
    validations = [validate(models, C=C, customers=rows, progress=progress) for C in options.C]
    chosen = choose_penalty(validations, progress=progress)
    progress("training the final model")
    return Fit(
        **models.fit(chosen.C)._asdict(),
        C=chosen.C,
        folds=chosen.aucs,
        validations=tuple(validations),
        recipe=recipe,
        ladder=ladder,
    )


def _choose(
    table: Table, contract: Contract, options: TrainingOptions, rows: np.ndarray, progress: Progress
) -> Choice:
    """The recipe for these rows, positions in the table; the options overrule the comparison."""
    rung = Rung.NONE if options.plain else options.shapes
    return choose_recipe(table, rows, contract, rung=rung, C=options.usual_penalty, progress=progress)


def _learn(split: Split, options: TrainingOptions) -> Contract:
    """The contract learned from the rows to train on; a group must also hold in the test rows."""
    table = split.table
    customers = table.customers.iloc[split.train]
    contract = learn_contract(customers, table.marks, table.missing)
    if options.limits:
        contract = set_limits(contract)
    if options.groups:
        contract = find_groups(contract, customers, spell_as_known(table.customers.iloc[split.test], contract))
    return contract


def _test(split: Split, fit: Fit, progress: Progress) -> Tested:
    """The results of the model on the test part; reports the customers that the contract refuses, if any."""
    table = split.table
    customers = table.customers.iloc[split.test]
    rows, refused = split.test[taken_customers(customers, fit.contract)], count_refused(customers, fit.contract)
    if refused.customers:
        left_out = f"{count_subject(refused.customers, 'test customer')} left out of the figures"
        progress(f"{left_out}: the contract refuses them ({refused.describe()})")
    y: np.ndarray = table.y[rows]
    _check_classes(y, split, refused)
    probabilities = predict_churn(table.customers.iloc[rows], fit.contract, fit.dv, fit.model)
    figures, interval = evaluate(y, probabilities), auc_interval(y, probabilities)
    progress(f"auc={figures['auc']:.3f}")
    progress(f"(between {interval.low:.3f} and {interval.high:.3f}, with 95 % confidence)")
    copies = count_copies(table.customers, split.train, rows)
    return Tested(rows, y, probabilities, figures, interval, refused, copies)


def _check_classes(y: np.ndarray, split: Split, refused: Refused) -> None:
    """Raises TableError if the tested customers are all of one class."""
    if len(np.unique(y)) == 2:
        return
    if not refused.leaves_enough(len(y)):
        few = f"accepts only {len(y):,} of its {len(split.test):,} test customers ({refused.describe()})"
        raise TableError(split.table.path, f"can't be tested on: the contract {few}, and these are all of one class")
    raise TableError(split.table.path, "has too few rows: its test part has one class only")


def _compare_in_place(split: Split, fit: Fit, tested: Tested, options: TrainingOptions) -> InPlace | None:
    """The comparison with the model in place; None if there is no such model."""
    output = options.output_for(fit.C)
    if not output.exists():
        return None
    try:
        old = load_model(output, positive_class=options.positive_class)
    except ModelError as error:
        return InPlace(NotCompared(error))
    parts = split.describe()
    comparison = compare_models(old, split.table, tested.rows, tested.probabilities, parts=parts)
    changes = contract_changes(old.scorer.contract, fit.contract)
    return InPlace(comparison, old.version, old.threshold, tuple(changes))
