"""The command `flask --app predict score`: scores files of customers with the service's model.

Owns the arguments, the exit statuses and the terminal output. pyarrow and xlsxwriter are imported only when the
command runs, since the service may not have them.
"""

import io
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, NoReturn, cast

import click

from churn.batch.gain_options import Calls, GainOptions, read_calls
from churn.batch.options import BAD_ROWS, take_options
from churn.batch.summary import describe_outcome
from churn.batch.targets import PipeTarget
from churn.errors import ChurnError, CustomerError, WriteError
from churn.model.answerer import Answerer
from churn.model.file import Model
from churn.signals import catch_endings, finishing
from churn.tables.decimals import DECIMAL_MARKS
from churn.tables.renaming import Renaming

if TYPE_CHECKING:
    from churn.batch.outcome import Outcome
    from churn.batch.score import ReportProgress

CANT_WRITE, CANT_READ, INTERRUPTED, TERMINATED = 1, 2, 130, 143
_MISSING = "this command needs pyarrow, numpy and xlsxwriter: make install (or pipenv sync --categories batch)"


class Scoring(NamedTuple):
    """How a file is scored: the answerer, and the options.

    `calls` is the plan for expected gains with the most calls, None without such options. `counts` is the file for
    the report of the scored customers' counts, None if they are not counted. `form` has score_file's `encoding`,
    `decimal_mark` and `worksheet`.
    """

    answerer: Answerer
    renaming: Renaming
    top: int | None
    calls: Calls | None
    counts: Path | None
    form: Mapping[str, str | None]


def score_command(model: Callable[[], Model]) -> click.Command:
    """The command; `model` returns the model to score with."""

    @click.command("score")
    @click.argument("source", metavar="INPUT")
    @click.argument("target", metavar="OUTPUT")
    @take_options
    def score(
        source: str,
        target: str,
        top: int | None,
        threshold: float | None,
        explain: int | None,
        mapped: tuple[str, ...],
        counts: Path | None,
        strict: bool,
        **others: Any,
    ) -> None:
        """Score the customers of INPUT, a CSV, Parquet file or Excel workbook, into OUTPUT. `-` is a pipe, of CSV.

        OUTPUT has all columns of INPUT, and churn_probability, churn and error. A row that is not a valid customer is
        kept, and its error says why. With a campaign's figures OUTPUT also has each customer's expected_gain, and
        with --calls or --budget it is the call list.
        """
        answerer = Answerer(model(), threshold=threshold, n_reasons=explain or 0)
        renaming = _read_renaming(mapped, answerer.model)
        _check_counts(counts, source, target)
        calls = _read_calls({name: others.pop(name) for name in GainOptions._fields}, answerer.model, top)
        others["decimal_mark"] = DECIMAL_MARKS.get(others["decimal_mark"] or "")
        scoring = Scoring(answerer, renaming, top, calls, counts, form=others)
        outcome = _score_file(source, target, scoring)
        click.echo(describe_outcome(outcome, answerer.model.scorer.contract), err=True)
        sys.exit(BAD_ROWS if strict and outcome.refused else 0)

    return score


def _read_renaming(mapped: tuple[str, ...], model: Model) -> Renaming:
    """The renaming of --map. Raises click's BadParameter for a mistake."""
    try:
        renaming = Renaming.read(mapped)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--map") from None
    fields = [field.name for field in model.scorer.contract.fields]
    for name in renaming.names.values():
        if name not in fields:
            raise click.BadParameter(
                f"the model has no field {name!r}; it has {', '.join(fields)}", param_hint="--map"
            )
    return renaming


def _read_calls(options: Mapping[str, Any], model: Model, top: int | None) -> Calls | None:
    """The plan for expected gains and the most calls, by the options. Ends the command for a mistake."""
    counts = model.card.counts if model.card else None
    try:
        return read_calls(GainOptions(**options), counts.campaign if counts else None, top=top)
    except ValueError as error:
        _end_command(str(error), CANT_READ)


