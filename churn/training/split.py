"""Splits the rows of a table: those to fit a model on, those to test it on, and the folds to validate it on.

Owns both kinds of split, random and by time, and every refusal of a table with too few rows for them. Fits nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from sklearn.model_selection import KFold, TimeSeriesSplit, train_test_split

from churn.errors import TableError
from churn.training.missing import in_rows
from churn.training.table import Table
from churn.training.times import Times

FOLDS = 5
"""The default number of folds of the validation."""
TEST_SHARE = 0.2
"""The default share of the rows to test on."""
SEED = 1
"""The default seed for drawing rows."""
USUAL_SPLIT = {"kind": "random", "seed": SEED, "test_share": TEST_SHARE}
"""The split, as Split.describe describes it, of a card that has no description of its split."""

_LARGEST_TEST = 0.5  # of the rows, in a split by time
_SMALLEST_TEST = 0.5  # of the requested share, in a split by time


class Fold(NamedTuple):
    """The rows to fit on and those held out: positions in the rows to train on, int64."""

    fitted_on: np.ndarray
    held_out: np.ndarray


@dataclass(frozen=True)
class Split:
    """A table and its two parts.

    `train` are the positions of the rows that the final model is fitted on, `test` those of the test part: int64, of
    shapes (n_train,) and (n_test,), with no row in both. They are shuffled, or in the order of their times where the
    table has times; `folds` are parts of `train`. `test_share` is the requested share, `seed` the seed for drawing
    rows.
    """

    table: Table
    train: np.ndarray
    test: np.ndarray
    folds: tuple[Fold, ...] = ()
    test_share: float = TEST_SHARE
    seed: int = SEED

    @property
    def is_by_time(self) -> bool:
        """True if the test part is the newest rows, False if it is drawn at random."""
        return self.table.times is not None

    def describe(self) -> dict[str, Any]:
        """The split as the card describes it: the same table with the same description has the same parts."""
        times = self.table.times
        if times is None:
            return {"kind": "random", "seed": self.seed, "test_share": self.test_share}
        first = times.show(times.values[self.test].min())
        return {"kind": "time", "column": times.column, "test_share": self.test_share, "test_from": first}


def split_table(table: Table, *, folds: int, test_share: float = TEST_SHARE, seed: int = SEED) -> Split:
    """The table with `test_share` of its rows to test on and the others to train on, the same rows each time.

    Without times the parts and the folds are drawn at random. With times the newest rows are tested on, and each fold
    holds out rows that are newer than those that it fits on, as in scikit-learn's TimeSeriesSplit. Rows with the same
    time are never on both sides of a cut: the cut moves to the nearest place between two times.

    Raises TableError for too few rows, too few of a class, or too few distinct times for the folds.
    """
    count = len(table.y)
    if count < 2 * folds:
        raise TableError(table.path, f"has {count} rows, too few for {folds} folds")
    if count - _count_test(count, test_share) < folds:
        left = count - _count_test(count, test_share)
        raise TableError(table.path, f"{left} rows to train on are too few for {folds} folds")
    if table.times is None:
        train, test = train_test_split(np.arange(count), test_size=test_share, random_state=seed)
        split = Split(table, train, test, _draw_folds(len(train), folds, seed), test_share, seed)
    else:
        train, test = _newest_apart(table, test_share)
        split = Split(table, train, test, chain_folds(table, train, folds), test_share, seed)
    _check_classes(split)
    return split


def find_test_rows(table: Table, described: Mapping[str, Any], *, rows: int) -> np.ndarray | None:
    """The positions of the rows that another split of this table tested on: int64; None if they are unknown.

    `described` is the result of Split.describe for that split. `rows` is the number of rows that the table had then:
    a table that is split by time has no rows without a time.
    """
    times = table.times
    known = np.full(len(table.y), True) if times is None else times.known
    try:
        if described["kind"] == "random" and rows == len(known):
            _, test = train_test_split(
                np.arange(rows), test_size=described["test_share"], random_state=described["seed"]
            )
            in_table: np.ndarray = (np.cumsum(known) - 1)[test[known[test]]]
            return in_table
        if described["kind"] == "time" and rows == len(table.y) and times and times.column == described["column"]:
            _, test = _newest_apart(table, described["test_share"])
            return test if times.show(times.values[test].min()) == described["test_from"] else None
    except (KeyError, TypeError, ValueError, TableError):  # an unexpected description in the card
        pass
    return None


def chain_folds(table: Table, rows: np.ndarray, folds: int) -> tuple[Fold, ...]:
    """Folds of these rows, positions in a table with times, in time order: each fits on all rows before its held-out
    rows.

    Rows with the same time are never on both sides. Raises TableError if there are too few distinct times for that.
    """
    times, count = _times(table), len(rows)
    values = times.values[rows]
    different = 1 + int((values[1:] != values[:-1]).sum())
    words = f"has {different} different times in the rows to train on, too few for {folds} folds in their order"
    if min(different, count) <= folds:
        raise TableError(table.path, f"{words}; use fewer --folds")
    starts = [int(held_out[0]) for _, held_out in TimeSeriesSplit(folds).split(np.empty(count))]
    cuts = [*_move_cuts(values, starts), count]
    if len(set(cuts)) < len(cuts):
        way = "use fewer --folds" if folds > 2 else "without --time they are drawn at random"
        most = _most_rows(times, values)
        raise TableError(table.path, f"{words}, because many rows have one time, {most}; {way}")
    places = np.arange(count)
    return tuple(Fold(places[:start], places[start:end]) for start, end in pairwise(cuts))


def _count_test(count: int, test_share: float) -> int:
    return int(np.ceil(test_share * count))  # as train_test_split rounds


def draw_parts(count: int) -> list[np.ndarray]:
    """The positions of `count` rows in five random parts, drawn like the folds of a training; int64.

    With fewer than five rows there are fewer parts, and with a single row there is none.
    """
    return [fold.held_out for fold in _draw_folds(count, min(FOLDS, count), SEED)] if count > 1 else []


def _draw_folds(count: int, folds: int, seed: int) -> tuple[Fold, ...]:
    return tuple(Fold(*rows) for rows in KFold(folds, shuffle=True, random_state=seed).split(np.empty(count)))


def _newest_apart(table: Table, test_share: float) -> tuple[np.ndarray, np.ndarray]:
    """The older and the newer rows, each from old to new. Raises TableError if one time has too many of the rows."""
    times = _times(table)
    ordered = np.argsort(times.values, kind="stable")
    values, count = times.values[ordered], len(ordered)
    wanted = count - _count_test(count, test_share)
    if values[0] == values[-1]:
        raise TableError(table.path, "has only rows with one time; without --time they are drawn at random")
    (cut,) = _move_cuts(values, [wanted])
    share = 1 - cut / count
    if not _SMALLEST_TEST * test_share <= share <= max(_LARGEST_TEST, test_share):
        most = _most_rows(times, values)
        words = f"has too many rows with one time, {most}, to test on the newest {test_share:.3g}"
        ways = f"--test-share {share:.2g} allows that, and without --time they are drawn at random"
        raise TableError(table.path, f"{words} of them: it would be {100 * share:.2g} % of the rows; {ways}")
    return ordered[:cut], ordered[cut:]


def _most_rows(times: Times, values: np.ndarray) -> str:
    """The most frequent time in `values` in words, with its number of rows, such as "800 of week 12"."""
    different, counts = np.unique(values, return_counts=True)
    place = int(counts.argmax())
    return f"{counts[place]:,} of {times.column} {times.show(different[place])}"


def _move_cuts(ordered: np.ndarray, cuts: list[int]) -> list[int]:
    """Each cut moved to the nearest place between two different times; to the earlier of two equally near places."""
    places = 1 + np.flatnonzero(ordered[1:] != ordered[:-1])
    return [int(places[np.abs(places - cut).argmin()]) for cut in cuts]


def _times(table: Table) -> Times:
    if table.times is None:
        raise ValueError("the table has no times")
    return table.times


def _check_classes(split: Split) -> None:
    """Raises TableError if the test part, or either side of a fold, has one class only."""
    y = split.table.y[split.train]
    for number, fold in enumerate(split.folds, start=1):
        if any(len(np.unique(y[rows])) < 2 for rows in fold):
            rare = int(np.bincount(y, minlength=2).min())
            few = f"only {rare:,} of {len(y):,} rows to train on are of the rarer class"
            way = "use fewer --folds" if rare > 1 and len(split.folds) > 2 else "the table needs more of it"
            reason = f"too few rows for {len(split.folds)} folds: fold {number} would have one class only"
            raise TableError(split.table.path, f"{reason}, as {few}; {way}")
    if len(np.unique(split.table.y[split.test])) < 2:
        few = f"has too few rows: its test part, {in_rows(len(split.test))}, has one class only"
        raise TableError(split.table.path, f"{few}; --test-share takes more of them")
