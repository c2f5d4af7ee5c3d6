"""A file of customers scored into another: CSV and Parquet, the riskiest only, and a whole or unchanged target."""

import contextlib
import csv
import gzip
import io
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from churn.batch import csv_blocks, parquet_file
from churn.batch.answered_batches import pick_rows
from churn.batch.ranking import Ranking
from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.errors import CsvError, CustomerError, TableError, WriteError
from churn.model.answerer import Answerer
from churn.tables.csv_rows import score_csv
from churn.tables.renaming import Renaming
from tests.customers import CSV, RAW_CUSTOMERS
from tests.files_of_kinds import zipped
from tests.made_workbooks import writing_workbook
from tests.scored_files import assert_same_answers


@pytest.fixture
def in_pieces(monkeypatch):
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 50_000)
    monkeypatch.setattr(parquet_file, "PARQUET_ROWS", 500)


def typed() -> pa.Table:
    """The table as pyarrow reads it, with additional columns of further types."""
    table = pyarrow.csv.read_csv(CSV)
    ids = pa.array(range(len(table)), type=pa.uint16())
    seen = pa.array([0] * len(table), type=pa.timestamp("ms", "UTC"))
    table = table.add_column(0, "id", ids).append_column("seen", seen)
    return table.append_column("tags", pa.array([["a", "b"]] * len(table), pa.list_(pa.string())))


