"""The OpenAPI document against the service, both ways: routes, answers, limits, the example."""

import dataclasses
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from werkzeug import Request

from churn import __version__
from churn.errors import CustomerError
from churn.model.contract import Contract
from churn.model.fields import Blank, Category, Flag, Number, Where
from churn.model.gain import Campaign
from churn.model.groups import Group
from churn.model.marks import Marks
from churn.server.headers import RequestIds
from churn.server.refusal import FAILED, FULL, LATE, MALFORMED, TOO_LONG, write_refusal
from churn.server.served_model import ServedModel
from churn.tables.csv_lines import MAX_ROW_CHARACTERS
from churn.web import answers, bodies
from churn.web.pages.example import example_customer
from churn.web.pages.json_schema import customer_schema, field_schema
from churn.web.pages.marked_pattern import marked_pattern
from tests.apps import make_client
from tests.customers import GOOD, PROJECT, change, read_cases
from tests.documented import assert_documented, assert_is, check, read_answers, resolve
from tests.drawn_contracts import contracts, customers_of
from tests.pairs import write_model
from tests.posting import post
from tests.shaped import CUSTOMERS
from tests.watch.customers import with_campaign

KEY = {"X-API-Key": "a-key"}


@pytest.fixture(scope="module")
def without_card(tmp_path_factory, small_pair) -> ServedModel:
    path = tmp_path_factory.mktemp("plain") / "model.bin"
    path.write_bytes(small_pair.read_bytes())
    return ServedModel(path)


def read_document(served: ServedModel, **options) -> dict:
    return make_client(served, **options).get("/openapi.json", headers=KEY).json


@pytest.fixture
def document(client) -> dict:
    return client.get("/openapi.json").json


@pytest.mark.parametrize("keys", ["", "a-key"], ids=["open", "with keys"])
@pytest.mark.parametrize("card", [True, False], ids=["card", "no card"])
def test_the_document_is_openapi_3_1(served, without_card, card, keys):
    document = read_document(served if card else without_card, API_KEY=keys)
    assert document["openapi"].startswith("3.1.")
    validate(document)
    assert "%" not in str(document)  # a number that was not filled in


def test_the_document_has_every_route_of_the_app_and_no_other(app, document):
    documented = {(path, method) for path, operations in document["paths"].items() for method in operations}
    served = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert documented == served


def test_every_status_of_the_docs_is_in_the_document(served):
    api = (PROJECT / "docs/api.md").read_text()
    statuses = set(re.findall(r"\b[45]\d\d\b", " ".join(re.findall(r"^\| ([45]\d\d.*?) \|", api, re.MULTILINE))))
    document = read_document(served, API_KEY="a-key")
    examples = [
        example["content"]["application/problem+json"] for example in document["components"]["responses"].values()
    ]
    documented = {str(example["example"]["status"]) for example in examples}
    assert statuses <= documented
    assert documented - statuses == {"500"}


def test_keys_are_in_the_document_when_the_service_has_keys(served, document):
    guarded = read_document(served, API_KEY="a-key")
    wanting = {
        path for path, item in guarded["paths"].items() for operation in item.values() if "security" in operation
    }
    assert wanting == {"/predict", "/model", "/drift", "/metrics", "/openapi.json"}
    for path in wanting:
        (operation,) = guarded["paths"][path].values()
        assert operation["security"] == [{"bearer": []}, {"key": []}]
    assert "securitySchemes" not in document["components"]
    assert not [
        path for path, item in document["paths"].items() for operation in item.values() if "security" in operation
    ]
    client = make_client(served, API_KEY="a-key")
    assert_documented(guarded, "/predict", "post", client.post("/predict", json=GOOD))


@pytest.mark.parametrize("query", ["", "?explain=true", "?explain=2"])
@pytest.mark.parametrize("case", read_cases("taken_customers.json"), ids=lambda case: case["name"])
def test_every_answer_to_a_good_customer_is_in_the_document(client, document, case, query):
    for body in (change(case), [change(case)] * 2, []):
        response = client.post(f"/predict{query}", json=body)
        assert response.status_code == 200
        assert_documented(document, "/predict", "post", response)


