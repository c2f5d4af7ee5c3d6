"""Trains the churn model: a CSV of customers in; the model file and its card out.

python train.py [CSV] [--C 1.0] [--folds 5] [--target churn] [--plain] [--output FILE]
"""

import argparse
import pickle
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from churn.contract import Contract
from churn.data import read_table
from churn.errors import ChurnError, TableError
from churn.evaluation import evaluate
from churn.model_file import card_path, write_pair
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


def main(arguments: list[str] | None = None) -> None:
    """The whole story, from the table to the file. Raises ChurnError; only the last step writes anything."""
    options = parse(arguments)
    table = read_table(options.csv, target=options.target)
    for name, reason in table.left_out.items():
        print(f"left out {name}: {reason}")

    full_train, test = split(options.csv, table.y, folds=options.folds)
    customers, y = table.customers.iloc[full_train], table.y[full_train]
    contract = learn_contract(customers)
    dv = fit_vectorizer(contract, logarithms=not options.plain)
    X = build_matrix(customers, contract, dv)

    kinds = Counter(type(field).__name__.lower() for field in contract.fields)
    print("learned the fields:", ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))

    print(f"validating with C={options.C} on {len(y)} customers")
    scores = validate(X, y, C=options.C, folds=options.folds)

    print("training the final model")
    model = fit_model(X, y, C=options.C)
    figures = evaluate_test(options.csv, table.customers.iloc[test], table.y[test], contract, dv, model)

    provenance = {
        "sha256": table.sha256,
        "rows": len(table.y),
        "trained_on": len(y),
        "churn_rate": float(table.y.mean()),
        "left_out": table.left_out,
    }
    output = options.output or Path(f"model_C={options.C}.bin")
    known = {"target": options.target, "table": provenance, "figures": {"folds": scores, **figures}}
    save(output, contract, dv, model, average=average_customer(X, dv), **known)
    print(f"the model is saved to {output}, its card to {card_path(output)}")


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
        print(f"auc on fold {fold} is {score:.3f}")
        scores.append(score)
    print(f"C={C} {np.mean(scores):.3f} +- {np.std(scores):.3f}")
    return scores


def evaluate_test(
    csv: Path,
    customers: pd.DataFrame,
    y: np.ndarray,
    contract: Contract,
    dv: DictVectorizer,
    model: LogisticRegression,
) -> dict[str, object]:
    """The figures on the test part, on those customers that the service would not refuse."""
    served = fulfils(customers, contract)
    if not served.all():
        print(f"{(~served).sum()} test customers are left out of the figures: the contract refuses them")
    if len(np.unique(y[served])) < 2:
        raise TableError(csv, "has too few rows: its test part has one class only")
    probabilities = model.predict_proba(build_matrix(customers[served], contract, dv))[:, 1]
    figures = evaluate(y[served], probabilities)
    print(f"auc={figures['auc']:.3f}")
    return {"tested_on": int(served.sum()), **figures}


def save(
    output: Path, contract: Contract, dv: DictVectorizer, model: LogisticRegression, **provenance: object
) -> None:
    """Writes the model file and the card that belongs to it; when that fails, the old pair still stands."""
    pickled = pickle.dumps((dv, model), protocol=4)
    try:
        write_pair(output, pickled, build_card(pickled, contract, dv, model, **provenance))
    except OSError as error:
        sys.exit(f"train.py: {output}: can't be written: {error.strerror}")


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command's options. Exits with status 2 on one that can't be used."""
    parser = argparse.ArgumentParser(description="Trains the churn model: a CSV in; the model file and its card out.")
    parser.add_argument("csv", nargs="?", type=Path, default=DEFAULT_CSV, metavar="CSV")
    parser.add_argument("--C", type=float, default=1.0, help="inverse of the L2 penalty (1.0)")
    parser.add_argument("--folds", type=int, default=5, help="folds of the cross-validation (5)")
    parser.add_argument("--target", default="churn", help="the yes/no column to learn (churn)")
    parser.add_argument("--plain", action="store_true", help="no logarithms: the published course model")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the model file (model_C={C}.bin)")
    options = parser.parse_args(arguments)
    if not 0 < options.C < float("inf"):
        parser.error("--C must be a number above 0")
    if options.folds < 2:
        parser.error("--folds must be 2 or more")
    output = options.output
    if output and (output.suffix == ".json" or output.is_dir() or not output.parent.is_dir()):
        parser.error("--output must be a file in a folder that exists, and not end in .json: that is the card")
    return options


if __name__ == "__main__":
    try:
        main()
    except ChurnError as error:
        print(f"train.py: {error}", file=sys.stderr)
        sys.exit(2)
