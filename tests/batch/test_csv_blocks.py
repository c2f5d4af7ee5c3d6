"""A CSV in blocks: the same cells as POST /predict gives with errors=report, wherever the blocks are cut."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.batch import csv_blocks, csv_columns
from churn.batch.csv_blocks import CsvBlocks
from churn.batch.csv_columns import CsvScorer
from churn.batch.scorer import TableScorer
from churn.errors import CsvError, CsvTooLargeError, CustomerError
from churn.model.answerer import Answerer
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Number
from churn.model.marks import Marks
from churn.model.refusals import Refusals
from churn.model.scoring import Scorer, probability
from churn.tables import csv_form
from churn.tables.csv_lines import MAX_ROW_CHARACTERS
from churn.tables.csv_rows import score_csv
from tests.customers import CLEAN_CUSTOMERS, CSV, sklearn_probabilities
from tests.plans import SCORER, model_of

MODEL = model_of(SCORER)


def score_blocks(content: str | bytes, *, scorer=None, block_bytes=None, n_reasons=0):
    """The output, the probabilities of its rows, the counts and the first rows of the refusals, of all blocks."""
    content = content.encode() if isinstance(content, str) else content
    scorer = scorer or TableScorer(Answerer(MODEL, n_reasons=n_reasons))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_blocks, "BLOCK_BYTES", block_bytes or csv_blocks.BLOCK_BYTES)
        blocks = CsvBlocks(io.BytesIO(content), scorer.contract)
        by_column = CsvScorer(blocks, scorer)
        scored = [by_column.score(block) for block in blocks]
    rows = [row for block in scored for row in block.rows["row"].to_pylist()]
    probabilities = [number for block in scored for number in block.probabilities.tolist()]
    assert len(rows) == len(probabilities)
    refusals, total = Refusals(), 0
    for block in scored:
        refusals.add_part(block.refusals, total)
        total += block.total
    return by_column.header.decode() + "".join(rows), probabilities, refusals.counts, refusals.first_rows


def singly(content: str | bytes, *, n_reasons=0):
    content = content.encode() if isinstance(content, str) else content
    return score_csv(content, Answerer(MODEL, n_reasons=n_reasons), report_errors=True, max_rows=10_000)


def cells(content: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter))


def assert_same(content: str | bytes, *, delimiter=",", block_bytes=None, n_reasons=0) -> None:
    """Check that the blocks' answer is the service's: every cell, except for the last digits of a probability."""
    expected = singly(content, n_reasons=n_reasons)
    wanted = cells(b"".join(expected.content).decode(), delimiter)
    got, probabilities, counts, first_rows = score_blocks(content, block_bytes=block_bytes, n_reasons=n_reasons)
    rows = cells(got, delimiter)
    assert rows[0] == wanted[0]
    place = wanted[0].index("churn_probability")
    for row, other in zip(rows, wanted, strict=True):
        assert row[:place] + row[place + 1 :] == other[:place] + other[place + 1 :]
    assert counts == expected.refusals.counts
    assert first_rows == expected.refusals.first_rows
    known = [value for value in probabilities if value == value]
    assert known == pytest.approx(expected.probabilities, abs=1e-12)
    told = [row[place].replace(",", ".") for row in rows[1:]]
    assert [float(cell) for cell in told if cell] == known
    assert [cell == "" for cell in told] == [value != value for value in probabilities]


FORMS = {
    "plain": ("plan,charge\nbasic,1.5\ntwo_year,2\n", ","),
    "excel": ("\ufeffPlan;CHARGE\r\nBASIC;1,5\r\nTwo year;2\r\n", ";"),
    "decimal comma": ("plan;charge\nbasic;1,5\nbasic;1.397,5\nbasic;2\n", ";"),
    "point with semicolons": ("plan;charge\nbasic;1.5\n", ";"),
    "tab": ("plan\tcharge\nbasic\t1,5\n", "\t"),
    "no line end": ("plan,charge\nbasic,1.5", ","),
    "old line ends": ("plan,charge\rbasic,1.5\rtwo_year,2\rx,1\r", ","),
    "mixed line ends": ("plan,charge\r\nbasic,1.5\nbasic,1\r\n\nbasic,1\rbasic,2\n", ","),
    "quotes": ('"plan","charge","x"\n"basic","1.5","a ""b"" c"\n"two_year"," 2 ","a\nb, c"\n', ","),
    "quotes inside": ('plan,x,charge\nbasic,5" disk,1\ntwo_year,a"b",2\nbasic,"a\n",3\nbasic,"",3\n', ","),
    "one quote inside": ('plan,charge,x\nbasic,1,5" disk\nbasic,2,a\n', ","),
    "blank rows": ("\n\nplan,charge\n\nbasic,1.5\n,\n \n\u00a0,\n\nbasic,2\n", ","),
    "blank cells in quotes": ('plan,charge\n"",""\n"""",\nbasic,2\n', ","),
    "ragged": ("plan,charge\nbasic,1.5\nbasic\nbasic,1,2\ntwo yeer,x\n", ","),
    "bad": ("plan,charge\ntwo yeer,1\nbasic,-1\nbasic,\nbasic,1e999\nbasic, +1 \nBasic ,.5\n", ","),
    "null-like": ("plan,charge,x\nnull,1,NA\nbasic,null,\nbasic,nan,NaN\nbasic,inf,\nbasic,1,NULL\n", ","),
    "replaced": ("churn_probability,churn,plan,charge,x\n0.5,true,basic,1,x\n,,basic\n1,false,x,1,z\n", ","),
    "names taken": ("churn,plan,Error,charge\nold,basic,old,1\nx,y,z,1\n", ","),
    "a name of two lines": ('"a\nb",plan,charge\n1,basic,2\n2,basic,x\n', ","),
    "commas around": ("x,plan,charge,y\n,basic,1,\n,basic,2,\n", ","),
    "long numbers": (f"plan,charge\nbasic,{'0' * 399}1\nbasic,{'0' * 400}1\nbasic,1\n", ","),
    "tiny and huge": ("plan,charge\nbasic,1e-5\nbasic,1e3\ntwo_year,0\n", ","),
    "other scripts": ("plan,charge,x\nbasic,1,\u00fc\u4e2d\U0001f600\nbasic,\u0661,\u0661\n", ","),
    "no rows": ("plan,charge\n", ","),
    "only a header": ("plan,charge", ","),
}


