"""Two services, one with the fast lane and one without it, which must give the same answer to any request."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.raw_requests import LANE, Fate, find_fate
from tests.serving import PageServer

_AT_ONCE = 16  # most of the time a case waits in vain for a further answer


def find_fates(
    ports: Sequence[int], cases: Mapping[str, Sequence[bytes]], *, half_close: bool = True
) -> list[dict[str, Fate]]:
    """The fate of each request at each port, by name. Several requests are sent at the same time."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        fates = [
            {name: pool.submit(find_fate, port, pieces, half_close=half_close) for name, pieces in cases.items()}
            for port in ports
        ]
        return [{name: fate.result() for name, fate in of_port.items()} for of_port in fates]


class BothWays:
    """Two services; the second has no fast lane."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.servers = [
            PageServer(folder / f"{log}.txt", ACCESS_LOG=log, PYTHONHASHSEED="0", **environ) for log in ("off", "on")
        ]

    def __enter__(self) -> "BothWays":
        for server in self.servers:
            server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self.servers:
            server.__exit__()

    def ask_all(self, cases: Mapping[str, Sequence[bytes]]) -> dict[str, Fate]:
        """The fates of several requests, by name, after a check that they are equal both ways.

        Each request is a list of pieces. Several requests are sent at the same time.
        """
        found, expected = find_fates([server.port for server in self.servers], cases)
        for name in cases:
            assert found[name] == expected[name], name
        return found


@st.composite
def damaged_requests(draw) -> bytes:
    """A request for the fast lane in which some bytes are changed, removed or inserted."""
    request = bytearray(LANE[draw(st.sampled_from([*LANE]))][:2_000])
    parts = [
        b"\r\n",
        b"\n",
        b"\r",
        b" ",
        b"\t",
        b":",
        b"\0",
        b"_",
        b"0",
        b"\r\n\r\n",
        b"Content-Length: 5\r\n",
        b"close",
    ]
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(request)))
        put = draw(st.sampled_from(parts) | st.binary(max_size=2))
        request[place : place + draw(st.integers(0, 3))] = put
    return bytes(request)


def check_damaged(both: BothWays, requests: int) -> None:
    """Check that at least this many damaged requests get the same answers both ways; each service gets eight at a
    time.
    """
    eight = st.lists(damaged_requests(), min_size=8, max_size=8, unique=True)
    turns = 1 + requests // 8  # the first draw is of the simplest ones

    @settings(max_examples=turns, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
    @given(damaged=eight)
    def check(damaged: list[bytes]) -> None:
        both.ask_all({repr(request): [request] for request in damaged})

    check()
