"""Expected gains of whole files: the same in every form, compared with plain loops; and the rows of a call list.

tests/tables/test_customer_values.py has the reading of a single cell, tests/model/test_gain.py the arithmetic.
"""

import csv
import gzip
import io
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from churn.batch import csv_blocks, parquet_file, ranking, workbook_file
from churn.batch.csv_cells import spell_numbers
from churn.batch.gains import read_values
from churn.batch.score import score_file
from churn.batch.scorer import TableScorer
from churn.errors import CsvError, TableError
from churn.model.answerer import Answerer
from churn.model.fields import Number
from churn.model.gain import Terms
from churn.tables.customer_values import ColumnMarks, GainPlan, NoValue, ValueColumn, ValueReader
from churn.tables.renaming import NO_RENAMING, Renaming
from churn.workbooks.cells import Percent
from churn.workbooks.reader import read_workbook
from tests.customers import CLEAN_CUSTOMERS, CSV, RAW_CUSTOMERS, sklearn_probabilities
from tests.made_workbooks import writing_workbook

TERMS = Terms(offer=10, contact=1, accept=0.3)
YEAR = ValueColumn("monthlycharges", 12)
FORMS = [".csv", ".csv.gz", ".parquet", ".xlsx"]
NUMBERS = ("tenure", "MonthlyCharges", "TotalCharges")


@pytest.fixture
def in_pieces(monkeypatch):
    monkeypatch.setattr(csv_blocks, "BLOCK_BYTES", 20_000)
    monkeypatch.setattr(parquet_file, "PARQUET_ROWS", 100)
    monkeypatch.setattr(workbook_file, "PIECE_CELLS", 2_000)
    monkeypatch.setattr(ranking, "_FEWEST_HELD", 10)


def scorer_of(model, value, *, terms=TERMS, renaming=NO_RENAMING, **options) -> TableScorer:
    answerer = Answerer(model, threshold=0.5, n_reasons=options.pop("n_reasons", 0))
    return TableScorer(answerer, renaming=renaming, plan=GainPlan(terms, value), **options)