def read(path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_csv_gets_scikit_learns_probabilities_and_keeps_its_columns(scorer, expected, tmp_path, in_pieces):
    outcome = score_file(CSV, tmp_path / "scored.csv", scorer)
    rows = read(tmp_path / "scored.csv")
    np.testing.assert_allclose([float(row["churn_probability"]) for row in rows], expected, rtol=0, atol=1e-12)
    assert [row["predicted_churn"] for row in rows] == ["true" if value else "false" for value in expected >= 0.5]
    assert [{name: row[name] for name in RAW_CUSTOMERS[0]} for row in rows] == RAW_CUSTOMERS
    assert (outcome.customers, outcome.refused, outcome.refusals.counts) == (len(expected), 0, {})


@pytest.mark.parametrize("compression", ["none", "zstd", "gzip", {"id": "gzip", "tenure": "zstd"}])
def test_a_parquet_file_keeps_types_codecs_and_metadata(scorer, expected, tmp_path, in_pieces, compression):
    table = typed().replace_schema_metadata({"made": "by hand"})
    pq.write_table(table, tmp_path / "in.parquet", compression=compression)
    score_file(tmp_path / "in.parquet", tmp_path / "out.parquet", scorer)
    scored = pq.read_table(tmp_path / "out.parquet")
    np.testing.assert_allclose(scored["churn_probability"].to_numpy(), expected, rtol=0, atol=1e-12)
    assert scored.select(table.schema.names).equals(pq.read_table(tmp_path / "in.parquet"), check_metadata=True)
    assert scored.schema.names[-3:] == ["churn_probability", "predicted_churn", "error"]
    codecs = [
        {chunk.path_in_schema: chunk.compression for chunk in map(group.column, range(group.num_columns))}
        for group in (pq.ParquetFile(tmp_path / name).metadata.row_group(0) for name in ("in.parquet", "out.parquet"))
    ]
    assert codecs[0].items() <= codecs[1].items()
    assert {codecs[1][name] for name in ("churn_probability", "predicted_churn", "error")} == {codecs[1]["id"]}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_bad_rows_stay_and_are_counted(scorer, tmp_path, kind, in_pieces):
    table = pa.Table.from_pylist(RAW_CUSTOMERS[:3])
    table = table.set_column(0, "gender", pa.array(["Male", "Mail", "Female"]))
    table = table.set_column(4, "tenure", pa.array(["-1", "x", "1"]))
    source, target = tmp_path / f"in.{kind}", tmp_path / f"out.{kind}"
    pyarrow.csv.write_csv(table, source) if kind == "csv" else pq.write_table(table, source)
    outcome = score_file(source, target, scorer)
    assert (outcome.customers, outcome.refused) == (3, 2)
    kinds = [("gender", "unknown category"), ("tenure", "negative"), ("tenure", "not a number")]
    assert outcome.refusals.counts == dict.fromkeys(kinds, 1)
    assert outcome.refusals.first_rows == dict(zip(kinds, [3, 2, 3], strict=True))  # the header is row 1
    rows = read(target) if kind == "csv" else pq.read_table(target).to_pylist()
    assert [row["gender"] for row in rows] == ["Male", "Mail", "Female"]
    assert [bool(row["error"]) for row in rows] == [True, True, False]
    assert [row["churn_probability"] in ("", None) for row in rows] == [True, True, False]
    assert rows[1]["error"].startswith("gender: unknown category (did you mean male?); tenure: not a number")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_first_row_of_each_kind_of_problem_is_known_after_the_first_piece_too(scorer, tmp_path, kind, in_pieces):
    genders = ["Mail" if row in (2, 1500, 3000) else raw["gender"] for row, raw in enumerate(RAW_CUSTOMERS)]
    tenures = ["-1" if row in (2000, 2001, 5000) else raw["tenure"] for row, raw in enumerate(RAW_CUSTOMERS)]
    table = pa.Table.from_pylist(RAW_CUSTOMERS)
    table = table.set_column(0, "gender", pa.array(genders)).set_column(4, "tenure", pa.array(tenures))
    source, above = tmp_path / f"in.{kind}", 0
    if kind == "parquet":
        pq.write_table(table, source)
    else:
        pyarrow.csv.write_csv(table, source, pyarrow.csv.WriteOptions(quoting_style="none"))
        lines = source.read_text().splitlines()
        source.write_text("\n".join(["", *lines[:700], "", " ,", *lines[700:]]))
        above = 3  # blank rows
    outcome = score_file(source, tmp_path / f"out.{kind}", scorer)
    first = {("gender", "unknown category"): 2 + 2 + (above > 0), ("tenure", "negative"): 2000 + 2 + above}
    assert outcome.refusals.first_rows == first


@pytest.mark.parametrize("most", [1, 100, 7043, 9000])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_riskiest_are_the_beginning_of_a_sorted_file(scorer, tmp_path, kind, most, in_pieces, monkeypatch):
    monkeypatch.setattr("churn.batch.ranking._FEWEST_HELD", 10)
    source, whole, top = CSV, tmp_path / f"whole.{kind}", tmp_path / f"top.{kind}"
    if kind == "parquet":
        source = tmp_path / "in.parquet"
        pq.write_table(typed(), source)
    score_file(source, whole, scorer)
    score_file(source, top, scorer, top=most)
    rows, ranked = [read(path) if kind == "csv" else pq.read_table(path).to_pylist() for path in (whole, top)]
    assert ranked == sorted(rows, key=lambda row: -float(row["churn_probability"]))[:most]


def test_equally_risky_rows_keep_their_order_and_refused_ones_have_no_rank():
    riskiest = Ranking(3, pick_rows)
    for begin in range(0, 9, 3):
        rows = pa.RecordBatch.from_pydict({"row": [begin, begin + 1, begin + 2]})
        riskiest.add(rows, np.array([0.5, np.nan, 0.25]))
    assert [row["row"] for rows in riskiest.ranked() for row in rows.to_pylist()] == [0, 3, 6]


def test_a_file_may_be_scored_in_place_and_twice(scorer, tmp_path):
    path = tmp_path / "customers.csv"
    path.write_bytes(CSV.read_bytes())
    score_file(path, path, scorer)
    once = read(path)
    score_file(path, path, scorer)
    assert [list(row) for row in read(path)] == [list(row) for row in once]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("as_stdin", [False, True])
@pytest.mark.parametrize(("of_input", "expected"), [(0o600, 0o600), (0o640, 0o640), (0o666, 0o644)])
def test_a_new_output_is_as_private_as_its_input(scorer, tmp_path, as_stdin, of_input, expected):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(CSV.read_bytes())
    source.chmod(of_input)
    before = os.umask(0o022)
    try:
        if as_stdin:
            with source.open("rb", buffering=0) as file:
                score_file(file, target, scorer)
        else:
            score_file(source, target, scorer)
    finally:
        os.umask(before)
    assert stat.S_IMODE(target.stat().st_mode) == expected


def test_the_output_of_a_pipe_is_as_open_as_the_umask_allows(scorer, tmp_path):
    reading, writing = os.pipe()

    def send():
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(CSV.read_bytes())

    with ThreadPoolExecutor(1) as threads, os.fdopen(reading, "rb", buffering=0) as source:
        sent = threads.submit(send)
        before = os.umask(0o027)
        try:
            score_file(source, tmp_path / "out.csv", scorer)
        finally:
            os.umask(before)
        sent.result()
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o640


def test_a_replaced_output_keeps_its_mode_whatever_the_inputs_is(scorer, tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(CSV.read_bytes())
    source.chmod(0o600)
    target.write_text("old")
    target.chmod(0o664)
    score_file(source, target, scorer)
    assert stat.S_IMODE(target.stat().st_mode) == 0o664


def test_two_runs_at_the_same_time_into_one_output_leave_one_whole_answer(scorer, tmp_path, in_pieces, monkeypatch):
    monkeypatch.setattr(os, "getpid", lambda: 7)  # as in two containers
    target, top = tmp_path / "out.csv", tmp_path / "top.csv"
    score_file(CSV, top, scorer, top=100)

    def score_another(done, total, customers):
        if customers > 5000 and not target.exists():
            score_file(CSV, target, scorer, top=100)
            assert target.read_bytes() == top.read_bytes()

    score_file(CSV, target, scorer, report_progress=score_another)
    assert len(read(target)) == len(RAW_CUSTOMERS)
    assert {path.name for path in tmp_path.iterdir()} == {"out.csv", "top.csv"}


def test_a_link_keeps_pointing_to_the_same_place(scorer, tmp_path):
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    score_file(CSV, tmp_path / "link.csv", scorer)
    assert (tmp_path / "link.csv").is_symlink()
    assert len(read(tmp_path / "real.csv")) == len(RAW_CUSTOMERS)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (CSV.read_bytes()[:-30], CsvError),
        (b"", TableError),
        (b"a,b\n1,2\n", CustomerError),
        (CSV.read_bytes().replace(b"Female", b"Fem\x81le"), CsvError),
    ],
)
def test_a_source_that_cant_be_used_leaves_the_target_unchanged(scorer, tmp_path, content, error, in_pieces):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(content)
    target.write_text("before")
    with pytest.raises(error):
        score_file(source, target, scorer)
    assert target.read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", "out.csv"}


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("missing.csv", "out.csv", "No such file"),
        ("missing.parquet", "out.parquet", "No such file"),
        ("missing.xlsx", "out.xlsx", "No such file"),
        ("pipe.xlsx", "out.xlsx", r"but a pipe is CSV; give the name of a file, or an output .* ends with \.csv$"),
        (
            "some.csv",
            "out.xlsx",
            r"an Excel workbook, but the input is CSV; give .* ends with \.csv$",
        ),
        ("book.csv", "out.csv", r"CSV, but the input is an Excel workbook; .* ends with \.xlsx$"),
        ("some.parquet", "out.parquet", "would be Parquet, but the input is CSV"),
        ("cut.parquet", "out.xlsx", "would be an Excel workbook, but the input is Parquet"),
        ("list.zip", "out.csv", "it is a zip archive; unpack it"),
        ("some.csv", "out.parquet", "would be Parquet, but the input is CSV"),
        ("some.csv", "out.json", "neither CSV nor Parquet"),
        ("cut.parquet", "out.parquet", "can't be read"),
    ],
)
def test_files_that_cant_be_used_are_refused_by_name(scorer, tmp_path, source, target, reason):
    (tmp_path / "some.parquet").write_text("no Parquet")
    os.mkfifo(tmp_path / "pipe.xlsx")
    (tmp_path / "list.zip").write_bytes(zipped("customers.csv"))
    with writing_workbook(tmp_path / "book.csv", ["a"]):
        pass
    (tmp_path / "some.csv").write_text("no Parquet")
    pq.write_table(typed(), tmp_path / "cut.parquet")
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "cut.parquet").read_bytes()[:-100])
    with pytest.raises(TableError, match=reason):
        score_file(tmp_path / source, tmp_path / target, scorer)
    assert not (tmp_path / target).exists()


