"""Trains the churn model: reads a table of customers, writes the model file, its card and a report.

python train.py [TABLE] [OPTIONS]; docs/training.md has the options.
"""

import os

if __name__ == "__main__":  # before NumPy loads: the number of threads that add up a sum decides its last digits
    os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1"))

import sys

from churn.installed import require_training

require_training("train.py")

import pickle
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from types import FrameType

from churn.errors import ChurnError, ModelError, WriteError
from churn.model.card import Card, encode_card
from churn.model.file import load_model, verify_pair, write_pair
from churn.model.pair import Pair, card_path, check_place, read_pair
from churn.server.settings import read_model_file, read_positive_class
from churn.signals import catch_endings, finishing
from churn.training.command import Command, parse_command
from churn.training.counts import count_training
from churn.training.findings import Findings
from churn.training.fit import build_card
from churn.training.run import run_training
from churn.training.same import TOLERANCE, is_same_model
from churn.training.table import Table, read_table
from churn.training.verdict import Verdict, judge
from churn.training.wording import campaign_lines, column_lines, difference_lines, target_lines

DEFAULT_CSV = Path(__file__).parent / "data" / "telco-churn.csv"
NOT_REPLACED, TERMINATED = 4, 143  # exit statuses

print_line = partial(print, flush=True)  # so that a pipe shows progress at once


def main(
    arguments: list[str] | None = None, *, uninterrupted: Callable[[], AbstractContextManager[None]] = nullcontext
) -> None:
    """Runs all steps, from the table to the model file.

    Raises ChurnError. Only the last step, in an `uninterrupted` block, replaces a model.
    """
    command = parse_command(arguments, default_csv=DEFAULT_CSV, positive_class=read_positive_class(os.environ))
    for path in command.training.outputs:
        check_place(path)
    table = read_customers(command)
    findings = run_training(table, command.training, progress=print_line)
    output, verdict = findings.output, judge(findings)
    print_findings(findings, verdict)
    if command.report:
        save_report(command.report, findings, verdict)
    if verdict.objection and not command.force:
        print(
            f"train.py: {output} is kept: {verdict.objection}; --force replaces it, and --output FILE keeps both",
            file=sys.stderr,
        )
        sys.exit(NOT_REPLACED)
    save_model(findings, force=command.force, uninterrupted=uninterrupted)
    warn_about_setting(output, command.training.positive_class)
    print_served(output)


def read_customers(command: Command) -> Table:
    """The table; prints its form, the meaning of its target, the columns that are left out, and remarks."""
    print_line(f"reading {command.csv}")
    try:
        table = read_table(command.csv, target=command.target, reading=command.reading, choices=command.choices)
    except ChurnError as error:
        if error.form:
            print_line(f"read as {error.form}")
        raise
    print_line(f"read as {table.form}")
    for line in (*target_lines(table), *column_lines(table), *table.remarks):
        print_line(line)
    return table


def print_findings(findings: Findings, verdict: Verdict) -> None:
    """Prints the campaign's profit, the differences from the model in place, and the verdict."""
    for line in (*campaign_lines(findings), *difference_lines(findings), *verdict.looks, verdict.headline):
        print_line(line)


def save_report(path: Path, findings: Findings, verdict: Verdict) -> None:
    """Writes the report of a training. Raises WriteError."""
    from churn.report.page import render_report, write_report  # which imports matplotlib

    write_report(path, render_report(findings, verdict, progress=print_line))
    print_line(f"the report is saved to {path}")


def save_model(findings: Findings, *, force: bool, uninterrupted: Callable[[], AbstractContextManager[None]]) -> None:
    """Writes the model file and its card; links at their paths are kept and lead to the new files.

    Unless `force` is set, files in place that hold the same model are kept. Raises WriteError, or ModelError for a
    pair that no service would load; the old pair is then kept.
    """
    output = findings.output
    pickled = pickle.dumps((findings.fit.dv, findings.fit.model), protocol=4)
    card = describe_model(pickled, findings)
    pair = Pair(pickled, encode_card(card))
    verify_pair(output, pair)
    if not force and findings.in_place and is_same_model(output, read_pair(output, patience_s=0), pair):
        print_line(f"{output} and its card are kept: the new ones are the same, all numbers within {TOLERANCE:g}")
        return
    try:
        write_pair(output, pickled, card, uninterrupted=uninterrupted)
    except OSError as error:
        raise WriteError(str(output), error.strerror or "it failed") from None
    print_line(f"the model is saved to {output}, its card to {card_path(output)}")


def describe_model(pickled: bytes, findings: Findings) -> Card:
    """The card of the model in these bytes."""
    split, fit, tested, table = findings.split, findings.fit, findings.tested, findings.split.table
    return build_card(
        pickled,
        fit.contract,
        fit.dv,
        fit.model,
        threshold=findings.threshold,
        target=table.target,
        event=findings.event,
        table={
            "sha256": table.sha256,
            "rows": len(table.y),
            "trained_on": len(split.train),
            "churn_rate": float(table.y.mean()),
            "left_out": {column.name: column.reason for column in table.left_out},
            "split": split.describe(),
            **({"untimed": table.times.untimed} if table.times and table.times.untimed else {}),
            **table.found.describe(),
        },
        figures={
            "folds": fit.folds,
            "tested_on": len(tested.rows),
            **tested.figures,
            "auc_interval": tested.auc_interval,
            **({"tried": fit.describe_tried()} if len(fit.validations) > 1 else {}),
            **({"shapes": fit.describe_shapes()} if fit.recipe else {}),
        },
        average=fit.average,
        shares=fit.shares,
        counts=count_training(findings),
    )


def warn_about_setting(output: Path, positive_class: str | None) -> None:
    """Prints a warning if the service's POSITIVE_CLASS is not a class of the new model, whose classes are 0 and 1."""
    if positive_class is None:
        return
    try:
        load_model(output, positive_class=positive_class)
    except ModelError as error:
        setting = f"POSITIVE_CLASS={positive_class!r}"
        print_line(f"the service will refuse this model while {setting} is set: {error.reason}")


def print_served(output: Path) -> None:
    """Prints the model file that the service serves, and how to serve the new one if that is another file."""
    served = read_model_file(os.environ)
    if output.resolve() == served.resolve():
        print_line(f"the service serves {served}: this model")
    else:
        print_line(
            f"the service serves {served}, not this model: MODEL_FILE='{output}' make serve, or --output '{served}'"
        )


def end_process(number: int, frame: FrameType | None) -> None:
    """Ends the process on a signal; leaving through SystemExit removes temporary files."""
    sys.exit(TERMINATED)


if __name__ == "__main__":
    catch_endings(end_process)
    try:
        main(uninterrupted=finishing)
    except ChurnError as error:
        print(f"train.py: {error}", file=sys.stderr)
        sys.exit(1 if isinstance(error, WriteError) else 2)
    except MemoryError:
        print("train.py: out of memory; leave out columns or rows", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
