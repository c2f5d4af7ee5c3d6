"""Writes bench/results.md: medians of measurements, as Markdown. A ratio is the median of the rounds' own ratios."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class Measured(NamedTuple):
    """The figures of one server in one round; `cpu_s` is the CPU time of all of its processes for `requests`."""

    requests: int
    cpu_s: float
    requests_per_s: float
    p50_ms: float
    p99_ms: float
    errors: int
    ready_s: float
    memory_mib: float

    @property
    def requests_per_cpu_s(self) -> float:
        return self.requests / self.cpu_s


class Work(NamedTuple):
    """The number of customers scored in one run, and its seconds."""

    count: int
    wall_s: float
    cpu_s: float

    @property
    def per_cpu_s(self) -> float:
        return self.count / self.cpu_s


Rounds = Mapping[str, Sequence[Measured]]
Works = Mapping[str, Sequence[Work]]

QUOTE_MARKS = ("<!-- of bench/results.md, by make bench -->", "<!-- so far -->")

REPORT = """# What a request costs

{quote}

{goals}

CPU time is that of all processes of a server, PSS their memory after the load, ready the time from the start to the
first answer. An error is an answer that is no success, or a broken connection. With key and head a server has an API
key, which it compares in constant time (nginx: by `if`), and each request has it and the twelve headers that come
through a balancer and Elastic Beanstalk's nginx. The course's view runs on gunicorn's own gthread with as many
threads as this service; the constant Flask view and WSGI app run on this service's worker and configuration.

The FastAPI servers run on uvicorn with uvloop and httptools and check what the contract checks; they have no metrics,
no request ids and no further headers. Their key is a dependency, as in FastAPI's documentation, or read by hand where
the body is. Since 0.142 FastAPI carries OpenTelemetry's API (here {opentelemetry}), which each request
passes; no exporter is set up. The bare ASGI app runs on the same uvicorn, decodes the body by msgspec, adds up the
weights and checks nothing but the key.

{ratios}

{keyed_ratios}

## A list of {options.customers:,} customers in one request, on one core

{lists}

scikit-learn gets dicts of clean values, logarithms included, and gives an array: no JSON, no checks.

## A file of {options.rows:,} customers, on all cores

{files}

## Memory of this service under load

{memory}
"""

SERVER_HEAD = (
    "server",
    "requests per CPU-second",
    "lowest to highest",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "errors",
    "ready s",
    "PSS MiB",
)


def server_table(rounds: Rounds) -> str:
    """A line for each server."""
    rows = []
    for name, measured in rounds.items():
        rates = [measurement.requests_per_cpu_s for measurement in measured]
        rows.append(
            (
                name,
                f"{statistics.median(rates):,.0f}",
                f"{min(rates):,.0f} to {max(rates):,.0f}",
                f"{_median(measured, 'requests_per_s'):,.0f}",
                f"{_median(measured, 'p50_ms'):.2f}",
                f"{_median(measured, 'p99_ms'):.2f}",
                f"{sum(measurement.errors for measurement in measured):,}",
                f"{_median(measured, 'ready_s'):.2f}",
                f"{_median(measured, 'memory_mib'):.0f}",
            )
        )
    return table(SERVER_HEAD, rows)


def ratio_table(rounds: Rounds, bases: Sequence[str]) -> str:
    """A table of each server's requests per CPU-second as a multiple of each base's; the lowest round in brackets."""
    rows = [(name, *(_ratio(measured, rounds[base]) for base in bases)) for name, measured in rounds.items()]
    return table(("requests per CPU-second, as a multiple of", *bases), rows)


def ratios(measured: Sequence[Measured], base: Sequence[Measured]) -> list[float]:
    """The requests per CPU-second as a multiple of another server's, in each round."""
    pairs = zip(measured, base, strict=True)
    return [ours.requests_per_cpu_s / other.requests_per_cpu_s for ours, other in pairs]


def work_table(works: Works) -> str:
    """A line for each way to score many customers at once."""
    rows = []
    for name, done in works.items():
        wall = statistics.median(measurement.count / measurement.wall_s for measurement in done)
        cpu = statistics.median(measurement.per_cpu_s for measurement in done)
        rows.append((name, f"{cpu:,.0f}", f"{wall:,.0f}"))
    return table(("way", "customers per CPU-second", "customers/s"), rows)


def memory_table(memory: Sequence[tuple[int, float]]) -> str:
    """A table of the memory after each number of answered requests."""
    return table(("requests", "PSS MiB"), [(f"{requests:,}", f"{mib:.1f}") for requests, mib in memory])


def quote_in(page: str, quote: str) -> str:
    """The page with the quotation of the results, between its two marks, replaced by `quote`."""
    begin, end = QUOTE_MARKS
    if page.count(begin) != 1 or page.count(end) != 1:
        raise ValueError(f"the page needs one {begin} and one {end}")
    return f"{page.partition(begin)[0]}{begin}\n\n{quote}\n\n{end}{page.partition(end)[2]}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    first, *others = (f"| {' | '.join(row)} |" for row in (head, *rows))
    return "\n".join([first, f"|{'---|' * len(head)}", *others])


def _median(measured: Sequence[Measured], name: str) -> float:
    return statistics.median(getattr(measurement, name) for measurement in measured)


def _ratio(measured: Sequence[Measured], base: Sequence[Measured]) -> str:
    by_round = ratios(measured, base)
    return f"{statistics.median(by_round):.2f} ({min(by_round):.2f})"
