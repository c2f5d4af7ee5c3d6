"""The counts of customers that a real service shows: in steps of 50, the same at each worker and both routes, and
exact however its workers end.
"""

import http.client
import json
import os
import signal
from itertools import cycle
from pathlib import Path

import pytest

from churn.model.file import load_model, write_pair
from churn.server.shared_folder import IN_MEMORY
from tests.customers import CLEAN_CUSTOMERS
from tests.pairs import other_pair
from tests.serving import Server, reach_workers, samples, wait_until
from tests.watch.customers import with_campaign

pytestmark = pytest.mark.server

COUNTED = ("churn_answered_customers", "churn_out_of_range", "churn_drifted_fields", "churn_expected_auc")


@pytest.fixture
def counted_pair(shipped, tmp_path) -> Path:
    """The shipped model with a card that has counts of training."""
    path = tmp_path / "model.bin"
    write_pair(path, shipped.pair.pickled, with_campaign(shipped).card)
    return path


def ask(connection: http.client.HTTPConnection, method: str, path: str, content: object = None) -> bytes:
    body = None if content is None else json.dumps(content)
    connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
    answer = connection.getresponse()
    assert answer.status == 200
    return answer.read()


def look(connection: http.client.HTTPConnection) -> tuple[dict, dict[tuple, float]]:
    """The content of /drift from a worker, and that of /metrics on the same counts."""
    found = samples(ask(connection, "GET", "/metrics").decode())
    return json.loads(ask(connection, "GET", "/drift")), {
        key: value for key, value in found.items() if key[0].startswith(COUNTED)
    }


def shown(looked: list[tuple[dict, dict]]) -> int:
    """The number of customers shown, after a check that all workers and both routes show exactly the same."""
    drift, metrics = looked[0]
    assert all(other == (drift, metrics) for other in looked)
    answers = drift["answers"]
    assert answers == drift["counts"]["answers"] == sum(drift["counts"]["probabilities"])
    for field, counts in drift["counts"]["fields"].items():
        of_field = [value for key, value in metrics.items() if "answered" in key[0] and ("field", field) in key]
        assert of_field == counts
        assert sum(counts) == answers
    return answers


def contracts_of(looked: list[tuple[dict, dict]]) -> list[int]:
    """The customers shown by contract: month to month, one year, two years."""
    return looked[0][0]["counts"]["fields"]["contract"]


def expected_contracts(customers: list[dict]) -> list[int]:
    contracts = [customer["contract"] for customer in customers]
    return [contracts.count(contract) for contract in ("month-to-month", "one_year", "two_year")]


def test_nothing_is_shown_after_each_of_49_customers_exactly_50_after_the_50th_and_then_nothing_until_100(
    tmp_path, counted_pair
):
    with (
        Server(tmp_path / "log.txt", MODEL_FILE=str(counted_pair), WEB_CONCURRENCY="2") as server,
        reach_workers(server) as workers,
    ):
        last = [look(worker) for worker in workers]
        assert shown(last) == 0
        for sent, worker in zip(range(1, 102), cycle(workers), strict=False):
            ask(worker, "POST", "/predict", CLEAN_CUSTOMERS[sent])
            looked = [look(worker) for worker in workers]
            if sent in (50, 100):
                assert shown(looked) == sent
                assert contracts_of(looked) == expected_contracts(CLEAN_CUSTOMERS[1 : sent + 1])
                last = looked
            assert looked == last, sent


def test_lists_are_shown_whole_and_neither_killed_nor_reloaded_workers_lose_a_customer(tmp_path, counted_pair):
    customers = iter(CLEAN_CUSTOMERS)
    sent: list[dict] = []

    def send(server: Server, count: int) -> list[tuple[dict, dict]]:
        """The content shown by all workers after one of them has answered a list."""
        new = [next(customers) for _ in range(count)]
        with reach_workers(server) as workers:
            ask(workers[len(sent) % 2], "POST", "/predict", new)
            sent.extend(new)
            return [look(worker) for worker in workers]

    with Server(tmp_path / "log.txt", MODEL_FILE=str(counted_pair), WEB_CONCURRENCY="2") as server:
        assert shown(send(server, 30)) == 0
        sixty = send(server, 30)
        assert (shown(sixty), contracts_of(sixty)) == (60, expected_contracts(sent))
        for ending in ("SIGKILL", "SIGHUP"):
            before = send(server, 49)
            workers = server.workers()
            if ending == "SIGHUP":
                os.kill(server.process.pid, signal.SIGHUP)
            else:
                for worker in workers:
                    os.kill(worker, signal.SIGKILL)
            server.wait_for_workers(gone=workers)
            with reach_workers(server) as reached:
                assert [look(worker) for worker in reached] == before
            after = send(server, 1)
            assert (shown(after), contracts_of(after)) == (len(sent), expected_contracts(sent))
    assert len(sent) == 160


def counts_files(server: Server) -> set[str]:
    """The names of the files of a service's counts, without their endings: one name for each model."""
    mapped = Path(f"/proc/{server.workers()[0]}/maps").read_text().split()
    (folder,) = {
        Path(path).parent for path in mapped if path.startswith(f"{IN_MEMORY}/churn-") and "/counts-" in path
    }
    return {path.name[: len("counts-") + 16] for path in folder.glob("counts-*")}


def test_another_model_starts_its_counts_at_zero_and_so_does_the_first_one_when_it_is_back(tmp_path, counted_pair):
    first = counted_pair.read_bytes(), load_model(counted_pair).card
    with (
        Server(tmp_path / "log.txt", MODEL_FILE=str(counted_pair), WEB_CONCURRENCY="2") as server,
        reach_workers(server) as workers,
    ):
        for pickled, card in (other_pair(counted_pair), first):
            ask(workers[1], "POST", "/predict", CLEAN_CUSTOMERS[:70])
            assert shown([look(worker) for worker in workers]) >= 70
            before = counts_files(server)
            write_pair(counted_pair, pickled, card)
            new = card.model_sha256[:12]
            wait_until(lambda new=new: {look(worker)[0]["model"] for worker in workers} == {new})
            assert shown([look(worker) for worker in workers]) == 0
            wait_until(lambda before=before: len(counts_files(server)) == 1 and not counts_files(server) & before)
            ask(workers[0], "POST", "/predict", CLEAN_CUSTOMERS[:49])
            assert shown([look(worker) for worker in workers]) == 0
            ask(workers[1], "POST", "/predict", CLEAN_CUSTOMERS[49])
            looked = [look(worker) for worker in workers]
            assert (shown(looked), contracts_of(looked)) == (50, expected_contracts(CLEAN_CUSTOMERS[:50]))
