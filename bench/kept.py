"""Stores each result of bench/models.py at once, as a line of JSON, so that a stopped run can continue.

A result belongs to an arm and a fold. It is used again if the fold has the same rows, and the arm the same code,
version and settings. Other results stay in the file but are not used.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Result:
    """The result of an arm on a fold.

    `probabilities` are those of the fold's held-out customers, 0 to 1, in their order. `seconds` are seconds of CPU
    for the fit with all of its choices. `columns` is the number of columns of a linear model, None for other models.
    `note` is the arm's choice, in words.
    """

    table: str
    fold: int
    digest: str
    arm: str
    made_by: str
    probabilities: tuple[float, ...]
    seconds: float
    columns: int | None
    note: str


class Kept:
    """The results in a file, which need not exist."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._results = {_key(result): result for result in _read_lines(path)}

    def find(self, digest: str, arm: str, made_by: str) -> Result | None:
        """The stored result of the fold with this digest, or None."""
        return self._results.get((digest, arm, made_by))

    def add(self, result: Result) -> None:
        """Appends the result to the file, on a line of its own even if the last line is incomplete."""
        self._results[_key(result)] = result
        self.path.parent.mkdir(exist_ok=True)
        with self.path.open("a+b") as file:
            file.seek(max(file.seek(0, 2) - 1, 0))
            is_cut_off = file.read() not in (b"", b"\n")
            file.write(b"\n" * is_cut_off + json.dumps(asdict(result)).encode() + b"\n")


def _key(result: Result) -> tuple[str, str, str]:
    return result.digest, result.arm, result.made_by


def _read_lines(path: Path) -> list[Result]:
    """The results of the file, without an incomplete line."""
    results = []
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            kept = json.loads(line)
        except ValueError:
            continue
        results.append(Result(**(kept | {"probabilities": tuple(kept["probabilities"])})))
    return results