def test_a_pipe_is_csv_whatever_the_input_is(scorer, tmp_path):
    said = r"^the output: would be CSV, but the input is Parquet; give an output whose name ends with \.parquet$"
    pq.write_table(typed(), tmp_path / "in.parquet")
    with (tmp_path / "out").open("wb") as target, pytest.raises(TableError, match=said):
        score_file(tmp_path / "in.parquet", target, scorer)


@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz", "in.xlsx", "in.parquet", "in.dat", "in"])
def test_the_content_of_a_csv_decides_and_not_its_name(scorer, tmp_path, name):
    score_file(CSV, tmp_path / "expected.csv", scorer)
    for content in (CSV.read_bytes(), gzip.compress(CSV.read_bytes(), mtime=0)):
        (tmp_path / name).write_bytes(content)
        score_file(tmp_path / name, tmp_path / "out.csv", scorer)
        assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()


def test_the_content_of_parquet_and_a_workbook_decides_and_not_their_names(scorer, tmp_path):
    pq.write_table(typed(), tmp_path / "in.csv")
    assert score_file(tmp_path / "in.csv", tmp_path / "out.parquet", scorer).form == "Parquet"
    header, first = (line.split(",") for line in CSV.read_text(encoding="utf-8").splitlines()[:2])
    with writing_workbook(tmp_path / "in.xlsm", header) as writer:
        writer.write_rows([first])
    assert score_file(tmp_path / "in.xlsm", tmp_path / "out.xlsx", scorer).customers == 1