@pytest.mark.parametrize("block_bytes", [None, 42, 60])
@pytest.mark.parametrize(("content", "delimiter"), FORMS.values(), ids=FORMS.keys())
def test_each_form_is_answered_as_by_the_service(content, delimiter, block_bytes):
    if delimiter != "," or len(content) > 800:  # the first block must show the mark and hold a row
        block_bytes = None
    assert_same(content, delimiter=delimiter, block_bytes=block_bytes)
    assert_same(content, delimiter=delimiter, block_bytes=block_bytes, n_reasons=2)


def test_an_all_blank_row_is_not_a_customer_even_where_every_field_accepts_a_blank():
    contract = Contract((Category("plan", ("", "basic")), Number("charge", blank=Blank(7.0))))
    scorer = Scorer(contract, {"plan=": 0.5, "plan=basic": 0.25, "charge": 0.125}, intercept=0.0)
    answerer = Answerer(model_of(scorer))
    content = 'plan,charge,id\nbasic,1,a\n,,\n,,b\n\u00a0, ,""\n""""," ",\n\nbasic,,\n'
    by_service = score_csv(content.encode(), answerer, report_errors=True, max_rows=9)
    got, probabilities, counts, _ = score_blocks(content, scorer=TableScorer(answerer))
    assert cells(got, ",") == cells(b"".join(by_service.content).decode(), ",")
    assert [value for value in probabilities if value == value] == by_service.probabilities
    expected = [probability(log_odds) for log_odds in (0.25 + 0.125, 0.5 + 7 * 0.125, 0.25 + 7 * 0.125)]
    assert by_service.probabilities == pytest.approx(expected, abs=1e-12)
    assert counts == by_service.refusals.counts == {("plan", "unknown category"): 1}


@pytest.mark.parametrize(
    "content",
    [
        'plan,charge\nbasic,"$1,234.50"\nbasic,$ 1234.5\nbasic,1234.5\n',
        "plan;charge\nbasic;$1.234,50\nbasic;$ 1234,5\nbasic;1234,5\n",
        "plan\tcharge\nbasic\t$1 234\nbasic\t1'234$\nbasic\t1234\n",
    ],
)
def test_a_field_with_marks_is_read_by_column_with_the_decimal_mark_of_the_file(content, monkeypatch):
    contract = Contract((Category("plan", ("basic",)), Number("charge", marks=Marks("$", thousands=True))))
    scorer = Scorer(contract, {"plan=basic": 0.5, "charge": 0.001}, intercept=0.0)
    monkeypatch.delattr(csv_columns, "score_rows")  # no row may be left to be scored alone
    answered, probabilities, _, _ = score_blocks(content, scorer=TableScorer(Answerer(model_of(scorer))))
    charge = 1234 if "\t" in content else 1234.5
    assert probabilities == pytest.approx([probability(0.5 + 0.001 * charge)] * 3, abs=1e-12)
    assert all(row.startswith(line) for row, line in zip(answered.splitlines(), content.splitlines(), strict=True))


def test_a_line_end_that_is_cut_in_two_counts_as_one():
    content = "plan,charge\r\n" + '"ba\rsic",1\r\n' * 6 + "basic,x\r\n"
    for block_bytes in range(24, len(content)):
        first_rows = score_blocks(content, block_bytes=block_bytes)[3]
        assert first_rows == {("plan", "unknown category"): 0, ("charge", "not a number"): 6}, block_bytes


