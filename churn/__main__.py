"""The commands that need no running service: `python -m churn COMMAND`.

Owns their arguments, output and exit statuses. A command imports its room when it runs, since an installation that
only serves does not have every room.
"""

import errno
import io
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from churn.installed import TRAINING, describe_missing, require_serving

require_serving("python -m churn")

import click

from churn import __version__
from churn.errors import ChurnError, WriteError

CANT_WRITE, CANT_USE, DRIFTED = 1, 2, 3
"""The exit statuses of a command: 1 if its output can't be written; 2 if its input can't be used, or something that
it needs is missing; 3 if a field drifted, with `--strict`.
"""


class Commands(click.Group):
    """Commands that end with one line and an exit status when the package refuses, or a room is missing."""

    def invoke(self, ctx: click.Context) -> Any:
        """The result of the command. A command that fails prints its line and raises click's Exit."""
        status = CANT_USE
        try:
            returned = super().invoke(ctx)
            sys.stdout.flush()
            return returned
        except ChurnError as error:
            reason, status = str(error), CANT_WRITE if isinstance(error, WriteError) else CANT_USE
        except OSError as error:  # such as a full disk; click itself ends on a closed pipe
            if error.errno == errno.EPIPE:
                raise
            reason, status = f"the output can't be written: {error.strerror}", CANT_WRITE
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the flush at the exit fails, too
        except ModuleNotFoundError as error:
            name = str(error.name)
            if not name.startswith("churn.") and name not in TRAINING:
                raise
            reason = describe_missing(name) if name in TRAINING else f"this installation has no {name}"
        click.echo(f"{ctx.invoked_subcommand}: {reason}", err=True)
        raise click.exceptions.Exit(status)


@click.group(
    cls=Commands,
    epilog="Elsewhere: flask --app predict score scores a file with the model that is served, train.py trains a new "
    "model, gunicorn predict:app serves.",
)
def commands() -> None:
    """Commands of the churn service that need no running service."""


@commands.command("version")
def show_version() -> None:
    """Print the version of this software."""
    click.echo(__version__)


@commands.command("inspect")
@click.argument("file", type=click.Path(path_type=Path))
def inspect_model(file: Path) -> None:
    """Print what is in FILE, a model file from any source, without running it.

    Settings do not apply, and no other model is needed. The exit status is 0 for a file that the service would serve,
    perhaps with POSITIVE_CLASS set, or that adopt can read, and 2, with the reason, for any other.
    """
    from churn.inspection.inspecting import inspect_file
    from churn.inspection.inspection_lines import describe_inspection

    if isinstance(sys.stdout, io.TextIOWrapper):  # a category may have characters that the terminal can't show
        sys.stdout.reconfigure(errors="backslashreplace")
    inspection = inspect_file(file)
    for line in describe_inspection(inspection):
        click.echo(line)
    if inspection.refusal and not inspection.adoption:
        raise inspection.refusal


@commands.command("check-model")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def check_model(file: Path | None) -> None:
    """Load FILE and its card as the service does at its start, and print what it would serve.

    Without FILE it is MODEL_FILE. The settings apply as in the service. The exit status is 0 for a pair that would be
    served, and 2, with the reason, for any other.
    """
    from churn.model.file import GOLDEN_TOLERANCE
    from churn.model.positive_class import show_label
    from churn.server.served_model import ServedModel
    from churn.server.settings import read_settings

    settings = read_settings(os.environ)
    path = file or settings.model_file
    model = ServedModel(path, positive_class=settings.positive_class, threshold=settings.threshold).current
    stays, leaves = map(show_label, model.classes)
    golden = f"{len(model.card.golden)}, reproduced to {GOLDEN_TOLERANCE:g}" if model.card else "none: it has no card"
    click.echo(f"{path}: the service would serve it")
    click.echo(f"version: {model.version}")
    click.echo(f"fields: {len(model.scorer.contract.fields)}")
    click.echo(f"who leaves: {leaves} (who stays: {stays})")
    click.echo(f"threshold: {model.threshold}")
    click.echo(f"golden customers: {golden}")


@commands.command("drift")
@click.argument("saved", metavar="COUNTS.json", type=click.Path(path_type=Path, allow_dash=True))
@click.argument("before", metavar="[BEFORE.json]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--model", "model_file", metavar="FILE", type=click.Path(path_type=Path), help="The model; else MODEL_FILE."
)
@click.option("--json", "as_json", is_flag=True, help="Print the document that GET /drift answers.")
@click.option("--strict", is_flag=True, help=f"Exit {DRIFTED} when a field drifted.")
def show_drift(saved: Path, before: Path | None, model_file: Path | None, *, as_json: bool, strict: bool) -> None:
    """Print which fields of the customers in COUNTS.json drifted, and how good the model is expected to be on them.

    COUNTS.json is saved from GET /drift or by score --counts; `-` is stdin. Its customers are compared with training.
    If BEFORE.json is an earlier look at the same counts, only the customers after it are; any other BEFORE.json is
    compared with COUNTS.json. The first line says which. The exit status is 0, or 2, with the reason, for files that
    can't be compared.
    """
    from churn.model.file import load_model
    from churn.server.settings import read_settings
    from churn.watch.report import encode_report
    from churn.watch.report_lines import describe_report
    from churn.watch.saved import read_saved, report_saved

    settings = read_settings(os.environ)
    counts, earlier = read_saved(saved), read_saved(before) if before else None
    model = load_model(model_file or settings.model_file, positive_class=settings.positive_class)
    report = report_saved(model, counts, earlier)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a field may have characters that the terminal can't show
        sys.stdout.reconfigure(errors="backslashreplace")
    click.echo(encode_report(report).decode().rstrip() if as_json else "\n".join(describe_report(report)))
    if strict and any(field.drifted for field in report.fields):
        sys.stdout.flush()
        raise click.exceptions.Exit(DRIFTED)


@commands.command("adopt", add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument(
    "arguments", nargs=-1, type=click.UNPROCESSED, metavar="FILE [FILE] --table TABLE --output FILE [OPTIONS]"
)
@click.pass_obj
def adopt_model(uninterrupted: Callable[[], AbstractContextManager[None]] | None, arguments: tuple[str, ...]) -> None:
    """Make a served model file and its card out of a model trained elsewhere and a table of its customers.

    FILE is a pickle or a file of joblib, or its two parts; --help has the options.
    """
    from churn.server.settings import read_settings
    from churn.training.adoption_command import run_adoption

    positive_class = read_settings(os.environ).positive_class
    run_adoption(arguments, positive_class=positive_class, uninterrupted=uninterrupted or nullcontext)


if __name__ == "__main__":
    from churn.signals import finishing

    commands(prog_name="python -m churn", obj=finishing)  # a command's last step, its writing, is in this block
