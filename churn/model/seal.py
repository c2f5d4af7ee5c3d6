"""The seal of a card: the SHA-256 of its own bytes, in its first member, with that member's 64 digits set to 0.

Owns where the seal stands and what it covers. Standard library only: check-deploy.py runs with nothing installed.
"""

import hashlib
import json
import re

UNSEALED = "0" * 64
"""What `card_sha256` holds while the digits are calculated."""
CHANGED = (
    "was changed after train.py wrote it: put it back, or retrain; "
    "a threshold is changed by CHURN_THRESHOLD, not in the card"
)
"""What is wrong with a card whose seal is broken, and what to do about it."""

_SEAL = re.compile(rb'[ \t\r\n]*\{[ \t\r\n]*"card_sha256"[ \t\r\n]*:[ \t\r\n]*"([0-9a-f]{64})"')


def seal(card_json: bytes) -> bytes:
    """The card with the digits of its first member, `card_sha256`, filled in.

    Raises ValueError when its first member is none of 64 digits.
    """
    found = _SEAL.match(card_json)
    if not found:
        raise ValueError("the card does not begin with card_sha256")
    before, after = card_json[: found.start(1)], card_json[found.end(1) :]
    digest = hashlib.sha256(before + UNSEALED.encode() + after).hexdigest()
    return before + digest.encode() + after


def is_intact(card_json: bytes) -> bool:
    """False for a card that was changed after it was sealed; True for an intact one, and for one never sealed.

    The bytes are compared as they are, never decoded and encoded again. A card that names `card_sha256` anywhere but
    in front was sealed once.
    """
    if _SEAL.match(card_json):
        return seal(card_json) == card_json
    if b"card_sha256" not in card_json and b"\\" not in card_json:  # nor in other spelling: millions of objects less
        return True
    try:
        card = json.loads(card_json)
    except (ValueError, RecursionError):  # no JSON, so no card
        return True
    return not (isinstance(card, dict) and "card_sha256" in card)
