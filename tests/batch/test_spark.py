"""A real Spark, with a driver and two executor processes, compared with TableScorer in one process."""

import os
import re
import runpy
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.customers import CSV, PROJECT
from tests.local_spark import need_spark, set_up_spark
from tests.pairs import edit_card

need_spark()

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from pyspark import SparkContext
from pyspark.sql import SparkSession

from churn.batch.scorer import TableScorer
from churn.batch.spark import _answer_batches, score_frame
from churn.errors import CustomerError, ModelError
from churn.model.answerer import Answerer
from churn.model.file import load_model
from churn.model.pair import card_path
from churn.tables.answer import arrange_answer
from tests.drawn_tables import FIFTY, WITH_BLANKS
from tests.pairs import RECORDS, sklearn_of, write_model
from tests.second_reading import learn_rules, read_outcomes
from tests.shaped import draw_customers, sklearn_of_shaped, write_shaped
from tests.ways_in import assert_equal, fit_pair, of_rows, serve

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]

SCALE = (PROJECT / "docs" / "scale.md").read_text(encoding="utf-8")
MAKE_ZIP, SUBMIT = re.findall(r"^\$ (python -m zipfile .*|spark-submit --py-files .*)$", SCALE, re.MULTILINE)
N_ROWS, N_FILES, BATCH_ROWS = 1_000_000, 10, 10_000  # Spark puts no more rows into an Arrow batch either

