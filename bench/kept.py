"""Results of bench/models.py as they come, a line of JSON each, so that a run that was stopped goes on.

A result is of an arm on a fold. It is used again when the fold has the same rows and the arm is made by the same
code, version and settings; any other one stays in the file and is not used.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Result:
    """What an arm makes of a fold.

    `probabilities` are those of the fold's held-out customers, 0 to 1, in their order. `seconds` are of CPU, of the
    fit with everything that is chosen for it. `columns` are those of a linear model, None for the others. `note` is
    what was chosen, in words.
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
    """The results in a file; it need not exist."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._results = {_key(result): result for result in _read_lines(path)}

    def find(self, digest: str, arm: str, made_by: str) -> Result | None:
        """The stored result of the fold with this digest, or None."""
        return self._results.get((digest, arm, made_by))

    def add(self, result: Result) -> None:
        """Appends the result to the file, on a line of its own whatever was cut off before."""
        self._results[_key(result)] = result
        self.path.parent.mkdir(exist_ok=True)
        with self.path.open("a+b") as file:
            file.seek(max(file.seek(0, 2) - 1, 0))
            is_cut_off = file.read() not in (b"", b"\n")
            file.write(b"\n" * is_cut_off + json.dumps(asdict(result)).encode() + b"\n")


def _key(result: Result) -> tuple[str, str, str]:
    return result.digest, result.arm, result.made_by


def _read_lines(path: Path) -> list[Result]:
    """The results of the file, without a line that was cut off."""
    results = []
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            kept = json.loads(line)
        except ValueError:
            continue
        results.append(Result(**(kept | {"probabilities": tuple(kept["probabilities"])})))
    return results
