"""The service under a mixed load, with swapped models, killed workers, reloads and slow clients, all counted.

    make soak             # or: python -m bench.soak [--minutes 30] [--pause 5] [--drippers 100]

No request may be lost except those of a killed worker. Every answer must be scikit-learn's. The service's counters
must agree with the clients' counts.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from hashlib import sha256
from itertools import chain
from pathlib import Path

from bench.customers import MODEL, PROJECT, TABLE
from bench.disturbances import Disturbances
from bench.drippers import Drippers
from bench.lineup import SERVICE
from bench.machine import machine, versions
from bench.running import Running
from bench.soak_report import Soaked, find_faults, write_report
from bench.soak_traffic import Kind, make_kinds, make_loads, tally
from churn.files import replace_file
from churn.model.pair import put_pair, read_pair
from tests.load import Load

RESULTS = PROJECT / "bench" / "soak.md"
WORKERS = 2
LOG_CHARACTERS = 4_000  # of the end of the log, printed after a failure


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--pause", type=float, default=5, metavar="SECONDS", help="between two disturbances")
    parser.add_argument("--drippers", type=int, default=100, help="clients that say nothing, or a byte each second")
    options = parser.parse_args(arguments)
    soaked = soak(seconds=options.minutes * 60, pause_s=options.pause, drippers=options.drippers)
    about = (
        f"{options.minutes:g} minutes, {WORKERS} workers, a disturbance every {options.pause:g} s, "
        f"{options.drippers} clients that drip.\n"
        f"{machine()}, {date.today():%Y-%m-%d}; {versions('flask', 'gunicorn')}."
    )
    report = write_report(soaked, about)
    print(report)
    if faults := find_faults(soaked):
        print(soaked.log[-LOG_CHARACTERS:])
        raise SystemExit(f"nothing is written: {'; '.join(faults)}")
    replace_file(RESULTS, report.encode())


def soak(*, seconds: float, pause_s: float, drippers: int) -> Soaked:
    """Loads and disturbs the service for `seconds`, and returns the counts."""
    killing = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        files = [MODEL, train_other(Path(folder))]
        served = Path(folder) / "served.bin"
        pairs = [read_pair(file, patience_s=0) for file in files]
        put_pair(served, *pairs[0])
        environ = {"WEB_CONCURRENCY": str(WORKERS), "MODEL_FILE": str(served), "LOG_LEVEL": "warning"}
        with Running(replace(SERVICE, environ=environ), core=None) as running:
            disturbances = Disturbances(running, served, pairs[::-1], workers=WORKERS, killing=killing)
            kinds = {kind: make_loads(kind, running.origin, killing=killing) for kind in make_kinds()}
            with Drippers(running.port, drippers) as dripping, ExitStack() as loading:
                for load in chain.from_iterable(kinds.values()):
                    loading.enter_context(load)
                memory = disturb(running, disturbances, kinds, seconds=seconds, pause_s=pause_s)
            metrics = running.get("/metrics")
            log = running.log()
        models = {sha256(file.read_bytes()).hexdigest()[:12]: file for file in files}
        tallies = [tally(kind, loads, models) for kind, loads in kinds.items()]
    return Soaked(tallies, disturbances.counts, dripping.fates, memory, metrics, log)


def train_other(folder: Path) -> Path:
    """The path of a model with other answers, which train.py fits here: the course's own, without logarithms."""
    path = folder / "other.bin"
    command = [sys.executable, "train.py", str(TABLE), "--plain", "--shapes", "none", "--output", str(path)]
    subprocess.run(command, cwd=PROJECT, stdout=subprocess.DEVNULL, check=True)
    return path


def disturb(
    running: Running,
    disturbances: Disturbances,
    kinds: Mapping[Kind, Sequence[Load]],
    *,
    seconds: float,
    pause_s: float,
) -> list[tuple[int, float]]:
    """Disturbs the service for `seconds`; returns the requests sent so far and the memory, after each pause."""
    deadline = time.monotonic() + seconds
    memory = []
    while time.monotonic() < deadline:
        time.sleep(pause_s)
        sent = sum(load.sent for load in chain.from_iterable(kinds.values()))
        memory.append((sent, running.memory_mib()))
        disturbances.disturb()
    time.sleep(pause_s)
    return memory


if __name__ == "__main__":
    main()
