"""The cost of a request: this service compared with the course's view, FastAPI, bare Python and constant answers.

    make bench            # or: python -m bench.servers [--rounds 5] [--seconds 3] [--connections 16]

The servers run one after another, each on a core of its own, in another order in each round; wrk sends requests from
another core. The figure to compare is requests per second of the server's CPU time, which other load on the machine
changes least. Before it is timed, each server must answer with the model's probability for the customer. Servers with
checks must refuse wrong customers, and servers with a key must refuse requests without it.
"""

import argparse
import json
import math
import os
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from bench.customers import CUSTOMER, MODEL, PROJECT, WRONG
from bench.lineup import BASES, KEYED, KEYED_BASES, SERVERS, SERVICE
from bench.lists import measure_files, measure_lists
from bench.machine import machine, nginx_version, pinned, two_cores, versions
from bench.production_head import KEY_HEADER
from bench.report import REPORT, Measured, Rounds, memory_table, quote_in, ratio_table, server_table, work_table
from bench.running import Running, Server
from bench.server_goals import goal_table
from bench.wrk import Load, need_wrk, put_load
from churn.files import replace_file
from churn.model.file import load_model
from churn.model.scoring import probability

RESULTS = PROJECT / "bench" / "results.md"
PERFORMANCE = PROJECT / "docs" / "performance.md"
TOLERANCE = 1e-9
Put = Callable[..., Load]
PACKAGES = ("flask", "gunicorn", "fastapi", "pydantic", "uvicorn", "uvloop", "httptools", "granian", "scikit-learn")


def main(arguments: list[str] | None = None) -> None:
    options = parse(arguments)
    need_wrk()
    software = versions(*PACKAGES) + nginx_version()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends started servers, as Ctrl-C does
    serving, asking = two_cores()
    put = partial(put_load, body=json.dumps(CUSTOMER), connections=options.connections, core=asking)
    load_before = os.getloadavg()[0]
    with pinned(asking):  # keeps this process off the server's core, too
        rounds = measure_rounds(options.servers, put, rounds=options.rounds, seconds=options.seconds, core=serving)
        quote = f"{describe(options, load_before)}\n{software}.\n\n{server_table(rounds)}"
        if options.only:
            print(quote)
            return
        memory = measure_memory(put, requests=options.requests, core=serving)
        lists = measure_lists(SERVICE, count=options.customers, rounds=options.rounds, core=serving)
    files = measure_files(rows=options.rows, rounds=options.rounds)
    report = REPORT.format(
        options=options,
        quote=quote,
        goals=goal_table(rounds, lists, memory),
        opentelemetry=versions("opentelemetry-api").partition(", ")[2],
        **ratio_tables(rounds),
        lists=work_table(lists),
        files=work_table(files),
        memory=memory_table(memory),
    )
    print(report)
    errors = sum(measurement.errors for measured in rounds.values() for measurement in measured)
    if errors:
        raise SystemExit(f"nothing is written: {errors} errors under load")
    if options.write:
        replace_file(RESULTS, report.encode())
        replace_file(PERFORMANCE, quote_in(PERFORMANCE.read_text(), quote).encode())


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=positive, default=5)
    parser.add_argument("--seconds", type=positive, default=3, help="of load on each server in each round")
    parser.add_argument("--connections", type=positive, default=16)
    parser.add_argument("--requests", type=positive, default=1_000_000, help="after which the memory is told")
    parser.add_argument("--customers", type=positive, default=10_000, help="in a list")
    parser.add_argument("--rows", type=positive, default=200_000, help="in a file")
    parser.add_argument(
        "--only", default="", metavar="NAME", help="the servers with this in their name; writes nothing"
    )
    parser.add_argument(
        "--no-write", dest="write", action="store_false", help="leave bench/results.md and docs/performance.md alone"
    )
    options = parser.parse_args(arguments)
    chosen = [server for server in SERVERS if options.only in server.name]
    options.servers = tuple(server for server in chosen if not server.missing)
    options.left_out = tuple(server for server in chosen if server.missing)
    if not chosen:
        parser.error(f"no server has {options.only!r} in its name: {', '.join(server.name for server in SERVERS)}")
    return options


