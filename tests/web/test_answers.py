"""A CSV answered in JSON: for each row a member that is its customer's answer in a list, or the row's problems.

tests/web/test_app.py and tests/web/test_queries.py have the other answers.
"""

import csv
import io
import json

import pytest
from prometheus_client.parser import text_string_to_metric_families

from churn.model.outside import OutsideCounts
from churn.model.refusals import MAX_PROBLEMS
from churn.server.served_model import ServedModel
from churn.tables.answer import AnswerColumns
from churn.tables.answer_cells import MAX_ROW_PROBLEMS
from churn.tables.csv_lines import MAX_ROW_CHARACTERS
from churn.web import answers
from tests.apps import make_client
from tests.customers import CSV, GOOD, RAW_CUSTOMERS
from tests.posting import check_problem
from tests.shaped import AXES, CUSTOMERS

ACCEPT_JSON = {"Accept": "application/json"}
HEADER, ROW = ",".join(GOOD), ",".join(map(str, GOOD.values()))
BAD = ROW.replace("month-to-month", "two yeer")
FORMS = {
    "comma": (",", ".", "\n", ""),
    "excel": (";", ",", "\r\n", "\ufeff"),
    "semicolons and points": (";", ".", "\n", ""),
    "tabs": ("\t", ".", "\r", ""),
    "tabs and commas": ("\t", ",", "\n", "\ufeff"),
}
DECIMALS = ("MonthlyCharges", "TotalCharges")


def post_csv(client, content: str | bytes, query: str = "", **headers: str):
    """Post a CSV to be answered in JSON, unless the headers ask for something else."""
    return client.post(f"/predict{query}", data=content, content_type="text/csv", headers=ACCEPT_JSON | headers)


def write_csv(customers: list[dict[str, str]], form: str) -> bytes:
    """The customers in a form of FORMS, with its decimal mark."""
    delimiter, mark, line_end, byte_order_mark = FORMS[form]
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=delimiter, lineterminator=line_end)
    writer.writerow(customers[0])
    for customer in customers:
        spelled = customer | {name: customer[name].replace(".", mark) for name in DECIMALS}
        writer.writerow(spelled.values())
    return (byte_order_mark + table.getvalue()).encode()


@pytest.mark.parametrize("query", ["", "?explain=2", "?explain=true&errors=report"])
@pytest.mark.parametrize("form", FORMS)
def test_each_row_gets_the_answer_of_its_customer_in_a_json_list(client, form, query):
    customers = RAW_CUSTOMERS[:200]
    response = post_csv(client, write_csv(customers, form), query)
    as_list = client.post(f"/predict{query.removesuffix('&errors=report')}", json=customers)
    assert response.content_type == "application/json"
    assert response.data == as_list.data


def test_a_large_answer_is_whole_and_one_of_no_rows_is_an_empty_array(client):
    answer = post_csv(client, CSV.read_bytes(), "?explain=5").json
    assert answer == client.post("/predict?explain=5", json=RAW_CUSTOMERS).json
    assert post_csv(client, HEADER).json == []


def test_a_model_without_an_average_is_explained_against_zero_in_each_member(pair):
    pair.with_suffix(".json").unlink()
    client = make_client(ServedModel(pair))
    answer = post_csv(client, f"{HEADER}\n{ROW}", "?explain=1").json
    assert answer == client.post("/predict?explain=1", json=[GOOD]).json
    assert answer[0]["explained_against"] == "zero"