def write(path: Path, rows: list[dict], *, delimiter: str = ",") -> Path:
    """The rows as a table in the form that the name shows, with numbers as numbers in a workbook and in Parquet."""
    if path.suffix in (".parquet", ".xlsx"):
        typed = [{name: as_number(cell) if name in NUMBERS else cell for name, cell in row.items()} for row in rows]
        if path.suffix == ".parquet":
            pq.write_table(pa.Table.from_pylist(typed), path)
        else:
            with writing_workbook(path, list(rows[0])) as writer:
                writer.write_rows([list(row.values()) for row in typed])
        return path
    content = io.StringIO(newline="")
    writer = csv.DictWriter(content, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    encoded = content.getvalue().encode()
    path.write_bytes(gzip.compress(encoded) if path.suffix == ".gz" else encoded)
    return path


def as_number(cell: str) -> float | None:
    return float(cell) if cell.strip() else None


def read(path: Path, *, delimiter: str = ",") -> list[dict]:
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    if path.suffix == ".xlsx":
        with read_workbook(path) as sheet:
            header, *rows = [row.cells for row in sheet.rows()]
            return [dict(zip(header, cells + [None] * (len(header) - len(cells)), strict=True)) for cells in rows]
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def gains_of(rows: list[dict]) -> list[float | None]:
    gains = [row["expected_gain"] for row in rows]
    return [None if gain in ("", None) else float(gain) for gain in gains]


def expected_gains(model, rows: int, values: list[float]) -> list[float]:
    """The formula, implemented a second time, on scikit-learn's probabilities."""
    probabilities = sklearn_probabilities(model.path, CLEAN_CUSTOMERS[:rows])
    return [p * 0.3 * (v - 10) - (1 - p) * 10 - 1 for p, v in zip(probabilities, values, strict=True)]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", [YEAR, 200.0, ValueColumn("worth", 1)], ids=["field", "amount", "own"])
def test_every_form_gives_the_gains_of_the_formula(shipped, tmp_path, in_pieces, form, value):
    rows = [raw | {"Worth": f"{row % 700}.5"} for row, raw in enumerate(RAW_CUSTOMERS[:400])]
    source, target = write(tmp_path / f"in{form}", rows), tmp_path / f"out{form}"
    outcome = score_file(source, target, scorer_of(shipped, value))
    worth = {
        200.0: [200.0] * 400,
        YEAR: [12 * float(raw["MonthlyCharges"]) for raw in rows],
        ValueColumn("worth", 1): [row % 700 + 0.5 for row in range(400)],
    }[value]
    answered, expected = read(target), expected_gains(shipped, 400, worth)
    assert list(answered[0])[-4:] == ["churn_probability", "churn", "expected_gain", "error"]
    assert gains_of(answered) == pytest.approx(expected, rel=0, abs=1e-10)
    paying = [gain for gain in expected if gain > 0]
    assert outcome.gains.paying.contacts == len(paying)
    assert outcome.gains.paying.gain == pytest.approx(sum(paying))


def test_the_same_file_through_every_form_gives_the_same_gains(shipped, tmp_path):
    answers = []
    for form in FORMS:
        source, target = write(tmp_path / f"in{form}", RAW_CUSTOMERS[:1000]), tmp_path / f"out{form}"
        outcome = score_file(source, target, scorer_of(shipped, YEAR), calls=77)
        answers.append((gains_of(read(target)), outcome.gains.chosen))
    for gains, chosen in answers:
        assert gains == pytest.approx(answers[0][0], rel=0, abs=1e-12)
        assert chosen == pytest.approx(answers[0][1])
    assert len(answers[0][0]) == 77


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("calls", [0, 1, 50, 100_000])
def test_a_call_list_is_the_beginning_of_a_sorted_file(shipped, tmp_path, in_pieces, form, calls):
    rows = [raw | {"id": f"C-{row}", "worth": f"{100 + row % 40}"} for row, raw in enumerate(RAW_CUSTOMERS[:50] * 8)]
    source = write(tmp_path / f"in{form}", rows)
    scorer = scorer_of(shipped, ValueColumn("worth"), n_reasons=1)
    score_file(source, tmp_path / f"all{form}", scorer)
    outcome = score_file(source, tmp_path / f"list{form}", scorer, calls=calls)
    whole, listed = read(tmp_path / f"all{form}"), read(tmp_path / f"list{form}")
    gains = gains_of(whole)
    assert [row["id"] for row in whole] == [row["id"] for row in rows]
    places = sorted((place for place, gain in enumerate(gains) if gain > 0), key=lambda place: -gains[place])
    assert listed == [whole[place] for place in places[:calls]]
    assert len(set(gains)) < len(gains)  # some are equal, and stay in the order of the file
    assert outcome.gains.chosen.contacts == len(listed) == min(calls, outcome.gains.paying.contacts)
    assert outcome.gains.chosen.gain == pytest.approx(sum(gains_of(listed)))


def test_the_band_of_a_call_list_is_that_of_its_customers(shipped, tmp_path):
    outcome = score_file(CSV, tmp_path / "out.csv", scorer_of(shipped, YEAR), calls=200)
    variance = 0.0
    for row in read(tmp_path / "out.csv"):
        p, value = float(row["churn_probability"]), 12 * float(row["MonthlyCharges"])
        shares, earned = np.array([p * 0.3, p * 0.7, 1 - p]), np.array([value - 11, -1, -11])
        variance += shares @ earned**2 - (shares @ earned) ** 2
    low, high = outcome.gains.chosen.band
    assert high - low == pytest.approx(2 * 1.959964 * variance**0.5, rel=1e-6)
    assert high + low == pytest.approx(2 * outcome.gains.chosen.gain)


@pytest.mark.parametrize("form", FORMS)
def test_a_customer_without_a_value_is_scored_never_chosen_and_counted_by_reason(shipped, tmp_path, in_pieces, form):
    rows = [raw | {"worth": "900"} for raw in RAW_CUSTOMERS[:300]]
    for row, cell in ((3, ""), (40, "n/a"), (41, " "), (250, "unknown"), (251, "high")):
        rows[row]["worth"] = cell
    rows[7] |= {"gender": "Mail", "worth": ""}  # refused, so not counted as a customer without a gain
    rows[8]["gender"] = "Mail"
    source, target = write(tmp_path / f"in{form}", rows), tmp_path / f"out{form}"
    outcome = score_file(source, target, scorer_of(shipped, ValueColumn("worth")))
    answered = read(target)
    without = [row for row, gain in enumerate(gains_of(answered)) if gain is None]
    assert without == [3, 7, 8, 40, 41, 250, 251]
    assert [row for row in without if answered[row]["churn_probability"] not in ("", None)] == [3, 40, 41, 250, 251]
    kinds = {("worth", "blank"): 2, ("worth", "not a number"): 3}
    assert (outcome.refused, outcome.gains.missing.counts) == (2, kinds)
    assert outcome.gains.missing.first_rows == {("worth", "blank"): 5, ("worth", "not a number"): 42}
    score_file(source, target, scorer_of(shipped, ValueColumn("worth")), calls=300)
    assert len(read(target)) == outcome.gains.paying.contacts
    assert {row["worth"] for row in read(target)} == {"900"}


@pytest.mark.parametrize("form", FORMS)
def test_a_blank_that_the_model_takes_for_a_number_is_not_a_value(shipped, tmp_path, form):
    """TotalCharges is blank for a new customer, which the model takes for 0."""
    place = next(row for row, raw in enumerate(RAW_CUSTOMERS) if not raw["TotalCharges"].strip())
    source = write(tmp_path / f"in{form}", RAW_CUSTOMERS[place : place + 2])
    score_file(source, tmp_path / f"out{form}", scorer_of(shipped, ValueColumn("totalcharges")))
    assert [gain is None for gain in gains_of(read(tmp_path / f"out{form}"))] == [True, False]


@pytest.mark.parametrize(
    ("worths", "values"),
    [
        (["1.234,50 €", "29,85 €", ""], [1234.5, 29.85, None]),
        (["1.234,50", "1.200", "7"], [1234.5, 1200, 7]),
        (["5,5", "\u22122,5", "$7 off"], [5.5, -2.5, None]),
    ],
)
def test_a_csv_with_decimal_commas_has_them_in_values_and_gains(shipped, tmp_path, worths, values):
    rows = [
        raw | {"MonthlyCharges": raw["MonthlyCharges"].replace(".", ","), "TotalCharges": "100,5", "Worth": worth}
        for raw, worth in zip(RAW_CUSTOMERS, worths, strict=False)
    ]
    source = write(tmp_path / "in.csv", rows, delimiter=";")
    score_file(source, tmp_path / "out.csv", scorer_of(shipped, ValueColumn("worth")))
    answered = read(tmp_path / "out.csv", delimiter=";")
    for row, value in zip(answered, values, strict=True):
        p, gain = float(row["churn_probability"].replace(",", ".")), row["expected_gain"]
        assert "." not in gain
        assert (value is None) == (gain == "")
        if value is not None:
            expected = p * 0.3 * (value - 10) - (1 - p) * 10 - 1
            assert float(gain.replace(",", ".")) == pytest.approx(expected, abs=1e-12)


def test_rows_that_are_read_one_by_one_have_the_gains_of_those_read_by_column(shipped, tmp_path):
    """An earlier answer makes every row such a row, and so do quotes in a cell."""
    rows = [raw | {"note": "plain", "Worth": f"{row}.25"} for row, raw in enumerate(RAW_CUSTOMERS[:200])]
    scorer = scorer_of(shipped, ValueColumn("worth"))
    score_file(write(tmp_path / "in.csv", rows), tmp_path / "once.csv", scorer)
    again = score_file(tmp_path / "once.csv", tmp_path / "twice.csv", scorer)
    assert again.columns.replaced_names[2] == "expected_gain"
    assert gains_of(read(tmp_path / "twice.csv")) == pytest.approx(gains_of(read(tmp_path / "once.csv")), abs=1e-12)
    content = (tmp_path / "in.csv").read_text().replace("plain", 'a "b" c')
    (tmp_path / "quotes.csv").write_text(content)
    singly = score_file(tmp_path / "quotes.csv", tmp_path / "out.csv", scorer)
    assert gains_of(read(tmp_path / "out.csv")) == pytest.approx(gains_of(read(tmp_path / "once.csv")), abs=1e-12)
    assert singly.gains.paying == pytest.approx(again.gains.paying)


@pytest.mark.parametrize("form", FORMS)
def test_a_column_that_is_missing_or_there_twice_is_refused_in_one_line(shipped, tmp_path, form):
    rows = [raw | {"worth": "5", "WORTH": "6"} for raw in RAW_CUSTOMERS[:3]]
    source = write(tmp_path / f"in{form}", rows)
    for name, words in (("monthlycharge", "did you mean 'monthlycharges'"), ("worth", "two columns 'worth'")):
        with pytest.raises((CsvError, TableError), match=words) as error:
            score_file(source, tmp_path / f"out{form}", scorer_of(shipped, ValueColumn(name)))
        assert "\n" not in str(error.value)
        assert not (tmp_path / f"out{form}").exists()


@pytest.mark.parametrize("form", FORMS)
def test_after_a_renaming_a_column_has_the_name_that_the_model_uses(shipped, tmp_path, form):
    rows = [
        {"Betrag" if name == "MonthlyCharges" else name: cell for name, cell in raw.items()}
        for raw in RAW_CUSTOMERS[:5]
    ]
    source = write(tmp_path / f"in{form}", rows)
    renaming = Renaming.read(["Betrag=MonthlyCharges"])
    score_file(source, tmp_path / f"out{form}", scorer_of(shipped, YEAR, renaming=renaming))
    values = [12 * float(row["Betrag"]) for row in rows]
    assert gains_of(read(tmp_path / f"out{form}")) == pytest.approx(expected_gains(shipped, 5, values), abs=1e-10)


def test_a_users_own_expected_gain_is_kept(shipped, tmp_path):
    rows = [raw | {"Expected gain": "mine"} for raw in RAW_CUSTOMERS[:3]]
    score_file(write(tmp_path / "in.csv", rows), tmp_path / "out.csv", scorer_of(shipped, 200.0))
    (answered, *_) = read(tmp_path / "out.csv")
    assert answered["Expected gain"] == "mine"
    assert float(answered["predicted_expected_gain"])


def test_counts_are_of_all_scored_customers_chosen_or_not(shipped, tmp_path):
    scorer = scorer_of(shipped, YEAR, counted=True)
    outcome = score_file(CSV, tmp_path / "out.csv", scorer, calls=3, counts=tmp_path / "counts.json")
    assert outcome.counts.answers == len(RAW_CUSTOMERS)
    assert len(read(tmp_path / "out.csv")) == 3


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 60), st.floats(-50, 3000) | st.none()), min_size=1, max_size=40),
    st.builds(Terms, offer=st.floats(0, 60), contact=st.floats(0, 20), accept=st.floats(0.01, 1)),
    st.integers(0, 12),
    st.sampled_from([".csv", ".parquet"]),
)
def test_drawn_campaigns_have_the_results_of_a_plain_loop(shipped, drawn, terms, calls, form):
    rows = [RAW_CUSTOMERS[row] | {"worth": "" if worth is None else repr(worth)} for row, worth in drawn]
    with tempfile.TemporaryDirectory() as folder:
        source, target = write(Path(folder) / f"in{form}", rows), Path(folder) / f"out{form}"
        outcome = score_file(source, target, scorer_of(shipped, ValueColumn("worth"), terms=terms), calls=calls)
        listed = gains_of(read(target))
    probabilities = sklearn_probabilities(shipped.path, [CLEAN_CUSTOMERS[row] for row, _ in drawn])
    gains = [
        p * terms.accept * (worth - terms.offer) - (1 - p) * terms.offer - terms.contact
        for p, (_, worth) in zip(probabilities, drawn, strict=True)
        if worth is not None
    ]
    best = sorted((gain for gain in gains if gain > 1e-9), reverse=True)
    assert listed == pytest.approx(best[:calls], abs=1e-9) or any(0 < abs(gain) < 1e-9 for gain in gains)
    assert outcome.gains.chosen.gain == pytest.approx(sum(best[:calls]), abs=1e-6)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([5, None, -2], pa.int32()),
        pa.array([5.0, None, -2.0], pa.float32()),
        pa.array(["5", " ", "-2.0"]),
        pa.array(["5", None, "-2"], pa.large_string()),
        pa.array(["5", "", "\u22122"]).dictionary_encode(),
        pa.array([5, None, -2], pa.decimal128(10, 2)),
    ],
    ids=lambda column: str(column.type),
)
def test_a_column_of_any_type_is_read(column):
    marks = ColumnMarks()
    reader = ValueReader(2.0, marks.make_reader(), None, reads_points=marks.reads_points())
    values = read_values(column, reader)
    np.testing.assert_array_equal(values.numbers, [10, np.nan, -4])
    assert values.blank.tolist() == [False, True, False]


