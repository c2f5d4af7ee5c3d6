"""The refused rows of a list or a table: their problems, counted by kind, and the first row of each kind.

Owns how many problems are listed in full; `errors` defines a problem.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from churn.errors import CustomerError, Problem, ProblemCounts, ProblemKind

MAX_PROBLEMS = 100
"""The most problems of a list or a table that are listed in full; all are counted."""

_Scored = TypeVar("_Scored")


@dataclass
class Refusals:
    """The refused rows so far.

    `counts` has every problem by kind, `first_rows` the first row of each kind, from 0, and `problems` the first
    MAX_PROBLEMS in full. `lists_more` is true while there are fewer: only then is it worth searching for a
    suggestion.
    """

    counts: ProblemCounts = field(default_factory=Counter)
    first_rows: dict[ProblemKind, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lists_more: bool = True

    def add(
        self, row: int, error: CustomerError, *, customer: int | None = None, spreadsheet_row: int | None = None
    ) -> None:
        """Adds a refused row. Its listed problems carry its number among the customers and in a spreadsheet."""
        self.counts.update(error.counts)
        for kind in error.counts:
            self.first_rows.setdefault(kind, row)
        listed = error.problems[: MAX_PROBLEMS - len(self.problems)]
        self.problems += [problem.in_row(customer, spreadsheet_row=spreadsheet_row) for problem in listed]
        self.lists_more = len(self.problems) < MAX_PROBLEMS

    def add_part(self, part: "Refusals", first_row: int) -> None:
        """Adds the counts and first rows of the next part of a table, which begins with `first_row`."""
        self.counts.update(part.counts)
        for kind, row in part.first_rows.items():
            self.first_rows.setdefault(kind, first_row + row)


def score_each(customers: Iterable[object], score: Callable[[object, bool], _Scored]) -> list[_Scored]:
    """The result of `score` for each customer, in order; its second argument is true if it should suggest categories.

    Raises CustomerError when a customer has a problem: it has the first MAX_PROBLEMS, each with its row, and the
    counts of all.
    """
    scored: list[_Scored] = []
    refusals = Refusals()
    for row, customer in enumerate(customers):
        try:
            scored.append(score(customer, refusals.lists_more))
        except CustomerError as error:
            refusals.add(row, error, customer=row)
    if refusals.counts:
        raise CustomerError(refusals.problems, refusals.counts)
    return scored
