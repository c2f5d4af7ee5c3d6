"""Framing against gunicorn's parser: a request is whole exactly when gunicorn needs no further byte.

A request that gunicorn refuses by its head may still wait for its body.
"""

import pytest
from gunicorn.config import Config
from gunicorn.http import get_parser
from hypothesis import given
from hypothesis import strategies as st

from churn.server.framing import MOST_BODY_BYTES, Framing, Progress
from tests.raw_requests import LANE, OTHERS, PIPELINES, WHOLE, raw
from tests.server.test_connections import LENGTH

LINE = 2_048
REQUESTS = {**LANE, **OTHERS, **PIPELINES}


class Wanted(Exception):  # noqa: N818
    """gunicorn asks for more bytes than there are."""


def ask_gunicorn(data: bytes) -> str:
    """gunicorn's verdict on a request without any further bytes: "taken", "refused" or "more"."""
    config = Config()
    for name, limit in (("line", LINE), ("fields", 50), ("field_size", 16_380)):
        config.set(f"limit_request_{name}", limit)

    def pieces():
        yield data
        raise Wanted

    parser = get_parser(config, pieces(), ("127.0.0.1", 1))
    try:
        request = next(parser)
        while request.body.read(65_536):
            pass
    except Wanted:
        return "more"
    except Exception:
        return "refused"
    return "taken"


def follow(data: bytes, pieces: list[int]) -> Progress:
    """The last result of Framing for bytes that come in pieces."""
    framing, came = Framing(LINE), 0
    progress = Progress.HEAD
    for size in [*pieces, len(data)]:
        came = min(len(data), came + size)
        progress = framing.follow(data[:came])
        if progress in (Progress.WHOLE, Progress.LARGE):
            break
    return progress


def check(data: bytes, pieces: list[int]) -> None:
    progress = follow(data, pieces)
    if progress is not Progress.LARGE and data:
        said = ask_gunicorn(data)
        assert said != ("more" if progress is Progress.WHOLE else "taken"), (progress, data[:200])


@pytest.mark.parametrize("name", [name for name in REQUESTS if "TLS" not in name])
def test_a_request_is_whole_when_gunicorn_needs_no_more_of_it(name):
    data = REQUESTS[name]
    middle = data.find(b"\r\n\r\n") + 4
    for cut in sorted({1, 30, middle - 1, middle, middle + 2, len(data) - 1, len(data)} & {*range(len(data) + 1)}):
        check(data[:cut], [])
        check(data[:cut], [7, 300, 1, 1])


@given(st.data())
def test_a_drawn_request_is_whole_when_gunicorn_needs_no_more_of_it(data):
    request = REQUESTS[data.draw(st.sampled_from([name for name in REQUESTS if "TLS" not in name]))][:3_000]
    check(
        request[: data.draw(st.integers(1, len(request) or 1))], data.draw(st.lists(st.integers(1, 400), max_size=5))
    )