def test_a_reason_names_the_fields_that_share_its_effect_in_json_and_in_words(shaped):
    client = make_client(shaped)
    partners = {(first, second) for first, _, second, _ in AXES} | {(second, first) for first, _, second, _ in AXES}
    answers = client.post("/predict?explain=true", json=CUSTOMERS[:20]).json
    table = [",".join(CUSTOMERS[0]), *(",".join(map(str, customer.values())) for customer in CUSTOMERS[:20])]
    rows = csv.DictReader(
        io.StringIO(client.post("/predict?explain=true", data="\n".join(table), content_type="text/csv").text)
    )
    named = 0
    for answer, row in zip(answers, rows, strict=True):
        for number, reason in enumerate(answer["reasons"], 1):
            together = reason.get("together_with", [])
            assert "together_with" not in reason or together
            assert {(reason["field"], partner) for partner in together} <= partners
            words = f", together with {' and '.join(together)} (" if together else " ("
            value = reason["value"] if isinstance(reason["value"], str) else f"{reason['value']:g}"
            assert row[f"reason_{number}"].startswith(f"{reason['field']} is {value or 'blank'}{words}")
            named += len(together)
    assert named


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        (None, "text/csv"),
        ("", "text/csv"),
        ("*/*", "text/csv"),
        ("text/csv", "text/csv"),
        ("text/html", "text/csv"),
        ("application/*", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("application/json, */*;q=0.8", "application/json"),
        ("text/csv;header=present, application/json;q=0.9", "text/csv"),
        ("text/csv; charset=utf-8, application/json;q=0.5", "text/csv"),
        ("text/*, application/json;q=0.5", "text/csv"),
        ("*/*, text/csv;q=0.1", "application/json"),
        ("application/problem+json", "text/csv"),
        ("application/json;q=0", "text/csv"),
        ("application/json;q=0.5, text/csv", "text/csv"),
        ("application/json;q=0.5, */*", "text/csv"),
        ("application/json, text/csv", "text/csv"),
        ("application/json", "application/json"),
        ("Application/JSON", "application/json"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("application/json;q=0.2, text/csv;q=0.1", "application/json"),
        ("application/json, text/plain, */*", "text/csv"),
    ],
)
def test_json_answers_a_csv_only_if_it_is_named_and_preferred(client, accept, mimetype):
    content = f"{HEADER}\n{ROW}\n"
    headers = {} if accept is None else {"Accept": accept}
    response = client.post("/predict", data=content, content_type="text/csv", headers=headers)
    assert (response.status_code, response.mimetype) == (200, mimetype)
    if mimetype == "text/csv":
        assert response.data == client.post("/predict", data=content, content_type="text/csv").data


def test_a_customer_in_json_is_answered_by_json_whatever_is_accepted(client):
    for accept in ("text/csv", "application/json", "text/html"):
        assert client.post("/predict", json=GOOD, headers={"Accept": accept}).mimetype == "application/json"


def test_a_bad_row_refuses_the_csv_as_it_would_be_refused_without_json(client):
    content = f"{HEADER}\n{ROW}\n{BAD}\n"
    as_csv = post_csv(client, content, Accept="text/csv")
    assert check_problem(post_csv(client, content), 422) == check_problem(as_csv, 422)


def test_a_bad_row_has_its_problems_and_nothing_else_where_errors_are_reported(client):
    content = f"\n{HEADER}\n{ROW}\n\n{BAD}\n{ROW},x\n"
    (problem,) = check_problem(post_csv(client, f"\n{HEADER}\n{ROW}\n\n{BAD}\n"), 422)["problems"]
    good, bad, wide = post_csv(client, content, "?errors=report").json
    assert good == client.post("/predict", json=GOOD).json
    assert bad == {"problems": [problem]}
    assert (problem["row"], problem["spreadsheet_row"], problem["did_you_mean"]) == (1, 5, "two_year")
    assert wide["problems"] == [
        {
            "row": 2,
            "spreadsheet_row": 6,
            "problem": "wrong number of cells",
            "expected": f"{len(GOOD)} cells, as in the header",
        }
    ]


@pytest.mark.parametrize("n_bad", [1, MAX_ROW_PROBLEMS, MAX_ROW_PROBLEMS + 1, len(GOOD)])
def test_the_first_problems_of_a_row_are_listed_and_the_rest_are_counted(client, n_bad):
    cells = ["?"] * n_bad + [str(value) for value in GOOD.values()][n_bad:]
    content = f"{HEADER}\n{','.join(cells)}"
    (member,) = post_csv(client, content, "?errors=report").json
    assert member["problems"] == check_problem(post_csv(client, content), 422)["problems"][:MAX_ROW_PROBLEMS]
    assert member.get("problem_count", "all are listed") == (n_bad if n_bad > MAX_ROW_PROBLEMS else "all are listed")


def test_the_problems_of_the_first_hundred_bad_rows_are_in_full_and_those_of_no_further_row(client):
    bad = BAD.replace("dsl", "dzl").replace("female", "femal")  # three problems
    content = "\n".join([HEADER, *[ROW, bad] * (MAX_PROBLEMS + 20)])
    members = post_csv(client, content, "?errors=report").json
    listed = [problem for member in members for problem in member.get("problems", ())]
    in_full = check_problem(post_csv(client, content), 422)["problems"]
    assert listed[: len(in_full)] == in_full
    assert all("did_you_mean" in problem for problem in in_full)
    assert all("expected" in problem for problem in listed[: 3 * MAX_PROBLEMS])
    short = ["row", "spreadsheet_row", "field", "problem"]
    assert [list(problem) for problem in listed[3 * MAX_PROBLEMS :]] == [short] * 60


