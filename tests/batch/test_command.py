"""`flask --app predict score` as a process: its files, its output and its status, even if files or pipes fail."""

import csv
import fcntl
import gzip
import io
import json
import os
import pty
import re
import resource
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from churn.model.pair import card_path
from tests.customers import CLEAN_CUSTOMERS, CSV, PROJECT, read_cases, sklearn_probabilities
from tests.pairs import RECORDS, edit_card, sklearn_of, write_model
from tests.score_command import COMMAND, heed_interrupts, score
from tests.serving import wait_until
from tests.small_memory import PEAK

pytestmark = pytest.mark.slow

FORM = "read as CSV in UTF-8, separated by commas, header in row 1"
OUTSIDE = "monthlycharges: 1 customer outside what training saw, 18.25 to 118.65"  # one of 118.75, in the test part
TAKEN = "the answer's column is called predicted_churn: the input has its own churn"  # the label
BODY = CSV.read_bytes().split(b"\n", 1)[1]
BAD = CSV.read_bytes().replace(b"Female,0,Yes,No,1,", b"Femal,0,Yes,No,-1,", 1)
WORKBOOK = (PROJECT / "tests" / "workbooks" / "libreoffice.xlsx").read_bytes()
OLD_WORKBOOK = (PROJECT / "tests" / "workbooks" / "libreoffice.xls").read_bytes()


def make_large(path, times: int) -> None:
    with path.open("wb") as file:
        file.write(CSV.read_bytes())
        for _ in range(times - 1):
            file.write(BODY)


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_new_customers_are_scored_from_the_parquet_file_that_pandas_writes(client, tmp_path):
    customers = read_cases("new_customers_from_pandas.json")
    table = pd.DataFrame(customers, index=[488, 3331, 753])  # index of a larger table
    table.to_parquet(tmp_path / "new.parquet")
    assert pq.read_table(tmp_path / "new.parquet")["TotalCharges"].null_count == 3
    finished = score(tmp_path / "new.parquet", tmp_path / "scored.parquet")
    assert finished.stderr == b"3 customers: 3 scored, 0 refused\nread as Parquet\n"
    scored = pq.read_table(tmp_path / "scored.parquet")["churn_probability"].to_pylist()
    by_csv = client.post("/predict", data=table.to_csv(index=False), content_type="text/csv")
    assert scored == pytest.approx([float(row["churn_probability"]) for row in read(by_csv.data)], abs=1e-12)


def test_a_file_is_scored_as_scikit_learn_does_and_the_end_says_how_many(tmp_path, shipped):
    finished = score(CSV, tmp_path / "scored.csv")
    assert (finished.returncode, finished.stdout) == (0, b"")
    assert finished.stderr.decode() == (
        f"7,043 customers: 7,043 scored, 0 refused\n{OUTSIDE}\n{FORM}\n{TAKEN}\n"  # and no log
    )
    rows = read((tmp_path / "scored.csv").read_bytes())
    expected = sklearn_probabilities(shipped.path, CLEAN_CUSTOMERS)
    assert [float(row["churn_probability"]) for row in rows] == pytest.approx(expected, abs=1e-12)


def test_parquet_and_all_options(tmp_path, shipped):
    pq.write_table(pyarrow.csv.read_csv(CSV), tmp_path / "in.parquet")
    options = ("--top", "5", "--threshold", "0.85", "--explain", "2")
    finished = score(tmp_path / "in.parquet", tmp_path / "out.parquet", *options)
    assert finished.returncode == 0
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    expected = sorted(sklearn_probabilities(shipped.path, CLEAN_CUSTOMERS), reverse=True)[:5]
    assert [row["churn_probability"] for row in rows] == pytest.approx(expected, abs=1e-12)
    assert [row["predicted_churn"] for row in rows] == [one >= 0.85 for one in expected]
    assert all(re.fullmatch(r"\w+ is .+ \([+-]\d+\.\d\d\)", row["reason_2"]) for row in rows)


