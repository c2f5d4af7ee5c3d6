"""The private parts of libraries that we use: each test names the library when a new version has changed them.

Each such library is pinned to its minor version in the Pipfile and is used in one module.
"""

import gc
import inspect
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import flask
import flask_swagger_ui
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.unreader import SocketUnreader
from gunicorn.http.wsgi import Response
from gunicorn.workers import gthread
from prometheus_client import CollectorRegistry, Counter, Gauge, values
from prometheus_client.mmap_dict import MmapedDict
from xlsxwriter.worksheet import Worksheet

from tests.customers import PROJECT

PRIVATELY_USED = ("flask", "flask-swagger-ui", "gunicorn", "prometheus-client", "pyarrow", "xlsxwriter")


def said(library: str) -> str:
    return f"{library} {version(library)} has changed a private part that we use"


@pytest.mark.parametrize("library", PRIVATELY_USED)
def test_a_library_whose_private_parts_we_use_is_pinned_to_its_minor_version(library):
    pipfile = tomllib.loads((PROJECT / "Pipfile").read_text())
    pins = {name: pin for category in ("packages", "batch") for name, pin in pipfile[category].items()}
    assert pins[library].startswith("~=")
    assert pins[library].count(".") == 2, "~=1.2.3 takes 1.2.4 and not 1.3"


def test_gunicorns_worker_hands_out_connections_as_ours_expects():
    """For server/worker.py. tests/server/test_keep_alive.py tests the reading of bodies on real ones."""
    parameters = {
        gthread.ThreadWorker.handle: ["self", "conn"],
        gthread.ThreadWorker.finish_request: ["self", "conn", "fs"],
        gthread.ThreadWorker.handle_error: ["self", "req", "client", "addr", "exc"],
        gthread.TConn.wait_for_data: ["self", "timeout"],
        Response.force_close: ["self"],
        Response.should_close: ["self"],
        Body.__init__: ["self", "reader"],
        LengthReader.__init__: ["self", "unreader", "length"],
        ChunkedReader.__init__: ["self", "req", "unreader"],
        SocketUnreader.__init__: ["self", "sock", "max_chunk"],
    }
    for function, names in parameters.items():
        assert list(inspect.signature(function).parameters) == names, f"{said('gunicorn')}: {function.__qualname__}"
    assert gthread._DEFER, said("gunicorn")
    source = inspect.getsource(gthread)
    for used in ("self.pending_conns.append(conn)", "conn.initialized", "conn.timeout = ", "result is _DEFER"):
        assert used in source, f"{said('gunicorn')}: {used}"


def test_the_files_of_a_worker_of_prometheus_client_are_named_and_read_as_we_expect(tmp_path, monkeypatch):
    """For server/metric_files.py."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    monkeypatch.setattr(values, "ValueClass", values.MultiProcessValue(lambda: 17))
    registry = CollectorRegistry()
    monkeypatch.setattr("prometheus_client.metrics.values.ValueClass", values.ValueClass)
    Counter("calls", "All calls.", registry=registry).inc(3)
    Gauge("state", "A state.", multiprocess_mode="livemax", registry=registry).set(2)
    assert {path.name for path in tmp_path.iterdir()} == {"counter_17.db", "gauge_livemax_17.db"}, said(
        "prometheus-client"
    )
    read = list(MmapedDict.read_all_values_from_file(str(tmp_path / "counter_17.db")))
    assert [count for _, count, *_ in read] == [3.0], said("prometheus-client")
    written = MmapedDict(str(tmp_path / "other.db"))
    written.write_value(read[0][0], 5.0, 0.0)
    written.close()
    again = list(MmapedDict.read_all_values_from_file(str(tmp_path / "other.db")))
    assert [(key, count) for key, count, *_ in again] == [(read[0][0], 5.0)], said("prometheus-client")


def test_flasks_adapter_of_a_request_knows_the_paths():
    """For web/keys.py."""
    app = flask.Flask("app")
    app.add_url_rule("/there", "there", lambda: "", methods=["POST"])
    with app.test_request_context("/there"):
        adapter = flask.globals.request_ctx.url_adapter
        assert adapter is not None, said("flask")
        assert adapter.match(method="POST") == ("there", {}), said("flask")


def test_swagger_uis_files_are_where_we_take_them_from():
    """For web/pages/docs.py."""
    folder = Path(flask_swagger_ui.__file__).parent / "dist"
    for name in ("swagger-ui.css", "swagger-ui-bundle.js"):
        assert (folder / name).stat().st_size > 100_000, said("flask-swagger-ui")


def test_pyarrows_writer_can_be_abandoned_silently_when_its_file_is_closed(tmp_path, monkeypatch):
    """For batch/files.py."""
    unraisable = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)
    with (tmp_path / "table.parquet").open("wb") as file:
        writer = pq.ParquetWriter(file, pa.schema({"n": pa.int64()}))
        assert writer.is_open is True, said("pyarrow")
        writer.is_open = False
    del writer
    gc.collect()
    assert not unraisable, said("pyarrow")


def test_xlsxwriter_writes_each_cell_in_methods_of_the_sheet_and_keeps_its_files_there(tmp_path):
    """For workbooks/writer.py."""
    spelled = []

    class Sheet(Worksheet):
        @staticmethod
        def _escape_control_characters(text):
            spelled.append(text)
            return f"{text}!"

        def _xml_number_element(self, number, attributes=()):
            self.fh.write(f"<c {dict(attributes)['r']} {number}/>")

    path = tmp_path / "made.xlsx"
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": str(tmp_path)})
    sheet = book.add_worksheet(worksheet_class=Sheet)
    assert sheet.fh is sheet.row_data_fh, said("xlsxwriter")
    assert [sheet.row_data_fh.name] == [str(found) for found in tmp_path.iterdir()], said("xlsxwriter")
    sheet.write_string(0, 0, "<r>x</r>")
    sheet.write_number(0, 1, 0.1 + 0.2)
    book.close()
    assert spelled == ["<r>x</r>"], said("xlsxwriter")
    assert sheet.row_data_fh.closed, said("xlsxwriter")
    with zipfile.ZipFile(path) as archive:
        content = archive.read("xl/worksheets/sheet1.xml")
    assert b"<t>&lt;r&gt;x&lt;/r&gt;!</t>" in content, said("xlsxwriter")
    assert b"<c B1 0.30000000000000004/>" in content, said("xlsxwriter")
