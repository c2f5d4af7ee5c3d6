"""Trains the churn model: a table of customers in; the model file, its card and a report out.

python train.py [CSV] [--C 1.0] [--folds 5] [--target churn] [--encoding NAME] [--decimal-mark MARK]
    [--worksheet NAME] [--map COLUMN=NAME] [--plain] [--output FILE] [--force]
    [--report FILE] [--value V --offer O --contact C --accept P]
"""

import argparse
import os
import pickle
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType

from churn.errors import ChurnError, ModelError, WriteError
from churn.model.card import Card, encode_card
from churn.model.file import load_model, verify_pair, write_pair
from churn.model.pair import Pair, card_path, check_place
from churn.server.settings import read_positive_class
from churn.signals import catch_endings, finishing
from churn.tables.decimals import DECIMAL_MARKS
from churn.tables.encoding import ENCODINGS
from churn.tables.renaming import Renaming
from churn.training.campaign import Campaign
from churn.training.findings import Findings
from churn.training.fit import build_card
from churn.training.run import TrainingOptions, run_training
from churn.training.source import Reading
from churn.training.table import Table, read_table
from churn.training.verdict import Verdict, judge
from churn.training.wording import campaign_lines, difference_lines

DEFAULT_CSV = Path(__file__).parent / "data" / "telco-churn.csv"
NOT_REPLACED, TERMINATED = 4, 143  # exit statuses

print_line = partial(print, flush=True)  # progress is seen through a pipe, too


def main(
    arguments: list[str] | None = None, *, uninterrupted: Callable[[], AbstractContextManager[None]] = nullcontext
) -> None:
    """The whole story, from the table to the file.

    Raises ChurnError; only the last step, in an `uninterrupted` block, replaces a model.
    """
    command = parse_command(arguments, os.environ)
    output = command.training.output
    check_place(output)
    table = read_customers(command)
    findings = run_training(table, command.training, progress=print_line)
    verdict = judge(findings)
    print_findings(findings, verdict)
    if command.report:
        save_report(command.report, findings, verdict)
    if verdict.objection and not command.force:
        print(f"train.py: {output} is kept: {verdict.objection}; --force replaces it", file=sys.stderr)
        sys.exit(NOT_REPLACED)
    save_model(output, findings, uninterrupted=uninterrupted)
    warn_about_setting(output, command.training.positive_class)


def read_customers(command: "Command") -> Table:
    """The table; prints what form it has, and which columns are no fields or have marks."""
    print_line(f"reading {command.csv}")
    table = read_table(command.csv, target=command.target, reading=command.reading)
    print_line(f"read as {table.form}")
    for column in table.left_out:
        print_line(f"left out {column.name}: {column.reason}")
    for field, marks in table.marks.items():
        decimals = ", with a decimal comma" if marks.decimal_comma else ""
        print_line(f"{field} is a number, read without {marks.describe()}{decimals}")
    return table


def print_findings(findings: Findings, verdict: Verdict) -> None:
    """Prints what the campaign earns, what is different from the model in place, and the verdict."""
    for line in (*campaign_lines(findings), *difference_lines(findings), verdict.headline):
        print_line(line)


def save_report(path: Path, findings: Findings, verdict: Verdict) -> None:
    """Writes the report of a training. Raises WriteError."""
    from churn.report.page import render_report, write_report  # which imports matplotlib

    write_report(path, render_report(findings, verdict, progress=print_line))
    print_line(f"the report is saved to {path}")


def save_model(
    output: Path, findings: Findings, *, uninterrupted: Callable[[], AbstractContextManager[None]]
) -> None:
    """Writes the model file and its card, which links at their places go on to lead to.

    Raises WriteError, or ModelError for a pair that no service would take; then the old pair still stands.
    """
    pickled = pickle.dumps((findings.fit.dv, findings.fit.model), protocol=4)
    card = describe_model(pickled, findings)
    verify_pair(output, Pair(pickled, encode_card(card)))
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
        table={
            "sha256": table.sha256,
            "rows": len(table.y),
            "trained_on": len(split.train),
            "churn_rate": float(table.y.mean()),
            "left_out": {column.name: column.reason for column in table.left_out},
        },
        figures={
            "folds": fit.folds,
            "tested_on": len(tested.rows),
            **tested.figures,
            "auc_interval": tested.auc_interval,
        },
        average=fit.average,
    )


def warn_about_setting(output: Path, positive_class: str | None) -> None:
    """Prints that the service would refuse the model just written, whose classes are 0 and 1, for its setting."""
    if positive_class is None:
        return
    try:
        load_model(output, positive_class=positive_class)
    except ModelError as error:
        setting = f"POSITIVE_CLASS={positive_class!r}"
        print_line(f"the service will refuse this model while {setting} is set: {error.reason}")


@dataclass(frozen=True)
class Command:
    """What train.py is asked for: the training, its table, and whether and where to write what comes of it."""

    csv: Path
    target: str
    reading: Reading
    training: TrainingOptions
    report: Path | None
    force: bool