def test_counts_of_all_scored_customers_are_written_besides_the_answer(tmp_path):
    counts = tmp_path / "counts.json"
    options = ("--counts", counts, "--top", "3", "--threshold", "0.25")
    finished = score("-", tmp_path / "out.csv", *options, input=BAD)
    assert finished.returncode == 0, finished.stderr
    document = json.loads(counts.read_bytes())
    assert (document["answers"], document["threshold"], document["since"]) == (7042, 0.25, None)
    assert document["counts"]["fields"]["contract"] == [3874, 1473, 1695]  # the bad row is month-to-month
    assert score("-", tmp_path / "out.csv", input=BAD).returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {"counts.json", "out.csv"}


CAMPAIGN = ("--offer", "10", "--contact", "1", "--accept", "0.3")
YEAR = ("--value-field", "MonthlyCharges", "--months", "12")


def test_a_call_list_through_a_pipe_and_all_options(tmp_path, shipped):
    options = (*YEAR, *CAMPAIGN, "--budget", "2199", "--explain", "1", "--strict", "--counts", tmp_path / "counts")
    finished = score("-", "-", *options, input=BAD)
    assert finished.returncode == 3
    rows, lines = read(finished.stdout), finished.stderr.decode().splitlines()
    customers = [row for row, raw in enumerate(CLEAN_CUSTOMERS) if row]  # the first one is bad
    probabilities = sklearn_probabilities(shipped.path, [CLEAN_CUSTOMERS[row] for row in customers])
    values = [12 * float(CLEAN_CUSTOMERS[row]["monthlycharges"]) for row in customers]
    pairs = zip(probabilities, values, strict=True)
    gains = sorted((p * 0.3 * (v - 10) - (1 - p) * 10 - 1 for p, v in pairs), reverse=True)
    assert [float(row["expected_gain"]) for row in rows] == pytest.approx(gains[:199], abs=1e-9)
    assert all(re.search(r" \([+-]\d+\.\d\d\)$", row["reason_1"]) for row in rows)
    assert lines[0] == "7,043 customers: 7,042 scored, 1 refused"
    assert lines[3] == "campaign: value 12 x monthlycharges, offer 10, contact 1, accept 0.3"
    total = f"199 calls, at a cost of 2,189.00 at most: expected gain {sum(gains[:199]):,.2f}, between "
    assert lines[4].startswith(total)
    assert lines[5] == f"{sum(gain > 0 for gain in gains) - 199:,} more calls would have paid"
    assert json.loads((tmp_path / "counts").read_bytes())["answers"] == 7042


def test_figures_that_are_not_given_are_those_of_the_cards_campaign(tmp_path, shipped):
    model = tmp_path / "model.bin"
    model.write_bytes(shipped.path.read_bytes())
    card = json.loads(card_path(shipped.path).read_bytes())
    card_path(model).write_text(json.dumps(card))
    edit_card(model, counts=card["counts"] | {"campaign": {"value": 200, "offer": 10, "contact": 1, "accept": 0.3}})
    environ = os.environ | {"MODEL_FILE": str(model)}
    finished = score(CSV, tmp_path / "out.csv", "--calls", "2", env=environ)
    assert finished.stderr.decode().splitlines()[1] == "campaign: value 200, offer 10, contact 1, accept 0.3"
    rows = read((tmp_path / "out.csv").read_bytes())
    risks = sorted(sklearn_probabilities(shipped.path, CLEAN_CUSTOMERS), reverse=True)
    assert [float(row["churn_probability"]) for row in rows] == pytest.approx(risks[:2], abs=1e-12)
    finished = score(CSV, tmp_path / "out.csv", "--calls", "2", "--offer", "250", env=environ)
    words = "a certain leaver brings accept * (value - offer), -15, and a contact costs 1"
    assert (finished.returncode, finished.stderr.decode()) == (2, f"score: no contact ever pays: {words}\n")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--calls", "5"), "the model's card has no campaign: give --value (or --value-field), --offer, --contact"),
        (("--value", "200", *CAMPAIGN, "--calls", "5", "--top", "5"), "--top ranks by risk"),
        (("--value", "nan", *CAMPAIGN), "value must be above 0"),
        (("--value-field", "MonthlyCharge", *CAMPAIGN), "did you mean 'monthlycharges'?"),
    ],
)
def test_a_mistake_in_a_campaign_is_one_line_and_nothing_is_written(tmp_path, options, words):
    finished = score(CSV, tmp_path / "out.csv", *options)
    (line,) = finished.stderr.decode().splitlines()[-1:]
    assert finished.returncode == 2
    assert line.startswith("score: ")
    assert words in line
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("taken", ["INPUT", "OUTPUT"])
def test_counts_never_replace_a_table(tmp_path, taken):
    (tmp_path / "in.csv").write_bytes(CSV.read_bytes())
    (tmp_path / "link.csv").symlink_to(tmp_path / {"INPUT": "in.csv", "OUTPUT": "out.csv"}[taken])
    finished = score(tmp_path / "in.csv", tmp_path / "out.csv", "--counts", tmp_path / "link.csv")
    assert finished.returncode == 2
    assert f"it is {taken}, too; give another file" in finished.stderr.decode()
    assert (tmp_path / "in.csv").read_bytes() == CSV.read_bytes()
    assert not (tmp_path / "out.csv").exists()


