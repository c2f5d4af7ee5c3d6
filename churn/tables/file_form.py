"""The form of a file of customers, by its content, whatever its name is.

Owns the kinds of file that are read, with the form of each, and the options of each form. `file_kind` finds the kind,
and `file_ending` has the endings of an output's name.
"""

from enum import StrEnum
from pathlib import Path

from churn.errors import TableError
from churn.tables.file_kind import describe_kind, describe_piped, read_kind


class Form(StrEnum):
    """A form in which tables of customers are read and written."""

    CSV = "CSV"
    PARQUET = "Parquet"
    WORKBOOK = "an Excel workbook"


_FORMS = {
    "text": Form.CSV,
    "utf-16": Form.CSV,
    "gzip": Form.CSV,  # its content is checked when it is unpacked
    "parquet": Form.PARQUET,
    "xlsx": Form.WORKBOOK,
    "zip": Form.WORKBOOK,  # a zip archive with a long list may be a workbook: its reader finds out
}


def read_form(path: Path) -> Form:
    """The form of a file. A pipe or a device, whose content can't be checked before it is read, is a CSV.

    Raises TableError, with the kind and advice, for a kind of file that is not read, and OSError.
    """
    if path.exists() and not path.is_file():
        return Form.CSV
    with path.open("rb") as file:
        return form_of_kind(path, read_kind(file))


def form_of_kind(name: Path, kind: str) -> Form:
    """The form of a file of this kind, a key in file_kind's KINDS. Raises TableError as read_form does."""
    form = _FORMS.get(kind)
    if form is None:
        raise TableError(name, describe_kind(kind))
    return form


def check_text(name: Path, kind: str, *, is_unpacked: bool) -> None:
    """Raises TableError unless the content of a pipe, or of a gzip file if it `is_unpacked`, is text.

    If a file of this kind can be read, but not from a pipe, the error says so.
    """
    if _FORMS.get(kind) is Form.CSV and kind != "gzip":
        return
    is_read = kind != "zip" and kind in _FORMS
    raise TableError(name, describe_piped(kind) if is_read and not is_unpacked else describe_kind(kind))


def check_options(
    name: Path, form: Form, *, encoding: str | None, worksheet: str | None, decimal_mark: str | None = None
) -> None:
    """Raises TableError for an option that does not apply to a file in this form."""
    if worksheet is not None and form is not Form.WORKBOOK:
        raise TableError(name, f"it has no worksheet {worksheet!r}: it is {form}")
    if encoding is not None and form is not Form.CSV:
        raise TableError(name, f"it has no encoding {encoding!r}: it is {form}; leave --encoding out")
    if decimal_mark is not None and form is not Form.CSV:
        raise TableError(name, f"it needs no decimal mark: it is {form}, whose numbers are not texts")