def _check_counts(counts: Path | None, source: str, target: str) -> None:
    """Raises click's BadParameter if the file for the counts is INPUT or OUTPUT, too."""
    for name, metavar in ((source, "INPUT"), (target, "OUTPUT")):
        if counts is not None and name != "-" and os.path.realpath(name) == os.path.realpath(counts):
            raise click.BadParameter(f"it is {metavar}, too; give another file", param_hint="--counts")


def _score_file(source: str, target: str, scoring: Scoring) -> "Outcome":
    """The outcome of scoring the file. Ends the command with its exit status for an error."""
    try:
        from churn.batch.score import score_file
        from churn.batch.scorer import TableScorer
    except ModuleNotFoundError as error:
        if error.name not in ("pyarrow", "numpy", "xlsxwriter"):
            raise
        _end_command(_MISSING, CANT_READ)
    catch_endings(_terminate_command)
    try:
        calls, counts = scoring.calls, scoring.counts
        scorer = TableScorer(
            scoring.answerer,
            renaming=scoring.renaming,
            counted=counts is not None,
            plan=calls.plan if calls else None,
        )
        with _open_file(source, "rb") as file, _open_file(target, "wb") as other, _show_progress() as report:
            return score_file(
                file,
                other,
                scorer,
                counts=counts,
                top=scoring.top,
                calls=calls.most if calls else None,
                report_progress=report,
                uninterrupted=finishing,
                **scoring.form,
            )
    except WriteError as error:
        _end_command(str(error), CANT_WRITE)
    except ChurnError as error:
        if error.form:
            click.echo(f"read as {error.form}", err=True)
        _end_command(_describe_refusal(source, error), CANT_READ)
    except KeyboardInterrupt:
        _end_command("interrupted before the end of the table", INTERRUPTED)


@contextmanager
def _open_file(name: str, mode: str) -> Iterator[Path | BinaryIO]:
    """The path with that name; for "-", stdin or stdout as a file."""
    if name != "-":
        yield Path(name)
    else:
        number, kind = (0, io.FileIO) if mode == "rb" else (1, PipeTarget)
        try:
            os.set_blocking(number, True)  # else a pause looks like the end
            file = kind(number, mode, closefd=False)
        except OSError as error:
            _end_command(
                f"{'the input' if mode == 'rb' else 'the output'} can't be opened: {error.strerror}", CANT_READ
            )
        with file:
            yield cast(BinaryIO, file)


def _end_command(message: str, status: int) -> NoReturn:
    click.echo(f"score: {message}", err=True)
    sys.exit(status)


def _terminate_command(number: int, frame: FrameType | None) -> None:
    _end_command("terminated before the end of the table", TERMINATED)


def _describe_refusal(source: str, error: ChurnError) -> str:
    if not isinstance(error, CustomerError):
        return str(error)
    problems = "; ".join(str(problem) for problem in error.problems[:5])
    more = f"; and {error.problem_count - 5} more" if error.problem_count > 5 else ""
    return f"{source}, the header: {problems}{more}"


def _show_progress() -> AbstractContextManager["ReportProgress"]:
    """A progress bar with rate and time left if stderr is a terminal, else nothing."""
    if not sys.stderr.isatty():
        return nullcontext(lambda done, total, customers: None)
    return _Bar()


class _Bar:
    """A progress bar that starts when the total is known; for a pipe it never is."""

    def __enter__(self) -> "ReportProgress":
        self._bar: Any = None
        self._begun_s = time.monotonic()
        return self.update

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)

    def update(self, done: int, total: int | None, customers: int) -> None:
        """Shows the progress."""
        if total is None:
            return
        if self._bar is None:
            bar: Any = click.progressbar(
                length=total, label="scoring", show_eta=False, item_show_func=self._show, file=sys.stderr
            )
            self._bar = bar.__enter__()
        self._bar.update(done, customers)

    def _show(self, customers: int | None) -> str:
        """The rate and the time left over the whole run; click's own starts late and uses recent steps only."""
        if customers is None:
            return ""
        taken_s = time.monotonic() - self._begun_s
        left_s = taken_s * (self._bar.length - self._bar.pos) / max(self._bar.pos, 1)
        return f"{customers:,} customers, {customers / taken_s:,.0f}/s, {left_s:,.0f} s left"
