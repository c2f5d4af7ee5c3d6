"""A file is named by what it is, and every name comes with a way out."""

import io
import json
import sqlite3
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn.tables.file_kind import KINDS, LOOKED_AT_BYTES, describe_kind, find_kind, read_kind
from tests.customers import CSV, PROJECT
from tests.files_of_kinds import FILES, OLE, zipped
from tests.made_workbooks import WORKBOOKS, writing_workbook


def kind_of(path: Path) -> str:
    with path.open("rb") as file:
        return read_kind(file)


@pytest.mark.parametrize(("content", "kind"), FILES)
def test_a_file_is_recognised_by_its_bytes(content, kind):
    assert read_kind(io.BytesIO(content)) == kind
    assert find_kind(content[:LOOKED_AT_BYTES], content[-LOOKED_AT_BYTES:]) == kind


def test_files_that_programs_wrote_are_recognised(tmp_path):
    table = pa.table({"a": [1, 2]})
    pq.write_table(table, tmp_path / "parquet")
    pyarrow.feather.write_feather(table, tmp_path / "arrow")
    database = sqlite3.connect(tmp_path / "sqlite")
    database.execute("CREATE TABLE customers (id)")
    database.close()
    with writing_workbook(tmp_path / "xlsx", ["a"]):
        pass
    files = {path.name: path for path in tmp_path.iterdir()}
    files |= {name: WORKBOOKS / f"libreoffice.{name}" for name in ("xls", "ods")}
    files |= {"text": CSV, "pickle": PROJECT / "model_C=1.0.bin", "json": PROJECT / "model_C=1.0.json"}
    assert {kind: kind_of(path) for kind, path in files.items()} == {kind: kind for kind in files}
    assert kind_of(WORKBOOKS / "libreoffice.xlsx") == "xlsx"


def test_a_workbook_from_a_pipe_is_recognised_by_the_first_names_in_it():
    assert find_kind(zipped("[Content_Types].xml", "xl/workbook.xml")[:120]) == "xlsx"


def test_the_beginning_and_the_end_of_a_large_zip_archive_are_read(tmp_path):
    path = tmp_path / "large.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("docProps/app.xml", bytes(3 * LOOKED_AT_BYTES))
        archive.writestr("xl/workbook.xml", "")
    file = path.open("rb")
    assert read_kind(file) == "xlsx"
    assert file.tell() == 0
    file.close()


def test_every_kind_has_a_name_and_a_way_out_in_one_sentence_that_json_can_hold():
    for key, kind in KINDS.items():
        sentence = describe_kind(key)
        assert sentence == f"it is {kind.name}; {kind.way_out}"
        assert sentence.isascii()
        assert not sentence.endswith(".")
        assert "\n" not in sentence
    assert json.loads(json.dumps({key: kind._asdict() for key, kind in KINDS.items()})).keys() == KINDS.keys()


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_have_a_kind(head, tail):
    for begin in (b"", b"PK\x03\x04", b"PK\x05\x06", OLE, b"<?xml"):
        assert find_kind(begin + head, tail) in KINDS
