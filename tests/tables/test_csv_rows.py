"""CSV in, scored CSV out: the forms that programs and spreadsheets write, the parts that are kept, the refusals."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn.errors import CsvError, CsvTooLargeError, CustomerError
from churn.model.answerer import Answerer
from churn.model.contract import Contract
from churn.model.fields import Number
from churn.model.marks import Marks
from churn.model.scoring import Scorer, probability
from churn.tables.csv_form import read_csv
from churn.tables.csv_lines import MAX_BLANK_ROWS, MAX_ROW_CHARACTERS
from churn.tables.csv_rows import score_csv
from churn.tables.decimals import EACH
from tests.customers import CLEAN_CUSTOMERS, CSV, sklearn_probabilities
from tests.plans import CONTRACT, SCORER, model_of

BASIC = probability(0.5 + 0.25 * 1.5)
TWO_YEAR = probability(-0.5 + 0.25 * 2.0)


def score(content: str | bytes, **options):
    content = content.encode() if isinstance(content, str) else content
    model, n_reasons = model_of(options.pop("scorer", SCORER)), options.pop("n_reasons", 0)
    answerer = Answerer(model, threshold=options.pop("threshold", 0.5), n_reasons=n_reasons)
    return score_csv(content, answerer, **{"max_rows": 100} | options)


def scored(content: str | bytes, **options) -> str:
    return joined(score(content, **options))


def joined(result) -> str:
    return b"".join(result.content).decode()


def problems(content: str | bytes) -> list[tuple]:
    with pytest.raises(CustomerError) as refusal:
        score(content)
    return [
        (problem.row, problem.spreadsheet_row, problem.field, problem.problem) for problem in refusal.value.problems
    ]


def test_the_same_file_comes_back_with_two_columns_more():
    assert scored("id,plan,charge\n7,basic,1.5\n8,two_year,2\n") == (
        f"id,plan,charge,churn_probability,churn\n7,basic,1.5,{BASIC!r},true\n8,two_year,2,{TWO_YEAR!r},true\n"
    )


def test_the_real_table_gets_scikit_learns_probabilities_and_is_otherwise_untouched(shipped):
    result = score_csv(CSV.read_bytes(), Answerer(shipped, threshold=0.5), max_rows=10_000)
    table = csv.DictReader(io.StringIO(joined(result), newline=""))
    rows = list(table)
    assert table.fieldnames[-3:] == ["Churn", "churn_probability", "predicted_churn"]
    expected = sklearn_probabilities(shipped.path, CLEAN_CUSTOMERS)
    np.testing.assert_allclose([float(row["churn_probability"]) for row in rows], expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(result.probabilities, expected, rtol=0, atol=1e-12)
    assert [row["predicted_churn"] == "true" for row in rows] == list(expected >= 0.5)
    kept = [",".join(line.split(",")[:-2]) for line in joined(result).splitlines()]
    assert kept == CSV.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Plan;CHARGE\r\nBASIC;1,5\r\n", "Plan;CHARGE;churn_probability;churn\r\nBASIC;1,5;COMMA;true\r\n"),
        ("plan;charge\nbasic;1,5\n", "plan;charge;churn_probability;churn\nbasic;1,5;COMMA;true\n"),
        ("plan;charge\nbasic;1.5\n", "plan;charge;churn_probability;churn\nbasic;1.5;POINT;true\n"),
        ("plan\tcharge\nbasic\t1,5\n", "plan\tcharge\tchurn_probability\tchurn\nbasic\t1,5\tCOMMA\ttrue\n"),
        ("\ufeffplan,charge\nbasic,1.5", "\ufeffplan,charge,churn_probability,churn\nbasic,1.5,POINT,true\n"),
        ("plan,charge\rbasic,1.5\r", "plan,charge,churn_probability,churn\rbasic,1.5,POINT,true\r"),
        ('"plan","charge"\n"basic","1.5"\n', "plan,charge,churn_probability,churn\nbasic,1.5,POINT,true\n"),
        ("\n\nplan,charge\n\nbasic,1.5\n,\n \n", "plan,charge,churn_probability,churn\nbasic,1.5,POINT,true\n"),
        ("plan,charge\n", "plan,charge,churn_probability,churn\n"),
    ],
    ids=[
        "excel",
        "decimal comma",
        "point with semicolons",
        "tab",
        "mark",
        "cr",
        "quotes",
        "blank lines",
        "no rows",
    ],
)
def test_each_form_is_read_and_written_back(given, expected):
    point = repr(BASIC)
    assert scored(given) == expected.replace("POINT", point).replace("COMMA", point.replace(".", ","))


def test_a_line_end_within_a_cell_is_not_taken_for_the_files():
    assert scored('plan,charge,x\rbasic,1.5,"a\nb"\r') == (
        f'plan,charge,x,churn_probability,churn\rbasic,1.5,"a\nb",{BASIC!r},true\r'
    )


def test_cells_of_other_columns_are_passed_through_unchanged():
    others = [
        "00123",
        " padded ",
        'a "quote"',
        "a,b",
        "two\nlines",
        "=1+1",
        "",
        "\u00fc\u4e2d\U0001f600",
        "1,5",
        "a\rb",
    ]
    content = io.StringIO(newline="")
    writer = csv.writer(content, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["x", "plan", "charge", "y"], *([cell, "basic", "1.5", cell] for cell in others)])
    rows = list(csv.reader(io.StringIO(scored(content.getvalue()), newline="")))
    assert [row[0] for row in rows[1:]] == [row[3] for row in rows[1:]] == others


def test_columns_of_an_earlier_answer_are_removed_and_the_new_ones_come_last():
    content = "id,churn_probability,churn,plan,charge\n7,0.5,TRUE,basic,1.5\n"
    assert scored(content) == f"id,plan,charge,churn_probability,churn\n7,basic,1.5,{BASIC!r},true\n"
    assert scored(scored(content)) == scored(content)
    assert scored(content, earlier_answer=range(0)) == (
        "id,churn_probability,churn,plan,charge,predicted_churn_probability,predicted_churn\n"
        f"7,0.5,TRUE,basic,1.5,{BASIC!r},true\n"
    )


def test_columns_of_the_users_own_are_kept_even_with_the_names_of_ours():
    content = "error,reason_1,plan,charge\nmine,mine,basic,1.5\n"
    assert "\nmine,mine,basic,1.5," in scored(content)
    header, row = scored(content, n_reasons=1, report_errors=True).splitlines()
    assert header == "error,reason_1,plan,charge,churn_probability,churn,predicted_reason_1,predicted_error"
    assert row == f"mine,mine,basic,1.5,{BASIC!r},true,plan is basic (+0.50),"
    assert scored(scored(content)) == scored(content)
    assert scored(scored(content, n_reasons=1, report_errors=True)) == scored(content)
    labelled = scored("churn,plan,charge\nyes,basic,1.5\n")
    assert labelled == f"churn,plan,charge,churn_probability,predicted_churn\nyes,basic,1.5,{BASIC!r},true\n"
    assert scored(labelled) == labelled


@pytest.mark.parametrize("row", ["basic,1.5", "basic,1.5,0.5", "basic,0.5,true", "basic,1.5,0.5,true,x"])
def test_a_row_is_as_wide_as_the_header_that_was_sent_and_nothing_moves_into_the_gap(row):
    content = f"plan,charge,churn_probability,churn\n{row}\nbasic,1.5,0.5,true\n"
    result = score(content, report_errors=True)
    assert result.refusals.counts == {(None, "wrong number of cells"): 1}
    assert result.probabilities == [BASIC]
    told = "row: wrong number of cells (expected 4 cells, as in the header)"
    header, refused, good = csv.reader(io.StringIO(joined(result)))
    assert header == ["plan", "charge", "churn_probability", "churn", "error"]  # the refused row has no influence
    assert refused == [*row.split(",")[:2], "", "", told, *row.split(",")[4:]]
    assert good == ["basic", "1.5", repr(BASIC), "true", ""]


def test_reasons_and_errors_of_an_earlier_answer_do_not_stay_next_to_new_ones():
    first = scored("id,plan,charge\n7,basic,-1\n8,basic,1.5\n", n_reasons=2, report_errors=True)
    assert first.startswith('id,plan,charge,churn_probability,churn,reason_1,reason_2,error\n7,basic,-1,,,,,"charge:')
    mended = first.replace(",-1,", ",1.5,")
    assert "negative" in mended
    assert scored(mended) == scored("id,plan,charge\n7,basic,1.5\n8,basic,1.5\n")
    assert scored(mended, n_reasons=1).startswith("id,plan,charge,churn_probability,churn,reason_1\n7,")


def test_an_input_is_never_replaced_by_an_answer():
    scorer = Scorer(Contract((Number("churn"),)), {"churn": 1.0}, intercept=0.0)
    assert scored("churn\n0\n", scorer=scorer) == "churn,churn_probability,predicted_churn\n0,0.5,true\n"
    assert scored(scored("churn\n0\n", scorer=scorer), scorer=scorer) == scored("churn\n0\n", scorer=scorer)


def test_churn_is_probability_at_or_above_the_threshold():
    content = "plan,charge\nbasic,1.5\n"
    assert scored(content, threshold=BASIC).endswith("true\n")
    assert scored(content, threshold=np.nextafter(BASIC, 1)).endswith("false\n")


def test_bad_rows_refuse_the_file_with_the_row_that_a_spreadsheet_shows():
    content = 'plan,charge,note\nbasic,1.5,"a\nb"\n\ntwo yeer,1,\nbasic,-1,\nbasic,1.5\nbasic,1,,,x\n'
    told = [
        (1, 4, "plan", "unknown category"),
        (2, 5, "charge", "negative"),
        (3, 6, None, "wrong number of cells"),
        (4, 7, None, "wrong number of cells"),
    ]
    assert problems(content) == told
    assert problems(f"\n,,\n{content}") == [(row, shown + 2, *rest) for row, shown, *rest in told]


def test_the_first_row_of_each_kind_of_problem_is_known_and_blank_rows_count():
    content = 'plan,charge\nbasic,1\n\n"ba\nd",1\nbad,x\n\n'
    result = score(content, report_errors=True)
    assert result.refusals.first_rows == {("plan", "unknown category"): 2, ("charge", "not a number"): 3}
    assert result.total == 5


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("plan", [("charge", "missing")]),
        ("a|b", [("plan", "missing"), ("charge", "missing")]),
        ("plan,charge,Plan", [("plan", "given twice")]),
    ],
)
def test_a_header_without_the_fields_is_refused_even_when_errors_are_reported(header, expected):
    for report in (False, True):
        with pytest.raises(CustomerError) as refusal:
            score(f"\n , \n{header}\nbasic,1.5,basic\n", report_errors=report)
        told = [
            (problem.field, problem.problem, problem.row, problem.spreadsheet_row)
            for problem in refusal.value.problems
        ]
        assert told == [(*value, None, 3) for value in expected]


def test_reported_errors_leave_the_row_unscored_and_give_the_reason():
    content = "plan,charge\ntwo yeer,abc\nbasic,1.5\nbasic\nbasic,1,2\n"
    result = score(content, report_errors=True)
    rows = list(csv.reader(io.StringIO(joined(result))))
    assert rows[0] == ["plan", "charge", "churn_probability", "churn", "error"]
    assert rows[1][2:] == [
        "",
        "",
        "plan: unknown category (did you mean two_year?); charge: not a number (expected a finite number, 0 or more)",
    ]
    assert rows[2] == ["basic", "1.5", repr(BASIC), "true", ""]
    assert rows[3] == ["basic", "", "", "", "row: wrong number of cells (expected 2 cells, as in the header)"]
    assert rows[4] == ["basic", "1", "", "", "row: wrong number of cells (expected 2 cells, as in the header)", "2"]
    assert result.probabilities == [BASIC]
    assert sum(result.refusals.counts.values()) == 4


def test_reasons_are_columns_in_words():
    content = "plan,charge\nbasic,1.5\nbasic,-1\n"
    rows = list(csv.reader(io.StringIO(scored(content, n_reasons=2, report_errors=True))))
    assert rows[0] == ["plan", "charge", "churn_probability", "churn", "reason_1", "reason_2", "error"]
    assert rows[1][2:] == [repr(BASIC), "true", "plan is basic (+0.50)", "charge is 1.5 (+0.38)", ""]
    assert rows[2][2:6] == ["", "", "", ""]


@pytest.mark.parametrize("name", ["-tariff", "+tariff", "@tariff", "=tariff"])
def test_no_cell_that_we_make_is_run_as_a_formula(name):
    scorer = Scorer(Contract((Number(name, non_negative=True),)), {name: 1.0}, intercept=0.0)
    content = f"{name}\n1\n-1\n".encode()
    answerer = Answerer(model_of(scorer), n_reasons=1)
    result = score_csv(content, answerer, report_errors=True, max_rows=9)
    _, first, second = csv.reader(io.StringIO(joined(result)))
    assert first[3] == f"'{name} is 1 (+1.00)"
    assert second[4].startswith(f"'{name}: negative")


@pytest.mark.parametrize(
    ("cells", "taken"),
    [
        (["29,85", "30"], True),
        (["29.85", "30.5"], True),
        (["29,85", "30,5", "29.85"], False),
        (["29,85", "29.85"], False),
        (["29.85", "30.5", "29,85"], False),
        (["1.397,47", "29,85"], False),
        (["1,397.47", "29.85"], False),
        (["1.840", "20"], False),
        (["1,840", "20"], False),
        (["1.840", "29,85"], False),
        (["1,840", "29,85"], True),
        (["1,840,000", "29,85"], False),
        (["0,500", "1"], True),
        (["-1,5", "2"], False),
    ],
)
def test_one_decimal_mark_is_read_in_a_file_and_thousands_are_refused(cells, taken):
    content = "plan;charge\n" + "".join(f"basic;{cell}\n" for cell in cells)
    if taken:
        expected = [probability(0.5 + 0.25 * float(cell.replace(",", "."))) for cell in cells]
        assert score(content).probabilities == pytest.approx(expected, abs=1e-15)
    else:
        assert [field for _, _, field, _ in problems(content)] == ["charge"]


def test_a_mark_that_may_be_one_of_thousands_is_refused_between_tabs_too():
    assert problems("plan\tcharge\nbasic\t1,840\nbasic\t20\n") == [(0, 2, "charge", "not a number")]


def test_a_comma_in_a_number_is_not_a_decimal_mark_where_commas_delimit():
    assert problems('plan,charge\nbasic,"1,397"\n') == [(0, 2, "charge", "not a number")]


@pytest.mark.parametrize(
    ("content", "reason", "line"),
    [
        (b"", "empty", None),
        (b"\xef\xbb\xbf", "empty", None),
        (b"\n \n", "empty", None),
        (b"plan,charge\nbasic,1\nbas\xefic,1\n", "not UTF-8", 3),
        ("plan,charge\nbasic,1\n".encode("utf-16"), "not UTF-8", 1),
        (b"plan,charge\nbasic,1\nba\0sic,1\n", "a NUL character", 3),
        (b"plan,charge,note\nbasic,1,\nbasic,1,a\0b\n", "a NUL character", 3),
        (b'plan,charge\n"basic"x,1\n', "not CSV", 2),
        (b'plan,charge\nbasic,1\n"basic,1\n', "^the CSV, line 3: the file ends in the middle of this row$", 3),
        (b'plan,charge\n"basic,1\nbasic,1\nbasic,1\n', "the file ends in the middle of this row", 2),
    ],
)
def test_a_file_that_is_not_csv_is_refused_with_the_line(content, reason, line):
    with pytest.raises(CsvError, match=reason) as refusal:
        score(content, report_errors=True)
    assert refusal.value.line == line


@pytest.mark.parametrize(
    "row",
    [
        '"' + "x" * MAX_ROW_CHARACTERS,
        "x," * MAX_ROW_CHARACTERS,
        "," * MAX_ROW_CHARACTERS,
        '"\n",' * MAX_ROW_CHARACTERS,
        '"' + "\n" * MAX_ROW_CHARACTERS,
    ],
    ids=["a long cell", "cells", "empty cells", "cells of two lines", "lines in an open quote"],
)
def test_a_row_has_a_limit_however_it_is_built(row):
    with pytest.raises(CsvTooLargeError, match="an unclosed quote") as refusal:
        score(f"plan,charge\nbasic,1\n{row}\n", report_errors=True)
    assert refusal.value.line == 3


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_the_search_for_the_decimal_mark_reads_no_more_rows_than_may_be_scored(delimiter):
    content = f"plan{delimiter}charge\n" + "1\n" * 5
    with pytest.raises(CsvTooLargeError, match="more than 4 customers"):
        read_csv(content.encode(), CONTRACT, max_rows=4)


def test_the_number_of_customers_has_a_limit():
    content = "plan,charge\n" + "basic,1\n" * 5
    assert len(score(content, max_rows=5).probabilities) == 5
    with pytest.raises(CsvTooLargeError, match="more than 4 customers") as refusal:
        score(content, max_rows=4)
    assert refusal.value.line == 6


@pytest.mark.parametrize("blank", ["\n", ",\n"])
def test_blank_rows_are_skipped_up_to_a_limit(blank):
    content = f"plan,charge\nbasic,1.5\n{blank * MAX_BLANK_ROWS}"
    assert score(content).probabilities == [BASIC]
    for too_many in (content + blank, blank * (MAX_BLANK_ROWS + 1) + content):
        with pytest.raises(CsvTooLargeError, match="blank rows"):
            score(too_many)


def test_blank_cells_past_the_header_are_left_out():
    scored = score("plan,charge\nbasic,1.5,, \nbasic,1.5,,2\n", report_errors=True)
    assert scored.probabilities == [BASIC]
    lines = b"".join(scored.content).decode().splitlines()
    assert lines[1] == f"basic,1.5,{BASIC!r},{lines[1].split(',')[3]},"
    assert lines[2].endswith(',"row: wrong number of cells (expected 2 cells, as in the header)",,2')


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(st.tuples(cells, st.sampled_from(["basic", "Two year"]), st.floats(0, 1e6), cells), max_size=6),
    form=st.sampled_from([(",", "."), (";", ","), (";", "."), ("\t", ","), ("\t", ".")]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_table_in_any_form_gets_the_scores_of_its_customers_and_keeps_its_cells(rows, form, line_end):
    delimiter, mark = form
    content = io.StringIO(newline="")
    writer = csv.writer(content, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerow(["first", "plan", "charge", "last"])
    writer.writerows([[first, plan, f"{charge:f}".replace(".", mark), last] for first, plan, charge, last in rows])
    result = score(content.getvalue())
    back = list(csv.reader(io.StringIO(joined(result), newline=""), delimiter=delimiter))
    assert [(row[0], row[3]) for row in back[1:]] == [(first, last) for first, _, _, last in rows]
    expected = [probability(SCORER.log_odds({"plan": plan, "charge": f"{charge:f}"})) for _, plan, charge, _ in rows]
    assert result.probabilities == expected
    assert [float(row[4].replace(",", ".")) for row in back[1:]] == expected


MARKED = Scorer(
    Contract((Number("fee", marks=Marks("$", thousands=True)), Number("age"))),
    {"fee": 0.001, "age": 0.01},
    intercept=-1.0,
)


@pytest.mark.parametrize(
    ("delimiter", "cells", "fees"),
    [
        (",", ['"$1,234.50"', '"$1,234"', "$5", "7.5", "1 234"], [1234.5, 1234, 5, 7.5, 1234]),
        (";", ["$1.234,50", "1.234 $", "$5", "7,5", "1'234"], [1234.5, 1234, 5, 7.5, 1234]),
        (";", ["$1,234.50", "$1,234", "$5", "7.5", "1'234"], [1234.5, 1234, 5, 7.5, 1234]),
        ("\t", ["$1.234.567", "$1.234", "5", "1234"], [1234567, 1234, 5, 1234]),
        (";", ["$1.234", "$1,234", "$5", "1 234", "1234"], [None, None, 5, 1234, 1234]),  # ambiguous ones are refused
        (";", ["$1,234.50", "$1.234,50", "$2,345.60"], [1234.5, None, 2345.6]),
        (
            ",",
            ['"$1.234,50"', "$1.234", "$1234"],
            [1234.5, 1234, 1234],
        ),  # decimal commas between commas
        (",", ['"$12,50"', "€5", "$1,000", "$1.5"], None),
    ],
)
def test_a_field_with_marks_is_read_with_the_decimal_mark_of_its_table(delimiter, cells, fees):
    content = "\n".join([f"fee{delimiter}age", *(f"{cell}{delimiter}40" for cell in cells)])
    if fees is None:
        with pytest.raises(CustomerError):
            score(content, scorer=MARKED)
        return
    result = score(content, scorer=MARKED, report_errors=True)
    expected = [probability(-1 + 0.001 * fee + 0.4) for fee in fees if fee is not None]
    assert result.probabilities == pytest.approx(expected, abs=1e-12)
    assert result.scored == [row for row, fee in enumerate(fees) if fee is not None]


def test_a_field_without_marks_is_read_as_before_next_to_one_that_has_some():
    content = 'fee,age\n"$1,234.50","1,234"\n$5,$6\n7.5,8.5\n'
    result = score(content, scorer=MARKED, report_errors=True)
    assert result.scored == [2]
    assert joined(result).count("age: not a number (expected a finite number, without ") == 2


@pytest.mark.parametrize(
    ("delimiter", "cells", "field", "without"),
    [
        (",", ['"1,5"', "2.5", "3.5"], "age", "a decimal comma"),
        (";", ["1.5", "2,5", "3,5"], "age", "a decimal point"),
        (",", ["1.5", '"2,5"', '"3,5"'], "age", "a decimal point"),
        (";", ["1.234", "5"], "age", "a point that may be one of thousands"),
        ("\t", ["1,234", "5"], "age", "a comma that may be one of thousands"),
        (";", ["1.234,5", "2,5"], "age", "thousands marks"),
        (",", ["1.234", "5"], "fee", "a point that may be one of thousands"),
        (",", ["€1.234", "5"], "fee", "the sign € and a point that may be one of thousands"),
        (";", ["$1.234", "5"], "fee", "a point that may be one of thousands"),
        (";", ["$1.5", "2,5", "3,5"], "fee", "a decimal point"),
        (",", ["(5)", "5"], "age", "parentheses"),
        (",", ["5-", "5"], "fee", "a minus after it"),
    ],
)
def test_a_number_that_is_refused_for_its_mark_is_refused_with_the_mark(delimiter, cells, field, without):
    other = "age" if field == "fee" else "fee"
    content = "\n".join([f"{field}{delimiter}{other}", *(f"{cell}{delimiter}7" for cell in cells)])
    result = score(content, scorer=MARKED, report_errors=True)
    assert result.scored == [*range(1, len(cells))]
    assert list(result.refusals.counts) == [(field, "not a number")]
    assert f", without {without})" in joined(result)


def test_points_that_may_be_thousands_are_decimal_where_another_cell_of_the_table_shows_it():
    result = score("fee,age\n812.345,40.5\n", scorer=MARKED)
    assert result.probabilities == pytest.approx([probability(-1 + 0.812345 + 0.405)], abs=1e-12)


def test_decimal_commas_between_commas_are_read_and_the_answers_have_points():
    content = 'plan,charge\nbasic,"29,85"\nbasic,"1,234"\nbasic,30\n'
    result = score(content)
    expected = [probability(0.5 + 0.25 * charge) for charge in (29.85, 1.234, 30)]
    assert (result.probabilities, result.decimal_mark) == (pytest.approx(expected, abs=1e-15), ",")
    assert scored(content).splitlines()[3] == f"basic,30,{result.probabilities[2]!r},true"


def test_the_cells_of_a_workbook_are_read_each_by_itself():
    texts = ["1.234", "29.85", '"1,234.5"', "12.3450", '"29,85"']
    content = "\n".join(["fee,age", *(f"{text},40.5" for text in texts)])
    result = score(content, scorer=MARKED, report_errors=True, decimal_mark=EACH)
    expected = [probability(-1 + 0.001 * fee + 0.405) for fee in (29.85, 1234.5, 12.345)]
    assert result.scored == [1, 2, 3]
    assert result.probabilities == pytest.approx(expected, abs=1e-12)


TRAINED_WITH_COMMAS = Scorer(
    Contract((Number("fee", marks=Marks("€", thousands=True, decimal_comma=True)), Number("age"))),
    {"fee": 0.001, "age": 0.01},
    intercept=-1.0,
)


@pytest.mark.parametrize(
    ("delimiter", "rows", "fees"),
    [
        (",", ['"1.234,50 €",40.5', "1.234 €,40", "€5,40", "7.5,40"], [1234.5, 1234, 5, 7.5]),
        (",", ['"€1,234.50",40.5', "€1.234,40", '"€1,234",40'], [1234.5, 1234, None]),
        (";", ["1.234,50 €;40,5", "1.234 €;40", "1,234 €;40"], [1234.5, 1234, 1.234]),
        (";", ["1.234 €;40", "€5;40"], [1234, 5]),  # as in training
        (";", ["€1,234.50;40.5", "€1.234;40", "€1,234;40"], [1234.5, None, 1234]),  # the table has points
        ("\t", ["1.234\t40"], [1234]),
    ],
)
def test_a_field_that_was_trained_with_decimal_commas_is_read_with_them_unless_its_table_has_points(
    delimiter, rows, fees
):
    result = score("\n".join([f"fee{delimiter}age", *rows]), scorer=TRAINED_WITH_COMMAS, report_errors=True)
    ages = [40.5 if "40,5" in row or "40.5" in row else 40 for row in rows]
    expected = [
        probability(-1 + 0.001 * fee + 0.01 * age) for fee, age in zip(fees, ages, strict=True) if fee is not None
    ]
    assert result.scored == [row for row, fee in enumerate(fees) if fee is not None]
    assert result.probabilities == pytest.approx(expected, abs=1e-12)


def test_the_first_row_that_shows_the_decimal_mark_settles_it_where_the_first_thousand_do_not():
    rows = [*["basic;1.840"] * 1001, "basic;29", "basic;29,85", "basic;1,840", "basic;29.85"]
    result = score("\n".join(["plan;charge", *rows]), report_errors=True, max_rows=2000)
    assert (result.scored, result.decimal_mark) == ([1001, 1002, 1003], ",")
    assert score("\n".join(["plan;charge", *rows[2:]]), report_errors=True, max_rows=2000).scored == [999, 1000, 1001]
    together = score("\n".join(["plan;charge", *rows[3:]]), report_errors=True, max_rows=2000)
    assert (together.scored, together.decimal_mark) == ([998, 999, 1000], ",")
