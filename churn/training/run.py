"""A training, from the table to what it finds: split, fit, test, compare.

Owns the order of the steps, and what is reported of each as soon as it is known. Reads the model in place, writes
nothing; whether the new model is worth its place is verdict's.
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
    """What can be asked of a training.

    `C` are the inverses of the L2 penalty to choose from, above 0; `folds`, 2 or more, are those of the validation;
    `test_share`, 0 to 1, is the part of the rows that is tested on, and `seed` what rows are drawn by; `plain` is a
    model without logarithms. `shapes` is the rung that the model is to be of, None where the rows decide. `output` is
    where the model is to go, and where the one to compare it with may stand: None is for a name that C gives.
    `positive_class` is the class of that one that leaves, where its classes do not say so, as for the service.
    `limits` and `groups` say whether the contract is to have some. `event` is what the
    customers do, a verb; None is for leaving.
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
        """The one of `C` that is nearest to 1, which the rung is chosen with."""
        return min(self.C, key=lambda C: abs(math.log(C)))

    @property
    def outputs(self) -> list[Path]:
        """Where the model may go: a file for each C, unless one is named."""
        return [self.output_for(C) for C in self.C]

    def output_for(self, C: float) -> Path:
        """Where the model goes once its C is chosen."""
        return self.output or Path(f"model_C={C}.bin")


def run_training(table: Table, options: TrainingOptions, *, progress: Progress = lambda line: None) -> Findings:
    """What a training on the table finds; each line about it goes to `progress` as soon as it is known.

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
    """The recipe for these rows, positions in the table; what is asked for overrules what they tell."""
    rung = Rung.NONE if options.plain else options.shapes
    return choose_recipe(table, rows, contract, rung=rung, C=options.usual_penalty, progress=progress)


def _learn(split: Split, options: TrainingOptions) -> Contract:
    """The contract that the rows to train on tell; a group needs the test rows' consent."""
    table = split.table
    customers = table.customers.iloc[split.train]
    contract = learn_contract(customers, table.marks, table.missing)
    if options.limits:
        contract = set_limits(contract)
    if options.groups:
        contract = find_groups(contract, customers, spell_as_known(table.customers.iloc[split.test], contract))
    return contract


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
    probabilities = predict_churn(table.customers.iloc[rows], fit.contract, fit.dv, fit.model)
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


def _compare_in_place(split: Split, fit: Fit, tested: Tested, options: TrainingOptions) -> InPlace | None:
    """The model in place compared with the new one; None where there is none."""
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
