"""The detected form of a file, in words: one sentence for train.py, for `score` and for the page."""

from collections.abc import Iterator
from contextlib import contextmanager

from churn.errors import ChurnError

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_MARKS = {",": ", decimal commas", ".": ", decimal points", "": ""}


def describe_csv(encoding: str, *, delimiter: str, decimal_mark: str, header_row: int, title_rows: int) -> str:
    """The form of a CSV. `header_row` is as a spreadsheet counts, `title_rows` are the filled rows above it.

    Decimal points are not mentioned where commas delimit, since they are usual there.

    >>> describe_csv("Windows-1252", delimiter=";", decimal_mark=",", header_row=3, title_rows=1)
    'CSV in Windows-1252, separated by semicolons, decimal commas, header in row 3 below a title'
    """
    separated = _DELIMITERS.get(delimiter, repr(delimiter))
    marks = "" if (delimiter, decimal_mark) == (",", ".") else _MARKS[decimal_mark]
    return f"CSV in {encoding}, separated by {separated}{marks}, {_describe_header(header_row, title_rows)}"


def describe_workbook(worksheet: str, *, header_row: int, title_rows: int, hidden_rows: int = 0) -> str:
    """The worksheet that is read and its form; `hidden_rows` are the rows that are read but hidden from a user.

    >>> describe_workbook("Kunden", header_row=3, title_rows=1)
    "worksheet 'Kunden' of an Excel workbook, header in row 3 below a title"
    >>> describe_workbook("Kunden", header_row=1, title_rows=0, hidden_rows=28)
    "worksheet 'Kunden' of an Excel workbook, header in row 1, with 28 hidden rows"
    """
    hidden = f", with {hidden_rows:,} hidden row{'s' * (hidden_rows != 1)}" if hidden_rows else ""
    return f"worksheet {worksheet!r} of an Excel workbook, {_describe_header(header_row, title_rows)}{hidden}"


@contextmanager
def noting_form(form: str) -> Iterator[None]:
    """Adds the form in which a file is read to an error in the block, unless the error has a more exact one."""
    try:
        yield
    except ChurnError as error:
        error.form = error.form or form
        raise


def _describe_header(row: int, title_rows: int) -> str:
    return f"header in row {row}{' below a title' if title_rows else ''}"
