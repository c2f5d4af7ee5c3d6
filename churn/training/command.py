"""The checked options of train.py: the training to run, its table, and where its results go.

Reads no file and no environment.
"""

import argparse
import os
from dataclasses import dataclass, replace
from pathlib import Path

from churn.model.gain import Campaign
from churn.model.pair import card_path
from churn.tables.decimals import DECIMAL_MARKS
from churn.tables.encoding import ENCODINGS
from churn.tables.renaming import Renaming
from churn.training.choices import Choices
from churn.training.column_options import add_column_options, read_column_choices
from churn.training.run import TrainingOptions
from churn.training.rungs import Rung
from churn.training.source import Reading
from churn.training.split import FOLDS, SEED
from churn.training.split_options import add_split_options, check_split_options, read_penalties, read_time_choices
from churn.training.target_options import add_target_options, read_event, read_target_choices


@dataclass(frozen=True)
class Command:
    """The command of train.py: the training, its table, and whether and where to write its results."""

    csv: Path
    target: str
    reading: Reading
    choices: Choices
    training: TrainingOptions
    report: Path | None
    force: bool


def parse_command(arguments: list[str] | None, *, default_csv: Path, positive_class: str | None) -> Command:
    """The command in these arguments. Exits with status 2 on a bad option.

    `positive_class` is the class of the model in place that leaves, for a model whose classes do not show it.
    """
    parser = build_parser(default_csv)
    options = parser.parse_args(arguments)
    if options.folds < 2:
        parser.error("--folds must be 2 or more")
    check_split_options(parser, options)
    training = TrainingOptions(
        output=options.output,
        C=options.C,
        folds=options.folds,
        test_share=options.test_share,
        seed=SEED if options.seed is None else options.seed,
        plain=options.plain,
        shapes=read_shapes(parser, options),
        campaign=read_campaign(parser, options),
        positive_class=positive_class,
        limits=not options.no_limits,
        groups=not options.no_groups,
        event=read_event(parser, options),
    )
    for output in training.outputs:
        check_paths(parser, csv=options.csv, output=output, report=options.report)
    return Command(
        csv=options.csv,
        target=options.target,
        reading=read_reading(parser, options),
        choices=replace(
            read_column_choices(parser, options), **read_time_choices(options), **read_target_choices(parser, options)
        ),
        training=training,
        report=options.report,
        force=options.force,
    )


def build_parser(default_csv: Path) -> argparse.ArgumentParser:
    """The parser of the command's options."""
    parser = argparse.ArgumentParser(
        description="Trains the churn model from a table, and writes the model file and its card."
    )
    parser.add_argument("csv", nargs="?", type=Path, default=default_csv, metavar="TABLE")
    parser.add_argument(
        "--C", type=read_penalties, default=(1.0,), help="inverse of the L2 penalty (1.0), or several"
    )
    parser.add_argument("--folds", type=int, default=FOLDS, help="folds of the cross-validation (5)")
    add_reading_options(parser)
    parser.add_argument("--plain", action="store_true", help="no logarithms: the published course model")
    parser.add_argument(
        "--shapes",
        choices=[str(rung) for rung in Rung],
        help="the columns, curves and pairs to use (the rows decide)",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="the model file (model_C={C}.bin)")
    parser.add_argument("--force", action="store_true", help="replace a model in place that the gate would keep")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the findings as an HTML page")
    add_target_options(parser)
    add_column_options(parser)
    add_contract_options(parser)
    add_split_options(parser)
    money = parser.add_argument_group("money", "a retention campaign, which sets the card's threshold")
    money.add_argument("--value", type=float, metavar="V", help="the value of a customer who is kept")
    money.add_argument("--offer", type=float, metavar="O", help="the cost of the offer")
    money.add_argument("--contact", type=float, metavar="C", help="the cost of a contact")
    money.add_argument("--accept", type=float, metavar="P", help="the share of leavers who accept, 0 to 1")
    return parser


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options for what a table's file does not show itself, and for renaming its columns."""
    parser.add_argument("--encoding", choices=ENCODINGS, help="the file's encoding, if the file does not show it")
    parser.add_argument("--decimal-mark", choices=DECIMAL_MARKS, help="of the numbers, if 1.234 can mean 1,234")
    parser.add_argument("--worksheet", metavar="NAME", help="the worksheet of a workbook to read (its first visible)")
    parser.add_argument("--map", action="append", default=[], metavar="COLUMN=NAME", help="rename a column")


def read_shapes(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Rung | None:
    """The requested rung, None where the rows decide. Exits with status 2 if --plain contradicts it."""
    rung = Rung(options.shapes) if options.shapes else None
    if options.plain and rung not in (None, Rung.NONE):
        parser.error(f"--plain and --shapes {rung} can't be combined")
    return rung


def add_contract_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that make the contract refuse less."""
    contract = parser.add_argument_group("contract", "what the model refuses besides unknown categories")
    contract.add_argument("--no-limits", action="store_true", help="accept any number, however far out of range")
    contract.add_argument("--no-groups", action="store_true", help="accept values that the table never has together")


def check_paths(parser: argparse.ArgumentParser, *, csv: Path, output: Path, report: Path | None) -> None:
    """Exits with status 2 when a file can't be written to its path, or would overwrite another file."""
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
    """False for a folder, a device, and a path whose folder does not exist; a link counts as its target."""
    real = Path(os.path.realpath(path))
    is_device = real.is_char_device() or real.is_block_device()
    return real.parent.is_dir() and not real.is_dir() and not is_device


def read_reading(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Reading:
    """The options about the table's form. Exits with status 2 on a bad --map."""
    try:
        renaming = Renaming.read(options.map)
    except ValueError as error:
        parser.error(f"--map {error}")
    mark = DECIMAL_MARKS[options.decimal_mark] if options.decimal_mark else None
    return Reading(options.encoding, mark, renaming, options.worksheet)


def read_campaign(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Campaign | None:
    """The campaign in the options, if any. Exits with status 2 on missing or invalid figures."""
    figures = {name: getattr(options, name) for name in ("value", "offer", "contact", "accept")}
    if all(figure is None for figure in figures.values()):
        return None
    if None in figures.values():
        parser.error("--value, --offer, --contact and --accept must be given together")
    try:
        return Campaign(**figures)
    except ValueError as error:
        parser.error(str(error))
