"""The outcome of mutants of model files, read in every way that reads a foreign file: the service, adopt, inspect.

    nice -n 19 python -m tests.mutants 100000 [--seed 1]

reads this many mutants in at most 1 GiB of memory, each in at most 2 s of processor time, and reports the outcomes.
The tests read a few.
"""

import argparse
import codecs
import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from churn.errors import ModelError
from churn.inspection.inspecting import inspect_file
from churn.inspection.inspection_lines import describe_inspection
from churn.model.file import verify_pair
from churn.model.pair import Pair
from churn.training.foreign_model import read_foreign_model
from tests.mutations import make_mutant, read_seeds

MOST_BYTES = 2**30
MOST_S = 2.0
RUNNING = {"exec", "import", "open", "os.exec", "os.fork", "os.posix_spawn", "os.system", "subprocess.Popen"}
"""The audit events that Python raises for code that runs and for files that it opens."""
MUTANT = Path("mutant.bin")
OWN = {str(MUTANT), str(MUTANT.with_suffix(".json"))}
MOST_LINES = 300
MOST_CHARACTERS = 2_000


class TooLongError(BaseException):
    """A mutant took more than MOST_S. It is a BaseException, so that no reader takes it for a broken pickle."""


class Report(NamedTuple):
    """The number of mutants that were read and refused, and the longest time of one in seconds of processor time."""

    read: int
    refused: int
    slowest_s: float


def read_every_way(content: bytes) -> bool:
    """True if one of the ways reads the file. Any error except a refusal in one line is raised."""
    reasons = []
    try:
        verify_pair(MUTANT, Pair(content, None)).describe()
    except ModelError as error:
        reasons.append(str(error))
    MUTANT.write_bytes(content)
    try:
        read_foreign_model([MUTANT], positive="yes").describe()
    except ModelError as error:
        reasons.append(str(error))
    lines = []
    try:
        inspection = inspect_file(MUTANT)
        lines = describe_inspection(inspection)
        reasons.append(str(inspection.refusal or ""))
    except ModelError as error:  # the file is too large
        reasons.append(str(error))
    assert len(lines) < MOST_LINES
    assert all(line.isprintable() and len(line) < MOST_CHARACTERS for line in [*lines, *reasons])
    return len(reasons) < 3


def read_mutants(count: int, *, seed: int) -> Report:
    """Read this many mutants under watch.

    Raises AssertionError, and keeps the file, for a mutant that is neither read nor refused, that runs code, or that
    takes more time or memory than the limits.
    """
    draw, seeds, outcomes, slowest_s = random.Random(seed), read_seeds(), Counter[bool](), 0.0
    ran = watch()
    for mutant in range(count):
        content = make_mutant(draw, seeds)
        ran.clear()
        begun = time.process_time()
        try:
            with limited_time():
                outcomes[read_every_way(content)] += 1
            assert not ran, ran
        except BaseException as error:
            MUTANT.write_bytes(content)
            raise AssertionError(f"mutant {mutant} of seed {seed}: {error!r}, {content[:1000]!r}") from error
        slowest_s = max(slowest_s, time.process_time() - begun)
    MUTANT.unlink(missing_ok=True)
    return Report(outcomes[True], outcomes[False], slowest_s)


@contextmanager
def limited_time() -> Iterator[None]:
    """Raise TooLongError if the block takes more than MOST_S of processor time."""

    def stop(*_: object) -> None:
        raise TooLongError

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MOST_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def watch() -> list[str]:
    """Limit the memory of this process; the list returned gets whatever runs in it from now on."""
    ran: list[str] = []

    def note(event: str, arguments: tuple[object, ...]) -> None:
        # an open file's number and the mutant's own name are allowed
        if event in RUNNING and not (isinstance(arguments[0], int) or str(arguments[0]) in OWN):
            ran.append(f"{event} {arguments!r:.200}")

    for encoding in ("utf-32-le", "utf-32-be", "raw-unicode-escape", "latin1", "ascii", "utf-16"):
        codecs.lookup(encoding)  # a codec's module runs when it is first looked up
    sys.addaudithook(note)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    return ran


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    report = read_mutants(options.count, seed=options.seed)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{report.read} read, {report.refused} refused, {report.slowest_s:.3f} s at most, {peak_mib} MiB")
