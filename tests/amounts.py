"""The number of cases that a test draws: few in the whole suite, many in a run of its own (`make test-page`)."""

import pytest


def draws(few: int, many: int) -> pytest.MarkDecorator:
    """Run a test twice, with `amount` as `few` and, marked as thorough, as `many`."""
    amounts = [few, pytest.param(many, marks=pytest.mark.thorough)]
    return pytest.mark.parametrize("amount", amounts, ids=["few", "many"])
