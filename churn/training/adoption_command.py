"""The command `adopt`: its options, the lines that it prints, and the pair that it writes.

Owns the rule for overwriting existing files. `adopting` makes the pair from the model and the table.
"""

import argparse
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

from churn.errors import WriteError
from churn.model.card import encode_card
from churn.model.file import verify_pair, write_pair
from churn.model.pair import Pair, card_path, check_place
from churn.training.adopted_table import read_adopted_table
from churn.training.adopting import adopt_model, describe_adoption
from churn.training.adoption_wording import foreign_lines, missing_lines
from churn.training.choices import Choices
from churn.training.column_options import add_missing_option, read_column_choices
from churn.training.command import add_contract_options, add_reading_options, check_paths, read_reading
from churn.training.foreign_model import read_foreign_model
from churn.training.source import Reading
from churn.training.target_options import add_target_options, read_event, read_target_choices
from churn.training.wording import column_lines, target_lines

print_line = partial(print, flush=True)  # so that a pipe shows progress at once


@dataclass(frozen=True)
class AdoptionCommand:
    """The arguments of `adopt`: the model's files, its table, and where to write the pair.

    `target` is None where no column is named. `limits` and `groups` switch these parts of the contract on.
    """

    files: tuple[Path, ...]
    csv: Path
    output: Path
    target: str | None
    reading: Reading
    choices: Choices
    event: str | None
    limits: bool
    groups: bool


def run_adoption(
    arguments: Sequence[str],
    *,
    positive_class: str | None = None,
    uninterrupted: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> None:
    """Adopts a model as the arguments ask, and prints the findings on the way.

    `positive_class` names the model's class that leaves, where neither its classes nor --positive do.
    Only the last step, in an `uninterrupted` block, replaces a model. Exits with status 2 on a bad option. Raises
    ModelError, TableError and WriteError.
    """
    command = parse_adoption(arguments)
    check_place(command.output)
    print_line(f"reading {', '.join(map(str, command.files))}")
    foreign = read_foreign_model(command.files, positive=command.choices.positive, positive_class=positive_class)
    for line in foreign_lines(foreign):
        print_line(line)
    print_line(f"reading {command.csv}")
    adopted = read_adopted_table(
        command.csv, foreign, target=command.target, reading=command.reading, choices=command.choices
    )
    print_line(f"read as {adopted.table.form}")
    table = adopted.table
    for line in chain(target_lines(table), column_lines(table), missing_lines(table, command.choices)):
        print_line(line)
    adoption = adopt_model(foreign, adopted, limits=command.limits, groups=command.groups, progress=print_line)
    pickled, card = describe_adoption(adoption, event=command.event)
    verify_pair(command.output, Pair(pickled, encode_card(card)))
    try:
        write_pair(command.output, pickled, card, uninterrupted=uninterrupted)
    except OSError as error:
        raise WriteError(str(command.output), error.strerror or "it failed") from None
    print_line(f"the model is saved to {command.output}, its card to {card_path(command.output)}")


def parse_adoption(arguments: Sequence[str]) -> AdoptionCommand:
    """The arguments of `adopt`. Exits with status 2 on a bad option and on a file that it would overwrite."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    check_paths(parser, csv=options.table, output=options.output, report=None)
    check_overwriting(parser, options)
    return AdoptionCommand(
        files=tuple(options.files),
        csv=options.table,
        output=options.output,
        target=options.target,
        reading=read_reading(parser, options),
        choices=replace(read_column_choices(parser, options), **read_target_choices(parser, options)),
        event=read_event(parser, options),
        limits=not options.no_limits,
        groups=not options.no_groups,
    )


def build_parser() -> argparse.ArgumentParser:
    """The parser of the command's options, most of which train.py has too."""
    parser = argparse.ArgumentParser(
        prog="python -m churn adopt",
        description="Makes a model file and its card, for the service, from a model trained elsewhere and a table of "
        "its customers. Nothing in the model's file runs.",
    )
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="the model: a pickle or a file of joblib, or its parts"
    )
    parser.add_argument(
        "--table", type=Path, required=True, metavar="TABLE", help="customers like those the model was trained on"
    )
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="the model file to write")
    parser.add_argument("--force", action="store_true", help="replace an existing model")
    add_target_options(parser)
    parser.set_defaults(target=None)
    add_missing_option(parser)
    add_reading_options(parser)
    add_contract_options(parser)
    return parser


def check_overwriting(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Exits with status 2 if the card would overwrite a file of the model, or the output exists without --force."""
    card = os.path.realpath(card_path(options.output))
    if card in map(os.path.realpath, options.files):
        parser.error("the card of --output would overwrite a file of the model")
    if options.output.exists() and not options.force:
        parser.error(f"{options.output} exists already; --force replaces it")
