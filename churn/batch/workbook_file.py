"""A worksheet of an Excel workbook that is read, scored row by row, and written.

Owns which cells are a customer's, and that a cell with an error is a problem of its field. `workbooks` reads and
writes workbooks, in bounded memory.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from churn.batch.failures import wording_failures
from churn.batch.gains import RowValues
from churn.batch.percentages import PercentColumn
from churn.batch.scorer import ScoredRows, TableScorer
from churn.errors import CustomerError, Problem, TableError
from churn.model.answerer import Answerer, CustomerAnswer
from churn.model.fields import Category
from churn.model.marks import NO_MARKS
from churn.model.outside import OutsideCounter
from churn.model.refusals import Refusals
from churn.model.spelling import clean, is_blank
from churn.tables.answer_cells import describe_problems, describe_reason
from churn.tables.customer_values import NoValue
from churn.tables.detection import describe_workbook, noting_form
from churn.workbooks.cells import MAX_COLUMNS, Cell, CellError, Percent, spell_cell, spell_column
from churn.workbooks.header import filled_rows, find_sheet_header
from churn.workbooks.reader import Worksheet
from churn.workbooks.rows import SheetRow
from churn.workbooks.writer import Place, WorkbookWriter

PIECE_CELLS = 64 * 1024
"""The cells that are scored at once: some 3,000 rows of 20 columns, fewer rows of a wide table."""


class Piece(NamedTuple):
    """Some rows that are not blank, all below row `above`; blank rows may be between them."""

    rows: list[SheetRow]
    above: int


class WorkbookFile:
    """A worksheet with a header row. Every row below it that is not blank is a customer.

    Raises TableError for a sheet that is empty or exceeds a limit, and CustomerError for a header without the fields.
    """

    total: int | None = None

    def __init__(self, sheet: Worksheet, scorer: TableScorer, *, name: Path) -> None:
        self._sheet, self._scorer, self._name = sheet, scorer, name
        fields = {field.name for field in scorer.contract.fields}
        with wording_failures(name):
            header = find_sheet_header(
                sheet, name, lambda cells: scorer.renaming.count_fields(cells, fields), perfect=len(fields)
            )
        self._title, names = header.title, header.names
        self.header_row, self._header = header.row
        self.form = describe_workbook(sheet.name, header_row=self.header_row, title_rows=len(self._title))
        with noting_form(self.form):
            if missing := scorer.renaming.find_missing(names):
                raise TableError(name, missing)
            self._field_columns = scorer.place_fields(names)
            try:
                self._gains = scorer.find_gains(names, self._first_cells)
            except ValueError as error:
                raise TableError(name, str(error)) from None
        self._categories = {field.name: field for field in scorer.contract.fields if isinstance(field, Category)}
        self.columns = scorer.arrange(names, self._first_cells)
        self._no_answer = [None] * (len(self.columns.names) - 1)
        self.hidden_rows = 0
        self._percent_columns = [
            PercentColumn(name, column, names[column])
            for field, column in self._field_columns.items()
            if scorer.marks.get(field, NO_MARKS).sign == "%"
        ]
        self._writer: WorkbookWriter | None = None

    def _rows(self) -> Iterator[SheetRow]:
        """The rows below the header, each with a cell for every column of the header, and further cells if filled."""
        width = len(self._header)
        with wording_failures(self._name):
            for number, cells in filled_rows(self._sheet):
                if number > self.header_row:
                    while len(cells) > width and is_blank(cells[-1]):
                        cells = cells[:-1]
                    yield SheetRow(number, cells + [None] * (width - len(cells)))

    def _check(self, row: SheetRow) -> None:
        """Raises TableError for a row without space for the answer, and as PercentColumn.check does."""
        if len(row.cells) + len(self.columns.names) - len(self.columns.replaced) > MAX_COLUMNS:
            place = f"{spell_column(len(row.cells) - 1)}{row.number}"
            raise TableError(self._name, f"its cell {place} leaves no room for the answer; clear it", row=row.number)
        for column in self._percent_columns:
            column.check(row)

    def _first_cells(self, run: range) -> Iterator[list[Cell]]:
        """The rows' cells in the columns of `run`, from the first row on."""
        return (row.cells[run.start : run.stop] for row in self._rows())

    def pieces(self) -> Iterator[tuple[Piece, int]]:
        above, rows, size = self.header_row, list[SheetRow](), 0
        for row in self._rows():
            self._check(row)
            rows.append(row)
            size += len(row.cells)
            if size >= PIECE_CELLS:
                yield Piece(rows, above), len(rows)
                above, rows, size = row.number, [], 0
        self._sheet.check_merged(self.header_row)
        self.hidden_rows = self._sheet.hidden_rows
        if rows:
            yield Piece(rows, above), len(rows)

    def score(self, piece: Piece) -> ScoredRows:
        scored, refusals, width = list[list[Cell]](), Refusals(), len(self._header)
        outside, counted = OutsideCounter(self._scorer.contract), self._scorer.begin_piece()
        probabilities = np.full(len(piece.rows), np.nan)
        values: list[float | NoValue] = []
        for place, row in enumerate(piece.rows):
            try:
                customer = self._read_customer(row.cells)
                answer = _answer(counted.answerer, customer, suggest=refusals.lists_more)
            except CustomerError as error:
                refusals.add(row.number - piece.above - 1, error)
                values.append(NoValue.BLANK)
                cells: list[Cell] = [*self._no_answer, describe_problems(error.problems)]
            else:
                probabilities[place] = answer.churn_probability
                outside.add(customer)
                values.append(self._read_value(row.cells))
                gain = self._find_gain(answer.churn_probability, values[-1])
                cells = [answer.churn_probability, answer.churn, *gain, *map(describe_reason, answer.reasons), None]
            scored.append(self.columns.put_in(row.cells[:width], cells) + row.cells[width:])
        total = piece.rows[-1].number - piece.above
        rows = np.array([row.number - piece.above - 1 for row in piece.rows])
        gains = self._gains.find_of_values(RowValues.make(values), probabilities, rows) if self._gains else None
        return ScoredRows(scored, probabilities, refusals, outside.counts, total, counted.finish(), gains)

    def _read_value(self, cells: list[Cell]) -> float | NoValue:
        """The value of the customer in a row, if gains are requested.

        A percentage is the number that it shows, unless the column is a field whose numbers have no percent sign.
        """
        if not self._gains:
            return NoValue.BLANK
        if (column := self._gains.column) is None:
            return self._gains.read(None)
        cell, field = cells[column], self._gains.field
        shows = field is None or (field.marks or NO_MARKS).sign == "%"
        return self._gains.read(cell.shown if isinstance(cell, Percent) and shows else cell)

    def _find_gain(self, probability: float, value: float | NoValue) -> list[Cell]:
        """The cell of the expected gain, None if the customer has no value; no cell if gains are not requested."""
        return [self._gains.find_gain(probability, value)] if self._gains else []

    def _read_customer(self, cells: list[Cell]) -> dict[str, object]:
        """The customer in a row, by field. Raises CustomerError for a row with cells beyond the header."""
        if len(cells) > len(self._header):
            expected = f"no cells but in the {len(self._header)} columns of the header"
            raise CustomerError([Problem(None, "a cell right of the table", expected)])
        return {name: self._read(name, cells[column]) for name, column in self._field_columns.items()}

    def _read(self, name: str, cell: Cell) -> object:
        """A cell for the contract to read: a number, the text of a CSV, or a CellError.

        A percentage is the number that it shows if the contract's field has a percent sign.
        """
        if isinstance(cell, CellError):
            return cell
        if field := self._categories.get(name):
            category = field.read(cell, suggest=False) if type(cell) in (int, float) else None
            return category if isinstance(category, str) else clean(spell_cell(cell))
        if isinstance(cell, Percent) and self._scorer.marks.get(name, NO_MARKS).sign == "%":
            return cell.shown
        return cell if type(cell) in (int, float) else spell_cell(cell)

    def pick(self, parts: list[list[list[Cell]]], places: np.ndarray) -> list[list[list[Cell]]]:
        rows = list(chain.from_iterable(parts))
        return [[rows[place] for place in places.tolist()]]

    def open(self, target: BinaryIO, name: Path) -> None:
        header = self.columns.put_in(self._header, self.columns.names)
        place = Place(self._sheet.name, self.header_row, self._title)
        self._writer = WorkbookWriter(target, header, name=name, beside=name, place=place)

    def write(self, rows: list[list[Cell]]) -> None:
        if self._writer:
            self._writer.write_rows(rows)

    def close(self) -> None:
        if self._writer:
            self._writer.close()

    def abandon(self) -> None:
        if self._writer:
            self._writer.abandon()


def _answer(answerer: Answerer, customer: dict[str, object], *, suggest: bool) -> CustomerAnswer:
    """The answer to a customer. Raises CustomerError, with the words of a cell's error for its problem."""
    try:
        return answerer.answer_customer(customer, suggest=suggest)
    except CustomerError as error:
        raise CustomerError([_word_error(problem, customer) for problem in error.problems]) from None


def _word_error(problem: Problem, customer: Mapping[str, object]) -> Problem:
    """The problem of a field, with the words of its cell's error if the cell has one."""
    cell = customer.get(problem.field) if problem.field else None
    return replace(problem, problem=cell.problem, did_you_mean=None) if isinstance(cell, CellError) else problem
