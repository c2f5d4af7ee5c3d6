"""The API key of a peer: from the environment, as for this service; empty for a peer without a key."""

import hmac
import os

KEY = os.environ.get("API_KEY", "").encode()


def is_known(given: bytes | None) -> bool:
    """True if the given key is right, compared in constant time."""
    return given is not None and hmac.compare_digest(given, KEY)
