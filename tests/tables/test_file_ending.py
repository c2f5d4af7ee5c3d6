"""A file is what its ending says, or is refused by the name of what it is, with the way out."""

import gzip
import os
import pickle
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn.errors import TableError
from churn.tables.file_ending import ENDINGS, Form, check_file, check_text, read_ending
from churn.tables.file_kind import describe_kind
from tests.made_workbooks import WORKBOOKS, writing_workbook

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, bytes]:
    """The content of a file of each kind, by its key in KINDS."""
    folder = tmp_path_factory.mktemp("files")
    pq.write_table(pa.table({"a": [1]}), folder / "parquet")
    with writing_workbook(folder / "xlsx", ["a"]):
        pass
    contents = {path.name: path.read_bytes() for path in folder.iterdir()}
    contents |= {kind: (WORKBOOKS / f"libreoffice.{kind}").read_bytes() for kind in ("xls", "ods")}
    contents |= {"text": b"a;b\n1;2\n", "empty": b"", "gzip": gzip.compress(b"a;b\n"), "git-lfs": LFS}
    contents |= {"utf-16": "a;b\n".encode("utf-16"), "utf-32": "a;b\n".encode("utf-32"), "json": b'{"a": 1}'}
    return contents | {"html": b"<html><table>", "pdf": b"%PDF-1.7\n", "pickle": pickle.dumps({"a": 1})}


RIGHT = {
    ".csv": {"text", "utf-16"},
    ".tsv": {"text", "utf-16"},
    ".TXT": {"text", "utf-16"},
    ".csv.gz": {"gzip"},
    ".parquet": {"parquet"},
    ".pq": {"parquet"},
    ".xlsx": {"xlsx"},
}
CALLED = {"text": ".csv", "utf-16": ".csv", "gzip": ".csv.gz", "parquet": ".parquet", "xlsx": ".xlsx"}


@pytest.mark.parametrize("ending", RIGHT)
def test_a_file_of_another_kind_than_its_ending_says_is_refused_by_its_name_and_way_out(files, tmp_path, ending):
    path = tmp_path / f"customers{ending}"
    for kind, content in files.items():
        path.write_bytes(content)
        if kind in RIGHT[ending]:
            check_file(path)
            continue
        with pytest.raises(TableError) as caught:
            check_file(path)
        name, way_out = describe_kind(kind).split("; ", 1)
        if kind in CALLED:
            way_out = f"give a file whose name ends with {CALLED[kind]}"
        assert str(caught.value) == f"{path}: {name}; {way_out}"


def test_what_comes_from_a_pipe_or_out_of_gzip_must_be_text(files):
    for kind, content in files.items():
        if kind in ("text", "utf-16"):
            check_text(Path("the input"), content)
        else:
            with pytest.raises(TableError, match="the input: it is "):
                check_text(Path("the input"), content)


def test_a_pipe_is_not_opened_and_a_file_that_is_not_there_is_left_to_its_reader(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    check_file(tmp_path / "pipe.csv")
    check_file(tmp_path / "missing.csv")


def test_the_form_is_the_endings_in_any_case():
    assert {read_ending(Path(f"a.b{ending.upper()}")) for ending in ENDINGS} == set(Form)
    assert read_ending(Path("a.tsv.gz")) is Form.CSV
    for name in ("a", "a.gz", "a.parquet.gz", "a.xlsx.gz", "a.xls", "csv", "a.csv.zip"):
        with pytest.raises(TableError, match="is neither CSV nor Parquet nor an Excel workbook; the name must end"):
            read_ending(Path(name))
