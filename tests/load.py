"""Load for the tests and for bench/soak.py: clients that send requests one after another over kept connections.

The outcome of each request is counted: every request is in `statuses`, `lost`, `killed` or `reopened`.
"""

import http.client
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Load:
    """`clients` threads that POST one customer, or a body, to a path over and over until the block is left.

    The test sets `stopping` when it stops the service: connections that are refused after that are counted in
    `refused`. The test sets `killing` while it kills a worker: connections that break then are counted in `killed`.

    `answers` counts (model version, answer) of every 200, `statuses` all answers. A connection that breaks before an
    answer, or gives no answer in 20 s, is in `lost`. The exception is an idle kept-alive connection that the server
    closed before the request got anywhere: the request is sent again on a new connection, as HTTP lets any client do,
    and is counted in `reopened`.
    """

    url: str
    customer: dict | bytes
    clients: int = 4
    path: str = "/predict"
    content_type: str = "application/json"
    killing: threading.Event = field(default_factory=threading.Event)
    answers: Counter = field(default_factory=Counter)
    statuses: Counter = field(default_factory=Counter)
    lost: list[Exception] = field(default_factory=list)
    sent: int = 0
    refused: int = 0
    reopened: int = 0
    killed: int = 0
    longest_s: float = 0.0

    def __enter__(self) -> "Load":
        self._counting = threading.Lock()
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
        """Return when `count` more requests have been answered."""
        goal = self.statuses.total() + count
        while self.statuses.total() < goal and any(thread.is_alive() for thread in self._threads):
            self._stop.wait(0.01)

    def _run(self) -> None:
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=20)
        body = self.customer if isinstance(self.customer, bytes) else json.dumps(self.customer).encode()
        fresh = True
        while not self._stop.is_set():
            late = fresh and self.stopping.is_set()
            if connection.sock is None and not self._connect(connection):
                continue
            try:
                fresh = self._ask(connection, body)
            except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
                connection.close()
                self._count_broken(error, fresh=fresh, late=late)
                fresh = True
        connection.close()

    def _connect(self, connection: http.client.HTTPConnection) -> bool:
        try:
            connection.connect()
        except (ConnectionError, TimeoutError):
            with self._counting:
                self.refused += 1
            connection.close()
            self._stop.wait(0.02)
            return False
        return True

    def _ask(self, connection: http.client.HTTPConnection, body: bytes) -> bool:
        """Send one request and count its answer; true if the next request needs a new connection."""
        with self._counting:
            self.sent += 1
        began = time.monotonic()
        connection.request("POST", self.path, body, {"Content-Type": self.content_type})
        response = connection.getresponse()
        content = response.read()
        with self._counting:
            self.longest_s = max(self.longest_s, time.monotonic() - began)
            self.statuses[response.status] += 1
            if response.status == 200:
                self.answers[response.headers["X-Model-Version"], content] += 1
        return response.will_close

    def _count_broken(self, error: Exception, *, fresh: bool, late: bool) -> None:
        with self._counting:
            if late:
                self.refused += 1
            elif self.killing.is_set():
                self.killed += 1
            elif fresh or isinstance(error, http.client.IncompleteRead | TimeoutError):
                self.lost.append(error)
            else:
                self.reopened += 1
