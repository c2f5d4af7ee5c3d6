"""Behind nginx, which shares its connections to the service among all clients: nobody pays for another's request."""

import json
from contextlib import ExitStack

import pytest
import requests

from tests import nginx
from tests.customers import GOOD, sklearn_probabilities
from tests.load import Load
from tests.nginx import need_nginx, run_nginx
from tests.raw_requests import LANE, OTHERS, find_fate
from tests.serving import Server, samples

pytestmark = pytest.mark.server


@pytest.mark.parametrize(("setting", "ending"), [("", pytest.skip.Exception), ("required", pytest.fail.Exception)])
def test_without_nginx_these_tests_are_left_out_or_fail_where_they_are_required(monkeypatch, setting, ending):
    monkeypatch.setattr(nginx, "NGINX", None)
    monkeypatch.setenv("NGINX_TESTS", setting)
    with pytest.raises(ending, match=r"the nginx tests were left out: .*apt-get install nginx-light"):
        need_nginx()


REFUSED = {  # by what is sent: customer, path, content type
    404: ({"x": "a" * 300_000}, "/nope", "application/json"),
    415: ({"x": "a" * 300_000}, "/predict", "text/plain"),
    413: ({"x": "a" * 11_000_000}, "/predict", "application/json"),
}


def test_clients_with_large_refused_bodies_cost_the_others_nothing(tmp_path, shipped, measured):
    need_nginx()
    expected = sklearn_probabilities(shipped.path, [GOOD])[0]
    with ExitStack() as stack:
        server = stack.enter_context(Server(tmp_path / "log.txt", WEB_CONCURRENCY="2"))
        url = stack.enter_context(run_nginx(tmp_path, upstream=server.port))
        refused = {
            status: stack.enter_context(Load(url, customer, clients=1, path=path, content_type=content_type))
            for status, (customer, path, content_type) in REFUSED.items()
        }
        served = stack.enter_context(Load(url, GOOD, clients=8))
        served.wait_for(4_000)
        for load in refused.values():
            load.wait_for(10)
    failed = served.statuses.total() - served.statuses[200]
    measured.append(f"behind nginx {failed} of {served.statuses.total()} requests failed")
    assert (set(served.statuses), served.lost, served.refused) == ({200}, [], 0), served.statuses
    for _, content in served.answers:
        assert json.loads(content)["churn_probability"] == pytest.approx(expected, abs=1e-12)
    for status, load in refused.items():
        assert (set(load.statuses), load.lost, load.refused) == ({status}, [], 0)


def test_with_and_without_the_fast_lane_clients_of_nginx_get_the_same(tmp_path):
    """nginx with Elastic Beanstalk's header map says `Connection: upgrade` to the service, to whatever it is sent."""
    need_nginx()
    cases = {**LANE, **OTHERS}
    with ExitStack() as stack:
        ports, servers = [], []
        for log in ("off", "on"):
            folder = tmp_path / log
            folder.mkdir()
            server = Server(folder / "log.txt", ACCESS_LOG=log, PYTHONHASHSEED="0")
            servers.append(stack.enter_context(server))
            url = stack.enter_context(run_nginx(folder, upstream=server.port))
            ports.append(int(url.rpartition(":")[2]))
        for name, request in cases.items():
            found, expected = (find_fate(port, [request], half_close=False) for port in ports)
            assert found == expected, name
            if name in LANE.keys() - {"as many headers as are taken"} or name == "a cookie of 12 kB":
                assert (found.answered.split()[1], found.kept) == (b"200", True), name
        counted = [samples(requests.get(f"{server.url}/metrics", timeout=5).text) for server in servers]
    answered = "churn_http_requests_total", ("route", "/predict"), ("status", "200")
    assert counted[0][answered] == counted[1][answered] > len(LANE)
