"""Behind nginx, which shares its connections to the service among all clients: nobody pays for another's request."""

import json
from contextlib import ExitStack

import pytest

from tests import nginx
from tests.customers import GOOD, sklearn_probabilities
from tests.load import Load
from tests.nginx import need_nginx, run_nginx
from tests.serving import Server

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