def test_a_csv_answered_in_json_has_the_limits_of_a_csv(client, monkeypatch):
    monkeypatch.setattr(answers, "MAX_CUSTOMERS", 3)
    monkeypatch.setattr(answers, "MAX_REASONS", 40)
    assert len(post_csv(client, "\n".join([HEADER, *[ROW] * 3]), "?explain=13").json) == 3
    for n_rows, query in ((4, ""), (3, "?explain=14"), (3, "?explain=true")):
        content = "\n".join([HEADER, *[ROW] * n_rows])
        as_csv = post_csv(client, content, query, Accept="text/csv")
        assert check_problem(post_csv(client, content, query), 413) == check_problem(as_csv, 413)
    room = MAX_ROW_CHARACTERS - len(f"{ROW},\n")
    assert len(post_csv(client, f"{HEADER},x\n{ROW},{'x' * room}\n").json) == 1
    check_problem(post_csv(client, f"{HEADER},x\n{ROW},{'x' * (room + 1)}\n"), 413)


TABLES = {
    **{form: write_csv(RAW_CUSTOMERS[:50], form) for form in FORMS},
    "bad rows": f"{HEADER}\n{ROW}\n{BAD}\n{ROW},more\n{','.join('?' * len(GOOD))}\n,x\n{ROW}\n".encode(),
    "an answer's names": f"{HEADER},Churn,error\n{ROW},no,none\n{BAD},yes,\n".encode(),
    "an earlier answer": f"{HEADER},churn_probability,churn,id\n{ROW},0.5,true,7\n{BAD},,,8\n".encode(),
    "no row": HEADER.encode(),
}


