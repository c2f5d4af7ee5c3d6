"""The options of train.py, checked: what a training is asked for, of which table, and where its results go.

Reads no file and no environment.
"""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from churn.model.card import LONGEST_EVENT
from churn.model.pair import card_path
from churn.tables.encoding import ENCODINGS
from churn.tables.renaming import Renaming
from churn.training.campaign import Campaign
from churn.training.choices import Choices
from churn.training.run import TrainingOptions
from churn.training.source import Reading

DECIMAL_MARKS = {"comma": ",", "point": "."}


@dataclass(frozen=True)
class Command:
    """What train.py is asked for: the training, its table, and whether and where to write what comes of it."""

    csv: Path
    target: str
    reading: Reading
    choices: Choices
    training: TrainingOptions
    report: Path | None
    force: bool


def parse_command(arguments: list[str] | None, *, default_csv: Path, positive_class: str | None) -> Command:
    """What train.py is asked for. Exits with status 2 on a bad option.

    `positive_class` is the class of the model in place that leaves, where its classes do not say so.
    """
    parser = build_parser(default_csv)
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
        positive_class=positive_class,
        event=read_event(parser, options),
    )
    return Command(
        csv=options.csv,
        target=options.target,
        reading=read_reading(parser, options),
        choices=read_choices(parser, options),
        training=training,
        report=options.report,
        force=options.force,
    )


def build_parser(default_csv: Path) -> argparse.ArgumentParser:
    """The parser of the command's options."""
    parser = argparse.ArgumentParser(
        description="Trains the churn model: a table in; the model file and its card out."
    )
    parser.add_argument("csv", nargs="?", type=Path, default=default_csv, metavar="TABLE")
    parser.add_argument("--C", type=float, default=1.0, help="inverse of the L2 penalty (1.0)")
    parser.add_argument("--folds", type=int, default=5, help="folds of the cross-validation (5)")
    parser.add_argument("--encoding", choices=ENCODINGS, help="the file's, where it does not say so itself")
    parser.add_argument("--decimal-mark", choices=DECIMAL_MARKS, help="the numbers', where 1.234 may be a thousand")
    parser.add_argument("--worksheet", metavar="NAME", help="the one of a workbook to read (its first)")
    parser.add_argument("--map", action="append", default=[], metavar="COLUMN=NAME", help="call a column otherwise")
    parser.add_argument("--plain", action="store_true", help="no logarithms: the published course model")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the model file (model_C={C}.bin)")
    parser.add_argument("--force", action="store_true", help="replace a model in place that is better")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write what was found as a page, HTML")
    add_target_options(parser)
    money = parser.add_argument_group("money", "a retention campaign; with it the card carries its threshold")
    money.add_argument("--value", type=float, metavar="V", help="what a customer who is kept is worth")
    money.add_argument("--offer", type=float, metavar="O", help="what the offer costs")
    money.add_argument("--contact", type=float, metavar="C", help="what a contact costs")
    money.add_argument("--accept", type=float, metavar="P", help="the share of leavers who accept, 0 to 1")
    return parser


def add_target_options(parser: argparse.ArgumentParser) -> None:
    """Adds what is said of the target: its column, its two classes, and what the customers do."""
    target = parser.add_argument_group("target", "what is to be predicted; yes/no and the like need no more")
    target.add_argument("--target", default="churn", metavar="COLUMN", help="the column to learn (churn)")
    target.add_argument("--positive", metavar="VALUE", help="the value to predict, where it is not yes, true or 1")
    target.add_argument("--rest-negative", action="store_true", help="take all other values for its opposite")
    target.add_argument("--event", metavar="VERB", help="what the customers do, for the report and the page (leave)")


def read_event(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str | None:
    """The verb that is given for the target, if any. Exits with status 2 on one that is no short line."""
    if options.event is None:
        return None
    event: str = options.event.strip()
    if not event.isprintable() or not 1 <= len(event) <= LONGEST_EVENT:
        parser.error(f'--event must be a verb on one line, of 1 to {LONGEST_EVENT} characters, as in "convert"')
    return event


def read_choices(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Choices:
    """What is decided about columns. Exits with status 2 on decisions that make no sense."""
    if options.positive is not None and not options.positive.strip():
        parser.error("--positive must be a value of the target; rows where it is blank are left out")
    if options.rest_negative and options.positive is None:
        parser.error("--rest-negative goes with --positive")
    return Choices(positive=options.positive, rest_negative=options.rest_negative)


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
