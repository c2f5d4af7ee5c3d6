"""Columns of percentages in a workbook, in which a cell that shows 26% contains 0.26.

Owns the refusal of a column that has numbers with and without the sign: one without may mean 26 or 0.26.
"""

from pathlib import Path

from churn.errors import TableError
from churn.workbooks.cells import Cell, Percent
from churn.workbooks.rows import SheetRow


class PercentColumn:
    """A check, row by row, of the column of a field whose numbers have a percent sign."""

    def __init__(self, path: Path, column: int, name: str) -> None:
        self._path, self._column, self._name = path, column, name
        self._first_with = self._first_without = 0

    def check(self, row: SheetRow) -> None:
        """Checks the next row. Raises TableError if one cell so far has the sign and another number does not."""
        cell = row.cells[self._column]
        if _has_percent_sign(cell):
            self._first_with = self._first_with or row.number
        elif type(cell) in (int, float):
            self._first_without = self._first_without or row.number
        if self._first_with and self._first_without:
            here = f"{self._name!r} is a number without a percent sign here"
            reason = f"{here}, and has the sign in row {self._first_with:,}; show all cells of the column alike"
            raise TableError(self._path, reason, row=self._first_without)


def _has_percent_sign(cell: Cell) -> bool:
    return isinstance(cell, Percent) or (isinstance(cell, str) and "%" in cell)
