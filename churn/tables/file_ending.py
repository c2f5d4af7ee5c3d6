"""What form a file of customers has by the ending of its name, and whether its bytes agree.

Owns the endings, and refuses a file whose content is of another kind. How a kind is known is file_kind's.
"""

from enum import StrEnum
from pathlib import Path

from churn.errors import TableError
from churn.tables.file_kind import KINDS, LOOKED_AT_BYTES, describe_kind, find_kind, read_kind


class Form(StrEnum):
    """A form that tables of customers are read and written in."""

    CSV = "CSV"
    PARQUET = "Parquet"
    WORKBOOK = "an Excel workbook"


ENDINGS = {
    ".csv": Form.CSV,
    ".tsv": Form.CSV,
    ".txt": Form.CSV,
    ".parquet": Form.PARQUET,
    ".pq": Form.PARQUET,
    ".xlsx": Form.WORKBOOK,
}
"""What the name of a file of each form ends with."""

COMPRESSED = ".gz"
"""What the name of a CSV compressed by gzip ends with, after its form's ending."""

_KINDS_OF_TEXT = ("text", "utf-16")
_KINDS = {
    Form.CSV: _KINDS_OF_TEXT,
    Form.PARQUET: ("parquet",),
    Form.WORKBOOK: ("xlsx", "zip"),  # a zip archive whose list is a long one may be a workbook: its reader knows
}
_ENDINGS_OF_KINDS = {
    "text": ".csv",
    "utf-16": ".csv",
    "gzip": f".csv{COMPRESSED}",
    "parquet": ".parquet",
    "xlsx": ".xlsx",
}
"""The way out for what would be read if it was called so."""


def is_compressed(path: Path) -> bool:
    """True for the name of a file compressed by gzip."""
    return path.suffix.lower() == COMPRESSED


def read_ending(path: Path) -> Form:
    """The form that a file has by its name. Raises TableError for an ending that is none of ENDINGS.

    >>> read_ending(Path("May.CSV.gz")).value, read_ending(Path("May.xlsx")).value
    ('CSV', 'an Excel workbook')
    """
    form = ENDINGS.get(path.suffix.lower())
    if form is None and is_compressed(path) and ENDINGS.get(path.with_suffix("").suffix.lower()) is Form.CSV:
        form = Form.CSV
    if form is None:
        endings = f"{', '.join(ENDINGS)}, or .csv{COMPRESSED}"
        reason = f"is neither CSV nor Parquet nor {Form.WORKBOOK}; the name must end with {endings}"
        raise TableError(path, reason)
    return form


def check_file(path: Path) -> None:
    """Raises TableError for a regular file that is of another kind than its ending says, with its name and way out.

    A pipe or a device is not opened. Raises OSError.
    """
    if path.is_file():
        with path.open("rb") as file:
            kinds = ("gzip",) if is_compressed(path) else _KINDS[read_ending(path)]
            _check_kind(path, read_kind(file), kinds)


def check_text(name: Path, content: bytes) -> None:
    """Raises TableError unless the beginning of a CSV, as it comes from a pipe or from gzip, is text."""
    _check_kind(name, find_kind(content[:LOOKED_AT_BYTES]), _KINDS_OF_TEXT)


def _check_kind(name: Path, kind: str, kinds: tuple[str, ...]) -> None:
    if kind in kinds:
        return
    if ending := _ENDINGS_OF_KINDS.get(kind):
        raise TableError(name, f"it is {KINDS[kind].name}; give a file whose name ends with {ending}")
    raise TableError(name, describe_kind(kind))
