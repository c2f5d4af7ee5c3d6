"""The answer to a request that is refused before the app sees it, in the one shape of problems (RFC 9457).

It repeats nothing of the request: that may be a customer's values.
"""

import msgspec

LATE = (408, "Request Timeout", "the request did not come in time")
TOO_LONG = (431, "Request Header Fields Too Large", "the request line or a header is too long")
FULL = (503, "Service Unavailable", "too many large requests at once; send it again")
_RETRY_AFTER_S = 10


def refuse(status: int, title: str, detail: str) -> bytes:
    """The whole answer, which says that the connection is closed.

    >>> refuse(*LATE).splitlines()[0]
    b'HTTP/1.1 408 Request Timeout'
    """
    body = msgspec.json.encode({"title": title, "status": status, "detail": detail})
    head = f"HTTP/1.1 {status} {title}\r\nContent-Type: application/problem+json\r\nConnection: close\r\n"
    if status == 503:
        head += f"Retry-After: {_RETRY_AFTER_S}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
