"""What was detected of the form of a file, in words: one sentence for train.py, for `score` and for the page."""

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_MARKS = {",": ", decimal commas", ".": ", decimal points", "": ""}


def describe_csv(encoding: str, *, delimiter: str, decimal_mark: str, header_row: int, title_rows: int) -> str:
    """The form of a CSV. `header_row` is counted as a spreadsheet does, `title_rows` are those filled above it.

    >>> describe_csv("Windows-1252", delimiter=";", decimal_mark=",", header_row=3, title_rows=1)
    'CSV in Windows-1252, separated by semicolons, decimal commas, header in row 3 below a title'
    """
    separated = _DELIMITERS.get(delimiter, repr(delimiter))
    marks = "" if delimiter == "," and decimal_mark != "," else _MARKS[decimal_mark]
    return f"CSV in {encoding}, separated by {separated}{marks}, {_describe_header(header_row, title_rows)}"


def describe_workbook(worksheet: str, *, header_row: int, title_rows: int) -> str:
    """The worksheet of a workbook that is read, and its form.

    >>> describe_workbook("Kunden", header_row=3, title_rows=1)
    "worksheet 'Kunden' of an Excel workbook, header in row 3 below a title"
    """
    return f"worksheet {worksheet!r} of an Excel workbook, {_describe_header(header_row, title_rows)}"


def _describe_header(row: int, title_rows: int) -> str:
    return f"header in row {row}{' below a title' if title_rows else ''}"