def parse_command(arguments: list[str] | None, environ: Mapping[str, str]) -> Command:
    """The command's options, and of an environment the class that leaves. Exits with status 2 on a bad option."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if not 0 < options.C < float("inf"):
        parser.error("--C must be a number above 0")
    if options.folds < 2:
        parser.error("--folds must be 2 or more")
    output = options.output or Path(f"model_C={options.C}.bin")
    check_paths(parser, csv=options.csv, output=output, report=options.report)
    training = TrainingOptions(
        output=output,
        C=options.C,
        folds=options.folds,
        plain=options.plain,
        campaign=read_campaign(parser, options),
        positive_class=read_positive_class(environ),
    )
    return Command(
        csv=options.csv,
        target=options.target,
        reading=read_reading(parser, options),
        training=training,
        report=options.report,
        force=options.force,
    )


def build_parser() -> argparse.ArgumentParser:
    """The parser of the command's options."""
    parser = argparse.ArgumentParser(
        description="Trains the churn model: a table in; the model file and its card out."
    )
    parser.add_argument("csv", nargs="?", type=Path, default=DEFAULT_CSV, metavar="CSV")
    parser.add_argument("--C", type=float, default=1.0, help="inverse of the L2 penalty (1.0)")
    parser.add_argument("--folds", type=int, default=5, help="folds of the cross-validation (5)")
    parser.add_argument("--target", default="churn", help="the yes/no column to learn (churn)")
    parser.add_argument("--encoding", choices=ENCODINGS, help="the file's, where it does not say so itself")
    parser.add_argument("--decimal-mark", choices=DECIMAL_MARKS, help="the numbers', where 1.234 may be a thousand")
    parser.add_argument("--worksheet", metavar="NAME", help="the one of a workbook to read (its first)")
    parser.add_argument("--map", action="append", default=[], metavar="COLUMN=NAME", help="call a column otherwise")
    parser.add_argument("--plain", action="store_true", help="no logarithms: the published course model")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the model file (model_C={C}.bin)")
    parser.add_argument("--force", action="store_true", help="replace a model in place that is better")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write what was found as a page, HTML")
    money = parser.add_argument_group("money", "a retention campaign; with it the card carries its threshold")
    money.add_argument("--value", type=float, metavar="V", help="what a customer who is kept is worth")
    money.add_argument("--offer", type=float, metavar="O", help="what the offer costs")
    money.add_argument("--contact", type=float, metavar="C", help="what a contact costs")
    money.add_argument("--accept", type=float, metavar="P", help="the share of leavers who accept, 0 to 1")
    return parser


def check_paths(parser: argparse.ArgumentParser, *, csv: Path, output: Path, report: Path | None) -> None:
    """Exits with status 2 when a file can't be written where it is asked for, or would overwrite another one."""
    if output.suffix == ".json" or not can_be_written(output):
        parser.error("--output must be a file in a folder that exists, and not end in .json: that is the card")
    table, pair = os.path.realpath(csv), {os.path.realpath(path) for path in (output, card_path(output))}
    if table in pair:
        parser.error("--output, or its card, would overwrite the table")
    if report is None:
        return
    if report.suffix != ".html" or not can_be_written(report) or report.is_fifo() or report.is_socket():
        parser.error("--report must be a file that ends in .html, in a folder that exists")
    if os.path.realpath(report) in pair | {table}:
        parser.error("--report would overwrite the model or the table")


def can_be_written(path: Path) -> bool:
    """False for a folder, a device and what is in no folder; a link is what it leads to."""
    real = Path(os.path.realpath(path))
    is_device = real.is_char_device() or real.is_block_device()
    return real.parent.is_dir() and not real.is_dir() and not is_device


def read_reading(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Reading:
    """What is said of the table's form. Exits with status 2 on columns that can't be mapped so."""
    try:
        renaming = Renaming.read(options.map)
    except ValueError as error:
        parser.error(f"--map {error}")
    mark = DECIMAL_MARKS[options.decimal_mark] if options.decimal_mark else None
    return Reading(options.encoding, mark, renaming, options.worksheet)


def read_campaign(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Campaign | None:
    """The campaign whose figures are given, if any. Exits with status 2 on figures that make no sense."""
    figures = {name: getattr(options, name) for name in ("value", "offer", "contact", "accept")}
    if all(figure is None for figure in figures.values()):
        return None
    if None in figures.values():
        parser.error("--value, --offer, --contact and --accept go together")
    try:
        return Campaign(**figures)
    except ValueError as error:
        parser.error(str(error))


def end_process(number: int, frame: FrameType | None) -> None:
    """Ends the process as a signal asks for; what was written to the side is removed on the way out."""
    sys.exit(TERMINATED)


if __name__ == "__main__":
    catch_endings(end_process)
    try:
        main(uninterrupted=finishing)
    except ChurnError as error:
        print(f"train.py: {error}", file=sys.stderr)
        sys.exit(1 if isinstance(error, WriteError) else 2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
