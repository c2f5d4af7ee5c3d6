"""A file is read by its content, whatever its name is, or refused with the name of its kind and the way out."""

import gzip
import os
import pickle
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn.errors import TableError
from churn.tables.file_form import Form, check_options, check_text, form_of_kind, read_form
from churn.tables.file_kind import KINDS, describe_kind, read_kind
from tests.made_workbooks import WORKBOOKS, writing_workbook

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"
FORMS = {"text": "CSV", "utf-16": "CSV", "gzip": "CSV", "parquet": "Parquet", "xlsx": "an Excel workbook"}


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


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet", "a.xlsx", "a.xls", "a.dat", "a"])
def test_a_file_is_read_by_its_content_or_refused_with_its_kind_and_the_way_out(files, tmp_path, name):
    path = tmp_path / name
    for kind, content in files.items():
        path.write_bytes(content)
        if kind in FORMS:
            assert read_form(path).value == FORMS[kind]
            continue
        with pytest.raises(TableError) as caught:
            read_form(path)
        assert str(caught.value) == f"{path}: {describe_kind(kind)}"


def test_a_zip_archive_with_a_long_list_is_left_to_the_reader_of_workbooks():
    assert form_of_kind(Path("a"), "zip") is Form.WORKBOOK


def test_content_from_a_pipe_or_from_gzip_must_be_text(files, tmp_path):
    for kind, content in files.items():
        path = tmp_path / kind
        path.write_bytes(content)
        with path.open("rb") as file:
            assert read_kind(file) == kind
        for is_unpacked in (True, False):
            if kind in ("text", "utf-16"):
                check_text(Path("the input"), kind, is_unpacked=is_unpacked)
                continue
            with pytest.raises(TableError) as caught:
                check_text(Path("the input"), kind, is_unpacked=is_unpacked)
            says = describe_kind(kind)
            if kind in ("parquet", "xlsx") and not is_unpacked:
                says = f"it is {KINDS[kind].name}, which can't be read from a pipe; give the name of a file"
            elif kind == "gzip" and not is_unpacked:
                continue
            assert str(caught.value) == f"the input: {says}"


def test_a_pipe_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.xlsx")
    assert read_form(tmp_path / "pipe.xlsx") is Form.CSV


def test_a_missing_file_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_form(tmp_path / "missing.csv")


NO_OPTIONS = {"encoding": None, "worksheet": None, "decimal_mark": None}
OPTIONS = {
    ("worksheet", "May"): ({Form.WORKBOOK}, "it has no worksheet 'May': it is "),
    ("encoding", "utf-16"): ({Form.CSV}, "it has no encoding 'utf-16': it is "),
    ("decimal_mark", ","): ({Form.CSV}, "it needs no decimal mark: it is "),
    ("decimal_mark", "."): ({Form.CSV}, "it needs no decimal mark: it is "),
}


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("form", Form)
def test_an_option_for_another_form_is_refused(form, option):
    name, value = option
    forms, reason = OPTIONS[option]
    given = NO_OPTIONS | {name: value}
    check_options(Path("a"), form, **NO_OPTIONS)
    if form in forms:
        check_options(Path("a"), form, **given)
        return
    with pytest.raises(TableError) as caught:
        check_options(Path("a"), form, **given)
    assert str(caught.value).startswith(f"a: {reason}{form.value}")
