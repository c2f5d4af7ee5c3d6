"""The cost of one customer's log-odds: the shipped model, compared with models with curves and pairs of fields.

    make bench            # or: python -m bench.scoring [--rounds 100]

train.py fits the other models here, most of them on public tables. Each model scores customers of its own table,
1,000 in a round. They are decoded from JSON first; only the scoring is timed. The models take turns, and a ratio is
the median of the rounds' own ratios.
"""

import argparse
import csv
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.customers import MODEL, PROJECT, TABLE
from bench.machine import machine, took, versions
from bench.public_tables import TABLES, write_table
from bench.report import table
from churn.errors import CustomerError
from churn.files import replace_file
from churn.model.fields import Category, Value
from churn.model.file import load_model
from churn.model.scoring import Scorer
from churn.model.spelling import clean
from churn.training.rungs import Rung

CUSTOMERS = 1_000
CURVES, PAIRS = (
    next(table for table in TABLES if table.name == name) for name in ("modeldata/mlc_churn", "carData/MplsStops")
)
"""Tables from which train.py learns many curves, and the largest possible number of pairs of fields."""
REPORT = """# What scoring a customer costs

{count:,} customers of each table, decoded from JSON before the clock runs; medians of {rounds} rounds, CPU time.
{machine}; {versions}; {today:%Y-%m-%d}.

{table}
"""


class Scored(NamedTuple):
    """A model to measure, and the JSON array of the customers that it scores."""

    name: str
    scorer: Scorer
    body: bytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        models = make_models(Path(folder))
    taken = measure(models, rounds)
    report = REPORT.format(
        count=CUSTOMERS,
        rounds=rounds,
        machine=machine(),
        versions=versions("msgspec"),
        today=date.today(),
        table=score_table(models, taken),
    )
    print(report)
    replace_file(PROJECT / "bench" / "scoring.md", report.encode())


def make_models(folder: Path) -> list[Scored]:
    """The shipped model first, then those that train.py fits here."""
    curves, pairs = (write_table(table, folder) for table in (CURVES, PAIRS))
    target = ("--target", PAIRS.target)
    return [
        read_scored("the shipped model", MODEL, TABLE),
        read_scored("the same table, `--shapes shapes`", train(TABLE, Rung.SHAPES, folder), TABLE),
        read_scored(f"{CURVES.name}, `--shapes shapes`", train(curves, Rung.SHAPES, folder), curves),
        read_scored(f"{CURVES.name}, `--shapes pairs`", train(curves, Rung.PAIRS, folder), curves),
        read_scored(f"{PAIRS.name}, `--shapes pairs`", train(pairs, Rung.PAIRS, folder, *target), pairs),
    ]


def train(path: Path, rung: Rung, folder: Path, *options: str) -> Path:
    """The file of the model that train.py fits on a table."""
    output = folder / f"{path.stem}-{rung}.bin"
    options = ("--shapes", rung, "--folds", "2", "--output", str(output), *options)
    command = [sys.executable, "train.py", str(path), *options]
    subprocess.run(command, cwd=PROJECT, stdout=subprocess.DEVNULL, check=True)
    return output


def read_scored(name: str, model: Path, path: Path) -> Scored:
    """The model of a file, and the first CUSTOMERS rows of a table that it accepts."""
    scorer = load_model(model).scorer
    with path.open(newline="") as file:
        customers = list(list_customers(csv.DictReader(file), scorer))[:CUSTOMERS]
    return Scored(name, scorer, msgspec.json.encode(customers))


def list_customers(rows: Iterator[dict[str, str]], scorer: Scorer) -> Iterator[dict[str, Value]]:
    """The rows of a CSV that the model accepts, without blanks, in clean spelling, with numbers as in JSON."""
    for row in rows:
        texts = {clean(name): clean(text) for name, text in row.items()}
        try:
            customer: dict[str, Value] = {
                field.name: texts[field.name]
                if isinstance(field, Category)
                else msgspec.json.decode(texts[field.name], type=int | float)
                for field in scorer.contract.fields
            }
            scorer.log_odds(customer)
        except (msgspec.DecodeError, CustomerError):
            continue
        yield customer


def measure(models: Sequence[Scored], rounds: int) -> list[list[float]]:
    """The CPU time of each model for its customers in each round, in seconds."""
    return [[took_cpu_s(model) for model in models] for _ in range(rounds)]


def took_cpu_s(model: Scored) -> float:
    customers, log_odds = msgspec.json.decode(model.body), model.scorer.log_odds

    def score() -> None:
        for customer in customers:
            log_odds(customer)

    return took(score)[1]


def score_table(models: Sequence[Scored], taken: Sequence[Sequence[float]]) -> str:
    """A line for each model, compared with the first one."""
    rows = []
    for place, (name, scorer, _) in enumerate(models):
        us = statistics.median(seconds[place] for seconds in taken) / CUSTOMERS * 1e6
        ratio = statistics.median(seconds[place] / seconds[0] for seconds in taken)
        parts = len(scorer.lookups) + len(scorer.numbers), len(scorer.curves), len(scorer.interactions)
        rows.append((name, *map(str, parts), f"{us:.1f}", f"{ratio:.2f}"))
    return table(
        ("model", "fields without a curve", "curves", "pairs", "us a customer", "of the shipped model's"), rows
    )


if __name__ == "__main__":
    main()
