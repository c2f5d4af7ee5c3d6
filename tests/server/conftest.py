"""A hall of connections, for the tests of the modules that accept and keep connections."""

from collections.abc import Callable, Iterator

import pytest

from churn.server import client_socket, connection, connections, entrance
from tests.hall import Clock, Hall


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    for module in (client_socket, connection, connections, entrance):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def make_hall(clock) -> Iterator[Callable[..., Hall]]:
    halls: list[Hall] = []
    yield lambda **further: halls.append(Hall(clock, **further)) or halls[-1]
    for hall in halls:
        for client in hall.clients:
            client.close()
        hall.turn()
        for conn in [*hall.host.handed, *hall.all.large, *hall.all.ready]:
            conn.close()
        hall.host.poller.close()


@pytest.fixture
def hall(make_hall) -> Hall:
    return make_hall()
