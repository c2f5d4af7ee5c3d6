"""The time and memory of train.py on tables of 7,043, 100,000 and 1,000,000 rows.

    make bench-training         # or: python -m bench.training [--rows 7043 100000 1000000] [--rounds 3]

The larger tables are rows of the shipped table drawn with replacement (seed 1), with numbers jittered by up to 3 %,
so that they have as many distinct values as a real table of that size. The lines that train.py prints mark its
stages. The sizes take turns, and the median of the rounds counts.
"""

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from bench.machine import machine, versions

PROJECT = Path(__file__).parent.parent
TABLE = PROJECT / "data" / "telco-churn.csv"
STAGES = {
    "reading": "read",
    "learned the fields": "choice",
    "validating": "5 folds",
    "training": "final fit",
    "auc=": "the rest",
}
"""The stages, by the beginning of the line that train.py prints at the start of each."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[7_043, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = measure(Path(folder), options.rows, options.rounds)
    print(report)
    (Path(__file__).parent / "training.md").write_text(report + "\n")


def measure(folder: Path, sizes: list[int], rounds: int) -> str:
    """The table of the measurements, as Markdown."""
    for rows in sizes:
        grow_table(folder / f"{rows}.csv", rows)
    runs: dict[int, list[dict[str, float]]] = {rows: [] for rows in sizes}
    for _ in range(rounds):
        for rows in sizes:
            runs[rows].append(train(folder, rows))
    lines = [
        f"Median of {rounds} rounds; {machine()}; {versions('scikit-learn', 'numpy')}; {date.today():%Y-%m-%d}",
        "",
        "| rows | " + " | ".join(f"{stage}, s" for stage in STAGES.values()) + " | whole, s | us a row | MiB |",
        "|---|" + "---|" * (len(STAGES) + 3),
    ]
    for rows, taken in runs.items():
        middle = {figure: statistics.median(run[figure] for run in taken) for figure in taken[0]}
        stages = " | ".join(f"{middle[stage]:.2f}" for stage in STAGES.values())
        per_row = f"{middle['whole'] / rows * 1e6:.0f}"
        lines.append(f"| {rows:,} | {stages} | {middle['whole']:.1f} | {per_row} | {middle['MiB']:,.0f} |")
    return "\n".join(lines)


def grow_table(path: Path, rows: int) -> None:
    """Writes the shipped table, or `rows` rows drawn from it with jittered numbers."""
    table = pd.read_csv(TABLE, dtype=str, keep_default_na=False)
    if rows != len(table):
        rng = np.random.default_rng(1)
        table = table.iloc[rng.integers(0, len(table), rows)]
        tenure = table["tenure"].astype(int)
        table["tenure"] = (tenure + rng.integers(-1, 2, rows)).clip(lower=1).where(tenure > 0, 0).astype(str)
        for name in ("MonthlyCharges", "TotalCharges"):
            numbers = pd.to_numeric(table[name], errors="coerce") * rng.uniform(0.97, 1.03, rows)
            table[name] = numbers.map("{:.2f}".format).where(numbers.notna(), " ")
    table.to_csv(path, index=False)


def train(folder: Path, rows: int) -> dict[str, float]:
    """The seconds of each stage and of the whole process, and its peak memory in MiB."""
    (folder / "model.bin").unlink(missing_ok=True)  # so that there is no model to compare with
    command = [sys.executable, str(PROJECT / "train.py"), str(folder / f"{rows}.csv")]
    began = time.perf_counter()
    starts: dict[str, float] = {}
    most_kib = 0
    with subprocess.Popen(
        [*command, "--output", str(folder / "model.bin")], stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        for line in run.stdout:
            stage = next((name for beginning, name in STAGES.items() if line.startswith(beginning)), None)
            if stage:
                starts[stage] = time.perf_counter()
            held = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{run.pid}/status").read_text())
            most_kib = int(held[1]) if held else most_kib  # the process has just ended
    ended = time.perf_counter()
    if run.returncode:
        raise SystemExit(f"train.py ended with status {run.returncode} on {rows} rows")
    moments = [*starts.values(), ended]
    taken = {stage: after - start for (stage, start), after in zip(starts.items(), moments[1:], strict=True)}
    return taken | {"whole": ended - began, "MiB": most_kib / 1024}


if __name__ == "__main__":
    main()
