"""The goals for this service in `make bench`, and whether it reaches them: by medians, with the worst round."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from bench import lists
from bench.lineup import (
    BARE_KEYED,
    CONSTANT,
    CONSTANT_KEYED,
    FLASK,
    KEYED,
    SERVICE,
    SERVICE_KEYED,
    TWINS,
    TWINS_KEYED,
)
from bench.report import Rounds, Works, ratios, table
from bench.running import Server

HEAD = ("this service", "must", "aimed at", "measured, median (worst)", "reached")


class Goal(NamedTuple):
    """A goal for a figure of this service, with the figure in each round; `figures` is empty if it was not measured.

    `most` is True if the limits are the highest allowed values, not the lowest.
    """

    name: str
    must: float | None
    aimed_at: float | None
    figures: Sequence[float]
    most: bool = False

    @property
    def median(self) -> float:
        return statistics.median(self.figures)

    @property
    def worst(self) -> float:
        return max(self.figures) if self.most else min(self.figures)

    def reached(self) -> str:
        """The limit that is reached, in words."""
        if not self.figures:
            return "not measured"
        if self.aimed_at is not None and self._holds(self.aimed_at):
            return "what is aimed at"
        return "what must be" if self.must is not None and self._holds(self.must) else "no"

    def _holds(self, limit: float) -> bool:
        return self.median <= limit if self.most else self.median >= limit


def goal_table(rounds: Rounds, works: Works, memory: Sequence[tuple[int, float]]) -> str:
    """A line for each goal: for the servers' rounds, for lists, and for the memory after many requests."""
    rows = []
    for goal in (*_rate_goals(rounds), *_other_goals(rounds), _list_goal(works), _memory_goal(memory)):
        side = "at most " if goal.most else ""
        limits = ["" if limit is None else f"{side}{limit:g}" for limit in (goal.must, goal.aimed_at)]
        measured = f"{goal.median:.2f} ({goal.worst:.2f})" if goal.figures else ""
        rows.append((goal.name, *limits, measured, goal.reached()))
    return table(HEAD, rows)


def _rate_goals(rounds: Rounds) -> list[Goal]:
    """The goals for requests per CPU-second."""
    twin = max(TWINS_KEYED, key=lambda twin: statistics.median(row.requests_per_cpu_s for row in rounds[twin.name]))
    of = "requests per CPU-second, of those of"
    return [
        Goal(f"{of} {twin.name}", 3, 4, _rates(rounds, SERVICE_KEYED, twin)),
        Goal(f"{of} the {BARE_KEYED.name}", 1.1, 1.3, _rates(rounds, SERVICE_KEYED, BARE_KEYED)),
        Goal(f"{of} the {FLASK.name}", 7, 10, _rates(rounds, SERVICE, FLASK)),
        Goal(f"{of} {CONSTANT.name}", None, 0.5, _rates(rounds, SERVICE, CONSTANT)),
        Goal(f"{of} {CONSTANT_KEYED.name}", None, 0.3, _rates(rounds, SERVICE_KEYED, CONSTANT_KEYED)),
    ]


def _rates(rounds: Rounds, server: Server, other: Server) -> Sequence[float]:
    """The ratios to the other server; empty if that was not measured."""
    return ratios(rounds[server.name], rounds[other.name]) if other.name in rounds else ()


def _other_goals(rounds: Rounds) -> list[Goal]:
    """The goals for latency, start and memory."""
    ours = rounds[SERVICE.name]
    return [
        Goal("p99, of the lowest of the FastAPI servers'", 1, None, _waits(rounds, SERVICE, TWINS), most=True),
        Goal(f"the same{KEYED}", 1, None, _waits(rounds, SERVICE_KEYED, TWINS_KEYED), most=True),
        Goal("ready, s", 0.5, None, [row.ready_s for row in ours], most=True),
        Goal("PSS of gunicorn and one worker, MiB", 45, None, [row.memory_mib for row in ours], most=True),
    ]


def _waits(rounds: Rounds, server: Server, others: Sequence[Server]) -> list[float]:
    rows = zip(rounds[server.name], *(rounds[other.name] for other in others), strict=True)
    return [ours.p99_ms / min(other.p99_ms for other in theirs) for ours, *theirs in rows]


def _list_goal(works: Works) -> Goal:
    pairs = zip(works[lists.SERVICE], works[lists.SKLEARN], strict=True)
    figures = [ours.per_cpu_s / theirs.per_cpu_s for ours, theirs in pairs]
    return Goal("a list, customers per CPU-second, of those of scikit-learn alone", 2.5, 3, figures)


def _memory_goal(memory: Sequence[tuple[int, float]]) -> Goal:
    (_, first), (requests, last) = memory[0], memory[-1]
    return Goal(f"memory, MiB more after {requests:,} requests", 2, None, [last - first], most=True)
