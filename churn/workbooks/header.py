"""The header of a worksheet, found among its first rows.

Owns which rows are skipped and how long a column's name may be. The caller rates the rows.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from churn.errors import TableError
from churn.model.spelling import is_blank
from churn.tables.csv_header import RateHeader, rate_rows
from churn.workbooks.cells import spell_cell
from churn.workbooks.reader import Worksheet
from churn.workbooks.rows import SheetRow

MAX_NAME_CHARACTERS = 1_000
"""The longest name of a column. Names are copied, and each cell of the first rows may refer to one long text."""


class SheetHeader(NamedTuple):
    """The header of a worksheet, its cells as texts, and the filled rows above it."""

    row: SheetRow
    names: list[str]
    title: list[SheetRow]


def find_sheet_header(sheet: Worksheet, path: Path, rate: RateHeader, *, perfect: int | None = None) -> SheetHeader:
    """The first of the rows with the highest rating; the search ends at a row rated `perfect`.

    Raises TableError for an empty worksheet, for a name that is too long, and as `Worksheet.rows` does.
    """
    rated = list(rate_rows(filled_rows(sheet), _in_bounds(rate), perfect=perfect))
    if not rated:
        raise TableError(path, sheet.describe_empty())
    ratings = [rating for rating, _ in rated]
    place = ratings.index(max(ratings))
    header = rated[place][1]
    names = _spell_cells(header)
    if _has_long_name(names):
        reason = f"a column's name has more than {MAX_NAME_CHARACTERS:,} characters; give a sheet with a header row"
        raise TableError(path, reason, row=header.number)
    return SheetHeader(header, names, [row for _, row in rated[:place]])


def filled_rows(sheet: Worksheet) -> Iterator[SheetRow]:
    """The rows in which not all cells are blank. Raises TableError as `Worksheet.rows` does."""
    return (row for row in sheet.rows() if not all(map(is_blank, row.cells)))


def _in_bounds(rate: RateHeader) -> Callable[[SheetRow], int]:
    """A rating for rows of cells: that of `rate`, but 0 for a row with a text that is too long for a name."""

    def rate_row(row: SheetRow) -> int:
        names = _spell_cells(row)
        return 0 if _has_long_name(names) else rate(names)

    return rate_row


def _spell_cells(row: SheetRow) -> list[str]:
    return [spell_cell(cell) for cell in row.cells]


def _has_long_name(names: list[str]) -> bool:
    return any(len(name) > MAX_NAME_CHARACTERS for name in names)
