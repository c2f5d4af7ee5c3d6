"""The columns that an answer adds to a table: their names there, and the columns of an earlier answer.

One rule for rows, Arrow and Spark. Owns names and positions; `answer_cells` and the batch scorer fill the cells.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from churn.model.contract import Contract
from churn.model.spelling import clean, is_blank, read_number

PREFIX = "predicted_"
"""The prefix of an answer's column where the table has a column of that name."""
LOOKED_AT_ROWS = 1_000
"""The first rows of a table, which show whether columns are an earlier answer's."""

_GAIN = "expected_gain"
_NAME = re.compile(rf"(?:{PREFIX})*(churn_probability|churn|{_GAIN}|reason_[1-9][0-9]*|error)")
_CONTRIBUTION = re.compile(r".* \([+-][0-9]{1,20}\.[0-9]{2}\)")
_MORE = re.compile(r".*\); and [0-9]{1,10} more")
_END = 40  # characters at the end of a cell: they include its contribution, or the number of further problems

_Cell = TypeVar("_Cell")
FirstCells = Callable[[range], Iterable[Sequence[object]]]
"""Returns a table's rows from the first one on, each with its cells in these columns only."""


class AnswerColumns(NamedTuple):
    """The columns of an answer to one table.

    `names` are the columns that are added after the table's own, in their order. `replaced` are the numbers, from 0,
    of an earlier answer's columns, which are removed; `replaced_names` are their names in clean spelling.
    """

    names: tuple[str, ...]
    replaced: range
    replaced_names: tuple[str, ...]

    @property
    def renamed(self) -> tuple[str, ...]:
        """The names with a prefix, because the table has a column of its own with that name."""
        return tuple(name for name in self.names if name.startswith(PREFIX))

    @property
    def has_gain(self) -> bool:
        """True if the answer has, after churn, the expected gain of contacting a customer."""
        return any(name.endswith(_GAIN) for name in self.names)

    def put_in(self, own: Sequence[_Cell], answer: Sequence[_Cell]) -> list[_Cell]:
        """A row with its answer: the table's own cells without an earlier answer's, then the answer's.

        This also works for names, types or arrays by column.

        >>> AnswerColumns(("churn_probability", "churn"), range(1, 3), ()).put_in("abcd", ["0.5", "true"])
        ['a', 'd', '0.5', 'true']
        """
        return [*own[: self.replaced.start], *own[self.replaced.stop :], *answer]


def arrange_answer(
    header: Sequence[str],
    contract: Contract,
    *,
    n_reasons: int,
    with_errors: bool,
    earlier_answer: FirstCells | range,
    with_gain: bool = False,
) -> AnswerColumns:
    """The names of an answer's columns in a table, and the columns that they replace.

    The columns are churn_probability, churn, expected_gain if `with_gain`, reason_1 up to `n_reasons` of them, and
    error if `with_errors`. `header` has the table's names in any spelling. `contract` is the model's, whose fields
    are never an answer's columns. `earlier_answer` are the numbers, from 0, of an earlier answer's columns, if they
    are known (range(0) for none). Otherwise it is a function that returns the table's cells, which are read only
    where the names match an answer's.

    An earlier answer is the last unbroken run of columns with an answer's names in their order, with or without the
    prefix, whose cells in the first LOOKED_AT_ROWS rows look like an answer's.

    >>> no_fields, known = Contract(()), range(0)
    >>> columns = arrange_answer(["Churn"], no_fields, n_reasons=0, with_errors=False, earlier_answer=known)
    >>> columns.names
    ('churn_probability', 'predicted_churn')
    """
    spelled = [clean(name) for name in header]
    if isinstance(earlier_answer, range):
        replaced = range(min(earlier_answer.start, len(spelled)), min(earlier_answer.stop, len(spelled)))
    else:
        inputs = {field.name for field in contract.fields}
        named = [None if name in inputs else _answer_name(name) for name in spelled]
        runs = [_cut_run(run, named, spelled, earlier_answer) for run in reversed(_find_runs(named, spelled))]
        replaced = next(filter(None, runs), range(0))
    own = {name for number, name in enumerate(spelled) if number not in replaced}
    reasons = [f"reason_{number}" for number in range(1, n_reasons + 1)]
    gain, error = [_GAIN] if with_gain else [], ["error"] if with_errors else []
    added = ["churn_probability", "churn", *gain, *reasons, *error]
    names = tuple(_free_name(name, own) for name in added)
    return AnswerColumns(names, replaced, tuple(spelled[number] for number in replaced))


def _free_name(name: str, own: Collection[str]) -> str:
    while name in own:
        name = f"{PREFIX}{name}"
    return name


def _answer_name(name: str) -> str | None:
    """The name of an answer's column without its prefix; None for any other."""
    found = _NAME.fullmatch(name)
    return found[1] if found else None


def _find_runs(named: Sequence[str | None], spelled: Sequence[str]) -> list[range]:
    """The runs of columns whose names alone are an answer's, from the left."""
    runs = []
    for start in range(len(named) - 1):
        if named[start : start + 2] != ["churn_probability", "churn"]:
            continue
        if spelled[start + 2 : start + 3] == [f"{PREFIX}{spelled[start + 1]}"]:
            continue  # either of the two may be the user's own
        first_reason = start + 2 + (named[start + 2 : start + 3] == [_GAIN])
        stop = first_reason
        while stop < len(named) and named[stop] == f"reason_{stop - first_reason + 1}":
            stop += 1
        stop += named[stop : stop + 1] == ["error"]
        runs.append(range(start, stop))
    return runs


def _cut_run(run: range, named: Sequence[str | None], spelled: Sequence[str], first_cells: FirstCells) -> range:
    """The run up to the first column whose cells are not an answer's; empty if that is one of its first two."""
    stop = len(run)
    for cells in islice(first_cells(run), LOOKED_AT_ROWS):
        alike = [_is_alike(cell, str(named[number])) for cell, number in zip(cells[:stop], run, strict=False)]
        stop = alike.index(False) if False in alike else stop
    return run[:stop] if stop >= 2 else range(0)


def _is_alike(cell: object, name: str) -> bool:
    """True if a cell can be in an answer's column of this name, as a blank always can."""
    if is_blank(cell) or cell != cell:
        return True
    if name in ("churn_probability", _GAIN):
        number = read_number(cell.replace(",", ".")) if isinstance(cell, str) else cell
        if isinstance(number, bool) or not isinstance(number, int | float):
            return False
        return name == _GAIN or 0 <= number <= 1
    if name == "churn":
        return isinstance(cell, bool) or (isinstance(cell, str) and clean(cell) in ("true", "false"))
    if not isinstance(cell, str):
        return False
    if name == "error":
        expects = " (expected " in cell or " (did you mean " in cell
        return expects and ": " in cell and (cell.endswith(")") or _ends_like(_MORE, cell))
    return " is " in cell and _ends_like(_CONTRIBUTION, cell)


def _ends_like(pattern: re.Pattern[str], cell: str) -> bool:
    """True if the end of a cell matches; matching all of a long cell would be slow."""
    return pattern.fullmatch(cell[-_END:].replace("\n", " ").replace("\r", " ")) is not None
