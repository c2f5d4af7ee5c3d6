"""Trains the churn model: a CSV of customers in; the model file, its card and a report out.

python train.py [CSV] [--C 1.0] [--folds 5] [--target churn] [--plain] [--output FILE] [--force] [--report FILE]
    [--value V --offer O --contact C --accept P]
"""

import argparse
import os
import pickle
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from types import FrameType

import numpy as np
import pandas as pd
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from churn.errors import ChurnError, ModelError, TableError, WriteError
from churn.files import catch_endings, finishing
from churn.model.card import encode_card
from churn.model.contract import Contract
from churn.model.file import Model, load_model, verify_pair, write_pair
from churn.model.pair import Pair, card_path, check_place
from churn.server.settings import read_positive_class
from churn.training.campaign import Campaign
from churn.training.changes import contract_changes
from churn.training.evaluation import auc_interval, count_copies, evaluate
from churn.training.findings import Findings
from churn.training.fit import (
    average_customer,
    build_card,
    build_matrix,
    check_folds,
    count_refused,
    cross_validate,
    fit_model,
    fit_vectorizer,
    fulfils,
    learn_contract,
)
from churn.training.gate import compare_models
from churn.training.refused import Refused
from churn.training.summary import campaign_lines, difference_lines
from churn.training.table import Table, read_table
from churn.training.verdict import judge

DEFAULT_CSV = Path(__file__).parent / "data" / "telco-churn.csv"
NOT_REPLACED, TERMINATED = 4, 143  # exit statuses

say = partial(print, flush=True)  # progress is seen through a pipe, too


def main(
    arguments: list[str] | None = None, *, uninterrupted: Callable[[], AbstractContextManager[None]] = nullcontext
) -> None:
    """The whole story, from the table to the file, and so longer than any other function here.

    Raises ChurnError; only the last step, in an `uninterrupted` block, replaces a model.
    """
    options = parse(arguments)
    check_place(options.output)
    table = read(options.csv, target=options.target)
    train, test = split(options.csv, table.y, folds=options.folds)
    contract, dv, X = learn(table.customers.iloc[train], plain=options.plain)
    y = table.y[train]

    say(f"validating with C={options.C} on {len(y)} customers")
    folds = validate(X, y, C=options.C, folds=options.folds)

    say("training the final model")
    model = fit_model(X, y, C=options.C)
    tested, untested, probabilities = score_test(options.csv, table, test, contract, dv, model)
    figures, interval = evaluate(table.y[tested], probabilities), auc_interval(table.y[tested], probabilities)
    say(f"auc={figures['auc']:.3f}")
    say(f"(between {interval.low:.3f} and {interval.high:.3f}, with 95 % confidence)")

    positive_class = read_positive_class(os.environ)
    old, damage = model_in_place(options.output, positive_class=positive_class)
    findings = Findings(
        csv_name=options.csv.name,
        target=options.target,
        C=options.C,
        table=table,
        train=train,
        test=tested,
        untested=untested,
        copies=count_copies(table.customers, train, tested),
        contract=contract,
        dv=dv,
        model=model,
        folds=folds,
        probabilities=probabilities,
        figures=figures,
        auc_interval=interval,
        campaign=options.campaign,
        model_name=options.output.name,
        old_version=old.version if old else None,
        old_threshold=old.threshold if old else None,
        comparison=compare_models(old, table, tested, probabilities) if old else damage,
        changes=contract_changes(old.scorer.contract, contract) if old else [],
    )
    for line in (*campaign_lines(findings), *difference_lines(findings)):
        say(line)
    verdict = judge(findings)
    say(verdict.headline)
    if options.report:
        from churn.report.page import write_report  # which imports matplotlib

        write_report(options.report, findings, tell=say)
        say(f"the report is saved to {options.report}")
    if verdict.keeps and not options.force:
        print(f"train.py: {options.output} is kept: {verdict.keeps}; --force replaces it", file=sys.stderr)
        sys.exit(NOT_REPLACED)
    save(options.output, findings, average=average_customer(X, dv), uninterrupted=uninterrupted)
    say(f"the model is saved to {options.output}, its card to {card_path(options.output)}")
    if positive_class is not None:
        check_setting(options.output, positive_class)