@pytest.mark.parametrize("column", [pa.array([-1, 5.0, None]), pa.array(["-1", "5", "NA"])])
def test_the_blanks_of_a_field_are_not_values(column):
    field, reads = Number("age", missing=("-1", "na")), ColumnMarks()
    reader = ValueReader(2.0, reads.make_reader(), field, reads_points=reads.reads_points())
    values = read_values(column, reader)
    np.testing.assert_array_equal(values.numbers, [np.nan, 10, np.nan])
    assert values.blank.tolist() == [True, False, True]


def test_a_percentage_of_a_workbook_is_the_number_that_a_csv_shows(shipped, tmp_path):
    rows = [raw | {"worth": cell} for raw, cell in zip(RAW_CUSTOMERS, [Percent(26), Percent(12.5)], strict=False)]
    score_file(write(tmp_path / "in.xlsx", rows), tmp_path / "out.xlsx", scorer_of(shipped, ValueColumn("worth")))
    shown = [row | {"worth": cell} for row, cell in zip(rows, ["2600%", "1250 %"], strict=True)]
    score_file(write(tmp_path / "in.csv", shown), tmp_path / "out.csv", scorer_of(shipped, ValueColumn("worth")))
    expected = pytest.approx(expected_gains(shipped, 2, [2600, 1250]), abs=1e-9)
    assert gains_of(read(tmp_path / "out.xlsx")) == expected
    assert gains_of(read(tmp_path / "out.csv")) == expected


@pytest.mark.parametrize(
    "column", [pa.array([True, False]), pa.array([[1], [2]]), pa.array([0, 1], pa.date32()), pa.array(["x", "inf"])]
)
def test_a_cell_that_is_not_a_number_is_not_a_value(column):
    reader = ValueReader(1.0, ColumnMarks().make_reader(), None, reads_points=True)
    values = read_values(column, reader)
    assert np.isnan(values.numbers).all()
    assert not values.blank.any()
    assert reader.read(column[0].as_py()) is NoValue.NOT_A_NUMBER


@given(st.lists(st.floats(allow_infinity=False), max_size=20), st.sampled_from(".,"))
def test_numbers_are_spelled_as_python_spells_them(numbers, mark):
    spelled = spell_numbers(np.array(numbers, dtype=np.float64), mark).to_pylist()
    assert spelled == ["" if number != number else repr(number).replace(".", mark) for number in numbers]
