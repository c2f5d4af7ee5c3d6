"""The bodies that cost the most memory within the limits."""

import json

WORST_BODIES = {
    "empty objects": b"[" + b"{}," * 3_400_000 + b"{}]",
    "as many empty objects as are taken": b"[" + b",".join([b"{}"] * 20_000) + b"]",
    "numbers": b"[" + b"1.5," * 2_500_000 + b"1]",
    "as many numbers as are taken": b"[{}," + b"1.5," * 499_000 + b"1]",
    "short texts": b"[" + '"\u00e9a",'.encode() * 499_000 + b"1]",
    "one customer of many fields": b"{" + b",".join(b'"%07d":"\\u00e9%d"' % (n, n) for n in range(400_000)) + b"}",
    "customers of many fields": json.dumps(
        [{f"{row}-{n}": f"{n}\u00e9" for n in range(18)} for row in range(20_000)]
    ).encode(),
    "lists in lists": b"[" + b"[[[1.5]]]," * 400_000 + b"1]",
    "deep lists": b"[" * 10_000_000,
    "space": b" " * 10_485_760,
    "one long text": b'"' + b"x" * 10_000_000 + b'"',
    "a text of escapes": b'"' + b"\\u00e9" * 1_700_000 + b'"',
    "customers of long texts": json.dumps([{"gender": "x" * 500}] * 19_000).encode(),
}