def test_counts_that_cant_be_written_end_in_one_line_before_anything_is_scored(tmp_path):
    finished = score(CSV, tmp_path / "out.csv", "--counts", tmp_path / "no" / "counts.json")
    assert finished.returncode == 1
    words = f"score: {tmp_path}/no/counts.json can't be written: No such file or directory\n"
    assert finished.stderr.decode() == words
    assert list(tmp_path.iterdir()) == []


def test_pipes_are_csv(tmp_path):
    finished = score("-", "-", "--top", "1", input=CSV.read_bytes())
    assert finished.returncode == 0
    assert finished.stdout.count(b"\n") == 2
    assert finished.stderr.startswith(b"7,043 customers: 7,043 scored, 0 refused\n")


@pytest.mark.parametrize(("options", "status"), [((), 0), (("--strict",), 3)])
def test_bad_rows_are_counted_by_kind(tmp_path, options, status):
    finished = score("-", tmp_path / "out.csv", *options, input=BAD)
    assert finished.returncode == status
    assert finished.stderr.decode().splitlines() == [
        "7,043 customers: 7,042 scored, 1 refused",
        "  1 x gender: unknown category, in row 2",
        "  1 x tenure: negative, in row 2",
        OUTSIDE,
        FORM,
        TAKEN,
    ]
    first = read((tmp_path / "out.csv").read_bytes())[0]
    assert (first["churn_probability"], first["predicted_churn"]) == ("", "")
    assert first["error"].startswith("gender: unknown category (did you mean female?); tenure: negative")


@pytest.mark.parametrize("environment", [{"CHURN_THRESHOLD": "0.1"}, {}])
def test_the_threshold_and_the_model_are_those_of_the_service(tmp_path, environment, pair):
    environment = os.environ | environment | {"MODEL_FILE": str(pair)}
    assert score(CSV, tmp_path / "out.csv", env=environment).returncode == 0
    rows = read((tmp_path / "out.csv").read_bytes())
    expected = sklearn_probabilities(pair, CLEAN_CUSTOMERS)
    taken = [not row["error"] for row in rows]  # its training has not seen the blanks
    rows, expected = [row for row in rows if not row["error"]], expected[taken]
    assert len(rows) > 7000
    assert [float(row["churn_probability"]) for row in rows] == pytest.approx(expected, abs=1e-12)
    limit = float(environment.get("CHURN_THRESHOLD", 0.5))
    assert [row["predicted_churn"] == "true" for row in rows] == [one >= limit for one in expected.tolist()]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "can't be read: No such file or directory"),
        (b"", "it is empty"),
        (b"a,b\n1,2\n", "the header: gender: missing (expected a column of this name in the header); "),
        (CSV.read_bytes()[:-40], "line 7044: the file ends in the middle of this row"),
    ],
)
def test_an_input_that_cant_be_used_ends_in_one_line(tmp_path, content, said):
    if content is not None:
        (tmp_path / "in.csv").write_bytes(content)
    finished = score(tmp_path / "in.csv", tmp_path / "out.csv")
    assert finished.returncode == 2
    assert said in finished.stderr.decode()
    is_read = content is not None and content.count(b"\n") > 0
    assert finished.stderr.startswith(FORM.encode()) == is_read
    assert finished.stderr.count(b"\n") == 1 + is_read
    assert not (tmp_path / "out.csv").exists()


