"""What form a file of customers has: its content says it, whatever its name is.

Owns which kinds of file are read, and as what, and which options are for which form. How a kind is known is
file_kind's, and what the name of an output must end with is file_ending's.
"""

from enum import StrEnum
from pathlib import Path

from churn.errors import TableError
from churn.tables.file_kind import describe_kind, describe_piped, read_kind


class Form(StrEnum):
    """A form that tables of customers are read and written in."""

    CSV = "CSV"
    PARQUET = "Parquet"
    WORKBOOK = "an Excel workbook"


_FORMS = {
    "text": Form.CSV,
    "utf-16": Form.CSV,
    "gzip": Form.CSV,  # what is in it is looked at when it is unpacked
    "parquet": Form.PARQUET,
    "xlsx": Form.WORKBOOK,
    "zip": Form.WORKBOOK,  # a zip archive whose list is a long one may be a workbook: its reader knows
}


def read_form(path: Path) -> Form:
    """The form of a file. A pipe or a device, which can't be looked at before it is read, is a CSV.

    Raises TableError, with its name and way out, for a file of a kind that is not read, and OSError.
    """
    if path.exists() and not path.is_file():
        return Form.CSV
    with path.open("rb") as file:
        return form_of_kind(path, read_kind(file))


def form_of_kind(name: Path, kind: str) -> Form:
    """The form of a file that is of this kind, a key in file_kind's KINDS. Raises TableError as read_form does."""
    form = _FORMS.get(kind)
    if form is None:
        raise TableError(name, describe_kind(kind))
    return form


def check_text(name: Path, kind: str, *, is_unpacked: bool) -> None:
    """Raises TableError unless what comes from a pipe, or out of gzip where it `is_unpacked`, is text.

    It names what else is read, where it is a file.
    """
    if _FORMS.get(kind) is Form.CSV and kind != "gzip":
        return
    is_read = kind != "zip" and kind in _FORMS
    raise TableError(name, describe_piped(kind) if is_read and not is_unpacked else describe_kind(kind))


def check_options(
    name: Path, form: Form, *, encoding: str | None, worksheet: str | None, decimal_mark: str | None = None
) -> None:
    """Raises TableError for an option that says nothing of a file in this form."""
    if worksheet is not None and form is not Form.WORKBOOK:
        raise TableError(name, f"it has no worksheet {worksheet!r}: it is {form}")
    if encoding is not None and form is not Form.CSV:
        raise TableError(name, f"it has no encoding {encoding!r}: it is {form}; leave --encoding out")
    if decimal_mark is not None and form is not Form.CSV:
        raise TableError(name, f"it needs no decimal mark: it is {form}, whose numbers are no texts")
