"""How many cases a test draws: few where everything is tested, many in a run of its own (`make test-page`)."""

import pytest


def draws(few: int, many: int) -> pytest.MarkDecorator:
    """Runs a test with `amount` as few and, marked as thorough, as many."""
    amounts = [few, pytest.param(many, marks=pytest.mark.thorough)]
    return pytest.mark.parametrize("amount", amounts, ids=["few", "many"])
