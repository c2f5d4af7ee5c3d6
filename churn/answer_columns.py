"""Which columns an answer adds to a table, what they are called there, and which columns are an earlier answer's.

One rule for CSV, Parquet and Spark. Owns names and places; the cells are scored_csv's and table_scoring's.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from churn.spelling import clean, is_blank, read_number

PREFIX = "predicted_"
"""What comes before the name of an answer's column where the table has a column of that name."""
LOOKED_AT_ROWS = 1_000
"""The rows of a table that tell whether its columns are an earlier answer's."""

_NAME = re.compile(rf"(?:{PREFIX})*(churn_probability|churn|reason_[1-9][0-9]*|error)")
_REASON = re.compile(r"'?.+ is .* \([+-][0-9]+\.[0-9]{2}\)", re.DOTALL)
_ERROR = re.compile(r"'?.+: .+ \((?:did you mean|expected) .+\)(?:; and [0-9]+ more)?", re.DOTALL)

_Cell = TypeVar("_Cell")


class AnswerColumns(NamedTuple):
    """The columns of an answer to one table.

    `names` are the columns that are added behind the table's own, in their order. `replaced` are the places of an
    earlier answer's columns, which are taken out first; `replaced_names` their names in clean spelling.
    """

    names: tuple[str, ...]
    replaced: range
    replaced_names: tuple[str, ...]

    @property
    def renamed(self) -> tuple[str, ...]:
        """The names that have a prefix, since the table has a column of its own that is called so without it."""
        return tuple(name for name in self.names if name.startswith(PREFIX))

    def take_out(self, cells: Sequence[_Cell]) -> list[_Cell]:
        """A row's cells (or the header's names) without those of an earlier answer.

        >>> AnswerColumns(("churn_probability", "churn"), range(1, 3), ()).take_out(["id", "0.5", "true", "plan"])
        ['id', 'plan']
        """
        return [*cells[: self.replaced.start], *cells[self.replaced.stop :]]


def added_columns(n_reasons: int, with_errors: bool) -> list[str]:
    """The names of the columns that an answer adds to a table where none is taken, in their order."""
    reasons = [f"reason_{number}" for number in range(1, n_reasons + 1)]
    return ["churn_probability", "churn", *reasons, *(["error"] if with_errors else [])]


def arrange_answer(
    header: Sequence[str],
    added: Sequence[str],
    *,
    inputs: Collection[str],
    first_rows: Callable[[], Iterable[Sequence[object]]] | None,
) -> AnswerColumns:
    """What an answer's columns (`added`, see added_columns) are called in a table, and what they replace.

    `header` has the table's names in any spelling, `inputs` the model's fields, in clean spelling. `first_rows` gives
    the table's rows; it is called only when the names look like an earlier answer's, and LOOKED_AT_ROWS are read.
    None: every column is the user's own.

    An earlier answer is the last unbroken run of columns that begins with `churn_probability` and goes on with
    `churn`, has each name of an answer once, with or without the prefix, and whose cells look like an answer's.

    >>> arrange_answer(["Plan", "Churn"], ["churn_probability", "churn"], inputs={"plan"}, first_rows=None).names
    ('churn_probability', 'predicted_churn')
    """
    spelled = [clean(name) for name in header]
    replaced = range(0)
    if first_rows is not None and (runs := _find_runs(spelled, inputs)):
        rows = list(islice(first_rows(), LOOKED_AT_ROWS))
        alike = [_keep_alike(run, spelled, rows) for run in runs]
        replaced = next((run for run in reversed(alike) if run), replaced)
    own = {name for place, name in enumerate(spelled) if place not in replaced}
    names = tuple(_free_name(name, own) for name in added)
    return AnswerColumns(names, replaced, tuple(spelled[place] for place in replaced))


def _free_name(name: str, own: Collection[str]) -> str:
    while name in own:
        name = f"{PREFIX}{name}"
    return name


def _answer_name(name: str, inputs: Collection[str]) -> str | None:
    """The name of an answer's column without its prefix; None for any other column, and for an input."""
    found = None if name in inputs else _NAME.fullmatch(name)
    return found[1] if found else None


def _find_runs(spelled: Sequence[str], inputs: Collection[str]) -> list[range]:
    """Where the names alone look like an answer's, from the left."""
    named = [_answer_name(name, inputs) for name in spelled]
    runs = []
    for start in range(len(named) - 1):
        if named[start : start + 2] == ["churn_probability", "churn"]:
            stop = start + 2
            while stop < len(named) and named[stop] and named[stop] not in named[start:stop]:
                stop += 1
            runs.append(range(start, stop))
    return runs


def _keep_alike(run: range, spelled: Sequence[str], rows: Sequence[Sequence[object]]) -> range:
    """The run up to the first column whose cells are no answer's; empty when that is one of its first two."""
    stop = run.start
    while stop < run.stop and all(_is_alike(row[stop], spelled[stop]) for row in rows if stop < len(row)):
        stop += 1
    return range(run.start, stop) if stop >= run.start + 2 else range(0)


def _is_alike(cell: object, name: str) -> bool:
    """Whether a cell can be that of an answer's column of this name; a blank always can."""
    if cell is None or cell != cell or (isinstance(cell, str) and is_blank(cell)):
        return True
    if name.endswith("churn_probability"):
        number = read_number(cell.replace(",", ".")) if isinstance(cell, str) else cell
        return isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number <= 1
    if name.endswith("churn"):
        return isinstance(cell, bool) or (isinstance(cell, str) and clean(cell) in ("true", "false"))
    return isinstance(cell, str) and (_ERROR if name.endswith("error") else _REASON).fullmatch(cell) is not None
