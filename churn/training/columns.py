"""The columns of a table for training as texts, before their kinds are decided."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import numpy as np

from churn.model.marks import Marks

_CHUNK_ROWS = 10_000  # turned into columns at a time: a million lists at once would slow the garbage collector


ID_SHARE = 0.9
"""A text column with more distinct values than this share of its rows is an id."""


class NumberText(str):
    """The text of a cell that is a number in its file, so that its mark can only be decimal."""

    __slots__ = ()


class Texts(NamedTuple):
    """A column: its distinct texts, and for each row the index of its text (integers, shape (n_rows,))."""

    distinct: list[str]
    codes: np.ndarray

    def are_ids(self) -> bool:
        """True if so many texts differ that they are ids, provided that they are not numbers."""
        return len(self.distinct) > max(ID_SHARE * len(self.codes), 2)

    def count_rows(self) -> np.ndarray:
        """The number of rows of each distinct text: int64, shape (n_texts,)."""
        return np.bincount(self.codes, minlength=len(self.distinct))

    def take(self, rows: np.ndarray) -> "Texts":
        """The column in these rows only (bool, shape (n_rows,)), without texts that do not occur in them."""
        kept, codes = np.unique(self.codes[rows], return_inverse=True)
        return Texts([self.distinct[code] for code in kept], codes)


class Numbers(NamedTuple):
    """A column of numbers: float64, shape (n_rows,), NaN for a blank; and the marks of its texts, if any."""

    values: np.ndarray
    marks: Marks | None = None


@dataclass(frozen=True)
class LeftOut:
    """A column of the file that is not a field, with the reason; `advice` is for the data scientist."""

    name: str
    reason: str
    advice: str = field(default="", compare=False)


class _Numbering(dict[str, int]):
    """Numbers texts in the order in which they are first looked up."""

    def __missing__(self, text: str) -> int:
        self[text] = number = len(self)
        return number


def gather_columns(rows: Iterator[list[str]], *, width: int) -> list[Texts]:
    """The columns of a table, from an iterator of its rows; each row has `width` texts."""
    known = [_Numbering() for _ in range(width)]
    codes = [array("i") for _ in range(width)]
    while chunk := list(islice(rows, _CHUNK_ROWS)):
        for texts, numbered, column in zip(zip(*chunk, strict=True), known, codes, strict=True):
            column.extend(map(numbered.__getitem__, texts))
    return [Texts(list(texts), np.array(column)) for texts, column in zip(known, codes, strict=True)]