def describe(options: argparse.Namespace, load_before: float) -> str:
    """A paragraph with the conditions of the measurement. The load average shows the other work of the machine."""
    return (
        f"{options.connections} kept connections, one customer a request; the server on one core, wrk on another.\n"
        f"Medians of {options.rounds} rounds of {options.seconds} s, each server in each round.\n"
        f"{''.join(f'Left out: {server.name}, {server.missing}.{chr(10)}' for server in options.left_out)}"
        f"{machine()}, load average {load_before:.1f} before and {os.getloadavg()[0]:.1f} after, "
        f"{date.today():%Y-%m-%d}."
    )


def positive(text: str) -> int:
    """A whole number of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("1 or more")
    return number


def ratio_tables(rounds: Rounds) -> dict[str, str]:
    """A table of ratios for the servers without a key, and one for the servers with key and headers."""
    keyed = {name: measured for name, measured in rounds.items() if name.endswith(KEYED)}
    plain = {name: measured for name, measured in rounds.items() if name not in keyed}
    return {
        "ratios": ratio_table(plain, [base.name for base in BASES if base.name in plain]),
        "keyed_ratios": ratio_table(keyed, [base.name for base in KEYED_BASES if base.name in keyed]),
    }


def measure_rounds(
    servers: tuple[Server, ...], put: Put, *, rounds: int, seconds: int, core: int
) -> dict[str, list[Measured]]:
    """The figures of every server in every round; each round starts with another server."""
    expected = probability(load_model(MODEL).scorer.log_odds(CUSTOMER))
    measured: dict[str, list[Measured]] = {server.name: [] for server in servers}
    for number in range(rounds):
        first = number % len(servers)
        for server in servers[first:] + servers[:first]:
            with Running(server, core=core) as running:
                verify(running, expected)
                measurement = measure(running, put, seconds)
            measured[server.name].append(measurement)
            print(
                f"round {number + 1}: {server.name}: {measurement.requests_per_cpu_s:,.0f} requests per CPU-second",
                flush=True,
            )
    return measured


def verify(running: Running, expected: float) -> None:
    """Exits if a server's answers are not as `Server` describes them."""
    server = running.server
    for head in wrong_heads(server.head):
        status, _ = running.post(CUSTOMER, head=head)
        if status not in (401, 403):
            raise SystemExit(f"{server.name} answers {status} without the key")
    if not server.scores:
        return
    _, answer = running.post(CUSTOMER)
    if not math.isclose(answer["churn_probability"], expected, rel_tol=0, abs_tol=TOLERANCE):
        raise SystemExit(f"{server.name} answers {answer}, and not {expected}")
    for wrong in WRONG if server.checks else ():
        status, answer = running.post(wrong)
        if not 400 <= status < 500:
            raise SystemExit(f"{server.name} answers {status}, {answer} to the wrong customer {wrong}")


def wrong_heads(head: Mapping[str, str]) -> list[Mapping[str, str]]:
    """The headers without their key, and with another key; empty for headers that have no key."""
    without = {name: value for name, value in head.items() if name != KEY_HEADER}
    return [without, {**without, KEY_HEADER: "another"}] if KEY_HEADER in head else []


def measure(running: Running, put: Put, seconds: int) -> Measured:
    """The figures of one load on one server, after one second of warm-up."""
    head = running.server.head
    put(running.url, head, seconds=1)
    before = running.cpu_s()
    load = put(running.url, head, seconds=seconds)
    cpu_s = running.cpu_s() - before
    return Measured(
        load.requests,
        cpu_s,
        load.requests_per_s,
        load.p50_ms,
        load.p99_ms,
        load.errors,
        running.ready_s,
        running.memory_mib(),
    )


def measure_memory(put: Put, *, requests: int, core: int) -> list[tuple[int, float]]:
    """The requests answered by this service and its memory then: after one second, after half and after all."""
    with Running(SERVICE, core=core) as running:
        load = put(running.url, running.server.head, seconds=1)
        answered, errors, memory = load.requests, load.errors, [(load.requests, running.memory_mib())]
        for goal in (requests // 2, requests):
            while answered < goal:
                seconds = math.ceil((goal - answered) / load.requests_per_s)
                load = put(running.url, running.server.head, seconds=seconds)
                answered += load.requests
                errors += load.errors
            memory.append((answered, running.memory_mib()))
    if errors:
        raise SystemExit(f"{errors} errors in {answered:,} requests")
    return memory


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
