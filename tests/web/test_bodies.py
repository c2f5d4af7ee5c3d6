"""The limits of a body, each at its edge: exactly the limit is accepted, and one more is refused."""

import gzip

import pytest
from werkzeug.exceptions import RequestEntityTooLarge

from churn.web.bodies import (
    MAX_CONTAINERS,
    MAX_CUSTOMER_BYTES,
    MAX_CUSTOMERS,
    MAX_VALUES,
    decode_customer,
    decode_customers,
)
from tests.customers import CSV, PROJECT


def nested(containers: int) -> bytes:
    """A JSON array with this many containers, itself included, three to an element."""
    threes, rest = divmod(containers - 1, 3)
    elements = [b"[[[]]]"] * threes + [b"[" * rest + b"]" * rest] * (rest > 0)
    return b"[" + b",".join(elements) + b"]"


def customer_of(size_bytes: int) -> bytes:
    return b'{"x":"' + b"x" * (size_bytes - 8) + b'"}'


EDGES = {
    "objects and arrays": (nested(MAX_CONTAINERS), nested(MAX_CONTAINERS + 1), "60,000 JSON objects and arrays"),
    "values": (
        b"[" + b",".join([b"[" + b"0," * 43 + b"0]"] * (MAX_VALUES // 44)) + b"]",
        b"[" + b",".join([b"[" + b"0," * 43 + b"0]"] * (MAX_VALUES // 44)) + b",0]",
        "440,000 JSON values",
    ),
    "customers": (
        b"[" + b",".join([b"{}"] * MAX_CUSTOMERS) + b"]",
        b"[" + b",".join([b"{}"] * (MAX_CUSTOMERS + 1)) + b"]",
        "20,000 customers",
    ),
    "a customer's bytes": (
        b"[" + customer_of(MAX_CUSTOMER_BYTES) + b"]",
        b"[" + customer_of(MAX_CUSTOMER_BYTES + 1) + b"]",
        "customer 0 (from 0) is larger than 65,536 bytes",
    ),
}


@pytest.mark.parametrize("name", EDGES)
def test_a_list_at_a_limit_is_accepted_and_one_beyond_it_is_refused(name):
    at_the_edge, beyond, words = EDGES[name]
    assert list(decode_customers(at_the_edge))
    with pytest.raises(RequestEntityTooLarge, match=words.replace("(", r"\(").replace(")", r"\)")):
        list(decode_customers(beyond))


def test_a_single_customer_has_the_same_limit():
    assert decode_customer(customer_of(MAX_CUSTOMER_BYTES))
    with pytest.raises(RequestEntityTooLarge, match="a customer is larger than 65,536 bytes"):
        decode_customer(customer_of(MAX_CUSTOMER_BYTES + 1))


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("windows-1252", "cp1252"),
        ("Windows-1252", "cp1252"),
        ("utf-16", "utf-16"),
        ("UTF-8", "utf-8"),
        ("utf8", "utf-8-sig"),
    ],
)
def test_a_csv_in_the_encoding_that_its_charset_names_is_answered_in_utf_8(client, charset, codec):
    text = CSV.read_text(encoding="utf-8").splitlines()[:3]
    plain = "\r\n".join(["Stadt," + text[0], *("K\u00f6ln," + line for line in text[1:]), ""])
    expected = client.post("/predict", data=plain.encode("utf-8"), content_type="text/csv")
    answer = client.post("/predict", data=plain.encode(codec), content_type=f"text/csv; charset={charset}")
    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=utf-8")
    assert answer.data.decode("utf-8-sig") == expected.data.decode()


@pytest.mark.parametrize(
    ("charset", "body", "status", "detail"),
    [
        (
            "utf-8",
            b"a\n\xe9",
            400,
            "the CSV, line 2: it is not UTF-8; save it as 'CSV UTF-8', or give its encoding (charset=, --encoding)",
        ),
        ("utf-16", b"a\0", 400, "without a byte order mark"),
        ("windows-1252", b"a\n\x81", 400, "the CSV, line 2: it is not Windows-1252"),
        ("latin-1", b"a", 415, "send the CSV in one of utf-8, utf-16, windows-1252, and name it in charset"),
        ("utf-16le", b"a", 415, "send the CSV in one of utf-8, utf-16, windows-1252, and name it in charset"),
        ("windows-1252", b"\x80" * 5_000_000, 413, "it takes more than 10,485,760 bytes as UTF-8"),
    ],
)
def test_a_csv_that_is_not_in_its_encoding_is_refused(client, charset, body, status, detail):
    answer = client.post("/predict", data=body, content_type=f"text/csv; charset={charset}")
    assert answer.status_code == status
    assert detail in answer.json["detail"]


WORKBOOKS = PROJECT / "tests" / "workbooks"


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "windows-1252"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            (WORKBOOKS / "libreoffice.xlsx").read_bytes(),
            "an Excel workbook (.xlsx); save it as CSV UTF-8",
        ),
        (
            (WORKBOOKS / "libreoffice.xls").read_bytes(),
            "an old Excel workbook (.xls); save it as .xlsx or",
        ),
        (b"%PDF-1.7\n", "a PDF; save its table as .xlsx or CSV UTF-8"),
        (gzip.compress(b"a,b\n", mtime=0), "a gzip file; unpack it and give the table that is in it"),
        (b"<!DOCTYPE html>\n", "an HTML page; download the table itself, or save it as .xlsx or CSV UTF-8"),
        (b'[{"plan": "basic"}]', "JSON; save its customers as .xlsx or CSV UTF-8, a row for each"),
    ],
    ids=["xlsx", "xls", "pdf", "gzip", "html", "json"],
)
def test_a_table_that_is_not_a_csv_is_named_by_its_kind_with_the_way_out(client, content, words, charset):
    answer = client.post("/predict", data=content, content_type=f"text/csv; charset={charset}")
    assert answer.status_code == 400
    assert answer.json["detail"].startswith(f"the CSV: it is {words}")


def test_json_must_be_utf_8(client):
    answer = client.post("/predict", data=b"{}", content_type="application/json; charset=windows-1252")
    assert (answer.status_code, answer.json["detail"]) == (415, "send the JSON as UTF-8")