def test_plain_rows_keep_their_own_bytes():
    content = 'x,plan,charge\n"quoted",basic,1.5\n 7 ,"two_year","3"\n'
    lines = score_blocks(content)[0].splitlines()
    assert [line.rsplit(",", 3)[0] for line in lines] == content.splitlines()


def test_the_real_table_gets_scikit_learns_probabilities(shipped):
    scorer = TableScorer(Answerer(shipped, threshold=0.5))
    expected = sklearn_probabilities(shipped.path, CLEAN_CUSTOMERS)
    for block_bytes in (None, 10_000):
        content, probabilities, _, _ = score_blocks(CSV.read_bytes(), scorer=scorer, block_bytes=block_bytes)
        np.testing.assert_allclose(probabilities, expected, rtol=0, atol=1e-12)
        rows = list(csv.DictReader(io.StringIO(content)))
        np.testing.assert_allclose([float(row["churn_probability"]) for row in rows], expected, rtol=0, atol=1e-12)
        kept = [line.rsplit(",", 3)[0] for line in content.splitlines()]
        assert kept == CSV.read_text(encoding="utf-8").splitlines()


cell = st.text(st.sampled_from('ab ,;"\n\r\t\u00fc'), max_size=5)
number = st.sampled_from(["1.5", "0", "-1", "", " ", " 2 ", "1e3", "nan", "1,5", "x", "+1", "1" * 30])


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(st.tuples(cell, st.sampled_from(["basic", "Two year", "gold", ""]), number, cell), max_size=8),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    block_bytes=st.integers(60, 300),
)
def test_any_table_is_answered_as_by_the_service(rows, quoting, line_end, block_bytes):
    content = io.StringIO(newline="")
    writer = csv.writer(content, lineterminator=line_end, quoting=quoting)
    writer.writerow(["first", "plan", "charge", "last"])
    writer.writerows(rows)
    assert_same(content.getvalue(), block_bytes=block_bytes, n_reasons=1)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('a1,"\n\r '), max_size=40))
def test_any_rows_get_the_services_answer_or_are_refused_as_by_the_service(rows):
    content = f"plan,charge\nbasic,1\n{rows}\nbasic,2\n"
    try:
        singly(content)
    except CsvError:
        with pytest.raises(CsvError):
            score_blocks(content)
    else:
        assert_same(content)


@pytest.mark.parametrize("ending", ["basic", "bas", '"basic",2,"', 'basic,"1.5', "basic,2"])
def test_a_file_that_ends_within_a_row_is_refused_with_its_line(ending):
    for block_bytes in (None, 24):
        with pytest.raises(CsvError, match="ends in the middle") as refusal:
            score_blocks(f"plan,charge,x\nbasic,1.5,\nbasic,2,y\n{ending}", block_bytes=block_bytes)
        assert refusal.value.line == 4


@pytest.mark.parametrize("block_bytes", [None, 24])
@pytest.mark.parametrize(
    ("content", "reason", "line"),
    [
        (b"", "empty", None),
        (b"plan,charge\nbasic,1\nbas\xefic,1\nbasic,1\n", "not UTF-8", 3),
        (b'plan,charge\nbasic,1\nbasic,2\n"basic"x,1\nbasic,1\n', "not CSV", 4),
    ],
)
def test_a_file_that_is_not_csv_is_refused_with_the_line(content, reason, line, block_bytes):
    with pytest.raises(CsvError, match=reason) as refusal:
        score_blocks(content, block_bytes=block_bytes)
    assert refusal.value.line == line


def test_a_header_without_the_fields_is_refused():
    with pytest.raises(CustomerError):
        score_blocks("plan,x\nbasic,1\n")


def test_a_row_has_the_services_limit():
    with pytest.raises(CsvTooLargeError):
        score_blocks(f"plan,charge,x\nbasic,1,{'x' * MAX_ROW_CHARACTERS}\n")
    with pytest.raises(CsvTooLargeError, match="quote"):
        score_blocks('plan,charge,x\nbasic,1,"' + "x\n" * 100, block_bytes=24)


def test_the_header_is_read_once_however_many_blocks_there_are(monkeypatch):
    find_header, calls = csv_form.find_fields_header, []

    def count(*arguments):
        calls.append(arguments)
        return find_header(*arguments)

    for module in (csv_form, csv_blocks):
        monkeypatch.setattr(module, "find_fields_header", count)
    rows = "0.5,true,basic,1\n0.5,true,gold,1\n" * 20
    content, probabilities, _, _ = score_blocks(f"churn_probability,churn,plan,charge\n{rows}", block_bytes=60)
    assert (len(probabilities), content.count("\n")) == (40, 41)
    assert len(calls) == 1


def test_an_error_while_the_first_thousand_rows_are_checked_has_the_line_of_the_file():
    good, bad = b"0.5,true,basic,1\n", b"0.5,true,bas\xefic,1\n"
    with pytest.raises(CsvError, match="not UTF-8") as refusal:
        score_blocks(b"churn_probability,churn,plan,charge\n" + 20 * good + bad + good, block_bytes=60)
    assert refusal.value.line == 22
