"""The form in which a file of customers is written, by the ending of its name.

Owns the endings. The form of a file that is read is found by its content: see `file_form`.
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
"""The endings of file names, with the form of each."""

COMPRESSED = ".gz"
"""The ending of the name of a CSV compressed by gzip, after that of its form."""


def is_compressed(path: Path) -> bool:
    """True for the name of a file compressed by gzip."""
    return path.suffix.lower() == COMPRESSED


def read_ending(path: Path) -> Form:
    """The form of a file by its name. Raises TableError for an ending that is not in ENDINGS.

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