SEEN = datetime(2026, 3, 29, 2, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def local_spark(tmp_path_factory):
    """Spark in a folder with the files that the documented commands name; the first command makes churn.zip."""
    local_spark = set_up_spark(tmp_path_factory.mktemp("spark"))
    for name in ("churn", "examples", "model_C=1.0.bin", "model_C=1.0.json"):
        (local_spark.folder / name).symlink_to(PROJECT / name)
    assert local_spark.run(MAKE_ZIP).returncode == 0
    yield local_spark
    local_spark.end()


@pytest.fixture(scope="module")
def spark(local_spark):
    """A session with this process as its driver, which finds the package only in churn.zip."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path])
        for name, value in local_spark.environ.items():
            patch.setenv(name, value)
        session = SparkSession.builder.getOrCreate()
        session.sparkContext.addPyFile(str(local_spark.folder / "churn.zip"))
        gateway = SparkContext._gateway
        yield session
        session.stop()
        gateway.shutdown()
        gateway.proc.stdin.close()  # ends the Java process
        gateway.proc.wait(60)
        SparkContext._gateway = SparkContext._jvm = None


@pytest.fixture(scope="module")
def table() -> pa.Table:
    """The shipped table, with its label under another name."""
    table = pyarrow.csv.read_csv(CSV)
    return table.rename_columns(["label" if name == "Churn" else name for name in table.column_names])


def spoil(table: pa.Table, chance: np.random.Generator, *, share: float) -> pa.Table:
    """The table with a share of the cells of some columns odd, and of others bad."""
    for name, value in {
        "Contract": " two YEAR ",
        "TotalCharges": " 0020.50",
        "PaymentMethod": "electronic_check",
        "InternetService": "fibre optics",  # from here on the rows are refused
        "Partner": None,
        "tenure": -1,
        "MonthlyCharges": float("inf"),
    }.items():
        place, column = table.schema.get_field_index(name), table[name]
        mask = pa.array(chance.random(len(table)) < share)
        spoilt = pc.if_else(mask, pa.scalar(value, column.type), column)
        table = table.set_column(place, name, spoilt)
    return table


def answer(table: pa.Table, model, *, n_reasons: int = 0) -> pa.Table:
    """The single machine's answers, 10,000 rows at a time."""
    scorer = TableScorer(Answerer(model, threshold=model.card.threshold, n_reasons=n_reasons))
    batches = table.combine_chunks().to_batches(max_chunksize=BATCH_ROWS)
    return pa.Table.from_batches([scorer.answer(batch).rows for batch in batches])


def check_answers(scored: pa.Table, expected: pa.Table) -> None:
    """Check that probabilities are equal to 1e-12 and all else exactly, with columns and rows in the same order."""
    assert scored.column_names == expected.column_names
    for name in set(expected.column_names) - {"churn_probability"}:
        assert scored[name].cast(expected[name].type).equals(expected[name]), name
    probabilities, wanted = (frame["churn_probability"].to_numpy() for frame in (scored, expected))
    np.testing.assert_allclose(probabilities, wanted, rtol=0, atol=1e-12, equal_nan=True)


def test_the_documented_job_gives_a_million_rows_the_single_machines_answers(local_spark, table, shipped, measured):
    chance = np.random.default_rng(7)
    customers = spoil(table.take(pa.array(chance.integers(len(table), size=N_ROWS))), chance, share=0.001)
    customers = customers.add_column(0, "id", pa.array(np.arange(N_ROWS)))
    folder = local_spark.folder / "customers.parquet"
    folder.mkdir()
    for number, start in enumerate(range(0, N_ROWS, N_ROWS // N_FILES)):
        pq.write_table(customers.slice(start, N_ROWS // N_FILES), folder / f"{number}.parquet")

    job = local_spark.run(SUBMIT)

    assert job.returncode == 0, job.stderr
    scored = pq.read_table(local_spark.folder / "scored.parquet").sort_by("id")
    check_answers(scored, answer(customers, shipped))
    refused = N_ROWS - scored["error"].null_count
    assert 3_000 < refused < 5_000
    said = f"scored.parquet: {N_ROWS:,} rows, {refused:,} of them refused"
    assert job.stdout.endswith(f"{said}\n")
    assert f"`{said}`" in SCALE

    stage = local_spark.events("SparkListenerStageCompleted")[-1]["Stage Info"]
    tasks = [event for event in local_spark.events("SparkListenerTaskEnd") if event["Stage ID"] == stage["Stage ID"]]
    assert {task["Task Info"]["Executor ID"] for task in tasks} == {"0", "1"}
    seconds = (stage["Completion Time"] - stage["Submission Time"]) / 1000
    measured.append(f"Spark, two executors: {N_ROWS / seconds:,.0f} rows/s, Parquet to Parquet ({seconds:.1f} s)")


def test_the_job_reports_what_is_wrong_in_words(spark, table, shipped, tmp_path):
    pq.write_table(table.drop(["Contract", "tenure"]), tmp_path / "narrow.parquet")
    main = runpy.run_path(str(PROJECT / "examples" / "score_spark.py"))["main"]
    with pytest.raises(SystemExit) as ended:
        main([f"{tmp_path}/narrow.parquet", f"{tmp_path}/none.parquet", "--model", str(shipped.path)])
    missing = [f"{name}: missing (expected a column of this name)" for name in ("tenure", "contract")]
    assert ended.value.code == "\n".join([f"{tmp_path}/narrow.parquet: 2 problems with the customer data", *missing])
    with pytest.raises(SystemExit, match=r"none\.bin: can't be read"):
        main([f"{tmp_path}/narrow.parquet", f"{tmp_path}/none.parquet", "--model", "none.bin"])
    assert not (tmp_path / "none.parquet").exists()


def test_a_frame_with_any_columns_comes_back_with_the_answers_and_reasons(spark, table, shipped):
    n_rows = len(table)
    customers = (
        spoil(table, np.random.default_rng(7), share=0.002)
        .add_column(0, "predicted_reason_1", pa.array(["tenure is 2 (+1.25)"] * n_rows))
        .add_column(0, "churn", pa.array([True] * n_rows))
        .add_column(0, "churn_probability", pa.array([0.5] * n_rows))  # an earlier answer's
        .append_column("reason_1", pa.array(["C17"] * n_rows))
        .append_column("Error", pa.array([404] * n_rows))
        .append_column("id", pa.array(range(n_rows)))
        .append_column("born", pa.array([date(1970, 2, 28)] * n_rows))
        .append_column(
            "seen", pa.array([datetime(2026, 3, 29, 2, 30, tzinfo=UTC)] * n_rows, pa.timestamp("us", "UTC"))
        )
        .append_column("paid", pa.array([Decimal("1234.50")] * n_rows, pa.decimal128(10, 2)))
        .append_column("tags", pa.array([["a", None]] * n_rows))
        .append_column("nothing", pa.nulls(n_rows, pa.string()))
    )
    frame = spark.createDataFrame(customers).repartition(5).sortWithinPartitions("id").cache()
    scored = score_frame(frame, shipped, n_reasons=3)
    own = [field for field in frame.schema if field.name not in ("churn_probability", "churn", "predicted_reason_1")]
    assert scored.schema.fields[: len(own)] == own
    added = ["churn_probability", "churn", "predicted_reason_1", "reason_2", "reason_3", "predicted_error"]
    assert scored.columns[len(own) :] == added
    check_answers(scored.toArrow(), answer(frame.toArrow(), shipped, n_reasons=3))
    frame.unpersist()


def test_fifty_customers_with_nulls_and_booleans_get_the_answers_of_every_other_way_in(spark, tmp_path):
    WITH_BLANKS.to_csv(tmp_path / "table.csv", index=False)
    service = serve(fit_pair(tmp_path / "table.csv", tmp_path / "model.bin"), tmp_path)
    expected = read_outcomes(FIFTY, learn_rules(WITH_BLANKS.drop(columns="churn")), service.pair)
    frame = spark.createDataFrame(pa.Table.from_pylist(FIFTY)).coalesce(1)
    scored = score_frame(frame, service.model.path).toArrow()
    assert scored["id"].to_pylist() == [customer["id"] for customer in FIFTY]
    assert_equal(of_rows(service.fields, scored.to_pylist()), expected, "Spark")


def test_curves_and_pairs_of_fields_give_the_single_machines_answers_and_reasons(spark, tmp_path):
    path, customers = write_shaped(tmp_path / "model.bin"), draw_customers(500)
    table = pa.Table.from_pylist([customer | {"charges": customer["charges"] or None} for customer in customers])
    scored = score_frame(spark.createDataFrame(table).coalesce(1), path, n_reasons=6).toArrow()
    check_answers(scored, answer(table, load_model(path), n_reasons=6))
    expected = sklearn_of_shaped(customers)
    np.testing.assert_allclose(scored["churn_probability"].to_numpy(), expected, rtol=0, atol=1e-12)


def test_each_of_several_processes_verifies_the_pair_once(spark, table, shipped):
    names = table.column_names
    contract = shipped.scorer.contract
    columns = arrange_answer(names, contract, n_reasons=0, with_errors=True, earlier_answer=range(0))
    answerer = Answerer(shipped, threshold=0.125)  # used in no other test
    answer_batches = _answer_batches(answerer, names, columns)

    def tell(batches):
        from churn.batch.spark import _read_scorer

        before = _read_scorer.cache_info().misses
        n_rows = sum(batch.num_rows for batch in answer_batches(batches))
        told = {"n_rows": n_rows, "process": os.getpid(), "verified": _read_scorer.cache_info().misses - before}
        yield pa.RecordBatch.from_pylist([told])

    frame = spark.createDataFrame(table).repartition(8)
    told = frame.mapInArrow(tell, "n_rows long, process long, verified long").toArrow().to_pylist()
    assert len(told) == 8
    assert sum(message["n_rows"] for message in told) == len(table)
    processes = {message["process"] for message in told}
    assert len(processes) > 1
    assert os.getpid() not in processes
    assert sum(message["verified"] for message in told) == len(processes)


def test_the_executors_need_no_model_file(spark, table, pair):
    model = load_model(pair)
    scored = score_frame(spark.createDataFrame(table), pair)
    pair.unlink()
    card_path(pair).write_text("{}")
    check_answers(scored.toArrow(), answer(table, model))


def test_the_threshold_is_the_given_one_or_the_cards_or_a_half(spark, table, pair):
    frame = spark.createDataFrame(table.slice(0, 400))
    edit_card(pair, threshold=0.25)
    of_card, given = score_frame(frame, pair).toArrow(), score_frame(frame, pair, threshold=0.75).toArrow()
    card_path(pair).unlink()
    for scored, threshold in ((of_card, 0.25), (given, 0.75), (score_frame(frame, pair).toArrow(), 0.5)):
        assert scored["churn"].equals(pc.greater_equal(scored["churn_probability"], threshold))
        assert 0 < pc.sum(scored["churn"]).as_py() < 400


def test_executors_read_a_model_that_names_its_leaver_as_the_driver_does(spark, tmp_path):
    path = write_model(tmp_path / "model.bin", ["Stayed", "Churned"])
    frame = spark.createDataFrame(pa.Table.from_pylist(RECORDS))
    with pytest.raises(ModelError, match="set POSITIVE_CLASS"):
        score_frame(frame, path)
    model = load_model(path, positive_class="Churned")
    with pytest.raises(ValueError, match="has been read already"):
        score_frame(frame, model, positive_class="Stayed")
    expected = sklearn_of(path, "Churned", RECORDS)
    for scored in (score_frame(frame, path, positive_class="churned"), score_frame(frame, model)):
        assert scored.toArrow()["churn_probability"].to_pylist() == pytest.approx(expected, abs=1e-12)


def test_the_job_takes_the_class_that_leaves_as_an_option(spark, tmp_path):
    path = write_model(tmp_path / "model.bin", ["Stayed", "Churned"])
    pq.write_table(pa.Table.from_pylist(RECORDS), tmp_path / "customers.parquet")
    main = runpy.run_path(str(PROJECT / "examples" / "score_spark.py"))["main"]
    arguments = [f"{tmp_path}/customers.parquet", f"{tmp_path}/scored", "--model", str(path)]
    with pytest.raises(SystemExit, match="'Churned' and 'Stayed': set POSITIVE_CLASS"):
        main(arguments)
    main([*arguments, "--positive-class", "Churned"])
    scored = pq.read_table(tmp_path / "scored")["churn_probability"].to_pylist()
    assert sorted(scored) == pytest.approx(sorted(sklearn_of(path, "Churned", RECORDS)), abs=1e-12)


def test_the_documented_call_of_the_function_runs(spark, table, monkeypatch):
    spark.createDataFrame(table.slice(0, 10)).createOrReplaceTempView("customers")
    monkeypatch.chdir(PROJECT)
    names = {"spark": spark}
    exec(re.search(r"```python\n(.*?)```", SCALE, re.DOTALL)[1], names)
    added = ["churn_probability", "churn", "reason_1", "reason_2", "reason_3", "error"]
    assert names["scored"].columns == [*table.column_names, *added]


def test_a_fault_of_a_frame_or_a_model_is_reported_before_any_job(spark, table, pair):
    spark.sparkContext.setJobGroup("refused", "nothing may run in this group")
    frame = spark.createDataFrame(table.drop(["Contract", "tenure"]))
    with pytest.raises(CustomerError) as refused:
        score_frame(frame, pair)
    assert [str(problem) for problem in refused.value.problems] == [
        "tenure: missing (expected a column of this name)",
        "contract: missing (expected a column of this name)",
    ]
    pair.write_bytes(pair.read_bytes() + b"more")
    with pytest.raises(ModelError, match=r"is not the card of model\.bin"):
        score_frame(frame, pair)
    assert list(spark.sparkContext.statusTracker().getJobIdsForGroup("refused")) == []


def test_no_column_is_lost_overwritten_or_doubled_from_month_to_month(spark, table, shipped):
    frame = spark.createDataFrame(table.slice(0, 10))
    once = score_frame(frame, shipped)
    assert once.columns == [*frame.columns, "churn_probability", "churn", "error"]
    assert score_frame(once, shipped).toArrow().equals(once.toArrow())
    joined = once.withColumnRenamed("label", "Churn").withColumn("reason_1", once["gender"])
    again = score_frame(joined, shipped)
    own = [name for name in joined.columns if name not in ("churn_probability", "churn", "error")]
    assert again.columns == [*own, "churn_probability", "predicted_churn", "error"]
    columns = zip(joined.columns, joined.toArrow().columns, strict=True)  # Spark itself treats Churn and churn as one
    expected = [column for name, column in columns if name in own]
    assert again.toArrow().columns[: len(own)] == expected
    assert score_frame(again, shipped).toArrow().equals(again.toArrow())


@pytest.mark.parametrize(("setting", "status"), [("", 5), ("required", 2)])
def test_without_java_these_tests_are_skipped_in_one_line_or_fail_where_they_are_required(setting, status):
    environ = os.environ | {"PATH": "/nonexistent", "SPARK_TESTS": setting}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", __file__]
    run = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)
    assert run.returncode == status, run.stdout
    said = [line for line in run.stdout.splitlines() if "the Spark tests were left out: no java here" in line]
    assert said
    assert "make test-spark" in said[0]
    assert "openjdk-17-jre-headless" in said[0]