def test_blank_columns_cells_and_rows_that_a_spreadsheet_left_change_no_answer(scorer, tmp_path):
    header, *rows = CSV.read_text(encoding="utf-8").splitlines()[:200]
    (tmp_path / "in.csv").write_text("\n".join([header, *rows, ""]))
    score_file(tmp_path / "in.csv", tmp_path / "expected.csv", scorer)
    wide = "".join(f"{row},,\n" for row in rows) + ",,,\n" * 30_000
    (tmp_path / "in.csv").write_text(f"{header}\n{wide}")
    outcome = score_file(tmp_path / "in.csv", tmp_path / "out.csv", scorer)
    assert (outcome.customers, outcome.refused) == (199, 0)
    expected, scored = pd.read_csv(tmp_path / "expected.csv"), pd.read_csv(tmp_path / "out.csv")
    pd.testing.assert_frame_equal(scored, expected, check_exact=False, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("May\na;b\nK\u00f6ln;1\n", "CSV in Windows-1252, separated by commas, header in row 1"),
        ("Stadt;gender\nK\u00f6ln;Female\n", "CSV in Windows-1252, separated by semicolons, header in row 1"),
        (CSV.read_text(encoding="utf-8") + '"\u00fc', "CSV in Windows-1252, separated by commas, header in row 1"),
        ("%PDF-1.7\n", ""),
    ],
)
def test_a_refusal_has_the_form_in_which_the_file_was_read(scorer, tmp_path, content, words):
    (tmp_path / "in.csv").write_bytes(content.encode("cp1252"))
    with pytest.raises((CustomerError, CsvError, TableError)) as refusal:
        score_file(tmp_path / "in.csv", tmp_path / "out.csv", scorer)
    assert refusal.value.form == words


def test_a_compressed_csv_from_a_pipe_is_unpacked(scorer, tmp_path):
    score_file(CSV, tmp_path / "expected.csv", scorer)
    reading, writing = os.pipe()
    with ThreadPoolExecutor(1) as pool, os.fdopen(reading, "rb", buffering=0) as pipe:
        sent = pool.submit(send, writing, gzip.compress(CSV.read_bytes(), mtime=0))
        score_file(pipe, tmp_path / "out.csv", scorer)
        sent.result()
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()


def test_a_damaged_page_is_refused_and_nothing_is_written(scorer, tmp_path):
    pq.write_table(typed(), tmp_path / "in.parquet", compression="gzip", use_dictionary=False)
    content = bytearray((tmp_path / "in.parquet").read_bytes())
    content[2000:4000] = bytes(2000)
    (tmp_path / "in.parquet").write_bytes(content)
    with pytest.raises(TableError, match="can't be read"):
        score_file(tmp_path / "in.parquet", tmp_path / "out.parquet", scorer)
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


def test_a_target_that_cant_be_written_is_reported(scorer, tmp_path):
    with pytest.raises(WriteError, match="No such file or directory"):
        score_file(CSV, tmp_path / "missing" / "out.csv", scorer)


class FullAfter(io.BytesIO):
    """A file on a disk that is full after `capacity` bytes."""

    def __init__(self, capacity: int) -> None:
        super().__init__()
        self._left = capacity

    def write(self, content) -> int:
        self._left -= len(content)
        if self._left < 0:
            raise OSError(28, "No space left on device")
        return super().write(content)


@pytest.mark.parametrize("capacity", [10, 100_000])
def test_a_full_disk_is_reported_by_its_name(scorer, capacity, in_pieces):
    with CSV.open("rb") as source, pytest.raises(WriteError, match="No space left on device"):
        score_file(source, FullAfter(capacity), scorer)


