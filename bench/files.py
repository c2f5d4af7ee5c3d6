"""The speed of scoring a file, compared with only reading and writing it by pyarrow, and with the course's way.

    make bench-files            # or: python -m bench.files [--rows 1000000] [--rounds 5]

All three take turns in each round, in one process, and the median of the rounds counts. pyarrow streams: CSV with
all columns as texts, in blocks of 4 MiB, written with quoting_style="none"; Parquet in batches of our size.
The course's way scores a slice: a dict for each row, DictVectorizer.transform, predict_proba, csv.DictWriter.
"""

import argparse
import csv
import itertools
import pickle
import statistics
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from bench.customers import MODEL, TABLE, add_logarithms, clean_customer
from bench.machine import machine, took
from churn.batch.parquet_file import PARQUET_ROWS
from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.model.answerer import Answerer
from churn.model.file import load_model

COURSE_ROWS = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = measure(Path(folder), options.rows, options.rounds)
    print(report)
    (Path(__file__).parent / "files.md").write_text(report + "\n")


def measure(folder: Path, rows: int, rounds: int) -> str:
    """The table of the measurements, as Markdown."""
    make_csv(folder / "in.csv", rows)
    make_csv(folder / "slice.csv", COURSE_ROWS)
    make_parquet(folder / "in.csv", folder / "in.parquet")
    model = load_model(MODEL)
    scorer = TableScorer(Answerer(model, threshold=0.5))
    ways: dict[tuple[str, str], tuple[Callable[[], object], int]] = {
        ("CSV", "pyarrow, read and write"): (lambda: copy_csv(folder), rows),
        ("CSV", "score"): (lambda: score_file(folder / "in.csv", folder / "out.csv", scorer), rows),
        ("CSV", "the course's way"): (lambda: score_as_the_course(folder), COURSE_ROWS),
        ("Parquet", "pyarrow, read and write"): (lambda: copy_parquet(folder), rows),
        ("Parquet", "score"): (lambda: score_file(folder / "in.parquet", folder / "out.parquet", scorer), rows),
    }
    taken: dict[tuple[str, str], list[tuple[float, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, (work, _) in ways.items():
            taken[way].append(took(work))
    check(folder)
    lines = [
        f"{rows:,} rows, median of {rounds} rounds; {machine()}, pyarrow {pa.__version__}; {date.today():%Y-%m-%d}",
        "",
        "| file | what | rows a second | of pyarrow's | CPU s per million | of pyarrow's |",
        "|---|---|---|---|---|---|",
    ]
    for (kind, what), (_, count) in ways.items():
        wall, cpu = (statistics.median(column) / count for column in zip(*taken[kind, what], strict=True))
        merely = zip(*taken[kind, "pyarrow, read and write"], strict=True)
        base = [statistics.median(column) / rows for column in merely]
        lines.append(
            f"| {kind} | {what} | {1 / wall:,.0f} | {base[0] / wall:.2f} | {cpu * 1e6:.2f} | {base[1] / cpu:.2f} |"
        )
    return "\n".join(lines)


def copy_csv(folder: Path) -> None:
    """Copies a CSV with the least work that pyarrow can do: no text is converted to a number and back."""
    with (folder / "in.csv").open() as file:
        names = next(csv.reader(file))
    texts = pcsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    with (
        pcsv.open_csv(
            folder / "in.csv", convert_options=texts, read_options=pcsv.ReadOptions(block_size=4 * 2**20)
        ) as reader,
        pcsv.CSVWriter(
            folder / "copy.csv", reader.schema, write_options=pcsv.WriteOptions(quoting_style="none")
        ) as writer,
    ):
        for batch in reader:
            writer.write(batch)


def copy_parquet(folder: Path) -> None:
    with pq.ParquetFile(folder / "in.parquet") as file:
        with pq.ParquetWriter(folder / "copy.parquet", file.schema_arrow) as writer:
            for batch in file.iter_batches(PARQUET_ROWS):
                writer.write_batch(batch)


def score_as_the_course(folder: Path) -> None:
    """Scores the slice with a dict for each row, the DictVectorizer on all of them, and csv.DictWriter."""
    dv, model = pickle.loads(MODEL.read_bytes())
    with (folder / "slice.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    customers = [add_logarithms(clean_customer(row)) for row in rows]
    probabilities = model.predict_proba(dv.transform(customers))[:, 1]
    with (folder / "course.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "churn_probability", "churn"])
        writer.writeheader()
        for row, probability in zip(rows, probabilities, strict=True):
            writer.writerow(row | {"churn_probability": probability, "churn": probability >= 0.5})


def check(folder: Path) -> None:
    """Raises AssertionError unless all ways have given the same answers."""
    course = [float(row["churn_probability"]) for row in rows_of(folder / "course.csv")]
    ours = [float(row["churn_probability"]) for row in rows_of(folder / "out.csv")]
    np.testing.assert_allclose(ours, course[: len(ours)], rtol=0, atol=1e-12)
    parquet = pq.read_table(folder / "out.parquet", columns=["churn_probability"])[0].to_numpy()
    np.testing.assert_allclose(parquet[: len(ours)], ours, rtol=0, atol=1e-12)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(itertools.islice(csv.DictReader(file), COURSE_ROWS))


def make_csv(path: Path, rows: int) -> None:
    """Writes the shipped table, repeated as needed, with an id for each row."""
    header, *lines = TABLE.read_text().splitlines()
    with path.open("w") as file:
        file.write(f"customerID,{header}\n")
        for number in range(rows):
            file.write(f"{number:08d},{lines[number % len(lines)]}\n")


def make_parquet(source: Path, target: Path) -> None:
    with pcsv.open_csv(source) as reader, pq.ParquetWriter(target, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)


if __name__ == "__main__":
    main()
