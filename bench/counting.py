"""The cost of counting a customer, compared with scoring one: the shipped model, customers of the shipped table.

    python -m bench.counting [--rounds 100]

Customers are decoded from JSON before timing starts. Each round scores them and counts them, one at a time and in
lists. A ratio is the median of the rounds' own ratios, and a difference is to only scoring the same customers.
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from bench.customers import MODEL, clean_customers
from bench.machine import machine, took, versions
from bench.report import table
from churn.model.bins import find_edges
from churn.model.file import load_model
from churn.model.scoring import probability
from churn.server.shared_folder import IN_MEMORY
from churn.watch.layout import Layout
from churn.watch.tally import Tally

CUSTOMERS = 1_000
LISTS = (10, 100, 1_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    rounds = parser.parse_args().rounds
    scorer, rows = load_model(MODEL).scorer, clean_customers(5_634)
    edges = {field.name: find_edges(row[field.name] for row in rows) for field in scorer.contract.numbers}
    bodies = [msgspec.json.encode(rows[start : start + CUSTOMERS]) for start in range(0, 5_000, CUSTOMERS)]

    def score(customers: list[dict]) -> list[float]:
        return [probability(scorer.log_odds(customer)) for customer in customers]

    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        tally = Tally(Path(folder), Layout(scorer, edges, threshold=0.5), version="bench")

        def alone(customers: list[dict]) -> None:
            for customer in customers:
                placed = scorer.place(customer)
                tally.count(placed, probability(placed[0]))

        def in_lists(size: int) -> Callable[[list[dict]], None]:
            def work(customers: list[dict]) -> None:
                for start in range(0, len(customers), size):
                    counted = tally.new_list()
                    for customer in customers[start : start + size]:
                        placed = scorer.place(customer)
                        counted.add(placed, probability(placed[0]))
                    tally.count_list(counted)

            return work

        ways = {"scored": score, "counted alone": alone}
        ways |= {f"counted in lists of {size:,}": in_lists(size) for size in LISTS}
        taken = [[cpu_us(way, bodies[number % len(bodies)]) for way in ways.values()] for number in range(rounds)]
    print(f"{machine()}; {versions('msgspec')}; medians of {rounds} rounds of {CUSTOMERS:,} customers, CPU time.\n")
    print(cost_table(list(ways), taken))


def cpu_us(way: Callable[[list[dict]], object], body: bytes) -> float:
    """The CPU time of a customer, in microseconds."""
    customers = msgspec.json.decode(body)
    return took(lambda: way(customers))[1] / CUSTOMERS * 1e6


def cost_table(names: Sequence[str], taken: Sequence[Sequence[float]]) -> str:
    rows = [(names[0], f"{statistics.median(costs[0] for costs in taken):.2f}", "1.00")]
    for place, name in enumerate(names[1:], 1):
        added = statistics.median(costs[place] - costs[0] for costs in taken)
        ratio = statistics.median((costs[place] - costs[0]) / costs[0] for costs in taken)
        rows.append((name, f"{added:.2f}", f"{ratio:.2f}"))
    return table(("a customer", "us", "of scoring"), rows)


if __name__ == "__main__":
    main()