HELD = {  # begun requests that gunicorn accepts so far, waiting for more
    "a chunk of nine digits": raw(b"100000000\r\n", "Transfer-Encoding: chunked", length=""),
    "a long extension": raw(b"1;" + b"a" * 4_200, "Transfer-Encoding: chunked", length=""),
    "a size of many zeros": raw(b"0" * 5_000, "Transfer-Encoding: chunked", length=""),
    "two codings": raw(b"", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked", length=""),
    "two expectations": raw(b"", "Expect: 100-continue", "Expect: 100-continue", length=9),
}


@pytest.mark.parametrize("name", HELD)
def test_a_request_that_gunicorn_would_wait_for_is_never_called_whole(name):
    assert ask_gunicorn(HELD[name]) == "more"
    assert follow(HELD[name], []) is Progress.LARGE


_SIZES = st.sampled_from([b"1", b"a", b"0001", b"0", b"00", b"fffffffff", b"1" * 20, b"0x1", b"+1", b"", b"1 ", b"g"])
_EXTENSIONS = st.sampled_from([b"", b"", b";a", b' ; a="b"', b";", b";a\r", b";a\n", b"\t;a", b";" + b"a" * 4_100])
_ENDS = st.sampled_from([b"\r\n"] * 6 + [b"\n", b"\r", b""])
_FRAMING = st.sampled_from(
    [
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding:identity ,\tchunked",
        "Transfer-Encoding : chunked",
        "Content-Length: 5",
        "Content-Length: 05 ",
        "Content-Length: +5",
        "Content-Length: " + "9" * 20,
        "Expect: 100-continue",
        "Expect: payment",
        "Transfer_Encoding: chunked",
    ]
)


@given(st.lists(_FRAMING, max_size=3), st.lists(st.tuples(_SIZES, _EXTENSIONS, _ENDS, _ENDS), max_size=4), st.data())
def test_a_request_with_drawn_framing_is_whole_when_gunicorn_needs_no_more_of_it(fields, chunks, data):
    body = b"".join(size + extension + end + b"x" + after for size, extension, end, after in chunks)
    request = raw(body, *fields, length="")
    check(request[: data.draw(st.integers(20, len(request)))], data.draw(st.lists(st.integers(1, 400), max_size=5)))


@pytest.mark.parametrize(
    ("data", "progress"),
    [
        (LENGTH % MOST_BODY_BYTES, Progress.BODY),
        (LENGTH % (MOST_BODY_BYTES + 1), Progress.LARGE),
        (LENGTH % 10**17, Progress.LARGE),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 300_000, Progress.LARGE),
        (b"GET /" + b"a" * LINE, Progress.WHOLE),
        (b"GET / HTTP/1.1\nHost: a\n\n", Progress.WHOLE),
        (b"GET / HTTP/1.1\r\nHost: a\nB: c", Progress.WHOLE),
        (raw(b"1\r\nx\r\n" * 1_002, "Transfer-Encoding: chunked", length=""), Progress.LARGE),
        (raw(b"50000\r\n" + b"x" * 280_000, "Transfer-Encoding: chunked", length=""), Progress.LARGE),
        (raw(b"0\r\n" + b"A: b\r\n" * 1_000, "Transfer-Encoding: chunked", length=""), Progress.LARGE),
        (raw(b"0" * 5_000, "Transfer-Encoding: chunked", length=""), Progress.LARGE),
        (raw(b"", "Expect: 100-continue", length=10), Progress.BODY),
        (raw(b"", "Expect: 100-continue", "X_A: b", length=10), Progress.LARGE),
        (raw(b"", "Expect: 100-continue", "A: b", "a: c", length=10), Progress.LARGE),
        (raw(b"", "Expect: 100-continue", line="POST / HTTP/1.0", length=10), Progress.LARGE),
    ],
)
def test_a_request_that_is_too_large_or_too_odd_is_not_waited_for(data, progress):
    assert follow(data, []) is progress


def test_it_reports_how_much_is_missing_and_whether_the_client_waits():
    framing = Framing(LINE)
    data = raw(WHOLE, "Expect: 100-Continue")[:-7]
    assert framing.follow(data) is Progress.BODY
    assert (framing.wants_continue, framing.missing_bytes(data), framing.body_bytes) == (True, 7, len(WHOLE))


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (raw(b"{", "X-Request-ID:  a ", fields=("Host:b",), length=9), {"Host": "b", "X-Request-ID": "a"}),
        (raw(b"{", "X-Request-ID: a", length=9)[:60], {}),
        (raw(b"{", "X-Request-ID: a", "x-request-id: b", length=9), {}),
        (raw(b"{", "X-Request-ID: a\r\n b", length=9), {}),
        (raw(b"{", "X-Request-ID: a", "B_C: d", length=9), {}),
        (raw(b"{", "X-Request-ID: a", line="POST / HTTP/1.0", length=9), {}),
    ],
)
def test_the_fields_are_those_of_a_plain_head_that_has_come(data, fields):
    framing = Framing(LINE)
    framing.follow(data)
    found = dict(framing.plain_fields(data))
    assert found == (fields | {"Content-Length": "9"} if fields else {})