def test_progress_adds_up_to_the_whole(scorer, tmp_path, in_pieces):
    reports = []
    score_file(CSV, tmp_path / "out.csv", scorer, report_progress=lambda *report: reports.append(report))
    assert sum(done for done, _, _ in reports) <= reports[0][1] == CSV.stat().st_size
    assert reports[-1][2] == len(RAW_CUSTOMERS)


def test_the_output_is_put_in_place_in_the_block_that_nothing_interrupts(scorer, tmp_path):
    stood = []

    @contextmanager
    def block():
        stood.append((tmp_path / "out.csv").exists())
        yield
        stood.append((tmp_path / "out.csv").exists())

    score_file(CSV, tmp_path / "out.csv", scorer, uninterrupted=block)
    assert stood == [False, True]


FORMS = {
    "Windows-1252": ({"encoding": "cp1252"}, None, "CSV in Windows-1252, separated by commas, header in row 1"),
    "UTF-16": ({"encoding": "utf-16"}, None, "CSV in UTF-16, separated by commas, header in row 1"),
    "a title": (
        {"above": "Kunden im Mai\n\n"},
        None,
        "CSV in UTF-8, separated by commas, header in row 3 below a title",
    ),
    "Excel's own line": (
        {"above": "sep=,\r\n"},
        None,
        "CSV in UTF-8, separated by commas, header in row 1",
    ),
    "an encoding that is given": (
        {"encoding": "cp1252"},
        "windows-1252",
        "CSV in Windows-1252, separated by commas, header in row 1",
    ),
}


def with_city(*, encoding: str = "utf-8", above: str = "") -> bytes:
    """The first 2,000 customers in some form, each with a city whose name is not ASCII."""
    header, *rows = CSV.read_text(encoding="utf-8").splitlines()[:2001]
    lines = [f"Stadt,{header}", *(f"K\u00f6ln,{row}" for row in rows)]
    return (above + "".join(f"{line}\r\n" for line in lines)).encode(encoding)


@pytest.mark.parametrize(("written", "given", "words"), FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz"])
def test_every_form_of_a_csv_is_scored_alike_and_reported(
    scorer, expected, tmp_path, in_pieces, written, given, words, name
):
    content = with_city(**written)
    source = tmp_path / name
    source.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    outcome = score_file(source, tmp_path / "out.csv", scorer, encoding=given)
    assert (outcome.form, outcome.customers, outcome.refused) == (words, 2000, 0)
    scored = (tmp_path / "out.csv").read_bytes().decode("utf-8-sig")
    above = written.get("above", "")
    assert scored.startswith(above)
    rows = list(csv.DictReader(io.StringIO(scored[len(above) :], newline="")))
    assert {row["Stadt"] for row in rows} == {"K\u00f6ln"}
    found = [float(row["churn_probability"]) for row in rows]
    np.testing.assert_allclose(found, expected[:2000], rtol=0, atol=1e-12)


def test_a_compressed_answer_is_the_plain_one_and_has_no_time_in_it(scorer, tmp_path):
    score_file(CSV, tmp_path / "plain.csv", scorer)
    for name in ("out.csv.gz", "again.CSV.GZ"):
        score_file(CSV, tmp_path / name, scorer)
    compressed = (tmp_path / "out.csv.gz").read_bytes()
    assert gzip.decompress(compressed) == (tmp_path / "plain.csv").read_bytes()
    assert compressed == (tmp_path / "again.CSV.GZ").read_bytes()


@pytest.mark.parametrize("content", [gzip.compress(CSV.read_bytes(), mtime=0)[:-2000], b"\x1f\x8b" + b"x" * 50, b""])
def test_a_damaged_compressed_file_leaves_the_target_unchanged(scorer, tmp_path, content):
    (tmp_path / "in.csv.gz").write_bytes(content)
    (tmp_path / "out.csv").write_text("before")
    with pytest.raises((TableError, CsvError)):
        score_file(tmp_path / "in.csv.gz", tmp_path / "out.csv", scorer)
    assert (tmp_path / "out.csv").read_text() == "before"


@pytest.mark.parametrize("quoted", [False, True])
def test_a_nul_is_refused_with_its_line_wherever_it_is(scorer, tmp_path, quoted):
    header, *rows = with_city().decode().splitlines()
    rows[1500] = rows[1500].replace("K\u00f6ln", '"K\0ln"' if quoted else "K\0ln")
    content = "\n".join([header, *rows, ""])
    assert content.index("\0") > 64 * 1024
    (tmp_path / "in.csv").write_bytes(content.encode())
    with pytest.raises(CsvError, match="a NUL character") as refusal:
        score_file(tmp_path / "in.csv", tmp_path / "out.csv", scorer)
    assert refusal.value.line == 1502
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("encoding", "given", "refused"),
    [
        ("utf-8", None, None),
        ("cp1252", "windows-1252", None),
        ("utf-16", "utf-16", None),
        ("cp1252", None, "not UTF-8"),
    ],
)
def test_a_pipe_is_utf_8_unless_its_encoding_is_given(scorer, tmp_path, encoding, given, refused):
    reading, writing = os.pipe()
    content = with_city(encoding=encoding)
    with ThreadPoolExecutor(1) as pool, os.fdopen(reading, "rb", buffering=0) as pipe:
        sent = pool.submit(send, writing, content)
        if refused:
            with pytest.raises(CsvError, match=refused):
                score_file(pipe, tmp_path / "out.csv", scorer, encoding=given)
            return
        assert score_file(pipe, tmp_path / "out.csv", scorer, encoding=given).customers == 2000
        sent.result()


