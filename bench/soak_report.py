"""Writes bench/soak.md: the outcome of each request, and a comparison with the service's counters."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from bench.report import memory_table, table
from bench.soak_traffic import Tally

SAMPLES = 12
MOST_GROWN_MIB = 10
"""Allowed growth from the second third of the time to the last: memory varies as workers restart and score lists."""
FEWEST_SAMPLES = 30
"""A soak with fewer samples is too short to show a growth of memory: its workers are still warming up."""

REPORT = """# A soak

{about}

{disturbances}. Clients that dripped were ended {fates}.

| request | sent | answered | cut by a kill | sent again | lost | wrong | longest wait, s |
|---|---|---|---|---|---|---|---|
{requests}

Each that was sent was answered, or its connection was cut when its worker was killed (SIGKILL), or it was sent again:
a kept connection that the service had closed between two requests, as HTTP allows. A wrong answer is one with another
status than expected, or with a probability that is not scikit-learn's for the model that the answer names.

{counters}

An answer that the service counted and that is not among those of the clients was cut by a kill after it was counted.

{memory}
"""


class Soaked(NamedTuple):
    """The outcome of a soak.

    `disturbances` has the number of each kind, `fates` the ends of slow clients by status, 0 for no answer. `memory`
    has requests sent so far, and MiB. `metrics` is the service's own text, `log` its log.
    """

    tallies: Sequence[Tally]
    disturbances: Mapping[str, int]
    fates: Counter[int]
    memory: Sequence[tuple[int, float]]
    metrics: str
    log: str


class Counted(NamedTuple):
    """The clients' count of an event and the service's counter; kills may have cut off up to `cut` answers."""

    name: str
    seen: int
    counted: int
    cut: int

    @property
    def agrees(self) -> bool:
        return self.seen <= self.counted <= self.seen + self.cut


def write_report(soaked: Soaked, about: str) -> str:
    """The outcome of a soak as Markdown; `about` describes how and where it was run."""
    rows = table((), map(_row, soaked.tallies)).split("\n", 2)[2]
    counted = [(of.name, f"{of.seen:,}", f"{of.counted:,}", f"{of.cut:,}") for of in compare_counters(soaked)]
    step = max(1, len(soaked.memory) // SAMPLES)
    return REPORT.format(
        about=about,
        disturbances=", ".join(f"{count:,} x {name}" for name, count in sorted(soaked.disturbances.items())),
        fates=", ".join(
            f"{count:,} x {f'by a {status}' if status else 'without a word'}"
            for status, count in sorted(soaked.fates.items())
        )
        or "never",
        requests=rows,
        counters=table(("answers", "seen by clients", "counted by the service", "cut by kills, at most"), counted),
        memory=memory_table(soaked.memory[::step]),
    )


def _row(tally: Tally) -> tuple[str, ...]:
    counts = (tally.sent, tally.answered, tally.killed, tally.reopened, tally.lost, tally.wrong)
    return (tally.kind.name, *(f"{count:,}" for count in counts), f"{tally.longest_s:.2f}")


def find_faults(soaked: Soaked) -> list[str]:
    """The faults of a soak, in words; empty if there are none."""
    faults = []
    for tally in soaked.tallies:
        name = tally.kind.name
        if tally.sent != tally.answered + tally.killed + tally.reopened + tally.lost:
            faults.append(f"{name}: {tally.sent:,} were sent, and not all of them are accounted for")
        faults += [
            f"{name}: {count:,} {word}" for count, word in ((tally.lost, "lost"), (tally.wrong, "wrong")) if count
        ]
    faults += [
        f"{of.name}: seen {of.seen:,}, counted {of.counted:,}" for of in compare_counters(soaked) if not of.agrees
    ]
    if grown_mib(soaked.memory) > MOST_GROWN_MIB:
        faults.append(f"the memory grew by {grown_mib(soaked.memory):.1f} MiB")
    if "Traceback" in soaked.log:
        faults.append("there is a traceback in the log")
    return faults


def compare_counters(soaked: Soaked) -> list[Counted]:
    """Each counter of the service with the clients' count, without /metrics."""
    counters, customers = _read_counters(soaked.metrics), 0
    seen: Counter[tuple[str, int]] = Counter({("none", status): n for status, n in soaked.fates.items() if status})
    cut: Counter[tuple[str, int]] = Counter({("none", 408): soaked.fates[0]})
    cut_customers = 0
    for tally in soaked.tallies:
        route = "none" if tally.kind.status == 404 else "/predict"
        seen.update({(route, status): count for status, count in tally.statuses.items()})
        cut[route, tally.kind.status] += tally.killed
        customers += tally.statuses[200] * len(tally.kind.customers)
        cut_customers += tally.killed * len(tally.kind.customers)
    counted = [
        Counted(f"{route}, {status}", seen[route, status], counters[route, str(status)], cut[route, status])
        for route, status in sorted(seen)
    ]
    return [*counted, Counted("customers scored", customers, counters["customers",], cut_customers)]


def _read_counters(metrics: str) -> Counter[tuple[str, ...]]:
    """The counts of requests by route and status, and of customers scored."""
    found: Counter[tuple[str, ...]] = Counter()
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            if sample.name == "churn_http_requests_total":
                found[sample.labels["route"], sample.labels["status"]] = int(sample.value)
            elif sample.name == "churn_customers_scored_total":
                found["customers",] = int(sample.value)
    return found


def grown_mib(memory: Sequence[tuple[int, float]]) -> float:
    """The mean memory of the last third of the time less that of the second third; 0 if there are few samples."""
    if len(memory) < FEWEST_SAMPLES:
        return 0.0
    third = len(memory) // 3
    middle, last = ([mib for _, mib in part] for part in (memory[third : 2 * third], memory[-third:]))
    return sum(last) / len(last) - sum(middle) / len(middle)
