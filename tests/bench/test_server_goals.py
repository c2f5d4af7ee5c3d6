"""The goals of `make bench`: their figures, when they are reached, and goals that are not measured."""

import pytest

from bench import lineup, lists
from bench.report import Measured, Work
from bench.server_goals import HEAD, goal_table
from tests.bench.reports import read_tables

TWIN = "requests per CPU-second, of those of FastAPI, our weights, body by hand, key and head"


def measured(rate, **other):
    values = {"requests_per_s": 1.0, "p50_ms": 1.0, "p99_ms": 2.0, "errors": 0, "ready_s": 0.4, "memory_mib": 44.0}
    return Measured(rate, 1.0, **(values | other))


def goals(left_out=(), memory=((1_000, 40.0), (1_000_000, 41.5)), list_s=(0.5, 0.3, 0.35), **rates):
    """The rows of the table, where each server has a rate of 1,000 except those that are named."""
    rounds = {
        server.name: [measured(rate) for rate in rates.get(name, (1_000, 1_000, 1_000))]
        for name, server in vars(lineup).items()
        if server in lineup.SERVERS and server not in left_out
    }
    works = {lists.SERVICE: [Work(10, 1.0, cpu_s) for cpu_s in list_s], lists.SKLEARN: [Work(10, 1.0, 1.0)] * 3}
    return read_tables(goal_table(rounds, works, list(memory)))[HEAD]


def test_a_goal_is_judged_by_the_median_of_the_rounds_own_ratios():
    """3500/1000, 3000/500 and 2000/1000 have the median 3.5; the bare app's are as high as the goal."""
    rows = goals(
        SERVICE_KEYED=(3_500, 3_000, 2_000), BY_HAND_KEYED=(1_000, 500, 1_000), BARE_KEYED=(2_000, 2_000, 1_600),
        TWIN_KEYED=(800, 500, 800),
    )  # fmt: skip
    assert rows[TWIN] == (TWIN, "3", "4", "3.50 (2.00)", "what must be")
    bare = "requests per CPU-second, of those of the bare ASGI app, key and head"
    assert rows[bare] == (bare, "1.1", "1.3", "1.50 (1.25)", "what is aimed at")


def test_the_better_twin_is_the_faster_one():
    rows = goals(BY_HAND_KEYED=(900, 900, 900))
    assert "requests per CPU-second, of those of FastAPI, our weights, key and head" in rows
    assert TWIN not in rows


@pytest.mark.parametrize(("rate", "reached"), [(6_990, "no"), (7_000, "what must be"), (10_000, "what is aimed at")])
def test_a_constant_flask_view_must_be_seven_times_slower(rate, reached):
    name = "requests per CPU-second, of those of the constant Flask view"
    assert goals(SERVICE=(rate,) * 3)[name][-1] == reached


def test_without_nginx_its_goals_are_not_measured():
    rows = goals(left_out=(lineup.CONSTANT, lineup.CONSTANT_KEYED))
    name = "requests per CPU-second, of those of nginx answering a constant"
    assert rows[name] == (name, "", "0.5", "", "not measured")


def test_a_figure_that_should_be_low_is_judged_by_its_median_and_its_highest_is_shown_with_it():
    rows = goals()
    waits = "p99, of the lowest of the FastAPI servers'"
    assert rows[waits] == (waits, "at most 1", "", "1.00 (1.00)", "what must be")
    assert rows["ready, s"] == ("ready, s", "at most 0.5", "", "0.40 (0.40)", "what must be")


def test_lists_and_memory_are_goals_too():
    rows = goals()
    lines = "a list, customers per CPU-second, of those of scikit-learn alone"
    assert rows[lines] == (lines, "2.5", "3", "2.86 (2.00)", "what must be")
    grown = "memory, MiB more after 1,000,000 requests"
    assert rows[grown] == (grown, "at most 2", "", "1.50 (1.50)", "what must be")
    assert goals(memory=((1_000, 40.0), (1_000_000, 42.5)))[grown][-1] == "no"
