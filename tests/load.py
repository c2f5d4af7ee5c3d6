"""Load for the tests: clients that send one after another over kept connections and count what became of each."""

import http.client
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Load:
    """`clients` threads that POST one customer to a path over and over, until the block is left.

    `stopping` is for the test to set when it stops the service: who connects after that is turned away.

    `answers` counts (model version, answer) of every 200, `statuses` all answers. A connection that breaks before
    an answer is in `lost`, unless it was an idle kept-alive one that the server closed before the request got
    anywhere: that is sent again on a new connection, as HTTP lets any client do, and is in `reopened`.
    """

    url: str
    customer: dict
    clients: int = 4
    path: str = "/predict"
    content_type: str = "application/json"
    answers: Counter = field(default_factory=Counter)
    statuses: Counter = field(default_factory=Counter)
    lost: list[Exception] = field(default_factory=list)
    refused: int = 0
    reopened: int = 0

    def __enter__(self) -> "Load":
        self.stopping = threading.Event()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(self.clients)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive(), "a client never got its answer"

    def wait_for(self, count: int) -> None:
        """Returns when `count` more requests have been answered."""
        goal = self.statuses.total() + count
        while self.statuses.total() < goal and any(thread.is_alive() for thread in self._threads):
            self._stop.wait(0.01)

    def _run(self) -> None:
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=20)
        body, fresh = json.dumps(self.customer).encode(), True
        while not self._stop.is_set():
            late = fresh and self.stopping.is_set()
            try:
                connection.request("POST", self.path, body, {"Content-Type": self.content_type})
                response = connection.getresponse()
                content = response.read()
            except (ConnectionRefusedError, TimeoutError):
                self.refused += 1
                connection.close()
                self._stop.wait(0.02)
                fresh = True
                continue
            except (http.client.HTTPException, ConnectionError) as error:
                connection.close()
                if late:
                    self.refused += 1
                elif fresh or isinstance(error, http.client.IncompleteRead):
                    self.lost.append(error)
                else:
                    self.reopened += 1
                fresh = True
                continue
            fresh = response.will_close
            self.statuses[response.status] += 1
            if response.status == 200:
                self.answers[response.headers["X-Model-Version"], content] += 1
        connection.close()
