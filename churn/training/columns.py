"""The columns of a table for training as they are read, before anybody knows what they mean."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from churn.model.marks import Marks


class Texts(NamedTuple):
    """A column: the texts that occur, and for each row which of them it has (integers, shape (n_rows,))."""

    distinct: list[str]
    codes: np.ndarray


class Numbers(NamedTuple):
    """A column of numbers: float64, shape (n_rows,), NaN for a blank; and the marks that its texts have, if any."""

    values: np.ndarray
    marks: Marks | None = None


@dataclass(frozen=True)
class LeftOut:
    """A column of the file that is not a field, and the reason for it."""

    name: str
    reason: str