def send(descriptor: int, content: bytes) -> None:
    """Write into a pipe and close it, even if its reader has gone."""
    with os.fdopen(descriptor, "wb") as pipe, contextlib.suppress(BrokenPipeError):
        pipe.write(content)


GERMAN = Renaming.read(["Vertrag=Contract", "Monate = tenure"])


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_columns_with_other_names_are_found_and_keep_them(shipped, expected, tmp_path, ending, in_pieces):
    table = typed().rename_columns(
        [{"Contract": "Vertrag", "tenure": "Monate"}.get(name, name) for name in typed().schema.names]
    )
    source, target = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    if ending == "csv":
        pyarrow.csv.write_csv(table.drop_columns("tags"), source)
    else:
        pq.write_table(table, source)
    with pytest.raises(CustomerError):
        score_file(source, target, TableScorer(Answerer(shipped)))
    outcome = score_file(source, target, TableScorer(Answerer(shipped), renaming=GERMAN))
    assert outcome.refused == 0
    scored = pyarrow.csv.read_csv(target) if ending == "csv" else pq.read_table(target)
    assert {"Vertrag", "Monate"} < set(scored.schema.names)
    np.testing.assert_allclose(scored["churn_probability"].to_numpy(), expected, rtol=0, atol=1e-12)
    with pytest.raises((CsvError, TableError), match="has no column 'laufzeit', which is mapped to 'contract'"):
        score_file(source, target, TableScorer(Answerer(shipped), renaming=Renaming.read(["Laufzeit=contract"])))


def write_marks(path, charges: list[str]) -> None:
    rows = [
        raw | {"TotalCharges": "30", "MonthlyCharges": charge}
        for raw, charge in zip(RAW_CUSTOMERS, charges, strict=False)
    ]
    path.write_text("\n".join([";".join(rows[0]), *(";".join(row.values()) for row in rows)]) + "\n")


@pytest.mark.parametrize("late", ["29.85", "29,85"])
def test_a_decimal_mark_that_shows_late_applies_from_there_on_as_in_the_service(scorer, tmp_path, in_pieces, late):
    other = late.translate({ord("."): ",", ord(","): "."})
    charges = ["1.234", *["30"] * 2000, late, late.replace("29", "1").replace("85", "234"), other, *["30"] * 2000]
    write_marks(tmp_path / "list.csv", charges)
    outcome = score_file(tmp_path / "list.csv", tmp_path / "scored.csv", scorer)
    content = (tmp_path / "list.csv").read_bytes()
    assert outcome.refused == 2
    whole = score_csv(content, scorer.answerer, report_errors=True, max_rows=10_000)
    assert_same_answers(tmp_path / "scored.csv", b"".join(whole.content), delimiter=";")


def test_a_given_decimal_mark_is_used_and_is_only_for_a_csv(scorer, tmp_path):
    write_marks(tmp_path / "list.csv", ["1.234", "2.345"])
    assert score_file(tmp_path / "list.csv", tmp_path / "scored.csv", scorer).refused == 2
    assert score_file(tmp_path / "list.csv", tmp_path / "scored.csv", scorer, decimal_mark=".").refused == 0
    pq.write_table(typed(), tmp_path / "list.parquet")
    with pytest.raises(TableError, match="needs no decimal mark: it is Parquet"):
        score_file(tmp_path / "list.parquet", tmp_path / "scored.parquet", scorer, decimal_mark=",")
