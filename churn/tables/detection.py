"""What was detected of the form of a file, in words: one sentence for train.py, for `score` and for the page."""

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_MARKS = {",": ", decimal commas", ".": ", decimal points", "": ""}


def describe_csv(encoding: str, *, delimiter: str, decimal_mark: str, header_row: int, title_rows: int) -> str:
    """The form of a CSV. `header_row` is counted as a spreadsheet does, `title_rows` are those filled above it.

    >>> describe_csv("Windows-1252", delimiter=";", decimal_mark=",", header_row=3, title_rows=1)
    'CSV in Windows-1252, separated by semicolons, decimal commas, header in row 3 below a title'
    """
    separated = _DELIMITERS.get(delimiter, repr(delimiter))
    marks = _MARKS[decimal_mark] if delimiter != "," else ""
    title = " below a title" if title_rows else ""
    return f"CSV in {encoding}, separated by {separated}{marks}, header in row {header_row}{title}"
