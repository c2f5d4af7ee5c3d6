"""What `make bench` measures with: reading wrk's report and /proc, the servers it starts and ends, the tables."""

import asyncio
import json
import math
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench import customers, lineup, lists, machine, report, running, servers, wrk
from bench.peers import bare_asgi, lock
from bench.production_head import HEAD, KEY, KEY_HEADER
from bench.report import Measured, Work
from tests.customers import CLEAN_CUSTOMERS, GOOD, PROJECT, sklearn_probabilities
from tests.nginx import need_nginx

GOOD_REPORT = """Running 3s test @ http://127.0.0.1:33785/predict
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.09ms  619.55us  12.59ms   95.96%
    Req/Sec     7.74k     1.02k    8.49k    90.00%
  Latency Distribution
     50%  985.00us
     75%    2.05ms
     90%    2.35ms
     99%    1.48s
  23098 requests in 3.00s, 4.21MB read
Requests/sec:   7699.48
Transfer/sec:      1.40MB
"""
BAD_REPORT = """Running 2s test @ http://127.0.0.1:18765/
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    44.22ms   17.59ms 209.39ms   93.55%
    Req/Sec   245.75    112.69   410.00     40.00%
  Latency Distribution
     50%   43.96ms
     75%   44.06ms
     90%   47.47ms
     99%  142.37ms
  490 requests in 2.00s, 56.86KB read
  Socket errors: connect 0, read 11, write 0, timeout 0
  Non-2xx or 3xx responses: 55
Requests/sec:    244.61
Transfer/sec:     28.39KB
"""
STAT = "26455 (a name) R 2 1) S 26453 26453 1 0 -1 4194560 9184 36 0 0 1234 66 5 4 20 0 17 0 2327721 238583808"
SMAPS = """55d5c0a6d000-7ffd1e9f6000 ---p 00000000 00:00 0                          [rollup]
Rss:               65536 kB
Pss:               43520 kB
Pss_Anon:          30000 kB
Shared_Clean:      20000 kB
"""


def test_a_report_of_wrk_is_read():
    assert wrk.read_report(GOOD_REPORT) == wrk.Load(23098, 7699.48, 0.985, 1480.0, 0)


def test_whole_seconds_are_read_which_wrk_fills_up_with_a_blank():
    whole = GOOD_REPORT.replace(" 99%    1.48s\n", " 99%    1.01s \n")
    assert wrk.read_report(whole).p99_ms == 1010.0


def test_refused_requests_and_broken_connections_of_a_report_are_errors():
    assert wrk.read_report(BAD_REPORT) == wrk.Load(490, 244.61, 43.96, 142.37, 11 + 55)


def test_what_is_no_report_is_not_taken_for_one():
    with pytest.raises(ValueError, match="requests in"):
        wrk.read_report("unable to connect to 127.0.0.1:1 Connection refused\n")


def test_without_wrk_one_line_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        wrk.need_wrk()
    assert str(ended.value) == "wrk is not installed: apt-get install wrk"


def test_cpu_time_is_user_and_system_time_of_a_process_with_any_name():
    assert running.cpu_s(STAT) == (1234 + 66) / os.sysconf("SC_CLK_TCK")


def test_memory_is_the_proportional_share():
    assert running.pss_mib(SMAPS) == 42.5