@pytest.mark.parametrize("query", ["", "&explain=2", "&cells=true", "&explain=true&cells=true"])
def test_every_answer_to_a_csv_in_json_is_in_the_document(client, document, query):
    rows = [*map(str, GOOD.values())]
    bad = [["?"] * number + rows[number:] for number in range(len(rows) + 1)]
    content = "\n".join(",".join(cells) for cells in [[*GOOD], rows, ["femal", *rows[1:]], *bad * 6, [*rows, "x"]])
    headers = {"Accept": "application/json", "Content-Type": "text/csv"}
    response = client.post(f"/predict?errors=report{query}", data=content, headers=headers)
    assert response.status_code == 200
    assert any("expected" not in problem for member in response.json for problem in member.get("problems", ()))
    assert_documented(document, "/predict", "post", response)
    refused = client.post("/predict", data=f'{",".join(GOOD)}\n"x"x', headers=headers)
    assert (refused.json["line"], refused.json["problem"][:14]) == (2, "it is not CSV:")
    assert refused.json["detail"] == f"the CSV, line 2: {refused.json['problem']}"
    assert_documented(document, "/predict", "post", refused)


@pytest.mark.parametrize("case", read_cases("refused_customers.json"), ids=lambda case: case["name"])
def test_every_refusal_of_a_customer_is_in_the_document(client, document, case):
    for body in (change(case), [GOOD, change(case)]):
        response = client.post("/predict", json=body)
        assert response.status_code == 422
        assert_documented(document, "/predict", "post", response)


@pytest.mark.parametrize("case", read_cases("refused_bodies.json"), ids=lambda case: case["name"])
def test_every_refusal_of_a_body_is_in_the_document(client, document, case):
    response = post(client, case["body"].encode(), case["content_type"])
    assert_documented(document, "/predict", "post", response)


def test_every_other_refusal_is_in_the_document(served, client, document, monkeypatch):
    large = client.post("/predict", json=[{}] * (bodies.MAX_CUSTOMERS + 1))
    assert large.status_code == 413
    assert_documented(document, "/predict", "post", large)
    responses = document["components"]["responses"]
    assert_is(document, responses["NotFound"], client.get("/nowhere"))
    assert_is(document, responses["MethodNotAllowed"], client.get("/predict"))
    monkeypatch.setattr(bodies, "_POLITE_S", 0.0)
    monkeypatch.setattr(bodies, "_PATIENCE_S", 0.0)
    with bodies.bounded_memory(Request({"CONTENT_LENGTH": "300000"})):
        busy = client.post("/predict", data=b" " * (bodies.LARGE_BODY_BYTES + 1), content_type="application/json")
    assert busy.status_code == 503
    assert_documented(document, "/predict", "post", busy)
    monkeypatch.setattr(type(served.current.scorer), "place", lambda *_, **__: 1 / 0)
    failed = client.post("/predict", json=GOOD)
    assert failed.status_code == 500
    assert_documented(document, "/predict", "post", failed)


REFUSALS = {"Malformed": MALFORMED, "Late": LATE, "TooLong": TOO_LONG, "Failed": FAILED, "Busy": FULL}


@pytest.mark.parametrize("trace_id", [None, "4bf92f3577b34da6a3ce929d0e0e4736"])
@pytest.mark.parametrize("name", REFUSALS)
def test_what_the_server_answers_before_the_app_is_in_the_document(document, name, trace_id):
    answer = write_refusal(REFUSALS[name], RequestIds("order-17", trace_id), "0123456789ab")
    (answer,) = read_answers(answer)
    assert_is(document, document["components"]["responses"][name], answer)
    said = document["components"]["responses"][name]["content"][answer.mimetype]["example"]
    assert (answer.status_code, answer.reason) == (said["status"], said["title"])
    if name not in ("Malformed", "Busy"):  # which have several causes
        assert answer.json == said | ({"trace_id": trace_id} if trace_id else {})
    if name != "TooLong":  # which any path answers, as 404
        assert document["paths"]["/predict"]["post"]["responses"][str(answer.status_code)]


def test_what_nginx_refuses_is_in_the_document(document):
    conf = (PROJECT / ".platform/nginx/conf.d/elasticbeanstalk/churn.conf").read_text()
    said = {int(status): msgspec.json.decode(body) for status, body in re.findall(r"return (\d+) '(.*)';", conf)}
    assert {status: body["status"] for status, body in said.items()} == {code: code for code in (413, 429, 502, 504)}
    answers = document["paths"]["/predict"]["post"]["responses"]
    for status in (413, 429):
        content = resolve(document, answers[str(status)])["content"]["application/problem+json"]
        assert said[status] == content["example"]
    assert "Retry-After" in resolve(document, answers["429"])["headers"]


