"""Reads a worksheet of an Excel workbook as columns for training: each cell as its text in a CSV.

A cell that shows an error, or has a formula without a value, stops the training, because it is not a blank. `table`
interprets the texts.
"""

from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from churn.errors import TableError
from churn.model.spelling import is_blank
from churn.tables.csv_header import RateHeader
from churn.tables.detection import describe_workbook, noting_form
from churn.training.columns import NumberText, Texts, gather_columns
from churn.workbooks.cells import Cell, CellError, spell_cell
from churn.workbooks.header import filled_rows, find_sheet_header
from churn.workbooks.reader import Worksheet, read_workbook


class SheetColumns(NamedTuple):
    """The names in the header, its row, the columns, each row's number as Excel shows it, and the form in words."""

    header: list[str]
    header_row: int
    columns: list[Texts]
    rows: "array[int]"
    form: str


def read_worksheet(path: Path, *, worksheet: str | None, rate: RateHeader, decimal_mark: str = ".") -> SheetColumns:
    """The columns of a worksheet, the first visible one if none is named; `rate` decides which row is the header.

    Numbers are spelled with `decimal_mark`, the mark of the texts among them.

    Raises TableError for a workbook that can't be read, a sheet that does not exist, a row that is wider than the
    header, and a cell with an error or a formula without a value.
    """
    with read_workbook(path, worksheet=worksheet) as sheet:
        header = find_sheet_header(sheet, path, rate)
        numbers, names, header_row = array("q"), header.names, header.row.number
        rows = _table_rows(path, sheet, header_row, names, numbers, decimal_mark)
        with noting_form(describe_workbook(sheet.name, header_row=header_row, title_rows=len(header.title))):
            columns = gather_columns(rows, width=len(names))
            sheet.check_merged(header_row)
        form = describe_workbook(
            sheet.name, header_row=header_row, title_rows=len(header.title), hidden_rows=sheet.hidden_rows
        )
    return SheetColumns(names, header_row, columns, numbers, form)


def _spell_cell(cell: Cell, decimal_mark: str) -> str:
    if not isinstance(cell, float):
        return spell_cell(cell)
    return NumberText(spell_cell(cell).replace(".", decimal_mark))


def _table_rows(
    path: Path, sheet: Worksheet, header_row: int, names: list[str], numbers: "array[int]", decimal_mark: str
) -> Iterator[list[str]]:
    """The texts of each row below the header; appends the rows' numbers to `numbers`."""
    for row in filled_rows(sheet):
        if row.number <= header_row:
            continue
        for name, cell in zip(names, row.cells, strict=False):
            if isinstance(cell, CellError):
                here = f"{name!r} is {cell.code} here ({cell.problem})"
                raise TableError(path, f"{here}; correct the cell, or leave it empty", row=row.number)
        cells = [_spell_cell(cell, decimal_mark) for cell in row.cells]
        if not all(map(is_blank, cells[len(names) :])):
            reason = f"has {len(cells)} cells where the header has {len(names)}"
            raise TableError(path, reason, row=row.number)
        numbers.append(row.number)
        yield cells[: len(names)] + [""] * (len(names) - len(cells))
