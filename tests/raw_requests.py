"""Requests as bytes, by what is special about them, and a client that finds the fate of each.

LANE are requests for the fast lane, OTHERS are not; KEYED are (headers with a key, True if the lane must answer) for
a service whose keys are KEYS. PIPELINES hold more than one request, or less than one.
"""

import json
import re
import socket
import time
from dataclasses import dataclass

from tests.customers import CLEAN_CUSTOMERS, GOOD, RAW_CUSTOMERS, change, read_cases

WHOLE = json.dumps(GOOD).encode()
KEYS = "a-key,another:k\u007ey"
PLAIN = ("Host: churn.example", "Content-Type: application/json")
EB = (  # the headers that Elastic Beanstalk's nginx and a load balancer add
    "X-Real-IP: 10.0.3.17",
    "X-Forwarded-For: 203.0.113.9, 10.0.3.17",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Port: 443",
    "X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678",
    "User-Agent: python-requests/2.32",
    "Accept: */*",
    "Accept-Encoding: gzip, deflate",
)


def raw(
    body: object = WHOLE,
    *more: str,
    line: str = "POST /predict HTTP/1.1",
    fields: tuple[str, ...] = PLAIN,
    length: object = None,
    end: str = "\r\n",
) -> bytes:
    """A request. `more` are further header lines; length="" leaves Content-Length out."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [line, *fields, *more]
    if length != "":
        lines.append(f"Content-Length: {len(content) if length is None else length}")
    return "".join(text + end for text in (*lines, "")).encode("latin-1") + content


def without(name: str) -> tuple[str, ...]:
    return tuple(field for field in PLAIN if not field.startswith(name))


LANE = {
    "the customer of the course": raw(),
    "with space around": raw(b" \r\n\t" + WHOLE + b"\n"),
    "with further fields": raw(GOOD | {"id": 7, "note": "\u00e9", "nested": {"a": [1, {"b": None}]}}),
    "without space": raw(json.dumps(GOOD, separators=(",", ":")).encode()),
    "of many further fields": raw(GOOD | {f"x{number}": number for number in range(500)}),
    "up to 16 KiB": raw(WHOLE + b" " * (16_384 - len(raw(length=99_999)))),
    "headers in capitals": raw(fields=tuple(f.replace("Host", "HOST").replace("Type", "TYPE") for f in PLAIN)),
    "headers in small letters": raw(fields=tuple(f.split(":")[0].lower() + ":" + f.split(":")[1] for f in PLAIN)),
    "no blank after the colon": raw(WHOLE, "A:b", fields=("Host:a", "Content-Type:application/json")),
    "values with blanks": raw(WHOLE, "X-Request-ID:    order-17   ", "Connection:   keep-alive  "),
    "empty values": raw(WHOLE, "Cookie:", "X-Request-ID: ", "traceparent:"),
    "Elastic Beanstalk's headers": raw(WHOLE, *EB),
    "Elastic Beanstalk's headers and Connection": raw(WHOLE, *EB, "Connection: upgrade"),
    "keep-alive": raw(WHOLE, "Connection: Keep-Alive"),
    "HTTP/1.0's header": raw(WHOLE, "Keep-Alive: timeout=5", "Proxy-Connection: close"),
    "as many headers as are taken": raw(WHOLE, *(f"X-{number}: y" for number in range(47))),
    "a name of 64": raw(WHOLE, "A" * 64 + ": b"),
    "a value of 4000": raw(WHOLE, "Cookie: " + "c" * 4_000),
    "an address for a host": raw(fields=("Host: 10.0.0.7:9696", PLAIN[1])),
    "a host's name of a container": raw(fields=("Host: churn_api-1", PLAIN[1])),
    "a large port": raw(fields=("Host: evil.example:99999", PLAIN[1])),
    "a key that nobody wants": raw(WHOLE, "Authorization: Bearer x", "X-API-Key: y"),
    "headers that mean nothing here": raw(WHOLE, "Accept: text/html", "Cookie: a=b", "Range: bytes=0-1", "From: :"),
    "all printable characters": raw(WHOLE, "X-All: " + "".join(map(chr, range(32, 127)))),
    "forwarded nonsense": raw(WHOLE, "X-Forwarded-For: '", "X-Forwarded-Proto: ftp", "Forwarded: for=_x", "Via: a"),
    "another method in a header": raw(WHOLE, "X-HTTP-Method-Override: DELETE", "X-Original-URL: /admin"),
    "a blank behind the content type": raw(fields=(PLAIN[0], "Content-Type: application/json ")),
    "a length with a blank behind": raw(length=f"{len(WHOLE)} "),
    "what if": raw(WHOLE, "X-What-If: 1"),
    "what if not": raw(WHOLE, "X-What-If: true"),
    **{f"spelled: {case['name']}": raw(change(case)) for case in read_cases("taken_customers.json")},
    **{f"customer {row} as in the table": raw(RAW_CUSTOMERS[row]) for row in range(0, 7_000, 700)},
    **{f"customer {row}, clean": raw(CLEAN_CUSTOMERS[row]) for row in range(0, 7_000, 700)},
    **{
        f"the request id {given[:9]!r} of {len(given)}": raw(WHOLE, f"X-Request-ID: {given}")
        for given in ("order-17", "a" * 128, "a" * 129, "two words", "<script>", "a,b", "a/b:c=+")
    },
    **{
        f"traceparent: {case['name']}": raw(WHOLE, f"traceparent: {case['traceparent']}")
        for case in read_cases("traceparents.json")
        if case["traceparent"].isascii() and case["traceparent"].isprintable()
    },
}
_LONG = b'{"a": "' + b"x" * 300_000 + b'"}'
OTHERS = {
    **{
        f"the host {host[:9]!r} of {len(host)}": raw(fields=(f"Host: {host}", PLAIN[1]))
        for host in ("a b<>", "a..b", ".a", "a.", "a" * 64 + ".x", "[::1]:9696", "\u00e9.example", "a:b", "")
    },
    "no host": raw(fields=without("Host")),
    "two hosts": raw(WHOLE, "Host: b"),
    "a list": raw([GOOD, GOOD]),
    "an empty list": raw(b" []"),
    "a table": raw(",".join(GOOD).encode(), fields=(PLAIN[0], "Content-Type: text/csv")),
    "reasons": raw(line="POST /predict?explain=true HTTP/1.1"),
    "an empty query": raw(line="POST /predict? HTTP/1.1"),
    "a fragment": raw(line="POST /predict#a HTTP/1.1"),
    "an escaped path": raw(line="POST /pr%65dict HTTP/1.1"),
    "an absolute path": raw(line="POST http://churn.example/predict HTTP/1.1"),
    "another path": raw(line="POST /nowhere HTTP/1.1"),
    "a slash at the end": raw(line="POST /predict/ HTTP/1.1"),
    "a byte order mark": raw(b"\xef\xbb\xbf" + WHOLE),
    "a customer in an object": raw({"customer": GOOD}),
    "a customer encoded twice": raw(json.dumps(WHOLE.decode()).encode()),
    "two slashes": raw(line="POST //predict HTTP/1.1"),
    "a path like it": raw(line="POST /predicted HTTP/1.1"),
    "HTTP/1.0": raw(line="POST /predict HTTP/1.0"),
    "HTTP/1.0, kept": raw(WHOLE, "Connection: keep-alive", line="POST /predict HTTP/1.0"),
    "HTTP/1.2": raw(line="POST /predict HTTP/1.2"),
    "HTTP/2.0": raw(line="POST /predict HTTP/2.0"),
    "HTTP/2's preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"POST /predict\r\n\r\n",
    "small letters": raw(line="post /predict HTTP/1.1"),
    "two blanks": raw(line="POST  /predict HTTP/1.1"),
    "a tab in the line": raw(line="POST\t/predict\tHTTP/1.1"),
    "a blank after the line": raw(line="POST /predict HTTP/1.1 "),
    "an empty line before": b"\r\n" + raw(),
    "two empty lines before": b"\r\n\r\n" + raw(),
    "a bare LF before": b"\n" + raw(),
    **{
        f"the method {method}": raw(line=f"{method} /predict HTTP/1.1")
        for method in ("GET", "HEAD", "OPTIONS", "PUT")
    },
    "close": raw(WHOLE, "Connection: close"),
    "close and keep-alive": raw(WHOLE, "Connection: close, keep-alive"),
    "keep-alive and upgrade": raw(WHOLE, "Connection: keep-alive, Upgrade"),
    "two times Connection": raw(WHOLE, "Connection: keep-alive", "Connection: close"),
    "an upgrade": raw(WHOLE, "Connection: Upgrade", "Upgrade: websocket"),
    "an upgrade to h2c": raw(WHOLE, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAM"),
    "an empty upgrade": raw(WHOLE, "Connection: upgrade", "Upgrade: "),
    "HTTP2-Settings alone": raw(WHOLE, "HTTP2-Settings: AAMAAABk"),
    "trailers announced": raw(WHOLE, "Trailer: X-A"),
    "TE": raw(WHOLE, "TE: trailers", "Connection: TE"),
    "100 Continue": raw(WHOLE, "Expect: 100-continue"),
    "100 Continue in capitals": raw(WHOLE, "Expect: 100-CONTINUE"),
    "another expectation": raw(WHOLE, "Expect: payment"),
    "compressed": raw(WHOLE, "Content-Encoding: gzip"),
    "not compressed": raw(WHOLE, "Content-Encoding: identity"),
    "a content type with UTF-8": raw(fields=(PLAIN[0], "Content-Type: application/json; charset=utf-8")),
    "a content type with Latin-1": raw(fields=(PLAIN[0], "Content-Type: application/json; charset=latin-1")),
    "a content type in capitals": raw(fields=(PLAIN[0], "Content-Type: Application/JSON")),
    "no content type": raw(fields=without("Content-Type")),
    "two content types": raw(WHOLE, "Content-Type: application/json"),
    # smuggling
    "two lengths": raw(WHOLE, f"Content-Length: {len(WHOLE)}"),
    "two different lengths": raw(WHOLE, "Content-Length: 5"),
    "a length twice in one": raw(length=f"{len(WHOLE)}, {len(WHOLE)}"),
    "a length and chunks": raw(b"0\r\n\r\n", "Transfer-Encoding: chunked"),
    "chunks and a length": raw(b"0\r\n\r\n", fields=("Transfer-Encoding: chunked", *PLAIN)),
    "chunked": raw(b"%x\r\n%b\r\n0\r\n\r\n" % (len(WHOLE), WHOLE), "Transfer-Encoding: chunked", length=""),
    "chunked, in capitals": raw(b"0\r\n\r\n", "TRANSFER-ENCODING: CHUNKED", length=""),
    "chunked, with a trailer": raw(b"0\r\nX-A: b\r\n\r\n", "Transfer-Encoding: chunked", length=""),
    "chunked, with a forbidden trailer": raw(b"0\r\nHost: b\r\n\r\n", "Transfer-Encoding: chunked", length=""),
    "chunked, extended": raw(b'2;a="b"\r\n{}\r\n0;x\r\n\r\n', "Transfer-Encoding: chunked", length=""),
    "chunked, badly extended": raw(b"2;\r;\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=""),
    "chunked, a size with a sign": raw(b"+2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=""),
    "chunked, a size with 0x": raw(b"0x2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=""),
    "chunked, a size with a blank": raw(b"2 \r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=""),
    "chunked, a size of zeros": raw(b"0000000000002\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=""),
    "chunked, a bare LF": raw(b"2\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=""),
    "chunked, one byte too many": raw(b"2\r\n{} \r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=""),
    "chunked, of no size": raw(b"\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=""),
    "chunked twice": raw(b"0\r\n\r\n", "Transfer-Encoding: chunked, chunked", length=""),
    "chunked in two headers": raw(
        b"0\r\n\r\n", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked", length=""
    ),
    "identity": raw(WHOLE, "Transfer-Encoding: identity"),
    "compressed and chunked": raw(b"0\r\n\r\n", "Transfer-Encoding: gzip, chunked", length=""),
    "an unknown coding": raw(b"0\r\n\r\n", "Transfer-Encoding: xchunked", length=""),
    "a coding with a form feed": raw(b"0\r\n\r\n", "Transfer-Encoding: \x0cchunked", length=""),
    "a blank before the colon": raw(b"0\r\n\r\n", "Transfer-Encoding : chunked"),
    "a tab before the colon": raw(WHOLE, "X-A\t: b"),
    "a name with an underscore": raw(WHOLE, "X_Request_ID: a"),
    "a length with an underscore": raw(WHOLE, "Content_Length: 5"),
    "a name in Latin-1": raw(WHOLE, "X-\u00c4: b"),
    "a name that grows in capitals": raw(WHOLE, "Content-Length\u00df: 5"),
    "a value in Latin-1": raw(WHOLE, "X-Request-ID: \u00e9"),
    "a value with a no-break space": raw(WHOLE, "Connection:\u00a0close"),
    "a value with a next line": raw(WHOLE, "Connection: close\u0085"),
    "a value with a tab": raw(WHOLE, "Connection: close\t"),
    "a tab before a value": raw(WHOLE, "X-Request-ID:\torder-17"),
    "a NUL": raw(WHOLE, "X-A: a\0b"),
    "a DEL": raw(WHOLE, "X-A: a\x7fb"),
    "a bare CR in a value": raw(WHOLE, "X-A: a\rContent-Length: 5"),
    "a bare LF in a value": raw(WHOLE, "X-A: a\nContent-Length: 5"),
    "a bare CR behind a value": raw(WHOLE, "X-A: a\r"),
    "a folded header": raw(WHOLE, "X-A: a\r\n b"),
    "a folded length": raw(WHOLE, "X-A: a\r\n\tContent-Length: 5"),
    "a line of a blank": raw(WHOLE, " "),
    "a line without a colon": raw(WHOLE, "nonsense"),
    "a name of no letters": raw(WHOLE, ": a"),
    "bare LFs": raw(end="\n"),
    "bare CRs": raw(end="\r"),
    "LF CR": raw(end="\n\r"),
    "two CRs": raw(end="\r\r\n"),
    **{
        f"the length {length!r}": raw(length=length)
        for length in (
            "0",
            "+5",
            "-5",
            "4_9",
            "0x10",
            "1e2",
            "9" * 30,
            f"{len(WHOLE):09}",
            "\u00b2",
            "5 5",
            "5.0",
            "",
        )
    },
    "an empty length": raw(fields=(*PLAIN, "Content-Length:"), length=""),
    "a length with a zero before": raw(length=f"0{len(WHOLE)}"),
    "too many headers": raw(WHOLE, *(f"X-{number}: y" for number in range(48))),
    "a long name": raw(WHOLE, "A" * 65 + ": b"),
    "a value of 4001": raw(WHOLE, "Cookie: " + "c" * 4_001),
    "a cookie of 12 kB": raw(WHOLE, "Cookie: " + "c" * 12_000),
    "a cookie of 17 kB": raw(WHOLE, "Cookie: " + "c" * 17_000),
    "a long line": raw(line=f"POST /{'a' * 5_000} HTTP/1.1"),
    "a body of 64 KiB": raw(WHOLE + b" " * 60_000),
    "a large body": raw(_LONG),
    "a customer with an error": raw(GOOD | {"tenure": "long"}),
    "no customer": raw(b"{}"),
    "no JSON": raw(b"nonsense"),
    "a name given twice": raw(WHOLE.replace(b"{", b'{"tenure": 24, ', 1)),
    "a name given twice, escaped": raw(WHOLE.replace(b"{", b'{"t\\u0065nure": 24, ', 1)),
    "a byte-order mark": raw(b"\xef\xbb\xbf" + WHOLE),
    "two customers": raw(WHOLE + WHOLE),
    "no UTF-8": raw(b'{"contract": "\xff"}'),
    "UTF-16": raw(json.dumps(GOOD).encode("utf-16")),
    "nested too deeply": raw(b'{"a":' * 2_000),
    "a page": raw(b"", line="GET / HTTP/1.1", fields=PLAIN[:1], length=""),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 30,
    "PROXY protocol": b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + raw(),
    "no HTTP at all": b"hello\r\n\r\n",
}
PIPELINES = {
    "two": raw() + raw(),
    "two, the first for Flask": raw(b"{}") + raw(),
    "three, the second for Flask": raw() + raw([GOOD]) + raw(WHOLE, "X-Request-ID: third"),
    "a rest of the next": raw() + raw()[:60],
    "an empty line behind": raw() + b"\r\n" + raw(),
    "a request in a body that is too long": raw(WHOLE + raw(), length=len(WHOLE)),
    "the end of chunks, then a request": raw(b"0\r\n\r\n", "Transfer-Encoding: chunked", length="") + raw(),
    "a refused body, then a request": raw(b"x" * 9_000, line="POST /nope HTTP/1.1") + raw(),
    "close, then a request": raw(WHOLE, "Connection: close") + raw(),
    "nonsense behind": raw() + b"nonsense\r\n\r\n",
    "half a head": raw()[:40],
    "half a body": raw()[:-40],
    "a body that is too short": raw(length=len(WHOLE) + 10),
    "nothing": b"",
    "an empty line": b"\r\n",
}
KEYED = {
    "no key": ((), False),
    "the first": (("X-API-Key: a-key",), True),
    "the second": (("X-API-Key: another:k~y",), True),
    "with blanks": (("X-API-Key:   a-key   ",), True),
    "a bearer": (("Authorization: Bearer a-key",), True),
    "a bearer in small letters": (("authorization: bearer a-key",), True),
    "a bearer with blanks": (("Authorization: Bearer    a-key  ",), True),
    "a bearer with a wrong key beside": (("Authorization: Bearer a-key", "X-API-Key: wrong"), True),
    "a wrong bearer with a key beside": (("Authorization: Bearer wrong", "X-API-Key: a-key"), False),
    "another scheme with a key beside": (("Authorization: Basic a-key", "X-API-Key: a-key"), True),
    "another scheme": (("Authorization: Basic a-key",), False),
    "a scheme alone": (("Authorization: Bearer", "X-API-Key: a-key"), False),
    "a wrong one": (("X-API-Key: a-kez",), False),
    "a longer one": (("X-API-Key: a-keys",), False),
    "a shorter one": (("X-API-Key: a-ke",), False),
    "all of them": (("X-API-Key: a-key,another:k~y",), False),
    "two of them": (("X-API-Key: a-key", "X-API-Key: a-key"), False),
    "an empty one": (("X-API-Key:",), False),
    "in capitals": (("X-API-KEY: A-KEY",), False),
    "in Latin-1": (("X-API-Key: a-key\u00e9",), False),
    "a tab behind": (("X-API-Key: a-key\t",), False),
    "an underscore": (("X_API_Key: a-key",), False),
    "in the query": (("X-A: b",), False),
}
_LEFT_OUT = re.compile(rb"(?m)^(Date: |X-Request-ID: [0-9a-f]{32}\r).*$")
_PROBE = b"GET /ping HTTP/1.1\r\nHost: probe\r\nX-Request-ID: probe\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Fate:
    """The fate of a request: all bytes of the answers without dates and random ids, and True in `kept` if the
    connection was kept for another request after it.
    """

    answered: bytes
    kept: bool


def find_fate(port: int, pieces: list[bytes], *, patience_s: float = 0.15, half_close: bool = True) -> Fate:
    """Send the pieces of a request one after another, then a second request, then close the sending side.

    With `half_close=False` it stays open: nginx takes a half-closed client for one that has gone.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answered = b""
        try:
            for number, piece in enumerate(pieces):
                if number:
                    time.sleep(0.002)
                client.sendall(piece)
            client.settimeout(patience_s)
            try:
                while received := client.recv(65_536):
                    answered += received
                    if _is_whole(answered):
                        break
            except TimeoutError:  # the service waits for more bytes
                pass
            client.settimeout(30 if half_close else 4)
            client.sendall(_PROBE)
            if half_close:
                client.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            while received := client.recv(65_536):
                answered += received
        except (ConnectionResetError, TimeoutError):
            pass
    return Fate(_LEFT_OUT.sub(b"", answered), b"X-Request-ID: probe" in answered)


def _is_whole(answered: bytes) -> bool:
    """True if the last answer is complete."""
    head, found, body = answered.rpartition(b"HTTP/1.1 ")[2].partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: ([0-9]+)", head)
    return bool(found) and (length is None or len(body) >= int(length[1]))
