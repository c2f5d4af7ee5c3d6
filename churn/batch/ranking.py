"""The rows of a table with the highest numbers, found piece by piece in the memory of twice as many rows."""

from collections.abc import Callable
from typing import Any

import numpy as np

PickRows = Callable[[list[Any], np.ndarray], list[Any]]
"""A function that returns the rows with some numbers of several parts of rows; see TableFile.pick."""

_FEWEST_HELD = 8 * 1024  # rows kept before the highest of them are picked


class Ranking:
    """The `most` rows with the highest numbers above `above`; rows with equal numbers keep their order.

    `pick` returns rows by their numbers. Each row may have `n_figures` further figures that are kept with its number.
    """

    def __init__(self, most: int, pick: PickRows, *, above: float = -np.inf, n_figures: int = 0) -> None:
        self._most, self._pick_rows = most, pick
        self._rows: list[Any] = []
        self._numbers = np.zeros((0, 1 + n_figures))
        self._lowest = above if most else np.inf

    def add(self, rows: Any, numbers: np.ndarray, *figures: np.ndarray) -> None:
        """Adds rows, each with its number, float64, shape (n_rows,); rows with NaN are left out."""
        candidates = numbers > self._lowest  # False for NaN
        self._rows += self._pick_rows([rows], np.flatnonzero(candidates))
        added = np.stack([numbers, *figures], axis=1)[candidates]
        self._numbers = np.concatenate([self._numbers, added])
        if len(self._numbers) > max(2 * self._most, _FEWEST_HELD):
            self._pick()

    def ranked(self) -> list[Any]:
        """The rows with the highest numbers, the highest first, in parts."""
        self._pick()
        return self._rows

    def ranked_numbers(self) -> np.ndarray:
        """The numbers of the ranked rows, each with its further figures: float64, shape (n_rows, 1 + n_figures)."""
        self._pick()
        return self._numbers

    def _pick(self) -> None:
        if not self._rows:
            return
        order = np.argsort(-self._numbers[:, 0], kind="stable")[: self._most]
        self._rows = self._pick_rows(self._rows, order)
        self._numbers = self._numbers[order]
        if len(order) == self._most > 0:
            self._lowest = float(self._numbers[-1, 0])