def test_a_model_without_a_card_is_described_as_the_document_says(client, document, without_card):
    assert_documented(document, "/model", "get", client.get("/model"))
    plain_client, plain_document = make_client(without_card), read_document(without_card)
    assert_documented(plain_document, "/model", "get", plain_client.get("/model"))
    customer = example_of(plain_document, "Customer")
    explained = plain_client.post("/predict?explain=true", json=customer)
    assert explained.json["explained_against"] == "zero"
    assert_documented(plain_document, "/predict", "post", explained)


@pytest.mark.parametrize("customers", [0, 50, 500])
def test_every_answer_of_drift_is_in_the_document(shipped, without_card, customers):
    for model in (shipped, without_card.current, with_campaign(shipped)):
        served = ServedModel(shipped.path)
        served.current = model
        client, document = make_client(served), read_document(served)
        customer = example_of(document, "Customer")
        assert client.post("/predict", json=[customer] * customers).status_code == 200
        answer = client.get("/drift")
        assert (answer.status_code, answer.json["answers"]) == (200, customers)
        assert_documented(document, "/drift", "get", answer)
        assert answer.headers["X-Model-Version"] == answer.json["model"] == served.current.version


def test_why_there_is_nothing_of_drift_is_in_the_document(shipped, document, monkeypatch):
    served = ServedModel(shipped.path)
    monkeypatch.setattr(served.now, "tally", None)
    answer = make_client(served).get("/drift")
    assert answer.status_code == 503
    assert_documented(document, "/drift", "get", answer)


def test_the_classes_of_a_model_are_shown_as_the_document_says(client, tmp_path):
    path = write_model(tmp_path / "model.bin", ["Stayed", "Churned"])
    served = ServedModel(path, positive_class="churned")
    answer = make_client(served).get("/model")
    assert_documented(read_document(served), "/model", "get", answer)
    described = read_document(served)["components"]["schemas"]["Card"]["properties"]
    assert set(answer.json) <= set(described)
    absent = {
        "event",
        "curves",
        "interactions",
        "shares",
    }  # the shipped model's customers leave, and it has no curves
    assert set(client.get("/model").json) == set(described) - absent
    assert (answer.json["classes"], answer.json["positive_class"]) == (["Stayed", "Churned"], "Churned")


def test_the_counts_of_a_model_for_a_campaign_are_shown_as_the_document_says(served):
    other = ServedModel(served.current.path)
    counts = msgspec.structs.replace(other.current.card.counts, campaign=Campaign(200, 10, 1, 0.3))
    card = msgspec.structs.replace(other.current.card, counts=counts)
    other.current = dataclasses.replace(other.current, card=card)
    answer = make_client(other).get("/model")
    assert answer.json["counts"]["campaign"] == {"value": 200, "offer": 10, "contact": 1, "accept": 0.3}
    assert_documented(read_document(other), "/model", "get", answer)


def test_a_model_with_curves_and_pairs_of_fields_is_described_as_the_document_says(shaped):
    client, document = make_client(shaped), read_document(shaped)
    validate(document)
    card = client.get("/model")
    assert_documented(document, "/model", "get", card)
    assert {"curves", "interactions", "shares"} <= set(card.json)
    reasons = []
    for customer in CUSTOMERS[:50]:
        response = client.post("/predict?explain=true", json=customer)
        assert_documented(document, "/predict", "post", response)
        reasons += response.json["reasons"]
    assert any("together_with" in reason for reason in reasons)
    assert {"field": "charges", "value": ""}.items() <= next(
        reason for reason in reasons if reason["value"] == "" and reason["field"] != "plan"
    ).items()


def test_every_example_of_a_request_is_answered_200(served, without_card):
    for served_model in (served, without_card):
        client = make_client(served_model)
        content = client.get("/openapi.json").json["paths"]["/predict"]["post"]["requestBody"]["content"]
        for example in content["application/json"]["examples"].values():
            assert client.post("/predict", json=example["value"]).status_code == 200
        table = content["text/csv"]["examples"]["customers"]["value"]
        response = post(client, table.encode(), "text/csv")
        assert response.status_code == 200
        customer = content["application/json"]["examples"]["customer"]["value"]
        answer = client.post("/predict", json=customer).json["churn_probability"]
        assert repr(answer) in response.text


