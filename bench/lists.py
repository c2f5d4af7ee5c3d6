"""Measures many customers at once: a list in one request, compared with scikit-learn alone, and a file."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.customers import MODEL, PROJECT, clean_customers
from bench.machine import pinned, took
from bench.report import Work
from bench.running import Running, Server

TURNS = 5  # lists in a round
SERVICE, IN_PROCESS, SKLEARN, FILE = (
    "this service, JSON and HTTP included",
    "the same without HTTP, JSON included",
    "scikit-learn alone, from dicts in memory",
    "a CSV file",
)


def measure_lists(server: Server, *, count: int, rounds: int, core: int) -> dict[str, list[Work]]:
    """The work for a list of customers POSTed to a server, and for the same list in scikit-learn, on one core."""
    works: dict[str, list[Work]] = {SERVICE: [], IN_PROCESS: [], SKLEARN: []}
    body = json.dumps(clean_customers(count)).encode()
    for _ in range(rounds):
        works[SERVICE].append(post_lists(server, body, count, core))
        works[IN_PROCESS].append(run_lists("bench.peers.json_list", count, core))
        works[SKLEARN].append(run_lists("bench.peers.sklearn_list", count, core))
    return works


def post_lists(server: Server, body: bytes, count: int, core: int) -> Work:
    with Running(server, core=core) as running:
        running.post(body)
        wall_s, cpu_s = time.perf_counter(), running.cpu_s()
        for _ in range(TURNS):
            status, answers = running.post(body)
            if status != 200 or len(answers) != count:
                raise SystemExit(f"{server.name} answers a list with {status}")
        return Work(TURNS * count, time.perf_counter() - wall_s, running.cpu_s() - cpu_s)


def run_lists(module: str, count: int, core: int) -> Work:
    command = [sys.executable, "-m", module, str(count), str(TURNS)]
    with pinned(core):
        output = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True).stdout
    turns = [[float(seconds) for seconds in line.split()] for line in output.splitlines()]
    return Work(TURNS * count, *(sum(column) for column in zip(*turns, strict=True)))


def measure_files(*, rows: int, rounds: int) -> dict[str, list[Work]]:
    """The work of scoring a generated CSV into another one, on all cores: pyarrow has threads of its own."""
    # Imported here, after the servers' memory is measured: NumPy's and pyarrow's pages would be shared with them.
    from bench.files import make_csv
    from churn.batch.score import score_file
    from churn.batch.scorer import TableScorer
    from churn.model.answerer import Answerer
    from churn.model.file import load_model

    model = load_model(MODEL)
    scorer = TableScorer(Answerer(model, threshold=0.5))
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "in.csv", Path(name) / "out.csv"
        make_csv(source, rows)
        score_file(source, target, scorer)
        return {FILE: [Work(rows, *took(lambda: score_file(source, target, scorer))) for _ in range(rounds)]}