def read(csv: Path, *, target: str) -> Table:
    """The table; says which columns are no fields."""
    say(f"reading {csv}")
    table = read_table(csv, target=target)
    for name, reason in table.left_out.items():
        say(f"left out {name}: {reason}")
    return table


def split(csv: Path, y: np.ndarray, *, folds: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows to train on and the 20 % to test on, seed 1. Raises TableError when there are too few."""
    if len(y) < 2 * folds:
        raise TableError(csv, f"has {len(y)} rows, too few for {folds} folds")
    full_train, test = train_test_split(np.arange(len(y)), test_size=0.2, random_state=1)
    too_few = check_folds(y[full_train], folds)
    if too_few:
        raise TableError(csv, too_few)
    return full_train, test


def learn(customers: pd.DataFrame, *, plain: bool) -> tuple[Contract, DictVectorizer, np.ndarray]:
    """The contract of the customers to train on, their columns, and the matrix of both."""
    contract = learn_contract(customers)
    kinds = Counter(type(field).__name__.lower() for field in contract.fields)
    say("learned the fields:", ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    dv = fit_vectorizer(contract, logarithms=not plain)
    return contract, dv, build_matrix(customers, contract, dv)


def validate(X: np.ndarray, y: np.ndarray, *, C: float, folds: int) -> list[float]:
    """The AUC on each fold, printed as it is ready, then their mean and spread."""
    scores = []
    for fold, score in enumerate(cross_validate(X, y, C=C, folds=folds)):
        say(f"auc on fold {fold} is {score:.3f}")
        scores.append(score)
    say(f"C={C} {np.mean(scores):.3f} +- {np.std(scores):.3f}")
    return scores


def score_test(
    csv: Path, table: Table, test: np.ndarray, contract: Contract, dv: DictVectorizer, model: LogisticRegression
) -> tuple[np.ndarray, Refused, np.ndarray]:
    """The rows of the test part that the contract takes, those that it refuses, counted, and what the model says.

    The churn probabilities are those of the rows that it takes. Raises TableError when these have one class only.
    """
    customers = table.customers.iloc[test]
    tested, untested = test[fulfils(customers, contract)], count_refused(customers, contract)
    if untested.customers:
        left_out = f"{untested.customers:,} test customers are left out of the figures"
        say(f"{left_out}: the contract refuses them ({untested.describe()})")
    if len(np.unique(table.y[tested])) < 2:
        if not untested.leaves_enough(len(tested)):
            taken = f"takes only {len(tested):,} of its {len(test):,} test customers ({untested.describe()})"
            raise TableError(csv, f"can't be tested on: the contract {taken}, and these are of one class")
        raise TableError(csv, "has too few rows: its test part has one class only")
    X = build_matrix(table.customers.iloc[tested], contract, dv)
    return tested, untested, model.predict_proba(X)[:, 1]


def model_in_place(output: Path, *, positive_class: str | None) -> tuple[Model | None, str | None]:
    """The model that would be replaced, if there is one that can be served; if it can't be, why, in words.

    `positive_class` names the class that leaves in a file whose classes do not say so, as for the service.
    """
    if not output.exists():
        return None, None
    try:
        return load_model(output, positive_class=positive_class), None
    except ModelError as error:
        return None, f"it can't be served: {error}"


def check_setting(output: Path, positive_class: str) -> None:
    """Says so when the service would refuse the model just written, whose classes are 0 and 1, for its setting."""
    try:
        load_model(output, positive_class=positive_class)
    except ModelError as error:
        say(f"the service will refuse this model while POSITIVE_CLASS={positive_class!r} is set: {error.reason}")


def save(
    output: Path,
    findings: Findings,
    *,
    average: dict[str, float],
    uninterrupted: Callable[[], AbstractContextManager[None]],
) -> None:
    """Writes the model file and its card, which links at their places go on to lead to.

    Raises WriteError, or ModelError for a pair that no service would take; then the old pair still stands.
    """
    table, pickled = findings.table, pickle.dumps((findings.dv, findings.model), protocol=4)
    figures = {
        "folds": findings.folds,
        "tested_on": len(findings.test),
        **findings.figures,
        "auc_interval": findings.auc_interval,
    }
    provenance = {
        "sha256": table.sha256,
        "rows": len(table.y),
        "trained_on": len(findings.train),
        "churn_rate": float(table.y.mean()),
        "left_out": table.left_out,
    }
    card = build_card(
        pickled,
        findings.contract,
        findings.dv,
        findings.model,
        threshold=findings.threshold,
        target=findings.target,
        table=provenance,
        figures=figures,
        average=average,
    )
    verify_pair(output, Pair(pickled, encode_card(card)))
    try:
        write_pair(output, pickled, card, uninterrupted=uninterrupted)
    except OSError as error:
        raise WriteError(str(output), error.strerror or "it failed") from None


def terminate(number: int, frame: FrameType | None) -> None:
    """Ends the process as a signal asks for; what was written to the side is removed on the way out."""
    sys.exit(TERMINATED)


def can_be_written(path: Path) -> bool:
    """False for a folder, a device and what is in no folder; a link is what it leads to."""
    real = Path(os.path.realpath(path))
    is_device = real.is_char_device() or real.is_block_device()
    return real.parent.is_dir() and not real.is_dir() and not is_device


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command's options. Exits with status 2 on one that can't be used."""
    parser = argparse.ArgumentParser(description="Trains the churn model: a CSV in; the model file and its card out.")
    parser.add_argument("csv", nargs="?", type=Path, default=DEFAULT_CSV, metavar="CSV")
    parser.add_argument("--C", type=float, default=1.0, help="inverse of the L2 penalty (1.0)")
    parser.add_argument("--folds", type=int, default=5, help="folds of the cross-validation (5)")
    parser.add_argument("--target", default="churn", help="the yes/no column to learn (churn)")
    parser.add_argument("--plain", action="store_true", help="no logarithms: the published course model")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the model file (model_C={C}.bin)")
    parser.add_argument("--force", action="store_true", help="replace a model in place that is better")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write what was found as a page, HTML")
    money = parser.add_argument_group("money", "a retention campaign; with it the card carries its threshold")
    money.add_argument("--value", type=float, metavar="V", help="what a customer who is kept is worth")
    money.add_argument("--offer", type=float, metavar="O", help="what the offer costs")
    money.add_argument("--contact", type=float, metavar="C", help="what a contact costs")
    money.add_argument("--accept", type=float, metavar="P", help="the share of leavers who accept, 0 to 1")
    options = parser.parse_args(arguments)
    if not 0 < options.C < float("inf"):
        parser.error("--C must be a number above 0")
    if options.folds < 2:
        parser.error("--folds must be 2 or more")
    options.output = output = options.output or Path(f"model_C={options.C}.bin")
    if output.suffix == ".json" or not can_be_written(output):
        parser.error("--output must be a file in a folder that exists, and not end in .json: that is the card")
    csv, pair = os.path.realpath(options.csv), {os.path.realpath(path) for path in (output, card_path(output))}
    if csv in pair:
        parser.error("--output, or its card, would overwrite the table")
    page = options.report
    if page and (page.suffix != ".html" or not can_be_written(page) or page.is_fifo() or page.is_socket()):
        parser.error("--report must be a file that ends in .html, in a folder that exists")
    if page and os.path.realpath(page) in pair | {csv}:
        parser.error("--report would overwrite the model or the table")
    given = {name: getattr(options, name) for name in ("value", "offer", "contact", "accept")}
    options.campaign = None
    if any(one is not None for one in given.values()):
        if None in given.values():
            parser.error("--value, --offer, --contact and --accept go together")
        try:
            options.campaign = Campaign(**given)
        except ValueError as error:
            parser.error(str(error))
    return options


if __name__ == "__main__":
    catch_endings(terminate)
    try:
        main(uninterrupted=finishing)
    except ChurnError as error:
        print(f"train.py: {error}", file=sys.stderr)
        sys.exit(1 if isinstance(error, WriteError) else 2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # nobody reads any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