def test_every_example_of_an_answer_is_what_its_schema_says(document):
    check(document, {"$ref": "#/components/schemas/Customer"}, example_of(document, "Customer"))
    check(document, {"$ref": "#/components/schemas/Prediction"}, example_of(document, "Prediction"))
    for answer in document["components"]["responses"].values():
        content = answer["content"]["application/problem+json"]
        check(document, content["schema"], content["example"])


def example_of(document: dict, name: str) -> dict:
    return document["components"]["schemas"][name]["examples"][0]


def test_the_limits_in_the_document_are_the_codes(served):
    document = read_document(served, MAX_CONTENT_LENGTH="123456")
    told = document["paths"]["/predict"]["post"]["description"]
    limits = (123_456, bodies.MAX_CUSTOMERS, bodies.MAX_VALUES, bodies.MAX_CONTAINERS, bodies.MAX_CUSTOMER_BYTES)
    for limit in (*limits, MAX_ROW_CHARACTERS, answers.MAX_REASONS):
        assert f"{limit:,} " in told
    assert document["components"]["schemas"]["Customers"]["maxItems"] == bodies.MAX_CUSTOMERS


def test_the_document_is_that_of_the_model_that_answers(pair, shipped):
    served = ServedModel(pair)
    client = make_client(served)
    assert client.get("/openapi.json").json["info"]["x-model-version"] == served.current.version
    pair.write_bytes(shipped.path.read_bytes())
    pair.with_suffix(".json").write_bytes(shipped.path.with_suffix(".json").read_bytes())
    assert served.check() == "swapped"
    assert client.get("/openapi.json").json["info"]["x-model-version"] == shipped.version


def test_the_documents_version_is_the_softwares(document):
    assert document["info"]["version"] == __version__


def test_the_customers_schema_has_every_field_of_the_telco_table(document):
    schema = document["components"]["schemas"]["Customer"]
    assert set(schema["properties"]) == set(schema["required"]) == set(GOOD)
    check(document, schema, GOOD)
    assert schema["properties"]["contract"]["enum"] == ["month-to-month", "one_year", "two_year"]
    assert schema["properties"]["seniorcitizen"]["anyOf"] == [
        {"type": "integer", "enum": [0, 1]},
        {"type": "boolean"},
    ]
    tenure = schema["properties"]["tenure"]
    assert (tenure["minimum"], tenure["maximum"]) == (0, 144)
    assert tenure["description"] == "A finite number, 0 or more. 0 to 144 is taken; training saw 0 to 72."
    security = schema["properties"]["onlinesecurity"]["description"]
    assert security == "It is no_internet_service where internetservice is no, and only there."
    told = schema["properties"]["totalcharges"]["description"]
    assert "blank only where tenure is 0" in told
    assert "null" in told
    assert "stands for 0." in told
    assert "null" in schema["description"]


def test_the_words_of_a_category_say_what_a_null_and_what_true_and_false_are():
    plain = field_schema(Category("plan", ("basic", "gold")))
    assert plain == {"type": "string", "enum": ["basic", "gold"]}
    member = field_schema(Category("member", ("", "false", "true")))
    assert (member["type"], member["enum"]) == ("string", ["", "false", "true"])
    assert "null" in member["description"]
    assert "JSON's true and false" in member["description"]
    offer = field_schema(Category("offer", ("a", "none")))
    assert offer["description"] == 'A blank (null, or an empty text) is the category "none".'
    children = field_schema(Category("children", ("0", "1", "3+")))
    assert (children["type"], children["description"]) == ("string", "A number is the category that spells it.")
    many = field_schema(Category("city", ("", *(f"city_{number}" for number in range(50)))))
    assert many["description"].startswith("One of 51 known categories. GET /model lists them. A blank")


def test_a_field_of_very_many_categories_has_no_enum():
    schema = field_schema(Category("city", tuple(f"city_{number}" for number in range(51))))
    assert "enum" not in schema
    assert "51 known categories" in schema["description"]
    assert len(field_schema(Category("city", tuple(f"city_{number}" for number in range(50))))["enum"]) == 50


def test_a_number_that_may_be_negative_has_no_minimum():
    assert "minimum" not in field_schema(Number("balance", -5.0, 5.0))


