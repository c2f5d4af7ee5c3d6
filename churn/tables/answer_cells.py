"""The cells that an answer writes into a table: numbers, true or false, and texts that no spreadsheet runs."""

from collections.abc import Sequence

from churn.errors import Problem
from churn.model.answerer import CustomerAnswer
from churn.model.explaining import Reason
from churn.tables.answer import AnswerColumns
from churn.tables.csv_form import CsvForm

MAX_ROW_PROBLEMS = 5
"""The most problems of one row that its answer lists."""

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def describe_problems(problems: Sequence[Problem]) -> str:
    """The first MAX_ROW_PROBLEMS problems of a refused customer, in words for a cell of a table."""
    words = [str(problem) for problem in problems[:MAX_ROW_PROBLEMS]]
    if len(problems) > MAX_ROW_PROBLEMS:
        words.append(f"and {len(problems) - MAX_ROW_PROBLEMS} more")
    return disarm_cell("; ".join(words))


def describe_reason(reason: Reason) -> str:
    """A reason in words for a cell of a table."""
    return disarm_cell(str(reason))


def disarm_cell(cell: str) -> str:
    """The text as a cell that no spreadsheet runs as a formula, whatever the model's fields are called."""
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell


class AnswerCells:
    """Writes the cells of an answer in a CSV of this form: one text for each of the answer's columns."""

    def __init__(self, form: CsvForm, columns: AnswerColumns) -> None:
        self._decimal_mark = form.written_mark
        self._n_columns, self._has_gain = len(columns.names), columns.has_gain

    def of_scored(self, answer: CustomerAnswer) -> list[str]:
        """The probability, true or false, the gain if requested, the reasons in words; an error column is empty."""
        cells = [self._spell(answer.churn_probability), "true" if answer.churn else "false"]
        if self._has_gain:
            cells.append("" if answer.expected_gain is None else self._spell(answer.expected_gain))
        cells += map(describe_reason, answer.reasons)
        return cells + [""] * (self._n_columns - len(cells))

    def of_refused(self, problems: Sequence[Problem]) -> list[str]:
        """Empty cells, with the problems in words in the last one."""
        return [""] * (self._n_columns - 1) + [describe_problems(problems)]

    def _spell(self, number: float) -> str:
        return repr(number).replace(".", self._decimal_mark)
