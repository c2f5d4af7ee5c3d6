"""A written file has the form of its name's ending; test_file_form has the reading, which goes by the content."""

from pathlib import Path

import pytest

from churn.errors import TableError
from churn.tables.file_ending import ENDINGS, read_ending
from churn.tables.file_form import Form


def test_the_form_is_the_endings_in_any_case():
    assert {read_ending(Path(f"a.b{ending.upper()}")) for ending in ENDINGS} == set(Form)
    assert read_ending(Path("a.tsv.gz")) is Form.CSV
    for name in ("a", "a.gz", "a.parquet.gz", "a.xlsx.gz", "a.xls", "csv", "a.csv.zip"):
        with pytest.raises(TableError, match="is neither CSV nor Parquet nor an Excel workbook; the name must end"):
            read_ending(Path(name))