@pytest.mark.parametrize("marks", [Marks("$", thousands=True), Marks("kr"), Marks("", thousands=True), Marks("US$")])
@pytest.mark.parametrize("non_negative", [True, False])
def test_a_number_with_marks_takes_a_text_that_has_them(marks, non_negative):
    field = Number("fee", -9000.0, 9000.0, non_negative, marks=marks)
    schema = field_schema(field)
    assert marks.describe() in schema["description"]
    validator = Draft202012Validator(schema)
    assert validator.is_valid(5.5)
    assert validator.is_valid(-5) == validator.is_valid(f"{marks.sign}-5") == (not non_negative)
    assert (
        validator.is_valid(f"{marks.sign}1,234.50")
        == validator.is_valid(f"1,234 {marks.sign}".strip())
        == marks.thousands
    )
    assert not validator.is_valid("5 off")
    assert not validator.is_valid("5 ₪")
    assert customer_schema(Contract((field,)))["examples"] == [{"fee": 0}]


@given(
    data=st.data(),
    marks=st.builds(Marks, st.sampled_from(["", "$", "%", "Kč"]), st.booleans(), st.booleans()),
    low=st.booleans(),
)
def test_all_texts_that_the_schema_of_marks_allows_are_taken(data, marks, low):
    field = Number("fee", non_negative=low, marks=marks)
    text = data.draw(st.from_regex(marked_pattern(field, marks), fullmatch=True))
    assert isinstance(field.read(text), float)


@given(
    data=st.data(),
    marks=st.builds(Marks, st.sampled_from(["", "$", "%"]), st.booleans(), st.booleans()),
    lowest=st.none() | st.sampled_from([-1500.25, -3.0, 0.0, 0.001, 0.5, 7.0, 1800.0]),
    width=st.none() | st.sampled_from([0.002, 0.16, 1.0, 99.5, 250.0, 12_345.67]),
)
def test_all_texts_that_the_schema_of_marks_allows_are_within_the_limits(data, marks, lowest, width):
    highest = None if width is None else (lowest or 0.0) + width
    field = Number("fee", lowest=lowest, highest=highest, marks=marks)
    pattern = marked_pattern(field, marks)
    if pattern is None:
        assert (lowest, width) == (0.001, 0.002)  # which needs three decimals
    else:
        assert isinstance(field.read(data.draw(st.from_regex(pattern, fullmatch=True))), float)


def test_texts_with_marks_reach_to_both_limits():
    field = Number("fee", lowest=-15.5, highest=1_234.25, marks=Marks("$", thousands=True))
    validator = Draft202012Validator(field_schema(field))
    taken = [
        "$-15.5",
        "$-15.50",
        "$-15",
        "$-0.01",
        "$0",
        "0.07 $",
        "$9",
        "$10",
        "$999.99",
        "$1,199",
        "$1,234",
        "$1,234.25",
    ]
    refused = ["$-15.51", "$-16", "$1,234.26", "$1,235", "$2,000", "$12,340", "$1,2340", "$05"]
    for text in taken:
        assert validator.is_valid(text), text
    for text in refused:
        assert not validator.is_valid(text), text
    for cents in range(-2_000, 130_000, 7):
        assert validator.is_valid(f"${cents / 100:,.2f}") == (-1_550 <= cents <= 123_425)


@settings(max_examples=100)
@given(st.data())
def test_the_schema_allows_of_customers_in_clean_spelling_just_what_is_taken(data):
    contract = data.draw(contracts())
    customer = data.draw(customers_of(contract))
    is_allowed = Draft202012Validator(customer_schema(contract)).is_valid(customer)
    if is_allowed or all(is_clean(field, customer[field.name]) for field in contract.fields):
        assert is_allowed == is_taken(contract, customer)


def is_clean(field: Category | Number | Flag, value: object) -> bool:
    """Whether a value is spelled as the schema has it: a category, a number of JSON that is no blank, a flag."""
    if isinstance(field, Category):
        return value in field.categories
    if isinstance(value, str) or value is None or isinstance(value, bool) != isinstance(field, Flag):
        return isinstance(field, Flag) and value in (0, 1)
    return isinstance(field, Flag) or not field.is_blank(value)


def is_taken(contract: Contract, customer: dict) -> bool:
    try:
        return bool(contract.read_customer(customer))
    except CustomerError:
        return False


def test_the_words_for_a_blank_are_in_the_description():
    one = field_schema(Category("city", ("", "bonn"), missing=("?",)))
    assert one["description"] == 'A blank (null, an empty text, or the word ?) is the category "".'
    two = field_schema(Number("income", 0.0, 9.0, blank=Blank(4.0), missing=("na", "n/a")))
    assert two["description"].endswith("A blank (null, an empty text, or one of the words na, n/a) stands for 4.")


