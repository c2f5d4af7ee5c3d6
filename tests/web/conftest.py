"""A model with curves and pairs of fields, served."""

import pytest

from churn.server.served_model import ServedModel
from tests.shaped import write_shaped


@pytest.fixture(scope="session")
def shaped(tmp_path_factory) -> ServedModel:
    return ServedModel(write_shaped(tmp_path_factory.mktemp("shaped") / "shaped.bin"))
