"""The customers that a request counts: each one that is answered, however it came, and none of a refused request."""

from collections import Counter

import msgspec
import pytest

from churn.server.served_model import ServedModel
from churn.watch.tally import Tally
from churn.web import answers
from tests.apps import make_client
from tests.customers import CLEAN_CUSTOMERS, GOOD, RAW_CUSTOMERS
from tests.posting import post
from tests.ways_in import as_csv

SENT = RAW_CUSTOMERS[:7]
BAD = SENT[3] | {"Contract": "weekly"}
JSON = {"Accept": "application/json"}


def alone(client, customers, query="", **headers):
    return [client.post(f"/predict{query}", json=customer, headers=headers) for customer in customers]


def as_list(client, customers, query="", **headers):
    return [client.post(f"/predict{query}", json=customers, headers=headers)]


def as_table(client, customers, query="", **headers):
    given = {"Content-Type": "text/csv"} | headers
    return [client.post(f"/predict{query}", data=as_csv(customers), headers=given)]


WAYS = {
    "alone": (alone, "", {}),
    "alone, by Flask": (alone, "?explain=false", {}),
    "alone, with reasons": (alone, "?explain=true", {}),
    "a list": (as_list, "", {}),
    "a list with reasons": (as_list, "?explain=2", {}),
    "a table": (as_table, "", {}),
    "a table with reasons": (as_table, "?explain=1", {}),
    "a table, answered in JSON": (as_table, "", JSON),
    "a table, its problems reported": (as_table, "?errors=report", {}),
    "a table, its problems reported in JSON": (as_table, "?errors=report&cells=true", JSON),
}


@pytest.fixture
def served(shipped) -> ServedModel:
    """The shipped model with its own counts."""
    return ServedModel(shipped.path)


def counts_of(served: ServedModel):
    return served.now.tally.read()


def check_counted(served: ServedModel, answered: list[dict]) -> None:
    """Compare the counts with customers in clean spelling, by fields of each kind, and with their probabilities."""
    counts, bins = counts_of(served), served.now.tally.layout.bins
    assert counts.answers == sum(counts.probabilities) == len(answered)
    for name in ("contract", "paymentmethod", "seniorcitizen", "tenure"):
        expected = Counter(bins[name].place(customer[name]) for customer in answered)
        assert counts.fields[name] == [expected[place] for place in range(bins[name].n_places)], name
    scored = [served.current.scorer.score_customers([customer])[0] for customer in answered]
    leaving = sum(counts.probabilities[served.now.tally.layout.probability_bins.n_below :])
    assert leaving == sum(probability >= served.current.threshold for probability in scored)


@pytest.mark.parametrize("way", WAYS)
def test_each_customer_that_is_answered_is_counted_once(served, way):
    send, query, headers = WAYS[way]
    assert {response.status_code for response in send(make_client(served), SENT, query, **headers)} == {200}
    check_counted(served, CLEAN_CUSTOMERS[:7])


@pytest.mark.parametrize("way", WAYS)
def test_a_what_if_is_answered_and_not_counted(served, way):
    send, query, headers = WAYS[way]
    client = make_client(served)
    tried = send(client, SENT, query, **headers, **{"X-What-If": "1"})
    check_counted(served, [])
    real = send(client, SENT, query, **headers, **{"X-What-If": "0"})
    assert [response.data for response in tried] == [response.data for response in real]
    check_counted(served, CLEAN_CUSTOMERS[:7])


@pytest.mark.parametrize("way", [way for way in WAYS if "reported" not in way])
def test_a_refused_request_counts_none_of_its_customers(served, way):
    send, query, headers = WAYS[way]
    customers = [BAD] if send is alone else [*SENT, BAD]
    assert {response.status_code for response in send(make_client(served), customers, query, **headers)} == {422}
    check_counted(served, [])


@pytest.mark.parametrize("way", [way for way in WAYS if "reported" in way])
def test_where_a_tables_problems_are_reported_its_good_rows_are_counted(served, way):
    send, query, headers = WAYS[way]
    (response,) = send(make_client(served), [*SENT[:3], BAD, *SENT[3:]], query, **headers)
    assert response.status_code == 200
    check_counted(served, CLEAN_CUSTOMERS[:7])


def test_a_request_refused_after_its_customers_were_scored_counts_none_of_them(served, monkeypatch):
    monkeypatch.setattr(answers, "MAX_REASONS", 10)
    assert make_client(served).post("/predict?explain=3", json=SENT).status_code == 413
    check_counted(served, [])


@pytest.mark.parametrize("customers", [GOOD, [GOOD, GOOD]])
def test_a_customer_that_is_not_answered_because_the_service_fails_is_not_counted(served, customers, monkeypatch):
    monkeypatch.setattr("churn.server.metrics.Metrics.count_scored", lambda *_, **__: 1 / 0)
    assert make_client(served).post("/predict", json=customers).status_code == 500
    check_counted(served, [])


def test_a_long_list_is_counted_at_once_and_whole(served, monkeypatch):
    """No other thread sees part of the list, though its customers are not kept in memory."""
    seen, count_list = [], Tally.count_list

    def look_around(tally, counted):
        seen.append((counts_of(served).answers, len(counted._probabilities)))
        count_list(tally, counted)
        seen.append((counts_of(served).answers, 0))

    monkeypatch.setattr(Tally, "count_list", look_around)
    customers = CLEAN_CUSTOMERS[:3_000]
    assert post(make_client(served), msgspec.json.encode(customers)).status_code == 200
    assert seen == [(0, 3_000 - 2 * 1_024), (3_000, 0)]
    check_counted(served, customers)


def test_golden_customers_are_not_counted(pair):
    served = ServedModel(pair)
    served.restore()
    assert served.current.card.golden
    assert counts_of(served).answers == 0
