"""The seal of a card: the SHA-256 of its own bytes, in its first member, with that member's 64 digits set to 0.

Owns the place of the seal and the bytes that it covers. Standard library only: check-deploy.py runs with nothing
installed.
"""

import hashlib
import json
import re

UNSEALED = "0" * 64
"""The value of `card_sha256` while the digits are calculated."""
CHANGED = (
    "was changed after it was written: put it back, or make it again with train.py or adopt; "
    "a threshold is changed by CHURN_THRESHOLD, not in the card"
)
"""The error of a card whose seal is broken, with advice."""

_SEAL = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"card_sha256"[ \t\r\n]*:[ \t\r\n]*"([0-9a-f]{64})"')


def seal(card_json: bytes) -> bytes:
    """The card with the digits of its first member, `card_sha256`, filled in.

    Raises ValueError when its first member is not `card_sha256` with 64 digits.
    """
    found = _SEAL.match(card_json)
    if not found:
        raise ValueError("the card does not begin with card_sha256")
    before, after = card_json[: found.start(1)], card_json[found.end(1) :]
    digest = hashlib.sha256(before + UNSEALED.encode() + after).hexdigest()
    return before + digest.encode() + after


def is_intact(card_json: bytes) -> bool:
    """False for a card that was changed after it was sealed; True for an intact one, and for one without a seal.

    The bytes are compared as they are, never decoded and encoded again. A card with `card_sha256` in another place
    than the first was sealed once, and has been changed.
    """
    if _SEAL.match(card_json):
        return seal(card_json) == card_json
    if b"card_sha256" not in card_json and b"\\" not in card_json:  # nor escaped; decoding takes long
        return True
    try:
        card = json.loads(card_json)
    except (ValueError, RecursionError):  # not JSON, so not a card
        return True
    return not (isinstance(card, dict) and "card_sha256" in card)