def test_a_worksheet_of_a_workbook_is_scored_and_its_form_is_reported(tmp_path):
    with pd.ExcelWriter(tmp_path / "in.xlsx") as book:
        pd.DataFrame({"a": [1]}).to_excel(book, sheet_name="Plan", index=False)
        pd.read_csv(CSV).drop(columns="Churn")[:20].to_excel(book, sheet_name="Kunden", index=False, startrow=2)
    finished = score(tmp_path / "in.xlsx", tmp_path / "out.xlsx", "--worksheet", "Kunden", "--top", "3")
    assert finished.stderr.decode() == (
        "20 customers: 20 scored, 0 refused\nread as worksheet 'Kunden' of an Excel workbook, header in row 3\n"
    )
    scored = pd.read_excel(tmp_path / "out.xlsx", header=2)
    expected = sklearn_probabilities(PROJECT / "model_C=1.0.bin", CLEAN_CUSTOMERS[:20])
    assert scored["churn_probability"].tolist() == pytest.approx(sorted(expected, reverse=True)[:3], abs=1e-12)
    lost = score(tmp_path / "in.xlsx", tmp_path / "out.xlsx", "--worksheet", "Mai")
    assert (lost.returncode, lost.stderr.count(b"\n")) == (2, 1)
    assert b"it has no worksheet 'Mai'; its worksheets are 'Plan', 'Kunden'" in lost.stderr


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "in.csv",
            b"<html><table>",
            "it is an HTML page; download the table itself, or save it as .xlsx or CSV UTF-8",
        ),
        ("in.xls", OLD_WORKBOOK, "it is an old Excel workbook (.xls); save it as .xlsx or CSV UTF-8"),
        ("in.csv.gz", gzip.compress(WORKBOOK, mtime=0), "it is an Excel workbook (.xlsx); save it as CSV UTF-8"),
        (
            "in.csv.gz",
            gzip.compress(gzip.compress(CSV.read_bytes(), mtime=0), mtime=0),
            "it is a gzip file; unpack it and give the table that is in it",
        ),
        (
            "in.csv.gz",
            gzip.compress(CSV.read_bytes(), mtime=0)[:-2000],
            "it is a damaged gzip file; fetch or compress it again, or give the table that was in it",
        ),
        ("in.parquet", b"", "it is empty; give a file with a header row and a row for each customer"),
        ("-", b"%PDF-1.7", "it is a PDF; save its table as .xlsx or CSV UTF-8"),
        (
            "-",
            WORKBOOK,
            "it is an Excel workbook (.xlsx), which can't be read from a pipe; give the name of a file",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_of_another_kind_is_named_with_the_way_out(tmp_path, name, content, said):
    source = "-" if name == "-" else tmp_path / name
    if name != "-":
        source.write_bytes(content)
    ending = "parquet" if name.endswith("parquet") else "xlsx" if name.endswith("xlsx") else "csv"
    finished = score(source, tmp_path / f"out.{ending}", input=content)
    assert finished.returncode == 2
    assert finished.stderr.decode().startswith(f"score: {'the input' if name == '-' else source}: {said}")
    assert finished.stderr.count(b"\n") == 1
    assert not (tmp_path / f"out.{ending}").exists()


@pytest.mark.parametrize(
    "options", [("--top", "0"), ("--threshold", "2"), ("--threshold", "nan"), ("--explain", "x"), ("--unknown",)]
)
def test_a_mistake_in_the_options_is_a_usage_error(tmp_path, options):
    assert score(CSV, tmp_path / "out.csv", *options).returncode == 2


def test_an_output_that_only_its_owner_may_read_stays_so(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    path.chmod(0o600)
    assert score(CSV, path).returncode == 0
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_pipe_without_new_bytes_is_not_at_its_end(tmp_path):
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    content = CSV.read_bytes()
    with subprocess.Popen([*COMMAND, "-", str(tmp_path / "out.csv")], cwd=PROJECT, stdin=reading) as process:

        def has_read_and_waits() -> bool:
            is_empty = fcntl.ioctl(reading, termios.FIONREAD, bytes(4)) == bytes(4)
            state = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]
            return process.poll() is not None or (is_empty and state == "S")

        os.write(writing, content[:50_000])
        wait_until(has_read_and_waits)
        os.close(reading)
        with open(writing, "wb") as pipe:  # noqa: PTH123 (a descriptor)
            pipe.write(content[50_000:])
    assert process.returncode == 0
    assert len(read((tmp_path / "out.csv").read_bytes())) == 7043


@pytest.mark.parametrize("closed", ["<&-", ">&-"])
def test_a_standard_stream_that_is_closed_is_one_line(closed):
    finished = subprocess.run(
        ["bash", "-c", f'"$@" {closed}', "bash", *COMMAND, "-", "-"],
        capture_output=True,
        check=False,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
    )
    assert finished.returncode == 2
    assert finished.stderr.count(b"\n") == 1


def test_invalid_texts_in_parquet_end_in_one_line(tmp_path):
    table = pyarrow.csv.read_csv(CSV)
    wrong = pa.array([b"f\xe9male"] * len(table), pa.binary()).view(pa.string())
    pq.write_table(table.set_column(0, "gender", wrong), tmp_path / "in.parquet")
    finished = score(tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert finished.returncode == 2
    assert finished.stderr.splitlines()[0] == b"read as Parquet"
    assert finished.stderr.count(b"\n") == 2
    assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_a_full_disk_ends_in_one_line_and_leaves_the_old_output(tmp_path, kind):
    source, target = CSV, tmp_path / f"out.{kind}"
    if kind == "parquet":
        source = tmp_path / "in.parquet"
        pq.write_table(pyarrow.csv.read_csv(CSV), source, compression="none", use_dictionary=False)
    if kind == "xlsx":
        source = tmp_path / "in.xlsx"
        pd.read_csv(CSV)[:1000].to_excel(source, index=False)
    target.write_text("before")
    limit = 50_000
    finished = score(source, target, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert finished.returncode == 1
    assert finished.stderr.decode() == f"score: {target} can't be written: File too large\n"
    assert target.read_text() == "before"
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".new"]


def test_a_reader_that_has_gone_ends_it_in_one_line(tmp_path):
    make_large(tmp_path / "in.csv", 20)
    process = subprocess.Popen(
        [*COMMAND, str(tmp_path / "in.csv"), "-"], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout.readline().startswith(b"gender,")
    process.stdout.close()
    assert process.stderr.read() == b"score: the output can't be written: Broken pipe\n"
    process.stderr.close()
    assert process.wait() == 1


@pytest.mark.parametrize(
    ("number", "status", "said"), [(signal.SIGINT, 130, b"interrupted"), (signal.SIGTERM, 143, b"terminated")]
)
def test_an_interrupt_leaves_the_old_output(tmp_path, number, status, said):
    (tmp_path / "out.csv").write_text("before")
    process = subprocess.Popen(
        [*COMMAND, "-", str(tmp_path / "out.csv")],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed_interrupts,
    )
    process.stdin.write(CSV.read_bytes())
    for _ in range(12):  # the pipe is full until the command reads it, so after this the command is at work
        process.stdin.write(BODY)
    process.stdin.flush()
    process.send_signal(number)
    assert process.stderr.read() == b"score: " + said + b" before the end of the table\n"
    assert process.wait() == status
    process.stdin.close()
    process.stderr.close()
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert (tmp_path / "out.csv").read_text() == "before"


def test_a_terminal_shows_progress_with_rate_and_time_left(tmp_path):
    make_large(tmp_path / "in.csv", 20)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, str(tmp_path / "in.csv"), str(tmp_path / "out.csv")], cwd=PROJECT, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:  # how Linux ends a terminal
        pass
    os.close(ours)
    assert process.wait() == 0
    text = shown.decode()
    assert re.search(r"scoring +\[#+-*\] +\d+% +[\d,]+ customers, [\d,]+/s, \d+ s left", text), text
    assert "100%" in text
    assert "140,860 customers: 140,860 scored, 0 refused" in text


def test_memory_stays_flat(tmp_path, measured):
    peaks = {}
    for times in (20, 200):
        make_large(tmp_path / "in.csv", times)
        files = [str(tmp_path / "in.csv"), str(tmp_path / "out.csv")]
        command = [sys.executable, "-c", PEAK, "--app", "predict", "score", *files]
        finished = subprocess.run(command, cwd=PROJECT, capture_output=True, check=True, text=True)
        peaks[times] = int(finished.stdout) / 1024
    measured.append(f"score, peak memory: {peaks[20]:.0f} MiB for 20 tables, {peaks[200]:.0f} MiB for 200")
    assert peaks[200] < peaks[20] + 64


def test_without_pyarrow_it_reports_what_to_install_and_the_app_starts(tmp_path):
    (tmp_path / "pyarrow.py").write_text("raise ModuleNotFoundError(name='pyarrow')")
    finished = score(CSV, tmp_path / "out.csv", env=os.environ | {"PYTHONPATH": str(tmp_path)})
    assert finished.returncode == 2
    assert (
        finished.stderr == b"score: this command needs pyarrow, numpy and xlsxwriter: "
        b"make install (or pipenv sync --categories batch)\n"
    )


def test_the_app_imports_neither_pyarrow_nor_numpy():
    code = "import sys, predict; print({'pyarrow', 'numpy'} & sys.modules.keys())"
    finished = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, check=True, text=True)
    assert finished.stdout == "set()\n"


def test_the_class_that_leaves_is_the_one_that_is_set(tmp_path):
    path = write_model(tmp_path / "model.bin", ["Stayed", "Churned"])
    (tmp_path / "customers.csv").write_text(
        "contract,tenure\n" + "".join("{contract},{tenure}\n".format(**one) for one in RECORDS)
    )
    environ = os.environ | {"MODEL_FILE": str(path)}
    refused = score(tmp_path / "customers.csv", tmp_path / "scored.csv", env=environ)
    assert refused.returncode == 1
    assert refused.stderr.count(b"\n") == 1
    assert b"set POSITIVE_CLASS to the class that leaves" in refused.stderr
    done = score(tmp_path / "customers.csv", tmp_path / "scored.csv", env=environ | {"POSITIVE_CLASS": "CHURNED"})
    assert done.returncode == 0, done.stderr
    scored = [float(row["churn_probability"]) for row in read((tmp_path / "scored.csv").read_bytes())]
    assert scored == pytest.approx(sklearn_of(path, "Churned", RECORDS), abs=1e-12)


def test_a_mistake_in_the_mapping_of_columns_is_a_usage_error(tmp_path):
    for mapped, words in (
        ("Contract", "must be COLUMN=FIELD"),
        ("Vertrag=contrat", "the model has no field 'contrat'"),
    ):
        finished = score(CSV, tmp_path / "out.csv", "--map", mapped)
        assert finished.returncode == 2
        assert words in " ".join(finished.stderr.decode().split())