@pytest.mark.parametrize("query", ["?errors=report", "?errors=report&explain=3", "?errors=report&earlier=keep"])
@pytest.mark.parametrize("content", TABLES.values(), ids=TABLES.keys())
def test_the_cells_of_a_member_are_those_that_a_csv_answer_writes_into_its_columns(client, content, query):
    as_csv = post_csv(client, content, query, Accept="text/csv")
    response = post_csv(client, content, f"{query}&cells=true")
    for name in ("X-Answer-Columns", "X-Replaced-Columns"):
        assert response.headers.get(name) == as_csv.headers.get(name)
    delimiter = next(mark for mark in ";\t," if mark in content.decode())
    header, *rows = csv.reader(io.StringIO(as_csv.text.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
    names = response.headers["X-Answer-Columns"].split(", ")
    assert header[-len(names) :] == names
    start = len(header) - len(names)
    cells = [member["cells"] for member in response.json]
    assert cells == [row[start : len(header)] for row in rows]
    assert {len(texts) for texts in cells} <= {len(names)}
    without = [{name: value for name, value in answer.items() if name != "cells"} for answer in response.json]
    assert without == post_csv(client, content, query).json


@pytest.mark.parametrize("form", FORMS)
def test_the_cell_of_the_probability_has_the_decimal_mark_of_the_csv(client, form):
    for member in post_csv(client, write_csv(RAW_CUSTOMERS[:20], form), "?cells=true").json:
        spelled = repr(member["churn_probability"]).replace(".", FORMS[form][1])
        assert member["cells"] == [spelled, str(member["churn"]).lower()]


def test_cells_without_a_csv_to_be_answered_by_json_are_refused(client):
    content = f"{HEADER}\n{ROW}\n"
    for response in (
        client.post("/predict?cells=true", json=GOOD),
        client.post("/predict?cells=true", json=[GOOD], headers=ACCEPT_JSON),
        post_csv(client, content, "?cells=true", Accept="*/*"),
    ):
        assert "cells=true is for text/csv, with Accept: application/json" in check_problem(response, 400)["detail"]
    for spelled in ("", "True", "1", "yes"):
        response = post_csv(client, content, f"?cells={spelled}")
        assert check_problem(response, 400)["detail"] == "cells must be true or false"
    assert client.post("/predict?cells=false", json=GOOD).status_code == 200
    assert post_csv(client, content, "?cells=false").json == post_csv(client, content).json


def test_the_rows_of_a_csv_answered_in_json_are_counted_as_scored_or_refused(served):
    counted = []
    for headers in ({"Accept": "text/csv"}, ACCEPT_JSON):
        client = make_client(served)
        for query in ("", "?errors=report"):
            post_csv(client, "\n".join([HEADER, ROW, BAD, ROW]), query, **headers)
        families = text_string_to_metric_families(client.get("/metrics").text)
        samples = [sample for family in families if "customer" in family.name for sample in family.samples]
        counted.append(
            {
                (sample.name, *sample.labels.values()): sample.value
                for sample in samples
                if "created" not in sample.name
            }
        )
    assert counted[0] == counted[1]
    assert counted[1]["churn_customers_scored_total",] == 2
    assert counted[1]["churn_customer_problems_total", "contract", "unknown category"] == 2


def test_no_member_repeats_a_customers_values(client):
    secret = "secret-4711"
    content = f"{HEADER},{secret}\n{ROW},{secret}\n{ROW.replace('dsl', secret)},{secret}\n{secret}\n"
    response = post_csv(client, content, "?errors=report&explain=true&cells=true")
    assert response.status_code == 200
    assert secret not in response.text


def test_an_answer_of_many_pieces_is_one_json_document(client):
    content = "\n".join([HEADER, *[ROW, BAD, f"{ROW},x"] * 700])
    members = json.loads(post_csv(client, content, "?errors=report&explain=true&cells=true").data)
    assert [list(member) for member in members[:3]] * 700 == [list(member) for member in members]


def test_further_pieces_of_a_table_are_read_with_the_mark_of_the_first(client):
    raw = RAW_CUSTOMERS[0]
    header = ";".join(raw)

    def post(charge: str, query: str):
        row = raw | {"MonthlyCharges": charge, "TotalCharges": "30"}
        return post_csv(client, f"{header}\n{';'.join(row.values())}\n", f"?errors=report&cells=true{query}")

    for charge, mark in (("29,85", "comma"), ("29.85", "point"), ("29", "none"), ("1.234", "none")):
        assert post(charge, "").headers["X-Decimal-Mark"] == mark
    assert "problems" in post("1.234", "").json[0]
    assert "problems" in post("1.234", "&decimal_mark=none").json[0]
    with_comma, with_point = post("1,234", "&decimal_mark=comma"), post("1.234", "&decimal_mark=point")
    assert with_comma.json[0]["churn_probability"] == with_point.json[0]["churn_probability"]
    assert (with_comma.json[0]["cells"][0][1], with_point.json[0]["cells"][0][1]) == (",", ".")
    assert "problems" in post("29,85", "&decimal_mark=point").json[0]
    settled = post("29.85", "&decimal_mark=none")
    assert settled.headers["X-Decimal-Mark"] == "point"
    assert "churn_probability" in settled.json[0]
    assert "X-Decimal-Mark" not in client.post("/predict", json=GOOD).headers


def test_a_csvs_answer_names_the_fields_with_customers_outside_of_training_and_their_number(client):
    lines = CSV.read_bytes().splitlines(keepends=True)[:6]
    table = b"".join(lines).replace(b",34,", b",73,").replace(b",45,", b",144,").replace(b",2,Yes", b",500,Yes")
    for accept in ("text/csv", "application/json"):
        for options in ("errors=report", "errors=report&explain=2"):
            response = client.post(
                f"/predict?{options}", data=table, content_type="text/csv", headers={"Accept": accept}
            )
            assert response.status_code == 200
            assert response.headers["X-Out-Of-Range"] == "tenure=2"  # the one of 500 is refused
    whole = client.post("/predict", data=b"".join(lines), content_type="text/csv")
    assert "X-Out-Of-Range" not in whole.headers


def test_a_header_names_at_most_twenty_fields_in_letters_that_a_header_can_have():
    counts = OutsideCounts({"größe, in cm=": 30} | {f"n{number}": number for number in range(1, 25)})
    columns = AnswerColumns(("churn_probability", "churn"), range(0), ())
    answer = answers.Answer(b"", "text/csv", [], columns=columns, outside=counts)
    told = answer.headers["X-Out-Of-Range"].split(", ")
    assert told[:2] == ["gr%C3%B6%C3%9Fe%2C%20in%20cm%3D=30", "n24=24"]
    assert len(told) == 20
