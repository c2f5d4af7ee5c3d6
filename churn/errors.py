"""Every error of the package, as one tree. Owns their data and wording; knows no HTTP and no exit codes.

ChurnError
├── CustomerError   customers that the contract refuses; carries the problems
├── CsvError        a CSV of customers that can't be read; carries the line
│   └── CsvTooLargeError   one that exceeds a limit
├── ModelError      a model file, or its card, that can't be served; carries the path
├── TableError      a table that can't be trained on or scored; carries the path and the row
├── SavedCountsError   counts in a file that can't be compared; carries the path
├── WriteError      a file that can't be written; carries its name
├── CountsError     counts of customers that can't be kept or read; carries the reason
├── FitError        a fit that does not reach its optimum; carries C
├── PortError       a port that can't be listened on; carries its number
└── SettingError    a setting whose value can't be used; carries its name
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

ProblemKind = tuple[str | None, str]
"""The field of a problem, None for the whole customer, and the name of the problem."""
ProblemCounts = Counter[ProblemKind]
"""The number of problems of each kind."""

_MOST_IN_WORDS = 5  # categories that a problem in words lists


class Partner(NamedTuple):
    """The value of another field that a customer's value contradicts: from the contract, never from the customer."""

    field: str
    value: str | float


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one customer. Never holds the customer's own values.

    `row` counts customers from 0 and is None for a single one; `spreadsheet_row` is a CSV's row as a spreadsheet
    counts, so that the header of most files is row 1. `field` is None when the problem is the whole customer;
    `expected` is a phrase or the allowed categories. `partner` is the value that is contradicted, "with" in JSON.
    """

    field: str | None
    problem: str
    expected: str | tuple[str, ...]
    did_you_mean: str | None = None
    row: int | None = None
    spreadsheet_row: int | None = None
    partner: Partner | None = None

    def in_row(self, row: int | None, *, spreadsheet_row: int | None = None) -> "Problem":
        """The same problem, for the customer in this row."""
        return replace(self, row=row, spreadsheet_row=spreadsheet_row)

    def to_json(self, *, in_full: bool = True) -> dict[str, object]:
        """The problem as the HTTP answer shows it: only known members, in a fixed order.

        Unless `in_full`, it leaves out `expected`, `did_you_mean` and `with`.
        """
        members: dict[str, object] = {
            "row": self.row,
            "spreadsheet_row": self.spreadsheet_row,
            "field": self.field,
            "problem": self.problem,
        }
        if in_full:
            members["expected"] = list(self.expected) if isinstance(self.expected, tuple) else self.expected
            members["did_you_mean"] = self.did_you_mean
            members["with"] = self.partner and self.partner._asdict()
        return {name: value for name, value in members.items() if value is not None}

    def __str__(self) -> str:
        """The problem in words, for a cell of a table.

        >>> print(Problem("contract", "unknown category", ("one_year", "two_year"), did_you_mean="two_year"))
        contract: unknown category (did you mean two_year?)
        """
        expected = self.expected
        if isinstance(expected, tuple):
            words = [category or "blank" for category in expected[:_MOST_IN_WORDS]]
            expected = ", ".join([*words, *(["..."] if len(expected) > _MOST_IN_WORDS else [])])
        advice = f"did you mean {self.did_you_mean}?" if self.did_you_mean else f"expected {expected}"
        return f"{self.field or 'row'}: {self.problem}{self._describe_partner()} ({advice})"

    def _describe_partner(self) -> str:
        if self.partner is None:
            return ""
        value = self.partner.value
        return f" {self.partner.field} {value if isinstance(value, str) else f'{value:g}'}"


class ChurnError(Exception):
    """The root: an error of this package, in one line.

    `form` is the form in which the refused file was read, "" if that is not known; see `detection`.
    """

    form: str = ""


class CustomerError(ChurnError):
    """Customers that the contract refuses: `problems` has the first problems, `counts` has all, by kind."""

    def __init__(self, problems: Sequence[Problem], counts: ProblemCounts | None = None) -> None:
        self.problems = tuple(problems)
        if counts is None:
            counts = Counter((problem.field, problem.problem) for problem in problems)
        self.counts = counts
        super().__init__(self.problems, self.counts)

    @property
    def problem_count(self) -> int:
        """The number of problems, including those that are not listed."""
        return sum(self.counts.values())

    def __str__(self) -> str:
        return f"{self.problem_count} problem{'s' if self.problem_count != 1 else ''} with the customer data"


class CsvError(ChurnError):
    """A CSV of customers that can't be read; `line` counts from 1, as an editor does."""

    def __init__(self, reason: str, *, line: int | None = None) -> None:
        self.reason = reason
        self.line = line
        super().__init__(reason, line)

    def __str__(self) -> str:
        place = "the CSV" if self.line is None else f"the CSV, line {self.line}"
        return f"{place}: {self.reason}"


class CsvTooLargeError(CsvError):
    """A CSV with more, or longer, rows than a limit allows."""


class _FileError(ChurnError):
    """A file that can't be used."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(path, reason)

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class ModelError(_FileError):
    """A model file or card that can't be served, with what to do about it."""


class TableError(ChurnError):
    """A table that can't be trained on or scored.

    `row` is the row as a spreadsheet counts, in which the header of most files is row 1. A file that can't be parsed
    has `line` instead, from 1, as an editor counts.
    """

    def __init__(self, path: Path, reason: str, *, row: int | None = None, line: int | None = None) -> None:
        self.path = path
        self.reason = reason
        self.row = row
        self.line = line
        super().__init__(path, reason, row, line)

    def __str__(self) -> str:
        places = [str(self.path)]
        places += [f"row {self.row}"] if self.row is not None else []
        places += [f"line {self.line}"] if self.line is not None else []
        return f"{', '.join(places)}: {self.reason}"


class SavedCountsError(_FileError):
    """A file that does not have saved counts, or has counts that can't be compared with a model or with others."""


class WriteError(ChurnError):
    """A file that can't be written, for example because the disk is full. The unfinished file is removed."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(name, reason)

    def __str__(self) -> str:
        return f"{self.name} can't be written: {self.reason}"


class CountsError(ChurnError):
    """Counts of the answered customers that can't be stored or read, usually because there is no room in memory."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)

    def __str__(self) -> str:
        return f"customers are not counted: {self.reason}"


class FitError(ChurnError):
    """A logistic regression that does not reach its optimum with this `C`, the inverse of its penalty.

    `reason` names the column that causes it, with advice; "" if that is not known.
    """

    def __init__(self, C: float, reason: str = "") -> None:
        self.C = C
        self.reason = reason
        super().__init__(C, reason)

    def __str__(self) -> str:
        advice = self.reason or "leave out columns of huge numbers, or take a smaller C"
        return f"the fit does not reach its optimum with C={self.C}; {advice}"


class PortError(ChurnError):
    """A port that can't be listened on; `command` starts the service."""

    def __init__(self, port: int, reason: str, command: str) -> None:
        self.port = port
        self.reason = reason
        self.command = command
        super().__init__(port, reason, command)

    def __str__(self) -> str:
        another = 9700 if self.port != 9700 else 9701
        return f"port {self.port} {self.reason}: PORT={another} {self.command} takes another"


class SettingError(ChurnError):
    """A setting from the environment whose value can't be used."""

    def __init__(self, name: str, expected: str) -> None:
        self.name = name
        self.expected = expected
        super().__init__(name, expected)

    def __str__(self) -> str:
        return f"{self.name} must be {self.expected}"