def test_a_block_is_pinned_and_nothing_after_it():
    before = os.sched_getaffinity(0)
    core = max(before)
    with machine.pinned(core):
        said = subprocess.run(
            [sys.executable, "-c", "import os; print(os.sched_getaffinity(0))"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert said == f"{ {core} }\n"
    assert os.sched_getaffinity(0) == before


@pytest.fixture
def service():
    """This service as it is measured."""
    with running.Running(lineup.SERVICE, core=max(os.sched_getaffinity(0))) as one:
        yield one


def test_the_service_is_verified_measured_and_ended(service):
    expected = sklearn_probabilities(customers.MODEL, [GOOD])[0]
    servers.verify(service, expected)
    with pytest.raises(SystemExit, match="this service answers"):
        servers.verify(service, expected + 1e-8)
    load = wrk.Load(requests=100, requests_per_s=50.0, p50_ms=1.0, p99_ms=2.0, errors=0)
    measured = servers.measure(
        service, lambda url, head, seconds: [service.post(GOOD) for _ in range(100)] and load, 1
    )
    assert measured[:6] == (100, measured.cpu_s, 50.0, 1.0, 2.0, 0)
    assert min(measured.cpu_s, measured.ready_s, measured.memory_mib) > 0
    pids = service.pids()
    assert len(pids) == 2  # gunicorn and its worker
    service.__exit__()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.fixture
def keyed_service():
    """This service with a key and the head of production."""
    with running.Running(lineup.SERVICE_KEYED, core=max(os.sched_getaffinity(0))) as service:
        yield service


def test_a_server_with_a_key_is_asked_with_the_head_of_production(keyed_service, monkeypatch):
    expected = sklearn_probabilities(customers.MODEL, [GOOD])[0]
    servers.verify(keyed_service, expected)
    assert [keyed_service.post(GOOD, head=head)[0] for head in servers.wrong_heads(lineup.SERVICE_KEYED.head)] == [
        401,
        401,
    ]
    monkeypatch.setattr(servers, "wrong_heads", lambda head: [head])
    with pytest.raises(SystemExit, match="this service, key and head answers 200 without the key"):
        servers.verify(keyed_service, expected)


def test_the_head_of_production_has_twelve_headers_beside_the_key():
    assert len({*HEAD, "Content-Type", "Content-Length"}) == 12
    assert lineup.SERVICE_KEYED.head == {**HEAD, KEY_HEADER: KEY}
    assert not lineup.SERVICE.head


def test_wrk_sends_the_head_and_the_body_of_a_server():
    script = wrk.write_script({"X-Forwarded-For": "1, 2"}, '{"a":"]]"}')
    assert script.splitlines()[2:] == [
        "wrk.headers[ [==[X-Forwarded-For]==] ] = [==[1, 2]==]",
        'wrk.body = [==[{"a":"]]"}]==]',
    ]


def test_nginx_answers_a_constant_to_who_brings_the_key():
    need_nginx()
    with running.Running(lineup.CONSTANT_KEYED, core=max(os.sched_getaffinity(0))) as nginx:
        servers.verify(nginx, math.nan)
        assert nginx.post(GOOD)[1].keys() == {"churn_probability", "churn"}


@pytest.mark.parametrize("key", ["", KEY])
def test_the_bare_app_answers_what_scikit_learn_does_and_to_nobody_without_the_key(monkeypatch, key):
    monkeypatch.setattr(bare_asgi, "KEY", key.encode())
    monkeypatch.setattr(lock, "KEY", key.encode())
    body = json.dumps(GOOD).encode()
    pieces = [{"body": body[:20], "more_body": True}, {"body": body[20:], "more_body": False}]

    def ask(*headers):
        received, sent = iter(pieces), []

        async def receive():
            return next(received)

        async def send(message):
            sent.append(message)

        asyncio.run(bare_asgi.app({"headers": headers}, receive, send))
        return sent[0]["status"], sent[1]["body"]

    status, content = ask((b"x-api-key", KEY.encode()))
    assert status == 200
    expected = sklearn_probabilities(customers.MODEL, [GOOD])[0]
    assert json.loads(content) == {"churn_probability": pytest.approx(expected, abs=1e-12), "churn": expected >= 0.5}
    assert [ask()[0], ask((b"x-api-key", b"another"))[0]] == ([401, 401] if key else [200, 200])


def test_a_server_that_is_not_installed_is_left_out_and_the_results_say_so(page, monkeypatch, capsys):
    gone = replace(lineup.CONSTANT, missing="nginx is not installed")
    monkeypatch.setattr(servers, "SERVERS", (lineup.SERVICE, gone))
    options = servers.parse([])
    assert options.servers == (lineup.SERVICE,)
    assert "Left out: nginx answering a constant, nginx is not installed.\n" in servers.describe(options, 1.0)


def test_a_server_that_takes_a_wrong_customer_is_not_measured(service, monkeypatch):
    monkeypatch.setattr(servers, "WRONG", (*customers.WRONG, GOOD))
    with pytest.raises(SystemExit, match="to the wrong customer"):
        servers.verify(service, sklearn_probabilities(customers.MODEL, [GOOD])[0])


def test_a_server_that_does_not_start_shows_the_end_of_its_log():
    server = running.Server("a server", (sys.executable, "-c", "raise SystemExit('no such model')"))
    with pytest.raises(SystemExit, match=r"a server does not start .*:\nno such model"):
        running.Running(server, core=max(os.sched_getaffinity(0))).__enter__()


def test_an_interrupted_run_leaves_no_server_behind(monkeypatch):
    pids = []

    def interrupt(service, expected):
        pids.extend(service.pids())
        raise KeyboardInterrupt

    monkeypatch.setattr(servers, "verify", interrupt)
    core = max(os.sched_getaffinity(0))
    with pytest.raises(KeyboardInterrupt):
        servers.measure_rounds((lineup.SERVICE,), lambda url, head, seconds: None, rounds=1, seconds=1, core=core)
    assert len(pids) == 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_no_setting_of_somebodys_shell_is_measured(monkeypatch):
    monkeypatch.setenv("MODEL_FILE", "/nowhere")
    monkeypatch.setenv("API_KEY", "secret")
    with running.Running(lineup.SERVICE, core=max(os.sched_getaffinity(0))) as service:
        assert service.post(GOOD)[0] == 200


def test_every_server_is_named_once_and_its_files_are_there():
    names = [server.name for server in lineup.SERVERS]
    assert len(set(names)) == len(names)
    for base in (*lineup.BASES, *lineup.KEYED_BASES, *lineup.TWINS, *lineup.TWINS_KEYED):
        assert base in lineup.SERVERS
    for server in lineup.SERVERS:
        module = next(part for part in reversed(server.command) if "{" not in part).partition(":")[0]
        assert (PROJECT / f"{module.replace('.', '/')}.py").exists()
        for part in server.command:
            assert not part.endswith(".conf.py") or (PROJECT / part).exists()


def test_the_course_has_the_threads_of_this_service():
    def threads(path):
        return next(line.split()[2] for line in path.read_text().splitlines() if line.startswith("threads = "))

    assert threads(PROJECT / "bench/peers/stock.conf.py") == threads(PROJECT / "gunicorn.conf.py")


def test_the_customer_is_readmes_and_those_of_a_list_are_the_tables():
    assert customers.CUSTOMER == GOOD
    many = customers.clean_customers(len(CLEAN_CUSTOMERS) + 1)
    assert many[-1] == many[0]
    assert many[:-1] == [{name: customer[name] for name in GOOD} for customer in CLEAN_CUSTOMERS]
    record = customers.add_logarithms(GOOD)
    assert record.keys() - GOOD.keys() == {f"log1p({name})" for name in ("tenure", "monthlycharges", "totalcharges")}
    assert record["log1p(tenure)"] == pytest.approx(np.log1p(24), abs=1e-15)


def test_a_list_is_posted_and_given_to_scikit_learn():
    works = lists.measure_lists(lineup.SERVICE, count=20, rounds=1, core=max(os.sched_getaffinity(0)))
    assert [measurement.count for work in works.values() for measurement in work] == [20 * lists.TURNS] * 3


def measured(requests, **other):
    values = {"cpu_s": 2.0, "requests_per_s": 900.0, "p50_ms": 8.0, "p99_ms": 20.0, "errors": 0}
    return Measured(requests, **(values | {"ready_s": 0.5, "memory_mib": 40.0} | other))


ROUNDS = {
    "ours": [measured(4000), measured(2000, errors=3), measured(6600, p99_ms=1000.5, memory_mib=42.6)],
    "theirs": [measured(2000), measured(4000), measured(2200)],
}


def test_the_table_of_servers_has_medians_and_all_errors():
    assert report.server_table(ROUNDS).splitlines()[2:] == [
        "| ours | 2,000 | 1,000 to 3,300 | 900 | 8.00 | 20.00 | 3 | 0.50 | 40 |",
        "| theirs | 1,100 | 1,000 to 2,000 | 900 | 8.00 | 20.00 | 0 | 0.50 | 40 |",
    ]


def test_a_ratio_is_the_median_of_the_rounds_own():
    """Both servers of a round meet the same machine: 2000/1000, 1000/2000 and 3300/1100."""
    assert report.ratio_table(ROUNDS, ["theirs"]).splitlines()[2:] == [
        "| ours | 2.00 (0.50) |",
        "| theirs | 1.00 (1.00) |",
    ]


def test_the_table_of_lists_has_medians():
    works = {"a list": [Work(1000, 0.5, 0.25), Work(1000, 2.0, 1.0), Work(1000, 1.0, 0.5)]}
    assert report.work_table(works).splitlines()[2:] == ["| a list | 2,000 | 1,000 |"]
    assert report.memory_table([(1500, 40.04), (100_000, 41.0)]).splitlines()[2:] == [
        "| 1,500 | 40.0 |",
        "| 100,000 | 41.0 |",
    ]


def test_a_quote_replaces_the_one_before():
    begin, end = report.QUOTE_MARKS
    page = report.quote_in(f"before\n{begin}\n{end}\nafter\n", "old")
    assert report.quote_in(page, "new") == f"before\n{begin}\n\nnew\n\n{end}\nafter\n"
    with pytest.raises(ValueError, match="one"):
        report.quote_in("no marks", "new")


def test_the_table_of_ratios_has_a_part_for_those_with_a_key_that_were_measured():
    left_out = (lineup.CONSTANT, lineup.CONSTANT_KEYED)
    rounds = {server.name: [measured(4000)] for server in lineup.SERVERS if server not in left_out}
    tables = servers.ratio_tables(rounds)
    assert "key" not in tables["ratios"]
    assert "nginx" not in tables["keyed_ratios"]
    rows = [line.split(" | ")[0] for line in tables["keyed_ratios"].splitlines()[2:]]
    assert rows == [f"| {server.name}" for server in lineup.SERVERS if server.head and server not in left_out]


@pytest.fixture
def page(monkeypatch, tmp_path):
    """A page that quotes the results, beside them, and a run of no time."""
    begin, end = report.QUOTE_MARKS
    (tmp_path / "performance.md").write_text(f"{begin}\n{end}\n")
    monkeypatch.setattr(servers, "PERFORMANCE", tmp_path / "performance.md")
    monkeypatch.setattr(servers, "RESULTS", tmp_path / "results.md")
    monkeypatch.setattr(servers, "need_wrk", lambda: None)
    monkeypatch.setattr(servers, "versions", lambda *_: "Python 3")
    monkeypatch.setattr(servers, "two_cores", lambda: (max(os.sched_getaffinity(0)),) * 2)
    work = {way: [Work(1000, 1.0, 1.0)] for way in (lists.SERVICE, lists.SKLEARN)}
    monkeypatch.setattr(servers, "measure_lists", lambda *_, **__: work)
    monkeypatch.setattr(servers, "measure_files", lambda **_: work)
    monkeypatch.setattr(servers, "measure_memory", lambda *_, **__: [(1500, 40.0)])
    monkeypatch.setattr(servers.signal, "signal", lambda *_: None)
    return tmp_path / "performance.md"


def run(monkeypatch, *arguments, errors=0):
    rounds = {server.name: [measured(4000, errors=errors)] for server in lineup.SERVERS}
    monkeypatch.setattr(servers, "measure_rounds", lambda *_, **__: rounds)
    servers.main(list(arguments))


def test_a_run_writes_its_results_and_the_documents_quote(page, monkeypatch):
    run(monkeypatch)
    quote = page.read_text().split(report.QUOTE_MARKS[0])[1].split(report.QUOTE_MARKS[1])[0].strip()
    results = servers.RESULTS.read_text()
    assert results.startswith(f"# What a request costs\n\n{quote}\n\n")
    assert "| this service | 2,000 |" in quote
    assert "{" not in results
    assert "## A list of 10,000 customers in one request" in results


@pytest.mark.parametrize("arguments", [("--no-write",), ("--only", "FastAPI")])
def test_a_run_that_is_not_to_write_leaves_the_files_alone(page, monkeypatch, capsys, arguments):
    run(monkeypatch, *arguments)
    assert "| this service | 2,000 |" in capsys.readouterr().out
    assert not servers.RESULTS.exists()


def test_a_run_with_errors_under_load_writes_nothing(page, monkeypatch):
    with pytest.raises(SystemExit, match="nothing is written: 30 errors under load"):
        run(monkeypatch, errors=2)
    assert not servers.RESULTS.exists()


def test_only_takes_a_part_of_a_name(capsys):
    assert servers.parse(["--only", "by hand"]).servers == (lineup.BY_HAND, lineup.BY_HAND_KEYED)
    with pytest.raises(SystemExit):
        servers.parse(["--only", "nobody"])
    assert "no server has 'nobody' in its name: this service" in capsys.readouterr().err


def test_the_document_quotes_the_results():
    begin, end = report.QUOTE_MARKS
    quote = (PROJECT / "docs" / "performance.md").read_text().partition(begin)[2].partition(end)[0].strip()
    results = servers.RESULTS.read_text()
    assert results.startswith(f"# What a request costs\n\n{quote}\n\n")
    rows = [line for line in quote.splitlines() if line.startswith("|")]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows[2:]] == [server.name for server in lineup.SERVERS]


def test_the_readmes_figures_are_the_results():
    text = (PROJECT / "README.md").read_text()
    cells = {
        row[0]: float(row[1].replace(",", ""))
        for row in (line.strip("| ").split(" | ") for line in servers.RESULTS.read_text().splitlines())
        if len(row) > 2 and re.fullmatch(r"[\d,]+", row[1])
    }
    ours, course = cells["this service"], cells["course's view: Flask, scikit-learn"]
    lists = cells["scikit-learn alone, from dicts in memory"] / cells["this service, JSON and HTTP included"]
    assert f"answers {round(ours, -2):,.0f} requests a second, {ours // course:.0f} times as many" in text
    assert re.search(rf"takes\s+{lists:.2f} of the CPU time", text.replace("\n  ", " "))


def test_what_the_documents_say_of_training_is_what_was_measured():
    measured = (PROJECT / "bench" / "training.md").read_text().split("\n\n", 1)[1]
    assert measured in (PROJECT / "docs" / "performance.md").read_text()