def test_a_blank_that_is_weighed_by_itself_is_said_to_be():
    described = field_schema(Number("income", 0.0, 9.0, blank=Blank(4.0, apart=True)))
    assert described["description"].endswith("A blank (null, or an empty text) is weighed by itself.")
    assert described["type"] == "number"


def test_a_number_that_is_no_number_but_a_blank_is_not_in_the_schema_where_its_blank_is_refused():
    given = {"missing": ("-1",), "lowest": -10.0, "highest": 10.0}
    refused = Draft202012Validator(field_schema(Number("income", **given)))
    assert (refused.is_valid(-1), refused.is_valid(-2)) == (False, True)
    assert Draft202012Validator(field_schema(Number("income", **given, blank=Blank(4.0)))).is_valid(-1)


def test_groups_are_in_the_schema_and_in_the_words_of_their_fields():
    contract = Contract(
        (Category("plan", ("", "basic", "gold")), Flag("phone"), Category("one", ("a",))),
        (Group((Where("plan", "basic"), Where("phone", 0.0), Where("one", "a"))),),
    )
    schema = customer_schema(contract)
    words = {name: described["description"] for name, described in schema["properties"].items()}
    assert words["plan"].endswith("It is basic where phone is 0, and only there.")
    assert words["phone"] == "0 or 1, true or false. It is 0 where plan is basic, and only there."
    validator = Draft202012Validator(schema)
    good = {"plan": "basic", "phone": False, "one": "a"}
    assert validator.is_valid(good)
    assert validator.is_valid(good | {"phone": 0})
    for change_to in ({"phone": True}, {"phone": 1}, {"plan": ""}, {"plan": "gold"}):
        assert not validator.is_valid(good | change_to)


def test_a_model_of_before_there_were_limits_and_groups_is_described_without(tmp_path):
    document = read_document(ServedModel(PROJECT / "tests" / "cards" / "before-limits.bin"))
    validate(document)
    schema = document["components"]["schemas"]["Customer"]
    assert "allOf" not in schema
    numbers = [field for field in schema["properties"].values() if field.get("type") == "number"]
    assert numbers
    for number in numbers:
        assert "maximum" not in number
        assert "which is no limit" in number["description"]


def test_the_example_is_near_the_average_customer_and_without_one_in_the_middle():
    plan, senior = Category("plan", ("basic", "gold")), Flag("senior")
    months, fee = Number("months", 0.0, 72.0), Number("fee", 0.5, 9.5)
    average = {"plan=basic": 0.3, "plan=gold": 0.7, "senior": 0.6, "months": 32.4, "fee": 6.123}
    contract = Contract((plan, senior, months, fee))
    assert example_customer(contract, average) == {"plan": "gold", "senior": 1, "months": 32, "fee": 6.12}
    assert example_customer(contract) == {"plan": "basic", "senior": 0, "months": 36, "fee": 5.0}
    assert customer_schema(contract)["examples"] == [example_customer(contract)]
    curved = {name: mean for name, mean in average.items() if name not in ("months", "fee")}
    curved |= {"within(months,0.0,72.0)": 32.4, "log1p(within(months,0.0,72.0))": 3.1, "within(fee,0.5,9.5)": 6.123}
    assert example_customer(contract, curved) == example_customer(contract, average)


def test_the_example_is_within_the_observed_range_though_it_has_three_digits():
    contract = Contract((Number("since", 1996, 1999), Number("score", 1_001.5, 1_004.5), Category("nothing", ())))
    average = {"since": 1997.2, "score": 1_003.4}
    assert example_customer(contract, average) == {"since": 1999, "score": 1_001.5, "nothing": ""}


def test_a_model_s_own_verb_is_the_document_s_and_a_text_in_its_markdown(served):
    other = ServedModel(served.current.path)
    card = msgspec.structs.replace(other.current.card, event="buy *again* <b>")
    other.current = dataclasses.replace(other.current, card=card)
    document = read_document(other)
    schemas = document["components"]["schemas"]
    assert document["info"]["summary"] == "Which customers will buy *again* <b>."
    assert schemas["Probability"]["description"] == r"The probability that the customer will buy \*again\* \<b\>."
    text = msgspec.json.encode(document).decode().replace("without it they leave", "")
    for word in ("leave", "leaving", "the one that stays"):
        assert word not in text, word
    answer = make_client(other).get("/model")
    assert answer.json["event"] == "buy *again* <b>"
    assert_documented(document, "/model", "get", answer)
