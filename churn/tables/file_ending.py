"""In what form a file of customers is written: the ending of its name says it.

Owns the endings. A file that is read is known by its content: see file_form.
"""

from pathlib import Path

from churn.errors import TableError
from churn.tables.file_form import Form

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
