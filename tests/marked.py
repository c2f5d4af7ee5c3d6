"""Numbers with a sign such as "$", as people write them, for tests."""

from hypothesis import strategies as st

spaces = st.sampled_from(["", " ", "\u00a0", "\u202f", "  "])
"""The spaces that may stand between a sign and its number."""


def write_number(
    digits: str, *, sign: str, before: bool, space: str, minus: str = "", minus_first: bool = True
) -> str:
    """The digits with a sign before or after them. The minus is in front of both, or between sign and digits."""
    if not sign:
        return f"{minus}{digits}"
    if not before:
        return f"{minus}{digits}{space}{sign}"
    return f"{minus}{sign}{space}{digits}" if minus_first else f"{sign}{space}{minus}{digits}"
