"""A file is named by what it is, and every name comes with a way out."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn.tables.file_kind import KINDS, LOOKED_AT_BYTES, describe_kind, find_kind, read_kind
from tests.customers import CSV, PROJECT
from tests.made_workbooks import writing_workbook

WORKBOOKS = PROJECT / "tests" / "workbooks"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def kind_of(path: Path) -> str:
    with path.open("rb") as file:
        return read_kind(file)


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


FILES = [
    (b"", "empty"),
    (b"customerid;tenure\r\n1;2\r\n", "text"),
    ("köln;straße".encode("cp1252"), "text"),
    ("€uro;x".encode("cp1252"), "text"),
    (b"\xef\xbb\xbfa,b", "text"),
    (b"[id],{x}\n", "text"),
    (b"BZh,tenure\n", "text"),
    (b"<unknown>,tenure\n", "text"),
    (b"sep=;\na;b\n", "text"),
    ("a,b".encode("utf-16"), "utf-16"),
    (b"\xfe\xff" + "a,b".encode("utf-16-be"), "utf-16"),
    ("a,b".encode("utf-32"), "utf-32"),
    (b"\x00\x00\xfe\xff" + "a,b".encode("utf-32-be"), "utf-32"),
    ("a,b\r\n1,2".encode("utf-16-le"), "unmarked-utf-16"),
    ("a,b\r\n1,2".encode("utf-16-be"), "unmarked-utf-16"),
    (b"MZ\x90\x00\x03\x00\x00\x00", "binary"),
    (bytes(100), "binary"),
    (zipped("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
    (zipped("docProps/app.xml", "_rels/.rels", "xl/workbook.xml"), "xlsx"),
    (zipped("[Content_Types].xml", "xl/workbook.bin", "xl/styles.bin"), "xlsb"),
    (zipped("[Content_Types].xml", "word/document.xml"), "docx"),
    (zipped("[Content_Types].xml", "ppt/presentation.xml"), "pptx"),
    (zipped("Index/Document.iwa", "preview.jpg"), "numbers"),
    (zipped("customers.csv"), "zip"),
    (zipped("folder/xl/workbook.xml"), "zip"),
    (zipped(), "zip"),
    (OLE + "Workbook".encode("utf-16-le"), "xls"),
    (OLE + "EncryptedPackage".encode("utf-16-le") + "Workbook".encode("utf-16-le"), "locked"),
    (OLE, "ole"),
    (OLE + bytes(2 * LOOKED_AT_BYTES) + "Workbook".encode("utf-16-le"), "xls"),
    (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook '
     b'xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "xml-workbook"),
    (b'<?xml version="1.0"?>\n<customers/>', "xml"),
    (b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "">', "html"),
    (b"\n <!DOCTYPE HTML>\n<html>", "html"),
    (b"\xef\xbb\xbf<table><tr>", "html"),
    (b"<!-- saved -->\n<html>", "html"),
    (b'{"tenure": 1}', "json"),
    (b'[\n  {"tenure": 1}]', "json"),
    (b"%PDF-1.7\n", "pdf"),
    (b"{\\rtf1\\ansi", "rtf"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "git-lfs"),
    (gzip.compress(b"a,b", mtime=0), "gzip"),
    (bz2.compress(b"a,b"), "archive"),
    (lzma.compress(b"a,b"), "archive"),
    (b"7z\xbc\xaf\x27\x1c\x00\x04", "archive"),
    (b"Rar!\x1a\x07\x01\x00", "archive"),
    (b"\x28\xb5\x2f\xfd\x04\x00", "archive"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image"),
    (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image"),
    (b"GIF89a", "image"),
    *((pickle.dumps({"a": [1, 2]}, protocol), "pickle") for protocol in range(6)),
    (pickle.dumps(np.arange(3), 2), "pickle"),
]  # fmt: skip
"""Contents of every kind and what they are; the page's reader is held to them, too."""


@pytest.mark.parametrize(("content", "kind"), FILES)
def test_a_file_is_known_by_its_bytes(content, kind):
    assert read_kind(io.BytesIO(content)) == kind
    assert find_kind(content[:LOOKED_AT_BYTES], content[-LOOKED_AT_BYTES:]) == kind


def test_files_that_programs_wrote_are_known(tmp_path):
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


def test_a_workbook_from_a_pipe_is_known_by_the_first_names_in_it():
    assert find_kind(zipped("[Content_Types].xml", "xl/workbook.xml")[:120]) == "xlsx"


def test_the_begin_of_a_large_zip_archive_and_its_end_are_looked_at(tmp_path):
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
def test_whatever_the_bytes_are_there_is_a_kind(head, tail):
    for begin in (b"", b"PK\x03\x04", b"PK\x05\x06", OLE, b"<?xml"):
        assert find_kind(begin + head, tail) in KINDS
