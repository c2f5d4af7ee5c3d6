"""Trains the churn model: a CSV of customers in; the model file, its card and a report out.

python train.py [CSV] [--C 1.0] [--folds 5] [--target churn] [--plain] [--output FILE] [--force] [--report FILE]
    [--value V --offer O --contact C --accept P]
"""

import argparse
import pickle
import sys
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from churn.campaign import Campaign
from churn.contract import Contract
from churn.contract_changes import contract_changes
from churn.data import Table, read_table
from churn.errors import ChurnError, ModelError, TableError, WriteError
from churn.evaluation import auc_interval, evaluate
from churn.findings import Findings
from churn.gate import Comparison, compare_models
from churn.model_file import Model, card_path, load_model, write_pair
from churn.training import (
    average_customer,
    build_card,
    build_matrix,
    check_folds,
    cross_validate,
    fit_model,
    fit_vectorizer,
    fulfils,
    learn_contract,
)

DEFAULT_CSV = Path(__file__).parent / "data" / "telco-churn.csv"
NOT_REPLACED = 4  # exit status

say = partial(print, flush=True)  # progress is seen through a pipe, too


def main(arguments: list[str] | None = None) -> None:
    """The whole story, from the table to the file. Raises ChurnError; only the last step replaces a model."""
    options = parse(arguments)
    output = options.output or Path(f"model_C={options.C}.bin")
    table = read(options.csv, target=options.target)

    train, test = split(options.csv, table.y, folds=options.folds)
    customers, y = table.customers.iloc[train], table.y[train]
    contract = learn_contract(customers)
    dv = fit_vectorizer(contract, logarithms=not options.plain)
    X = build_matrix(customers, contract, dv)

    kinds = Counter(type(field).__name__.lower() for field in contract.fields)
    say("learned the fields:", ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))

    say(f"validating with C={options.C} on {len(y)} customers")
    folds = validate(X, y, C=options.C, folds=options.folds)

    say("training the final model")
    model = fit_model(X, y, C=options.C)
    tested, probabilities = score_test(options.csv, table, test, contract, dv, model)
    figures = evaluate(table.y[tested], probabilities)
    interval = auc_interval(table.y[tested], probabilities)
    say(f"auc={figures['auc']:.3f}")
    say(f"(between {interval.low:.3f} and {interval.high:.3f}, with 95 % confidence)")

    old = model_in_place(output)
    findings = Findings(
        csv_name=options.csv.name,
        target=options.target,
        C=options.C,
        table=table,
        train=train,
        test=tested,
        untested=len(test) - len(tested),
        contract=contract,
        dv=dv,
        model=model,
        folds=folds,
        probabilities=probabilities,
        figures=figures,
        auc_interval=interval,
        campaign=options.campaign,
        comparison=compare_models(old, table, tested, probabilities) if old else None,
        changes=contract_changes(old.scorer.contract, contract) if old else [],
    )
    tell_campaign(findings)
    if old:
        tell_difference(old, findings)
    if options.report:
        report(options.report, findings)
    if not options.force:
        keep_what_is_better(output, findings.comparison)
    save(output, findings, average=average_customer(X, dv))
    say(f"the model is saved to {output}, its card to {card_path(output)}")


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
) -> tuple[np.ndarray, np.ndarray]:
    """The rows of the test part that the service would not refuse, and the model's churn probability for each."""
    tested = test[fulfils(table.customers.iloc[test], contract)]
    if len(tested) < len(test):
        say(f"{len(test) - len(tested)} test customers are left out of the figures: the contract refuses them")
    if len(np.unique(table.y[tested])) < 2:
        raise TableError(csv, "has too few rows: its test part has one class only")
    X = build_matrix(table.customers.iloc[tested], contract, dv)
    return tested, model.predict_proba(X)[:, 1]


def model_in_place(output: Path) -> Model | None:
    """The model that would be replaced; None where there is none that could be served."""
    if not output.exists():
        return None
    try:
        return load_model(output)
    except ModelError as error:
        say(f"the model in place can't be served, so there is nothing to compare with: {error}")
        return None


def tell_campaign(findings: Findings) -> None:
    """From which probability on a contact pays, and what that earns on the test part."""
    campaign, y, probabilities = findings.campaign, findings.table.y[findings.test], findings.probabilities
    if campaign is None:
        return
    say(f"a contact pays above a churn probability of {campaign.threshold:.4f}: this is the card's threshold")
    say(f"on the {len(y):,} test customers:  threshold  contacted       earned")
    best = campaign.profit_curve(y, probabilities).best
    for name, threshold in (("where it pays", campaign.threshold), ("0.5", 0.5), ("best in hindsight", best)):
        contacted = (probabilities >= threshold).sum()
        profit = campaign.profit(y, probabilities, threshold=threshold)
        shown = f"{threshold:.4f}" if threshold <= 1 else "nobody"
        say(f"  {name:24}  {shown:>9}  {contacted:9,}  {profit:11,.0f}")
    say("(a contacted customer who would stay is taken to accept the offer, too)")


def tell_difference(old: Model, findings: Findings) -> None:
    """What is different from the model in place: how good it is, its contract, its threshold."""
    comparison = findings.comparison
    lines = comparison.describe() if isinstance(comparison, Comparison) else [f"not compared: {comparison}"]
    lines += [f"contract: {change}" for change in findings.changes]
    if findings.threshold != old.threshold:
        hint = "" if findings.campaign else "; --value, --offer, --contact and --accept set one"
        lines.append(f"threshold: {findings.threshold:.4f}, was {old.threshold:.4f}{hint}")
    say(f"beside the model in place, {old.version}:")
    for line in lines:
        say(f"  {line}")


def report(path: Path, findings: Findings) -> None:
    """Writes the report, saying how far it is."""
    from churn.report import write_report  # which imports matplotlib

    write_report(path, findings, tell=say)
    say(f"the report is saved to {path}")


def keep_what_is_better(output: Path, comparison: Comparison | str | None) -> None:
    """Ends the run where the model in place is better than the new one, or can't be compared with it."""
    if isinstance(comparison, str):
        reason = f"it can't be compared with the new model: {comparison}"
    elif comparison and comparison.worse:
        reason = "the new model is worse, and by more than chance explains"
    else:
        return
    print(f"train.py: {output} is kept: {reason}; --force replaces it", file=sys.stderr)
    sys.exit(NOT_REPLACED)


def save(output: Path, findings: Findings, *, average: dict[str, float]) -> None:
    """Writes the model file and its card. Raises WriteError, and then the old pair still stands."""
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
    try:
        write_pair(output, pickled, card)
    except OSError as error:
        raise WriteError(str(output), error.strerror or "it failed") from None


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
    output = options.output
    if output and (output.suffix == ".json" or output.is_dir() or not output.parent.is_dir()):
        parser.error("--output must be a file in a folder that exists, and not end in .json: that is the card")
    if options.report and (options.report.suffix != ".html" or not options.report.parent.is_dir()):
        parser.error("--report must end in .html, in a folder that exists")
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
    try:
        main()
    except ChurnError as error:
        print(f"train.py: {error}", file=sys.stderr)
        sys.exit(1 if isinstance(error, WriteError) else 2)
    except KeyboardInterrupt:
        sys.exit(130)
